//! Turns readouts into documents, one exporter a file. The only room where numbers become text.
//!
//! [`render`] is the entrance. Exporters arrange what a readout holds and compute nothing; the same readout gives the same
//! bytes, always. Text from data is escaped for each medium by [`escape`].

#![expect(
    clippy::format_push_string,
    reason = "a document is written once; `write!` to a String would need an error handled that cannot happen"
)]

pub mod beside;
mod breakdown;
mod calibration;
mod checks;
mod columns;
pub mod csv;
mod diagnosis;
pub mod escape;
mod estimators;
mod format;
pub mod json;
mod junit;
mod markdown;
mod methods;
pub mod number;
pub mod otherwise;
mod part;
mod power;
mod quarantine;
mod record;
mod rows;
mod table;
mod untrusted;

#[cfg(test)]
pub(crate) mod fixtures;
#[cfg(test)]
mod tests;

pub use breakdown::breakdown_part;
pub use calibration::{calibration_json, calibration_markdown, calibration_table};
pub use checks::{
    Checks, ChecksFormat, checks_json, checks_markdown, checks_schema, checks_table,
    diagnosis_markdown, diagnosis_table,
};
pub use diagnosis::diagnosis_parts;
pub use format::{Format, RenderError, Room, render, render_all, render_in};
pub use json::{collection_schema, schema, stable_bytes};
pub use junit::checks_junit;
pub use part::{Grid, Item, Part};
pub use power::{power_json, power_table};
pub use quarantine::quarantine_csv;
pub use record::{record_head, record_json, record_log, records, verifications};
pub use untrusted::{Untrusted, acts};
