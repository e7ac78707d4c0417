//! The one integration binary.

mod architecture;
mod sample_data;
mod statistics;
