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
    /// The column whose levels effects are stratified by.
    pub strata: Option<String>,
    /// The column of what was randomised, where units nest in it.
    pub cluster: Option<String>,
    /// What is known of units from before; every metric is adjusted for it.
    pub covariates: Vec<String>,
    /// Weights by variant label.
    pub weights: BTreeMap<String, f64>,
    /// The zone of times without one.
    pub time_zone: Option<String>,
}

impl Asked {
    /// Whether a column is spoken for as something that is no metric.
    pub(super) fn takes(&self, column: &str) -> bool {
        let single = self.strata.iter().chain(&self.cluster);
        let mut taken = self.segments.iter().chain(single).chain(&self.covariates);
        taken.any(|taken| taken == column)
    }

    /// The columns that units are split by: the segments, and what strata are made of.
    pub(super) fn split_by(&self) -> Vec<String> {
        let mut columns = self.segments.clone();
        if let Some(strata) = &self.strata
            && !columns.contains(strata)
        {
            columns.push(strata.clone());
        }
        columns
    }
}

/// A metric that was asked for: a column, perhaps its kind, perhaps that less of it is better.
#[derive(Debug, Clone, PartialEq)]
pub struct MetricAsk {
    /// The column.
    pub column: String,
    /// The kind, or guessed from the values.
    pub kind: Option<MetricKind>,
    /// Which quantile, of one that is.
    pub quantile: Option<f64>,
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
            quantile: None,
        };
        for part in parts {
            if let Some(share) = part.strip_prefix("quantile=") {
                let quantile = share
                    .parse()
                    .ok()
                    .filter(|share| *share > 0.0 && *share < 1.0);
                ask.quantile = Some(quantile.ok_or_else(|| {
                    format!("'{share}' is no quantile; write a share between 0 and 1, such as quantile=0.9")
                })?);
                ask.kind = Some(MetricKind::Quantile);
                continue;
            }
            if let Ok(direction) = part.parse::<Direction>() {
                ask.direction = Some(direction);
                continue;
            }
            match part.parse::<MetricKind>() {
                Ok(kind @ (MetricKind::Proportion | MetricKind::Mean)) => ask.kind = Some(kind),
                Ok(MetricKind::Quantile) => {
                    return Err("which quantile? write such as COLUMN:quantile=0.9".to_owned());
                }
                Ok(kind) => {
                    return Err(format!(
                        "a {kind} needs more than one column; write a metric file for it (readout new metric)"
                    ));
                }
                Err(_) => {
                    return Err(format!(
                        "'{part}' is neither proportion, mean nor quantile=0.9, increase nor decrease"
                    ));
                }
            }
        }
        Ok(ask)
    }
}
