//! Defines a table that is open: its parts and its columns. The scan over them is in `scan`.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::Path;

use super::batch::ColumnRequest;
use super::error::{Problem, SourceError};
use super::frame;
use super::parts::{self, Format, Part};
use super::text;
use super::wanted::Wanted;
use super::zone::Zone;
use crate::domain::definition::Table;

/// The type a file declares for a column.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PhysicalType {
    /// A text format, which declares none: each cell says.
    Undeclared,
    /// Text, categories and enumerations.
    Text,
    /// Whole numbers of any width.
    Integer,
    /// Binary floating point.
    Float,
    /// Exact decimals with this many digits after the point.
    Decimal(u32),
    /// True or false.
    Boolean,
    /// Calendar days.
    Date,
    /// Times without a zone.
    LocalTime,
    /// Instants.
    Instant,
    /// Nothing but nulls.
    Null,
    /// Lists, structs and others that no metric reads, by the format's own name.
    Other(String),
}

impl fmt::Display for PhysicalType {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Undeclared => "cells without a declared type",
            Self::Text => "text",
            Self::Integer => "whole numbers",
            Self::Float => "floating-point numbers",
            Self::Decimal(scale) => return write!(formatter, "decimals with {scale} digits"),
            Self::Boolean => "true and false",
            Self::Date => "dates",
            Self::LocalTime => "times without a zone",
            Self::Instant => "instants",
            Self::Null => "nothing but nulls",
            Self::Other(name) => return write!(formatter, "values of type {name}"),
        })
    }
}

/// A column as a reader names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnDescription {
    /// Our name, after the table's mapping.
    pub name: String,
    /// Its types over the parts that have it, without repeats.
    pub types: Vec<PhysicalType>,
}

/// A table that is open: its files found and their headers read, no row yet.
#[derive(Debug)]
pub struct Source {
    pub(super) name: String,
    /// Our column name → the table's.
    mapping: BTreeMap<String, String>,
    zone: Option<Zone>,
    pub(super) parts: Vec<Part>,
    columns: Vec<ColumnDescription>,
}

impl Source {
    /// Finds the files of `table` under `root` and reads their headers or footers, no more.
    ///
    /// `time_zone` is the IANA zone of times that carry none; `None`: such times are an error once they are asked for.
    ///
    /// # Errors
    /// When a file is missing, outside `root`, of no known format, or not what its extension says.
    pub fn open(table: &Table, root: &Path, time_zone: Option<&str>) -> Result<Self, SourceError> {
        let blame = |file: Option<String>, problem| SourceError::new(&table.name, file, problem);
        let zone = time_zone
            .map(Zone::named)
            .transpose()
            .map_err(|problem| blame(None, problem))?;
        let mut parts =
            parts::resolve(&table.path, root).map_err(|(file, problem)| blame(file, problem))?;
        for part in &mut parts {
            (part.columns, part.closed) =
                header(part).map_err(|problem| blame(Some(part.name.to_string()), problem))?;
        }
        let columns = describe(&parts, &table.columns);
        Ok(Self {
            name: table.name.clone(),
            mapping: table.columns.clone(),
            zone,
            parts,
            columns,
        })
    }

    /// The columns over all parts, by our names, in the order of the first part that has each.
    ///
    /// For NDJSON, those of its first rows.
    #[must_use]
    pub fn columns(&self) -> &[ColumnDescription] {
        &self.columns
    }

    /// Bytes of all parts, as stored.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.parts.iter().map(|part| part.bytes).sum()
    }

    /// Holds the requests to the headers, without reading a row.
    ///
    /// # Errors
    /// As [`Source::scan`], as far as headers tell: NDJSON declares neither its columns nor their types.
    pub fn expect(&self, requests: &[ColumnRequest]) -> Result<(), SourceError> {
        self.resolve(requests).map(drop)
    }

    /// The requests by the table's own names, checked against every header.
    pub(super) fn resolve(&self, requests: &[ColumnRequest]) -> Result<Vec<Wanted>, SourceError> {
        let mut wanted = Vec::with_capacity(requests.len());
        for request in requests {
            let source = self.mapping.get(&request.name).unwrap_or(&request.name);
            let want = Wanted {
                source: source.clone(),
                kind: request.kind,
                zone: self.zone.clone(),
                seen: false,
            };
            let hopeless = !self.parts.iter().any(|part| part.may_have(source));
            if request.required && hopeless && !self.parts.iter().all(Part::is_blank) {
                return Err(self.missing(&request.name, source));
            }
            for part in &self.parts {
                let mut declared = part.columns.iter().filter(|(name, _)| name == source);
                let blame =
                    |problem| SourceError::new(&self.name, Some(part.name.to_string()), problem);
                if let Some((_, kind)) = declared.next() {
                    want.check(kind).map_err(blame)?;
                }
                if declared.next().is_some() {
                    let column = source.clone();
                    return Err(blame(Problem::DuplicateColumn { column }));
                }
            }
            wanted.push(want);
        }
        Ok(wanted)
    }

    /// The error of a required column that is in no part.
    pub(super) fn missing(&self, column: &str, source: &str) -> SourceError {
        let mut seen = BTreeSet::new();
        let existing: Vec<String> = self
            .parts
            .iter()
            .flat_map(|part| &part.columns)
            .filter(|(name, _)| seen.insert(name.as_str()))
            .map(|(name, _)| name.clone())
            .collect();
        let problem = Problem::MissingColumn {
            column: column.to_owned(),
            source_column: source.to_owned(),
            nearest: nearest(source, &existing),
            existing,
        };
        let file = self.parts.first().map(|part| part.name.to_string());
        SourceError::new(&self.name, file, problem)
    }
}

/// The name most like `wanted`, if one is like it at all.
fn nearest(wanted: &str, existing: &[String]) -> Option<String> {
    const LIKE: f64 = 0.7;
    let folded = wanted.to_lowercase();
    existing
        .iter()
        .map(|name| (strsim::jaro_winkler(&folded, &name.to_lowercase()), name))
        .filter(|(likeness, _)| *likeness >= LIKE)
        .max_by(|(one, _), (other, _)| one.total_cmp(other))
        .map(|(_, name)| name.clone())
}

fn header(part: &Part) -> Result<(Vec<(String, PhysicalType)>, bool), Problem> {
    match part.format {
        Format::Parquet | Format::Arrow => Ok((frame::header(part)?, true)),
        Format::Delimited(..) | Format::JsonLines(_) => text::header(part),
    }
}

/// The union of the parts' columns, by our names.
fn describe(parts: &[Part], mapping: &BTreeMap<String, String>) -> Vec<ColumnDescription> {
    let mut described: Vec<ColumnDescription> = Vec::new();
    let mut places: BTreeMap<&str, usize> = BTreeMap::new();
    for (source, kind) in parts.iter().flat_map(|part| &part.columns) {
        let mut ours: Vec<&str> = mapping
            .iter()
            .filter(|(_, theirs)| *theirs == source)
            .map(|(ours, _)| ours.as_str())
            .collect();
        if ours.is_empty() && !mapping.contains_key(source) {
            ours.push(source);
        }
        for name in ours {
            let place = *places.entry(name).or_insert_with(|| {
                described.push(ColumnDescription {
                    name: name.to_owned(),
                    types: Vec::new(),
                });
                described.len() - 1
            });
            if let Some(column) = described.get_mut(place)
                && !column.types.contains(kind)
            {
                column.types.push(kind.clone());
            }
        }
    }
    described
}
