//! Defines how two readouts of one question are held against each other: bit by bit, within tolerance, by their verdicts.
//!
//! Words that no number follows from do not count: owners, descriptions, questions, units, versions, and the places of
//! rejected rows in files. Counts are exact; other numbers may differ by 1e-9 of the larger where they are levels, and by 1e-6
//! where they are standard errors, bounds and p-values, which lose more digits on the way.

use serde::Serialize;
use serde_json::Value;

use super::content::canonical_value;
use crate::canonical::CanonicalError;
use crate::domain::result::Readout;
use crate::domain::vocabulary;

vocabulary! {
    /// How far two readouts agree.
    pub enum Agreement {
        /// Not even on a verdict.
        None = "none", "the decision differs";
        /// On every verdict, not on every number.
        Decision = "decision", "the same decision only";
        /// On every number within tolerance.
        Tolerance = "tolerance", "within tolerance";
        /// On every bit.
        Bits = "bits", "bit-identical";
    }
}

/// The first place where two readouts differ.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct Difference {
    /// Where, as a path of field names and positions.
    pub path: String,
    /// What stands there in the record.
    pub before: String,
    /// What stands there now.
    pub after: String,
}

/// Two readouts of one question, held against each other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comparison {
    /// How far they agree.
    pub agreement: Agreement,
    /// The first place where they differ, beyond tolerance where anything is.
    pub first: Option<Difference>,
}

/// What a reader asks for first; the rest is compared after it.
const FIRST: &[&str] = &["verdicts", "units", "metrics", "checks"];
/// Fields whose numbers lose digits on the way.
const LOOSE: &[&str] = &[
    "standard_error",
    "standard_deviation",
    "lower",
    "upper",
    "p",
    "q",
    "observed",
    "posterior",
    "power",
];
/// Relative tolerance of means and differences.
const TIGHT_TOLERANCE: f64 = 1e-9;
/// Relative tolerance of [`LOOSE`] fields.
const LOOSE_TOLERANCE: f64 = 1e-6;
/// Below this numbers are zero but for rounding.
const NEXT_TO_ZERO: f64 = 1e-12;
/// Characters of a value that are shown.
const SHOWN: usize = 80;

/// Compares a recorded readout with one made now.
///
/// # Errors
/// When one holds a number that is none.
pub fn compare(before: &Readout, after: &Readout) -> Result<Comparison, CanonicalError> {
    let (left, right) = (numbers(before)?, numbers(after)?);
    let mut walk = Walk::default();
    let fields = left.as_object().into_iter().flat_map(|parts| parts.keys());
    let others = fields
        .map(String::as_str)
        .filter(|part| !FIRST.contains(part));
    for part in FIRST.iter().copied().chain(others) {
        let of = |side: &Value| side.get(part).cloned().unwrap_or(Value::Null);
        walk.compare(&of(&left), &of(&right), part);
    }
    let agreement = if walk.first.is_none() {
        Agreement::Bits
    } else if walk.beyond.is_none() {
        Agreement::Tolerance
    } else if words(before) == words(after) {
        Agreement::Decision
    } else {
        Agreement::None
    };
    Ok(Comparison {
        agreement,
        first: walk.beyond.or(walk.first),
    })
}

/// The verdicts, variant by variant.
fn words(readout: &Readout) -> Vec<(&str, &str)> {
    let verdicts = readout.verdicts.iter();
    verdicts
        .map(|verdict| (verdict.variant.as_str(), verdict.word.name()))
        .collect()
}

/// Everything that is compared of a readout.
fn numbers(readout: &Readout) -> Result<Value, CanonicalError> {
    #[derive(Serialize)]
    struct Numbers<'a> {
        verdicts: &'a [crate::domain::result::Verdict],
        units: &'a [crate::domain::result::PopulationUnits],
        metrics: Value,
        checks: &'a [crate::domain::result::Check],
        diagnosis: &'a Option<crate::domain::result::Diagnosis>,
        alternatives: &'a [crate::domain::result::Alternative],
        ledgers: Value,
        contract: Value,
    }
    let metrics = without(
        canonical_value(&readout.metrics)?,
        &[
            "version",
            "semantic_hash",
            "owner",
            "description",
            "unit",
            "question",
        ],
    );
    canonical_value(&Numbers {
        verdicts: &readout.verdicts,
        units: &readout.units,
        metrics,
        checks: &readout.checks,
        diagnosis: &readout.diagnosis,
        alternatives: &readout.alternatives,
        ledgers: without(canonical_value(&readout.ledgers)?, &["examples"]),
        contract: without(canonical_value(&readout.contract)?, &["owner", "impact"]),
    })
}

/// A list of objects without some of their own fields.
fn without(mut list: Value, fields: &[&str]) -> Value {
    for object in list.as_array_mut().into_iter().flatten() {
        for field in fields {
            if let Some(object) = object.as_object_mut() {
                object.remove(*field);
            }
        }
    }
    list
}

#[derive(Debug, Default)]
struct Walk {
    first: Option<Difference>,
    beyond: Option<Difference>,
}

impl Walk {
    fn compare(&mut self, before: &Value, after: &Value, path: &str) {
        match (before, after) {
            (Value::Object(left), Value::Object(right)) => {
                let keys: std::collections::BTreeSet<&String> =
                    left.keys().chain(right.keys()).collect();
                for key in keys {
                    let of = |side: &serde_json::Map<String, Value>| {
                        side.get(key).cloned().unwrap_or(Value::Null)
                    };
                    self.compare(&of(left), &of(right), &format!("{path}.{key}"));
                }
            }
            (Value::Array(left), Value::Array(right)) if left.len() == right.len() => {
                for (index, (left, right)) in left.iter().zip(right).enumerate() {
                    self.compare(left, right, &format!("{path}[{index}]"));
                }
            }
            (left, right) if left == right => {}
            (left, right) => {
                let found = || Difference {
                    path: path.trim_start_matches('.').to_owned(),
                    before: text(left),
                    after: text(right),
                };
                self.first.get_or_insert_with(found);
                if !is_close(left, right, path) {
                    self.beyond.get_or_insert_with(found);
                }
            }
        }
    }
}

/// Whether two numbers are the same but for rounding. Whole numbers are counts.
fn is_close(left: &Value, right: &Value, path: &str) -> bool {
    let whole = |value: &Value| value.is_i64() || value.is_u64();
    let (Some(a), Some(b)) = (left.as_f64(), right.as_f64()) else {
        return false;
    };
    if whole(left) && whole(right) {
        return false;
    }
    let field = path.rsplit('.').next().unwrap_or_default();
    let tolerance = if LOOSE.contains(&field) {
        LOOSE_TOLERANCE
    } else {
        TIGHT_TOLERANCE
    };
    (a - b).abs() <= NEXT_TO_ZERO.max(tolerance * a.abs().max(b.abs()))
}

/// A value as short text.
pub(super) fn text(value: &Value) -> String {
    let whole = match value {
        Value::Null => "nothing".to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    if whole.chars().nth(SHOWN).is_none() {
        return whole;
    }
    whole.chars().take(SHOWN - 1).chain(['…']).collect()
}
