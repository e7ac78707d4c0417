//! Defines how the diagnosis of a sample ratio mismatch is told: where it begins, what may have caused it, what the ten rules
//! say, and which bounds of the effects are left.

use super::breakdown::lines_grid;
use super::number::{self, Scale};
use super::part::{Grid, Item, Part};
use super::rows;
use crate::domain::definition::MetricKind;
use crate::domain::result::{
    Bounds, BreakdownBy, BreakdownLine, Diagnosis, EffectBounds, Likelihood, MissingUnits, Readout,
    SplitStage,
};

/// The diagnosis in parts, in the order in which one reads; empty where the readout has none.
#[must_use]
pub fn diagnosis_parts(readout: &Readout) -> Vec<Part> {
    let Some(diagnosis) = &readout.diagnosis else {
        return Vec::new();
    };
    let mut parts = vec![begins(readout, diagnosis), causes(diagnosis)];
    for (title, lines) in [
        ("By segment", &diagnosis.segments),
        ("By day", &diagnosis.days),
    ] {
        if !lines.is_empty() {
            let mut part = Part::new(&format!("{title}, {}", diagnosis.population.label()));
            let lines: Vec<&BreakdownLine> = lines.iter().collect();
            part.table = lines_grid("units", &diagnosis.variants, &lines);
            parts.push(part);
        }
    }
    parts.push(rules(diagnosis));
    if !diagnosis.bounds.is_empty() {
        parts.push(bounds(readout, diagnosis));
    }
    parts
}

fn begins(readout: &Readout, diagnosis: &Diagnosis) -> Part {
    let mut part = Part::new("Where it begins");
    let shown: Vec<String> = readout
        .checks
        .iter()
        .filter(|check| diagnosis.shown_by.contains(&check.id))
        .map(|check| format!("check {} ({})", check.number, check.id.label()))
        .collect();
    part.lead.push(if shown.is_empty() {
        "No sample ratio check warns or fails; this was asked for.".to_owned()
    } else {
        format!("Shown by {}.", shown.join(", "))
    });
    part.lead.push(match diagnosis.begins {
        Some(stage) => format!(
            "The units depart from the plan first at: {}.",
            stage.label()
        ),
        None => "At no stage do the units depart from the plan as they stand now.".to_owned(),
    });
    let lines: Vec<BreakdownLine> = diagnosis
        .stages
        .iter()
        .map(|stage| BreakdownLine {
            by: BreakdownBy::Stage,
            name: stage_name(diagnosis, stage.stage),
            found: stage.found.clone(),
        })
        .collect();
    let lines: Vec<&BreakdownLine> = lines.iter().collect();
    part.table = lines_grid("units", &diagnosis.variants, &lines);
    part
}

fn stage_name(diagnosis: &Diagnosis, stage: SplitStage) -> String {
    let first = if diagnosis.begins == Some(stage) {
        " (first)"
    } else {
        ""
    };
    format!("{}{first}", stage.label())
}

fn causes(diagnosis: &Diagnosis) -> Part {
    let mut part = Part::new("Causes, the likeliest first");
    if diagnosis.causes.is_empty() {
        part.lead
            .push("Nothing in this readout points to a cause.".to_owned());
    }
    let causes = diagnosis.causes.iter().enumerate();
    part.items = causes
        .map(|(index, cause)| {
            let mut lines: Vec<(&'static str, String)> = cause
                .evidence
                .iter()
                .map(|evidence| ("evidence", rows::ended(evidence)))
                .collect();
            if cause.likelihood == Likelihood::Unlikely {
                let why = "It acts after the stage at which the mismatch begins.";
                lines.push(("but", why.to_owned()));
            }
            lines.push(("next", rows::ended(&cause.next)));
            Item {
                head: format!(
                    "{}. {}: {}",
                    index + 1,
                    cause.likelihood.label(),
                    cause.kind.label()
                ),
                lines,
            }
        })
        .collect();
    part
}

fn rules(diagnosis: &Diagnosis) -> Part {
    let mut part = Part::new("The ten rules");
    part.lead.push(
        "Fabijan et al., Diagnosing Sample Ratio Mismatch in Online Controlled Experiments, KDD 2019."
            .to_owned(),
    );
    part.items = diagnosis
        .rules
        .iter()
        .map(|found| Item {
            head: format!(
                "{}. {} {}",
                found.rule.number(),
                found.rule.label(),
                found.reading.label()
            ),
            lines: vec![("because", rows::ended(&found.evidence))],
        })
        .collect();
    part
}

fn bounds(readout: &Readout, diagnosis: &Diagnosis) -> Part {
    let mut part = Part::new("What is left of the effects");
    part.lead.push(
        "The least and the most each effect could be, had the missing units all or none of what there is to have. They hold where units are missing and none were added, and leave out sampling error; nothing narrower holds under a mismatch."
            .to_owned(),
    );
    let header = [
        ("metric", false),
        ("variant", false),
        ("missing", true),
        ("lift between", true),
        ("difference between", true),
        ("rests on", false),
    ];
    part.table = Grid {
        header: header
            .iter()
            .map(|(title, right)| ((*title).to_owned(), *right))
            .collect(),
        rows: diagnosis
            .bounds
            .iter()
            .map(|bounds| row(readout, bounds))
            .collect(),
    };
    part
}

fn row(readout: &Readout, bounds: &EffectBounds) -> Vec<String> {
    let kind = readout
        .metrics
        .iter()
        .find(|metric| metric.id == bounds.metric)
        .map_or(MetricKind::Mean, |metric| metric.kind);
    vec![
        bounds.metric.to_string(),
        bounds.variant.clone(),
        number::known(&bounds.missing, missing),
        number::known(&bounds.relative, |found| between(found, Scale::Percent)),
        number::known(&bounds.absolute, |found| between(found, Scale::of(kind))),
        rows::ended(&bounds.reason),
    ]
}

fn missing(missing: &MissingUnits) -> String {
    number::count(missing.control.max(missing.treatment))
}

fn between(bounds: &Bounds, scale: Scale) -> String {
    let end = |value: f64| {
        let sign = if value < 0.0 { "\u{2212}" } else { "+" };
        format!("{sign}{}", number::size(value, scale))
    };
    format!("{} and {}", end(bounds.lower), end(bounds.upper))
}
