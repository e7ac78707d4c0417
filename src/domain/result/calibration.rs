//! Defines what simulated experiments say of the statistics: how often they were right, and how often they must be.

use serde::{Deserialize, Serialize};

use crate::domain::vocabulary;

vocabulary! {
    /// What a figure counts.
    pub enum FigureKind {
        /// The share of experiments whose interval held the truth.
        Coverage = "coverage", "coverage";
        /// The share of experiments that said something that is not so.
        FalseAlarms = "false-alarms", "false alarms";
        /// The p-value of the test that p-values are uniform.
        Uniformity = "uniformity", "p-values uniform";
    }
}

vocabulary! {
    /// Whether a figure is where it must be.
    pub enum CalibrationOutcome {
        /// Within its bound.
        Pass = "pass", "pass";
        /// Beyond its bound.
        Fail = "fail", "fail";
        /// Held to none: shown for what it is.
        Shown = "shown", "shown";
    }
}

/// One figure of one kind of experiment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct CalibrationFigure {
    /// The kind of experiment: the metric, the units, how they were split.
    pub subject: String,
    /// What was looked at in each.
    pub figure: String,
    /// What is counted.
    pub kind: FigureKind,
    /// The figure: a share of the experiments, or a p-value.
    pub observed: f64,
    /// Its Monte-Carlo standard error; absent of a p-value.
    pub standard_error: Option<f64>,
    /// The least it may be.
    pub lower: Option<f64>,
    /// The most it may be.
    pub upper: Option<f64>,
    /// Whether it is.
    pub outcome: CalibrationOutcome,
}

/// What simulated experiments say of the statistics.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Calibration {
    /// The seed.
    pub seed: u64,
    /// Experiments of each kind.
    pub experiments: u32,
    /// The figures.
    pub figures: Vec<CalibrationFigure>,
}

impl Calibration {
    /// The figures that are beyond their bound.
    pub fn missed(&self) -> impl Iterator<Item = &CalibrationFigure> {
        let figures = self.figures.iter();
        figures.filter(|figure| figure.outcome == CalibrationOutcome::Fail)
    }
}
