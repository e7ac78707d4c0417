//! Defines how a metric is named: by its id alone, or with as much of its version as matters.

use std::fmt;
use std::str::FromStr;

use crate::domain::definition::{Identifier, Version};

/// Which versions of a metric are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Versions {
    /// The one in force: `id`.
    Current,
    /// The newest of a major version: `id@1`.
    Major(u32),
    /// The newest of a minor version: `id@1.2`.
    Minor(u32, u32),
    /// Exactly one: `id@1.2.0`.
    Exactly(Version),
}

impl Versions {
    /// Whether `version` is one of them.
    #[must_use]
    pub fn includes(self, version: Version) -> bool {
        match self {
            Self::Current => true,
            Self::Major(major) => version.major == major,
            Self::Minor(major, minor) => version.major == major && version.minor == minor,
            Self::Exactly(one) => version == one,
        }
    }
}

/// A metric as people name it: `id`, `id@1`, `id@1.2` or `id@1.2.0`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// The metric.
    pub id: Identifier,
    /// Which of its versions.
    pub versions: Versions,
}

/// A text that names no metric.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "a metric is named by its id, such as revenue, or with a version, such as revenue@1 or revenue@1.2.0"
)]
pub struct InvalidReference;

impl FromStr for Reference {
    type Err = InvalidReference;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (id, version) = match text.split_once('@') {
            Some((id, version)) => (id, Some(version)),
            None => (text, None),
        };
        let id = Identifier::new(id).map_err(|_| InvalidReference)?;
        let versions = match version {
            None => Versions::Current,
            Some(version) => versions(version).ok_or(InvalidReference)?,
        };
        Ok(Self { id, versions })
    }
}

fn versions(text: &str) -> Option<Versions> {
    // Padding to three numbers leaves one place that knows what a version number is.
    let missing = 2_usize.checked_sub(text.matches('.').count())?;
    let version: Version = format!("{text}{}", ".0".repeat(missing)).parse().ok()?;
    Some(match missing {
        2 => Versions::Major(version.major),
        1 => Versions::Minor(version.major, version.minor),
        _ => Versions::Exactly(version),
    })
}

impl fmt::Display for Reference {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.id)?;
        match self.versions {
            Versions::Current => Ok(()),
            Versions::Major(major) => write!(formatter, "@{major}"),
            Versions::Minor(major, minor) => write!(formatter, "@{major}.{minor}"),
            Versions::Exactly(version) => write!(formatter, "@{version}"),
        }
    }
}
