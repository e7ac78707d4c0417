//! The one integration binary.

mod statistics;
mod sample_data;
