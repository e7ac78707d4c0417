//! `readout` turns curated experiment tables into A/B readouts that people can trust.
//!
//! A readout is a pure function of **data × definitions × conventions**. So when two readouts disagree, the cause is in one
//! of the three.
//!
//! # The rooms
//!
//! Each room may name only those above it; `tests/it/architecture.rs` holds the arrows to that.
//!
//! | room | what it does |
//! |---|---|
//! | [`domain`] | the vocabulary: `definition` (what is asked for) ← `evidence` (what the tables say) ← `result` (what follows) |
//! | [`stats`] | pure statistics: exact moments and counts to estimates, intervals and p-values, or the reason for none |
//! | [`checks`] | validity checks: what the counts and effects say against believing a readout |
//! | [`readout`] | a summary to effects, checks, trust and verdict: the `Readout` |

pub mod checks;
pub mod domain;
pub mod engine;
pub mod readout;
pub mod report;
pub mod stats;
