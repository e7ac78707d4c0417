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
//! | `tui` | the terminal app: draws readouts, computes nothing (cargo feature `tui`) |

pub mod domain;
pub mod engine;
pub mod report;
#[cfg(feature = "tui")]
pub mod tui;
