//! Turns a plan into a summary: the only room that touches rows.
//!
//! Every engine returns the same [`crate::domain::evidence::Summary`]; today there is the local one. A database and Spark
//! will stand beside it.

mod error;
mod local;
mod progress;

pub use error::EngineError;
pub use local::run;
pub use progress::Progress;
