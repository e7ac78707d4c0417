//! `readout report --record`, `readout record` and `readout verify`: readouts kept, decided on, and held to what comes out now.
//!
//! The clock and the name of whoever asks come from `actor`; neither gets into what is hashed.

use anyhow::{anyhow, bail};

use super::actor::{actor, now, plain};
use crate::cli::args::{self, Global, Recording};
use crate::cli::output::{Outcome, deliver, say};
use crate::cli::settings;
use crate::cli::watch::Watch;
use crate::domain::result::Readout;
use crate::record::{
    Decision, Event, Level, Line, Overview, RecordError, RecordId, Reproducibility, Store,
    Supersedes,
};
use crate::report::{self, Format};
use crate::workspace::{Look, Progress, Settings, Workspace};

pub(super) fn run(global: &Global, arguments: &args::Record) -> anyhow::Result<Outcome> {
    let workspace = super::open(global)?;
    let mut store = workspace.records();
    match arguments {
        args::Record::List { format } => {
            let list = overviews(&store)?;
            deliver(&report::records(&list, tabular(format)?)?, None)?;
        }
        args::Record::Show { record, format } => {
            let format = Format::from_word(format).map_err(|error| anyhow!("--format: {error}"))?;
            deliver(&show(&store, &store.find(record)?, format)?, None)?;
        }
        args::Record::Decide {
            record,
            decision,
            reason,
            by,
        } => {
            let id = store.find(record)?;
            store.get(&id)?;
            let event = Event::Decided {
                record: id.clone(),
                decision: word(*decision),
                reason: plain("--reason", reason)?,
            };
            let actor = actor(by)?;
            store.append(now(), &actor, &event)?;
            say(
                global.quiet,
                &format!(
                    "{} on {}, by {} (self-asserted)",
                    word(*decision).label(),
                    id.short(),
                    actor.name
                ),
            );
        }
        args::Record::Log { verify, format } => return log(&store, *verify, tabular(format)?),
    }
    Ok(Outcome::Fine)
}

/// Reads experiments out and stores each; `None` when interrupted.
pub(super) fn record(
    workspace: &Workspace,
    experiments: &[String],
    settings: &Settings,
    recording: &Recording,
    global: &Global,
) -> anyhow::Result<Option<Vec<Readout>>> {
    let actor = actor(&recording.by)?;
    let mut store = workspace.records();
    let supersedes = supersedes(&store, recording, experiments)?;
    let mut readouts = Vec::with_capacity(experiments.len());
    for experiment in experiments {
        let made = super::report::run_all(std::slice::from_ref(experiment), global, |progress| {
            vec![workspace.record(experiment, settings, supersedes.clone(), progress)]
        })?;
        let Some(record) = made.and_then(|made| made.into_iter().next()) else {
            return Ok(None);
        };
        let put = store.put(&record)?;
        let event = Event::Recorded {
            record: put.id.clone(),
            experiment: record.external.experiment.clone(),
        };
        store.append_once(now(), &actor, &event)?;
        if let Some(supersedes) = &supersedes {
            let event = Event::Superseded {
                record: supersedes.record.clone(),
                by: put.id.clone(),
                reason: supersedes.reason.clone(),
            };
            store.append_once(now(), &actor, &event)?;
        }
        let became = if put.is_new {
            "recorded as"
        } else {
            "is recorded already, as"
        };
        say(
            global.quiet,
            &format!("{experiment}: {became} {} in records/", put.id),
        );
        readouts.push(record.readout());
    }
    Ok(Some(readouts))
}

/// The record to correct, which is there and of the same experiment.
fn supersedes(
    store: &Store,
    recording: &Recording,
    experiments: &[String],
) -> anyhow::Result<Option<Supersedes>> {
    let (Some(prefix), Some(reason)) = (&recording.supersedes, &recording.reason) else {
        return Ok(None);
    };
    let record = store.find(prefix)?;
    let corrected = store.get(&record)?.external.experiment;
    match experiments {
        [only] if only == corrected.as_str() => {}
        [only] => bail!(
            "record {} is of '{corrected}' and not of '{only}'; name a record of '{only}' with --supersedes",
            record.short()
        ),
        _ => bail!("--supersedes corrects one record: name one experiment"),
    }
    Ok(Some(Supersedes {
        record,
        reason: plain("--reason", reason)?,
    }))
}

pub(super) fn verify(global: &Global, arguments: &args::Verify) -> anyhow::Result<Outcome> {
    let format = tabular(&arguments.format)?;
    let workspace = super::open(global)?;
    let store = workspace.records();
    let ids = match &arguments.record {
        Some(prefix) => vec![store.find(prefix)?],
        None => store.ids()?,
    };
    if ids.is_empty() {
        bail!("nothing is recorded; `readout report EXPERIMENT --record` records");
    }
    let required = level(arguments.require);
    let look = match required {
        Level::Failed | Level::Intact => Look::AtTheRecord,
        Level::InputsMatch => Look::AtInputs,
        Level::SameDecision | Level::WithinTolerance | Level::BitIdentical => Look::AtEverything,
    };
    let settings = settings::everywhere(global);
    let progress = Progress::default();
    let watch = Watch::start(&progress, global.quiet);
    let mut found = Vec::with_capacity(ids.len());
    for id in &ids {
        match workspace.verify(id, look, &settings, &progress) {
            Err(error) if error.is_cancelled() => return Ok(Outcome::Interrupted),
            verification => found.push(verification?),
        }
    }
    drop(watch);
    let rate = arguments.all.then(|| Reproducibility::of(&found));
    deliver(&report::verifications(&found, rate, format)?, None)?;
    let holds = found.iter().all(|one| one.level >= required);
    Ok(if holds { Outcome::Fine } else { Outcome::Bad })
}

fn overviews(store: &Store) -> anyhow::Result<Vec<Overview>> {
    let log = store.log()?;
    let mut list = Vec::new();
    for id in store.ids()? {
        let record = store.get(&id);
        let found = record.as_ref().map_err(problem);
        list.push(Overview::of(&id, found, &log));
    }
    // By when they were recorded, those that nobody knows of last.
    list.sort_by_key(|one| {
        let at = one.recorded.as_ref().map(|(at, _)| *at);
        (at.is_none(), at, one.record.clone())
    });
    Ok(list)
}

/// What is wrong with a record, in few words where they are enough.
fn problem(error: &RecordError) -> String {
    match error {
        RecordError::Edited { .. } => "has been changed since it was recorded".to_owned(),
        other => other.to_string(),
    }
}

fn show(store: &Store, id: &RecordId, format: Format) -> anyhow::Result<Vec<u8>> {
    let record = store.get(id)?;
    let log = store.log()?;
    let overview = Overview::of(id, Ok(&record), &log);
    let lines: Vec<&Line> = log.about(id).collect();
    Ok(match format {
        Format::Json => report::record_json(&record, &overview, &lines)?,
        Format::Csv => report::render(&record.readout(), format)?,
        Format::Markdown | Format::Table => {
            let mut document = report::record_head(&overview, &lines, format);
            document.extend(report::render(&record.readout(), format)?);
            document
        }
    })
}

fn log(store: &Store, verify: bool, format: Format) -> anyhow::Result<Outcome> {
    let log = store.log()?;
    let mut faults: Vec<String> = log.faults.iter().map(ToString::to_string).collect();
    if log.torn > 0 {
        faults.push(format!(
            "the last {} bytes are half a line whose writer was stopped; the next line goes on after them",
            log.torn
        ));
    }
    if verify {
        let ids = store.ids()?;
        for id in &ids {
            if let Err(error) = store.get(id) {
                faults.push(error.to_string());
            } else if !log
                .about(id)
                .any(|line| matches!(line.event, Event::Recorded { .. }))
            {
                faults.push(format!("record {id} is not in the log"));
            }
        }
        for line in &log.lines {
            if let Event::Recorded { record, .. } = &line.event
                && !ids.contains(record)
            {
                faults.push(format!("line {}: record {record} is gone", line.number));
            }
        }
    }
    let shown = (verify || !faults.is_empty()).then_some(faults.as_slice());
    deliver(&report::record_log(&log, shown, format)?, None)?;
    Ok(if verify && !faults.is_empty() {
        Outcome::Bad
    } else {
        Outcome::Fine
    })
}

fn tabular(word: &str) -> anyhow::Result<Format> {
    match Format::from_word(word) {
        Ok(Format::Csv) | Err(_) => bail!(
            "--format: '{}' is none of table, markdown and json",
            report::Untrusted(word)
        ),
        Ok(format) => Ok(format),
    }
}

const fn word(typed: args::Decision) -> Decision {
    match typed {
        args::Decision::Ship => Decision::Ship,
        args::Decision::DoNotShip => Decision::DoNotShip,
        args::Decision::KeepRunning => Decision::KeepRunning,
        args::Decision::RollBack => Decision::RollBack,
    }
}

const fn level(typed: args::Level) -> Level {
    match typed {
        args::Level::Intact => Level::Intact,
        args::Level::InputsMatch => Level::InputsMatch,
        args::Level::SameDecision => Level::SameDecision,
        args::Level::WithinTolerance => Level::WithinTolerance,
        args::Level::BitIdentical => Level::BitIdentical,
    }
}
