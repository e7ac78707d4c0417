//! Defines what stands where a number is not: never zero, never NaN, always a reason.

use serde::{Deserialize, Serialize};

use crate::domain::vocabulary;

vocabulary! {
    /// Why a number is not there.
    pub enum Absence {
        /// Fewer units than the method needs.
        TooFewUnits = "too-few-units", "too few units";
        /// Every unit has the same value, so there is nothing to judge by.
        ZeroVariance = "zero-variance", "no variance";
        /// The values around a quantile are the same, so that it has no standard error.
        TiedValues = "tied-values", "values around it are tied";
        /// The control mean is zero, so nothing is relative to it.
        ZeroControlMean = "zero-control-mean", "control mean is zero";
        /// A ratio's denominator sums to zero.
        ZeroDenominator = "zero-denominator", "denominator is zero";
        /// No unit of the population.
        NoUnits = "no-units", "no units";
        /// Every unit's value is missing.
        AllMissing = "all-missing", "all values missing";
        /// No window has ended by as-of.
        NoneMatured = "none-matured", "no window has ended yet";
        /// The exact value is beyond every double.
        OutOfRange = "out-of-range", "out of range";
        /// Units nest in clusters, which were drawn, and the method takes each unit as drawn by itself.
        UnitsNest = "units-nest", "units nest in clusters";
        /// The method does not apply to what is known.
        NotApplicable = "not-applicable", "does not apply";
        /// A sequential family's first look asks for more units.
        BeforeFirstLook = "before-first-look", "fewer units than its first look asks for";
        /// The experiment does not plan what the method needs.
        NotPlanned = "not-planned", "the experiment does not plan for it";
        /// Nobody has declared how small and how large a value can be.
        NoDeclaredBound = "no-declared-bound", "no declared bounds";
        /// There is no exposure table.
        NoExposures = "no-exposures", "no exposure data";
        /// Too few units to show without pointing at people.
        Suppressed = "suppressed", "suppressed";
    }
}

/// A value, or why there is none.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Known<T> {
    /// The value.
    Value(T),
    /// Why there is none.
    Absent(Absence),
}

impl<T> Known<T> {
    /// The value, if there is one.
    pub const fn value(&self) -> Option<&T> {
        match self {
            Self::Value(value) => Some(value),
            Self::Absent(_) => None,
        }
    }

    /// Why there is no value, if there is none.
    pub const fn absence(&self) -> Option<Absence> {
        match self {
            Self::Value(_) => None,
            Self::Absent(absence) => Some(*absence),
        }
    }
}

impl<T> From<Result<T, Absence>> for Known<T> {
    fn from(result: Result<T, Absence>) -> Self {
        match result {
            Ok(value) => Self::Value(value),
            Err(absence) => Self::Absent(absence),
        }
    }
}
