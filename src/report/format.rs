//! Defines the formats a document can have and the one entrance to their exporters.
//!
//! It writes to no file and no terminal: bytes come out, the same ones for the same readout, always.

use std::path::Path;

use super::{csv, json, markdown, table};
use crate::domain::result::Readout;
use crate::domain::{UnknownName, vocabulary};

vocabulary! {
    /// What a document is written as.
    pub enum Format {
        /// Aligned columns for a terminal.
        Table = "table", "plain text table";
        /// A document for a pull request or a wiki.
        Markdown = "markdown", "markdown document";
        /// The readout itself, versioned, with a schema.
        Json = "json", "versioned JSON";
        /// A row an effect.
        Csv = "csv", "tidy CSV";
    }
}

impl Format {
    /// The format people mean by a word: its name, or the extension files of it have.
    ///
    /// # Errors
    /// [`UnknownName`] with every name there is.
    pub fn from_word(word: &str) -> Result<Self, UnknownName> {
        match word {
            "md" => Ok(Self::Markdown),
            "txt" | "text" => Ok(Self::Table),
            name => name.parse(),
        }
    }

    /// The format that a file's extension implies, in any case; `None` where it implies none.
    #[must_use]
    pub fn from_extension(path: &Path) -> Option<Self> {
        let extension = path.extension()?.to_str()?.to_ascii_lowercase();
        Self::from_word(&extension).ok()
    }

    /// The extension files of it have.
    #[must_use]
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Table => "txt",
            Self::Markdown => "md",
            Self::Json => "json",
            Self::Csv => "csv",
        }
    }
}

/// How much room a document has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Room {
    /// The most bytes a markdown document may have; a comment on a forge ends at 65,536 characters.
    pub markdown_bytes: usize,
    /// The most columns a plain text table may have.
    pub table_columns: usize,
}

impl Default for Room {
    fn default() -> Self {
        Self {
            markdown_bytes: 60_000,
            table_columns: 120,
        }
    }
}

/// Why a document could not be written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RenderError {
    /// A number in the readout is infinite or none at all: the readout is wrong, and no format may hide it.
    #[error(
        "the readout's {path} is not a finite number, so it cannot be written; this is a defect in readout: please report it"
    )]
    NotFinite {
        /// Where, as a path of field names and positions.
        path: String,
    },
    /// The serialiser refused.
    #[error("the readout could not be written: {reason}")]
    Unwritable {
        /// What it said.
        reason: String,
    },
}

/// One readout as a document, in ordinary room.
///
/// # Errors
/// [`RenderError::NotFinite`] when the readout holds a number that is none.
pub fn render(readout: &Readout, format: Format) -> Result<Vec<u8>, RenderError> {
    render_in(readout, format, Room::default())
}

/// One readout as a document, in the room there is.
///
/// # Errors
/// As [`render`].
pub fn render_in(readout: &Readout, format: Format, room: Room) -> Result<Vec<u8>, RenderError> {
    json::check_finite(readout)?;
    match format {
        Format::Table => Ok(table::document(readout, room.table_columns).into_bytes()),
        Format::Markdown => Ok(markdown::document(readout, room.markdown_bytes).into_bytes()),
        Format::Json => json::document(readout),
        Format::Csv => csv::document(&[readout]),
    }
}

/// Several readouts as one document: markdown opens with a list of verdicts, JSON is a versioned envelope, CSV has one header.
///
/// # Errors
/// As [`render`].
pub fn render_all(
    readouts: &[&Readout],
    format: Format,
    room: Room,
) -> Result<Vec<u8>, RenderError> {
    for readout in readouts {
        json::check_finite(*readout)?;
    }
    match format {
        Format::Table => Ok(table::collection(readouts, room.table_columns).into_bytes()),
        Format::Markdown => Ok(markdown::collection(readouts, room.markdown_bytes).into_bytes()),
        Format::Json => json::collection(readouts),
        Format::Csv => csv::document(readouts),
    }
}
