//! Proposes: what `quick` guesses of a file and `init` of a folder, and synthetic workspaces whose truth is known.

mod names;
mod profile;

pub mod init;
pub mod quick;
pub mod simulate;
