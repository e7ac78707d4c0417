//! Which experiments there are, and what is never taken from the data.

use super::super::experiments::simple_ratio;
use super::super::proposed_files;
use super::Folder;
use crate::domain::definition::ExperimentStatus;

const TWO: &str = "\
unit_id,experiment_id,experiment_version,variant_id,assigned_at
1,Price Test,1,old,2026-03-02T10:00:00Z
2,Price Test,1,new,2026-03-02T11:00:00Z
3,Price Test,2,old,2026-04-01T10:00:00Z
4,Price Test,2,new,2026-04-01T12:00:00Z
5,Price Test,2,NEW,2026-04-02T12:00:00Z
6,Price Test,2,new,2026-04-02T12:00:00Z
7,tour,1,a,2026-03-05T12:00:00Z
8,tour,1,b,2026-03-05T12:00:00Z
9,alone,1,a,2026-03-05T12:00:00Z
10,,1,a,2026-03-05T12:00:00Z
";

#[test]
fn an_experiment_each_with_its_newest_version_control_and_first_day() {
    let proposal = Folder::with(&[("assignments.csv", TWO)]).proposal();
    let found: Vec<String> = proposal
        .experiments
        .iter()
        .map(|each| {
            let one = &each.experiment;
            format!(
                "{} v{} {} {:?} {}",
                one.id,
                one.version,
                one.control,
                one.variants,
                one.start.unwrap()
            )
        })
        .collect();
    assert_eq!(
        found,
        [
            r#"price-test v2 old ["old", "new"] 2026-04-01T00:00:00Z"#,
            r#"tour v1 a ["a", "b"] 2026-03-05T00:00:00Z"#,
        ]
    );
    assert_eq!(proposal.experiments[0].experiment.aliases, ["Price Test"]);
    assert!(
        proposal
            .experiments
            .iter()
            .all(|each| each.experiment.status == ExperimentStatus::Draft)
    );
}

#[test]
fn what_is_no_experiment_is_said() {
    let left = Folder::with(&[("assignments.csv", TWO)])
        .proposal()
        .left
        .join("\n");
    for part in [
        "version 1 of experiment 'Price Test' with 2 rows",
        "experiment 'alone' has 1 variant labels",
        "1 assignment rows without an experiment or a variant",
    ] {
        assert!(left.contains(part), "{part} in {left}");
    }
}

#[test]
fn another_spelling_of_a_variant_is_mapped_to_the_commoner_one() {
    let proposal = Folder::with(&[("assignments.csv", TWO)]).proposal();
    let table = proposal.table("assignments");
    assert_eq!(table.variants.get("NEW").map(String::as_str), Some("new"));
    assert_eq!(table.variants.len(), 1);
}

#[test]
fn weights_are_never_taken_from_the_data_and_only_proposed_in_a_comment() {
    let proposal = Folder::with(&[("assignments.csv", TWO)]).proposal();
    assert!(
        proposal
            .experiments
            .iter()
            .all(|each| each.experiment.epochs.is_empty())
    );
    let files = proposed_files(&proposal).unwrap();
    let text = &files["experiments/tour.toml"];
    assert!(
        text.contains("# variants = { a = 1, b = 1 }\nvariants = [\"a\", \"b\"]\n"),
        "{text}"
    );
    assert!(proposal.reason("weights of tour").contains("near 1 : 1"));
}

#[test]
fn a_control_that_no_label_means_is_said_to_be_a_guess() {
    let text = "user_id,group\n1,blue\n2,green\n3,blue\n4,green\n";
    let proposal = Folder::with(&[("users.csv", text)]).proposal();
    assert_eq!(
        proposal.reason("control of users"),
        "blue: no label means control, so it is the first in order: confirm it"
    );
}

#[test]
fn ratios_are_simple_or_none() {
    assert_eq!(simple_ratio(&[5_012, 4_988]), Some(vec![1, 1]));
    assert_eq!(simple_ratio(&[90_100, 9_900]), Some(vec![9, 1]));
    assert_eq!(simple_ratio(&[500, 252, 248]), Some(vec![2, 1, 1]));
    assert_eq!(simple_ratio(&[999, 1]), None);
    // An even split, of which one side lost an eighth.
    assert_eq!(simple_ratio(&[7_000, 6_160]), None);
    assert_eq!(simple_ratio(&[10, 0]), None);
    assert_eq!(simple_ratio(&[]), None);
}

#[test]
fn a_label_that_would_end_a_comment_stays_on_its_line() {
    let text = "user_id,group\n1,old\n2,\"x\ncontrol = 'x' #\"\n3,old\n4,\"x\ncontrol = 'x' #\"\n";
    let proposal = Folder::with(&[("users.csv", text)]).proposal();
    let files = proposed_files(&proposal).unwrap();
    let text = &files["experiments/users.toml"];
    let table: toml::Table = text.parse().expect("it is TOML");
    assert_eq!(table["control"].as_str(), Some("old"));
    assert_eq!(table["variants"].as_array().map(Vec::len), Some(2));
}
