//! Defines the words for what an experiment can detect, and what follows for a significant effect.

use super::{Line, Topic};
use crate::domain::result::{Detectable, Effect, Known, MetricReadout};
use crate::report::number::{self, Scale};

/// The smallest detectable effect, units needed, the risk that a significant result is false, and by how much it exaggerates.
pub(super) fn lines(metric: &MetricReadout, effect: &Effect) -> Vec<Line> {
    let line = |label: &str, text: String| Line::new(Topic::Power, label, text);
    let found = match &effect.power {
        None => return Vec::new(),
        Some(Known::Absent(absence)) => {
            return vec![line("smallest detectable effect", number::absent(*absence))];
        }
        Some(Known::Value(found)) => found,
    };
    let mut lines = vec![line("smallest detectable effect", smallest(metric, found))];
    let minimum = metric.minimum_effect.map_or_else(
        || "the smallest difference that matters".to_owned(),
        |minimum| number::magnitude(metric.kind, minimum),
    );
    if let Some(units) = found.units_needed {
        let text = format!("{} to find {minimum}{}", whole(units), days(found));
        lines.push(line("units needed", text));
    }
    if let Some(risk) = found.false_positive_risk {
        let text = format!(
            "{} of such results would be false, were one idea in ten to work",
            number::percent(risk)
        );
        lines.push(line("false-positive risk", text));
    }
    if let Some(factor) = found.exaggeration {
        let text = format!(
            "significant estimates are {} times too large on average, were the truth {minimum}",
            number::size(factor, Scale::Ratio)
        );
        lines.push(line("exaggeration", text));
    }
    lines
}

fn smallest(metric: &MetricReadout, found: &Detectable) -> String {
    let relative = found.relative.map_or_else(String::new, |relative| {
        format!(" ({} of control)", number::size(relative, Scale::Percent))
    });
    format!(
        "{}{relative}, found in {} of runs with one look",
        number::size(found.absolute, Scale::of(metric.kind)),
        number::plain_percent(found.power)
    )
}

fn days(found: &Detectable) -> String {
    match found.days_left {
        None => String::new(),
        Some(days) if days <= 0.0 => ", which are there".to_owned(),
        Some(days) => format!(", {} days more at the rate they came", whole(days)),
    }
}

/// A number of units or days, rounded up: part of one is one more.
fn whole(value: f64) -> String {
    let up = value.ceil();
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "it is not negative and far below 2^53"
    )]
    if (0.0..9e15).contains(&up) {
        number::count(up as u64)
    } else {
        number::value(value)
    }
}
