//! Opens a workspace and runs readouts on it: everything that the command line and the terminal app both do.
//!
//! It refuses to print and to parse arguments; it turns files and settings into readouts, or into an error that says what
//! to do.

mod analysis;
mod error;
mod init;
mod open;
mod power;
mod quarantine;
mod quick;
mod record;
mod run;

pub use crate::catalog::Problem;
pub use crate::engine::{Progress, default_memory};
pub use crate::propose::quick::{Asked, Guess, MetricAsk};
pub use error::WorkspaceError;
pub use init::{Init, InitFailure, InitRequest, propose_init, write_init};
pub use open::Workspace;
pub use power::{MetricBaseline, PowerRequest, baseline_of_file, plan_power};
pub use quarantine::QUARANTINED;
pub use quick::{Quick, quick};
pub use record::Look;
pub use run::Settings;
