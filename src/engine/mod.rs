//! Turns plans into summaries: the only room that touches rows.
//!
//! Every engine returns the same [`crate::domain::evidence::Summary`]; today there is the local one. A database and Spark
//! will stand beside it.

mod cache;
mod error;
mod local;
mod progress;
mod resources;

use std::path::Path;

pub use cache::{Cache, run_cached};
pub use error::EngineError;
pub use progress::Progress;
pub use resources::{EXAMPLES, Resources, default_memory};

use crate::domain::evidence::Summary;
use crate::plan::Plan;

/// Runs a plan over the tables below `root`.
///
/// Returns one summary a set of conventions, in the plan's order.
///
/// # Errors
/// [`EngineError`] when a table cannot be read, a limit is passed or the work is cancelled. No partial result.
pub fn run(
    plan: &Plan,
    root: &Path,
    resources: &Resources,
    progress: &Progress,
) -> Result<Vec<Summary>, EngineError> {
    let summaries = local::run(&[plan], root, resources, progress)?;
    Ok(summaries.into_iter().next().unwrap_or_default())
}

/// Runs plans over the tables below `root`: a table that several of them need is read once.
///
/// Returns, for each plan, what [`run`] returns for it alone.
///
/// # Errors
/// [`EngineError`] when any of them fails. Which one, [`run`] tells.
pub fn run_together(
    plans: &[&Plan],
    root: &Path,
    resources: &Resources,
    progress: &Progress,
) -> Result<Vec<Vec<Summary>>, EngineError> {
    local::run(plans, root, resources, progress)
}
