//! Defines the rules that hold between files: ids, versions, references, roles, governance.
//!
//! What one file alone can show is judged where it is expanded.

use std::collections::{BTreeMap, BTreeSet};

use super::document::Document;
use super::expand::WrittenReference;
use super::file::WorkspaceFile;
use super::key_path::KeyPath;
use super::load::{ExperimentDraft, MetricDraft};
use super::lookup::{Catalog, ExperimentEntry, LookupError, MetricEntry};
use super::meaning;
use super::problem::{Rule, Severity, short};
use super::reference::Reference;
use crate::domain::definition::{
    Covariate, ExperimentStatus, Identifier, MetricReference, MetricStatus, Role, TableKind,
    Version, Workspace,
};

/// Ids and versions over all metric files.
pub(super) fn metrics(drafts: &mut [MetricDraft]) {
    let mut current: BTreeMap<Identifier, (String, Option<Version>)> = BTreeMap::new();
    for draft in drafts
        .iter_mut()
        .filter(|draft| draft.superseded().is_none())
    {
        let Some(id) = draft.id.clone() else { continue };
        let version = draft.version();
        if let Some((first, _)) = current.get(&id) {
            twice(&mut draft.document, "metric", &id, first);
        } else {
            current.insert(id, (draft.document.file.clone(), version));
        }
    }
    for draft in drafts.iter_mut() {
        let Some(place) = draft.superseded().map(str::to_owned) else {
            continue;
        };
        let Some(version) = draft.version() else {
            continue;
        };
        let path = KeyPath::of("version");
        if version.to_string() != place {
            draft.document.error(
                Rule::BadVersion,
                &path,
                format!(
                    "the version {version} is not the name '{}' that the file has",
                    short(&place)
                ),
                "a superseded version stands in metrics/ID/VERSION.toml",
            );
        }
        let newest = draft.id.as_ref().and_then(|id| current.get(id));
        if let Some((file, Some(newest))) = newest
            && version >= *newest
        {
            draft.document.error(
                Rule::BadVersion,
                &path,
                format!("this version is superseded, yet not older than {newest} in {file}"),
                "give metrics/ID.toml a newer version, as `readout catalog bump` does",
            );
        }
    }
}

fn twice(document: &mut Document, noun: &str, id: &Identifier, first: &str) {
    document.error(
        Rule::DuplicateDefinition,
        &KeyPath::of("id"),
        format!("the {noun} '{id}' is already defined in {first}"),
        "give one of the two another id",
    );
}

/// Drivers that are no metric.
pub(super) fn drivers(drafts: &mut [MetricDraft]) {
    let known: BTreeSet<Identifier> = drafts.iter().flat_map(MetricDraft::names).collect();
    for draft in drafts {
        let Some(metric) = &draft.metric else {
            continue;
        };
        for (index, driver) in metric.drivers.iter().enumerate() {
            if known.contains(&driver.metric) {
                continue;
            }
            let names = known.iter().map(Identifier::as_str);
            draft.document.error(
                Rule::UnknownMetric,
                &KeyPath::of("drivers").index(index).key("metric"),
                format!("the workspace has no metric '{}'", driver.metric),
                super::problem::suggest(driver.metric.as_str(), names, "metric"),
            );
        }
    }
}

/// Ids, names and metrics over all experiments; keeps the sound ones.
pub(super) fn experiments(drafts: &mut [ExperimentDraft], catalog: &mut Catalog, strict: bool) {
    let mut found = Vec::new();
    for draft in drafts.iter_mut() {
        let document = &mut draft.document;
        if let Some(id) = &draft.expanded.id {
            if let Some(first) = catalog.experiment_files.get(id) {
                twice(document, "experiment", id, first);
            } else {
                catalog
                    .experiment_files
                    .insert(id.clone(), document.file.clone());
            }
        } else if let Some(Ok(name)) = super::load::name_in(&document.file).map(Identifier::new) {
            let file = document.file.clone();
            catalog.experiment_files.entry(name).or_insert(file);
        }
        let mut metrics = Vec::new();
        for reference in &draft.expanded.references {
            metrics.extend(used(reference, catalog, document, strict));
        }
        let is_draft = draft
            .expanded
            .experiment
            .as_ref()
            .is_none_or(|experiment| experiment.status == ExperimentStatus::Draft);
        let primary = KeyPath::of("primary");
        if !is_draft
            && !draft
                .expanded
                .references
                .iter()
                .any(|one| one.role == Role::Primary)
        {
            document.report(
                Severity::Warning,
                Rule::NoPrimary,
                &primary,
                "no primary metric decides this experiment, so it can never ship",
                "name the metric that decides, such as `primary = [\"conversion\"]`",
            );
        }
        found.push(metrics);
    }
    names(drafts, catalog);
    for (draft, metrics) in drafts.iter_mut().zip(found) {
        keep(draft, metrics, catalog);
    }
}

fn keep(draft: &ExperimentDraft, metrics: Vec<MetricReference>, catalog: &mut Catalog) {
    let Some(experiment) = &draft.expanded.experiment else {
        return;
    };
    if draft.document.has_errors() {
        return;
    }
    let mut experiment = experiment.clone();
    experiment.metrics = metrics;
    if let Ok(hash) = meaning::of_experiment(&experiment) {
        let entry = ExperimentEntry {
            hash,
            file: draft.document.file.clone(),
            experiment,
        };
        catalog
            .experiments
            .insert(entry.experiment.id.clone(), entry);
    }
}

/// Other names of an experiment that another one has too: rows would belong to both.
fn names(drafts: &mut [ExperimentDraft], catalog: &Catalog) {
    let mut owners: BTreeMap<String, String> = catalog
        .experiment_files
        .iter()
        .map(|(id, file)| (id.to_string(), file.clone()))
        .collect();
    for draft in drafts {
        let Some(experiment) = &draft.expanded.experiment else {
            continue;
        };
        for (index, alias) in experiment.aliases.iter().enumerate() {
            let file = draft.document.file.clone();
            match owners.get(alias) {
                Some(owner) if *owner != file => draft.document.error(
                    Rule::DuplicateName,
                    &KeyPath::of("also_known_as").index(index),
                    format!(
                        "'{}' is already a name of the experiment in {owner}",
                        short(alias)
                    ),
                    "give each name to one experiment only",
                ),
                _ => {
                    owners.insert(alias.clone(), file);
                }
            }
        }
    }
}

/// The metric that an experiment uses, after everything that may be wrong with using it was reported.
fn used(
    written: &WrittenReference,
    catalog: &Catalog,
    document: &mut Document,
    strict: bool,
) -> Option<MetricReference> {
    let reference = written.reference.as_ref()?;
    match catalog.resolve(reference) {
        Ok(entry) => {
            standing(written, entry, document, strict);
            explained(written, entry, document, strict);
            Some(MetricReference {
                id: entry.metric.id.clone(),
                role: written.role,
                version: entry.metric.version,
            })
        }
        Err(error) => {
            unresolved(reference, &error, &written.path, catalog, document);
            None
        }
    }
}

fn unresolved(
    reference: &Reference,
    error: &LookupError,
    path: &KeyPath,
    catalog: &Catalog,
    document: &mut Document,
) {
    let (rule, reason, fix) = match error {
        LookupError::Broken { file, .. } => (
            Rule::BrokenReference,
            format!(
                "the metric '{}' has errors of its own in {file}",
                reference.id
            ),
            "correct the metric first".to_owned(),
        ),
        LookupError::UnknownVersion { versions, .. } => (
            Rule::UnknownMetric,
            format!(
                "the metric '{}' has no version that '{reference}' names",
                reference.id
            ),
            format!("it has {versions}"),
        ),
        _ => {
            let names = catalog.metric_files.keys().map(Identifier::as_str);
            (
                Rule::UnknownMetric,
                format!("the workspace has no metric '{}'", reference.id),
                super::problem::suggest(reference.id.as_str(), names, "metric"),
            )
        }
    };
    document.error(rule, path, reason, fix);
}

/// A warning that strict governance makes an error.
fn governed(strict: bool) -> Severity {
    if strict {
        Severity::Error
    } else {
        Severity::Warning
    }
}

/// Whether the metric's status, roles and margin allow its role here.
fn standing(
    written: &WrittenReference,
    entry: &MetricEntry,
    document: &mut Document,
    strict: bool,
) {
    let (metric, role, path) = (&entry.metric, written.role, &written.path);
    let (id, status) = (&metric.id, metric.status);
    if role == Role::Primary && status != MetricStatus::Active {
        document.error(
            Rule::PrimaryNotActive,
            path,
            format!("'{id}' decides here, but its status is {status}"),
            "activate the metric, or choose another primary",
        );
    } else if status == MetricStatus::Retired {
        document.error(
            Rule::RetiredMetric,
            path,
            format!("'{id}' is retired, so it is no longer computed"),
            "remove it, or name the metric that replaced it",
        );
    } else if status != MetricStatus::Active {
        document.report(
            governed(strict),
            Rule::NotInForce,
            path,
            format!("'{id}' is in use, but its status is {status}"),
            "activate the metric, or choose another one",
        );
    }
    if !metric.eligible_as.contains(&role) {
        document.error(
            Rule::NotEligible,
            path,
            format!("'{id}' is not eligible as {role}"),
            format!(
                "add \"{role}\" to `eligible_as` in {}, or choose another metric",
                entry.file
            ),
        );
    }
    if role == Role::Guardrail && metric.margin.is_none() {
        document.error(
            Rule::NoMargin,
            path,
            format!("'{id}' has no margin, so as a guardrail it can never pass"),
            format!("add `margin = {{ relative = 0.01 }}` to {}", entry.file),
        );
    }
}

/// Whether somebody knows what the metric is for.
fn explained(
    written: &WrittenReference,
    entry: &MetricEntry,
    document: &mut Document,
    strict: bool,
) {
    let metric = &entry.metric;
    if written.role == Role::Primary && metric.decision.is_none() {
        document.report(
            governed(strict),
            Rule::NoDecision,
            &written.path,
            format!(
                "'{}' decides here, but serves no stated decision",
                metric.id
            ),
            format!("add `decision = {{ question = \"…\" }}` to {}", entry.file),
        );
    }
    if written.role == Role::Guardrail && metric.drivers.is_empty() && metric.runbook.is_none() {
        document.report(
            governed(strict),
            Rule::NoExplanation,
            &written.path,
            format!("when '{}' turns red, nobody knows where to look", metric.id),
            format!("add `drivers` or `runbook` to {}", entry.file),
        );
    }
}

/// Rules of the contract about tables that no experiment reads: they are never held to a row.
pub(super) fn unread_tables(
    file: &WorkspaceFile,
    workspace: &Workspace,
    drafts: &[ExperimentDraft],
    catalog: &Catalog,
    document: &mut Document,
) {
    // Where an experiment is broken what it reads is not known, and nothing is said.
    let is_known = |draft: &ExperimentDraft| draft.expanded.experiment.is_some();
    if drafts.is_empty() || !drafts.iter().all(is_known) {
        return;
    }
    let read = tables_read(catalog);
    for (index, rule) in file.contract.iter().flatten().enumerate() {
        let kind = workspace.tables.get(&rule.table).map(|table| table.kind);
        // Assignments and exposures are read by all, and attributes by whoever splits units by them.
        if kind == Some(TableKind::Events) && !read.contains(rule.table.as_str()) {
            document.report(
                Severity::Warning,
                Rule::UnreadTable,
                &KeyPath::of("contract").index(index).key("table"),
                format!(
                    "no metric of an experiment reads '{}', so this rule is never held to a row",
                    short(&rule.table)
                ),
                "remove the rule, or use a metric that reads the table",
            );
        }
    }
}

/// The tables that metrics of experiments read.
fn tables_read(catalog: &Catalog) -> BTreeSet<&str> {
    let mut read = BTreeSet::new();
    for entry in catalog.experiments.values() {
        for (_, found) in catalog.metrics_of(&entry.experiment) {
            let metric = &found.metric;
            let values = std::iter::once(&metric.value).chain(&metric.denominator);
            read.extend(
                values
                    .chain(&metric.steps)
                    .map(|value| value.table.as_str()),
            );
            for covariate in &metric.covariates {
                match covariate {
                    Covariate::Column { table, .. } => {
                        read.insert(table.as_str());
                    }
                    Covariate::PrePeriod { value, .. } => {
                        read.extend(value.as_ref().map(|value| value.table.as_str()));
                    }
                }
            }
        }
    }
    read
}

/// Labels that a table maps to a variant that no experiment has.
pub(super) fn labels(file: &WorkspaceFile, drafts: &[ExperimentDraft], document: &mut Document) {
    let known: Vec<&str> = drafts
        .iter()
        .filter_map(|draft| draft.expanded.experiment.as_ref())
        .flat_map(|experiment| experiment.variants.iter().map(String::as_str))
        .collect();
    // Where an experiment is broken its variants are not known, and nothing is said.
    if drafts
        .iter()
        .any(|draft| draft.expanded.experiment.is_none())
    {
        return;
    }
    for (name, table) in file.tables.iter().flatten() {
        let super::file::TableFile::Options(options) = table else {
            continue;
        };
        for (label, variant) in options.variants.iter().flatten() {
            if known.contains(&variant.as_str()) {
                continue;
            }
            document.report(
                Severity::Warning,
                Rule::UnknownVariant,
                &KeyPath::of("tables").key(name).key("variants").key(label),
                format!("no experiment has a variant '{}'", short(variant)),
                super::problem::suggest(variant, known.iter().copied(), "variant"),
            );
        }
    }
}
