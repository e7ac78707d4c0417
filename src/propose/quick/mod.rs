//! Guesses what a single file of an experiment holds, and says what it guessed and why.
//!
//! A guess is a complete, ordinary set of definitions, so that everything after it is the same as for a workspace. Nothing
//! is guessed in silence: every choice that was not asked for comes back as a [`Guess`].

mod asked;
mod definitions;
mod error;
mod guess;
mod metrics;
mod numbers;
mod variants;

pub use super::profile::{ColumnProfile, Profile, profile};
pub use asked::{Asked, MetricAsk};
pub use error::QuickError;
pub use guess::{Guess, Proposal, propose};
pub(in crate::propose) use metrics::metric as metric_of_column;
pub use numbers::{NumbersError, numbers_of};
