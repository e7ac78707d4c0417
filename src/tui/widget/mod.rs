//! Defines the parts that screens are made of. Each draws inside its area and knows no screen.

pub(crate) mod chart;
pub(crate) mod forest;
pub(crate) mod paint;
pub(crate) mod table;
