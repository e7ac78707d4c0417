//! Defines the vocabulary of the whole program in three rooms that depend on each other in one direction:
//! [`definition`] (what a workspace asks for) ← [`evidence`] (what the tables say) ← [`result`] (what follows).
//!
//! It refuses to do work: nothing here reads a file, a clock or a table, and nothing here is a statistic.

pub mod definition;
pub mod evidence;
pub mod result;
mod vocabulary;

pub use vocabulary::UnknownName;
pub(crate) use vocabulary::vocabulary;
