//! Defines the random numbers of a world: one stream for each purpose and unit, and transforms that give the same bits on
//! every machine.
//!
//! It refuses to share a stream between purposes: a knob that draws more numbers shifts nothing but what it is about. Two
//! scenarios that differ in one knob are therefore the same world but for that knob (common random numbers). Logarithms
//! and cosines go through `libm`, because the platform's own differ in the last bit.

use rand_chacha::ChaCha12Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use xxhash_rust::xxh3::xxh3_128;

/// The numbers of one purpose, such as "checkout-button/arrival"; each unit has a stream of its own.
#[derive(Debug, Clone)]
pub(super) struct Purpose {
    key: [u8; 32],
}

impl Purpose {
    /// The purpose named `name` under `seed`.
    pub(super) fn new(seed: u64, name: &str) -> Self {
        let mut key = [0; 32];
        key[..8].copy_from_slice(&seed.to_le_bytes());
        key[16..].copy_from_slice(&xxh3_128(name.as_bytes()).to_le_bytes());
        Self { key }
    }

    /// The stream of unit `index`, from its beginning.
    pub(super) fn unit(&self, index: u64) -> Draws {
        let mut generator = ChaCha12Rng::from_seed(self.key);
        generator.set_stream(index);
        Draws(generator)
    }
}

/// One stream of random numbers.
#[derive(Debug)]
pub(super) struct Draws(ChaCha12Rng);

impl Draws {
    /// Uniform on the open interval (0, 1): never 0 and never 1, so that logarithms are finite.
    pub(super) fn uniform(&mut self) -> f64 {
        let bits = self.0.next_u64() >> 12;
        #[expect(clippy::cast_precision_loss, reason = "52 bits fit a double exactly")]
        let whole = bits as f64;
        (whole + 0.5) / 4_503_599_627_370_496.0
    }

    /// True with `probability`. Draws exactly one number whatever the probability.
    pub(super) fn chance(&mut self, probability: f64) -> bool {
        self.uniform() < probability
    }

    /// Exponential with mean 1, by inversion.
    pub(super) fn exponential(&mut self) -> f64 {
        -libm::log(self.uniform())
    }

    /// Standard normal, by Box and Muller (1958); the second of the pair is not used.
    pub(super) fn normal(&mut self) -> f64 {
        let radius = (-2.0 * libm::log(self.uniform())).sqrt();
        radius * libm::cos(std::f64::consts::TAU * self.uniform())
    }

    /// Erlang with mean 1: the mean of `shape` exponentials.
    pub(super) fn erlang(&mut self, shape: u32) -> f64 {
        let total: f64 = (0..shape).map(|_| self.exponential()).sum();
        total / f64::from(shape)
    }

    /// Lognormal with mean 1 and standard deviation `sigma` of its logarithm.
    pub(super) fn lognormal(&mut self, sigma: f64) -> f64 {
        libm::exp(sigma * self.normal() - 0.5 * sigma * sigma)
    }

    /// Pareto from 1 on, with tail index `shape`.
    pub(super) fn pareto(&mut self, shape: f64) -> f64 {
        libm::pow(self.uniform(), -1.0 / shape)
    }

    /// The index drawn from `weights`, of which at least one is positive; their sum need not be 1.
    pub(super) fn weighted(&mut self, weights: &[f64]) -> usize {
        let mut left = self.uniform() * weights.iter().sum::<f64>();
        let mut last_possible = 0;
        for (index, weight) in weights.iter().enumerate() {
            if *weight > 0.0 {
                last_possible = index;
                if left < *weight {
                    return index;
                }
                left -= weight;
            }
        }
        last_possible
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mean(count: u64, draw: impl Fn(&mut Draws) -> f64) -> f64 {
        let purpose = Purpose::new(7, "test");
        (0..count)
            .map(|index| draw(&mut purpose.unit(index)))
            .sum::<f64>()
            / f64::from(u32::try_from(count).unwrap())
    }

    #[test]
    fn a_stream_is_the_same_every_time_and_differs_by_seed_purpose_and_unit() {
        let first = |seed, name: &str, unit| Purpose::new(seed, name).unit(unit).uniform();
        assert_eq!(first(1, "a", 0), first(1, "a", 0));
        assert_ne!(first(1, "a", 0), first(2, "a", 0));
        assert_ne!(first(1, "a", 0), first(1, "b", 0));
        assert_ne!(first(1, "a", 0), first(1, "a", 1));
    }

    #[test]
    fn transforms_have_the_mean_they_say() {
        // Four standard errors over 40,000 draws: sd is 0.29, 1, 1, 0.71, 0.53 and 1.15.
        assert!((mean(40_000, Draws::uniform) - 0.5).abs() < 0.006);
        assert!(mean(40_000, Draws::normal).abs() < 0.02);
        assert!((mean(40_000, Draws::exponential) - 1.0).abs() < 0.02);
        assert!((mean(40_000, |draws| draws.erlang(2)) - 1.0).abs() < 0.015);
        assert!((mean(40_000, |draws| draws.lognormal(0.5)) - 1.0).abs() < 0.011);
        // A Pareto of index 3 has mean 3/2 and standard deviation √3/2.
        assert!((mean(40_000, |draws| draws.pareto(3.0)) - 1.5).abs() < 0.018);
    }

    #[test]
    fn normals_have_unit_variance() {
        let square = mean(40_000, |draws| {
            let draw = draws.normal();
            draw * draw
        });
        assert!((square - 1.0).abs() < 0.03);
    }

    #[test]
    fn a_weight_of_zero_is_never_drawn() {
        let purpose = Purpose::new(7, "weights");
        let count = |wanted: usize| {
            (0..1000)
                .filter(|unit| purpose.unit(*unit).weighted(&[0.0, 3.0, 1.0, 0.0]) == wanted)
                .count()
        };
        assert_eq!(count(0) + count(3), 0);
        // 750 ± 4 standard deviations of 13.7.
        assert!(count(1).abs_diff(750) < 55);
    }
}
