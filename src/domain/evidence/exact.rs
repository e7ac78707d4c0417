//! Defines an exact sum of doubles and of products of two doubles, independent of order and of how it was split.
//!
//! Three tiers, all exact, so which one a value lands in never changes a result: integers in an `i128`, ordinary fractions
//! in 320 bits of fixed point, everything else in fixed point wide enough for any product of two finite doubles.

use num_bigint::{BigInt, BigUint, Sign};

use super::wide::Wide;

/// The weight of the least bit of the widest tier: the product of two of the smallest doubles is 2⁻²¹⁴⁸.
const WIDEST_EXPONENT: i32 = -2148;
/// The weight of the least bit of the middle tier.
const MIDDLE_EXPONENT: i32 = -148;
/// 70 limbs reach 2²³³², room for 2⁶⁴ of the largest products.
const WIDEST_LIMBS: usize = 70;
const MIDDLE_LIMBS: usize = 5;
/// Products that stay below this exponent leave the middle tier 2⁴¹ additions of headroom and a sign.
const MIDDLE_TOP: i32 = 130;

/// Fixed point of `LIMBS` 64-bit limbs, little end first, in two's complement.
#[derive(Debug, Clone, PartialEq, Eq)]
struct FixedPoint<const LIMBS: usize>([u64; LIMBS]);

impl<const LIMBS: usize> FixedPoint<LIMBS> {
    const ZERO: Self = Self([0; LIMBS]);

    /// Adds `± magnitude · 2^shift`, `shift` counted from the least bit.
    fn add(&mut self, magnitude: u128, shift: usize, negative: bool) {
        let (limb, bits) = (shift / 64, shift % 64);
        let low = magnitude << bits;
        let high = if bits == 0 {
            0
        } else {
            magnitude >> (128 - bits)
        };
        let mut addend = [0_u64; 3];
        #[expect(
            clippy::cast_possible_truncation,
            reason = "each limb takes the low 64 bits on purpose"
        )]
        {
            addend[0] = low as u64;
            addend[1] = (low >> 64) as u64;
            addend[2] = high as u64;
        }
        let mut carry = false;
        for (offset, slot) in self.0[limb..].iter_mut().enumerate() {
            let term = addend.get(offset).copied().unwrap_or(0);
            if offset >= addend.len() && !carry {
                break;
            }
            let (sum, first) = if negative {
                slot.overflowing_sub(term)
            } else {
                slot.overflowing_add(term)
            };
            let (sum, second) = if negative {
                sum.overflowing_sub(u64::from(carry))
            } else {
                sum.overflowing_add(u64::from(carry))
            };
            *slot = sum;
            carry = first || second;
        }
    }

    /// `± magnitude · 2^shift`, which must fit beside a sign.
    fn of(magnitude: &BigUint, shift: usize, negative: bool) -> Self {
        let mut sum = Self::ZERO;
        for (position, limb) in magnitude.iter_u64_digits().enumerate() {
            sum.add(u128::from(limb), shift + 64 * position, negative);
        }
        sum
    }

    fn merge(&mut self, other: &Self) {
        let mut carry = false;
        for (slot, term) in self.0.iter_mut().zip(other.0) {
            let (sum, first) = slot.overflowing_add(term);
            let (sum, second) = sum.overflowing_add(u64::from(carry));
            *slot = sum;
            carry = first || second;
        }
    }

    /// The value in units of the least bit.
    fn to_integer(&self) -> BigInt {
        let negative = self.0[LIMBS - 1] >> 63 == 1;
        let bytes: Vec<u8> = self.0.iter().flat_map(|limb| limb.to_le_bytes()).collect();
        let unsigned = BigInt::from_bytes_le(Sign::Plus, &bytes);
        if negative {
            unsigned - (BigInt::from(1) << (LIMBS * 64))
        } else {
            unsigned
        }
    }
}

/// An exact sum of finite doubles or of products of two finite doubles.
///
/// Adding is associative and commutative bit for bit; rounding happens once, in [`ExactSum::to_f64`] or in a quotient.
#[derive(Debug, Clone, Default)]
pub struct ExactSum {
    integers: i128,
    middle: Option<Box<FixedPoint<MIDDLE_LIMBS>>>,
    widest: Option<Box<FixedPoint<WIDEST_LIMBS>>>,
}

impl ExactSum {
    /// [`ExactSum::scaled`] is the exact value times two to this power.
    pub(crate) const SCALE_BITS: u32 = WIDEST_EXPONENT.unsigned_abs();

    /// The double nearest to `numerator / denominator`, ties to even: the single rounding of an exact result.
    pub(crate) fn nearest(numerator: &BigInt, denominator: &BigUint) -> f64 {
        nearest(numerator, denominator)
    }

    /// Adds `value`, which must be finite: engines reject other values before they get here.
    #[inline]
    pub fn add(&mut self, value: f64) {
        if let Some(integer) = small_integer(value)
            && let Some(sum) = self.integers.checked_add(i128::from(integer))
        {
            self.integers = sum;
            return;
        }
        self.add_wide(value, 1.0);
    }

    /// Adds the exact product of two finite doubles.
    #[inline]
    pub fn add_product(&mut self, left: f64, right: f64) {
        debug_assert!(
            left.is_finite() && right.is_finite(),
            "only finite values are summed"
        );
        if let (Some(left), Some(right)) = (small_integer(left), small_integer(right)) {
            let product = i128::from(left) * i128::from(right);
            if let Some(sum) = self.integers.checked_add(product) {
                self.integers = sum;
                return;
            }
        }
        self.add_wide(left, right);
    }

    #[cold]
    #[inline(never)]
    fn flush(&mut self, magnitude: u128, exponent: i32, negative: bool) {
        #[expect(
            clippy::cast_sign_loss,
            reason = "no product of two doubles has a smaller exponent"
        )]
        let shift = (exponent - WIDEST_EXPONENT) as usize;
        self.widest
            .get_or_insert_with(|| Box::new(FixedPoint::ZERO))
            .add(magnitude, shift, negative);
    }

    fn add_wide(&mut self, left: f64, right: f64) {
        let (left_mantissa, left_exponent, left_negative) = decompose(left);
        let (right_mantissa, right_exponent, right_negative) = decompose(right);
        let magnitude = u128::from(left_mantissa) * u128::from(right_mantissa);
        if magnitude == 0 {
            return;
        }
        let exponent = left_exponent + right_exponent;
        let negative = left_negative != right_negative;
        if exponent >= MIDDLE_EXPONENT && exponent + 106 <= MIDDLE_TOP {
            #[expect(
                clippy::cast_sign_loss,
                reason = "checked against the least exponent just above"
            )]
            let shift = (exponent - MIDDLE_EXPONENT) as usize;
            self.middle
                .get_or_insert_with(|| Box::new(FixedPoint::ZERO))
                .add(magnitude, shift, negative);
        } else {
            self.flush(magnitude, exponent, negative);
        }
    }

    /// Adds a whole number.
    pub(crate) fn add_integer(&mut self, value: i128) {
        match self.integers.checked_add(value) {
            Some(sum) => self.integers = sum,
            None => self.flush(value.unsigned_abs(), 0, value < 0),
        }
    }

    /// Adds another sum; exact, so merging in any order and grouping gives the same bits.
    pub fn merge(&mut self, other: &Self) {
        self.add_integer(other.integers);
        if let Some(theirs) = &other.middle {
            self.middle
                .get_or_insert_with(|| Box::new(FixedPoint::ZERO))
                .merge(theirs);
        }
        if let Some(theirs) = &other.widest {
            self.widest
                .get_or_insert_with(|| Box::new(FixedPoint::ZERO))
                .merge(theirs);
        }
    }

    /// The exact value times 2²¹⁴⁸, an integer.
    pub(crate) fn scaled(&self) -> BigInt {
        self.times_two_to(Self::SCALE_BITS)
    }

    /// How many bits the value has after the point, at most: those of the widest tier in use. Most sums have none.
    pub(super) const fn fraction_bits(&self) -> u32 {
        if self.widest.is_some() {
            Self::SCALE_BITS
        } else if self.middle.is_some() {
            MIDDLE_EXPONENT.unsigned_abs()
        } else {
            0
        }
    }

    /// The exact value times 2^bits, an integer: `bits` are at least [`ExactSum::fraction_bits`].
    pub(super) fn times_two_to(&self, bits: u32) -> BigInt {
        debug_assert!(bits >= self.fraction_bits(), "nothing is cut off");
        let mut total = BigInt::from(self.integers) << bits;
        if let Some(middle) = &self.middle {
            total += middle.to_integer() << bits.saturating_sub(MIDDLE_EXPONENT.unsigned_abs());
        }
        if let Some(widest) = &self.widest {
            total += widest.to_integer() << bits.saturating_sub(Self::SCALE_BITS);
        }
        total
    }

    /// The same on the stack; `None` where the widest tier is in use.
    pub(super) fn wide_times_two_to(&self, bits: u32) -> Option<Wide> {
        debug_assert!(bits >= self.fraction_bits(), "nothing is cut off");
        if self.widest.is_some() {
            return None;
        }
        let integers = Wide::of(self.integers).shifted(bits);
        Some(match &self.middle {
            None => integers,
            Some(middle) => {
                let above = bits.saturating_sub(MIDDLE_EXPONENT.unsigned_abs());
                integers.plus(&Wide::of_complement(&middle.0).shifted(above))
            }
        })
    }

    /// The sum that is `± magnitude · 2^exponent`; `None` beyond what any sum of doubles' products reaches.
    pub(super) fn of(magnitude: &BigUint, exponent: i32, negative: bool) -> Option<Self> {
        let shift = usize::try_from(exponent.checked_sub(WIDEST_EXPONENT)?).ok()?;
        let bits = usize::try_from(magnitude.bits()).ok()?;
        if shift.checked_add(bits)? >= WIDEST_LIMBS * 64 {
            return None;
        }
        let mut sum = Self::default();
        let top = i64::from(exponent) + i64::try_from(bits).ok()?;
        if exponent >= 0 && top < 127 {
            let integer = i128::try_from(magnitude << exponent.unsigned_abs()).ok()?;
            sum.integers = if negative { -integer } else { integer };
        } else if exponent >= MIDDLE_EXPONENT && top <= i64::from(MIDDLE_TOP) {
            let shift = usize::try_from(exponent - MIDDLE_EXPONENT).ok()?;
            sum.middle = Some(Box::new(FixedPoint::of(magnitude, shift, negative)));
        } else {
            sum.widest = Some(Box::new(FixedPoint::of(magnitude, shift, negative)));
        }
        Some(sum)
    }

    /// The double nearest to the exact value; infinite when it is beyond all doubles.
    #[must_use]
    pub fn to_f64(&self) -> f64 {
        let bits = self.fraction_bits();
        nearest(&self.times_two_to(bits), &(BigUint::from(1_u8) << bits))
    }
}

/// Two sums are equal when their values are, whichever tiers hold them.
impl PartialEq for ExactSum {
    fn eq(&self, other: &Self) -> bool {
        self.scaled() == other.scaled()
    }
}

/// `value` as an integer when it is one of at most 53 bits.
#[inline]
fn small_integer(value: f64) -> Option<i64> {
    const LIMIT: f64 = 9_007_199_254_740_992.0;
    if value.abs() > LIMIT {
        return None;
    }
    #[expect(
        clippy::cast_possible_truncation,
        reason = "within 2^53 the cast is exact or shows a fraction just below"
    )]
    let integer = value as i64;
    #[expect(
        clippy::cast_precision_loss,
        reason = "within 2^53 the cast back is exact"
    )]
    let back = integer as f64;
    #[expect(clippy::float_cmp, reason = "an exact question")]
    let is_integer = back == value;
    is_integer.then_some(integer)
}

/// Mantissa, exponent and sign of a finite double: value = ± mantissa · 2^exponent.
fn decompose(value: f64) -> (u64, i32, bool) {
    let bits = value.to_bits();
    let biased = i32::try_from((bits >> 52) & 0x7ff).unwrap_or(0);
    let fraction = bits & ((1 << 52) - 1);
    let (mantissa, exponent) = if biased == 0 {
        (fraction, -1074)
    } else {
        (fraction | 1 << 52, biased - 1075)
    };
    (mantissa, exponent, bits >> 63 == 1)
}

/// The double nearest to `numerator / denominator`, ties to even: the single rounding of an exact result.
pub(crate) fn nearest(numerator: &BigInt, denominator: &BigUint) -> f64 {
    let negative = numerator.sign() == Sign::Minus;
    let magnitude = numerator.magnitude();
    if magnitude.bits() == 0 {
        return 0.0;
    }
    // Scale so that the quotient has 55 or 56 bits: 53 for the result, the rest to round by. Subnormal results keep fewer.
    let exponent = i64::try_from(magnitude.bits()).unwrap_or(i64::MAX)
        - i64::try_from(denominator.bits()).unwrap_or(0)
        - 55;
    let exponent = exponent.max(-1074 - 2);
    let (scaled_numerator, scaled_denominator) = if exponent < 0 {
        (magnitude << exponent.unsigned_abs(), denominator.clone())
    } else {
        (magnitude.clone(), denominator << exponent.unsigned_abs())
    };
    let quotient = &scaled_numerator / &scaled_denominator;
    let inexact = &quotient * &scaled_denominator != scaled_numerator;
    let quotient = quotient.iter_u64_digits().next().unwrap_or(0);
    let result = round_to_double(quotient, inexact, exponent);
    if negative { -result } else { result }
}

/// Rounds `(quotient + a fraction iff inexact) · 2^exponent`, `quotient` below 2⁵⁷, to the nearest double.
pub(super) fn round_to_double(quotient: u64, inexact: bool, exponent: i64) -> f64 {
    let bits = i64::from(64 - quotient.leading_zeros());
    let drop = (bits - 53).max(-1074 - exponent).max(0);
    let kept = quotient >> drop;
    let remainder = quotient & ((1 << drop) - 1);
    let half = if drop == 0 { 0 } else { 1_u64 << (drop - 1) };
    let up = drop > 0 && (remainder > half || (remainder == half && (inexact || kept & 1 == 1)));
    let mantissa = kept + u64::from(up);
    #[expect(clippy::cast_precision_loss, reason = "at most 2^53, exact")]
    let mantissa = mantissa as f64;
    let power = i32::try_from(exponent + drop).unwrap_or(i32::MAX);
    libm::scalbn(mantissa, power)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sum(values: &[f64]) -> f64 {
        let mut total = ExactSum::default();
        for value in values {
            total.add(*value);
        }
        total.to_f64()
    }

    #[test]
    fn cancellation_keeps_every_digit() {
        assert_eq!(sum(&[1e308, 1.0, -1e308]), 1.0);
        assert_eq!(sum(&[1e-320, 5e-324, -1e-320]), 5e-324);
        assert_eq!(sum(&[0.1; 10]), 1.0);
        assert_eq!(sum(&[-0.1, 0.3, -0.2]), -2.775_557_561_562_891_4e-17);
    }

    #[test]
    fn sums_beyond_every_double_are_infinite_and_come_back() {
        assert_eq!(sum(&[f64::MAX, f64::MAX]), f64::INFINITY);
        assert_eq!(sum(&[f64::MAX, f64::MAX, -f64::MAX]), f64::MAX);
        assert_eq!(sum(&[-f64::MAX, -f64::MAX]), f64::NEG_INFINITY);
    }

    #[test]
    fn extreme_products_are_exact() {
        let mut total = ExactSum::default();
        total.add_product(f64::from_bits(1), f64::from_bits(1));
        total.add_product(f64::MAX, f64::MAX);
        total.add_product(-f64::MAX, f64::MAX);
        assert_eq!(total.scaled(), BigInt::from(1));
    }

    #[test]
    fn integers_past_the_fast_tier_flow_into_the_widest() {
        let mut total = ExactSum {
            integers: i128::MAX,
            ..ExactSum::default()
        };
        total.add_product(9_007_199_254_740_992.0, 9_007_199_254_740_992.0);
        let expected = BigInt::from(i128::MAX) + (BigInt::from(1) << 106);
        assert_eq!(total.scaled(), expected << 2148);
    }

    #[test]
    fn rounding_is_to_nearest_with_ties_to_even() {
        let third = nearest(&BigInt::from(1), &BigUint::from(3_u8));
        assert_eq!(third, 1.0 / 3.0);
        let tie = nearest(&BigInt::from((1_u64 << 53) + 1), &BigUint::from(1_u8));
        assert_eq!(tie, 9_007_199_254_740_992.0);
        let above = nearest(&BigInt::from((1_u64 << 53) + 3), &BigUint::from(1_u8));
        assert_eq!(above, 9_007_199_254_740_996.0);
    }
}
