//! Defines how numbers read: no locale, a true minus sign, never more digits than a reader can use, never fewer than the
//! sign and the decision need.
//!
//! It refuses to round a difference from zero to zero, and a p-value across a level people decide at.

use crate::domain::definition::{Magnitude, MetricKind};
use crate::domain::result::{Absence, Estimate, Interval, Known, PValue};

/// What is written where a result holds a number that is none. Results never do; a view must not lie if one did.
const NOT_FINITE: &str = "not finite";

/// What is written for an interval that excludes nothing.
pub const UNBOUNDED: &str = "unbounded: control not clearly non-zero";

/// Levels at which people decide: rounding must not move a p-value onto or across one.
const LEVELS: [f64; 5] = [0.1, 0.05, 0.01, 0.005, 0.001];

/// A count with thousands separated: `90,189`.
#[must_use]
pub fn count(value: u64) -> String {
    separated(&value.to_string())
}

/// A number in a metric's unit with four significant digits: `0.4482`, `12.35`, `51.87`, `1,234`.
#[must_use]
pub fn value(value: f64) -> String {
    significant(value, 4, false)
}

/// The same with its sign always shown: `+0.005912`, `−12.35`.
#[must_use]
pub fn signed(value: f64) -> String {
    significant(value, 4, true)
}

/// A number as a person wrote it, without digits that say nothing: `0.5`, `12`, `1,500`.
#[must_use]
pub fn plain(value: f64) -> String {
    let text = significant(value, 6, false);
    if !text.contains('.') || text.contains('e') {
        return text;
    }
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// A fraction as a percentage with its sign always shown: `+2.10 %`.
#[must_use]
pub fn signed_percent(fraction: f64) -> String {
    percentage(fraction, true)
}

/// A share as a percentage: `44.82 %`.
#[must_use]
pub fn percent(fraction: f64) -> String {
    percentage(fraction, false)
}

/// A share as a person wrote it: `50 %`, `99.9 %`.
#[must_use]
pub fn plain_percent(fraction: f64) -> String {
    format!("{} %", plain(fraction * 100.0))
}

/// A p-value: `0.074`, `0.0021`, `3.1e-12`; never 0, by its logarithm.
#[must_use]
pub fn p_value(p: &PValue) -> String {
    if !p.p.is_finite() || !p.log10_p.is_finite() {
        return NOT_FINITE.to_owned();
    }
    if p.p >= 1e-4 {
        return probability(p.p);
    }
    let mut exponent = p.log10_p.floor();
    let mut mantissa = libm::round(10.0 * libm::exp10(p.log10_p - exponent)) / 10.0;
    if mantissa >= 10.0 {
        mantissa /= 10.0;
        exponent += 1.0;
    }
    format!("{mantissa:.1}e{exponent:.0}")
}

/// A probability without a logarithm beside it, such as a corrected p-value: `0.0021`, `3.1e-12`, `< 1e-300`.
#[must_use]
pub fn probability(p: f64) -> String {
    if !p.is_finite() {
        return NOT_FINITE.to_owned();
    }
    if p <= 0.0 {
        return "< 1e-300".to_owned();
    }
    if p >= 1.0 {
        return "1".to_owned();
    }
    if p >= 0.995 {
        return "> 0.99".to_owned();
    }
    if p < 1e-4 {
        return format!("{p:.1e}");
    }
    // Two digits, and more only where two would move it onto or across a level.
    (2..6)
        .map(|digits| format!("{p:.*}", digits_after_point(p, digits)))
        .find(|text| keeps_its_side(p, text))
        .unwrap_or_else(|| format!("{p}"))
}

/// A metric's own value: a proportion as a percentage, anything else as a number.
#[must_use]
pub fn level(kind: MetricKind, value: f64) -> String {
    match Scale::of(kind) {
        Scale::Number | Scale::Ratio => self::value(value),
        Scale::Points | Scale::Percent => percent(value),
    }
}

/// A size as a person wrote it: `1 %` of control, or `0.5` in the metric's unit (`0.5 pp` of a proportion).
#[must_use]
pub fn magnitude(kind: MetricKind, magnitude: Magnitude) -> String {
    match (magnitude, Scale::of(kind)) {
        (Magnitude::Relative(fraction), _) => plain_percent(fraction),
        (Magnitude::Absolute(size), Scale::Number | Scale::Ratio) => plain(size),
        (Magnitude::Absolute(size), Scale::Points | Scale::Percent) => {
            format!("{} pp", plain(size * 100.0))
        }
    }
}

/// A size on a scale, without a sign: `1.20 pp`, `12.0 %`, `0.412`.
#[must_use]
pub fn size(value: f64, scale: Scale) -> String {
    let shown = significant(value.abs() * scale.factor(), 3, false);
    format!("{shown}{}", scale.suffix())
}

/// A value, or the reason there is none in parentheses.
#[must_use]
pub fn known<T>(known: &Known<T>, format: impl FnOnce(&T) -> String) -> String {
    match known {
        Known::Value(value) => format(value),
        Known::Absent(absence) => absent(*absence),
    }
}

/// The reason there is no number, so that it cannot be taken for one: `(too few units)`.
#[must_use]
pub fn absent(absence: Absence) -> String {
    format!("({})", absence.label())
}

/// How a difference is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scale {
    /// As a number in the metric's unit.
    Number,
    /// A fraction as a percentage: a relative lift.
    Percent,
    /// A difference of two proportions, in percentage points.
    Points,
    /// A ratio, where 1 is no difference; without a sign.
    Ratio,
}

impl Scale {
    /// How absolute differences of a kind of metric are written.
    #[must_use]
    pub const fn of(kind: MetricKind) -> Self {
        match kind {
            MetricKind::Proportion | MetricKind::Retention | MetricKind::Funnel => Self::Points,
            MetricKind::Mean | MetricKind::Ratio | MetricKind::Quantile => Self::Number,
        }
    }

    const fn factor(self) -> f64 {
        match self {
            Self::Number | Self::Ratio => 1.0,
            Self::Percent | Self::Points => 100.0,
        }
    }

    const fn suffix(self) -> &'static str {
        match self {
            Self::Number | Self::Ratio => "",
            Self::Percent => " %",
            Self::Points => " pp",
        }
    }

    /// Digits after the point that serve an estimate and its bounds alike: three significant of the largest, two of the
    /// distance between them.
    fn decimals(self, numbers: &[f64]) -> usize {
        let largest = numbers
            .iter()
            .fold(0.0_f64, |most, number| most.max(number.abs()));
        let lowest = numbers.iter().copied().fold(f64::INFINITY, f64::min);
        let highest = numbers.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let floor = match self {
            Self::Percent | Self::Points if largest < 1000.0 => 2,
            Self::Ratio => 2,
            Self::Number | Self::Percent | Self::Points => 0,
        };
        digits_after_point(largest, 3)
            .max(digits_after_point(highest - lowest, 2))
            .max(floor)
            .min(12)
    }
}

/// An estimate on a scale, its sign always shown but for a ratio's: `+2.10 %`, `−0.31 pp`, `+0.412`, `1.04`.
#[must_use]
pub fn estimate(estimate: &Estimate, scale: Scale) -> String {
    let numbers = scaled(estimate, scale);
    let decimals = scale.decimals(&numbers);
    let shown = fixed(estimate.estimate * scale.factor(), decimals, scale);
    format!("{shown}{}", scale.suffix())
}

/// The interval of an estimate with as many digits as the estimate: `[−0.30 %, +4.51 %]`, `≤ −3.1 % or ≥ +9.2 %`.
#[must_use]
pub fn interval(estimate: &Estimate, scale: Scale) -> String {
    let decimals = scale.decimals(&scaled(estimate, scale));
    let bound = |bound: f64| {
        format!(
            "{}{}",
            fixed(bound * scale.factor(), decimals, scale),
            scale.suffix()
        )
    };
    match estimate.interval {
        Interval::Between { lower, upper } => format!("[{}, {}]", bound(lower), bound(upper)),
        Interval::Outside { below, above } => format!("≤ {} or ≥ {}", bound(below), bound(above)),
        Interval::WholeLine => UNBOUNDED.to_owned(),
    }
}

/// An estimate and its interval in one: `+2.10 % [−0.30 %, +4.51 %]`, `+9 % (≤ −3 % or ≥ +2 %)`, or the reason there is none.
#[must_use]
pub fn estimate_and_interval(known_estimate: &Known<Estimate>, scale: Scale) -> String {
    known(known_estimate, |value| {
        let (estimate, interval) = (estimate(value, scale), interval(value, scale));
        match value.interval {
            Interval::Between { .. } => format!("{estimate} {interval}"),
            Interval::Outside { .. } | Interval::WholeLine => format!("{estimate} ({interval})"),
        }
    })
}

fn scaled(estimate: &Estimate, scale: Scale) -> Vec<f64> {
    let mut numbers = vec![estimate.estimate];
    match estimate.interval {
        Interval::Between { lower, upper } => numbers.extend([lower, upper]),
        Interval::Outside { below, above } => numbers.extend([below, above]),
        Interval::WholeLine => {}
    }
    numbers.retain(|number| number.is_finite());
    numbers
        .iter()
        .map(|number| number * scale.factor())
        .collect()
}

/// A number with a fixed count of digits after the point and its sign; what would vanish keeps two digits of its own.
fn fixed(value: f64, decimals: usize, scale: Scale) -> String {
    let show_plus = scale != Scale::Ratio;
    if !value.is_finite() {
        return NOT_FINITE.to_owned();
    }
    let digits = format!("{:.*}", decimals, value.abs());
    let vanishes = digits.bytes().all(|byte| matches!(byte, b'0' | b'.'));
    if (vanishes && value != 0.0) || value.abs() >= 1e15 {
        return significant(value, 2, show_plus);
    }
    format!("{}{}", sign(value, show_plus), separated(&digits))
}

fn percentage(fraction: f64, show_plus: bool) -> String {
    let percent = fraction * 100.0;
    if !percent.is_finite() {
        return NOT_FINITE.to_owned();
    }
    let text = match percent.abs() {
        size if size == 0.0 || (0.1..1000.0).contains(&size) => {
            format!("{}{size:.2}", sign(percent, show_plus))
        }
        size if size < 0.1 => significant(percent, 2, show_plus),
        _ => significant(percent, 4, show_plus),
    };
    format!("{text} %")
}

/// `digits` significant digits; whole numbers keep all of theirs. An exponent only beyond ordinary magnitudes.
fn significant(value: f64, digits: usize, show_plus: bool) -> String {
    if !value.is_finite() {
        return NOT_FINITE.to_owned();
    }
    let size = value.abs();
    let sign = sign(value, show_plus);
    if size == 0.0 {
        return "0".to_owned();
    }
    if !(1e-6..1e15).contains(&size) {
        return format!("{sign}{:.*e}", digits - 1, size);
    }
    let text = format!("{size:.*}", digits_after_point(size, digits));
    format!("{sign}{}", separated(&text))
}

const fn sign(value: f64, show_plus: bool) -> &'static str {
    if value < 0.0 {
        "\u{2212}"
    } else if show_plus && value > 0.0 {
        "+"
    } else {
        ""
    }
}

/// Digits after the point that give `digits` significant ones after rounding, at least none.
fn digits_after_point(value: f64, digits: usize) -> usize {
    if value == 0.0 || !value.is_finite() {
        return 0;
    }
    // The exponent after rounding, so that 9.9996 counts as 10.
    let rounded = format!("{:.*e}", digits.saturating_sub(1), value.abs());
    let exponent: i64 = rounded
        .split_once('e')
        .and_then(|(_, exponent)| exponent.parse().ok())
        .unwrap_or(0);
    let wanted = i64::try_from(digits).unwrap_or(0) - 1 - exponent;
    usize::try_from(wanted.max(0)).unwrap_or(0)
}

fn keeps_its_side(p: f64, text: &str) -> bool {
    let shown: f64 = text.parse().unwrap_or(p);
    LEVELS
        .iter()
        .all(|level| (shown < *level) == (p < *level) && (shown > *level) == (p > *level))
}

/// Thousands separators in the whole part of unsigned decimal digits.
fn separated(digits: &str) -> String {
    let whole = digits.find('.').unwrap_or(digits.len());
    let mut text = String::with_capacity(digits.len() + whole / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && index < whole && (whole - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests;
