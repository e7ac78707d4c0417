//! Turns a [`Summary`] into a [`Readout`]: effects, checks, trust, verdict, in this order.
//!
//! Pure: no file, no clock, no row. It refuses to choose a convention: every choice comes in with the [`Request`].

mod alternatives;
mod beside;
mod drill_down;
mod effects;
mod header;
mod method;
mod over_time;
mod segments;
mod suppression;
#[cfg(test)]
mod tests;
mod trust;
mod verdict;
mod view;
mod whole;

pub use crate::checks::PlannedMetric;
use crate::checks::{self, Context};
use crate::domain::definition::{
    Choice, ContractRule, ConventionSource, Conventions, Correction, Experiment, Privacy, Role,
    SequentialFamily, Thresholds,
};
use crate::domain::evidence::Summary;
use crate::domain::result::{
    Companion, CompanionKind, CompanionScale, MetricReadout, PValue, Provenance, Readout,
    SCHEMA_VERSION,
};
use crate::domain::{definition::Population, evidence::Slice};
use crate::stats::{corrected_family, simultaneous};

/// What is to be read out, and by which choices: everything but the data.
#[derive(Debug, Clone)]
pub struct Request<'a> {
    /// The experiment.
    pub experiment: &'a Experiment,
    /// Its metrics, in the order of [`Summary::layouts`].
    pub metrics: &'a [PlannedMetric<'a>],
    /// The conventions in force.
    pub conventions: Conventions,
    /// Each of them in words, with its reason.
    pub choices: Vec<Choice>,
    /// The thresholds of the checks.
    pub thresholds: Thresholds,
    /// The rules of the data contract about the tables that were read.
    pub contract: &'a [ContractRule],
    /// What protects single people.
    pub privacy: Privacy,
    /// Where the readout comes from. Its as-of and enrolment are replaced by the summary's, which know better.
    pub provenance: Provenance,
    /// Other experiments whose units the same salt splits, by id.
    pub same_salt: &'a [String],
    /// Why it is exploratory, where it is: then it has no verdict.
    pub exploratory: Option<String>,
    /// Whether the sample ratio is diagnosed where no check of it warns or fails, too.
    pub diagnose: bool,
}

/// How much of a metric is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Extent {
    /// All of it.
    Everything,
    /// What verdicts follow from: the headline on the whole, and nothing beside it.
    Headlines,
}

/// Makes the whole readout.
#[must_use]
pub fn assemble(request: &Request<'_>, summary: &Summary) -> Readout {
    let mut metrics: Vec<MetricReadout> = (0..request.metrics.len())
        .filter_map(|position| effects::metric(request, summary, position))
        .collect();
    correct_primary_family(&mut metrics, &request.conventions);
    segments::correct(&mut metrics);
    let mut done = checks::run(&context(request, summary, &metrics));
    trust::mark(request.experiment, &done, &mut metrics);
    let context = context(request, summary, &metrics);
    let contract = checks::contract_outcomes(&context);
    let verdicts = verdict::all(&context, &done, request.exploratory.as_deref());
    let alternatives = alternatives::of(request, &context, &done, &verdicts);
    let diagnosis = drill_down::add(request, &context, &mut done);
    // A stable sort: within a role, the plan's order.
    metrics.sort_by_key(|metric| metric.role);
    let mut provenance = request.provenance.clone();
    provenance.as_of = summary.as_of.clone();
    provenance.enrolment = summary.enrolment;
    Readout {
        schema_version: SCHEMA_VERSION,
        experiment: header::experiment(request.experiment),
        provenance,
        conventions: request.conventions,
        choices: choices(request),
        thresholds: request.thresholds,
        exploratory: request.exploratory.clone(),
        verdicts,
        checks: done,
        diagnosis,
        units: header::units(request, summary),
        metrics,
        alternatives,
        ledgers: summary.ledgers.clone(),
        contract,
    }
}

/// The choices in words, with what was chosen because nobody said.
fn choices(request: &Request<'_>) -> Vec<Choice> {
    let mut choices = request.choices.clone();
    let conventions = &request.conventions;
    let untuned = conventions.sequential == SequentialFamily::ConfidenceSequence
        && conventions.sequential_units.is_none()
        && request.experiment.plan.units.is_none();
    let automatic = choices
        .iter_mut()
        .find(|choice| untuned && choice.name == "sequential-units");
    if let Some(choice) = automatic {
        choice.value = method::UNPLANNED_UNITS.to_string();
        choice.source = ConventionSource::Automatic;
        "the experiment plans no number of units".clone_into(&mut choice.reason);
    }
    choices
}

fn context<'a>(
    request: &'a Request<'a>,
    summary: &'a Summary,
    effects: &'a [MetricReadout],
) -> Context<'a> {
    Context {
        experiment: request.experiment,
        metrics: request.metrics,
        conventions: &request.conventions,
        same_salt: request.same_salt,
        min_cell: request.privacy.min_cell,
        thresholds: &request.thresholds,
        contract: request.contract,
        summary,
        effects,
    }
}

/// The populations of a readout: itt always, as it is the headline, then those the experiment asks for.
fn populations(experiment: &Experiment) -> Vec<Population> {
    let mut populations = vec![Population::Itt];
    for population in &experiment.populations {
        if !populations.contains(population) {
            populations.push(*population);
        }
    }
    populations
}

/// Corrects the p-values of the primary family: primary metrics × treatment variants, on all of itt, where there is a p. Bonferroni's
/// has intervals that hold together, which stand beside.
fn correct_primary_family(metrics: &mut [MetricReadout], conventions: &Conventions) {
    let mut family: Vec<_> = metrics
        .iter_mut()
        .filter(|metric| metric.role == Role::Primary)
        .flat_map(|metric| &mut metric.effects)
        .filter(|effect| effect.population == Population::Itt && effect.slice == Slice::All)
        .filter_map(|effect| {
            let p = effect.absolute.value()?.p_value;
            Some((effect, p))
        })
        .collect();
    let raw: Vec<PValue> = family.iter().map(|(_, p)| *p).collect();
    for ((effect, _), corrected) in family.iter_mut().zip(corrected_family(&raw, conventions)) {
        effect.corrected = Some(corrected);
        if let Some(estimate) = effect.absolute.value()
            && conventions.correction == Correction::Bonferroni
            && raw.len() > 1
        {
            effect.companions.push(Companion {
                kind: CompanionKind::Simultaneous,
                subject: None,
                scale: CompanionScale::Absolute,
                estimate: simultaneous(estimate, raw.len(), conventions).into(),
            });
        }
    }
}
