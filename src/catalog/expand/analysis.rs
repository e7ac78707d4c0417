//! Defines the expansion of what an experiment asks to be computed beside its effects.

use super::super::document::Document;
use super::super::file::{AnalysisFile, ExperimentFile};
use super::super::key_path::KeyPath;
use super::super::problem::{Rule, short, suggest};
use super::Surroundings;
use super::experiment::KEYS;
use crate::domain::definition::{Analysis, TableKind, UnitOfAnalysis};

/// What the file asks for beside.
pub(super) fn analysis(
    file: &ExperimentFile,
    surroundings: &Surroundings,
    document: &mut Document,
) -> Analysis {
    let Some(written) = &file.analysis else {
        return Analysis::default();
    };
    the_columns(file, written, document);
    let path = KeyPath::of("analysis");
    let mut out_of_range = |key: &str, reason: &str, fix: &str| {
        document.error(Rule::OutOfRange, &path.key(key), reason, fix);
    };
    if written
        .bootstrap
        .is_some_and(|draws| !Analysis::DRAWS.contains(&draws))
    {
        let reason = "an interval needs 100 draws, and 20000 are more than it ever shows";
        out_of_range("bootstrap", reason, "write `bootstrap = 2000`");
    }
    if written.units_per_year == Some(0) {
        let reason = "a decision about no units has no impact";
        out_of_range(
            "units_per_year",
            reason,
            "write how many units a year it is about",
        );
    }
    if written.first_look == Some(0) {
        let reason = "a first look at no units is no look";
        out_of_range("first_look", reason, "write such as `first_look = 5000`");
    }
    let looks = written.looks.clone().unwrap_or_default();
    if !Analysis::are_looks(&looks) {
        let reason = "looks are shares of the planned units, rising, above 0 and up to 1";
        out_of_range(
            "looks",
            reason,
            "write such as `looks = [0.25, 0.5, 0.75, 1.0]`",
        );
    }
    if written.by == Some(UnitOfAnalysis::Person)
        && !surroundings.has_table_of(TableKind::Identities)
    {
        document.error(
            Rule::UnknownTable,
            &path.key("by"),
            "no table says which ids are the same person's",
            "add `identities` under [tables] of readout.toml, with the columns unit_id and person_id, or write `by = \"unit\"`",
        );
    }
    Analysis {
        by: written.by.filter(|by| *by != UnitOfAnalysis::Unit),
        cluster: written.cluster.clone(),
        strata: written.strata.clone(),
        novelty: written.novelty.unwrap_or(false),
        bootstrap: written.bootstrap,
        all_pairs: written.all_pairs.unwrap_or(false),
        units_per_year: written.units_per_year,
        looks,
        first_look: written.first_look,
    }
}

fn the_columns(file: &ExperimentFile, written: &AnalysisFile, document: &mut Document) {
    let path = KeyPath::of("analysis");
    if let Some(cluster) = &written.cluster
        && (cluster.trim().is_empty() || KEYS.contains(&cluster.as_str()))
    {
        document.error(
            Rule::UnknownSegment,
            &path.key("cluster"),
            format!("'{}' says in which cluster nothing is", short(cluster)),
            "name the column of what was randomised, such as household_id",
        );
    }
    let segments = file.segments.as_deref().unwrap_or_default();
    if let Some(strata) = &written.strata
        && !segments.contains(strata)
    {
        document.error(
            Rule::UnknownSegment,
            &path.key("strata"),
            format!("'{}' is no segment of this experiment", short(strata)),
            suggest(strata, segments.iter().map(String::as_str), "segment"),
        );
    }
}
