//! Defines how far a record still holds: its level, what changed since, and the share of records that come out the same.

use serde::Serialize;

use super::change::{Change, ChangeKind, inputs, since};
use super::comparison::{Agreement, Difference, compare};
use super::content::{Input, Internal, Record, Resolved};
use super::id::RecordId;
use crate::canonical::CanonicalError;
use crate::domain::result::Readout;
use crate::domain::vocabulary;

vocabulary! {
    /// How far a record holds, each level saying more than the one before.
    pub enum Level {
        /// It was edited, or the decision comes out otherwise now.
        Failed = "failed", "failed";
        /// Its bytes are those that were recorded. Nothing was computed.
        Intact = "intact", "intact";
        /// And so are those of its inputs. Nothing was computed.
        InputsMatch = "inputs-match", "inputs match";
        /// Computed again, the verdicts are the same and some numbers are not.
        SameDecision = "same-decision", "same decision only";
        /// Computed again, every number is the same but for rounding.
        WithinTolerance = "within-tolerance", "within tolerance";
        /// Computed again, every bit of every number is the same.
        BitIdentical = "bit-identical", "bit-identical";
    }
}

impl Level {
    /// Whether asking for it means to compute again.
    #[must_use]
    pub fn is_computed(self) -> bool {
        self >= Self::SameDecision
    }
}

/// How far one record holds.
#[derive(Debug, Clone, PartialEq, Serialize, schemars::JsonSchema)]
pub struct Verification {
    /// The record.
    pub record: RecordId,
    /// Its experiment; absent where the record was edited.
    pub experiment: Option<String>,
    /// How far it holds.
    pub level: Level,
    /// Whether every input has the bytes it had; absent where nobody looked.
    pub inputs_match: Option<bool>,
    /// Whether it was computed again.
    pub recomputed: bool,
    /// Why not, where it was not.
    pub not_recomputed: Option<String>,
    /// What changed since.
    pub changes: Vec<Change>,
    /// The first place in the results that differs.
    pub first_difference: Option<Difference>,
}

impl Verification {
    /// Of a record that is not what was recorded.
    #[must_use]
    pub fn edited(id: &RecordId, found: &RecordId) -> Self {
        Self {
            changes: vec![Change::edited(id, found)],
            level: Level::Failed,
            ..Self::intact(id, None, "the record itself was edited")
        }
    }

    /// Of a record whose bytes alone were looked at, for this reason.
    #[must_use]
    pub fn intact(id: &RecordId, record: Option<&Record>, reason: &str) -> Self {
        Self {
            record: id.clone(),
            experiment: record.map(|record| record.external.experiment.to_string()),
            level: Level::Intact,
            inputs_match: None,
            recomputed: false,
            not_recomputed: Some(reason.to_owned()),
            changes: Vec::new(),
            first_difference: None,
        }
    }

    /// Of a record whose inputs were looked at, and which was not computed again for this reason.
    #[must_use]
    pub fn looked(id: &RecordId, record: &Record, now: &[Input], reason: &str) -> Self {
        let changes = inputs(&record.resolved.inputs, now);
        let same = changes.is_empty();
        Self {
            level: if same {
                Level::InputsMatch
            } else {
                Level::Intact
            },
            inputs_match: Some(same),
            changes,
            ..Self::intact(id, Some(record), reason)
        }
    }

    /// Of a record that was computed again.
    ///
    /// # Errors
    /// When a value holds a number that is none.
    pub fn computed(
        id: &RecordId,
        record: &Record,
        now: &Resolved,
        program: &Internal,
        readout: &Readout,
    ) -> Result<Self, CanonicalError> {
        let mut found = Self::looked(id, record, &now.inputs, "");
        found.changes.extend(since(record, now, program)?);
        let comparison = compare(&record.readout(), readout)?;
        Ok(Self {
            level: match comparison.agreement {
                Agreement::None => Level::Failed,
                Agreement::Decision => Level::SameDecision,
                Agreement::Tolerance => Level::WithinTolerance,
                Agreement::Bits => Level::BitIdentical,
            },
            recomputed: true,
            not_recomputed: None,
            first_difference: comparison.first,
            ..found
        })
    }

    /// Whether a file that the record was made from is gone.
    #[must_use]
    pub fn is_erased(&self) -> bool {
        let mut changes = self.changes.iter();
        changes.any(|change| change.kind == ChangeKind::InputGone)
    }

    /// Whether numbers differ though nothing that they follow from was found to have changed.
    #[must_use]
    pub fn is_unexplained(&self) -> bool {
        let explains = |change: &Change| !change.cosmetic;
        self.first_difference.is_some() && !self.changes.iter().any(explains)
    }
}

/// How many records come out the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct Reproducibility {
    /// Records that were looked at.
    pub records: u64,
    /// Those that were computed again.
    pub attempted: u64,
    /// Those of them that came out the same to the bit.
    pub bit_identical: u64,
}

impl Reproducibility {
    /// That of some verifications.
    #[must_use]
    pub fn of(found: &[Verification]) -> Self {
        let count = |holds: &dyn Fn(&Verification) -> bool| {
            found.iter().filter(|one| holds(one)).count() as u64
        };
        Self {
            records: count(&|_| true),
            attempted: count(&|one| one.recomputed),
            bit_identical: count(&|one| one.level == Level::BitIdentical),
        }
    }

    /// Bit-identical over attempted, in [0, 1]; `None` where none was attempted.
    #[must_use]
    pub fn rate(&self) -> Option<f64> {
        #[expect(clippy::cast_precision_loss, reason = "nobody has 2⁵³ records")]
        (self.attempted > 0).then(|| self.bit_identical as f64 / self.attempted as f64)
    }
}
