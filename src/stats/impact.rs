//! Defines what an effect a unit amounts to over all units of a year.
//!
//! It refuses to guess how many those are: they are declared, or projected from the run by [`units_a_year`].

use super::scaled::scaled;
use crate::domain::result::{Absence, Estimate};

/// Days of a year here, whatever the year.
pub const DAYS_A_YEAR: f64 = 365.0;

/// The effect times units: estimate, standard error and interval in the metric's unit a year; p and degrees of freedom stay.
///
/// # Errors
/// [`Absence::NotApplicable`] when the units are not a positive number; [`Absence::OutOfRange`] when a result is no finite
/// double.
pub fn impact(absolute: &Estimate, units: f64) -> Result<Estimate, Absence> {
    if !(units > 0.0 && units.is_finite()) {
        return Err(Absence::NotApplicable);
    }
    scaled(absolute, |value| value * units)
}

/// Units a year, projected from a run: units of all variants over its days, times the days of a year, over the share of
/// traffic that was in it.
///
/// It takes units as they come: those who return are counted once a run and not once a year, so it is for metrics whose units
/// are new each time.
///
/// # Errors
/// [`Absence::NoUnits`] without a unit; [`Absence::NotApplicable`] when the days or the share (at most 1) are not positive.
pub fn units_a_year(units: u64, days: f64, share_of_traffic: f64) -> Result<f64, Absence> {
    if units == 0 {
        return Err(Absence::NoUnits);
    }
    let possible =
        days > 0.0 && days.is_finite() && share_of_traffic > 0.0 && share_of_traffic <= 1.0;
    if !possible {
        return Err(Absence::NotApplicable);
    }
    let a_year = super::sample_mean::as_double(units) / days * DAYS_A_YEAR / share_of_traffic;
    if a_year.is_finite() {
        Ok(a_year)
    } else {
        Err(Absence::OutOfRange)
    }
}
