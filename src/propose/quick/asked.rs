//! Defines what can be asked of a quick readout; everything else is guessed.

use std::collections::BTreeMap;

use crate::domain::definition::{Direction, MetricKind};

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
