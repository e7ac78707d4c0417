//! Defines the CSV of rejected rows: where each stands, the rule and the column to blame, then its own cells.
//!
//! The only document that shows unit ids: it is asked for by name, and for whoever repairs the source.

use ::csv::Writer;

use super::{RenderError, escape};
use crate::domain::evidence::QuarantinedTable;

/// The columns before the table's own.
const OWN: [&str; 4] = [
    "rejected_file",
    "rejected_row",
    "rejected_by",
    "rejected_column",
];

/// Rejected rows as CSV, by file and row. A cell that a spreadsheet could take for a formula starts with `'`; a null and a line
/// that never became cells have empty ones.
///
/// # Errors
/// [`RenderError::Unwritable`], which would be a defect.
pub fn quarantine_csv(table: &QuarantinedTable) -> Result<Vec<u8>, RenderError> {
    let unwritable = |error: ::csv::Error| RenderError::Unwritable {
        reason: error.to_string(),
    };
    let mut writer = Writer::from_writer(Vec::new());
    let header = OWN.iter().map(|name| (*name).to_owned());
    let columns = table.columns.iter().map(|column| escape::csv_text(column));
    writer
        .write_record(header.chain(columns))
        .map_err(unwritable)?;
    for row in &table.rows {
        let rejection = &row.rejection;
        let own = [
            escape::csv_text(&rejection.file),
            rejection.row.to_string(),
            rejection.rule.name().to_owned(),
            rejection
                .column
                .as_deref()
                .map_or_else(String::new, escape::csv_text),
        ];
        let cells = (0..table.columns.len()).map(|position| {
            let cells = row.cells.as_ref();
            let cell = cells.and_then(|cells| cells.get(position)?.as_deref());
            cell.map_or_else(String::new, self::cell)
        });
        writer
            .write_record(own.into_iter().chain(cells))
            .map_err(unwritable)?;
    }
    writer
        .into_inner()
        .map_err(|error| RenderError::Unwritable {
            reason: error.error().to_string(),
        })
}

/// A number stays one; everything else is text.
fn cell(text: &str) -> String {
    let of_number =
        |byte: u8| byte.is_ascii_digit() || matches!(byte, b'.' | b'-' | b'+' | b'e' | b'E');
    if text.bytes().all(of_number) && text.parse::<f64>().is_ok() {
        return text.to_owned();
    }
    escape::csv_text(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::definition::Identifier;
    use crate::domain::evidence::{QuarantinedRow, Rejection, RejectionRule, RowRule};

    #[test]
    fn cells_cannot_act_and_numbers_stay_numbers() {
        let rejection = |row, rule| Rejection {
            file: "tables/=x.csv".to_owned(),
            row,
            rule,
            column: Some("@value".to_owned()),
        };
        let contract = RowRule::Contract(Identifier::new("value-known").unwrap());
        let text = |text: &str| Some(text.to_owned());
        let table = QuarantinedTable {
            table: "events".to_owned(),
            columns: vec!["unit_id".to_owned(), "=note".to_owned(), "value".to_owned()],
            rows: vec![
                QuarantinedRow {
                    rejection: rejection(3, contract),
                    cells: Some(vec![text("u1"), text("=HYPERLINK(\"x\")"), text("-5.5")]),
                },
                QuarantinedRow {
                    rejection: rejection(4, RejectionRule::BadNumber.into()),
                    cells: Some(vec![None, text("\u{1b}[31m,\n\u{202e}"), text("-1+cmd")]),
                },
                QuarantinedRow {
                    rejection: rejection(5, RejectionRule::FieldCount.into()),
                    cells: None,
                },
            ],
            rejected: 3,
        };
        let written = String::from_utf8(quarantine_csv(&table).unwrap()).unwrap();
        insta::assert_snapshot!(written);
    }
}
