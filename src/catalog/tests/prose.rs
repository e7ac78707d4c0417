//! Facts about how problems read: snapshots, to be read as prose.

use super::{CONVERSION, EXPERIMENT, Folder, NET_REVENUE, WORKSPACE};

fn rendered(folder: &Folder) -> String {
    let shown: Vec<String> = folder
        .load()
        .problems
        .iter()
        .map(ToString::to_string)
        .collect();
    shown.join("\n\n")
}

#[test]
fn one_run_reports_every_problem_of_every_file() {
    let workspace = WORKSPACE
        .replace("\"UTC\"", "\"Europe/Berlim\"")
        .replace("lateness = \"2d\"", "latenes = \"2d\"")
        .replace("\"tables/units.csv\"", "\"../units.csv\"");
    let experiment = EXPERIMENT
        .replace("control = \"old\"", "control = \"odl\"")
        .replace("old = 1, new = 1", "old = -1, new = 0")
        .replace("[\"net-revenue\"]", "[\"net-revenu\", \"conversion\"]");
    let metric = CONVERSION
        .replace("\"increase\"", "\"up\"")
        .replace("\"1.0.0\"", "1.0")
        .replace("\"purchase\"", "\"purchases\"")
        .replace("owner = \"growth\"", "owner = \"growth\"\nowner = \"me\"");
    let folder = Folder::empty()
        .with("readout.toml", &workspace)
        .with("experiments/checkout.toml", &experiment)
        .with("metrics/conversion.toml", &metric)
        .with(
            "metrics/net-revenue.toml",
            &NET_REVENUE.replace("quantile = 0.999", "quantile = 99.9"),
        )
        .with(
            "metrics/orders.toml",
            "id = \"orders\"\nversion = \"1.0.0\nkind = mean\n",
        );
    insta::assert_snapshot!(rendered(&folder));
}

#[test]
fn text_from_a_file_cannot_act_on_a_terminal() {
    let name = format!("\\u001b[31m\\u202e{}", "x".repeat(10_000));
    let text = EXPERIMENT.replace("control = \"old\"", &format!("control = \"{name}\""));
    let shown = rendered(&Folder::healthy().with("experiments/checkout.toml", &text));
    assert!(shown.contains("\\u{1b}[31m\\u{202e}xxx"), "{shown}");
    assert!(!shown.contains('\u{1b}') && !shown.contains('\u{202e}'));
    assert!(shown.len() < 500);
}
