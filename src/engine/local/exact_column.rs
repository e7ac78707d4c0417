//! Defines one exact sum a unit, dense and small: 16 bytes a unit for what ordinary tables hold.
//!
//! A unit's value is the double nearest its exact sum. The lane is chosen by the column's declared type: integers and
//! floats in fixed point with least bit 2⁻⁷⁴, decimals in units of their last digit. What does not fit goes to an exact sum
//! of that unit's own, so the result never depends on order.

use std::collections::HashMap;

use num_bigint::{BigInt, BigUint};

use crate::domain::evidence::ExactSum;

/// The least bit of a fixed-point sum is 2⁻⁷⁴.
const FRACTION_BITS: i32 = 74;
/// Values below 2⁵² leave 2²³ additions of headroom before an addition can overflow, and overflow is checked.
const LIMIT: f64 = 4_503_599_627_370_496.0;

/// Exact sums, one a unit.
#[derive(Debug, Default)]
pub(super) struct ExactColumn {
    fixed: Vec<i128>,
    large: HashMap<u32, ExactSum>,
    decimals: Option<Decimals>,
}

#[derive(Debug)]
struct Decimals {
    scale: u32,
    sums: Vec<i128>,
    large: HashMap<u32, BigInt>,
}

impl ExactColumn {
    pub(super) fn new(units: usize) -> Self {
        Self {
            fixed: vec![0; units],
            ..Self::default()
        }
    }

    /// Adds a finite double to a unit.
    #[inline]
    pub(super) fn add(&mut self, unit: u32, value: f64) {
        if let Some(term) = to_fixed(value)
            && let Some(sum) = self.fixed[unit as usize].checked_add(term)
        {
            self.fixed[unit as usize] = sum;
            return;
        }
        self.large.entry(unit).or_default().add(value);
    }

    /// Adds a 64-bit integer to a unit.
    #[inline]
    pub(super) fn add_integer(&mut self, unit: u32, value: i64) {
        // Both halves are doubles without rounding, so wide integers stay exact.
        let low = value & 0xffff_ffff;
        #[expect(
            clippy::cast_precision_loss,
            reason = "each half has at most 53 significant bits"
        )]
        let halves = ((value - low) as f64, low as f64);
        self.add(unit, halves.0);
        self.add(unit, halves.1);
    }

    /// Adds `value · 10^−scale` to a unit.
    pub(super) fn add_decimal(&mut self, unit: u32, value: i128, scale: u32) {
        let units = self.fixed.len();
        let decimals = self.decimals.get_or_insert_with(|| Decimals {
            scale,
            sums: vec![0; units],
            large: HashMap::new(),
        });
        if scale > decimals.scale {
            decimals.rescale(scale);
        }
        let factor = 10_i128.checked_pow(decimals.scale - scale);
        let slot = &mut decimals.sums[unit as usize];
        if let Some(sum) = factor
            .and_then(|factor| value.checked_mul(factor))
            .and_then(|term| slot.checked_add(term))
        {
            *slot = sum;
        } else {
            let term = BigInt::from(value) * BigInt::from(10).pow(decimals.scale - scale);
            *decimals.large.entry(unit).or_default() += term;
        }
    }

    /// The double nearest the unit's exact sum; infinite when it is beyond all doubles.
    pub(super) fn value(&self, unit: u32) -> f64 {
        let fixed = self.fixed[unit as usize];
        let large = self.large.get(&unit);
        match (&self.decimals, large) {
            (None, None) => {
                // The cast rounds once, to nearest even; scaling by a power of two in this range is exact.
                #[expect(
                    clippy::cast_precision_loss,
                    reason = "this is the one rounding of the unit's value"
                )]
                let nearest = fixed as f64;
                libm::scalbn(nearest, -FRACTION_BITS)
            }
            (decimals, large) => exact_value(fixed, large, decimals.as_ref(), unit),
        }
    }

    /// Makes room for units that were met since.
    pub(super) fn grow(&mut self, units: usize) {
        self.fixed.resize(units, 0);
        if let Some(decimals) = &mut self.decimals {
            decimals.sums.resize(units, 0);
        }
    }
}

impl Decimals {
    fn rescale(&mut self, scale: u32) {
        let steps = scale - self.scale;
        let factor = BigInt::from(10).pow(steps);
        for sum in self.large.values_mut() {
            *sum *= &factor;
        }
        for (unit, sum) in (0_u32..).zip(&mut self.sums) {
            if let Some(rescaled) = 10_i128
                .checked_pow(steps)
                .and_then(|factor| sum.checked_mul(factor))
            {
                *sum = rescaled;
            } else {
                *self.large.entry(unit).or_default() += BigInt::from(*sum) * &factor;
                *sum = 0;
            }
        }
        self.scale = scale;
    }
}

/// fixed/2⁷⁴ + large + decimal/10^scale as one fraction, rounded once.
fn exact_value(
    fixed: i128,
    large: Option<&ExactSum>,
    decimals: Option<&Decimals>,
    unit: u32,
) -> f64 {
    let binary = BigInt::from(fixed) << (ExactSum::SCALE_BITS - FRACTION_BITS.unsigned_abs());
    let binary = large.map_or_else(|| binary.clone(), |sum| &binary + sum.scaled());
    let Some(decimals) = decimals else {
        return ExactSum::nearest(&binary, &(BigUint::from(1_u8) << ExactSum::SCALE_BITS));
    };
    let mut decimal = BigInt::from(decimals.sums[unit as usize]);
    if let Some(more) = decimals.large.get(&unit) {
        decimal += more;
    }
    let power = BigUint::from(10_u8).pow(decimals.scale);
    let numerator = binary * BigInt::from(power.clone()) + (decimal << ExactSum::SCALE_BITS);
    ExactSum::nearest(&numerator, &(power << ExactSum::SCALE_BITS))
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
    let shift = biased - 1075 + FRACTION_BITS;
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

    #[test]
    fn decimals_sum_as_decimals() {
        let mut column = ExactColumn::new(1);
        for _ in 0..3 {
            column.add_decimal(0, 1, 1);
        }
        assert_eq!(
            column.value(0),
            0.3,
            "0.1 three times as decimals is 0.3; as doubles it is 0.30000000000000004"
        );
        column.add_decimal(0, 5, 3);
        assert_eq!(column.value(0), 0.305, "a finer scale joins without loss");
        column.add(0, 0.5);
        assert_eq!(
            column.value(0),
            0.805,
            "a part of another type joins without loss"
        );
    }

    #[test]
    fn sums_past_128_bits_stay_exact() {
        let mut column = ExactColumn::new(1);
        column.add_decimal(0, i128::MAX, 0);
        column.add_decimal(0, i128::MAX, 0);
        column.add_decimal(0, -i128::MAX, 0);
        column.add_decimal(0, -i128::MAX + 7, 0);
        assert_eq!(column.value(0), 7.0);
        let mut column = ExactColumn::new(1);
        column.add_integer(0, i64::MAX);
        column.add_integer(0, i64::MIN);
        assert_eq!(column.value(0), -1.0);
    }

    proptest! {
        #[test]
        fn a_unit_s_value_is_the_double_nearest_its_exact_sum_in_any_order(
            mut values in proptest::collection::vec(any::<f64>().prop_filter("finite", |value| value.is_finite()), 0..20),
        ) {
            let mut reference = ExactSum::default();
            let mut forward = ExactColumn::new(1);
            for value in &values {
                reference.add(*value);
                forward.add(0, *value);
            }
            values.reverse();
            let mut backward = ExactColumn::new(1);
            for value in &values {
                backward.add(0, *value);
            }
            prop_assert_eq!(forward.value(0).to_bits(), backward.value(0).to_bits());
            prop_assert_eq!(forward.value(0), reference.to_f64());
        }
    }
}
