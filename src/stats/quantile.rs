//! Defines quantiles of a variant with their standard error, from a few order statistics.
//!
//! It refuses a standard error where the order statistics around the quantile are tied: the data are too coarse for it, and
//! the bootstrap is the way.

use super::distribution::normal;
use super::sample_mean::{SampleMean, as_double};
use crate::domain::definition::{QuantileErrorForm, QuantileType};
use crate::domain::evidence::OrderStatistics;
use crate::domain::result::Absence;

/// Which quantile, and how.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct QuantileRequest {
    /// The share q of values below, in (0, 1).
    pub share: f64,
    /// How it is interpolated.
    pub interpolation: QuantileType,
    /// How its standard error is scaled.
    pub error: QuantileErrorForm,
    /// The level whose binomial interval the standard error is taken from, in (0, 1).
    pub level: f64,
}

/// A sample quantile by the definition of Hyndman and Fan (1996), in the metric's unit.
///
/// With h = nq + m, j = ⌊h⌋ and g = h − j it is x_j + γ(x_(j+1) − x_j). Continuous types have γ = g and m = 0, ½, q, 1 − q,
/// (q + 1)/3, q/4 + 3/8 for 4 to 9; the steps 1 to 3 have γ = 0, ½, 0 or 1 as j is even or odd where g = 0, else 1, with
/// m = 0, 0, −½.
///
/// # Errors
/// [`Absence::NoUnits`] without a value; [`Absence::NotApplicable`] when q is not inside (0, 1) or a rank that is needed is
/// not there; [`Absence::OutOfRange`] when a value is not finite.
pub fn quantile(
    order: &OrderStatistics,
    share: f64,
    interpolation: QuantileType,
) -> Result<f64, Absence> {
    if order.units == 0 {
        return Err(Absence::NoUnits);
    }
    if !(share > 0.0 && share < 1.0) {
        return Err(Absence::NotApplicable);
    }
    let n = as_double(order.units);
    let position = n * share + shift(interpolation, share);
    // nq is rounded; what is this near to a whole rank is that rank.
    let slack = 4.0 * f64::EPSILON * n;
    let whole = libm::floor(position + slack);
    let over = position - whole;
    let exact = over.abs() <= slack;
    let weight = match interpolation {
        QuantileType::InvertedSteps => f64::from(u8::from(!exact)),
        QuantileType::AveragedSteps => {
            if exact {
                0.5
            } else {
                1.0
            }
        }
        QuantileType::NearestEven => f64::from(u8::from(!exact || libm::fmod(whole, 2.0) != 0.0)),
        _ if exact => 0.0,
        _ => over,
    };
    let (low, high) = (at(order, whole), at(order, whole + 1.0));
    if weight == 0.0 {
        return low;
    } else if weight == 1.0 {
        return high;
    }
    let (low, high) = (low?, high?);
    Ok(low + weight * (high - low))
}

fn shift(interpolation: QuantileType, share: f64) -> f64 {
    match interpolation {
        QuantileType::InvertedSteps | QuantileType::AveragedSteps | QuantileType::LinearSteps => {
            0.0
        }
        QuantileType::NearestEven => -0.5,
        QuantileType::Hazen => 0.5,
        QuantileType::Weibull => share,
        QuantileType::Linear => 1.0 - share,
        QuantileType::MedianUnbiased => (share + 1.0) / 3.0,
        QuantileType::NormalUnbiased => 0.25 * share + 0.375,
    }
}

/// The value at a rank, the first and the last standing for those beyond.
fn at(order: &OrderStatistics, rank: f64) -> Result<f64, Absence> {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "clamped to ranks, which are far below 2^53"
    )]
    let rank = rank.clamp(1.0, as_double(order.units)) as u64;
    match order.values.get(&rank) {
        Some(value) if value.is_finite() => Ok(*value),
        Some(_) => Err(Absence::OutOfRange),
        None => Err(Absence::NotApplicable),
    }
}

/// A quantile as a mean that every effect can be computed from: [`Comparison`](super::Comparison) takes a pair of them.
///
/// se = (Q(q + d) − Q(q − d))/(2z), d = z√(q(1 − q)/n*): the binomial interval of the rank, read off the sample (Deng,
/// Knoblich and Lu 2018); GrowthBook's has (n* − 1)/n* more in the variance. Degrees of freedom n* − 1. The ranks are those of
/// [`quantile_ranks`](crate::domain::evidence::quantile_ranks), n* the values, or where several come from one unit as many as
/// would say as much ([`effective_values`](crate::domain::evidence::effective_values)).
///
/// # Errors
/// [`Absence::TiedValues`] when the values at both ends are the same; [`Absence::TooFewUnits`] when q ± d leaves (0, 1);
/// else as [`quantile`].
pub fn quantile_mean(
    order: &OrderStatistics,
    request: &QuantileRequest,
) -> Result<SampleMean, Absence> {
    let mean = quantile(order, request.share, request.interpolation)?;
    let n = order.effective.unwrap_or(as_double(order.units));
    if !(request.level > 0.0 && request.level < 1.0 && n.is_finite()) {
        return Err(Absence::NotApplicable);
    }
    if n < 2.0 {
        return Err(Absence::TooFewUnits);
    }
    let z = normal::upper_quantile(0.5 * (1.0 - request.level));
    let reach = z * libm::sqrt(request.share * (1.0 - request.share) / n);
    let (below, above) = (request.share - reach, request.share + reach);
    if below <= 0.0 || above >= 1.0 {
        return Err(Absence::TooFewUnits);
    }
    let width = quantile(order, above, request.interpolation)?
        - quantile(order, below, request.interpolation)?;
    if width == 0.0 {
        return Err(Absence::TiedValues);
    }
    if width < 0.0 {
        return Err(Absence::NotApplicable);
    }
    let standard_error = width / (2.0 * z);
    let scale = match request.error {
        QuantileErrorForm::BinomialInterval => 1.0,
        QuantileErrorForm::BinomialIntervalSample => (n - 1.0) / n,
    };
    let variance = standard_error * standard_error * scale;
    if !variance.is_finite() {
        return Err(Absence::OutOfRange);
    }
    Ok(SampleMean {
        units: order.units,
        mean,
        variance,
        freedom: n - 1.0,
    })
}
