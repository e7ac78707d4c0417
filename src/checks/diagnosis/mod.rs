//! Defines the diagnosis of a sample ratio mismatch: from counts and checks to stages, rules, causes and bounds.
//!
//! The rules are those of Fabijan et al. (KDD 2019), see [`crate::domain::result::DiagnosisRule`]. Pure: no row, and no level
//! or day that is withheld is named.

mod bounds;
mod causes;
mod rules;
mod stages;

use super::breakdown::SplitLines;
use super::{Context, wording};
use crate::domain::definition::Population;
use crate::domain::result::{
    BreakdownCounts, Check, CheckId, CheckStatus, Diagnosis, SplitStage, StageSplit,
};

/// The checks whose failure is a mismatch.
const SAMPLE_RATIO_CHECKS: [CheckId; 3] = [
    CheckId::SampleRatio,
    CheckId::SampleRatioSequential,
    CheckId::SampleRatioExposed,
];

/// The sample ratio checks that warn or fail.
#[must_use]
pub fn mismatches(done: &[Check]) -> Vec<CheckId> {
    let shown = done.iter().filter(|check| {
        SAMPLE_RATIO_CHECKS.contains(&check.id)
            && matches!(check.status, CheckStatus::Warn | CheckStatus::Fail)
    });
    shown.map(|check| check.id).collect()
}

/// The population in which a mismatch begins; intention to treat where none does.
#[must_use]
pub fn population_of_mismatch(context: &Context<'_>) -> Population {
    match stages::begins(&stages::of(context)) {
        Some(SplitStage::Exposed) => Population::Exposed,
        _ => Population::Itt,
    }
}

/// Diagnoses a mismatch, given the levels and days of the population in which it begins.
#[must_use]
pub fn diagnosis(context: &Context<'_>, done: &[Check], lines: SplitLines) -> Diagnosis {
    let stages = stages::of(context);
    let begins = stages::begins(&stages);
    let scene = Scene {
        context,
        done,
        begins,
        stages: &stages,
        lines: &lines,
        shortfalls: shortfalls(&stages, begins),
    };
    let rules = rules::all(&scene);
    let causes = causes::ranked(&scene, &rules);
    let bounds = bounds::of(context, lines.population);
    Diagnosis {
        shown_by: mismatches(done),
        variants: context.variants().to_vec(),
        begins,
        population: lines.population,
        segments: lines.segments,
        days: lines.days,
        rules,
        causes,
        bounds,
        stages,
    }
}

/// What rules and causes look at.
struct Scene<'a> {
    context: &'a Context<'a>,
    done: &'a [Check],
    begins: Option<SplitStage>,
    stages: &'a [StageSplit],
    lines: &'a SplitLines,
    /// The share of its planned units that each variant lacks, at the stage where the mismatch begins.
    shortfalls: Vec<f64>,
}

impl Scene<'_> {
    /// The check, where it warns or fails.
    fn raised(&self, id: CheckId) -> Option<&Check> {
        self.done.iter().find(|check| {
            check.id == id && matches!(check.status, CheckStatus::Warn | CheckStatus::Fail)
        })
    }

    /// The variant that lacks the largest share of its units, and that share.
    fn lacking(&self) -> Option<(usize, f64)> {
        let shares = self.shortfalls.iter().copied().enumerate();
        shares
            .max_by(|left, right| left.1.total_cmp(&right.1).then(right.0.cmp(&left.0)))
            .filter(|(_, share)| *share > 0.0)
    }

    /// The variant that lacks units, as a sentence calls it.
    fn lacking_name(&self) -> String {
        self.lacking().map_or_else(String::new, |(variant, _)| {
            wording::label(self.context.variant(variant))
        })
    }
}

/// The share of its planned units that each variant lacks, were the one that has most of its own complete.
fn shortfalls(stages: &[StageSplit], begins: Option<SplitStage>) -> Vec<f64> {
    let wanted = begins.unwrap_or(SplitStage::Itt);
    let stage = stages.iter().find(|stage| stage.stage == wanted);
    let Some(BreakdownCounts {
        counts,
        expected: Some(expected),
        ..
    }) = stage.and_then(|stage| stage.found.value())
    else {
        return Vec::new();
    };
    #[expect(clippy::cast_precision_loss, reason = "unit counts are far below 2^53")]
    let ratios: Vec<f64> = counts
        .iter()
        .zip(expected)
        .map(|(units, expected)| {
            if *expected > 0.0 {
                *units as f64 / expected
            } else {
                f64::NAN
            }
        })
        .collect();
    let most = ratios.iter().copied().fold(0.0, f64::max);
    let lacks = |ratio: &f64| {
        if ratio.is_finite() && most > 0.0 {
            1.0 - ratio / most
        } else {
            0.0
        }
    };
    ratios.iter().map(lacks).collect()
}
