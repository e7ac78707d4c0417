//! Defines joint sums of a few quantities over units, and the moments they round to.
//!
//! Sums are exact and mergeable; moments are what every statistic is a function of.

use num_bigint::{BigInt, BigUint};
use serde::{Deserialize, Serialize};

use super::exact::{ExactSum, nearest};
use super::wide::Wide;

/// Exact Σx and Σxy over units for the quantities of one metric in one cell.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Unchecked")]
pub struct JointSums {
    units: u64,
    first: Vec<ExactSum>,
    /// Upper triangle, row by row.
    second: Vec<ExactSum>,
}

/// Joint sums as they were read, not yet known to have a product a pair of quantities.
#[derive(Deserialize)]
struct Unchecked {
    units: u64,
    first: Vec<ExactSum>,
    second: Vec<ExactSum>,
}

impl TryFrom<Unchecked> for JointSums {
    type Error = &'static str;

    fn try_from(read: Unchecked) -> Result<Self, Self::Error> {
        let Unchecked {
            units,
            first,
            second,
        } = read;
        if second.len() != first.len() * (first.len() + 1) / 2 {
            return Err("joint sums have one product a pair of quantities");
        }
        Ok(Self {
            units,
            first,
            second,
        })
    }
}

impl JointSums {
    /// No units yet, `width` quantities each.
    #[must_use]
    pub fn new(width: usize) -> Self {
        Self {
            units: 0,
            first: vec![ExactSum::default(); width],
            second: vec![ExactSum::default(); width * (width + 1) / 2],
        }
    }

    /// The number of units added.
    #[must_use]
    pub const fn units(&self) -> u64 {
        self.units
    }

    /// The number of quantities.
    #[must_use]
    pub fn width(&self) -> usize {
        self.first.len()
    }

    /// The exact sum of one quantity.
    #[must_use]
    pub fn sum(&self, quantity: usize) -> &ExactSum {
        &self.first[quantity]
    }

    /// The exact sums of products, upper triangle row by row.
    #[must_use]
    pub fn products(&self) -> &[ExactSum] {
        &self.second
    }

    /// Adds one unit. `values` has one finite number a quantity.
    pub fn add(&mut self, values: &[f64]) {
        debug_assert_eq!(values.len(), self.first.len(), "one value a quantity");
        self.units += 1;
        let mut pair = 0;
        for (index, left) in values.iter().enumerate() {
            // Most units did nothing of most things, and zeros add nothing.
            if *left == 0.0 {
                pair += values.len() - index;
                continue;
            }
            self.first[index].add(*left);
            for right in &values[index..] {
                if *right != 0.0 {
                    self.second[pair].add_product(*left, *right);
                }
                pair += 1;
            }
        }
    }

    /// Adds units with one whole number each, of which Σx and Σx² are known.
    pub(crate) fn add_whole(&mut self, units: u64, sum: i128, squares: i128) {
        debug_assert_eq!(self.first.len(), 1, "one quantity a unit");
        self.units += units;
        if let ([first], [second]) = (self.first.as_mut_slice(), self.second.as_mut_slice()) {
            first.add_integer(sum);
            second.add_integer(squares);
        }
    }

    /// Adds the units of another, disjoint cell.
    pub fn merge(&mut self, other: &Self) {
        self.units += other.units;
        for (ours, theirs) in self.first.iter_mut().zip(&other.first) {
            ours.merge(theirs);
        }
        for (ours, theirs) in self.second.iter_mut().zip(&other.second) {
            ours.merge(theirs);
        }
    }

    /// Means S/n and central second moments `(nP − S_x·S_y)/n`, each rounded once from the exact value.
    ///
    /// A result beyond all doubles comes back infinite; statistics refuse it with a reason.
    #[must_use]
    pub fn moments(&self) -> Moments {
        let width = self.first.len();
        if self.units == 0 {
            return Moments {
                units: 0,
                means: vec![0.0; width],
                central: vec![0.0; self.second.len()],
            };
        }
        // As few bits after the point as the values need: sums of whole numbers stay small.
        let bits = |sums: &[ExactSum]| sums.iter().map(ExactSum::fraction_bits).max().unwrap_or(0);
        let sum_bits = bits(&self.first);
        let product_bits = bits(&self.second).max(2 * sum_bits);
        let narrow = self.rounded_on_the_stack(sum_bits, product_bits);
        let (means, central) = narrow.unwrap_or_else(|| self.rounded(sum_bits, product_bits));
        Moments {
            units: self.units,
            means,
            central,
        }
    }

    /// Means and central second moments; `None` where a sum needs its widest tier, which is rare.
    fn rounded_on_the_stack(
        &self,
        sum_bits: u32,
        product_bits: u32,
    ) -> Option<(Vec<f64>, Vec<f64>)> {
        // One sum in the widest tier scales all others to it.
        if sum_bits.max(product_bits) > Wide::MOST_SCALE {
            return None;
        }
        let first = self.first.iter();
        let sums: Vec<Wide> = first
            .map(|sum| sum.wide_times_two_to(sum_bits))
            .collect::<Option<_>>()?;
        let means = sums.iter().map(|sum| sum.over(self.units, sum_bits));
        let count = Wide::of(i128::from(self.units));
        let mut central = Vec::with_capacity(self.second.len());
        for (row, left) in sums.iter().enumerate() {
            for right in &sums[row..] {
                let product = self.second[central.len()].wide_times_two_to(product_bits)?;
                let squares = left.times(right).shifted(product_bits - 2 * sum_bits);
                let exact = count.times(&product).minus(&squares);
                central.push(exact.over(self.units, product_bits));
            }
        }
        Some((means.collect(), central))
    }

    /// The same for sums of any size.
    fn rounded(&self, sum_bits: u32, product_bits: u32) -> (Vec<f64>, Vec<f64>) {
        let count = BigUint::from(self.units);
        let first = self.first.iter();
        let sums: Vec<BigInt> = first.map(|sum| sum.times_two_to(sum_bits)).collect();
        let mean_denominator = &count << sum_bits;
        let product_denominator = &count << product_bits;
        let means = sums.iter().map(|sum| nearest(sum, &mean_denominator));
        let mut central = Vec::with_capacity(self.second.len());
        for (row, left) in sums.iter().enumerate() {
            for right in &sums[row..] {
                let product = self.second[central.len()].times_two_to(product_bits);
                let squares = (left * right) << (product_bits - 2 * sum_bits);
                let exact = BigInt::from(count.clone()) * product - squares;
                central.push(nearest(&exact, &product_denominator));
            }
        }
        (means.collect(), central)
    }
}

/// Moments over units of the quantities of one metric in one cell.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Moments {
    /// The number of units n.
    pub units: u64,
    /// A mean a quantity, in that quantity's unit.
    pub means: Vec<f64>,
    /// Central second moments Σ(x − x̄)(y − ȳ): upper triangle, row by row. Not divided by anything.
    pub central: Vec<f64>,
}

impl Moments {
    /// Moments of one quantity from what tools publish: n, mean, and standard deviation with n − 1.
    #[must_use]
    pub fn published(units: u64, mean: f64, standard_deviation: f64) -> Self {
        #[expect(clippy::cast_precision_loss, reason = "unit counts are far below 2^53")]
        let freedom = units.saturating_sub(1) as f64;
        Self {
            units,
            means: vec![mean],
            central: vec![standard_deviation * standard_deviation * freedom],
        }
    }

    /// The number of quantities.
    #[must_use]
    pub fn width(&self) -> usize {
        self.means.len()
    }

    /// n as a double.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "unit counts are far below 2^53")]
    pub fn n(&self) -> f64 {
        self.units as f64
    }

    /// The mean of a quantity.
    #[must_use]
    pub fn mean(&self, quantity: usize) -> f64 {
        self.means[quantity]
    }

    /// Central second moment Σ(x − x̄)(y − ȳ) of two quantities.
    #[must_use]
    pub fn central(&self, left: usize, right: usize) -> f64 {
        let (row, column) = if left <= right {
            (left, right)
        } else {
            (right, left)
        };
        let start = row * self.width() - row * row.saturating_sub(1) / 2;
        self.central[start + column - row]
    }

    /// Sample variance with n − 1; `None` below two units.
    #[must_use]
    pub fn variance(&self, quantity: usize) -> Option<f64> {
        self.covariance(quantity, quantity)
    }

    /// Sample covariance with n − 1; `None` below two units.
    #[must_use]
    pub fn covariance(&self, left: usize, right: usize) -> Option<f64> {
        (self.units >= 2).then(|| self.central(left, right) / (self.n() - 1.0))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_packed_triangle_is_read_by_row_and_column() {
        let mut sums = JointSums::new(3);
        sums.add(&[1.0, 10.0, 100.0]);
        sums.add(&[2.0, 30.0, 700.0]);
        let moments = sums.moments();
        assert_eq!(moments.means, [1.5, 20.0, 400.0]);
        let expected = [
            [0.5, 10.0, 300.0],
            [10.0, 200.0, 6000.0],
            [300.0, 6000.0, 180_000.0],
        ];
        for (row, values) in expected.iter().enumerate() {
            for (column, value) in values.iter().enumerate() {
                assert_eq!(moments.central(row, column), *value, "{row},{column}");
            }
        }
    }

    #[test]
    fn a_shift_by_a_billion_leaves_the_variance() {
        let mut near = JointSums::new(1);
        let mut far = JointSums::new(1);
        for value in [1.0, 2.0, 4.0, 8.0] {
            near.add(&[value]);
            far.add(&[value + 1e9]);
        }
        assert_eq!(near.moments().central(0, 0), far.moments().central(0, 0));
    }

    proptest! {
        /// Whole numbers, fractions, huge and tiny values, of either sign, in every mixture.
        #[test]
        fn rounding_on_the_stack_is_rounding_from_numbers_of_any_size(
            units in prop::collection::vec([value(), value()], 1..40),
            more in any::<u32>(),
        ) {
            let mut sums = JointSums::new(2);
            for unit in &units {
                sums.add(unit);
            }
            // Counts that no vector has: the quotient is of any two numbers.
            sums.units += u64::from(more) << 20;
            for product_bits in [296, 400] {
                let on_the_stack = sums.rounded_on_the_stack(148, product_bits);
                let bits = |(means, central): (Vec<f64>, Vec<f64>)| -> Vec<u64> {
                    means.iter().chain(&central).map(|value| value.to_bits()).collect()
                };
                prop_assert_eq!(on_the_stack.map(bits), Some(bits(sums.rounded(148, product_bits))));
            }
        }
    }

    /// Values whose products stay out of the widest tier.
    fn value() -> impl Strategy<Value = f64> {
        prop_oneof![
            (-1000_i32..1000).prop_map(f64::from),
            -1e3..1e3,
            (-9e15..9e15).prop_map(f64::round),
            (1.0..2.0_f64, 0..20_i32).prop_map(|(value, power)| -libm::scalbn(value, -power)),
            (-1024_i32..1024, 0..20_i32)
                .prop_map(|(value, power)| libm::scalbn(value.into(), -power)),
            Just(0.0),
        ]
    }

    #[test]
    fn merging_disjoint_units_equals_one_pass() {
        let values = [0.1, 2.5e-9, 3e40, -7.0, 1e-300];
        let mut whole = JointSums::new(1);
        let (mut left, mut right) = (JointSums::new(1), JointSums::new(1));
        for (index, value) in values.iter().enumerate() {
            whole.add(&[*value]);
            if index % 2 == 0 {
                left.add(&[*value]);
            } else {
                right.add(&[*value]);
            }
        }
        right.merge(&left);
        assert_eq!(whole, right);
        assert_eq!(whole.moments(), right.moments());
    }
}
