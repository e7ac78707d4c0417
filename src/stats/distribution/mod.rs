//! Defines the tails and quantiles that tests need: normal, Student t, χ² and beta.
//!
//! Every tail has a natural-logarithm form that stays finite where the tail itself is below every double. Transcendentals
//! come from `libm` only, so that a result has the same bits on every platform. Relative error is below 1e-12 for degrees
//! of freedom from 1 to 1e9 and tails to 1e-300; arguments outside a function's domain give NaN, which the callers refuse.

pub mod beta;
pub mod chi_square;
mod fraction;
pub(crate) mod gamma;
mod inversion;
mod near_normal;
pub mod normal;
pub mod student_t;
