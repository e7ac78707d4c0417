//! The one integration binary.

mod architecture;
mod engine;
mod sample_data;
mod statistics;
