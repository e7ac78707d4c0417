//! Defines the documents of a calibration: a row a figure, with what it is held to.

use super::columns::{Columns, Side};
use super::number;
use super::{RenderError, Room, json};
use crate::domain::result::{Calibration, CalibrationFigure, CalibrationOutcome, FigureKind};

const HEADER: [(&str, Side); 6] = [
    ("experiments", Side::Left),
    ("figure", Side::Left),
    ("observed", Side::Right),
    ("error", Side::Right),
    ("held to", Side::Left),
    ("outcome", Side::Left),
];

/// A calibration as plain text.
#[must_use]
pub fn calibration_table(calibration: &Calibration, room: Room) -> Vec<u8> {
    let mut text = format!("{}\n", headline(calibration));
    for kind in FigureKind::ALL {
        text.push_str(&format!("\n{}\n", title(*kind)));
        text.push_str(&columns(calibration, *kind).plain(room.table_columns, &["held to"]));
    }
    text.push_str(&format!("\n{}\n", conclusion(calibration)));
    text.into_bytes()
}

/// A calibration as a markdown document.
#[must_use]
pub fn calibration_markdown(calibration: &Calibration) -> Vec<u8> {
    let mut text = format!("{}\n", headline(calibration));
    for kind in FigureKind::ALL {
        text.push_str(&format!("\n### {}\n\n", title(*kind)));
        text.push_str(&columns(calibration, *kind).markdown());
    }
    text.push_str(&format!("\n{}\n", conclusion(calibration)));
    text.into_bytes()
}

/// A calibration as JSON.
///
/// # Errors
/// [`RenderError::NotFinite`] when it holds a number that is none.
pub fn calibration_json(calibration: &Calibration) -> Result<Vec<u8>, RenderError> {
    json::stable_bytes(calibration)
}

fn headline(calibration: &Calibration) -> String {
    format!(
        "{} experiments of each kind, seed {}. Shares in percent, with their Monte-Carlo standard error.",
        number::count(u64::from(calibration.experiments)),
        calibration.seed
    )
}

const fn title(kind: FigureKind) -> &'static str {
    match kind {
        FigureKind::Coverage => "How often 95 % intervals hold the truth",
        FigureKind::FalseAlarms => "How often something is said that is not so",
        FigureKind::Uniformity => {
            "Whether p-values without an effect are uniform (Kolmogorov–Smirnov)"
        }
    }
}

fn conclusion(calibration: &Calibration) -> String {
    let held = calibration.figures.iter();
    let held = held.filter(|figure| figure.outcome != CalibrationOutcome::Shown);
    let (held, missed) = (held.count(), calibration.missed().count());
    if missed == 0 {
        format!("All {held} bounds hold.")
    } else {
        format!("{missed} of {held} bounds are missed.")
    }
}

fn columns(calibration: &Calibration, kind: FigureKind) -> Columns {
    let mut columns = Columns::new(&HEADER);
    let figures = calibration.figures.iter();
    for figure in figures.filter(|figure| figure.kind == kind) {
        columns.push(vec![
            figure.subject.clone(),
            figure.figure.clone(),
            shown(figure, figure.observed),
            figure
                .standard_error
                .map(|error| shown(figure, error))
                .unwrap_or_default(),
            held_to(figure),
            figure.outcome.label().to_owned(),
        ]);
    }
    columns
}

/// A share in percent, as finely as there are experiments; a p-value as p-values are written.
fn shown(figure: &CalibrationFigure, value: f64) -> String {
    match figure.kind {
        FigureKind::Coverage | FigureKind::FalseAlarms => format!("{:.2}", 100.0 * value),
        FigureKind::Uniformity => number::probability(value),
    }
}

fn held_to(figure: &CalibrationFigure) -> String {
    let shown = |value| shown(figure, value);
    match (figure.lower, figure.upper) {
        (Some(lower), Some(upper)) if lower == upper => format!("exactly {}", shown(lower)),
        (Some(lower), Some(upper)) => format!("{} to {}", shown(lower), shown(upper)),
        (Some(lower), None) => format!("at least {}", shown(lower)),
        (None, Some(upper)) => format!("at most {}", shown(upper)),
        (None, None) => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figure(
        kind: FigureKind,
        observed: f64,
        bound: (Option<f64>, Option<f64>),
    ) -> CalibrationFigure {
        CalibrationFigure {
            subject: "mean, 10 + 10".to_owned(),
            figure: "difference".to_owned(),
            kind,
            observed,
            standard_error: (kind != FigureKind::Uniformity).then_some(0.0016),
            lower: bound.0,
            upper: bound.1,
            outcome: match bound {
                (None, None) => CalibrationOutcome::Shown,
                (Some(lower), _) if observed < lower => CalibrationOutcome::Fail,
                _ => CalibrationOutcome::Pass,
            },
        }
    }

    #[test]
    fn a_row_says_figure_error_bound_and_outcome() {
        let calibration = Calibration {
            seed: 7,
            experiments: 20_000,
            figures: vec![
                figure(FigureKind::Coverage, 0.9512, (Some(0.945), Some(0.955))),
                figure(FigureKind::Coverage, 0.91, (Some(0.945), Some(0.955))),
                figure(FigureKind::FalseAlarms, 0.0, (Some(0.0), Some(0.0))),
                figure(FigureKind::FalseAlarms, 0.2, (None, None)),
                figure(FigureKind::Uniformity, 0.41, (Some(0.001), None)),
            ],
        };
        let text = String::from_utf8(calibration_table(&calibration, Room::default())).unwrap();
        insta::assert_snapshot!(text);
        let json = calibration_json(&calibration).unwrap();
        assert_eq!(
            serde_json::from_slice::<Calibration>(&json).unwrap(),
            calibration
        );
        assert!(calibration_markdown(&calibration).starts_with(b"20,000 experiments"));
    }
}
