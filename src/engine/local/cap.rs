//! Finds the limit that large values are clipped to: once, on matured itt units, all variants together.

use crate::domain::definition::Cap;

/// The limit of a cap over the values it is found on; `None` where there is no value.
///
/// A quantile is Hyndman and Fan's type 7 (The American Statistician 50, 1996): linear between order statistics at
/// (n − 1)q. `values` are sorted in place.
pub(super) fn limit(cap: Cap, values: &mut [f64]) -> Option<f64> {
    match cap {
        Cap::Value(limit) => Some(limit),
        Cap::Quantile(quantile) => {
            values.sort_unstable_by(f64::total_cmp);
            let last = values.len().checked_sub(1)?;
            #[expect(clippy::cast_precision_loss, reason = "unit counts are far below 2^53")]
            let position = last as f64 * quantile;
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "between 0 and the last index"
            )]
            let below = position.floor() as usize;
            let fraction = position - position.floor();
            let low = *values.get(below)?;
            let high = values.get(below + 1).copied().unwrap_or(low);
            Some(low + fraction * (high - low))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_quantile_is_type_7() {
        // R 4: quantile(c(1, 2, 4, 8, 16), 0.9, type = 7) is 12.8.
        let mut values = [16.0, 1.0, 4.0, 2.0, 8.0];
        let found = limit(Cap::Quantile(0.9), &mut values).unwrap();
        assert!((found - 12.8).abs() < 1e-12, "{found}");
        assert_eq!(limit(Cap::Quantile(0.9), &mut []), None);
        assert_eq!(limit(Cap::Value(3.0), &mut []), Some(3.0));
    }
}
