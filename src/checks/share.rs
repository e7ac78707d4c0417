//! Defines how checks ask whether shares of units differ between variants, and how they correct for asking often.

use super::{Context, wording};
use crate::domain::definition::{Correction, Epoch};
use crate::domain::evidence::ByVariant;
use crate::domain::result::{Absence, PValue};
use crate::stats::{
    EpochCounts, RateStratum, adjusted_p_values, equal_rates, equal_rates_within, sample_ratio,
};

/// One variant whose share was tested against control's.
#[derive(Debug, Clone, Copy)]
pub(super) struct Differing {
    /// Its position among those given.
    pub(super) variant: usize,
    /// The p-value, Holm over the variants.
    pub(super) p: PValue,
    /// Its share.
    pub(super) rate: f64,
    /// Control's share.
    pub(super) control: f64,
}

impl Differing {
    /// Share over control's share, less one; infinite where control has none.
    pub(super) fn relative(&self) -> f64 {
        self.rate / self.control - 1.0
    }

    /// What differs, in words.
    pub(super) fn sentence(&self, context: &Context<'_>) -> String {
        format!(
            "{} in {} against {} in {}: it differs between variants (p = {})",
            wording::percent(self.rate),
            wording::label(context.variant(self.variant)),
            wording::percent(self.control),
            wording::label(context.variant(0)),
            wording::p_value(&self.p)
        )
    }
}

/// Every treatment's share against control's, which comes first; Holm over them. Those that cannot be tested are left out.
pub(super) fn all_differing(with: &[u64], of: &[u64]) -> Vec<Differing> {
    let pairs = with.iter().zip(of).enumerate();
    let Some((_, (with_control, of_control))) = pairs.clone().next() else {
        return Vec::new();
    };
    let mut tests: Vec<Differing> = pairs
        .skip(1)
        .filter_map(|(variant, (with, of))| {
            let test = equal_rates(&[*with_control, *with], &[*of_control, *of]).ok()?;
            Some(Differing {
                variant,
                p: test.p_value,
                rate: super::share(*with, *of)?,
                control: super::share(*with_control, *of_control)?,
            })
        })
        .collect();
    let adjusted = holm_p(&tests.iter().map(|test| test.p).collect::<Vec<_>>());
    for (test, p) in tests.iter_mut().zip(adjusted) {
        test.p = p;
    }
    tests
}

/// The same within epochs of weights, each with a count a variant: shares are those of epochs, weighted alike in both variants, by
/// `n_t·n_c/(n_t + n_c)`.
pub(super) fn all_differing_over(with: &[ByVariant], of: &[ByVariant]) -> Vec<Differing> {
    let width = of.first().map_or(0, Vec::len);
    let mut tests: Vec<Differing> = (1..width)
        .filter_map(|variant| {
            let strata: Vec<RateStratum> = with
                .iter()
                .zip(of)
                .map(|(with, of)| RateStratum {
                    control: (*with.first().unwrap_or(&0), *of.first().unwrap_or(&0)),
                    treatment: (
                        *with.get(variant).unwrap_or(&0),
                        *of.get(variant).unwrap_or(&0),
                    ),
                })
                .collect();
            let (rate, control) = standardised(&strata)?;
            Some(Differing {
                variant,
                p: equal_rates_within(&strata).ok()?,
                rate,
                control,
            })
        })
        .collect();
    let adjusted = holm_p(&tests.iter().map(|test| test.p).collect::<Vec<_>>());
    for (test, p) in tests.iter_mut().zip(adjusted) {
        test.p = p;
    }
    tests
}

/// The shares of treatment and control over strata, weighted alike.
#[expect(clippy::cast_precision_loss, reason = "unit counts are far below 2^53")]
fn standardised(strata: &[RateStratum]) -> Option<(f64, f64)> {
    let (mut weights, mut treated, mut controlled) = (0.0, 0.0, 0.0);
    for stratum in strata {
        let (n_c, n_t) = (stratum.control.1 as f64, stratum.treatment.1 as f64);
        if n_c == 0.0 || n_t == 0.0 {
            continue;
        }
        let weight = n_c * n_t / (n_c + n_t);
        weights += weight;
        treated += weight * stratum.treatment.0 as f64 / n_t;
        controlled += weight * stratum.control.0 as f64 / n_c;
    }
    (weights > 0.0).then(|| (treated / weights, controlled / weights))
}

/// The treatment whose share differs most surely from control's.
pub(super) fn differing(with: &[u64], of: &[u64]) -> Option<Differing> {
    all_differing(with, of)
        .into_iter()
        .min_by(|left, right| left.p.log10_p.total_cmp(&right.p.log10_p))
}

/// Holm's correction of several tests inside one check.
pub(super) fn holm_p(raw: &[PValue]) -> Vec<PValue> {
    adjusted_p_values(Correction::Holm, raw)
}

/// The same for tests that may be absent.
pub(super) fn holm<'a>(
    tests: impl Iterator<Item = &'a Option<Differing>>,
) -> Vec<Option<Differing>> {
    let mut tests: Vec<Option<Differing>> = tests.copied().collect();
    let raw: Vec<PValue> = tests.iter().flatten().map(|test| test.p).collect();
    for (test, p) in tests.iter_mut().flatten().zip(holm_p(&raw)) {
        test.p = p;
    }
    tests
}

/// A sample ratio test over epochs.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ratio {
    /// The p-value.
    pub(super) p: PValue,
    /// Units counted.
    pub(super) units: u64,
    /// Units that entered a variant while it had no weight.
    pub(super) unweighted: u64,
}

/// Units by epoch and variant against the epochs' weights.
///
/// # Errors
/// As [`sample_ratio`]; [`Absence::NotApplicable`] when there are not as many counts as epochs.
pub(super) fn sample_ratio_of(epochs: &[Epoch], counts: &[ByVariant]) -> Result<Ratio, Absence> {
    if epochs.len() != counts.len() {
        return Err(Absence::NotApplicable);
    }
    let counts: Vec<EpochCounts<'_>> = epochs
        .iter()
        .zip(counts)
        .map(|(epoch, units)| EpochCounts {
            units,
            weights: &epoch.weights,
        })
        .collect();
    let test = sample_ratio(&counts)?;
    Ok(Ratio {
        p: test.p_value,
        units: test.observed.iter().sum(),
        unweighted: test.left_out,
    })
}
