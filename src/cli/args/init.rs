//! Defines what can be typed of `readout init`.

use std::path::PathBuf;

use clap::Args;

/// `readout init`.
#[derive(Debug, Args)]
pub struct Init {
    /// The workspace's folder [default: -C, else this one]
    #[arg(value_name = "DIR")]
    pub folder: Option<PathBuf>,
    /// Look for tables in these folders and files only [default: below the workspace's folder]
    #[arg(long, value_name = "PATH", num_args = 1.., value_delimiter = ',')]
    pub tables: Vec<PathBuf>,
    /// Take up what a dbt project declares: its target/manifest.json
    #[arg(long, value_name = "FILE")]
    pub dbt: Option<PathBuf>,
    /// Who answers for every definition [default: a placeholder that lint warns of]
    #[arg(long, value_name = "NAME")]
    pub owner: Option<String>,
    /// The zone of local days and of times that carry none, such as Europe/Berlin
    #[arg(long, value_name = "ZONE")]
    pub time_zone: Option<String>,
    /// Print the files instead of writing them
    #[arg(long)]
    pub dry_run: bool,
    /// Replace files that are already there
    #[arg(long, conflicts_with = "dry_run")]
    pub force: bool,
}
