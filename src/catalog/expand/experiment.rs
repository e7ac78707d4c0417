//! Defines the expansion of an experiment file, all but its metrics, which other files define.

use std::collections::{BTreeMap, BTreeSet};

use super::super::document::Document;
use super::super::file::{ExperimentFile, ExposureFile, PlanFile};
use super::super::key_path::KeyPath;
use super::super::problem::{Rule, short};
use super::Surroundings;
use super::analysis::analysis;
use super::filter::filters;
use super::metric::{filled, identifier};
use super::time::{DateMeans, instant, positive_length};
use super::variants::{epochs, variants};
use crate::catalog::reference::Reference;
use crate::domain::definition::{
    DesignPlan, Eligibility, Experiment, ExposureRule, Identifier, Population, Role, TableKind,
    Timestamp,
};

/// A metric as an experiment file names it.
pub(in crate::catalog) struct WrittenReference {
    /// What was named; `None` where the text is no reference, which was reported.
    pub(in crate::catalog) reference: Option<Reference>,
    /// What it is here.
    pub(in crate::catalog) role: Role,
    /// Where it stands.
    pub(in crate::catalog) path: KeyPath,
}

/// An experiment file, expanded but for its metrics.
pub(in crate::catalog) struct ExpandedExperiment {
    /// Its id, if it has one.
    pub(in crate::catalog) id: Option<Identifier>,
    /// The experiment without metrics; `None` when something of it cannot be, which is then reported.
    pub(in crate::catalog) experiment: Option<Experiment>,
    /// Its metrics, in the order of roles.
    pub(in crate::catalog) references: Vec<WrittenReference>,
}

/// The instants of an experiment, each where it is given and sound.
pub(super) struct Times {
    pub(super) start: Option<Timestamp>,
    pub(super) end: Option<Timestamp>,
    enrol_stop: Option<Timestamp>,
}

/// The experiment that a file defines.
pub(in crate::catalog) fn experiment(
    file: &ExperimentFile,
    surroundings: &Surroundings,
    document: &mut Document,
) -> ExpandedExperiment {
    let id = file
        .id
        .as_deref()
        .and_then(|id| identifier(id, document, &KeyPath::of("id")));
    let version = file
        .version
        .and_then(|version| whole_version(version, document));
    let owner = file
        .owner
        .as_deref()
        .and_then(|owner| filled(owner, document, "owner"));
    let times = times(file, surroundings, document);
    let variants = variants(file, document);
    let epochs = epochs(file, &variants, &times, surroundings, document);
    let segments = segments(file.segments.as_deref().unwrap_or_default(), document);
    let populations = populations(file.populations.as_deref(), surroundings, document);
    let plan = plan(file.plan.as_ref(), &times, surroundings, document);
    let analysis = analysis(file, surroundings, document);
    let exposure = exposure(file.exposure.as_ref(), document);
    let eligibility = file.eligibility.as_ref().and_then(|written| {
        let path = KeyPath::of("eligibility").key("where");
        filters(&written.filters, surroundings, document, &path)
    });
    let aliases = aliases(file.also_known_as.as_deref().unwrap_or_default(), document);
    let conventions = super::workspace::conventions(file.conventions.as_ref(), document);
    let references = references(file, document);
    let sound = !document.has_errors();
    let experiment = match (&id, version, owner, file.status, &file.control) {
        (Some(id), Some(version), Some(owner), Some(status), Some(control)) if sound => {
            Some(Experiment {
                id: id.clone(),
                version,
                owner,
                status,
                hypothesis: file.hypothesis.clone(),
                start: times.start,
                end: times.end,
                enrol_stop: times.enrol_stop,
                control: control.clone(),
                variants,
                epochs,
                metrics: Vec::new(),
                segments,
                populations,
                plan,
                analysis,
                exposure,
                eligibility: Eligibility {
                    filters: eligibility.unwrap_or_default(),
                },
                aliases,
                salt: file.salt.clone(),
                conventions,
            })
        }
        _ => None,
    };
    ExpandedExperiment {
        id,
        experiment,
        references,
    }
}

fn whole_version(version: i64, document: &mut Document) -> Option<u32> {
    let found = u32::try_from(version).ok().filter(|version| *version > 0);
    if found.is_none() {
        document.error(
            Rule::BadVersion,
            &KeyPath::of("version"),
            format!("{version} is no version of an experiment"),
            "write a whole number from 1, one more for each change of design",
        );
    }
    found
}

fn times(file: &ExperimentFile, surroundings: &Surroundings, document: &mut Document) -> Times {
    let mut at = |key: &str, moment: Option<_>| {
        moment.and_then(|moment| {
            instant(
                moment,
                DateMeans::Start,
                surroundings,
                document,
                &KeyPath::of(key),
            )
        })
    };
    let times = Times {
        start: at("start", file.start),
        end: at("end", file.end),
        enrol_stop: at("enrol_stop", file.enrol_stop),
    };
    in_order(document, "start", times.start, "end", times.end);
    in_order(
        document,
        "start",
        times.start,
        "enrol_stop",
        times.enrol_stop,
    );
    if let (Some(stop), Some(end)) = (times.enrol_stop, times.end)
        && stop > end
    {
        document.error(
            Rule::TimeOrder,
            &KeyPath::of("enrol_stop"),
            format!("enrolment stops at {stop}, after the end at {end}"),
            "stop enrolment at the end or before",
        );
    }
    times
}

fn in_order(
    document: &mut Document,
    first: &str,
    early: Option<Timestamp>,
    second: &str,
    late: Option<Timestamp>,
) {
    if let (Some(early), Some(late)) = (early, late)
        && late <= early
    {
        document.error(
            Rule::TimeOrder,
            &KeyPath::of(second),
            format!("'{second}' is {late}, not after '{first}' at {early}"),
            format!("write an instant after '{first}'"),
        );
    }
}

/// Segment columns. Whether the tables have them is asked when they are read; here, only what can never be one.
/// Columns that identify or date a row.
pub(super) const KEYS: [&str; 7] = [
    "unit_id",
    "variant_id",
    "experiment_id",
    "experiment_version",
    "assigned_at",
    "exposed_at",
    "occurred_at",
];

fn segments(written: &[String], document: &mut Document) -> Vec<String> {
    let mut seen = BTreeSet::new();
    for (index, segment) in written.iter().enumerate() {
        let path = KeyPath::of("segments").index(index);
        let reason = if segment.trim().is_empty() {
            "a segment has a name"
        } else if KEYS.contains(&segment.as_str()) {
            "this column identifies or dates a row, so it breaks nothing down"
        } else if !seen.insert(segment) {
            "this segment is named twice"
        } else {
            continue;
        };
        let reason = format!("'{}' is no segment: {reason}", short(segment));
        document.error(
            Rule::UnknownSegment,
            &path,
            reason,
            "name a column of attributes, or remove it",
        );
    }
    written.to_vec()
}

fn populations(
    written: Option<&[Population]>,
    surroundings: &Surroundings,
    document: &mut Document,
) -> Vec<Population> {
    let has_exposures = surroundings.has_table_of(TableKind::Exposures);
    let Some(written) = written else {
        let both = [Population::Itt, Population::Exposed];
        return both[..if has_exposures { 2 } else { 1 }].to_vec();
    };
    let path = KeyPath::of("populations");
    if written.is_empty() && document.is_whole {
        document.error(
            Rule::BadText,
            &path,
            "no population is read out",
            "write `populations = [\"itt\"]`, or remove the key",
        );
    }
    if let Some(index) = written.iter().position(|one| *one == Population::Exposed)
        && !has_exposures
        && surroundings.is_whole
    {
        document.error(
            Rule::UnknownTable,
            &path.index(index),
            "the workspace has no table of exposures, so nobody is known to be exposed",
            "add a table `exposures` to readout.toml, or read out \"itt\" only",
        );
    }
    Population::ALL
        .iter()
        .copied()
        .filter(|population| written.contains(population))
        .collect()
}

fn plan(
    written: Option<&PlanFile>,
    times: &Times,
    surroundings: &Surroundings,
    document: &mut Document,
) -> DesignPlan {
    let Some(written) = written else {
        return DesignPlan::default();
    };
    let path = KeyPath::of("plan");
    let end = written.end.and_then(|moment| {
        instant(
            moment,
            DateMeans::Start,
            surroundings,
            document,
            &path.key("end"),
        )
    });
    if let (Some(start), Some(end)) = (times.start, end)
        && end <= start
    {
        document.error(
            Rule::TimeOrder,
            &path.key("end"),
            format!("the planned end {end} is not after the start at {start}"),
            "plan an end after the start",
        );
    }
    let mut out_of_range = |key: &str, reason: &str, fix: &str| {
        document.error(Rule::OutOfRange, &path.key(key), reason, fix);
    };
    if written
        .exposure_rate
        .is_some_and(|rate| rate <= 0.0 || rate > 1.0)
    {
        out_of_range(
            "exposure_rate",
            "a share of units lies above 0 and up to 1",
            "write a share, such as 0.6",
        );
    }
    if written.units == Some(0) {
        out_of_range(
            "units",
            "an experiment of no units has nothing to say",
            "write the planned number of units",
        );
    }
    DesignPlan {
        units: written.units,
        exposure_rate: written.exposure_rate,
        end,
    }
}

fn exposure(written: Option<&ExposureFile>, document: &mut Document) -> ExposureRule {
    let path = KeyPath::of("exposure");
    let mut length = |key: &str, text: Option<&String>| {
        text.and_then(|text| positive_length(text, document, &path.key(key)))
    };
    ExposureRule {
        types: written
            .and_then(|rule| rule.types.clone())
            .unwrap_or_default(),
        control_can_be_exposed: written
            .and_then(|rule| rule.control_can_be_exposed)
            .unwrap_or(true),
        within: length("within", written.and_then(|rule| rule.within.as_ref())),
        dedupe: length("dedupe", written.and_then(|rule| rule.dedupe.as_ref())),
    }
}

fn aliases(written: &[String], document: &mut Document) -> Vec<String> {
    let mut seen = BTreeSet::new();
    for (index, alias) in written.iter().enumerate() {
        let path = KeyPath::of("also_known_as").index(index);
        if alias.trim().is_empty() || !seen.insert(alias) {
            document.error(
                Rule::DuplicateName,
                &path,
                format!("'{}' is empty or named twice", short(alias)),
                "remove it",
            );
        }
    }
    written.to_vec()
}

fn references(file: &ExperimentFile, document: &mut Document) -> Vec<WrittenReference> {
    let lists: [(Role, &str, Option<&Vec<String>>); 4] = [
        (Role::Primary, "primary", file.primary.as_ref()),
        (Role::Secondary, "secondary", file.secondary.as_ref()),
        (Role::Guardrail, "guardrails", file.guardrails.as_ref()),
        (Role::Diagnostic, "diagnostics", file.diagnostics.as_ref()),
    ];
    let mut found = Vec::new();
    let mut roles: BTreeMap<Identifier, &str> = BTreeMap::new();
    for (role, key, names) in lists {
        for (index, text) in names.into_iter().flatten().enumerate() {
            let path = KeyPath::of(key).index(index);
            let reference = text.parse::<Reference>().ok();
            match &reference {
                None => document.error(
                    Rule::BadText,
                    &path,
                    format!("'{}' names no metric", short(text)),
                    "write a metric's id, such as revenue, or with a version, such as revenue@1",
                ),
                Some(reference) => {
                    if let Some(first) = roles.insert(reference.id.clone(), key) {
                        document.error(
                            Rule::TwoRoles,
                            &path,
                            format!("'{}' is already one of `{first}`", reference.id),
                            "keep the one role that it plays in this experiment",
                        );
                    }
                }
            }
            found.push(WrittenReference {
                reference,
                role,
                path,
            });
        }
    }
    found
}
