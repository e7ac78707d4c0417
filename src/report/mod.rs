//! Turns readouts into documents, one exporter a file. The only room where numbers become text.

pub mod number;
mod untrusted;

pub use untrusted::Untrusted;
