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
mod profile;
mod variants;

pub use asked::{Asked, MetricAsk};
pub use error::QuickError;
pub use guess::{Guess, Proposal, propose};
pub use numbers::{NumbersError, numbers_of};
pub use profile::{ColumnProfile, Profile, profile};
