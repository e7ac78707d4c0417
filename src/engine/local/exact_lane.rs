//! Defines one unit's exact sum in 16 bytes, and what becomes of sums that do not fit there.
//!
//! A unit's value is the double nearest its exact sum. The lane is chosen by the column's declared type, never by data:
//! decimals in units of their last digit, everything else in fixed point with least bit 2⁻⁷⁴. What does not fit a lane goes
//! to a [`Wide`] sum of that unit's own, so the result never depends on order.

use num_bigint::{BigInt, BigUint};

use super::accumulator::Input;
use crate::domain::evidence::ExactSum;

/// The least bit of a fixed-point sum is 2⁻⁷⁴.
const FRACTION_BITS: u32 = 74;
/// Values below 2⁵² leave 2²³ additions of headroom before an addition can overflow, and overflow is checked.
const LIMIT: f64 = 4_503_599_627_370_496.0;

/// What the 16 bytes of a sum count.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Lane {
    /// Steps of 2⁻⁷⁴.
    #[default]
    Binary,
    /// Steps of 10⁻ᵈ, d being the digits that the column declares.
    Decimal(u32),
}

impl Lane {
    /// The term an input adds in this lane; `None` where it does not fit.
    #[inline]
    fn term(self, input: Input) -> Option<i128> {
        match (self, input) {
            (Self::Binary, Input::Row | Input::Label(_)) => Some(1 << FRACTION_BITS),
            (Self::Binary, Input::Integer(value)) => {
                (value.unsigned_abs() < 1 << 52).then(|| i128::from(value) << FRACTION_BITS)
            }
            (Self::Binary, Input::Float(value)) => to_fixed(value),
            (Self::Decimal(digits), Input::Decimal(value, scale)) if scale <= digits => {
                value.checked_mul(10_i128.checked_pow(digits - scale)?)
            }
            _ => None,
        }
    }

    /// Adds an input to a sum in this lane; `None` where it does not fit and must go to a [`Wide`] sum.
    #[inline]
    pub(super) fn add(self, sum: i128, input: Input) -> Option<i128> {
        sum.checked_add(self.term(input)?)
    }

    /// The double nearest the exact value of a lane's sum and its wide part; infinite when it is beyond all doubles.
    pub(super) fn value(self, sum: i128, wide: Option<&Wide>) -> f64 {
        match (self, wide) {
            (Self::Binary, None) => {
                // The cast rounds once, to nearest even; scaling by a power of two in this range is exact.
                #[expect(
                    clippy::cast_precision_loss,
                    reason = "this is the one rounding of the unit's value"
                )]
                let nearest = sum as f64;
                libm::scalbn(nearest, -FRACTION_BITS.cast_signed())
            }
            (lane, wide) => lane.exact_value(sum, wide),
        }
    }

    /// lane + binary + decimal as one fraction, rounded once.
    fn exact_value(self, sum: i128, wide: Option<&Wide>) -> f64 {
        let mut binary = wide.map_or_else(BigInt::default, |wide| wide.binary.scaled());
        let mut decimal = wide.map_or_else(BigInt::default, |wide| wide.decimal.clone());
        let mut digits = wide.map_or(0, |wide| wide.digits);
        match self {
            Self::Binary => binary += BigInt::from(sum) << (ExactSum::SCALE_BITS - FRACTION_BITS),
            Self::Decimal(own) => {
                let common = digits.max(own);
                let ten = BigInt::from(10);
                decimal =
                    decimal * ten.pow(common - digits) + BigInt::from(sum) * ten.pow(common - own);
                digits = common;
            }
        }
        let power = BigUint::from(10_u8).pow(digits);
        let numerator = binary * BigInt::from(power.clone()) + (decimal << ExactSum::SCALE_BITS);
        ExactSum::nearest(&numerator, &(power << ExactSum::SCALE_BITS))
    }
}

/// The part of a sum that did not fit its lane: exact, and as large as it has to be.
#[derive(Debug, Default)]
pub(super) struct Wide {
    binary: ExactSum,
    /// Steps of 10⁻ᵈ, d being `digits`.
    decimal: BigInt,
    digits: u32,
}

impl Wide {
    pub(super) fn add(&mut self, input: Input) {
        match input {
            Input::Row | Input::Label(_) => self.binary.add(1.0),
            Input::Float(value) => self.binary.add(value),
            Input::Integer(value) => {
                // Both halves are doubles without rounding, so wide integers stay exact.
                let low = value & 0xffff_ffff;
                #[expect(
                    clippy::cast_precision_loss,
                    reason = "each half has at most 53 significant bits"
                )]
                let (high, low) = ((value - low) as f64, low as f64);
                self.binary.add(high);
                self.binary.add(low);
            }
            Input::Decimal(value, scale) => {
                let digits = self.digits.max(scale);
                let ten = BigInt::from(10);
                self.decimal *= ten.pow(digits - self.digits);
                self.decimal += BigInt::from(value) * ten.pow(digits - scale);
                self.digits = digits;
            }
        }
    }
}

/// `value · 2⁷⁴` when that is an integer and the value is below 2⁵².
#[inline]
fn to_fixed(value: f64) -> Option<i128> {
    if value.abs() >= LIMIT {
        return None;
    }
    let bits = value.to_bits();
    let biased = i32::try_from((bits >> 52) & 0x7ff).unwrap_or(0);
    if biased == 0 {
        return if value == 0.0 { Some(0) } else { None };
    }
    let mantissa = i128::from((bits & ((1 << 52) - 1)) | 1 << 52);
    let shift = biased - 1075 + FRACTION_BITS.cast_signed();
    let magnitude = if shift >= 0 {
        mantissa << shift
    } else if shift > -53 && mantissa.trailing_zeros() >= shift.unsigned_abs() {
        mantissa >> -shift
    } else {
        return None;
    };
    Some(if bits >> 63 == 1 {
        -magnitude
    } else {
        magnitude
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A sum as a unit keeps it.
    fn sum(lane: Lane, inputs: &[Input]) -> f64 {
        let (mut fits, mut wide) = (0, None::<Wide>);
        for input in inputs {
            match lane.add(fits, *input) {
                Some(sum) => fits = sum,
                None => wide.get_or_insert_default().add(*input),
            }
        }
        lane.value(fits, wide.as_ref())
    }

    #[test]
    fn decimals_sum_as_decimals() {
        let mut inputs = vec![Input::Decimal(1, 1); 3];
        assert_eq!(
            sum(Lane::Decimal(1), &inputs),
            0.3,
            "0.1 three times as decimals is 0.3; as doubles it is 0.30000000000000004"
        );
        inputs.push(Input::Decimal(5, 3));
        for lane in [Lane::Decimal(1), Lane::Decimal(3), Lane::Binary] {
            assert_eq!(
                sum(lane, &inputs),
                0.305,
                "a finer scale joins without loss"
            );
        }
        inputs.push(Input::Float(0.5));
        for lane in [Lane::Decimal(3), Lane::Binary] {
            assert_eq!(
                sum(lane, &inputs),
                0.805,
                "a part of another type joins without loss"
            );
        }
    }

    #[test]
    fn sums_past_128_bits_stay_exact() {
        let decimals = [i128::MAX, i128::MAX, -i128::MAX, -i128::MAX + 7];
        let inputs = decimals.map(|value| Input::Decimal(value, 0));
        assert_eq!(sum(Lane::Decimal(0), &inputs), 7.0);
        assert_eq!(sum(Lane::Decimal(2), &inputs), 7.0);
        let integers = [Input::Integer(i64::MAX), Input::Integer(i64::MIN)];
        assert_eq!(sum(Lane::Binary, &integers), -1.0);
    }

    proptest! {
        #[test]
        fn a_unit_s_value_is_the_double_nearest_its_exact_sum_in_any_order(
            mut values in proptest::collection::vec(any::<f64>().prop_filter("finite", |value| value.is_finite()), 0..20),
        ) {
            let mut reference = ExactSum::default();
            for value in &values {
                reference.add(*value);
            }
            let of = |values: &[f64]| {
                let inputs: Vec<Input> = values.iter().map(|value| Input::Float(*value)).collect();
                sum(Lane::Binary, &inputs)
            };
            let forward = of(&values);
            values.reverse();
            prop_assert_eq!(forward.to_bits(), of(&values).to_bits());
            prop_assert_eq!(forward, reference.to_f64());
        }
    }
}
