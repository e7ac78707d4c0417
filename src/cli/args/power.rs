//! Defines what can be typed after `readout power`.

use std::path::PathBuf;

use clap::Args;

use crate::domain::definition::{SequentialFamily, Spending};

/// `readout power`.
#[derive(Debug, Args)]
pub struct Power {
    /// A file whose column is the baseline, a row a unit
    #[arg(requires = "metric", conflicts_with_all = ["mean", "rate", "experiment"])]
    pub file: Option<PathBuf>,
    /// The column of the file, or the metric of the experiment
    #[arg(long, value_name = "NAME", conflicts_with_all = ["mean", "rate"])]
    pub metric: Option<String>,
    /// An experiment of the workspace whose control is the baseline
    #[arg(short, long, value_name = "EXPERIMENT", requires = "metric", conflicts_with_all = ["mean", "rate"])]
    pub experiment: Option<String>,
    /// The control mean
    #[arg(long, requires = "sd", conflicts_with = "rate", value_parser = finite, allow_hyphen_values = true)]
    pub mean: Option<f64>,
    /// The standard deviation over units
    #[arg(long, requires = "mean", value_parser = positive)]
    pub sd: Option<f64>,
    /// The share of units in control, between 0 and 1
    #[arg(long, value_parser = share)]
    pub rate: Option<f64>,
    /// The effect to detect: 2% of the control, 0.5pp of a share, 0.5 in the metric's unit [default: the metric's smallest that matters]
    #[arg(long, value_name = "SIZE", allow_hyphen_values = true)]
    pub effect: Option<String>,
    /// Units over all variants, for the smallest effect that they detect
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub units: Option<u64>,
    /// Units a day over all variants
    #[arg(long, value_name = "N", value_parser = positive)]
    pub per_day: Option<f64>,
    /// The power asked for
    #[arg(long = "power", value_name = "SHARE", default_value = "0.8", value_parser = likely)]
    pub wanted: f64,
    /// Confidence level of the interval
    #[arg(long, default_value = "0.95", value_parser = likely)]
    pub level: f64,
    /// Weights of the variants, control first [default: the experiment's, else 1,1]
    #[arg(long, value_name = "WEIGHT", value_delimiter = ',')]
    pub weights: Vec<f64>,
    /// How it will be watched: fixed, confidence-sequence, mixture-sprt or group-sequential
    #[arg(long, value_name = "FAMILY", default_value = "fixed")]
    pub sequential: SequentialFamily,
    /// With group-sequential: obrien-fleming, pocock or quadratic [default: obrien-fleming]
    #[arg(long, value_name = "NAME")]
    pub spending: Option<Spending>,
    /// With group-sequential: the looks, as shares of the planned units [default: 0.25,0.5,0.75,1]
    #[arg(long, value_name = "SHARE", value_delimiter = ',')]
    pub looks: Vec<f64>,
    /// The format: table or json [default: by the file's extension, else table]
    #[arg(long, value_name = "FORMAT")]
    pub format: Option<String>,
    /// Write to this file instead of standard output
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

fn finite(text: &str) -> Result<f64, String> {
    let number = text.parse().ok().filter(|number: &f64| number.is_finite());
    number.ok_or_else(|| "write a number".to_owned())
}

fn positive(text: &str) -> Result<f64, String> {
    let number = finite(text).ok().filter(|number| *number > 0.0);
    number.ok_or_else(|| "write a number above 0".to_owned())
}

fn share(text: &str) -> Result<f64, String> {
    let number = finite(text).ok();
    let number = number.filter(|number| *number > 0.0 && *number < 1.0);
    number.ok_or_else(|| "write a share between 0 and 1, such as 0.05".to_owned())
}

fn likely(text: &str) -> Result<f64, String> {
    let number = share(text).ok().filter(|number| *number >= 0.5);
    number.ok_or_else(|| "write a share from 0.5 to below 1, such as 0.8".to_owned())
}
