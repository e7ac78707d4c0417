//! The terminal app: the fastest way to see what an experiment did, whether to believe it, and the verdict.
//!
//! It arranges [`Readout`](crate::domain::result::Readout) values and refuses to compute: its whole outside world is one
//! trait, [`Library`]. State changes in `app` and never draws; `view` draws and never changes state; `worker` computes on a
//! thread of its own; `terminal` owns the terminal and gives it back on return, on an error and on a panic.

mod action;
mod app;
mod copy;
mod glyph;
mod input;
mod library;
mod phrase;
mod runtime;
mod screen;
mod terminal;
mod text;
mod theme;
mod view;
mod widget;
mod worker;

#[cfg(test)]
mod tests;

pub use library::{Library, Listing, Subject};
pub use runtime::{Error, Options, run};
pub use theme::ThemeName;
