//! `readout simulate`: a synthetic workspace with known truth.

use std::path::Path;

use anyhow::Context;

use crate::cli::args::{Global, Simulate};
use crate::cli::output::{Outcome, say};
use crate::propose::simulate::{
    Layout, Overwrite, Scenario, TableFormat, generate, sample_workspace,
};

pub(super) fn run(global: &Global, arguments: &Simulate) -> anyhow::Result<Outcome> {
    let overwrite = if arguments.force {
        Overwrite::SameFiles
    } else {
        Overwrite::Never
    };
    let (world, layout) = if arguments.sample {
        (sample_workspace(arguments.seed)?, Layout::SAMPLE)
    } else {
        let scenario = match &arguments.scenario {
            None => Scenario::default(),
            Some(file) => {
                let name = file.display();
                let text = std::fs::read_to_string(file)
                    .with_context(|| format!("'{name}' cannot be read"))?;
                serde_json::from_str(&text).with_context(|| format!("'{name}' is no scenario"))?
            }
        };
        let format: TableFormat = arguments.format.parse().context("--format")?;
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
    let files = world.write(&arguments.output, layout, overwrite)?;
    say(
        global.quiet,
        &format!("{} files in {}", files.len(), arguments.output.display()),
    );
    Ok(Outcome::Fine)
}
