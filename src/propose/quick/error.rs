//! Defines why nothing can be guessed of a file: its subject, the reason and the fix.

use crate::source::{Escaped, Listed};

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
        "column '{}' for --{flag} does not hold finite numbers, or true and false, throughout: {found}",
        Escaped(column)
    )]
    NotNumbers {
        /// The flag that named it.
        flag: &'static str,
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
    /// More covariates than are adjusted for together.
    #[error(
        "--covariate was given more than {} times; keep those that say most about the metrics",
        crate::domain::definition::Metric::COVARIATES
    )]
    TooManyCovariates,
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
