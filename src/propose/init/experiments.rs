//! Guesses the experiments of a workspace from its assignments: variants, control, start; never the weights.

use std::collections::BTreeMap;

use super::census::{Census, MOST_EXPERIMENTS, Version};
use super::tables::say;
use crate::catalog::Remarks;
use crate::domain::definition::{
    Analysis, DesignPlan, Eligibility, Experiment, ExperimentStatus, ExposureRule, Identifier,
    Timestamp,
};
use crate::propose::names::{control_among, identifier};
use crate::propose::quick::Guess;
use crate::source::Escaped;

/// Variants that an experiment can have.
const MOST_VARIANTS: usize = 64;
/// The largest sum of whole weights that is still a simple ratio: with larger ones a split that is broken has one too.
const SIMPLE: u64 = 10;
/// How far a share may be from that of a simple ratio.
const NEAR: f64 = 0.01;

/// An experiment that is proposed, with what is said in its file.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct ProposedExperiment {
    pub(super) experiment: Experiment,
    pub(super) remarks: Remarks,
}

/// What all of them share.
pub(super) struct Shared<'s> {
    /// What an experiment is called that has no name in its table.
    pub(super) name: &'s str,
    pub(super) owner: &'s str,
    pub(super) time_zone: Option<&'s str>,
    pub(super) segments: &'s [String],
}

/// The experiments of a census, and the labels of the table that are another spelling of one of its variants.
pub(super) fn experiments(
    census: &Census,
    shared: &Shared<'_>,
    guesses: &mut Vec<Guess>,
    left: &mut Vec<String>,
) -> (Vec<ProposedExperiment>, BTreeMap<String, String>) {
    say_what_was_not_counted(census, left);
    let mut newest: BTreeMap<&str, (u32, &Version)> = BTreeMap::new();
    for ((name, number), version) in &census.versions {
        // Versions come in order, so the last one met is the newest.
        if let Some((older, before)) = newest.insert(name, (*number, version)) {
            let rows: u64 = before.rows.values().sum();
            left.push(format!(
                "version {older} of experiment '{}' with {rows} rows: a workspace defines one version at a time, here {number}",
                Escaped(name)
            ));
        }
    }
    let mut twins = BTreeMap::new();
    let mut taken = Vec::new();
    let mut found = Vec::new();
    for (name, (number, version)) in newest {
        let shown = if name.is_empty() { shared.name } else { name };
        let rows = spelled_alike(&version.rows, &mut twins);
        if !(2..=MOST_VARIANTS).contains(&rows.len()) {
            let count = rows.len();
            left.push(format!(
                "experiment '{}' has {count} variant labels, and one needs 2 to {MOST_VARIANTS}",
                Escaped(shown)
            ));
            continue;
        }
        let id = identifier(shown, &taken);
        taken.push(id.to_string());
        let aliases = (id.as_str() != name && !name.is_empty()).then(|| name.to_owned());
        let (control, variants) = control(id.as_str(), &rows, guesses);
        let mut remarks = Remarks::default();
        let start = start(
            id.as_str(),
            version,
            shared.time_zone,
            &mut remarks,
            guesses,
        );
        weights(id.as_str(), &variants, &rows, &mut remarks, guesses);
        remarks.beside("status", "draft | running | ramping | paused | concluded");
        let experiment = Experiment {
            version: number,
            start,
            aliases: aliases.into_iter().collect(),
            ..draft(id, control, variants, shared)
        };
        found.push(ProposedExperiment {
            experiment,
            remarks,
        });
    }
    (found, twins)
}

/// An experiment of which nothing else is known.
fn draft(
    id: Identifier,
    control: String,
    variants: Vec<String>,
    shared: &Shared<'_>,
) -> Experiment {
    Experiment {
        id,
        version: 1,
        owner: shared.owner.to_owned(),
        status: ExperimentStatus::Draft,
        hypothesis: None,
        start: None,
        end: None,
        enrol_stop: None,
        control,
        variants,
        epochs: Vec::new(),
        metrics: Vec::new(),
        segments: shared.segments.to_vec(),
        // Whichever the tables tell of.
        populations: Vec::new(),
        plan: DesignPlan::default(),
        analysis: Analysis::default(),
        exposure: ExposureRule {
            types: Vec::new(),
            control_can_be_exposed: true,
            within: None,
            dedupe: None,
        },
        eligibility: Eligibility::default(),
        aliases: Vec::new(),
        salt: None,
        conventions: BTreeMap::new(),
    }
}

fn say_what_was_not_counted(census: &Census, left: &mut Vec<String>) {
    if census.blank > 0 {
        left.push(format!(
            "{} assignment rows without an experiment or a variant",
            census.blank
        ));
    }
    if census.odd_versions > 0 {
        left.push(format!(
            "{} assignment rows whose experiment_version is no whole number from 1",
            census.odd_versions
        ));
    }
    if census.too_many {
        left.push(format!(
            "experiments beyond the first {MOST_EXPERIMENTS}, or labels beyond the first 200 of one: is another column the experiment?"
        ));
    }
}

/// Rows by label, those that differ in case or surrounding spaces put together under the commonest; `twins` learns which.
fn spelled_alike(
    rows: &BTreeMap<String, u64>,
    twins: &mut BTreeMap<String, String>,
) -> BTreeMap<String, u64> {
    let mut alike: BTreeMap<String, Vec<(&String, u64)>> = BTreeMap::new();
    for (label, rows) in rows {
        let folded = label.trim().to_lowercase();
        alike.entry(folded).or_default().push((label, *rows));
    }
    let mut together = BTreeMap::new();
    for labels in alike.into_values() {
        // The first in order of those that have most rows.
        let Some((best, _)) = labels.iter().rev().max_by_key(|(_, rows)| *rows) else {
            continue;
        };
        for (label, _) in labels.iter().filter(|(label, _)| label != best) {
            twins.insert((*label).clone(), (*best).clone());
        }
        together.insert((*best).clone(), labels.iter().map(|(_, rows)| rows).sum());
    }
    together
}

/// The control, and the variants with it at their head.
fn control(
    id: &str,
    rows: &BTreeMap<String, u64>,
    guesses: &mut Vec<Guess>,
) -> (String, Vec<String>) {
    let labels: Vec<String> = rows.keys().cloned().collect();
    let first = labels.first().cloned().unwrap_or_default();
    let (control, reason) = match control_among(&labels) {
        Some((label, reason)) => (label.clone(), reason),
        None => (
            first,
            "no label means control, so it is the first in order: confirm it",
        ),
    };
    say(guesses, format!("control of {id}"), &control, reason);
    let mut variants = vec![control.clone()];
    variants.extend(labels.into_iter().filter(|label| *label != control));
    (control, variants)
}

/// The first instant of the day of the first assignment.
fn start(
    id: &str,
    version: &Version,
    time_zone: Option<&str>,
    remarks: &mut Remarks,
    guesses: &mut Vec<Guess>,
) -> Option<Timestamp> {
    let first = version.first?;
    let start = start_of_day(first, time_zone)?;
    let zone = time_zone.unwrap_or("UTC");
    say(
        guesses,
        format!("start of {id}"),
        &start.to_string(),
        format!("the first assignment is at {first}; the day began then in {zone}"),
    );
    remarks.beside("start", "a guess: the day of the first assignment");
    Some(start)
}

/// The first instant of the day of `at` in a zone, UTC where none is known.
pub(super) fn start_of_day(at: Timestamp, time_zone: Option<&str>) -> Option<Timestamp> {
    let zone = jiff::tz::TimeZoneDatabase::bundled()
        .get(time_zone.unwrap_or("UTC"))
        .ok()?;
    let local = jiff::Timestamp::from_microsecond(at.0).ok()?.to_zoned(zone);
    let start = local.start_of_day().ok()?;
    Some(Timestamp(start.timestamp().as_microsecond()))
}

/// Leaves the weights out, and says which ratio the rows are near.
fn weights(
    id: &str,
    variants: &[String],
    rows: &BTreeMap<String, u64>,
    remarks: &mut Remarks,
    guesses: &mut Vec<Guess>,
) {
    let counts: Vec<u64> = variants
        .iter()
        .map(|label| rows.get(label).copied().unwrap_or(0))
        .collect();
    remarks.above(
        "variants",
        "Say the weights that were planned: without them the sample ratio is not tested, and taken from the data they test nothing.",
    );
    let reason = "weights are declared, never taken from the data that they test";
    let subject = format!("weights of {id}");
    let Some(ratio) = simple_ratio(&counts) else {
        say(
            guesses,
            subject,
            "left out",
            format!("{reason}; the rows are near no simple ratio"),
        );
        return;
    };
    let pairs: Vec<String> = variants
        .iter()
        .zip(&ratio)
        .map(|(label, weight)| format!("{} = {weight}", toml_key(label)))
        .collect();
    remarks.above("variants", format!("variants = {{ {} }}", pairs.join(", ")));
    let ratio: Vec<String> = ratio.iter().map(ToString::to_string).collect();
    let reason = format!(
        "{reason}; the rows are near {}, which the file proposes in a comment",
        ratio.join(" : ")
    );
    say(guesses, subject, "left out", reason);
}

/// A label as a key of TOML.
fn toml_key(label: &str) -> String {
    let is_bare = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    if !label.is_empty() && label.bytes().all(is_bare) {
        label.to_owned()
    } else {
        format!("\"{}\"", label.replace('\\', "\\\\").replace('"', "\\\""))
    }
}

/// The smallest whole weights whose shares are those of `counts`, within one point; `None` where only large ones are.
pub(super) fn simple_ratio(counts: &[u64]) -> Option<Vec<u64>> {
    let total: u64 = counts.iter().sum();
    if total == 0 || counts.contains(&0) {
        return None;
    }
    #[expect(clippy::cast_precision_loss, reason = "a rough share")]
    let shares: Vec<f64> = counts
        .iter()
        .map(|count| *count as f64 / total as f64)
        .collect();
    (counts.len() as u64..=SIMPLE).find_map(|sum| {
        #[expect(
            clippy::cast_precision_loss,
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "small whole numbers"
        )]
        let weights: Vec<u64> = shares
            .iter()
            .map(|share| (share * sum as f64).round() as u64)
            .collect();
        #[expect(clippy::cast_precision_loss, reason = "small whole numbers")]
        let is_near = weights
            .iter()
            .zip(&shares)
            .all(|(weight, share)| (*weight as f64 / sum as f64 - share).abs() <= NEAR);
        let is_whole = weights.iter().sum::<u64>() == sum && !weights.contains(&0);
        (is_near && is_whole).then_some(weights)
    })
}
