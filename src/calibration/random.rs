//! Defines the random numbers of simulated experiments: a function of seed, scenario and experiment, and of nothing else.
//!
//! It refuses state between experiments, so that a result does not depend on how many threads there were.

use crate::domain::evidence::philox;

/// The numbers of one experiment.
#[derive(Debug)]
pub(super) struct Draws {
    key: [u32; 2],
    scenario: u32,
    experiment: u32,
    block: u32,
    spare_uniform: Option<f64>,
    spare_normal: Option<f64>,
}

impl Draws {
    /// From the beginning of one experiment of one scenario.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "both halves of the seed are used"
    )]
    pub(super) const fn new(seed: u64, scenario: u32, experiment: u32) -> Self {
        Self {
            key: [seed as u32, (seed >> 32) as u32],
            scenario,
            experiment,
            block: 0,
            spare_uniform: None,
            spare_normal: None,
        }
    }

    /// Uniform on the open interval (0, 1).
    pub(super) fn uniform(&mut self) -> f64 {
        if let Some(spare) = self.spare_uniform.take() {
            return spare;
        }
        let words = philox([self.block, self.experiment, self.scenario, 0], self.key);
        self.block = self.block.wrapping_add(1);
        self.spare_uniform = Some(of_words(words[2], words[3]));
        of_words(words[0], words[1])
    }

    /// True with `probability`.
    pub(super) fn chance(&mut self, probability: f64) -> bool {
        self.uniform() < probability
    }

    /// Standard normal, by Box and Muller (1958).
    pub(super) fn normal(&mut self) -> f64 {
        if let Some(spare) = self.spare_normal.take() {
            return spare;
        }
        let radius = libm::sqrt(-2.0 * libm::log(self.uniform()));
        let (sine, cosine) = libm::sincos(std::f64::consts::TAU * self.uniform());
        self.spare_normal = Some(radius * sine);
        radius * cosine
    }

    /// Lognormal with mean 1 and standard deviation `sigma` of its logarithm.
    pub(super) fn lognormal(&mut self, sigma: f64) -> f64 {
        libm::exp(sigma * self.normal() - 0.5 * sigma * sigma)
    }

    /// A whole number from 1 on, geometric with this mean.
    pub(super) fn geometric(&mut self, mean: f64) -> f64 {
        1.0 + libm::floor(libm::log(self.uniform()) / libm::log1p(-1.0 / mean))
    }
}

/// 52 bits of two words, centred in their cell.
fn of_words(high: u32, low: u32) -> f64 {
    let bits = (u64::from(high) << 20) | u64::from(low >> 12);
    #[expect(clippy::cast_precision_loss, reason = "52 bits fit a double exactly")]
    let whole = bits as f64;
    (whole + 0.5) / 4_503_599_627_370_496.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_experiment_has_the_same_numbers_every_time_and_no_other_has_them() {
        let first = |seed, scenario, experiment| Draws::new(seed, scenario, experiment).uniform();
        assert_eq!(first(1, 2, 3), first(1, 2, 3));
        for other in [
            first(2, 2, 3),
            first(1 << 40, 2, 3),
            first(1, 3, 3),
            first(1, 2, 4),
        ] {
            assert_ne!(first(1, 2, 3), other);
        }
    }

    #[test]
    fn draws_have_the_moments_they_say() {
        let mut draws = Draws::new(7, 0, 0);
        let mut mean = |draw: &dyn Fn(&mut Draws) -> f64| {
            (0..40_000).map(|_| draw(&mut draws)).sum::<f64>() / 40_000.0
        };
        // Each within five standard errors: sd 0.29, 1, √2, 1.31 and √(3·2).
        assert!((mean(&Draws::uniform) - 0.5).abs() < 0.0073);
        assert!(mean(&Draws::normal).abs() < 0.025);
        assert!((mean(&|draws| draws.normal().powi(2)) - 1.0).abs() < 0.036);
        assert!((mean(&|draws| draws.lognormal(1.0)) - 1.0).abs() < 0.033);
        assert!((mean(&|draws| draws.geometric(3.0)) - 3.0).abs() < 0.062);
    }
}
