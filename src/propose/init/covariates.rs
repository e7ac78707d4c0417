//! Guesses what is known of units from before assignment, and which metrics it explains.

use super::metrics::Metrics;
use super::ready_made::value_columns;
use super::tables::{ProposedTable, say};
use crate::domain::definition::{Aggregate, Covariate, Metric, MetricKind, TableKind};
use crate::propose::quick::Guess;

impl Metrics<'_> {
    /// Gives what is known from before to the metrics it is called like, else to every mean of a sum.
    pub(super) fn covariates(&mut self, tables: &[ProposedTable], guesses: &mut Vec<Guess>) {
        for table in tables
            .iter()
            .filter(|table| table.table.kind == TableKind::Units)
        {
            for column in value_columns(table) {
                let Some(of) = before(&column.name) else {
                    continue;
                };
                let is_like = |metric: &Metric| {
                    let source = metric.value.column.as_deref().unwrap_or("");
                    metric.id.as_str().contains(&of.replace('_', "-")) || source == of
                };
                let any_like = self.proposed.iter().any(|one| is_like(&one.metric));
                let mut given = Vec::new();
                for one in &mut self.proposed {
                    let metric = &mut one.metric;
                    let wanted = if any_like {
                        is_like(metric)
                    } else {
                        metric.kind == MetricKind::Mean && metric.value.aggregate == Aggregate::Sum
                    };
                    if !wanted
                        || metric.covariates.len() >= Metric::COVARIATES
                        || metric.kind == MetricKind::Quantile
                    {
                        continue;
                    }
                    metric.covariates.push(Covariate::Column {
                        table: table.table.name.clone(),
                        column: column.name.clone(),
                    });
                    let said = "a guess by its name: it must be known before assignment";
                    one.remarks.beside("covariate", said);
                    one.remarks.beside("covariates", said);
                    given.push(metric.id.to_string());
                }
                if !given.is_empty() {
                    let reason = format!(
                        "named as from before assignment; given to {}",
                        given.join(", ")
                    );
                    say(
                        guesses,
                        format!("covariate of {}", table.table.name),
                        &column.name,
                        reason,
                    );
                }
            }
        }
    }
}

/// What a column called as if it were from before assignment is of.
pub(super) fn before(column: &str) -> Option<&str> {
    let prefixes = ["pre_", "before_", "prior_", "previous_"];
    let suffixes = ["_pre", "_before", "_covariate"];
    prefixes
        .iter()
        .find_map(|prefix| column.strip_prefix(prefix))
        .or_else(|| {
            suffixes
                .iter()
                .find_map(|suffix| column.strip_suffix(suffix))
        })
        .filter(|rest| !rest.is_empty())
}
