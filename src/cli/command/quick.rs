//! `readout quick`: one file, no workspace.

use std::collections::BTreeMap;

use anyhow::{anyhow, bail};

#[cfg(feature = "tui")]
use crate::cli::args::Tui;
use crate::cli::args::{Global, Quick, RunArguments};
use crate::cli::output::{Outcome, deliver, expect_folder, say};
use crate::cli::settings;
use crate::cli::watch::Watch;
use crate::report::{self, Format, escape};
use crate::workspace::{self, Asked, Guess, Progress, Settings};

pub(super) fn run(global: &Global, arguments: &Quick) -> anyhow::Result<Outcome> {
    if arguments.tui {
        super::expect_terminal("leave --tui out to read the file out as a table")?;
    }
    expect_folder(arguments.output.as_deref())?;
    let format = settings::format(
        arguments.format.as_deref(),
        arguments.output.as_deref(),
        Format::Table,
    )?;
    let asked = Asked {
        unit: arguments.unit.clone(),
        variant: arguments.variant.clone(),
        control: arguments.control.clone(),
        metrics: arguments.metric.clone(),
        segments: arguments.segment.clone(),
        strata: arguments.strata.clone(),
        cluster: arguments.cluster.clone(),
        covariates: arguments.covariate.clone(),
        weights: weights(&arguments.weights)?,
        time_zone: None,
    };
    // The segments are part of the definitions that quick proposes. A file without times has no as-of, and one without
    // exposures no other population.
    let run = RunArguments {
        level: arguments.level.clone(),
        convention: arguments.convention.clone(),
        ..RunArguments::default()
    };
    // One file is read in the time that looking for what is known of it would take.
    let settings = Settings {
        cache: None,
        ..settings::run(&run, global, None)?
    };
    let progress = Progress::default();
    let watch = Watch::start(&progress, global.quiet);
    let outcome = workspace::quick(
        &arguments.file,
        &asked,
        &settings,
        command(arguments),
        &progress,
    );
    drop(watch);
    let quick = match outcome {
        Ok(quick) => quick,
        Err(error) if error.is_cancelled() => return Ok(Outcome::Interrupted),
        Err(error) => return Err(error.into()),
    };
    explain(global.quiet, &quick.guesses);
    if arguments.tui {
        return browse(quick);
    }
    deliver(
        &report::render(&quick.readout, format)?,
        arguments.output.as_deref(),
    )?;
    Ok(Outcome::Fine)
}

#[cfg(feature = "tui")]
fn browse(quick: workspace::Quick) -> anyhow::Result<Outcome> {
    super::tui::one(quick, &Tui::default())
}

#[cfg(not(feature = "tui"))]
fn browse(_: workspace::Quick) -> anyhow::Result<Outcome> {
    bail!("this build has no terminal app; leave --tui out")
}

/// Characters of a guess that are shown: names in a file can be of any length.
const SHOWN: usize = 240;

/// Says every guess with its reason.
pub(super) fn explain(quiet: bool, guesses: &[Guess]) {
    if guesses.is_empty() {
        return;
    }
    say(quiet, "guessed:");
    for guess in guesses {
        say(
            quiet,
            &format!(
                "  {} = {}: {}",
                escape::terminal_shortened(&guess.subject, SHOWN),
                escape::terminal_shortened(&guess.value, SHOWN),
                escape::terminal_shortened(&guess.reason, SHOWN)
            ),
        );
    }
}

fn weights(pairs: &[String]) -> anyhow::Result<BTreeMap<String, f64>> {
    let mut weights = BTreeMap::new();
    for pair in pairs {
        let (label, weight) = pair
            .rsplit_once('=')
            .ok_or_else(|| anyhow!("--weights {pair}: write LABEL=WEIGHT, such as old=1,new=1"))?;
        let weight: f64 = weight
            .parse()
            .map_err(|_| anyhow!("--weights {pair}: '{weight}' is no number"))?;
        if !weight.is_finite() || weight < 0.0 {
            bail!("--weights {pair}: a weight is a number of at least 0");
        }
        weights.insert(label.to_owned(), weight);
    }
    if !weights.is_empty() && weights.values().all(|weight| *weight == 0.0) {
        bail!("--weights: at least one weight must be above 0");
    }
    Ok(weights)
}

/// The command line that reproduces the readout, without where the document went.
fn command(arguments: &Quick) -> Vec<String> {
    let name = arguments.file.file_name().map_or_else(
        || arguments.file.to_string_lossy(),
        |name| name.to_string_lossy(),
    );
    // A name that starts with a hyphen would be taken for a flag.
    let name = if name.starts_with('-') {
        format!("./{name}")
    } else {
        name.into_owned()
    };
    let mut words = vec!["readout".to_owned(), "quick".to_owned(), name];
    let mut flag = |name: &str, value: &str| words.extend([name.to_owned(), value.to_owned()]);
    let columns = [
        ("--unit", &arguments.unit),
        ("--variant", &arguments.variant),
        ("--control", &arguments.control),
    ];
    for (name, value) in columns {
        if let Some(value) = value {
            flag(name, value);
        }
    }
    for metric in &arguments.metric {
        let kind = match (metric.kind, metric.quantile) {
            (Some(kind), Some(quantile)) => format!(":{kind}={quantile}"),
            (Some(kind), None) => format!(":{kind}"),
            (None, _) => String::new(),
        };
        let direction = metric
            .direction
            .map(|direction| format!(":{direction}"))
            .unwrap_or_default();
        flag("--metric", &format!("{}{kind}{direction}", metric.column));
    }
    for segment in &arguments.segment {
        flag("--segment", segment);
    }
    for (name, column) in [
        ("--strata", &arguments.strata),
        ("--cluster", &arguments.cluster),
    ] {
        if let Some(column) = column {
            flag(name, column);
        }
    }
    for covariate in &arguments.covariate {
        flag("--covariate", covariate);
    }
    if !arguments.weights.is_empty() {
        flag("--weights", &arguments.weights.join(","));
    }
    if let Some(level) = &arguments.level {
        flag("--level", level);
    }
    for convention in &arguments.convention {
        flag("--convention", convention);
    }
    words
}
