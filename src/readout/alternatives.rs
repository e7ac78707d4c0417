//! Defines what would come out under other conventions, one changed at a time, and which of them would flip the verdict.
//!
//! It refuses conventions that need the data again: they are asked for on the command line. And it computes nothing twice:
//! checks stand as they are, as none that can fail looks at an effect, and so do metrics that a convention cannot reach.

use super::{Request, correct_primary_family, effects, trust, verdict};
use crate::checks::Context;
use crate::domain::definition::{
    Application, Conventions, Correction, Population, ProportionMethod, RampMethod,
    ReferenceDistribution, RelativeMethod, Role, SequentialFamily, SlopeForm, VarianceForm,
};
use crate::domain::evidence::{Slice, Summary};
use crate::domain::result::{
    Alternative, AlternativeEffect, AlternativeOutcome, Check, Effect, MetricReadout, Verdict,
};

/// One convention changed.
struct Change {
    convention: &'static str,
    value: String,
    conventions: Conventions,
    reach: Reach,
}

/// Which metrics have other effects under a changed convention, at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reach {
    /// None: what is made of their p-values changes.
    None,
    /// Those with covariates.
    Covariates,
    /// Shares of units.
    Shares,
    /// All.
    All,
}

impl Reach {
    fn holds(self, context: &Context<'_>, metric: usize) -> bool {
        let planned = context.metrics.get(metric);
        let layout = context.summary.layouts.get(metric);
        match self {
            Self::None => false,
            Self::Covariates => layout.is_some_and(|layout| layout.covariates > 0),
            Self::Shares => planned.is_some_and(|planned| planned.definition.kind.is_share()),
            Self::All => true,
        }
    }
}

/// What comes out under each other convention that moves anything. `now` are the readout's own effects, checks and verdicts.
pub(super) fn of(
    request: &Request<'_>,
    now: &Context<'_>,
    checks: &[Check],
    verdicts: &[Verdict],
) -> Vec<Alternative> {
    let wholes: Vec<MetricReadout> = (0..now.effects.len())
        .filter_map(|metric| on_the_whole(request, now, metric))
        .collect();
    changes(request, now.summary)
        .into_iter()
        .map(|change| {
            let metrics = changed(request, now, &wholes, checks, &change);
            let there = Context {
                conventions: &change.conventions,
                effects: &metrics,
                ..*now
            };
            let words = verdict::words(&there, checks, request.exploratory.as_deref());
            let outcomes = verdicts
                .iter()
                .zip(words)
                .map(|(verdict, word)| AlternativeOutcome {
                    variant: verdict.variant.clone(),
                    verdict: word,
                    flips: word != verdict.word,
                    effects: moved(now.effects, &metrics, &verdict.variant),
                });
            Alternative {
                convention: change.convention.to_owned(),
                outcomes: outcomes.collect(),
                value: change.value,
            }
        })
        .filter(|other| {
            let mut outcomes = other.outcomes.iter();
            outcomes.any(|outcome| outcome.flips || !outcome.effects.is_empty())
        })
        .collect()
}

/// A metric with its effects on the whole of itt alone, without what stands beside them.
fn on_the_whole(
    request: &Request<'_>,
    now: &Context<'_>,
    position: usize,
) -> Option<MetricReadout> {
    let planned = request.metrics.get(position)?;
    let mut whole = effects::described(planned, now.summary, position);
    let all = now.effects.get(position)?.effects.iter();
    let of_itt = all
        .filter(|effect| effect.population == Population::Itt && effect.slice == Slice::All)
        .map(|effect| Effect {
            companions: Vec::new(),
            ..effect.clone()
        });
    whole.effects.extend(of_itt);
    Some(whole)
}

/// All metrics under a changed convention: those it reaches computed anew, corrected and judged as the readout's own are.
fn changed(
    request: &Request<'_>,
    now: &Context<'_>,
    wholes: &[MetricReadout],
    checks: &[Check],
    change: &Change,
) -> Vec<MetricReadout> {
    let request = Request {
        conventions: change.conventions,
        ..request.clone()
    };
    let mut metrics: Vec<MetricReadout> = wholes
        .iter()
        .enumerate()
        .filter_map(|(position, whole)| {
            if change.reach.holds(now, position) {
                effects::headlines(&request, now.summary, position)
            } else {
                Some(whole.clone())
            }
        })
        .collect();
    correct_primary_family(&mut metrics, &change.conventions);
    trust::mark(request.experiment, checks, &mut metrics);
    metrics
}

/// Effects on the whole of itt that are others there, of metrics that decide, as a readout orders them.
fn moved(now: &[MetricReadout], there: &[MetricReadout], variant: &str) -> Vec<AlternativeEffect> {
    let decides = |metric: &MetricReadout| metric.role != Role::Diagnostic;
    let pairs = now.iter().zip(there).filter(|(metric, _)| decides(metric));
    let mut moved: Vec<(Role, AlternativeEffect)> = pairs
        .filter_map(|(metric, other)| {
            let here = metric.overall(Population::Itt, variant)?;
            let there = other.overall(Population::Itt, variant)?;
            let same = here.absolute == there.absolute && here.relative == there.relative;
            (!same).then(|| {
                let moved = AlternativeEffect {
                    metric: metric.id.to_string(),
                    absolute: there.absolute.clone(),
                    relative: there.relative.clone(),
                };
                (metric.role, moved)
            })
        })
        .collect();
    moved.sort_by_key(|(role, _)| *role);
    moved.into_iter().map(|(_, moved)| moved).collect()
}

/// Other conventions, collected.
struct Changes {
    now: Conventions,
    all: Vec<Change>,
}

impl Changes {
    fn add(&mut self, convention: &'static str, value: &str, reach: Reach, other: Conventions) {
        if other != self.now {
            self.all.push(Change {
                convention,
                value: value.to_owned(),
                conventions: other,
                reach,
            });
        }
    }
}

/// Every other convention that applies to this readout and needs no row again.
fn changes(request: &Request<'_>, summary: &Summary) -> Vec<Change> {
    let now = request.conventions;
    let mut changes = Changes {
        now,
        all: Vec::new(),
    };
    of_differences(&mut changes, request);
    if summary.layouts.iter().any(|layout| layout.covariates > 0) {
        of_covariates(&mut changes);
    }
    let mut planned = request.metrics.iter();
    if planned.any(|planned| planned.definition.kind.is_share()) {
        of_shares(&mut changes);
    }
    of_the_design(&mut changes, request);
    for sequential in [
        SequentialFamily::Fixed,
        SequentialFamily::ConfidenceSequence,
    ] {
        let other = Conventions { sequential, ..now };
        changes.add("sequential", sequential.name(), Reach::All, other);
    }
    for level in [0.9, 0.95, 0.99] {
        let other = Conventions { level, ..now };
        changes.add("level", &level.to_string(), Reach::All, other);
    }
    changes.all
}

/// How a difference and its lift are estimated, and p-values corrected.
fn of_differences(changes: &mut Changes, request: &Request<'_>) {
    let now = changes.now;
    for variance in VarianceForm::ALL.iter().copied() {
        let other = Conventions { variance, ..now };
        changes.add("variance", variance.name(), Reach::All, other);
    }
    for reference in ReferenceDistribution::ALL.iter().copied() {
        let other = Conventions { reference, ..now };
        changes.add("reference", reference.name(), Reach::All, other);
    }
    for relative in RelativeMethod::ALL.iter().copied() {
        let other = Conventions { relative, ..now };
        changes.add("relative", relative.name(), Reach::All, other);
    }
    if has_a_family(request) {
        for correction in Correction::ALL.iter().copied() {
            let other = Conventions { correction, ..now };
            changes.add("correction", correction.name(), Reach::None, other);
        }
    }
}

fn of_covariates(changes: &mut Changes) {
    let now = changes.now;
    for slope in SlopeForm::ALL.iter().copied() {
        let other = Conventions { slope, ..now };
        changes.add("slope", slope.name(), Reach::Covariates, other);
    }
    for covariate in Application::ALL.iter().copied() {
        let other = Conventions { covariate, ..now };
        changes.add("covariate", covariate.name(), Reach::Covariates, other);
    }
}

fn of_shares(changes: &mut Changes) {
    let now = changes.now;
    for proportions in [
        None,
        Some(ProportionMethod::ChiSquare),
        Some(ProportionMethod::ChiSquareYates),
        Some(ProportionMethod::MiettinenNurminen),
    ] {
        let value = proportions.map_or("as-means", ProportionMethod::name);
        let other = Conventions { proportions, ..now };
        changes.add("proportions", value, Reach::Shares, other);
    }
}

/// What only some designs have: clusters, strata, several epochs of weights.
fn of_the_design(changes: &mut Changes, request: &Request<'_>) {
    let (now, experiment) = (changes.now, request.experiment);
    let applications = Application::ALL.iter().copied();
    if experiment.analysis.cluster.is_some() {
        for clusters in applications.clone() {
            let other = Conventions { clusters, ..now };
            changes.add("clusters", clusters.name(), Reach::All, other);
        }
    }
    if experiment.analysis.strata.is_some() {
        for strata in applications {
            let other = Conventions { strata, ..now };
            changes.add("strata", strata.name(), Reach::All, other);
        }
    }
    if experiment.epochs.len() > 1 {
        for ramp in RampMethod::ALL.iter().copied() {
            let other = Conventions { ramp, ..now };
            changes.add("ramp", ramp.name(), Reach::All, other);
        }
    }
}

/// Whether there is more than one comparison to correct for.
fn has_a_family(request: &Request<'_>) -> bool {
    let primary = request.metrics.iter();
    let primary = primary
        .filter(|planned| planned.role == Role::Primary)
        .count();
    primary * (request.experiment.variants.len() - 1) > 1
}
