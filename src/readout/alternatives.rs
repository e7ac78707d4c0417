//! Defines what would come out under other conventions, one changed at a time, and which of them would flip the verdict.
//!
//! It refuses conventions that need the data again: they are asked for on the command line.

use super::{Request, assemble_wholes};
use crate::domain::definition::{
    Application, Conventions, Correction, Population, ProportionMethod, RampMethod,
    ReferenceDistribution, RelativeMethod, Role, SequentialFamily, SlopeForm, VarianceForm,
};
use crate::domain::evidence::Summary;
use crate::domain::result::{
    Alternative, AlternativeEffect, AlternativeOutcome, Effect, Readout, Verdict, VerdictWord,
};

/// One convention changed.
type Change = (&'static str, String, Conventions);

/// What comes out under each other convention that moves anything.
pub(super) fn of(request: &Request<'_>, summary: &Summary, now: &Readout) -> Vec<Alternative> {
    changes(request, summary)
        .into_iter()
        .map(|(convention, value, conventions)| {
            let request = Request {
                conventions,
                ..request.clone()
            };
            let other = assemble_wholes(&request, summary);
            Alternative {
                convention: convention.to_owned(),
                value,
                outcomes: outcomes(now, &other),
            }
        })
        .filter(|other| {
            let mut outcomes = other.outcomes.iter();
            outcomes.any(|outcome| outcome.flips || !outcome.effects.is_empty())
        })
        .collect()
}

fn outcomes(now: &Readout, other: &Readout) -> Vec<AlternativeOutcome> {
    let word = |verdicts: &[Verdict], variant: &str| {
        let found = verdicts.iter().find(|verdict| verdict.variant == variant);
        found.map_or(VerdictWord::None, |verdict| verdict.word)
    };
    now.verdicts
        .iter()
        .map(|verdict| {
            let verdict_there = word(&other.verdicts, &verdict.variant);
            AlternativeOutcome {
                variant: verdict.variant.clone(),
                verdict: verdict_there,
                flips: verdict_there != verdict.word,
                effects: moved(now, other, &verdict.variant),
            }
        })
        .collect()
}

/// Effects on the whole of itt that are others there, of metrics that decide.
fn moved(now: &Readout, other: &Readout, variant: &str) -> Vec<AlternativeEffect> {
    let decides = |role: Role| role != Role::Diagnostic;
    let pairs = now.metrics.iter().filter(|metric| decides(metric.role));
    pairs
        .filter_map(|metric| {
            let there = other.metrics.iter().find(|found| found.id == metric.id)?;
            let here = metric.overall(Population::Itt, variant)?;
            let there = there.overall(Population::Itt, variant)?;
            let same = |one: &Effect, two: &Effect| {
                one.absolute == two.absolute && one.relative == two.relative
            };
            (!same(here, there)).then(|| AlternativeEffect {
                metric: metric.id.to_string(),
                absolute: there.absolute.clone(),
                relative: there.relative.clone(),
            })
        })
        .collect()
}

/// Every other convention that applies to this readout and needs no row again.
fn changes(request: &Request<'_>, summary: &Summary) -> Vec<Change> {
    let now = request.conventions;
    let mut all: Vec<Change> = Vec::new();
    let mut add = |name, value: &str, other: Conventions| {
        if other != now {
            all.push((name, value.to_owned(), other));
        }
    };
    for variance in VarianceForm::ALL.iter().copied() {
        add("variance", variance.name(), Conventions { variance, ..now });
    }
    for reference in ReferenceDistribution::ALL.iter().copied() {
        let other = Conventions { reference, ..now };
        add("reference", reference.name(), other);
    }
    for relative in RelativeMethod::ALL.iter().copied() {
        add("relative", relative.name(), Conventions { relative, ..now });
    }
    if has_a_family(request) {
        for correction in Correction::ALL.iter().copied() {
            let other = Conventions { correction, ..now };
            add("correction", correction.name(), other);
        }
    }
    if summary.layouts.iter().any(|layout| layout.covariates > 0) {
        for slope in SlopeForm::ALL.iter().copied() {
            add("slope", slope.name(), Conventions { slope, ..now });
        }
        for covariate in Application::ALL.iter().copied() {
            let other = Conventions { covariate, ..now };
            add("covariate", covariate.name(), other);
        }
    }
    if request
        .metrics
        .iter()
        .any(|planned| planned.definition.kind.is_share())
    {
        for method in [
            None,
            Some(ProportionMethod::ChiSquare),
            Some(ProportionMethod::ChiSquareYates),
            Some(ProportionMethod::MiettinenNurminen),
        ] {
            let value = method.map_or("as-means", ProportionMethod::name);
            let proportions = method;
            add("proportions", value, Conventions { proportions, ..now });
        }
    }
    let experiment = request.experiment;
    let applications = Application::ALL.iter().copied();
    if experiment.analysis.cluster.is_some() {
        for clusters in applications.clone() {
            add("clusters", clusters.name(), Conventions { clusters, ..now });
        }
    }
    if experiment.analysis.strata.is_some() {
        for strata in applications {
            add("strata", strata.name(), Conventions { strata, ..now });
        }
    }
    if experiment.epochs.len() > 1 {
        for ramp in RampMethod::ALL.iter().copied() {
            add("ramp", ramp.name(), Conventions { ramp, ..now });
        }
    }
    for sequential in [
        SequentialFamily::Fixed,
        SequentialFamily::ConfidenceSequence,
    ] {
        let other = Conventions { sequential, ..now };
        add("sequential", sequential.name(), other);
    }
    for level in [0.9, 0.95, 0.99] {
        add("level", &level.to_string(), Conventions { level, ..now });
    }
    all
}

/// Whether there is more than one comparison to correct for.
fn has_a_family(request: &Request<'_>) -> bool {
    let primary = request.metrics.iter();
    let primary = primary
        .filter(|planned| planned.role == Role::Primary)
        .count();
    primary * (request.experiment.variants.len() - 1) > 1
}
