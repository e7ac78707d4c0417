//! Defines what can be typed, and nothing about what it means.

mod init;
mod power;
mod record;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

pub(super) use init::Init;
pub(super) use power::Power;
pub(super) use record::{By, Decision, Level, Record, Recording, Verify};

use crate::propose::quick::MetricAsk;

const EXAMPLES: &str = "\
Examples:
  readout                                     browse the workspace of this folder
  readout demo                                browse a sample workspace
  readout quick users.csv --metric revenue    one file, no workspace
  readout report checkout-button              a readout as markdown
  readout check checkout-button               validity checks, as a gate
  readout init                                propose a workspace for the tables of this folder
  readout lint                                every definition file, as a gate";

/// The heading of what every command shares, in its help.
const EVERYWHERE: &str = "Everywhere";

/// A/B experiment readouts people can trust.
#[derive(Debug, Parser)]
#[command(name = "readout", version, before_long_help = EXAMPLES, max_term_width = 100)]
pub struct Arguments {
    /// What every command shares.
    #[command(flatten)]
    pub global: Global,
    /// The command; without one, the terminal app on the workspace found by walking up.
    #[command(subcommand)]
    pub command: Option<Command>,
}

impl Arguments {
    /// Threads asked for.
    #[must_use]
    pub fn threads(&self) -> Option<usize> {
        self.global
            .threads
            .map(|threads| usize::from(threads.get()))
    }
}

/// What every command shares.
#[derive(Debug, Clone, Default, Args)]
pub struct Global {
    /// The workspace's folder [default: this one or the nearest above with a readout.toml]
    #[arg(short = 'C', long, value_name = "DIR", global = true, help_heading = EVERYWHERE)]
    pub directory: Option<PathBuf>,
    /// Read the tables from below this folder instead of the workspace
    #[arg(long, value_name = "DIR", global = true, help_heading = EVERYWHERE)]
    pub tables: Option<PathBuf>,
    /// Threads to use [default: one a core]
    #[arg(long, value_name = "N", global = true, help_heading = EVERYWHERE)]
    pub threads: Option<std::num::NonZeroU16>,
    /// Memory that units may take, such as 500MB or 2GiB; past it they wait on disk [default: half of the machine's]
    #[arg(long, value_name = "SIZE", value_parser = super::size::bytes, allow_hyphen_values = true, global = true, help_heading = EVERYWHERE)]
    pub memory: Option<u64>,
    /// Read every table, whatever earlier runs have kept, and keep nothing
    #[arg(long, global = true, help_heading = EVERYWHERE)]
    pub no_cache: bool,
    /// Say nothing but the result and errors
    #[arg(short, long, global = true, help_heading = EVERYWHERE)]
    pub quiet: bool,
}

/// A command.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Browse in the terminal
    #[command(
        before_long_help = "Examples:\n  readout tui\n  readout tui -e checkout-button --theme light"
    )]
    Tui(Tui),
    /// Browse a sample workspace, made afresh in a temporary folder
    #[command(before_long_help = "Examples:\n  readout demo")]
    Demo(Tui),
    /// Write readouts: markdown, JSON, CSV or a table
    #[command(
        before_long_help = "Examples:\n  readout report checkout-button\n  readout report --all -o readouts.json\n  readout report checkout-button --as-of 2026-03-20 --format table\n  readout report checkout-button --record"
    )]
    Report(Report),
    /// Run the validity checks: a gate
    #[command(
        before_long_help = "Examples:\n  readout check checkout-button\n  readout check --all --fail-on fail,breach\n  readout check search-ranking --diagnose\n  readout check checkout-button -o checks.md\n  readout check --all --fail-on fail,incomplete -o checks.xml"
    )]
    Check(Check),
    /// List, show and decide on stored readouts, and show the log of who did
    #[command(
        before_long_help = "Examples:\n  readout report checkout-button --record\n  readout record list\n  readout record decide 3f2a --decision ship --reason \"better, and no guardrail moved\"\n  readout record log --verify"
    )]
    #[command(subcommand)]
    Record(Record),
    /// Compute stored readouts again and say how far they hold: a gate
    #[command(
        before_long_help = "Examples:\n  readout verify 3f2a\n  readout verify --all --require bit-identical"
    )]
    Verify(Verify),
    /// Check every definition file: a gate
    #[command(
        before_long_help = "Examples:\n  readout lint\n  readout lint --strict --format json"
    )]
    Lint(Lint),
    /// List, show and version metrics and experiments
    #[command(
        before_long_help = "Examples:\n  readout catalog list\n  readout catalog show revenue@1\n  readout catalog bump revenue minor"
    )]
    #[command(subcommand)]
    Catalog(Catalog),
    /// Propose a workspace for a folder of tables
    #[command(
        before_long_help = "Examples:\n  readout init\n  readout init --dry-run\n  readout init shop --owner growth --time-zone Europe/Berlin\n  readout init --dbt target/manifest.json"
    )]
    Init(Init),
    /// Write a new definition file to fill in
    #[command(
        before_long_help = "Examples:\n  readout new metric refund-rate\n  readout new experiment checkout-button"
    )]
    #[command(subcommand)]
    New(New),
    /// Read out a single file, without a workspace
    #[command(
        before_long_help = "Examples:\n  readout quick users.csv\n  readout quick users.csv --unit user_id --variant group --control old --metric converted --metric revenue:mean"
    )]
    Quick(Quick),
    /// Write a synthetic workspace with known truth
    #[command(
        before_long_help = "Examples:\n  readout simulate --output synthetic --seed 7\n  readout simulate --sample --output sample-data\n  readout simulate --calibrate --experiments 2000"
    )]
    Simulate(Simulate),
    /// Plan an experiment: units needed, smallest effect, days
    #[command(
        before_long_help = "Examples:\n  readout power --rate 0.05 --effect 10% --per-day 3000\n  readout power --mean 12.5 --sd 40 --effect 0.5\n  readout power users.csv --metric revenue --units 20000\n  readout power --experiment checkout-button --metric revenue --effect 2%"
    )]
    Power(Power),
    /// Print a completion script
    #[command(
        before_long_help = "Examples:\n  readout completions bash > ~/.local/share/bash-completion/completions/readout"
    )]
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
}

/// How the terminal app starts.
#[derive(Debug, Clone, Default, Args)]
pub struct Tui {
    /// Open this experiment at once
    #[arg(short, long, value_name = "EXPERIMENT")]
    pub experiment: Option<String>,
    /// Colours
    #[arg(long, value_enum, default_value_t)]
    pub theme: Theme,
    /// Draw with ASCII characters only
    #[arg(long)]
    pub ascii: bool,
}

/// Colours of the terminal app.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum Theme {
    /// The terminal's own palette
    #[default]
    Default,
    /// For light backgrounds
    Light,
    /// Blue and orange, strong
    HighContrast,
    /// No colour
    Mono,
}

/// What a run may differ in from what the files say.
#[derive(Debug, Clone, Default, Args)]
pub struct RunArguments {
    /// Use nothing from this instant on: a date (through its end) or an instant such as 2026-03-20T00:00:00Z
    #[arg(long, value_name = "WHEN")]
    pub as_of: Option<String>,
    /// Read out these populations: itt, exposed. Exploratory
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    pub population: Vec<String>,
    /// Split by this column too
    #[arg(long, value_name = "COLUMN")]
    pub segment: Vec<String>,
    /// Confidence level of the intervals. Exploratory
    #[arg(long, value_name = "LEVEL")]
    pub level: Option<String>,
    /// Another convention, such as relative=delta. Exploratory
    #[arg(long, value_name = "NAME=VALUE")]
    pub convention: Vec<String>,
    /// Computed beside, such as bootstrap=2000, novelty=true, strata=country. Exploratory where effects are made by it
    #[arg(long, value_name = "NAME=VALUE")]
    pub analysis: Vec<String>,
    /// Say where a sample ratio mismatch comes from, and what is left of the effects
    #[arg(long)]
    pub diagnose: bool,
}

/// Where a document goes.
#[derive(Debug, Clone, Default, Args)]
pub struct DocumentArguments {
    /// The format: markdown, json, csv or table [default: by the file's extension, else markdown]
    #[arg(long, value_name = "FORMAT")]
    pub format: Option<String>,
    /// Write to this file instead of standard output
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// `readout report`.
#[derive(Debug, Args)]
pub struct Report {
    /// The experiments
    #[arg(required_unless_present_any = ["all", "schema"], value_name = "EXPERIMENT")]
    pub experiments: Vec<String>,
    /// Every experiment of the workspace
    #[arg(long, conflicts_with = "experiments")]
    pub all: bool,
    /// Print the JSON Schema of the JSON format instead
    #[arg(long)]
    pub schema: bool,
    /// The document.
    #[command(flatten)]
    pub document: DocumentArguments,
    /// The run.
    #[command(flatten)]
    pub run: RunArguments,
    /// The record.
    #[command(flatten)]
    pub recording: Recording,
}

/// `readout check`.
#[derive(Debug, Args)]
pub struct Check {
    /// The experiments
    #[arg(required_unless_present = "all", value_name = "EXPERIMENT")]
    pub experiments: Vec<String>,
    /// Every experiment of the workspace
    #[arg(long, conflicts_with = "experiments")]
    pub all: bool,
    /// Also write the rejected rows, unit ids among them, to quarantine/EXPERIMENT/TABLE.csv of the workspace, for you alone
    #[arg(long)]
    pub quarantine: bool,
    /// What makes the exit code 1
    #[arg(long, value_enum, value_delimiter = ',', default_value = "fail")]
    pub fail_on: Vec<FailOn>,
    /// The format: table, markdown, json or junit [default: by the file's extension, else table]
    #[arg(long, value_name = "FORMAT")]
    pub format: Option<String>,
    /// Write to this file instead of standard output
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// The run.
    #[command(flatten)]
    pub run: RunArguments,
}

/// What makes a gate close.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum FailOn {
    /// A check that fails
    Fail,
    /// A check that warns
    Warn,
    /// A guardrail beyond its margin
    Breach,
    /// A guardrail that is not shown to be safe
    Inconclusive,
    /// A check that could not run, or data that do not suffice
    Incomplete,
    /// Nothing
    Never,
}

/// `readout lint`.
#[derive(Debug, Clone, Args)]
pub struct Lint {
    /// The format: text or json
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub format: String,
    /// Warnings close the gate too
    #[arg(long)]
    pub strict: bool,
}

/// `readout catalog`.
#[derive(Debug, Subcommand)]
pub enum Catalog {
    /// List metrics and experiments
    List {
        /// The format: text or json
        #[arg(long, value_name = "FORMAT", default_value = "text")]
        format: String,
    },
    /// Show a metric or experiment with every default filled in
    Show {
        /// Its id; a metric's may carry a version, as revenue@1
        id: String,
    },
    /// Print the JSON Schema of a kind of definition file
    Schema {
        /// workspace, experiment or metric
        kind: String,
    },
    /// Keep a metric's version under metrics/ID/ and raise the current one
    Bump {
        /// The metric
        id: String,
        /// major when its meaning changes, minor when something is added, patch when only words change
        level: String,
    },
}

/// `readout new`.
#[derive(Debug, Subcommand)]
pub enum New {
    /// A metric file
    Metric {
        /// Its id
        id: String,
    },
    /// An experiment file
    Experiment {
        /// Its id
        id: String,
    },
}

/// `readout quick`.
#[derive(Debug, Args)]
pub struct Quick {
    /// The file: CSV, Parquet, NDJSON or Arrow
    pub file: PathBuf,
    /// The column that tells units apart
    #[arg(long, value_name = "COLUMN")]
    pub unit: Option<String>,
    /// The column that holds the variant
    #[arg(long, value_name = "COLUMN")]
    pub variant: Option<String>,
    /// The control's label
    #[arg(long, value_name = "LABEL")]
    pub control: Option<String>,
    /// A metric column, perhaps with its kind and direction: COLUMN[:proportion|mean|quantile=0.9][:increase|decrease]
    #[arg(long, value_name = "COLUMN[:KIND]")]
    pub metric: Vec<MetricAsk>,
    /// Planned weights, such as old=1,new=1
    #[arg(long, value_name = "LABEL=WEIGHT", value_delimiter = ',')]
    pub weights: Vec<String>,
    /// Split by this column too
    #[arg(long, value_name = "COLUMN")]
    pub segment: Vec<String>,
    /// Compare within the levels of this column, and put them together (post-stratification)
    #[arg(long, value_name = "COLUMN")]
    pub strata: Option<String>,
    /// What was randomised, where units nest in it: a household, an account
    #[arg(long, value_name = "COLUMN")]
    pub cluster: Option<String>,
    /// A number known from before assignment, which the metrics are adjusted for (CUPED); up to three
    #[arg(long, value_name = "COLUMN")]
    pub covariate: Vec<String>,
    /// Confidence level of the intervals. Exploratory
    #[arg(long, value_name = "LEVEL")]
    pub level: Option<String>,
    /// Another convention, such as relative=delta. Exploratory
    #[arg(long, value_name = "NAME=VALUE")]
    pub convention: Vec<String>,
    /// The format: table, markdown, json or csv [default: by the file's extension, else table]
    #[arg(long, value_name = "FORMAT")]
    pub format: Option<String>,
    /// Write to this file instead of standard output
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Browse the readout in the terminal
    #[arg(long, conflicts_with_all = ["format", "output"])]
    pub tui: bool,
}

/// `readout simulate`.
#[derive(Debug, Args)]
pub struct Simulate {
    /// The folder to write, which must be empty or not there
    #[arg(short, long, value_name = "DIR", required_unless_present = "calibrate")]
    pub output: Option<PathBuf>,
    /// The seed: the same seed writes the same bytes
    #[arg(long, default_value_t = 20_260_301)]
    pub seed: u64,
    /// The sample workspace of five experiments
    #[arg(long, conflicts_with_all = ["scenario", "format"])]
    pub sample: bool,
    /// A scenario file in JSON; without one, a plain healthy experiment
    #[arg(long, value_name = "FILE")]
    pub scenario: Option<PathBuf>,
    /// An experiment with one fault, named for the check that must find it, such as sample-ratio
    #[arg(long, value_name = "CHECK", conflicts_with_all = ["scenario", "sample", "calibrate"])]
    pub fault: Option<String>,
    /// The tables' format: parquet, csv, ndjson or arrow [default: parquet]; with --calibrate: table, markdown or json
    #[arg(long, value_name = "FORMAT")]
    pub format: Option<String>,
    /// Write into a folder that is not empty
    #[arg(long)]
    pub force: bool,
    /// Write nothing: simulate experiments of every kind and hold intervals and p-values to what they claim, as a gate
    #[arg(long, conflicts_with_all = ["output", "sample", "scenario", "force"])]
    pub calibrate: bool,
    /// With --calibrate: experiments of each kind [default: 20000]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub experiments: Option<u32>,
}
