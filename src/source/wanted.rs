//! Defines a column that is asked for, as one file knows it: its name there, what is wanted of it, and the zone.

use super::batch::ColumnKind;
use super::error::Problem;
use super::table::PhysicalType;
use super::zone::Zone;

/// A request, resolved.
#[derive(Debug, Clone)]
pub(super) struct Wanted {
    /// The name in the file.
    pub(super) source: String,
    pub(super) kind: ColumnKind,
    /// The declared zone.
    pub(super) zone: Option<Zone>,
    /// Whether a row had it, in files that do not declare their columns.
    pub(super) seen: bool,
}

impl Wanted {
    /// Refuses a declared type that can never be what is wanted.
    pub(super) fn check(&self, declared: &PhysicalType) -> Result<(), Problem> {
        use PhysicalType as Type;
        let (wanted, fix) = match (self.kind, declared) {
            (ColumnKind::Time, Type::LocalTime | Type::Date) if self.zone.is_none() => {
                return Err(self.no_zone());
            }
            (ColumnKind::Time, Type::Integer | Type::Float | Type::Decimal(_)) => {
                return Err(self.number_for_time(declared.to_string()));
            }
            (ColumnKind::Time, Type::Boolean | Type::Other(_)) => (
                "a time was asked for",
                "name another column, or write it as a timestamp",
            ),
            (ColumnKind::Number, Type::Text) => (
                "a number was asked for",
                "write it as a number, or name another column",
            ),
            (ColumnKind::Number, Type::Date | Type::LocalTime | Type::Instant | Type::Other(_)) => {
                ("a number was asked for", "name another column")
            }
            (
                ColumnKind::Boolean,
                Type::Date | Type::LocalTime | Type::Instant | Type::Decimal(_) | Type::Other(_),
            ) => (
                "true or false was asked for",
                "write it as a boolean, or name another column",
            ),
            (ColumnKind::Identifier | ColumnKind::Label, Type::Other(_)) => (
                "plain text or numbers were asked for",
                "name another column",
            ),
            _ => return Ok(()),
        };
        Err(self.wrong_type(declared.to_string(), wanted, fix))
    }

    /// Numbers in a text file where times are wanted.
    pub(super) fn bare_number(&self) -> Problem {
        self.number_for_time("plain numbers".to_owned())
    }

    fn number_for_time(&self, found: String) -> Problem {
        self.wrong_type(
            found,
            "a time was asked for: whether its numbers are seconds, milliseconds or days is not guessed",
            "write it as a timestamp",
        )
    }

    pub(super) fn no_zone(&self) -> Problem {
        Problem::NoZone {
            column: self.source.clone(),
        }
    }

    fn wrong_type(&self, found: String, wanted: &'static str, fix: &'static str) -> Problem {
        Problem::WrongType {
            column: self.source.clone(),
            found,
            wanted,
            fix,
        }
    }
}
