//! `readout simulate`: a synthetic workspace with known truth, or the proof of the statistics on experiments with one.

use std::path::Path;

use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Context, bail};

use crate::calibration::{self, Strictness, calibrate};
use crate::cli::args::{Global, Simulate};
use crate::cli::output::{Outcome, deliver, say};
use crate::cli::settings;
use crate::cli::watch::Watch;
use crate::domain::result::CheckId;
use crate::propose::simulate::{
    Layout, Overwrite, Scenario, TableFormat, faults, generate, sample_workspace,
    scenario_with_fault,
};
use crate::report::{self, Format, Room, escape};
use crate::workspace::Progress;

pub(super) fn run(global: &Global, arguments: &Simulate) -> anyhow::Result<Outcome> {
    if !arguments.calibrate && arguments.experiments.is_some() {
        bail!("--experiments belongs to --calibrate");
    }
    match &arguments.output {
        Some(folder) => write(global, arguments, folder),
        None => prove(global, arguments),
    }
}

/// Writes a workspace.
fn write(global: &Global, arguments: &Simulate, folder: &Path) -> anyhow::Result<Outcome> {
    let overwrite = if arguments.force {
        Overwrite::SameFiles
    } else {
        Overwrite::Never
    };
    let (world, layout) = if arguments.sample {
        (sample_workspace(arguments.seed)?, Layout::SAMPLE)
    } else {
        let scenario = match (&arguments.scenario, &arguments.fault) {
            (None, None) => Scenario::default(),
            (None, Some(fault)) => with_fault(fault)?,
            (Some(file), _) => {
                let name = file.display();
                let text = std::fs::read_to_string(file)
                    .with_context(|| format!("'{name}' cannot be read"))?;
                serde_json::from_str(&text).with_context(|| format!("'{name}' is no scenario"))?
            }
        };
        let format: TableFormat = arguments
            .format
            .as_deref()
            .unwrap_or("parquet")
            .parse()
            .context("--format")?;
        (
            generate(&scenario, arguments.seed).with_context(|| {
                let file = arguments
                    .scenario
                    .as_deref()
                    .unwrap_or(Path::new("default"));
                format!("the scenario '{}' cannot be made", file.display())
            })?,
            Layout::uniform(format),
        )
    };
    let files = world.write(folder, layout, overwrite)?;
    say(
        global.quiet,
        &format!("{} files in {}", files.len(), folder.display()),
    );
    Ok(Outcome::Fine)
}

/// The scenario with the fault that a check must find.
fn with_fault(name: &str) -> anyhow::Result<Scenario> {
    let id = CheckId::ALL.iter().find(|id| id.name() == name);
    id.and_then(|id| scenario_with_fault(*id)).with_context(|| {
        let known: Vec<&str> = faults().map(CheckId::name).collect();
        format!(
            "--fault {}: there are {}",
            escape::line(name),
            known.join(", ")
        )
    })
}

/// Simulates experiments and holds the statistics to what they claim.
fn prove(global: &Global, arguments: &Simulate) -> anyhow::Result<Outcome> {
    let format = settings::format(arguments.format.as_deref(), None, Format::Table)?;
    if format == Format::Csv {
        bail!("a calibration is not written as csv; choose table, markdown or json with --format");
    }
    let request = calibration::Request {
        seed: arguments.seed,
        experiments: arguments
            .experiments
            .unwrap_or(calibration::DEFAULT_EXPERIMENTS),
        threads: settings::everywhere(global).threads,
        strictness: Strictness::Claimed,
    };
    let progress = Progress::default();
    let watch = Watch::start(&progress, global.quiet);
    let known = AtomicUsize::new(usize::MAX);
    let calibration = calibrate(&request, &|subject, position, of| {
        if known.swap(position, Ordering::Relaxed) != position {
            progress.enter(subject);
            progress.expect_bytes(of as u64);
            progress.advance(0, u64::from(position > 0));
        }
        !progress.is_cancelled()
    });
    drop(watch);
    let Some(calibration) = calibration else {
        return Ok(Outcome::Interrupted);
    };
    let document = match format {
        Format::Json => report::calibration_json(&calibration)?,
        Format::Markdown => report::calibration_markdown(&calibration),
        Format::Table | Format::Csv => report::calibration_table(&calibration, Room::default()),
    };
    deliver(&document, None)?;
    Ok(if calibration.missed().next().is_some() {
        Outcome::Bad
    } else {
        Outcome::Fine
    })
}
