//! Defines effects put together from strata: post-stratification, and the epochs of a ramp.
//!
//! It refuses to compare a stratum with too few units by itself: it is said which, and what became of it.

use super::clusters::as_draws;
use super::correlated::Correlated;
use super::covariate::adjusted;
use super::ratio::ratio_of_means;
use super::sample_mean::{SampleMean, as_double, central, mean_of_quantity};
use crate::domain::definition::StratumWeights;
use crate::domain::evidence::{Layout, Moments};
use crate::domain::result::Absence;

/// A stratum needs as many units of each variant to be compared by itself.
pub const FEWEST_UNITS: u64 = 10;

/// Both variants' moments in one stratum.
#[derive(Debug, Clone, PartialEq)]
pub struct Stratum {
    /// What it is called.
    pub name: String,
    /// Control.
    pub control: Moments,
    /// Treatment.
    pub treatment: Moments,
    /// Whether moments are over clusters, their last quantity being the number of units.
    pub of_clusters: bool,
}

impl Stratum {
    /// The units of both variants.
    fn units(&self) -> f64 {
        let of = |moments: &Moments| {
            let draws = as_double(moments.units);
            let size = moments.means.last().copied();
            size.filter(|_| self.of_clusters && moments.units > 0)
                .map_or(draws, |size| draws * size)
        };
        of(&self.control) + of(&self.treatment)
    }

    /// The same with draws for units, whatever they are.
    fn drawn(&self) -> Result<Self, Absence> {
        if !self.of_clusters {
            return Ok(self.clone());
        }
        Ok(Self {
            name: self.name.clone(),
            control: as_draws(&self.control)?,
            treatment: as_draws(&self.treatment)?,
            of_clusters: false,
        })
    }
}

/// An effect over strata, not yet judged by any convention.
#[derive(Debug, Clone, PartialEq)]
pub struct Stratified {
    /// The difference and the control mean over all strata.
    pub pair: Result<Correlated, Absence>,
    /// Strata that were compared, after merging.
    pub strata: usize,
    /// Strata too thin to be compared alone, in the order given. By shares they are merged, with one more where these are too thin
    /// even together; by precision they are left out.
    pub thin: Vec<String>,
}

/// An effect over strata: Σ_s w_s Δ_s with variance Σ_s w_s²(v_ts + v_cs).
///
/// - Pooled shares, w_s = n_s/N of both variants (post-stratification; Miratrix, Sekhon and Yu 2013): these are estimated, so
///   the variance has (Σ w_s Δ_s² − Δ²)/N more, and the control mean and its covariance with Δ likewise.
/// - Precision, w_s ∝ n_t·n_c/(n_t + n_c): of a ramp, where shares would weight epochs that hardly compare anything. The
///   weights are the plan's, so they add no variance.
///
/// A ratio is Σ w_s N̄_s / Σ w_s D̄_s a variant, its units linearised there; a covariate is adjusted for within each stratum.
/// Degrees of freedom by Satterthwaite (1946) over all strata and variants. Where units nest in clusters, clusters take the place
/// of units everywhere but in the shares.
///
/// Strata with fewer than [`FEWEST_UNITS`] in a variant: by shares they are merged with each other, and with the smallest other
/// one where that is not enough; by precision they are left out.
#[must_use]
pub fn stratified(strata: &[Stratum], layout: Layout, weights: StratumWeights) -> Stratified {
    let (kept, thin) = match weights {
        StratumWeights::PooledShares => merge_thin(strata),
        StratumWeights::Precision => leave_out_thin(strata),
    };
    Stratified {
        pair: combined(&kept, layout, weights),
        strata: kept.len(),
        thin,
    }
}

/// Epochs thick enough to be compared, and the names of the others, which would weigh next to nothing. They are not merged: the
/// units of one variant would be compared with those of another time. Where none is thick enough, all are kept.
fn leave_out_thin(strata: &[Stratum]) -> (Vec<Stratum>, Vec<String>) {
    let (thin, thick): (Vec<&Stratum>, Vec<&Stratum>) =
        strata.iter().partition(|stratum| is_thin(stratum));
    if thick.is_empty() {
        return (strata.to_vec(), Vec::new());
    }
    let names = thin.iter().map(|stratum| stratum.name.clone());
    (thick.into_iter().cloned().collect(), names.collect())
}

/// Whether a stratum has too few units of a variant to be compared by itself.
fn is_thin(stratum: &Stratum) -> bool {
    smaller(stratum) < FEWEST_UNITS
}

fn smaller(stratum: &Stratum) -> u64 {
    stratum.control.units.min(stratum.treatment.units)
}

/// The difference and control mean over strata that are all thick enough.
fn combined(
    strata: &[Stratum],
    layout: Layout,
    weights: StratumWeights,
) -> Result<Correlated, Absence> {
    if strata.is_empty() {
        return Err(Absence::NoUnits);
    }
    let shares = shares(strata, weights)?;
    let strata: Vec<Stratum> = strata
        .iter()
        .map(Stratum::drawn)
        .collect::<Result<_, _>>()?;
    let pairs = pairs(&strata, layout, &shares)?;
    let units = strata.iter().fold(0, |sum: u64, stratum| {
        sum.saturating_add(stratum.control.units)
            .saturating_add(stratum.treatment.units)
    });
    let mut sum = Sum::default();
    for ((control, treatment), share) in pairs.iter().zip(&shares) {
        sum.add(control, treatment, *share);
    }
    if sum.variances == 0.0 {
        return Err(Absence::ZeroVariance);
    }
    let n = match weights {
        StratumWeights::PooledShares => as_double(units),
        StratumWeights::Precision => f64::INFINITY,
    };
    let spread = |products: f64, left: f64, right: f64| (products - left * right) / n;
    Ok(Correlated {
        difference: sum.difference,
        control: sum.control,
        difference_variance: sum.variances
            + spread(sum.difference_square, sum.difference, sum.difference).max(0.0),
        control_variance: sum.control_variances
            + spread(sum.control_square, sum.control, sum.control).max(0.0),
        covariance: spread(sum.product, sum.difference, sum.control) - sum.control_variances,
        freedom: sum.variances * sum.variances / sum.squares_over_freedom,
        units,
    })
}

/// Weighted sums over strata.
#[derive(Default)]
struct Sum {
    difference: f64,
    control: f64,
    variances: f64,
    control_variances: f64,
    squares_over_freedom: f64,
    difference_square: f64,
    control_square: f64,
    product: f64,
}

impl Sum {
    fn add(&mut self, control: &SampleMean, treatment: &SampleMean, share: f64) {
        let difference = treatment.mean - control.mean;
        self.difference += share * difference;
        self.control += share * control.mean;
        self.difference_square += share * difference * difference;
        self.control_square += share * control.mean * control.mean;
        self.product += share * difference * control.mean;
        self.control_variances += share * share * control.variance;
        for variant in [control, treatment] {
            let part = share * share * variant.variance;
            self.variances += part;
            self.squares_over_freedom += part * part / variant.freedom;
        }
    }
}

/// Weights that add up to 1.
fn shares(strata: &[Stratum], weights: StratumWeights) -> Result<Vec<f64>, Absence> {
    let raw: Vec<f64> = strata
        .iter()
        .map(|stratum| {
            let (c, t) = (
                as_double(stratum.control.units),
                as_double(stratum.treatment.units),
            );
            match weights {
                StratumWeights::PooledShares => stratum.units(),
                StratumWeights::Precision => c * t / (c + t).max(1.0),
            }
        })
        .collect();
    let total: f64 = raw.iter().sum();
    if total > 0.0 {
        Ok(raw.iter().map(|weight| weight / total).collect())
    } else {
        Err(Absence::NoUnits)
    }
}

/// The means of each stratum, adjusted where there is a covariate.
fn pairs(
    strata: &[Stratum],
    layout: Layout,
    shares: &[f64],
) -> Result<Vec<(SampleMean, SampleMean)>, Absence> {
    let of = |pick: fn(&Stratum) -> &Moments| -> Result<Vec<Moments>, Absence> {
        let moments: Vec<&Moments> = strata.iter().map(pick).collect();
        if layout.denominator {
            linearised(&moments, shares)
        } else {
            Ok(moments.into_iter().cloned().collect())
        }
    };
    let (control, treatment) = (
        of(|stratum| &stratum.control)?,
        of(|stratum| &stratum.treatment)?,
    );
    let plain = Layout {
        denominator: false,
        ..layout
    };
    control
        .iter()
        .zip(&treatment)
        .map(|(control, treatment)| {
            if layout.covariates > 0 {
                adjusted(control, treatment, plain).map(|pair| (pair.control, pair.treatment))
            } else {
                Ok((
                    SampleMean::of_quantity(control, 0)?,
                    SampleMean::of_quantity(treatment, 0)?,
                ))
            }
        })
        .collect()
}

/// Numerator and denominator of every stratum made one quantity: R + (N − R·D)/D̄ at the variant's R and D̄ over strata.
fn linearised(strata: &[&Moments], shares: &[f64]) -> Result<Vec<Moments>, Absence> {
    let over = |quantity: usize| -> Result<f64, Absence> {
        let terms = strata.iter().zip(shares);
        terms
            .map(|(moments, share)| Ok(share * mean_of_quantity(moments, quantity)?))
            .sum()
    };
    let denominator = over(1)?;
    let value = ratio_of_means(over(0)?, denominator)?;
    strata
        .iter()
        .map(|moments| {
            let own = |column: usize| -> Result<f64, Absence> {
                let product = central(moments, 0, column)? - value * central(moments, 1, column)?;
                Ok(product / denominator)
            };
            let width = moments.means.len();
            let mean = mean_of_quantity(moments, 0)? - value * mean_of_quantity(moments, 1)?;
            let mut means = vec![value + mean / denominator];
            means.extend(moments.means.iter().skip(2));
            let mut centrals = vec![(own(0)? - value * own(1)?) / denominator];
            for column in 2..width {
                centrals.push(own(column)?);
            }
            for row in 2..width {
                for column in row..width {
                    centrals.push(central(moments, row, column)?);
                }
            }
            // A difference that is only rounding may be below zero, which a variance may not.
            centrals[0] = centrals[0].max(0.0);
            Ok(Moments {
                units: moments.units,
                means,
                central: centrals,
            })
        })
        .collect()
}

/// Strata thick enough to be compared, and the names of those that were merged.
fn merge_thin(strata: &[Stratum]) -> (Vec<Stratum>, Vec<String>) {
    let (thin, mut thick): (Vec<&Stratum>, Vec<&Stratum>) =
        strata.iter().partition(|stratum| is_thin(stratum));
    let Some(first) = thin.first() else {
        return (strata.to_vec(), Vec::new());
    };
    let mut together = (*first).clone();
    let mut names: Vec<String> = vec![first.name.clone()];
    let mut join = |stratum: &Stratum| {
        together.control = merged(&together.control, &stratum.control);
        together.treatment = merged(&together.treatment, &stratum.treatment);
        names.push(stratum.name.clone());
        smaller(&together)
    };
    let mut units = smaller(first);
    for stratum in &thin[1..] {
        units = join(stratum);
    }
    if units < FEWEST_UNITS
        && let Some(smallest) = (0..thick.len()).min_by_key(|index| smaller(thick[*index]))
    {
        join(thick.remove(smallest));
    }
    let mut kept: Vec<Stratum> = thick.into_iter().cloned().collect();
    kept.push(together);
    (kept, names)
}

/// Moments of two disjoint groups together (Chan, Golub and LeVeque 1983).
fn merged(left: &Moments, right: &Moments) -> Moments {
    if left.units == 0 {
        return right.clone();
    }
    if right.units == 0 {
        return left.clone();
    }
    let (n, m) = (as_double(left.units), as_double(right.units));
    let gap: Vec<f64> = left
        .means
        .iter()
        .zip(&right.means)
        .map(|(l, r)| r - l)
        .collect();
    let mut pairs = gap
        .iter()
        .enumerate()
        .flat_map(|(row, one)| gap[row..].iter().map(move |other| one * other));
    Moments {
        units: left.units.saturating_add(right.units),
        means: left
            .means
            .iter()
            .zip(&gap)
            .map(|(mean, gap)| mean + gap * (m / (n + m)))
            .collect(),
        central: left
            .central
            .iter()
            .zip(&right.central)
            .map(|(l, r)| l + r + pairs.next().unwrap_or(0.0) * (n * m / (n + m)))
            .collect(),
    }
}
