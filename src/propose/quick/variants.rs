//! Guesses which column tells units apart, which holds the variant, which label is the control, and the weights.

use super::asked::Asked;
use super::error::QuickError;
use super::guess::{Guess, find, guess, names};
use crate::domain::definition::{Epoch, Timestamp};
use crate::propose::names::{CERTAIN_NAMES, UNIT_NAMES, VARIANT_NAMES, control_among};
use crate::propose::profile::{ColumnProfile, Profile};
use crate::source::Escaped;

/// A column with no more values than this tells variants or segments apart, not units.
const FEW: usize = 20;

/// A unit count this uneven is taken for a design, not an accident, when no weights are declared.
const EVEN_ENOUGH: f64 = 0.8;

pub(super) fn could_be_variants(column: &ColumnProfile) -> bool {
    !column.many
        && (2..=10).contains(&column.values.len())
        && column.values.values().all(|count| *count > 1)
}

pub(super) fn variant_column<'a>(
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
            && !asked.takes(&column.name)
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

pub(super) fn unit_column(
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

pub(super) fn is_fractional(column: &ColumnProfile) -> bool {
    column.is_number() && column.values.keys().any(|text| text.contains('.'))
}

pub(super) fn labels(variant: &ColumnProfile) -> Result<Vec<String>, QuickError> {
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

pub(super) fn control(
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
    if let Some((label, reason)) = control_among(labels) {
        guess(guesses, "control", label, reason);
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

pub(super) fn no_label(
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

pub(super) fn weights(
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
