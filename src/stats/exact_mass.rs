//! Defines exact tests on small counts, by enumerating every outcome that the margins allow.
//!
//! It refuses to enumerate more than a bound allows, and then says so.

use super::distribution::gamma::{HALF_LN_TWO_PI, deviance, stirling_remainder};
use super::sample_mean::as_double;

/// An expected count below this makes χ² a poor approximation (Cochran 1954).
pub(crate) const SMALLEST_EXPECTED: f64 = 5.0;

/// The most outcomes that are enumerated: a fraction of a second.
const MOST_OUTCOMES: f64 = 5e5;

/// Outcomes whose mass is this near to the observed one's count as equally likely, as exact tests elsewhere have it.
const SAME_MASS: f64 = 1e-7;

/// ln p of an exact multinomial test: the mass of all outcomes no likelier than `observed`, at the given shares.
///
/// Variants without a share are left out. `None` when there are too many outcomes.
pub(crate) fn multinomial_p_value(observed: &[u64], shares: &[f64]) -> Option<f64> {
    let (observed, shares): (Vec<u64>, Vec<f64>) = observed
        .iter()
        .zip(shares)
        .filter(|(_, share)| **share > 0.0)
        .unzip();
    let total = observed.iter().copied().fold(0, u64::saturating_add);
    let mut walk = Walk::new(observed.len(), total, |outcome| {
        ln_multinomial(outcome, &shares)
    })?;
    Some(walk.tail_of(&observed))
}

/// ln p of an exact test that a 2 × k table's rows are alike, its margins given: Fisher's test, and Freeman and Halton's.
///
/// `None` when there are too many outcomes.
pub(crate) fn table_p_value(with: &[u64], of: &[u64]) -> Option<f64> {
    let total = |counts: &[u64]| counts.iter().copied().fold(0, u64::saturating_add);
    let (all_with, all) = (total(with), total(of));
    // Counting what is rarer gives the same test with fewer outcomes.
    let (counts, drawn): (Vec<u64>, u64) = if all_with <= all - all_with {
        (with.to_vec(), all_with)
    } else {
        let without = with.iter().zip(of).map(|(with, of)| of - with).collect();
        (without, all - all_with)
    };
    let mut walk = Walk::new(of.len(), drawn, |outcome| {
        ln_hypergeometric(outcome, of, drawn, all)
    })?;
    Some(walk.tail_of(&counts))
}

/// A walk over all ways to give `total` units to a number of places.
struct Walk<F> {
    outcome: Vec<u64>,
    total: u64,
    ln_mass: F,
}

impl<F: Fn(&[u64]) -> f64> Walk<F> {
    fn new(places: usize, total: u64, ln_mass: F) -> Option<Self> {
        (places > 0 && outcomes(places, total) <= MOST_OUTCOMES).then(|| Self {
            outcome: vec![0; places],
            total,
            ln_mass,
        })
    }

    /// ln of the mass of all outcomes no likelier than `observed`.
    fn tail_of(&mut self, observed: &[u64]) -> f64 {
        let limit = (self.ln_mass)(observed) + SAME_MASS;
        let mut sum = 0.0;
        // Relative to the limit, so that a tail below every double keeps its size.
        self.visit(0, self.total, &mut |ln_mass| {
            if ln_mass <= limit {
                sum += libm::exp(ln_mass - limit);
            }
        });
        (limit + libm::log(sum)).min(0.0)
    }

    fn visit(&mut self, place: usize, left: u64, seen: &mut impl FnMut(f64)) {
        if place + 1 == self.outcome.len() {
            self.outcome[place] = left;
            seen((self.ln_mass)(&self.outcome));
            return;
        }
        for count in 0..=left {
            self.outcome[place] = count;
            self.visit(place + 1, left - count, seen);
        }
    }
}

/// The number of ways to give `total` units to `places`: C(total + places − 1, places − 1).
fn outcomes(places: usize, total: u64) -> f64 {
    (1..places).fold(1.0, |ways, place| {
        let place = as_double(place as u64);
        ways * (as_double(total) + place) / place
    })
}

/// ln of a multinomial mass, by the saddle-point form (Loader 2000).
fn ln_multinomial(counts: &[u64], shares: &[f64]) -> f64 {
    let total = as_double(counts.iter().sum());
    if total == 0.0 {
        return 0.0;
    }
    let places = counts.iter().zip(shares).map(|(count, share)| {
        let count = as_double(*count);
        ln_factorial_excess(count) + deviance(count, total * share)
    });
    ln_factorial_excess(total) - places.sum::<f64>()
}

/// ln of a multivariate hypergeometric mass: `drawn` of `all` units, `counts` of them from places of sizes `of`.
fn ln_hypergeometric(counts: &[u64], of: &[u64], drawn: u64, all: u64) -> f64 {
    if counts.iter().zip(of).any(|(count, of)| count > of) {
        return f64::NEG_INFINITY;
    }
    let rate = as_double(drawn) / as_double(all);
    let places = counts
        .iter()
        .zip(of)
        .map(|(count, of)| ln_binomial(*count, *of, rate));
    places.sum::<f64>() - ln_binomial(drawn, all, rate)
}

/// ln of a binomial mass.
fn ln_binomial(count: u64, of: u64, rate: f64) -> f64 {
    ln_multinomial(&[count, of - count], &[rate, 1.0 - rate])
}

/// ln x! less x ln x − x: ½ ln 2πx + Stirling's remainder; 0 for 0.
fn ln_factorial_excess(count: f64) -> f64 {
    if count == 0.0 {
        return 0.0;
    }
    stirling_remainder(count) + 0.5 * libm::log(count) + HALF_LN_TWO_PI
}
