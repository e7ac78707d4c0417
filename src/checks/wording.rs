//! Defines how numbers read inside the sentences of findings and verdicts: no locale, a true minus sign.
//!
//! Documents format numbers in `report`, which is out of reach here; sentences need only these few forms.

use crate::domain::result::PValue;

/// The longest piece of text from data that a sentence repeats, in characters.
const LONGEST_LABEL: usize = 60;

/// A count with thousands separated: `90,189`.
pub(crate) fn count(value: u64) -> String {
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

/// A count with its noun: `1 row`, `2,000 rows`. The plural adds an s.
pub(crate) fn counted(value: u64, noun: &str) -> String {
    let plural = if value == 1 { "" } else { "s" };
    format!("{} {noun}{plural}", count(value))
}

/// A share in [0, 1] as a percentage: `44.82 %`; a share that would round to nothing says so.
pub(crate) fn percent(share: f64) -> String {
    if share > 0.0 && share < 0.000_05 {
        return "under 0.01 %".to_owned();
    }
    true_minus(&format!("{:.2} %", share * 100.0))
}

/// A difference of shares or a lift with its sign: `+2.10 %`, `−0.30 %`.
pub(crate) fn signed_percent(fraction: f64) -> String {
    true_minus(&format!("{:+.2} %", fraction * 100.0))
}

/// A threshold as a percentage without needless zeros: `0.1 %`, `50 %`.
pub(crate) fn threshold(share: f64) -> String {
    format!("{} %", trimmed(format!("{:.4}", share * 100.0)))
}

/// A number in a metric's unit with its sign and four significant digits: `+0.4482`, `−12.35`.
pub(crate) fn signed(value: f64) -> String {
    let magnitude = value.abs();
    if magnitude != 0.0 && !(1e-4..1e9).contains(&magnitude) {
        return true_minus(&format!("{value:+.3e}"));
    }
    let decimals = if magnitude == 0.0 {
        0
    } else {
        let digits = 3.0 - magnitude.log10().floor();
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "between 0 and 7 by the bounds above"
        )]
        {
            digits.clamp(0.0, 8.0) as usize
        }
    };
    true_minus(&format!("{value:+.decimals$}"))
}

/// A p-value with two significant digits: `0.0086`, `1.8e-6`, and from its logarithm where no double holds it.
pub(crate) fn p_value(p: &PValue) -> String {
    if p.p >= 1e-4 {
        let decimals = if p.p >= 0.1 {
            2
        } else if p.p >= 0.01 {
            3
        } else if p.p >= 0.001 {
            4
        } else {
            5
        };
        return format!("{:.decimals$}", p.p);
    }
    let exponent = p.log10_p.floor();
    let mantissa = libm::pow(10.0, p.log10_p - exponent);
    if mantissa >= 9.95 {
        format!("1.0e{}", exponent + 1.0)
    } else {
        format!("{mantissa:.1}e{exponent}")
    }
}

/// Words as a list: `a`, `a and b`, `a, b and c`.
pub(crate) fn list(words: &[String]) -> String {
    match words {
        [] => String::new(),
        [only] => only.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// A label from data, in quotes and never longer than a sentence can bear.
pub(crate) fn label(text: &str) -> String {
    if text.chars().count() <= LONGEST_LABEL {
        return format!("'{text}'");
    }
    let start: String = text.chars().take(LONGEST_LABEL).collect();
    format!("'{start}…'")
}

fn trimmed(text: String) -> String {
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    }
}

/// A true minus sign, and none before a zero.
fn true_minus(text: &str) -> String {
    let nothing = text
        .chars()
        .all(|character| !character.is_ascii_digit() || character == '0');
    match text.strip_prefix('-') {
        Some(rest) if nothing => format!("+{rest}"),
        Some(rest) => format!("\u{2212}{rest}"),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_without_locale_and_with_a_true_minus() {
        assert_eq!(count(1_234_567), "1,234,567");
        assert_eq!(counted(1, "unit"), "1 unit");
        assert_eq!(percent(0.4482), "44.82 %");
        assert_eq!(percent(0.000_01), "under 0.01 %");
        assert_eq!(signed_percent(-0.003), "\u{2212}0.30 %");
        assert_eq!(signed_percent(-0.000_000_1), "+0.00 %");
        assert_eq!(signed(-12.345), "\u{2212}12.35");
        assert_eq!(signed(0.000_591), "+0.0005910");
        assert_eq!(threshold(0.001), "0.1 %");
        assert_eq!(threshold(0.5), "50 %");
    }

    #[test]
    fn a_p_value_below_every_double_still_reads() {
        let read = |p: f64, log10_p: f64| p_value(&PValue { p, log10_p });
        assert_eq!(read(0.008_608, -2.065), "0.0086");
        assert_eq!(read(1.8218e-6, -5.7395), "1.8e-6");
        assert_eq!(read(0.0, -925.5686), "2.7e-926");
        assert_eq!(read(9.99e-7, -6.000_43), "1.0e-6");
    }

    #[test]
    fn a_long_label_is_cut() {
        let cut = label(&"x".repeat(10_000));
        assert_eq!(cut.chars().count(), LONGEST_LABEL + 3);
    }
}
