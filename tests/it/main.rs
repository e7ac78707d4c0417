//! The one integration binary.

#![expect(clippy::expect_used, reason = "a test stops where its own files fail")]

mod architecture;
mod bad_input;
mod checks_page;
mod cli;
mod command;
mod engine;
mod faults;
mod readme;
mod record;
mod sample_data;
mod security;
mod shop;
mod statistics;
mod statistics_page;
