//! Defines group-sequential designs by error spending (Lan and DeMets 1983): boundaries, and the p-value they imply.
//!
//! It refuses looks whose information does not grow, or hardly.

use super::recursion::Paths;
use crate::domain::definition::Spending;
use crate::domain::result::{Absence, PValue};
use crate::stats::distribution::normal;
use crate::stats::p_value::p_value_from_ln;

/// The most looks of one design; who wants more takes a confidence sequence. A [`Look`] is copied with every comparison.
pub const MOST_LOOKS: usize = 16;

/// Looks nearer to each other than this share of the information are one look.
pub const NEAREST: f64 = 1e-5;

/// α is below one by at least this much when a p-value is looked for.
const LARGEST_LN_P: f64 = -1e-12;

/// The nominal quantile of the smallest α that a p-value is looked for at: 1e-283.
const LARGEST_NOMINAL: f64 = 36.0;

/// The upper bounds of |z| at looks with these shares of the planned information, two-sided at α.
///
/// Each side spends α/2 by itself, as the programs of Reboussin, DeMets, Kim and Lan (2000) have it. With a = α/2, spent by
/// information t: O'Brien–Fleming type 2(1 − Φ(z_(a/2)/√t)), Pocock type a·ln(1 + (e − 1)t), quadratic a·t² (Kim and
/// DeMets 1987). Boundaries follow look by look by numerical integration (Armitage, McPherson and Rowe 1969). Crossing one
/// side first and the other later counts once, for the side crossed first.
///
/// # Errors
/// [`Absence::NotApplicable`] unless α is in (0, 1) and the shares grow within (0, 1], by at least 1e-5 each, at most [`MOST_LOOKS`] of them.
pub fn boundaries(spending: Spending, fractions: &[f64], alpha: f64) -> Result<Vec<f64>, Absence> {
    if !(alpha > 0.0 && alpha < 1.0 && growing(fractions)) {
        return Err(Absence::NotApplicable);
    }
    let mut bounds = Vec::with_capacity(fractions.len());
    let (mut paths, mut before, mut spent) = (Paths::start(), 0.0, 0.0);
    for (index, at) in fractions.iter().enumerate() {
        let deviation = libm::sqrt(at - before);
        let total = spent_by(spending, *at, 0.5 * alpha);
        let bound = paths.bound(total - spent, *at, deviation);
        bounds.push(bound);
        if let Some(next) = fractions.get(index + 1) {
            let width = deviation.min(libm::sqrt(next - at));
            paths = paths.within(bound * libm::sqrt(*at), deviation, width);
        }
        (before, spent) = (*at, total);
    }
    Ok(bounds)
}

/// The error that one side has spent by a share of the information, of `side` in all.
fn spent_by(spending: Spending, at: f64, side: f64) -> f64 {
    match spending {
        Spending::OBrienFleming => {
            let quantile = normal::upper_quantile(0.5 * side);
            2.0 * normal::upper_tail(quantile / libm::sqrt(at))
        }
        Spending::Pocock => side * libm::log1p((std::f64::consts::E - 1.0) * at),
        Spending::Quadratic => side * at * at,
    }
}

fn growing(fractions: &[f64]) -> bool {
    let mut before = 0.0;
    let grows = fractions.iter().all(|at| {
        let far_enough = *at - before >= NEAREST && *at <= 1.0;
        before = *at;
        far_enough
    });
    grows && !fractions.is_empty() && fractions.len() <= MOST_LOOKS
}

/// The last of the looks taken so far, with what its design spends and when it was looked at before.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Look {
    spending: Spending,
    fractions: [f64; MOST_LOOKS],
    taken: usize,
}

impl Look {
    /// A look after those before it: shares of the planned information, the last the present one.
    ///
    /// Information is units, or better 1/se², divided by what is planned at the end; from there on it is 1.
    ///
    /// # Errors
    /// [`Absence::NotApplicable`] as [`boundaries`].
    pub fn new(spending: Spending, fractions: &[f64]) -> Result<Self, Absence> {
        if !growing(fractions) {
            return Err(Absence::NotApplicable);
        }
        let mut held = [0.0; MOST_LOOKS];
        for (place, fraction) in held.iter_mut().zip(fractions) {
            *place = *fraction;
        }
        Ok(Self {
            spending,
            fractions: held,
            taken: fractions.len(),
        })
    }

    /// Shares of the planned information, one a look taken.
    #[must_use]
    pub fn fractions(&self) -> &[f64] {
        self.fractions.get(..self.taken).unwrap_or_default()
    }

    /// The bound of |z| at this look, two-sided at α: the quantile of the repeated confidence interval (Jennison and
    /// Turnbull 1989).
    ///
    /// # Errors
    /// [`Absence::NotApplicable`] unless α is in (0, 1).
    pub fn quantile(&self, alpha: f64) -> Result<f64, Absence> {
        let bounds = boundaries(self.spending, self.fractions(), alpha)?;
        bounds.last().copied().ok_or(Absence::NotApplicable)
    }

    /// The repeated p-value (Jennison and Turnbull 1989): the smallest α at which this look's bound is crossed.
    ///
    /// Found by the Illinois method on the bound against the nominal quantile of α, of which it is nearly a straight line: a
    /// few boundaries, so milliseconds and not microseconds. Below 1e-283 it is said to be that, which is too large.
    ///
    /// # Errors
    /// [`Absence::OutOfRange`] when z is no finite double.
    pub fn p_value(&self, statistic: f64) -> Result<PValue, Absence> {
        let z = statistic.abs();
        if !z.is_finite() {
            return Err(Absence::OutOfRange);
        }
        let ln_alpha = |nominal: f64| normal::ln_two_sided(nominal).min(LARGEST_LN_P);
        let gap = |nominal: f64| Ok(self.quantile(libm::exp(ln_alpha(nominal)))? - z);
        let (mut low, mut high) = (0.0, (z + 0.01).min(LARGEST_NOMINAL));
        let (mut below, mut above) = (gap(low)?, gap(high)?);
        if below >= 0.0 {
            return p_value_from_ln(0.0);
        }
        if above <= 0.0 {
            return p_value_from_ln(ln_alpha(high));
        }
        let mut from_above = None;
        for _ in 0..60 {
            let middle = low - (high - low) * below / (above - below);
            let value = gap(middle)?;
            if value.abs() <= 1e-11 * z || high - low <= 1e-13 * high {
                return p_value_from_ln(ln_alpha(middle));
            }
            // The end that is kept twice running counts half, or it would be kept for ever.
            let positive = value > 0.0;
            let again = if from_above == Some(positive) {
                0.5
            } else {
                1.0
            };
            if positive {
                (high, above, below) = (middle, value, below * again);
            } else {
                (low, below, above) = (middle, value, above * again);
            }
            from_above = Some(positive);
        }
        p_value_from_ln(ln_alpha(low))
    }
}
