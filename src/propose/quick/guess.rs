//! Turns a profile and what was asked for into definitions.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::profile::{ColumnProfile, Profile};
use crate::domain::definition::{
    Aggregate, DesignPlan, Direction, Eligibility, Epoch, Experiment, ExperimentStatus,
    ExposureRule, Governance, Identifier, Metric, MetricKind, MetricReference, MetricStatus,
    Missing, Population, Privacy, Role, Table, TableKind, Thresholds, Timestamp, Value, Version,
    Workspace,
};
use crate::source::{Escaped, Listed};

/// What was asked for; everything else is guessed.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Asked {
    /// The unit column.
    pub unit: Option<String>,
    /// The variant column.
    pub variant: Option<String>,
    /// The control label.
    pub control: Option<String>,
    /// The metrics.
    pub metrics: Vec<MetricAsk>,
    /// Segment columns.
    pub segments: Vec<String>,
    /// Weights by variant label.
    pub weights: BTreeMap<String, f64>,
    /// The zone of times without one.
    pub time_zone: Option<String>,
}

/// A metric that was asked for: a column, perhaps its kind, perhaps that less of it is better.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MetricAsk {
    /// The column.
    pub column: String,
    /// The kind, or guessed from the values.
    pub kind: Option<MetricKind>,
    /// The direction, or an increase.
    pub direction: Option<Direction>,
}

impl std::str::FromStr for MetricAsk {
    type Err = String;

    /// `COLUMN`, `COLUMN:proportion`, `COLUMN:mean`, each perhaps followed by `:decrease`.
    fn from_str(text: &str) -> Result<Self, String> {
        let mut parts = text.split(':');
        let column = parts.next().unwrap_or("").to_owned();
        if column.is_empty() {
            return Err("a metric is a column name, such as revenue or revenue:mean or refunds:mean:decrease".to_owned());
        }
        let mut ask = Self {
            column,
            kind: None,
            direction: None,
        };
        for part in parts {
            if let Ok(direction) = part.parse::<Direction>() {
                ask.direction = Some(direction);
                continue;
            }
            match part.parse::<MetricKind>() {
                Ok(kind @ (MetricKind::Proportion | MetricKind::Mean)) => ask.kind = Some(kind),
                Ok(MetricKind::Ratio) => {
                    return Err("a ratio needs two columns; write a metric file for it (readout new metric)".to_owned());
                }
                Err(_) => {
                    return Err(format!(
                        "'{part}' is neither proportion nor mean, increase nor decrease"
                    ));
                }
            }
        }
        Ok(ask)
    }
}

/// One guess: what, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Guess {
    /// What was guessed, such as `unit`.
    pub subject: String,
    /// The guess.
    pub value: String,
    /// Why.
    pub reason: String,
}

/// Definitions for one file.
#[derive(Debug, Clone, PartialEq)]
pub struct Proposal {
    /// The workspace: one table that is assignments and metric columns at once.
    pub workspace: Workspace,
    /// The experiment.
    pub experiment: Experiment,
    /// Its metrics, all primary unless they were guessed to be something else.
    pub metrics: Vec<Metric>,
    /// What was guessed.
    pub guesses: Vec<Guess>,
    /// Whether a row is a unit, since no column tells units apart.
    pub rows_are_units: bool,
}

/// Why there is no guess.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum QuickError {
    /// A column that was asked for is not there.
    #[error("there is no column '{}' for --{flag}; the file has {}{}", Escaped(column), Listed(existing),
        nearest.as_ref().map(|name| format!("; did you mean '{}'?", Escaped(name))).unwrap_or_default())]
    NoColumn {
        /// The flag that named it.
        flag: &'static str,
        /// The column.
        column: String,
        /// The columns there are.
        existing: Vec<String>,
        /// The one most like it.
        nearest: Option<String>,
    },
    /// No column looks like variants.
    #[error(
        "no column looks like variants (2 to 10 labels that repeat); name it with --variant COLUMN. The file has {}",
        Listed(existing)
    )]
    NoVariant {
        /// The columns there are.
        existing: Vec<String>,
    },
    /// Several columns look like variants and none is called so.
    #[error(
        "several columns look like variants: {}; choose one with --variant COLUMN",
        Listed(candidates)
    )]
    SeveralVariantColumns {
        /// They.
        candidates: Vec<String>,
    },
    /// A variant column with one label, or too many.
    #[error(
        "column '{}' holds {found}, and an experiment has 2 to 60 variants; name the column that holds them with --variant COLUMN",
        Escaped(column)
    )]
    BadVariants {
        /// The column.
        column: String,
        /// How many labels it has, in words.
        found: String,
    },
    /// A control or weight that is no label of the variant column.
    #[error(
        "'{}' for --{flag} is no label of column '{}', which has {}",
        Escaped(label),
        Escaped(column),
        Listed(existing)
    )]
    NoLabel {
        /// The flag.
        flag: &'static str,
        /// The label.
        label: String,
        /// The variant column.
        column: String,
        /// The labels there are.
        existing: Vec<String>,
    },
    /// No column can be a metric.
    #[error(
        "no column holds numbers that could be a metric; name one with --metric COLUMN. The file has {}",
        Listed(existing)
    )]
    NoMetric {
        /// The columns there are.
        existing: Vec<String>,
    },
    /// A metric whose column holds no numbers.
    #[error(
        "column '{}' for --metric does not hold finite numbers, or true and false, throughout: {found}",
        Escaped(column)
    )]
    NotNumbers {
        /// The column.
        column: String,
        /// What it holds instead, and what to do.
        found: String,
    },
    /// One column asked for as two things.
    #[error(
        "column '{}' is named by --{one} and by --{other}; a column can be only one of them, once",
        Escaped(column)
    )]
    OneColumnTwice {
        /// The column.
        column: String,
        /// A flag that named it.
        one: &'static str,
        /// The other.
        other: &'static str,
    },
    /// Weights that leave a variant out.
    #[error(
        "--weights says nothing of '{}'; give every variant a weight, 0 where none was planned",
        Escaped(label)
    )]
    NoWeight {
        /// The variant.
        label: String,
    },
    /// A file whose cells are separated by something else than its name says.
    #[error(
        "the file has one column, named '{}', so its cells are not separated by what its name says; write commas in .csv and tabs in .tsv",
        Escaped(column)
    )]
    OtherDelimiter {
        /// The one column.
        column: String,
    },
    /// An empty file.
    #[error("the file has no row that could be read, so there is nothing to read out")]
    Empty,
}

const UNIT_NAMES: &[&str] = &[
    "unit_id",
    "unit",
    "user_id",
    "userid",
    "user",
    "uid",
    "customer_id",
    "customerid",
    "client_id",
    "visitor_id",
    "device_id",
    "account_id",
    "session_id",
    "player_id",
    "member_id",
    "id",
];
const VARIANT_NAMES: &[&str] = &[
    "variant",
    "variant_id",
    "variation",
    "group",
    "test_group",
    "experiment_group",
    "treatment_group",
    "treatment",
    "bucket",
    "condition",
    "version",
    "branch",
    "cell",
    "segment",
];
/// Of these, the ones that are hardly ever called so for another reason.
const CERTAIN_NAMES: &[&str] = &["variant", "variant_id", "variation", "test_group"];
const CONTROL_NAMES: &[&str] = &[
    "control", "ctrl", "baseline", "base", "holdout", "default", "old", "off", "a", "0", "false",
    "none", "placebo",
];

/// A column with no more values than this tells variants or segments apart, not units.
const FEW: usize = 20;

/// A unit count this uneven is taken for a design, not an accident, when no weights are declared.
const EVEN_ENOUGH: f64 = 0.8;

/// Proposes definitions for a file at `path` (relative to its folder) called `name`.
///
/// # Errors
/// [`QuickError`] when a column that was asked for is not there, or nothing can be guessed safely.
pub fn propose(
    profile: &Profile,
    name: &str,
    path: &str,
    asked: &Asked,
) -> Result<Proposal, QuickError> {
    if let [only] = profile.columns.as_slice()
        && only.name.contains([';', '\t', '|', ','])
    {
        return Err(QuickError::OtherDelimiter {
            column: only.name.clone(),
        });
    }
    if profile.rows == 0 {
        return Err(QuickError::Empty);
    }
    let mut guesses = Vec::new();
    let variant = variant_column(profile, asked, &mut guesses)?;
    let unit = unit_column(profile, asked, &variant.name, &mut guesses)?;
    apart(asked, &variant.name, unit.as_deref())?;
    let labels = labels(variant)?;
    let control = control(variant, &labels, asked, &mut guesses)?;
    let metrics = metrics(profile, asked, &variant.name, unit.as_deref(), &mut guesses)?;
    for segment in &asked.segments {
        find(profile, "segment", segment)?;
    }
    let mut variants = vec![control.clone()];
    variants.extend(labels.iter().filter(|label| **label != control).cloned());
    let epochs = weights(variant, &variants, asked, &mut guesses)?;
    let experiment = experiment(name, &control, variants, epochs, &metrics, asked);
    let workspace = workspace(name, path, &variant.name, unit.as_deref(), asked);
    Ok(Proposal {
        workspace,
        experiment,
        metrics,
        guesses,
        rows_are_units: unit.is_none(),
    })
}

/// Refuses one column as two things.
fn apart(asked: &Asked, variant: &str, unit: Option<&str>) -> Result<(), QuickError> {
    let twice = |column: &str, one, other| QuickError::OneColumnTwice {
        column: column.to_owned(),
        one,
        other,
    };
    if unit == Some(variant) {
        return Err(twice(variant, "unit", "variant"));
    }
    for metric in &asked.metrics {
        if metric.column == variant {
            return Err(twice(variant, "metric", "variant"));
        }
    }
    for (position, metric) in asked.metrics.iter().enumerate() {
        let before = asked.metrics.get(..position).unwrap_or_default();
        if before.iter().any(|other| other.column == metric.column) {
            return Err(twice(&metric.column, "metric", "metric"));
        }
    }
    if asked.segments.iter().any(|segment| segment == variant) {
        return Err(twice(variant, "segment", "variant"));
    }
    Ok(())
}

fn names(profile: &Profile) -> Vec<String> {
    profile
        .columns
        .iter()
        .map(|column| column.name.clone())
        .collect()
}

fn find<'a>(
    profile: &'a Profile,
    flag: &'static str,
    name: &str,
) -> Result<&'a ColumnProfile, QuickError> {
    profile.column(name).ok_or_else(|| {
        let existing = names(profile);
        let nearest = existing
            .iter()
            .map(|known| {
                (
                    strsim::jaro_winkler(&known.to_lowercase(), &name.to_lowercase()),
                    known,
                )
            })
            .filter(|(likeness, _)| *likeness > 0.8)
            .max_by(|left, right| left.0.total_cmp(&right.0))
            .map(|(_, known)| known.clone());
        QuickError::NoColumn {
            flag,
            column: name.to_owned(),
            existing,
            nearest,
        }
    })
}

fn guess(guesses: &mut Vec<Guess>, subject: &str, value: &str, reason: &str) {
    guesses.push(Guess {
        subject: subject.to_owned(),
        value: value.to_owned(),
        reason: reason.to_owned(),
    });
}

fn could_be_variants(column: &ColumnProfile) -> bool {
    !column.many
        && (2..=10).contains(&column.values.len())
        && column.values.values().all(|count| *count > 1)
}

fn variant_column<'a>(
    profile: &'a Profile,
    asked: &Asked,
    guesses: &mut Vec<Guess>,
) -> Result<&'a ColumnProfile, QuickError> {
    if let Some(name) = &asked.variant {
        return find(profile, "variant", name);
    }
    let taken = |column: &&ColumnProfile| {
        Some(&column.name) != asked.unit.as_ref()
            && !asked
                .metrics
                .iter()
                .any(|metric| metric.column == column.name)
            && !asked.segments.contains(&column.name)
    };
    let candidates: Vec<&ColumnProfile> = profile
        .columns
        .iter()
        .filter(taken)
        .filter(|column| could_be_variants(column))
        .collect();
    for name in VARIANT_NAMES {
        if let Some(column) = candidates
            .iter()
            .find(|column| column.name.eq_ignore_ascii_case(name))
        {
            guess(
                guesses,
                "variant",
                &column.name,
                "the column is called so and holds a few labels that repeat",
            );
            return Ok(column);
        }
    }
    // A column that is called so and cannot be it: another one that could be is more likely an attribute.
    let called = |column: &&ColumnProfile| {
        CERTAIN_NAMES
            .iter()
            .any(|name| column.name.eq_ignore_ascii_case(name))
    };
    if let Some(column) = profile.columns.iter().filter(taken).find(called) {
        labels(column)?;
    }
    let texts: Vec<&ColumnProfile> = candidates
        .into_iter()
        .filter(|column| !column.is_number())
        .collect();
    match texts.as_slice() {
        [] => Err(QuickError::NoVariant {
            existing: names(profile),
        }),
        [column] => {
            guess(
                guesses,
                "variant",
                &column.name,
                "it is the only text column with a few labels that repeat",
            );
            Ok(column)
        }
        several => Err(QuickError::SeveralVariantColumns {
            candidates: several.iter().map(|column| column.name.clone()).collect(),
        }),
    }
}

fn unit_column(
    profile: &Profile,
    asked: &Asked,
    variant: &str,
    guesses: &mut Vec<Guess>,
) -> Result<Option<String>, QuickError> {
    if let Some(name) = &asked.unit {
        return find(profile, "unit", name).map(|column| Some(column.name.clone()));
    }
    let candidates = || {
        profile
            .columns
            .iter()
            .filter(|column| column.name != variant)
    };
    for name in UNIT_NAMES {
        if let Some(column) = candidates().find(|column| {
            column.name.eq_ignore_ascii_case(name)
                && (column.many || column.is_unique || column.values.len() > FEW)
        }) {
            guess(guesses, "unit", &column.name, "the column is called so");
            return Ok(Some(column.name.clone()));
        }
    }
    if let Some(column) = candidates().find(|column| {
        column.is_unique && (column.many || !column.is_number()) && !is_fractional(column)
    }) {
        guess(
            guesses,
            "unit",
            &column.name,
            "every row has a different value there",
        );
        return Ok(Some(column.name.clone()));
    }
    guess(
        guesses,
        "unit",
        "each row",
        "no column tells units apart, so a row is taken to be one unit",
    );
    Ok(None)
}

fn is_fractional(column: &ColumnProfile) -> bool {
    column.is_number() && column.values.keys().any(|text| text.contains('.'))
}

fn labels(variant: &ColumnProfile) -> Result<Vec<String>, QuickError> {
    let labels: Vec<String> = variant
        .values
        .keys()
        .filter(|label| !label.is_empty())
        .cloned()
        .collect();
    if variant.many || labels.len() > 60 {
        let found = format!("more than {} labels", labels.len().min(60));
        return Err(QuickError::BadVariants {
            column: variant.name.clone(),
            found,
        });
    }
    if labels.len() < 2 {
        let found = match labels.first() {
            Some(only) => format!("only '{}'", Escaped(only)),
            None => "no label".to_owned(),
        };
        return Err(QuickError::BadVariants {
            column: variant.name.clone(),
            found,
        });
    }
    Ok(labels)
}

fn control(
    variant: &ColumnProfile,
    labels: &[String],
    asked: &Asked,
    guesses: &mut Vec<Guess>,
) -> Result<String, QuickError> {
    if let Some(label) = &asked.control {
        if labels.contains(label) {
            return Ok(label.clone());
        }
        return Err(no_label("control", label, variant, labels));
    }
    for name in CONTROL_NAMES {
        if let Some(label) = labels.iter().find(|label| label.eq_ignore_ascii_case(name)) {
            guess(guesses, "control", label, "the label means control");
            return Ok(label.clone());
        }
    }
    let is_called = |name: &str| labels.iter().find(|label| label.eq_ignore_ascii_case(name));
    // A lone letter means control only beside its counterpart.
    if let (Some(label), Some(_), 2) = (is_called("c"), is_called("t"), labels.len()) {
        guess(
            guesses,
            "control",
            label,
            "the labels are those of control and treatment",
        );
        return Ok(label.clone());
    }
    let contains = |label: &&String| {
        let lower = label.to_lowercase();
        lower.contains("control")
            || lower.starts_with("no ")
            || lower.starts_with("no-")
            || lower.starts_with("old")
    };
    if let Some(label) = labels.iter().find(contains) {
        guess(
            guesses,
            "control",
            label,
            "the label sounds like the control",
        );
        return Ok(label.clone());
    }
    let first = labels.first().cloned().unwrap_or_default();
    guess(
        guesses,
        "control",
        &first,
        "no label means control, so it is the first in order; --control LABEL changes it",
    );
    Ok(first)
}

fn no_label(
    flag: &'static str,
    label: &str,
    variant: &ColumnProfile,
    labels: &[String],
) -> QuickError {
    QuickError::NoLabel {
        flag,
        label: label.to_owned(),
        column: variant.name.clone(),
        existing: labels.to_vec(),
    }
}

fn weights(
    variant: &ColumnProfile,
    variants: &[String],
    asked: &Asked,
    guesses: &mut Vec<Guess>,
) -> Result<Vec<Epoch>, QuickError> {
    // Weights hold from the beginning of time, since nothing says when the experiment began.
    let from = Timestamp(i64::MIN);
    if let Some(label) = asked.weights.keys().find(|label| !variants.contains(label)) {
        return Err(no_label("weights", label, variant, variants));
    }
    if !asked.weights.is_empty() {
        if let Some(label) = variants
            .iter()
            .find(|label| !asked.weights.contains_key(*label))
        {
            return Err(QuickError::NoWeight {
                label: label.clone(),
            });
        }
        let weights = variants
            .iter()
            .map(|label| asked.weights.get(label).copied().unwrap_or(0.0))
            .collect();
        return Ok(vec![Epoch { from, weights }]);
    }
    let counts: Vec<usize> = variants
        .iter()
        .map(|label| variant.values.get(label).copied().unwrap_or(0))
        .collect();
    let (least, most) = (
        counts.iter().min().copied().unwrap_or(0),
        counts.iter().max().copied().unwrap_or(0),
    );
    #[expect(
        clippy::cast_precision_loss,
        reason = "a rough share of at most 200,000 rows"
    )]
    let evenness = least as f64 / most.max(1) as f64;
    if evenness >= EVEN_ENOUGH {
        guess(
            guesses,
            "weights",
            "equal",
            "the variants are about as large; --weights changes it",
        );
        return Ok(vec![Epoch {
            from,
            weights: vec![1.0; variants.len()],
        }]);
    }
    guess(
        guesses,
        "weights",
        "unknown",
        "the variants differ too much in size to call them equal, so the sample ratio is not tested; declare --weights",
    );
    Ok(Vec::new())
}

fn metrics(
    profile: &Profile,
    asked: &Asked,
    variant: &str,
    unit: Option<&str>,
    guesses: &mut Vec<Guess>,
) -> Result<Vec<Metric>, QuickError> {
    let asks: Vec<MetricAsk> = if asked.metrics.is_empty() {
        let is_free = |column: &&ColumnProfile| {
            let is_called_a_unit = UNIT_NAMES
                .iter()
                .any(|name| column.name.eq_ignore_ascii_case(name));
            !is_called_a_unit
                && column.name != variant
                && Some(column.name.as_str()) != unit
                && !asked.segments.contains(&column.name)
        };
        let free: Vec<&ColumnProfile> = profile.columns.iter().filter(is_free).collect();
        almost_metrics(&free, guesses);
        let columns: Vec<MetricAsk> = free
            .iter()
            .filter(|column| column.is_number() && (column.values.len() > 1))
            .map(|column| MetricAsk {
                column: column.name.clone(),
                kind: None,
                direction: None,
            })
            .collect();
        let list: Vec<&str> = columns.iter().map(|ask| ask.column.as_str()).collect();
        if !list.is_empty() {
            guess(
                guesses,
                "metrics",
                &list.join(", "),
                "the other columns that hold numbers; --metric chooses",
            );
        }
        columns
    } else {
        asked.metrics.clone()
    };
    if asks.is_empty() {
        return Err(QuickError::NoMetric {
            existing: names(profile),
        });
    }
    let mut metrics: Vec<Metric> = Vec::new();
    for ask in &asks {
        let column = find(profile, "metric", &ask.column)?;
        if !column.is_number() {
            return Err(QuickError::NotNumbers {
                column: ask.column.clone(),
                found: not_numbers(column),
            });
        }
        let taken: Vec<String> = metrics.iter().map(|metric| metric.id.to_string()).collect();
        metrics.push(metric(column, ask, &taken, guesses));
    }
    let increases: Vec<&str> = asks
        .iter()
        .filter(|ask| ask.direction.is_none())
        .map(|ask| ask.column.as_str())
        .collect();
    if !increases.is_empty() {
        guess(
            guesses,
            "direction",
            "increase",
            "more is taken to be better; COLUMN:decrease changes it",
        );
    }
    Ok(metrics)
}

/// What a column that is no metric holds, and what to do about it.
fn not_numbers(column: &ColumnProfile) -> String {
    match &column.no_number {
        None => "all of its cells are empty".to_owned(),
        Some(example) if column.numbers == 0 => format!(
            "none of its values is one, such as '{}'; name a column of numbers",
            Escaped(example)
        ),
        Some(example) => format!(
            "{} of its {} values are no finite numbers, such as '{}'; correct them, or leave their cells empty if they are missing",
            column.filled - column.numbers,
            column.filled,
            Escaped(example)
        ),
    }
}

/// Says which columns are almost metrics: leaving them out in silence would hide what spoils them.
fn almost_metrics(columns: &[&ColumnProfile], guesses: &mut Vec<Guess>) {
    for column in columns {
        if column.is_number() || column.numbers * 2 <= column.filled {
            continue;
        }
        guess(guesses, "no metric", &column.name, &not_numbers(column));
    }
}

fn metric(
    column: &ColumnProfile,
    ask: &MetricAsk,
    taken: &[String],
    guesses: &mut Vec<Guess>,
) -> Metric {
    let kind = ask.kind.unwrap_or_else(|| {
        let (kind, reason) = if column.is_binary {
            (
                MetricKind::Proportion,
                "its values are only 0 and 1, or true and false",
            )
        } else {
            (MetricKind::Mean, "its values are numbers")
        };
        guess(
            guesses,
            &format!("kind of {}", column.name),
            kind.name(),
            reason,
        );
        kind
    });
    let aggregate = if kind == MetricKind::Proportion {
        Aggregate::Any
    } else {
        Aggregate::Sum
    };
    Metric {
        id: identifier(&column.name, taken),
        version: Version {
            major: 0,
            minor: 0,
            patch: 0,
        },
        status: MetricStatus::Active,
        owner: "nobody yet".to_owned(),
        description: Some(format!("column {} of the file", column.name)),
        kind,
        unit: None,
        direction: ask.direction.unwrap_or(Direction::Increase),
        eligible_as: Role::ALL.to_vec(),
        value: Value {
            table: TABLE.to_owned(),
            aggregate,
            column: Some(column.name.clone()),
            filters: Vec::new(),
            missing: Missing::Drop,
        },
        denominator: None,
        window: None,
        cap: None,
        covariate: None,
        margin: None,
        minimum_effect: None,
        decision: None,
        drivers: Vec::new(),
        runbook: None,
        deprecated_on: None,
    }
}

/// The one table of a quick readout.
const TABLE: &str = "assignments";

/// A legal id from any text, different from those taken.
fn identifier(text: &str, taken: &[String]) -> Identifier {
    let mut id = String::new();
    for character in text.chars().take(80) {
        if character.is_ascii_alphanumeric() {
            id.push(character.to_ascii_lowercase());
        } else if !id.is_empty() && !id.ends_with('-') {
            id.push('-');
        }
    }
    let mut id = id.trim_end_matches('-').to_owned();
    if id.is_empty() {
        "column".clone_into(&mut id);
    }
    let base = id.clone();
    let mut number = 2;
    while taken.contains(&id) {
        id.clone_from(&base);
        let _ = write!(id, "-{number}");
        number += 1;
    }
    Identifier::new(&id).unwrap_or_else(|_| fallback())
}

fn fallback() -> Identifier {
    match Identifier::new("column") {
        Ok(id) => id,
        Err(_) => unreachable!("the word is a legal id"),
    }
}

fn experiment(
    name: &str,
    control: &str,
    variants: Vec<String>,
    epochs: Vec<Epoch>,
    metrics: &[Metric],
    asked: &Asked,
) -> Experiment {
    Experiment {
        id: identifier(name, &[]),
        version: 1,
        owner: "nobody yet".to_owned(),
        status: ExperimentStatus::Concluded,
        hypothesis: None,
        start: None,
        end: None,
        enrol_stop: None,
        control: control.to_owned(),
        variants,
        epochs,
        metrics: metrics
            .iter()
            .map(|metric| MetricReference {
                id: metric.id.clone(),
                role: Role::Primary,
                version: metric.version,
            })
            .collect(),
        segments: asked.segments.clone(),
        populations: vec![Population::Itt],
        plan: DesignPlan::default(),
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

fn workspace(
    name: &str,
    path: &str,
    variant: &str,
    unit: Option<&str>,
    asked: &Asked,
) -> Workspace {
    let mut columns = BTreeMap::from([("variant_id".to_owned(), variant.to_owned())]);
    if let Some(unit) = unit {
        columns.insert("unit_id".to_owned(), unit.to_owned());
    }
    // Columns that happen to be called like ours are not ours.
    for ours in ["experiment_id", "experiment_version", "assigned_at"] {
        columns.insert(ours.to_owned(), String::new());
    }
    let table = Table {
        name: TABLE.to_owned(),
        kind: TableKind::Assignments,
        path: path.to_owned(),
        columns,
        variants: BTreeMap::new(),
        lateness: None,
        complete_through: None,
    };
    Workspace {
        name: name.to_owned(),
        time_zone: asked.time_zone.clone(),
        tables: BTreeMap::from([(TABLE.to_owned(), table)]),
        conventions: BTreeMap::new(),
        level: 0.95,
        governance: Governance::default(),
        privacy: Privacy::default(),
        thresholds: Thresholds::default(),
    }
}
