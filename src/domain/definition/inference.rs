//! Defines the words of inference beyond one look at a fixed horizon: sequential families, spending, priors, bootstrap.
//!
//! It refuses numbers: how a word is computed with belongs to the statistics.

use crate::domain::vocabulary;

vocabulary! {
    /// What every test is allowed to look at: one look at the end, or many.
    pub enum SequentialFamily {
        /// One look, at the planned end.
        Fixed = "fixed", "one look";
        /// Asymptotic confidence sequence: any look, tuned to a planned number of units.
        ConfidenceSequence = "confidence-sequence", "confidence sequence";
        /// Mixture sequential probability ratio test: any look, tuned to a size of effect.
        MixtureSprt = "mixture-sprt", "mixture SPRT";
        /// Group-sequential: declared looks, by their share of the planned information.
        GroupSequential = "group-sequential", "group sequential";
    }
}

vocabulary! {
    /// How a group-sequential design spends its error over the information.
    pub enum Spending {
        /// Of O'Brien and Fleming's type: almost nothing early.
        OBrienFleming = "obrien-fleming", "O'Brien–Fleming";
        /// Of Pocock's type: nearly evenly.
        Pocock = "pocock", "Pocock";
        /// In proportion to the square of the information.
        Quadratic = "quadratic", "quadratic";
    }
}

vocabulary! {
    /// What is believed of a rate before the data.
    pub enum RatePrior {
        /// Every rate alike: Beta(1, 1).
        Uniform = "uniform", "uniform";
        /// Jeffreys': Beta(½, ½).
        Jeffreys = "jeffreys", "Jeffreys";
    }
}

impl RatePrior {
    /// Both parameters of the beta distribution, which are the same.
    #[must_use]
    pub const fn parameter(self) -> f64 {
        match self {
            Self::Uniform => 1.0,
            Self::Jeffreys => 0.5,
        }
    }
}
