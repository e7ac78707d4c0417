//! Finds out who asks and what time it is, for the log and for nothing else.
//!
//! A name is self-asserted wherever it comes from. Nothing of the workspace is asked for it: that may come from anyone.

use std::process::Command;

use anyhow::bail;

use crate::cli::args::By;
use crate::domain::definition::Timestamp;
use crate::record::{Actor, ActorSource};

/// The longest name or reason that goes into the log, in characters.
const LONGEST: usize = 2_000;

/// The time by this machine's clock.
pub(super) fn now() -> Timestamp {
    Timestamp(jiff::Timestamp::now().as_microsecond())
}

/// Who asks: typed, else the name in the user's own settings of git, else the environment's. The workspace's settings of git
/// are not asked: it may come from anyone.
pub(super) fn actor(by: &By) -> anyhow::Result<Actor> {
    if let Some(name) = &by.actor {
        let name = plain("--actor", name)?;
        let source = ActorSource::Flag;
        return Ok(Actor { name, source });
    }
    let variable = |name: &str| std::env::var(name).ok();
    let named = [
        (
            variable("GIT_AUTHOR_NAME").or_else(of_git),
            ActorSource::Git,
        ),
        (variable("USER"), ActorSource::Environment),
        (variable("LOGNAME"), ActorSource::Environment),
    ];
    for (name, source) in named {
        let name = name.and_then(|name| plain("", &name).ok());
        if let Some(name) = name {
            return Ok(Actor { name, source });
        }
    }
    bail!(
        "the log says who recorded and decided, and nobody is known here; say who you are with --actor NAME"
    )
}

fn of_git() -> Option<String> {
    let asked = Command::new("git")
        .args(["config", "--global", "--get", "user.name"])
        .output()
        .ok()?;
    let name = String::from_utf8(asked.stdout).ok()?;
    asked.status.success().then(|| name.trim().to_owned())
}

/// A text for the log: one line that says something.
pub(super) fn plain(flag: &str, text: &str) -> anyhow::Result<String> {
    let text = text.trim();
    if text.is_empty() {
        bail!("{flag} is empty; write one line");
    }
    if text.chars().any(char::is_control) {
        bail!("{flag} holds a line break or another control character; write one line");
    }
    if text.chars().count() > LONGEST {
        bail!("{flag} is longer than {LONGEST} characters; write less and point to the rest");
    }
    Ok(text.to_owned())
}
