//! Defines the test that numbers are uniform on (0, 1), as p-values are where there is no effect.

use super::world::size;

/// The p-value of Kolmogorov's and Smirnov's test against the uniform distribution.
///
/// Its limiting distribution with Stephens' correction for n (1970), good to three digits from 20 values on.
pub(super) fn uniform_p_value(mut values: Vec<f64>) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    let n = size(values.len() as u64);
    if n == 0.0 {
        return 1.0;
    }
    let gap = values
        .iter()
        .enumerate()
        .fold(0.0_f64, |gap, (index, value)| {
            let below = size(index as u64) / n;
            gap.max(value - below).max(below + 1.0 / n - value)
        });
    let root = n.sqrt();
    tail((root + 0.12 + 0.11 / root) * gap)
}

/// P(K > λ) = 2Σ(−1)^(k−1)·exp(−2k²λ²).
fn tail(lambda: f64) -> f64 {
    // Below this the series converges slowly and is 1 to ten digits.
    if lambda < 0.2 {
        return 1.0;
    }
    let mut sum = 0.0;
    let mut sign = 1.0;
    for k in 1..=100 {
        let term = libm::exp(-2.0 * f64::from(k * k) * lambda * lambda);
        sum += sign * term;
        sign = -sign;
        if term < 1e-17 {
            break;
        }
    }
    (2.0 * sum).clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tail_is_that_of_the_tables() {
        // Smirnov's table (1948): quantiles of 5 %, 1 % and a half.
        for (lambda, expected) in [(1.358, 0.05), (1.628, 0.01), (0.8276, 0.5)] {
            assert!((tail(lambda) - expected).abs() < 5e-4, "{lambda}");
        }
    }

    #[test]
    fn what_is_uniform_passes_and_what_is_not_does_not() {
        let even = |power: f64| {
            let values = (0..1000).map(|index| ((f64::from(index) + 0.5) / 1000.0).powf(power));
            uniform_p_value(values.collect())
        };
        assert!(even(1.0) > 0.99);
        assert!(even(1.2) < 1e-3);
    }
}
