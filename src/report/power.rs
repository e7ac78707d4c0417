//! Defines the document of a plan: what is known, what is asked for, what that takes, as text and as JSON.

use super::columns::{Columns, Side};
use super::number::{self, Scale};
use super::{RenderError, escape, json};
use crate::domain::definition::{Magnitude, SequentialFamily};
use crate::domain::result::{Known, PowerNeed, PowerPlan, PowerReach};

/// The widest a table of a plan may be.
const WIDEST: usize = 100;

/// A plan as plain text.
#[must_use]
pub fn power_table(plan: &PowerPlan) -> Vec<u8> {
    let mut text = known(plan);
    text.push_str(&asked(plan));
    if let Some(need) = &plan.need {
        text.push_str(&needed(plan, need));
    }
    if !plan.reaches.is_empty() {
        text.push_str("\nSmallest effects that are detected\n");
        text.push_str(&reaches(plan).plain(WIDEST, &[]));
    }
    text.into_bytes()
}

/// A plan as JSON.
///
/// # Errors
/// [`RenderError::NotFinite`] when it holds a number that is none.
pub fn power_json(plan: &PowerPlan) -> Result<Vec<u8>, RenderError> {
    json::stable_bytes(plan)
}

fn known(plan: &PowerPlan) -> String {
    let baseline = &plan.baseline;
    let mut text = format!("Plan from {}\n", escape::line(&baseline.source));
    let mut deviation = number::value(baseline.standard_deviation);
    if let Some(removed) = baseline.variance_reduction {
        deviation.push_str(&format!(
            " (covariates removed {} of the variance)",
            number::percent(removed)
        ));
    }
    let units = baseline.units.map(number::count);
    text.push_str(&line(
        "control",
        &number::level(baseline.kind, baseline.mean),
    ));
    text.push_str(&line("standard deviation", &deviation));
    if let Some(units) = units {
        text.push_str(&line("found on", &format!("{units} units")));
    }
    text
}

fn asked(plan: &PowerPlan) -> String {
    let demand = &plan.demand;
    let family = demand.sequential.label();
    let watched = match demand.spending {
        Some(spending) if demand.sequential == SequentialFamily::GroupSequential => {
            let looks: Vec<String> = demand
                .looks
                .iter()
                .map(|look| number::plain(*look))
                .collect();
            format!(
                "{family}, {}, looks at {}",
                spending.label(),
                looks.join(", ")
            )
        }
        _ => family.to_owned(),
    };
    let shares: Vec<String> = demand
        .shares
        .iter()
        .map(|share| number::plain_percent(*share))
        .collect();
    let mut power = number::plain_percent(demand.power);
    if demand.sequential != SequentialFamily::Fixed {
        power.push_str(" at the last look; earlier ones add to it");
    }
    [
        line("power", &power),
        line(
            "level",
            &format!("{}, two-sided", number::plain_percent(demand.level)),
        ),
        line("judged by", &watched),
        line("split", &format!("{} (control first)", shares.join(" / "))),
    ]
    .concat()
}

fn needed(plan: &PowerPlan, need: &Known<PowerNeed>) -> String {
    let need = match need {
        Known::Value(need) => need,
        Known::Absent(absence) => {
            return format!("\nUnits needed: {}\n", number::absent(*absence));
        }
    };
    let effect = match need.effect {
        Magnitude::Relative(_) => format!(
            "a lift of {} ({} in the metric's unit)",
            number::magnitude(plan.baseline.kind, need.effect),
            difference(plan, need.absolute)
        ),
        Magnitude::Absolute(size) => format!("a difference of {}", difference(plan, size)),
    };
    let units: Vec<String> = need
        .units
        .iter()
        .map(|units| number::count(*units))
        .collect();
    let mut text = format!(
        "\nTo detect {effect}\n{}{}",
        line(
            "units a variant",
            &format!("{} (control first)", units.join(" / "))
        ),
        line("units", &number::count(need.total))
    );
    if let Some(days) = need.days {
        text.push_str(&line("days", &days_of(plan, days)));
    }
    text
}

fn days_of(plan: &PowerPlan, days: f64) -> String {
    let rate = plan.demand.a_day.map(number::plain).unwrap_or_default();
    format!("{} at {rate} units a day", number::plain(days.ceil()))
}

fn reaches(plan: &PowerPlan) -> Columns {
    let has_power = plan.reaches.iter().any(|reach| reach.power.is_some());
    let has_days = plan.reaches.iter().any(|reach| reach.days.is_some());
    let mut header = Vec::new();
    if has_days {
        header.push(("days", Side::Right));
    }
    header.extend([
        ("units", Side::Right),
        ("difference", Side::Right),
        ("lift", Side::Right),
    ]);
    if has_power {
        header.push(("power at the effect", Side::Right));
    }
    let mut columns = Columns::new(&header);
    for reach in &plan.reaches {
        columns.push(row(plan, reach, (has_days, has_power)));
    }
    columns
}

fn row(plan: &PowerPlan, reach: &PowerReach, (has_days, has_power): (bool, bool)) -> Vec<String> {
    let mut cells = Vec::new();
    if has_days {
        let days = reach
            .days
            .map(|days| number::plain((days * 10.0).ceil() / 10.0));
        cells.push(days.unwrap_or_default());
    }
    cells.push(number::plain(reach.units.floor()));
    cells.push(number::known(&reach.absolute, |size| {
        difference(plan, *size)
    }));
    cells.push(number::known(&reach.relative, |size| {
        number::percent(*size)
    }));
    if has_power {
        let power = reach.power.as_ref();
        cells.push(
            power
                .map(|power| number::known(power, |power| number::percent(*power)))
                .unwrap_or_default(),
        );
    }
    cells
}

/// A difference on the metric's scale.
fn difference(plan: &PowerPlan, size: f64) -> String {
    match Scale::of(plan.baseline.kind) {
        Scale::Points => format!("{} pp", number::value(size * 100.0)),
        Scale::Number | Scale::Percent | Scale::Ratio => number::value(size),
    }
}

fn line(name: &str, value: &str) -> String {
    format!("  {name:<20}{value}\n")
}
