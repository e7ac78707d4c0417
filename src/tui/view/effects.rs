//! Draws the table of effects of one variant: a forest row a metric and population, by role, on one axis.

use super::Size;
use crate::domain::definition::{Population, Role as MetricRole};
use crate::domain::evidence::Slice;
use crate::domain::result::{Effect, MetricReadout, Readout, Significance, Trust};
use crate::tui::app::App;
use crate::tui::phrase;
use crate::tui::text::clean;
use crate::tui::theme::Role;
use crate::tui::widget::forest::{Axis, Mark};
use crate::tui::widget::table::{Cell, Column, Entry, Fit, Table};

/// The forest mark of an effect, where it has a relative change.
pub(super) fn mark(
    app: &App,
    metric: &MetricReadout,
    effect: &Effect,
    muted: bool,
) -> Option<Mark> {
    let estimate = *effect.relative.value()?;
    let said = phrase::outcome(effect, &app.look.glyphs);
    let point = match (said.role, effect.significance) {
        (Role::Good | Role::Bad | Role::Caution, _) => said.role,
        (_, Some(Significance::Better | Significance::Worse | Significance::Unclear) | None) => {
            Role::Interval
        }
    };
    Some(Mark {
        estimate,
        margin: phrase::margin_at(metric, effect),
        point,
        muted: muted || matches!(effect.trust, Trust::NotTrusted { .. }),
    })
}

/// The axis of a readout: one for all its metrics, so that a strip means the same on every screen.
pub(super) fn axis(readout: &Readout) -> Axis {
    let overall = || {
        readout
            .metrics
            .iter()
            .flat_map(|metric| metric.effects.iter().map(move |effect| (metric, effect)))
            .filter(|(_, effect)| effect.slice == Slice::All)
    };
    let lifts = |trusted: bool| {
        overall()
            .filter(move |(_, effect)| !trusted || effect.trust == Trust::Trusted)
            .filter_map(|(_, effect)| effect.relative.value())
    };
    // What is not trusted must not stretch the axis, unless nothing else is there.
    let trusted = lifts(true).next().is_some();
    Axis::over(
        lifts(trusted),
        overall().filter_map(|(metric, effect)| phrase::margin_at(metric, effect)),
    )
}

/// The table of effects.
pub(super) fn table(app: &App, readout: &Readout, size: Size) -> Table {
    let treatment = app.treatment().unwrap_or("");
    let several = readout.treatments().count() > 1;
    let mut table = Table::new(vec![
        Column::left("metric", Fit::Cut(14), 90),
        Column::left(if several { "variant" } else { "" }, Fit::Cut(6), 45),
        Column::left("population", Fit::Whole, 40),
        Column::right("control", 50),
        Column::right("treatment", 55),
        Column::left("change", Fit::Whole, 80),
        Column::strip(13, 49, 60),
        Column::left("status", Fit::Whole, 70),
    ]);
    table.axis = axis(readout);
    let visible = app.visible_metrics();
    for role in MetricRole::ALL {
        let of_role = visible
            .iter()
            .enumerate()
            .filter(|(_, metric)| metric.role == *role);
        for (index, (item, metric)) in of_role.enumerate() {
            if index == 0 {
                table
                    .entries
                    .push(Entry::Heading(heading(*role).to_owned()));
            }
            for (effect, first) in shown(app, metric, readout, treatment, size) {
                let cells = row(app, readout, metric, effect, first, several);
                table.entries.push(Entry::Row { cells, item });
            }
        }
    }
    table.selected = Some(
        visible
            .iter()
            .position(|metric| Some(metric.id.as_str()) == app.metric.as_deref())
            .unwrap_or(0),
    );
    table
}

const fn heading(role: MetricRole) -> &'static str {
    match role {
        MetricRole::Primary => "Primary",
        MetricRole::Secondary => "Secondary",
        MetricRole::Guardrail => "Guardrails: no worse than their margin",
        MetricRole::Diagnostic => "Diagnostic: explains, never decides",
    }
}

/// The effects of a metric that are shown, and whether each is the first: in full both populations of the variant that is
/// looked at and the emphasised one of the others, else only what is emphasised.
fn shown<'a>(
    app: &App,
    metric: &'a MetricReadout,
    readout: &Readout,
    treatment: &str,
    size: Size,
) -> Vec<(&'a Effect, bool)> {
    let mut effects: Vec<&Effect> = metric
        .effects
        .iter()
        .filter(|effect| effect.slice == Slice::All)
        .filter(|effect| {
            let emphasised = effect.population == app.population;
            if size == Size::Compact && !app.expanded {
                emphasised && effect.variant == treatment
            } else {
                emphasised || effect.variant == treatment
            }
        })
        .collect();
    let order = |effect: &Effect| {
        readout
            .treatments()
            .position(|variant| variant == effect.variant)
    };
    effects.sort_by_key(|effect| (order(effect), effect.population));
    effects
        .into_iter()
        .enumerate()
        .map(|(index, effect)| (effect, index == 0))
        .collect()
}

fn row(
    app: &App,
    readout: &Readout,
    metric: &MetricReadout,
    effect: &Effect,
    first: bool,
    several: bool,
) -> Vec<Cell> {
    let here = app.treatment() == Some(effect.variant.as_str());
    let muted = effect.population != app.population || !here;
    let trusted = effect.trust == Trust::Trusted;
    let role = if !trusted {
        Role::Untrusted
    } else if muted {
        Role::Muted
    } else {
        Role::Text
    };
    let mean = |variant: &str| {
        metric
            .overall_statistics(effect.population, variant)
            .map_or_else(String::new, |row| phrase::value(metric.kind, &row.mean))
    };
    let said = phrase::outcome(effect, &app.look.glyphs);
    let name = if first {
        Cell::new(
            metric.id.to_string(),
            if trusted {
                Role::Strong
            } else {
                Role::Untrusted
            },
        )
    } else {
        Cell::empty()
    };
    vec![
        name,
        if several {
            Cell::new(clean(&effect.variant), role)
        } else {
            Cell::empty()
        },
        Cell::new(phrase::population(effect.population), role),
        Cell::new(mean(readout.control()), role),
        Cell::new(mean(&effect.variant), role),
        Cell::new(phrase::change(metric.kind, effect), role),
        Cell::Strip(mark(app, metric, effect, muted)),
        Cell::new(
            said.text(),
            if muted && trusted {
                Role::Muted
            } else {
                said.role
            },
        ),
    ]
}

/// Whether a population is emphasised, in the words of a panel's title.
pub(super) const fn emphasis(population: Population) -> &'static str {
    match population {
        Population::Itt => "intention to treat",
        Population::Exposed => "exposed only",
    }
}
