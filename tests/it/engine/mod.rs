//! The engine, driven through the library: what it counts, sums, leaves out and refuses, on workspaces written for the fact
//! each test is named for.

#![expect(
    clippy::unwrap_used,
    reason = "a test stops where its own workspace does not hold"
)]

mod agreement;
mod bytes;
mod cache;
mod contract;
mod contracts;
mod kinds;
mod ledgers;
mod model;
mod populations;
mod reading;
mod sample;
mod scene;
mod shop;
mod tables;
mod times;
mod whose;
mod worlds;
