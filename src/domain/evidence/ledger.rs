//! Defines the ledger of a table: every row read is used, rejected by a rule, or out of scope, and the three add up.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::domain::definition::Identifier;
use crate::domain::vocabulary;

vocabulary! {
    /// Why a row was rejected. Each is a data-contract rule with a stable id.
    pub enum RejectionRule {
        /// The unit id is null or empty.
        NullUnitId = "null-unit-id", "no unit id";
        /// The unit id is a placeholder such as "null" or a zero UUID.
        PlaceholderUnitId = "placeholder-unit-id", "placeholder unit id";
        /// The variant is null or empty.
        NullVariant = "null-variant", "no variant";
        /// The variant is none that the experiment knows.
        UnknownVariant = "unknown-variant", "unknown variant";
        /// A timestamp that is required is null.
        NullTimestamp = "null-timestamp", "no timestamp";
        /// A timestamp that does not parse.
        BadTimestamp = "bad-timestamp", "unreadable timestamp";
        /// A number that does not parse.
        BadNumber = "bad-number", "unreadable number";
        /// A number that is infinite or not a number.
        NotFinite = "not-finite", "number that is not finite";
        /// A line with too few or too many fields.
        FieldCount = "field-count", "wrong number of fields";
        /// A line that is not valid UTF-8.
        BadEncoding = "bad-encoding", "bytes that are not UTF-8";
        /// A line that is not valid JSON, or not an object.
        BadSyntax = "bad-syntax", "unreadable line";
        /// A field longer than the limit.
        TooLong = "too-long", "field beyond the length limit";
        /// The experiment id is null.
        NullExperiment = "null-experiment", "no experiment id";
    }
}

vocabulary! {
    /// Why a row does not concern this readout.
    pub enum OutOfScope {
        /// Of another experiment.
        OtherExperiment = "other-experiment", "another experiment";
        /// Of another version of it.
        OtherVersion = "other-version", "another version";
        /// Assigned before the start or after enrolment stopped, or exposed after the end.
        OutsideDates = "outside-dates", "outside the experiment's dates";
        /// Of a unit that is in no variant.
        OtherUnit = "other-unit", "a unit that was not assigned";
        /// A row that no metric asks for.
        NotAsked = "not-asked", "asked for by no metric";
        /// Of an exposure type that does not count.
        OtherType = "other-type", "an exposure type that does not count";
        /// Not eligible.
        NotEligible = "not-eligible", "not eligible";
        /// Of a unit that did not consent.
        NoConsent = "no-consent", "no consent";
        /// It happened, or became known, at or after as-of.
        AfterAsOf = "after-as-of", "at or after as-of";
        /// Of a unit in several variants, which the conventions leave out.
        SeveralVariants = "several-variants", "a unit in several variants";
        /// An exposure before the unit's assignment.
        BeforeAssignment = "before-assignment", "before assignment";
        /// An exposure to another variant than the unit's own.
        OtherVariant = "other-variant", "another variant than assigned";
        /// An exposure too long after assignment to count.
        TooLate = "too-late", "too long after assignment";
        /// An event outside every window of its unit.
        OutsideWindows = "outside-windows", "outside every window";
    }
}

/// What rejects a row: a rule that holds for every table, or one of the workspace's own contract. As text, its id: no rule
/// of a contract has the id of a built-in one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RowRule {
    /// Holds for every table.
    BuiltIn(RejectionRule),
    /// Declared in readout.toml.
    Contract(Identifier),
}

impl RowRule {
    /// Its id.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::BuiltIn(rule) => rule.name(),
            Self::Contract(id) => id.as_str(),
        }
    }

    /// The words a reader sees.
    #[must_use]
    pub fn label(&self) -> String {
        match self {
            Self::BuiltIn(rule) => rule.label().to_owned(),
            Self::Contract(id) => format!("contract rule {id}"),
        }
    }
}

impl From<RejectionRule> for RowRule {
    fn from(rule: RejectionRule) -> Self {
        Self::BuiltIn(rule)
    }
}

impl PartialEq<RejectionRule> for RowRule {
    fn eq(&self, other: &RejectionRule) -> bool {
        matches!(self, Self::BuiltIn(rule) if rule == other)
    }
}

impl std::fmt::Display for RowRule {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(self.name())
    }
}

impl Serialize for RowRule {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for RowRule {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        if let Ok(rule) = text.parse::<RejectionRule>() {
            return Ok(Self::BuiltIn(rule));
        }
        let id = Identifier::new(&text).map_err(serde::de::Error::custom)?;
        Ok(Self::Contract(id))
    }
}

impl schemars::JsonSchema for RowRule {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "RowRule".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string",
            "description": "Why a row was rejected: a built-in rule, or the id of a rule of the workspace's contract",
        })
    }
}

/// One rejected row, for the reader who wants to find it.
#[derive(
    Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema,
)]
pub struct Rejection {
    /// The file, relative to the workspace.
    pub file: String,
    /// The row, counted from 1; for text files the line, counted from 1.
    pub row: u64,
    /// The rule it broke.
    pub rule: RowRule,
    /// The column, where one is to blame.
    pub column: Option<String>,
}

/// Row counts of one table, for one variant label (as mapped) or for rows without one.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct LedgerLine {
    /// Rows that contributed.
    pub used: u64,
    /// Rows rejected, by rule.
    pub rejected: BTreeMap<RowRule, u64>,
    /// Rows out of scope, by reason.
    pub out_of_scope: BTreeMap<OutOfScope, u64>,
    /// Rows that break a rule of the contract which counts them only. They are among the others: used, rejected by another
    /// rule, or out of scope.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub counted: BTreeMap<Identifier, u64>,
}

impl LedgerLine {
    /// Every row of this line.
    #[must_use]
    pub fn read(&self) -> u64 {
        self.used + self.rejected.values().sum::<u64>() + self.out_of_scope.values().sum::<u64>()
    }
}

/// The ledger of one table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct TableLedger {
    /// The logical table name.
    pub table: String,
    /// Rows read from its files.
    pub read: u64,
    /// Lines by variant id; the key "" holds rows that belong to none.
    pub by_variant: BTreeMap<String, LedgerLine>,
    /// The first few rejected rows, by file and row.
    pub examples: Vec<Rejection>,
}

impl TableLedger {
    /// An empty ledger.
    #[must_use]
    pub fn new(table: &str) -> Self {
        Self {
            table: table.to_owned(),
            read: 0,
            by_variant: BTreeMap::new(),
            examples: Vec::new(),
        }
    }

    /// Whether rows read = used + rejected + out of scope, to the row.
    #[must_use]
    pub fn adds_up(&self) -> bool {
        self.read == self.by_variant.values().map(LedgerLine::read).sum::<u64>()
    }

    /// Rows used over all variants.
    #[must_use]
    pub fn used(&self) -> u64 {
        self.by_variant.values().map(|line| line.used).sum()
    }

    /// Rows rejected by each rule over all variants.
    #[must_use]
    pub fn rejected(&self) -> BTreeMap<RowRule, u64> {
        let mut total = BTreeMap::new();
        for line in self.by_variant.values() {
            for (rule, rows) in &line.rejected {
                *total.entry(rule.clone()).or_default() += rows;
            }
        }
        total
    }

    /// Rows that break each rule of the contract that only counts them, over all variants.
    #[must_use]
    pub fn counted(&self) -> BTreeMap<Identifier, u64> {
        let mut total = BTreeMap::new();
        for line in self.by_variant.values() {
            for (rule, rows) in &line.counted {
                *total.entry(rule.clone()).or_default() += rows;
            }
        }
        total
    }

    /// Rows out of scope for each reason over all variants.
    #[must_use]
    pub fn out_of_scope(&self) -> BTreeMap<OutOfScope, u64> {
        let mut total = BTreeMap::new();
        for line in self.by_variant.values() {
            for (reason, rows) in &line.out_of_scope {
                *total.entry(*reason).or_default() += rows;
            }
        }
        total
    }
}
