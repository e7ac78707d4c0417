//! Turns a plan into a summary: the only room that touches rows.

mod progress;

pub use progress::Progress;
