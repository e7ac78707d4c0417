//! Proposes: what `quick` guesses of a file, and synthetic workspaces whose truth is known.

pub mod quick;
pub mod simulate;
