//! Defines what names say: which columns tell units or variants apart, which labels mean control, and ids made of any text.
//!
//! A name is a hint and never a proof: what takes it up says so.

use std::fmt::Write as _;

use crate::domain::definition::Identifier;

/// Columns that tell units apart.
pub(super) const UNIT_NAMES: &[&str] = &[
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
/// Columns that hold the variant, the likeliest first.
pub(super) const VARIANT_NAMES: &[&str] = &[
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
pub(super) const CERTAIN_NAMES: &[&str] = &["variant", "variant_id", "variation", "test_group"];
/// Labels that mean control.
const CONTROL_NAMES: &[&str] = &[
    "control", "ctrl", "baseline", "base", "holdout", "default", "old", "current", "existing",
    "original", "legacy", "off", "a", "0", "false", "none", "placebo",
];

/// The label that means control and why, if one does.
pub(super) fn control_among(labels: &[String]) -> Option<(&String, &'static str)> {
    let is_called = |name: &str| labels.iter().find(|label| label.eq_ignore_ascii_case(name));
    if let Some(label) = CONTROL_NAMES.iter().find_map(|name| is_called(name)) {
        return Some((label, "the label means control"));
    }
    // A lone letter means control only beside its counterpart.
    if let (Some(label), Some(_), 2) = (is_called("c"), is_called("t"), labels.len()) {
        return Some((label, "the labels are those of control and treatment"));
    }
    let contains = |label: &&String| {
        let lower = label.to_lowercase();
        lower.contains("control")
            || lower.starts_with("no ")
            || lower.starts_with("no-")
            || lower.starts_with("old")
    };
    let found = labels.iter().find(contains)?;
    Some((found, "the label sounds like the control"))
}

/// A legal id from any text, different from those taken.
pub(super) fn identifier(text: &str, taken: &[String]) -> Identifier {
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
