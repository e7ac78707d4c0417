//! The one integration binary.

mod statistics;
