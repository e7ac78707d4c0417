//! Defines how the counts behind a check are told: a row a part, a column a variant, the plan and what departs from it.

use super::part::{Grid, Part};
use super::{number, rows};
use crate::domain::result::{Breakdown, BreakdownCounts, BreakdownLine, Check, Known};

/// The counts behind one check, at most so many lines; `None` where it has none.
#[must_use]
pub fn breakdown_part(check: &Check, most: usize) -> Option<Part> {
    let breakdown = check.breakdown.as_ref()?;
    let mut part = Part::new(&format!(
        "Counts behind check {} ({})",
        check.number,
        check.id.label()
    ));
    let (kept, left) = chosen(&breakdown.lines, most);
    part.table = grid(breakdown, &kept);
    if left > 0 {
        part.lead.push(rows::ended(&format!(
            "{left} more parts that do not depart are in the JSON"
        )));
    }
    Some(part)
}

/// The lines to show, in their order, and how many are left: those that depart before those that do not.
fn chosen(lines: &[BreakdownLine], most: usize) -> (Vec<&BreakdownLine>, usize) {
    let mut order: Vec<usize> = (0..lines.len()).collect();
    order.sort_by_key(|index| !lines.get(*index).is_some_and(BreakdownLine::departs));
    order.truncate(most);
    order.sort_unstable();
    let kept: Vec<&BreakdownLine> = order.iter().filter_map(|index| lines.get(*index)).collect();
    let left = lines.len() - kept.len();
    (kept, left)
}

fn grid(breakdown: &Breakdown, lines: &[&BreakdownLine]) -> Grid {
    lines_grid(&breakdown.counts, &breakdown.columns, lines)
}

/// Lines of counts as a table; `counts` is what each number counts.
pub(super) fn lines_grid(counts: &str, columns: &[String], lines: &[&BreakdownLine]) -> Grid {
    let found = || lines.iter().filter_map(|line| line.found.value());
    let has_plan = found().any(|counts| counts.expected.is_some());
    let mut header = vec![(counts.to_owned(), false)];
    header.extend(columns.iter().map(|column| (column.clone(), true)));
    if has_plan {
        header.extend([
            ("split".to_owned(), true),
            ("planned".to_owned(), true),
            ("p".to_owned(), true),
            ("reads".to_owned(), false),
        ]);
    }
    let rows = lines.iter().map(|line| {
        let mut cells = vec![line.name.clone()];
        match &line.found {
            Known::Value(counts) => {
                cells.extend(numbers(counts));
                if has_plan {
                    cells.extend(judged(counts));
                }
            }
            Known::Absent(absence) => {
                cells.extend(columns.iter().map(|_| number::absent(*absence)));
            }
        }
        cells.resize(header.len(), String::new());
        cells
    });
    let rows = rows.collect();
    Grid { header, rows }
}

fn numbers(found: &BreakdownCounts) -> Vec<String> {
    let Some(of) = &found.of else {
        return found
            .counts
            .iter()
            .map(|units| number::count(*units))
            .collect();
    };
    found
        .counts
        .iter()
        .zip(of)
        .map(|(part, whole)| {
            let share = share(*part, *whole).map_or_else(String::new, |share| {
                format!(" ({})", number::percent(share))
            });
            format!(
                "{} of {}{share}",
                number::count(*part),
                number::count(*whole)
            )
        })
        .collect()
}

/// The split, the planned one, p, and how it reads.
fn judged(found: &BreakdownCounts) -> Vec<String> {
    let all: u64 = found.counts.iter().sum();
    let split = found.counts.iter().map(|units| share(*units, all));
    let expected = found.expected.as_deref().unwrap_or_default();
    let sum: f64 = expected.iter().sum();
    let planned = expected
        .iter()
        .map(|units| (sum > 0.0).then_some(units / sum));
    let reads = match (found.departs, found.p) {
        (true, _) => "departs",
        (false, Some(_)) => "not clearly",
        (false, None) => "not tested",
    };
    vec![
        shares(split),
        shares(planned),
        found.p.map_or_else(String::new, number::probability),
        reads.to_owned(),
    ]
}

fn shares(shares: impl Iterator<Item = Option<f64>>) -> String {
    let shares: Option<Vec<String>> = shares
        .map(|share| Some(format!("{:.1}", share? * 100.0)))
        .collect();
    match shares {
        Some(shares) if !shares.is_empty() => format!("{} %", shares.join(" / ")),
        _ => String::new(),
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts are far below 2^53")]
fn share(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}
