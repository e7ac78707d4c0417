//! Turns readouts into documents, one exporter a file. The only room where numbers become text.

pub mod escape;
pub mod number;
mod untrusted;

pub use untrusted::{Untrusted, acts};
