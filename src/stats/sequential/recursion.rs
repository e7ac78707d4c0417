//! Defines the recursion of Armitage, McPherson and Rowe (1969): where a Brownian motion is while it has not crossed.
//!
//! It refuses nothing: arguments are checked where designs are.

use crate::stats::distribution::normal;

/// Ten-point Gauss–Legendre nodes above zero with their weights (Abramowitz and Stegun, table 25.4).
const NODES: [(f64, f64); 5] = [
    (0.148_874_338_981_631_2, 0.295_524_224_714_752_9),
    (0.433_395_394_129_247_2, 0.269_266_719_309_996_3),
    (0.679_409_568_299_024_4, 0.219_086_362_515_982_1),
    (0.865_063_366_688_984_5, 0.149_451_349_150_580_6),
    (0.973_906_528_517_171_7, 0.066_671_344_308_688_1),
];

/// A spending below this is not told from none.
const SMALLEST_SPENT: f64 = 1e-300;

/// The largest bound, at the smallest spending that counts.
const LARGEST_BOUND: f64 = 37.047_096_499_407_2;

/// Mass of the paths that have not crossed, by where they are at one look.
pub(super) struct Paths(Vec<(f64, f64)>);

impl Paths {
    /// All paths, at zero.
    pub(super) fn start() -> Self {
        Self(vec![(0.0, 1.0)])
    }

    /// The share of all paths that is above `height` a step later.
    fn above(&self, height: f64, deviation: f64) -> f64 {
        let tail = |(at, mass): &(f64, f64)| mass * normal::upper_tail((height - at) / deviation);
        self.0.iter().map(tail).sum()
    }

    /// The density at `height` a step later.
    fn density(&self, height: f64, deviation: f64) -> f64 {
        let term = |(at, mass): &(f64, f64)| {
            let z = (height - at) / deviation;
            mass * libm::exp(-0.5 * z * z)
        };
        let sum: f64 = self.0.iter().map(term).sum();
        sum / (deviation * libm::sqrt(2.0 * std::f64::consts::PI))
    }

    /// The bound, as a z value at information `at`, that a share `spent` of all paths crosses upwards a step later.
    ///
    /// Newton's method on the logarithm of the share, which is concave in the bound because the densities are
    /// log-concave; from the quantile that ignores earlier looks it comes down to the root from above.
    pub(super) fn bound(&self, spent: f64, at: f64, deviation: f64) -> f64 {
        if spent < SMALLEST_SPENT {
            return LARGEST_BOUND;
        }
        let scale = libm::sqrt(at);
        let mut bound = normal::upper_quantile(spent.min(0.5));
        for _ in 0..100 {
            let share = self.above(bound * scale, deviation);
            let slope = scale * self.density(bound * scale, deviation) / share;
            let step = libm::log(share / spent) / slope;
            let next = (bound + step).max(0.0);
            if !next.is_finite() {
                break;
            }
            // Steps square: after one this small only the rounding of the sums is left.
            let settled = (next - bound).abs() <= 1e-9 * bound;
            bound = next;
            if settled {
                break;
            }
        }
        bound
    }

    /// The paths that are still between ± `height` a step later, on panels no wider than `width`.
    pub(super) fn within(&self, height: f64, deviation: f64, width: f64) -> Self {
        let panels = libm::ceil(2.0 * height / width).clamp(1.0, 1e5);
        let half = height / panels;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "between 1 and 1e5, just above"
        )]
        let panels = panels as u32;
        let mut paths = Vec::with_capacity(panels as usize * 2 * NODES.len());
        for panel in 0..panels {
            let centre = (2.0 * f64::from(panel) + 1.0) * half - height;
            let below = NODES.iter().rev().map(|(node, weight)| (-node, weight));
            for (node, weight) in below.chain(NODES.iter().map(|(node, weight)| (*node, weight))) {
                let at = centre + half * node;
                paths.push((at, half * weight * self.density(at, deviation)));
            }
        }
        Self(paths)
    }
}
