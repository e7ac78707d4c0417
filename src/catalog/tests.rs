//! Facts about definition files, each named by its test. Fixtures are written into a folder of their own, so that a test
//! shows the whole of what it is about.

mod between;
mod contract;
mod draft;
mod faults;
mod files;
mod healthy;
mod kinds;
mod meaning;
mod prose;

use std::path::Path;

use tempfile::TempDir;

use super::Catalog;

/// The workspace of the design's examples.
const WORKSPACE: &str = r#"
format = 1
time_zone = "UTC"
[tables]
assignments = "tables/assignments.parquet"
exposures = "tables/exposures.parquet"
events = { path = "tables/events/*.parquet", columns = { unit_id = "user_id" }, lateness = "2d" }
units = "tables/units.csv"
[facts.purchase]
table = "events"
column = "value"
where = [{ column = "event_name", op = "=", value = "purchase" }]
"#;

const EXPERIMENT: &str = r#"
id = "checkout"
version = 1
owner = "checkout"
status = "running"
start = 2026-03-01T00:00:00Z
control = "old"
variants = { old = 1, new = 1 }
primary = ["conversion"]
guardrails = ["net-revenue"]
"#;

const CONVERSION: &str = r#"
id = "conversion"
version = "1.0.0"
status = "active"
owner = "growth"
kind = "proportion"
direction = "increase"
fact = "purchase"
window = "7d"
decision = { question = "Do we keep the new checkout?" }
"#;

const NET_REVENUE: &str = r#"
id = "net-revenue"
version = "1.2.0"
status = "active"
owner = "growth"
description = "Revenue less refunds in the first seven days"
kind = "mean"
unit = "EUR"
direction = "increase"
eligible_as = ["primary", "guardrail"]
value = { table = "events", aggregate = "sum", column = "value", where = [{ column = "event_name", op = "in", value = ["purchase", "refund"] }], missing = "zero" }
window = { anchor = "entry", start = "0d", end = "7d", units = "matured" }
cap = { quantile = 0.999 }
covariate = { window = "14d" }
margin = { relative = 0.01 }
minimum_effect = { relative = 0.005 }
decision = { question = "Do we keep the new checkout?", for = "checkout lead", if_worse = "roll back, open an incident" }
drivers = [{ metric = "conversion", kind = "component" }]
"#;

/// A folder with files in it.
struct Folder(TempDir);

impl Folder {
    fn empty() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// The healthy workspace of the design's examples.
    fn healthy() -> Self {
        Self::empty()
            .with("readout.toml", WORKSPACE)
            .with("experiments/checkout.toml", EXPERIMENT)
            .with("metrics/conversion.toml", CONVERSION)
            .with("metrics/net-revenue.toml", NET_REVENUE)
    }

    fn with(self, file: &str, text: &str) -> Self {
        self.with_bytes(file, text.as_bytes())
    }

    fn with_bytes(self, file: &str, bytes: &[u8]) -> Self {
        let path = self.0.path().join(file);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
        self
    }

    fn root(&self) -> &Path {
        self.0.path()
    }

    fn load(&self) -> Catalog {
        Catalog::load(self.root()).unwrap()
    }

    /// `severity rule file:line:column` of every problem.
    fn problems(&self) -> Vec<String> {
        self.load()
            .problems
            .iter()
            .map(|problem| {
                format!(
                    "{} {} {}:{}:{}",
                    problem.severity, problem.rule, problem.file, problem.line, problem.column
                )
            })
            .collect()
    }
}
