//! Defines how an exact sum is written and read back: `-1f3p-52` is −0x1f3 · 2⁻⁵², every bit of it and none to spare.
//!
//! Tiers are not written: they never change a value, so one value has one text.

use num_bigint::{BigUint, Sign};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::ExactSum;

impl Serialize for ExactSum {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let scaled = self.scaled();
        let zeros = scaled.trailing_zeros().unwrap_or(0);
        let digits = (scaled.magnitude() >> zeros).to_str_radix(16);
        let sign = if scaled.sign() == Sign::Minus {
            "-"
        } else {
            ""
        };
        let exponent = i64::try_from(zeros).unwrap_or(i64::MAX) - i64::from(Self::SCALE_BITS);
        if digits == "0" {
            return serializer.serialize_str("0p0");
        }
        serializer.collect_str(&format_args!("{sign}{digits}p{exponent}"))
    }
}

impl<'de> Deserialize<'de> for ExactSum {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        parse(&text).ok_or_else(|| {
            serde::de::Error::custom("an exact sum is hexadecimal digits, p and an exponent of two")
        })
    }
}

fn parse(text: &str) -> Option<ExactSum> {
    let (negative, text) = text
        .strip_prefix('-')
        .map_or((false, text), |it| (true, it));
    let (digits, exponent) = text.split_once('p')?;
    if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let exponent = exponent.parse().ok()?;
    // Nearly every sum fits a machine word.
    let magnitude = match u64::from_str_radix(digits, 16) {
        Ok(small) => BigUint::from(small),
        Err(_) => BigUint::parse_bytes(digits.as_bytes(), 16)?,
    };
    ExactSum::of(&magnitude, exponent, negative)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn again(sum: &ExactSum) -> ExactSum {
        let text = serde_json::to_string(sum).unwrap();
        serde_json::from_str(&text).unwrap()
    }

    fn text(values: &[f64]) -> String {
        let mut sum = ExactSum::default();
        for value in values {
            sum.add(*value);
        }
        serde_json::to_string(&sum).unwrap()
    }

    #[test]
    fn a_sum_is_written_without_a_spare_digit() {
        assert_eq!(text(&[]), "\"0p0\"");
        assert_eq!(text(&[1.0]), "\"1p0\"");
        assert_eq!(text(&[-96.0]), "\"-3p5\"");
        assert_eq!(text(&[0.5, 0.25]), "\"3p-2\"");
        assert_eq!(text(&[5e-324]), "\"1p-1074\"");
        assert_eq!(text(&[1e300, -1e300]), "\"0p0\"");
    }

    #[test]
    fn a_sum_from_any_tier_comes_back_and_can_be_added_to() {
        for values in [
            vec![3.0, -7.0],
            vec![0.1, 1e9, -0.3],
            vec![f64::MAX, f64::MAX, f64::MIN_POSITIVE, -5e-324],
            vec![-f64::MAX, 1e200],
        ] {
            let mut sum = ExactSum::default();
            for value in &values {
                sum.add_product(*value, *value);
                sum.add(*value);
            }
            let mut read = again(&sum);
            assert_eq!(read, sum, "{values:?}");
            for sum in [&mut read, &mut sum] {
                sum.add(-0.7);
                sum.add_product(1e-200, 3e150);
            }
            assert_eq!(read, sum, "{values:?}");
        }
    }

    #[test]
    fn what_is_no_sum_is_refused() {
        for text in [
            "",
            "1",
            "p0",
            "1p",
            "1px",
            "gp0",
            "--1p0",
            "+1p0",
            "1p-2149",
            "1p2400",
            "1p99999999999",
        ] {
            let json = serde_json::to_string(text).unwrap();
            assert!(serde_json::from_str::<ExactSum>(&json).is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn every_sum_comes_back_bit_for_bit(pairs in prop::collection::vec(
            (prop::num::f64::NORMAL | prop::num::f64::SUBNORMAL | prop::num::f64::ZERO, -1e6..1e6_f64), 0..8,
        )) {
            let mut sum = ExactSum::default();
            for (left, right) in pairs {
                sum.add_product(left, right);
                sum.add_product(right, right);
            }
            let read = again(&sum);
            prop_assert_eq!(read.scaled(), sum.scaled());
            prop_assert_eq!(read.to_f64().to_bits(), sum.to_f64().to_bits());
        }
    }
}
