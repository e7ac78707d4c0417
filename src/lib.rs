//! `readout` turns curated experiment tables into A/B readouts that people can trust.
//!
//! A readout is a pure function of **data × definitions × conventions**. So when two readouts disagree, the cause is in one
//! of the three: the tables, the governed metric files, or a choice that most tools make silently.
//!
//! ```text
//! definitions ─► catalog ─► plan ─► engine ─► Summary ─► stats ──► effects ─┐
//!    tables ──────────────────────────┘   (exact sums, counts)  checks ─────┼─► verdict ─► Readout ─► tui · report
//! ```
//!
//! Everything before the summary touches definitions and rows; everything after it is pure: no clock, no file, no row.
//!
//! # The rooms
//!
//! Each room may name only those its row allows in `tests/it/architecture.rs`, which fails on any other arrow.
//!
//! | room | what it does |
//! |---|---|
//! | [`canonical`] | canonical JSON bytes and hashes |
//! | [`domain`] | the vocabulary: `definition` (what is asked for) ← `evidence` (what the tables say) ← `result` (what follows) |
//! | [`stats`] | pure statistics: exact moments and counts to estimates, intervals and p-values, or the reason for none |
//! | [`calibration`] | simulated experiments whose truth is known, read as readouts are: how often are the statistics right? |
//! | [`catalog`] | definition files: parse, lint, expand, hash, bump, scaffold |
//! | [`plan`] | conventions resolved, aggregates declared and merged, before any row is read |
//! | [`source`] | tables: files found, headers read, cells converted, batches handed out |
//! | [`engine`] | plan to summary: the only room that touches rows |
//! | [`checks`] | is the evidence sound, and what does each failure invalidate? |
//! | [`readout`] | summary to readout: effects, checks, trust, verdict |
//! | [`record`] | readouts kept for good: the store, the log of decisions, how far a record still holds |
//! | [`propose`] | what `quick` and `init` guess, and simulated workspaces with known truth |
//! | [`report`] | readout to documents: the only room where numbers become text |
//! | [`workspace`] | open a workspace, run a readout: what the command line and the terminal app both do |
//! | `tui` | the terminal app (feature `tui`) |
//! | [`cli`] | the command line: what was typed → what it means → one function a command |
//!
//! The words are those of `docs/` and of the definition files: unit, assignment, exposure, outcome, population, variant,
//! metric, role, moments, effect, check, verdict, readout.

#[cfg(test)]
#[macro_use]
mod cases;

pub mod calibration;
pub mod canonical;
pub mod catalog;
pub mod checks;
pub mod cli;
pub mod domain;
pub mod engine;
pub mod plan;
pub mod propose;
pub mod readout;
pub mod record;
pub mod report;
pub mod source;
pub mod stats;
#[cfg(feature = "tui")]
pub mod tui;
pub mod workspace;
