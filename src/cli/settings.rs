//! Turns what was typed into what it means. Every default is here.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow, bail};

use super::args::{Global, RunArguments};
use crate::domain::definition::{Population, Timestamp};
use crate::report::Format;
use crate::workspace::{Settings, default_memory};

/// What every run over a workspace shares: what it may use of the machine, and where summaries are kept.
pub(super) fn everywhere(global: &Global) -> Settings {
    let mut settings = Settings {
        memory: global.memory.or_else(default_memory),
        cache: summaries(|name| std::env::var_os(name)).filter(|_| !global.no_cache),
        ..Settings::default()
    };
    if let Some(threads) = global.threads {
        settings.threads = usize::from(threads.get());
    }
    settings
}

/// The user's own folder for summaries; `None` where the environment names no home. As the XDG base directory
/// specification has it, a relative `XDG_CACHE_HOME` is as good as none.
fn summaries(variable: impl Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    let absolute = |name| {
        variable(name)
            .map(PathBuf::from)
            .filter(|path| path.is_absolute())
    };
    let caches = absolute("XDG_CACHE_HOME").or_else(|| Some(absolute("HOME")?.join(".cache")));
    Some(caches?.join("readout/summaries"))
}

/// What a run differs in from what the files say.
pub(super) fn run(
    arguments: &RunArguments,
    global: &Global,
    time_zone: Option<&str>,
) -> anyhow::Result<Settings> {
    let mut settings = everywhere(global);
    if let Some(text) = &arguments.as_of {
        settings.as_of = Some(instant(text, time_zone)?);
    }
    for name in &arguments.population {
        let population: Population = name.parse().with_context(|| "--population".to_owned())?;
        settings.populations.push(population);
    }
    settings.segments.clone_from(&arguments.segment);
    settings.diagnose = arguments.diagnose;
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
    for pair in &arguments.analysis {
        let Some((name, value)) = pair.split_once('=') else {
            bail!("--analysis {pair}: write NAME=VALUE, such as bootstrap=2000");
        };
        settings
            .analysis
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

#[cfg(test)]
mod tests {
    use super::*;

    fn of(variables: &[(&str, &str)]) -> Option<PathBuf> {
        summaries(|name| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| OsString::from(value))
        })
    }

    #[test]
    fn summaries_are_kept_where_the_user_keeps_caches() {
        let home = ("HOME", "/home/a");
        let kept = |path: &str| Some(PathBuf::from(path));
        assert_eq!(of(&[home]), kept("/home/a/.cache/readout/summaries"));
        assert_eq!(
            of(&[home, ("XDG_CACHE_HOME", "/var/a")]),
            kept("/var/a/readout/summaries")
        );
        assert_eq!(
            of(&[home, ("XDG_CACHE_HOME", "caches")]),
            kept("/home/a/.cache/readout/summaries")
        );
        assert_eq!(of(&[("HOME", "")]), None);
        assert_eq!(of(&[]), None);
    }
}
