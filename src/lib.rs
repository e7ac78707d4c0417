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
//! | [`canonical`] | canonical bytes and their hashes: one text for one meaning |
//! | [`domain`] | the vocabulary: `definition` (what is asked for) ← `evidence` (what the tables say) ← `result` (what follows) |
//! | [`catalog`] | definition files: read, judged, expanded, versioned, hashed |

pub mod canonical;
pub mod catalog;
pub mod domain;
pub mod engine;
pub mod report;
