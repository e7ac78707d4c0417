//! Defines what the terminal says beside the primary effects over assigned units, a line each; the markdown document has the
//! rest.

use super::{name, wrap};
use crate::domain::definition::{Population, Role};
use crate::domain::result::{MetricReadout, Readout};
use crate::report::{beside, rows};

/// Empty where there is nothing beside any primary effect.
pub(super) fn section(readout: &Readout, columns: usize) -> String {
    let mut text = String::new();
    for row in rows::overall(readout, Role::Primary) {
        if row.effect.population != Population::Itt {
            continue;
        }
        let mut lines = String::new();
        for line in beside::lines(row.metric, row.effect, &name) {
            if !line.topic.changes_reading() {
                say(&mut lines, &line, columns);
            }
        }
        of_metric(
            &mut lines,
            readout,
            row.metric,
            &row.effect.variant,
            columns,
        );
        if !lines.is_empty() {
            text.push_str(&format!(
                "\n{}, {}, itt, seen otherwise\n{lines}",
                name(row.metric.id.as_str()),
                name(&row.effect.variant)
            ));
        }
    }
    text
}

fn of_metric(
    text: &mut String,
    readout: &Readout,
    metric: &MetricReadout,
    variant: &str,
    columns: usize,
) {
    let is_headline =
        |population: Population, of: &str| population == Population::Itt && of == variant;
    for found in &metric.heterogeneity {
        if is_headline(found.population, &found.variant) {
            let (line, _) = beside::segments(&readout.conventions, metric, found, &name);
            say(text, &line, columns);
        }
    }
    for novelty in &metric.novelty {
        if is_headline(novelty.population, &novelty.variant) {
            say(text, &beside::wear(metric, novelty), columns);
        }
    }
}

fn say(text: &mut String, line: &beside::Line, columns: usize) {
    wrap(
        text,
        &format!("  {}: ", line.label),
        &rows::ended(&line.text),
        columns,
    );
}
