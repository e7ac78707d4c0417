//! Turns what was typed into what it means. Every default is here.

use std::path::Path;

use anyhow::{Context, anyhow, bail};

use super::args::{Global, RunArguments};
use crate::domain::definition::{Population, Timestamp};
use crate::report::Format;
use crate::workspace::{Settings, default_memory};

/// What a run may use of the machine, and nothing else that differs from what the files say.
pub(super) fn machine(global: &Global) -> Settings {
    let mut settings = Settings {
        memory: global.memory.or_else(default_memory),
        ..Settings::default()
    };
    if let Some(threads) = global.threads {
        settings.threads = usize::from(threads.get());
    }
    settings
}

/// What a run differs in from what the files say.
pub(super) fn run(
    arguments: &RunArguments,
    global: &Global,
    time_zone: Option<&str>,
) -> anyhow::Result<Settings> {
    let mut settings = machine(global);
    if let Some(text) = &arguments.as_of {
        settings.as_of = Some(instant(text, time_zone)?);
    }
    for name in &arguments.population {
        let population: Population = name.parse().with_context(|| "--population".to_owned())?;
        settings.populations.push(population);
    }
    settings.segments.clone_from(&arguments.segment);
    if let Some(level) = &arguments.level {
        settings
            .conventions
            .insert("level".to_owned(), level.clone());
    }
    for pair in &arguments.convention {
        let Some((name, value)) = pair.split_once('=') else {
            bail!("--convention {pair}: write NAME=VALUE, such as relative=delta");
        };
        settings
            .conventions
            .insert(name.trim().to_owned(), value.trim().to_owned());
    }
    Ok(settings)
}

/// An instant as typed: with its offset, or a date, which means through its end in the workspace's zone.
fn instant(text: &str, time_zone: Option<&str>) -> anyhow::Result<Timestamp> {
    if let Ok(instant) = text.parse::<Timestamp>() {
        return Ok(instant);
    }
    let date: jiff::civil::Date = text
        .parse()
        .map_err(|_| anyhow!("--as-of '{text}': write a date such as 2026-03-20, or an instant such as 2026-03-20T00:00:00Z"))?;
    let zone = time_zone
        .ok_or_else(|| anyhow!("--as-of '{text}': a date needs a time zone, and readout.toml declares none; add time_zone = \"UTC\", or write an instant"))?;
    let next = date
        .tomorrow()
        .with_context(|| format!("--as-of '{text}'"))?;
    let start = next
        .in_tz(zone)
        .with_context(|| format!("--as-of '{text}'"))?;
    Ok(Timestamp(start.timestamp().as_microsecond()))
}

/// The format of a document: asked for, else by the file's extension, else the command's default.
pub(super) fn format(
    asked: Option<&str>,
    file: Option<&Path>,
    default: Format,
) -> anyhow::Result<Format> {
    if let Some(name) = asked {
        return Format::from_word(name).map_err(|error| anyhow!("--format: {error}"));
    }
    let Some(file) = file else {
        return Ok(default);
    };
    Format::from_extension(file).ok_or_else(|| {
        anyhow!(
            "'{}' ends in no document format; end it in .md, .json, .csv or .txt, or add --format",
            file.display()
        )
    })
}
