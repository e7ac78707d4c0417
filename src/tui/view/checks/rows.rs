//! Draws the rows of each table and variant: read = used + rejected + out of scope.

use crate::domain::evidence::{LedgerLine, TableLedger};
use crate::domain::result::Readout;
use crate::report::number;
use crate::tui::app::App;
use crate::tui::screen::Panel;
use crate::tui::text::clean;
use crate::tui::theme::Role;
use crate::tui::view::Size;
use crate::tui::widget::table::{Cell, Column, Entry, Fit, Table};

/// The rows of each table and variant, and where they went.
pub(super) fn table(app: &App, readout: &Readout, size: Size) -> Table {
    let mut table = Table::new(vec![
        Column::left("table", Fit::Cut(10), 90),
        Column::left("variant", Fit::Cut(8), 80),
        Column::right("read", 70),
        Column::right("used", 75),
        Column::right("rejected", 65),
        Column::right("out of scope", 60),
        Column::left("why", Fit::Cut(24), 50),
    ]);
    for ledger in &readout.ledgers {
        let whole = LedgerLine {
            used: ledger.used(),
            rejected: ledger.rejected(),
            out_of_scope: ledger.out_of_scope(),
            counted: ledger.counted(),
        };
        let total = row(
            &clean(&ledger.table),
            "all",
            ledger.read,
            &whole,
            Role::Text,
        );
        table.entries.push(total);
        if size == Size::Compact {
            // There is no room for a column of reasons: they are said once, under the table's own line.
            let whole = why(&whole);
            if !whole.is_empty() {
                table
                    .entries
                    .push(Entry::Note(format!("  {whole}"), Role::Muted));
            }
        }
        for (variant, line) in &ledger.by_variant {
            let name = if variant.is_empty() {
                "of none".to_owned()
            } else {
                clean(variant)
            };
            table
                .entries
                .push(row("", &name, line.read(), line, Role::Muted));
        }
        if !ledger.adds_up() {
            table
                .entries
                .push(Entry::Note(unbalanced(ledger), Role::Bad));
        }
    }
    if table.entries.is_empty() {
        let words = "No table was read.".to_owned();
        table.entries.push(Entry::Note(words, Role::Muted));
    }
    table.scroll = app.scrolled(Panel::Rows);
    table
}

fn unbalanced(ledger: &TableLedger) -> String {
    format!(
        "{}: the parts do not add up to the rows read",
        clean(&ledger.table)
    )
}

fn row(table: &str, variant: &str, read: u64, line: &LedgerLine, role: Role) -> Entry {
    let rejected: u64 = line.rejected.values().sum();
    let out: u64 = line.out_of_scope.values().sum();
    let bad = if rejected > 0 { Role::Caution } else { role };
    Entry::Row {
        cells: vec![
            Cell::new(table, role),
            Cell::new(variant, role),
            Cell::new(number::count(read), role),
            Cell::new(number::count(line.used), role),
            Cell::new(number::count(rejected), bad),
            Cell::new(number::count(out), role),
            Cell::new(why(line), Role::Muted),
        ],
        item: 0,
    }
}

/// Why rows were not used.
fn why(line: &LedgerLine) -> String {
    let rejected = line
        .rejected
        .iter()
        .map(|(rule, rows)| format!("{} {}", number::count(*rows), rule.label()));
    let out = line
        .out_of_scope
        .iter()
        .map(|(reason, rows)| format!("{} {}", number::count(*rows), reason.label()));
    let counted = line
        .counted
        .iter()
        .map(|(rule, rows)| format!("{} counted by {rule}", number::count(*rows)));
    let all = rejected.chain(counted).chain(out);
    all.collect::<Vec<_>>().join(", ")
}
