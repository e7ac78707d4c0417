//! Defines the governed definitions of a workspace: read from files, judged, expanded, versioned, hashed.
//!
//! [`Catalog::load`] reads every definition file and reports every problem of every file in one run; what is sound becomes
//! `domain::definition` types. It refuses to read a table, to know a statistic, and to print.
//!
//! What people may write, beside the long form that `readout catalog show` prints:
//!
//! - `fact = "purchase"` is a value over the rows of a named fact: `any` for a proportion; else the `sum` of the fact's
//!   column, or the `count` of its rows where it has none. `aggregate` and `missing` beside it override. In a ratio,
//!   `numerator` and `denominator` are each the name of a fact or a value in full.
//! - `value = { table = "units", column = "revenue" }` is a ready-made column: no window, and a unit without a row is
//!   left out unless `missing = "zero"`. `value = { table = "summaries" }` is a published n, mean and standard deviation.
//! - `window = "7d"` is `[entry + 0d, entry + 7d)` over matured units.
//! - a date without a time is midnight in the workspace's zone; `complete_through = 2026-03-31` is through the end of it.
//! - a table named `assignments`, `exposures`, `units` or `summaries` is of that kind; every other one is of events.

mod bump;
mod document;
mod draft;
mod expand;
mod expected;
mod file;
mod key_path;
mod lint;
mod load;
mod lookup;
mod meaning;
mod owners;
mod problem;
mod reading;
mod reference;
mod render;
mod scaffold;
mod schema;
mod shape;

pub use bump::{BumpError, BumpLevel, Bumped, bump};
pub use draft::{ProposedFact, Remarks, draft_experiment, draft_metric, draft_workspace};
pub use load::LoadError;
pub use lookup::{Catalog, ExperimentEntry, LookupError, MetricEntry, MetricUse};
pub use owners::NOBODY_YET;
pub use problem::{Problem, Rule, Severity};
pub use reference::{InvalidReference, Reference, Versions};
pub use render::{RenderError, render_experiment, render_metric};
pub use scaffold::{ScaffoldError, scaffold};
pub use schema::{DefinitionKind, schema};

#[cfg(test)]
mod tests;
