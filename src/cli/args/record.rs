//! Defines what can be typed of `readout record` and `readout verify`.

use clap::{Args, Subcommand, ValueEnum};

/// Who does it.
#[derive(Debug, Clone, Default, Args)]
pub struct By {
    /// Who you are, for the log: self-asserted [default: your git user.name, else $USER]
    #[arg(long, value_name = "NAME")]
    pub actor: Option<String>,
}

/// Whether and how a readout is recorded.
#[derive(Debug, Clone, Default, Args)]
pub struct Recording {
    /// Store the readout for good, in records/ of the workspace
    #[arg(long, conflicts_with = "schema")]
    pub record: bool,
    /// The record that this one corrects
    #[arg(long, value_name = "RECORD", requires_all = ["record", "reason"])]
    pub supersedes: Option<String>,
    /// Why it is corrected
    #[arg(long, value_name = "TEXT", requires = "supersedes")]
    pub reason: Option<String>,
    /// Who.
    #[command(flatten)]
    pub by: By,
}

/// `readout record`.
#[derive(Debug, Subcommand)]
pub enum Record {
    /// List records, with what was decided on each and how long that took
    List {
        /// The format: table, markdown or json
        #[arg(long, value_name = "FORMAT", default_value = "table")]
        format: String,
    },
    /// Show a record: who recorded it, what was decided on it, and its readout
    Show {
        /// The first digits of its id
        record: String,
        /// The format: markdown, table, json (the whole record) or csv
        #[arg(long, value_name = "FORMAT", default_value = "markdown")]
        format: String,
    },
    /// Write down what was decided on a record
    Decide {
        /// The first digits of its id
        record: String,
        /// What was decided
        #[arg(long, value_enum)]
        decision: Decision,
        /// Why
        #[arg(long, value_name = "TEXT")]
        reason: String,
        /// Who.
        #[command(flatten)]
        by: By,
    },
    /// Show the log of who recorded, superseded and decided what
    Log {
        /// Hold every line against the one before and every record against its hash: a gate
        #[arg(long)]
        verify: bool,
        /// The format: table, markdown or json
        #[arg(long, value_name = "FORMAT", default_value = "table")]
        format: String,
    },
}

/// What can be decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Decision {
    /// The variant goes to everybody
    Ship,
    /// It does not
    DoNotShip,
    /// Too early to say
    KeepRunning,
    /// What had been shipped is taken back
    RollBack,
}

/// `readout verify`.
#[derive(Debug, Args)]
pub struct Verify {
    /// The first digits of the record's id
    #[arg(required_unless_present = "all", value_name = "RECORD")]
    pub record: Option<String>,
    /// Every record
    #[arg(long, conflicts_with = "record")]
    pub all: bool,
    /// The level below which the exit code is 1
    #[arg(long, value_enum, value_name = "LEVEL", default_value_t)]
    pub require: Level,
    /// The format: table, markdown or json
    #[arg(long, value_name = "FORMAT", default_value = "table")]
    pub format: String,
}

/// How far a record must hold.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum Level {
    /// Its bytes are those that were recorded; nothing is computed
    Intact,
    /// And so are those of its inputs; nothing is computed
    InputsMatch,
    /// Computed again, the verdicts are the same
    SameDecision,
    /// Computed again, every number is the same but for rounding
    #[default]
    WithinTolerance,
    /// Computed again, every bit is the same
    BitIdentical,
}
