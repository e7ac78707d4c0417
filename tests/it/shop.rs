//! A small workspace in CSV, made by hand, for tests of the program: two variants of 200 units, one experiment, two metrics.
//!
//! Of every ten units in `old` three buy, in `new` four, each for 10; three of four are exposed within the hour.

use std::fmt::Write as _;

use crate::command::Folder;

pub(crate) const WORKSPACE: &str = r#"format = 1
name = "Shop"
time_zone = "UTC"

[tables]
assignments = { path = "tables/assignments.csv", complete_through = 2026-04-01T00:00:00Z }
exposures = { path = "tables/exposures.csv", complete_through = 2026-04-01T00:00:00Z }
events = { path = "tables/events.csv", complete_through = 2026-04-01T00:00:00Z }
units = "tables/units.csv"

[facts.purchase]
table = "events"
column = "value"
where = [{ column = "event_name", op = "=", value = "purchase" }]
"#;

pub(crate) const EXPERIMENT: &str = r#"id = "checkout"
version = 1
owner = "checkout"
status = "concluded"
start = 2026-03-01T00:00:00Z
control = "old"
variants = { old = 1, new = 1 }
primary = ["conversion"]
guardrails = ["revenue"]
"#;

pub(crate) const CONVERSION: &str = r#"id = "conversion"
version = "1.0.0"
status = "active"
owner = "growth"
kind = "proportion"
direction = "increase"
fact = "purchase"
window = "7d"
decision = { question = "Do we keep the new checkout?" }
"#;

pub(crate) const REVENUE: &str = r#"id = "revenue"
version = "1.0.0"
status = "active"
owner = "finance"
kind = "mean"
unit = "EUR"
direction = "increase"
fact = "purchase"
window = "7d"
margin = { relative = 0.05 }
runbook = "Compare payment failures by variant first."
"#;

const UNITS: u32 = 400;

/// The variant of a unit.
fn variant(unit: u32) -> &'static str {
    if unit.is_multiple_of(2) { "old" } else { "new" }
}

/// Whether a unit buys: three of ten in `old`, four of ten in `new`.
fn buys(unit: u32) -> bool {
    (unit / 2) % 10 < if variant(unit) == "old" { 3 } else { 4 }
}

/// An instant of the first of March, so many minutes after midnight.
fn instant(minutes: u32) -> String {
    format!("2026-03-01T{:02}:{:02}:00Z", minutes / 60, minutes % 60)
}

pub(crate) fn assignments() -> String {
    let mut text = "unit_id,experiment_id,experiment_version,variant_id,assigned_at\n".to_owned();
    for unit in 0..UNITS {
        let (variant, at) = (variant(unit), instant(unit));
        let _ = writeln!(text, "u{unit},checkout,1,{variant},{at}");
    }
    text
}

pub(crate) fn exposures() -> String {
    let mut text =
        "unit_id,experiment_id,experiment_version,variant_id,exposed_at,exposure_type\n".to_owned();
    for unit in (0..UNITS).filter(|unit| (unit / 2) % 4 < 3) {
        let (variant, at) = (variant(unit), instant(unit + 30));
        let _ = writeln!(text, "u{unit},checkout,1,{variant},{at},page");
    }
    text
}

pub(crate) fn events() -> String {
    let mut text = "unit_id,event_name,value,occurred_at\n".to_owned();
    for unit in (0..UNITS).filter(|unit| buys(*unit)) {
        let _ = writeln!(text, "u{unit},purchase,10,{}", instant(unit + 60));
    }
    text
}

pub(crate) fn units() -> String {
    let mut text = "unit_id,country\n".to_owned();
    for unit in 0..UNITS {
        let country = if (unit / 2).is_multiple_of(2) {
            "DE"
        } else {
            "FR"
        };
        let _ = writeln!(text, "u{unit},{country}");
    }
    text
}

/// The workspace, in a folder of its own.
pub(crate) fn open() -> Folder {
    let folder = Folder::new();
    folder
        .write("readout.toml", WORKSPACE)
        .write("experiments/checkout.toml", EXPERIMENT)
        .write("metrics/conversion.toml", CONVERSION)
        .write("metrics/revenue.toml", REVENUE)
        .write("tables/assignments.csv", assignments())
        .write("tables/exposures.csv", exposures())
        .write("tables/events.csv", events())
        .write("tables/units.csv", units());
    folder
}

/// The same units as one ready-made table.
pub(crate) fn users() -> String {
    let mut text = "user_id,variant,converted,revenue,country\n".to_owned();
    for unit in 0..UNITS {
        let bought = u32::from(buys(unit));
        let country = if (unit / 2).is_multiple_of(2) {
            "DE"
        } else {
            "FR"
        };
        let variant = variant(unit);
        let _ = writeln!(text, "u{unit},{variant},{bought},{},{country}", bought * 10);
    }
    text
}
