//! Proposes a workspace from a folder of tables and what a dbt project declares: definitions to correct, and every guess
//! with its reason.
//!
//! A proposal is ordinary definitions, nothing of it decides: experiments and metrics are drafts, weights are left out (the
//! sample-ratio check is worthless with weights taken from the data it tests), and every metric only explains. It refuses
//! to guess in silence, to write, and to print.

mod asked;
mod census;
mod columns;
mod contract;
mod covariates;
mod discover;
mod events;
mod experiments;
mod files;
mod kind;
mod manifest;
mod metrics;
mod proposal;
mod ready_made;
mod segments;
mod tables;
mod words;

pub use asked::{InitAsked, InitError};
pub use columns::Role as ColumnRole;
pub use contract::{ProposedRule, RuleSource, RuleSubject, contract_rules};
pub use discover::{DiscoverError, Found, discover};
pub use files::{ProposedFiles, proposed_files};
pub use manifest::{Manifest, ManifestError, read_manifest};
pub use proposal::{InitProposal, propose_workspace};

#[cfg(test)]
mod tests;
