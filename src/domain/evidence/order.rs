//! Defines the order statistics that a quantile of a cell is made from.

use serde::{Deserialize, Serialize};

/// A few of a cell's values in ascending order, each with its rank from 1.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct OrderStatistics {
    /// The number of values n.
    pub units: u64,
    /// Rank and value, by rising rank.
    pub values: Vec<(u64, f64)>,
}

/// The normal quantile of a two-sided interval at 95 %, which standard errors of quantiles are taken from whatever the level:
/// they are what the level's interval is then made of.
pub const QUANTILE_SPREAD: f64 = 1.959_963_984_540_054;

impl OrderStatistics {
    /// The order statistics that the `quantile` of `values` is made from; sorts them.
    #[must_use]
    pub fn of(quantile: f64, mut values: Vec<f64>) -> Self {
        values.sort_unstable_by(f64::total_cmp);
        let units = values.len() as u64;
        let at = |rank: u64| {
            let position = usize::try_from(rank - 1).ok()?;
            values.get(position).map(|value| (rank, *value))
        };
        Self {
            units,
            values: ranks(units, quantile).into_iter().filter_map(at).collect(),
        }
    }

    /// The value at a rank, clamped to the ranks there are; `None` where it was not kept.
    #[must_use]
    pub fn at(&self, rank: u64) -> Option<f64> {
        let rank = rank.clamp(1, self.units.max(1));
        let position = self.values.binary_search_by_key(&rank, |(rank, _)| *rank);
        position.ok().map(|position| self.values[position].1)
    }
}

/// The ranks around n·q and around both ends of its binomial interval, n·q ± z√(n·q(1 − q)); each with its neighbours, so that
/// every way of interpolating between them finds what it needs.
#[must_use]
pub fn ranks(units: u64, quantile: f64) -> Vec<u64> {
    if units == 0 {
        return Vec::new();
    }
    #[expect(clippy::cast_precision_loss, reason = "unit counts are far below 2^53")]
    let n = units as f64;
    let middle = n * quantile;
    let spread = QUANTILE_SPREAD * libm::sqrt(n * quantile * (1.0 - quantile));
    let mut ranks: Vec<u64> = [middle - spread, middle, middle + spread]
        .into_iter()
        .flat_map(|position| {
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "clamped to the ranks there are"
            )]
            let below = position.clamp(1.0, n).floor() as u64;
            (0..=4_u64).map(move |step| (below + step).saturating_sub(2))
        })
        .map(|rank| rank.clamp(1, units))
        .collect();
    ranks.sort_unstable();
    ranks.dedup();
    ranks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_values_around_the_quantile_and_its_interval_are_kept() {
        let values = (1..=1000).rev().map(f64::from).collect();
        let order = OrderStatistics::of(0.9, values);
        assert_eq!(order.units, 1000);
        // 900 ± 1.96·√90 is 881.4 to 918.6.
        for rank in [
            880, 881, 882, 883, 898, 899, 900, 901, 902, 917, 918, 919, 920,
        ] {
            #[expect(clippy::cast_precision_loss, reason = "small")]
            let value = rank as f64;
            assert_eq!(order.at(rank), Some(value));
        }
        assert_eq!(order.at(500), None);
        assert!(order.values.len() < 20);
    }

    #[test]
    fn a_handful_of_values_is_kept_whole() {
        let order = OrderStatistics::of(0.5, vec![3.0, 1.0, 2.0]);
        assert_eq!(order.values, [(1, 1.0), (2, 2.0), (3, 3.0)]);
        assert_eq!(OrderStatistics::of(0.5, Vec::new()).at(1), None);
    }
}
