//! Defines how numbers read: no locale, a true minus sign, never more digits than a reader can use.

use crate::domain::result::PValue;

/// A count with thousands separated: `90,189`.
#[must_use]
pub fn count(value: u64) -> String {
    let digits = value.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A number in a metric's unit with four significant digits: `0.4482`, `12.35`, `51.87`, `1,234`.
#[must_use]
pub fn value(value: f64) -> String {
    format!("{value:.4}")
}

/// The same with its sign always shown: `+0.0059`, `−12.35`.
#[must_use]
pub fn signed(value: f64) -> String {
    format!("{value:+.4}")
}

/// A fraction as a percentage with its sign always shown: `+2.10 %`.
#[must_use]
pub fn signed_percent(fraction: f64) -> String {
    format!("{:+.2} %", fraction * 100.0)
}

/// A share as a percentage: `44.82 %`.
#[must_use]
pub fn percent(fraction: f64) -> String {
    format!("{:.2} %", fraction * 100.0)
}

/// A p-value: `0.074`, `0.0021`, `3.1e-12`.
#[must_use]
pub fn p_value(p: &PValue) -> String {
    format!("{:.4}", p.p)
}
