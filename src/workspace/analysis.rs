//! Defines what may be asked on the command line beside what an experiment's `[analysis]` says.

use std::collections::BTreeMap;

use super::WorkspaceError;
use crate::domain::definition::{Analysis, Experiment};

/// What can be asked for, with an example each.
const KEYS: [(&str, &str); 8] = [
    ("cluster", "cluster=household_id"),
    ("strata", "strata=country"),
    ("novelty", "novelty=true"),
    ("bootstrap", "bootstrap=2000"),
    ("all-pairs", "all-pairs=true"),
    ("units-per-year", "units-per-year=12000000"),
    ("looks", "looks=0.25,0.5,0.75,1"),
    ("first-look", "first-look=5000"),
];

/// Asks for more of an experiment. Strata become a segment, if they are none yet.
pub(super) fn ask(
    experiment: &mut Experiment,
    asked: &BTreeMap<String, String>,
) -> Result<(), WorkspaceError> {
    for (name, value) in asked {
        let analysis = &mut experiment.analysis;
        let understood = match name.as_str() {
            "cluster" => column(value).map(|column| analysis.cluster = Some(column)),
            "strata" => column(value).map(|column| analysis.strata = Some(column)),
            "novelty" => value.parse().ok().map(|novelty| analysis.novelty = novelty),
            "bootstrap" => draws(value).map(|draws| analysis.bootstrap = Some(draws)),
            "all-pairs" => value.parse().ok().map(|pairs| analysis.all_pairs = pairs),
            "units-per-year" => units(value).map(|units| analysis.units_per_year = Some(units)),
            "first-look" => units(value).map(|units| analysis.first_look = Some(units)),
            "looks" => looks(value).map(|looks| analysis.looks = looks),
            _ => None,
        };
        understood.ok_or_else(|| unknown(name, value))?;
    }
    if let Some(strata) = &experiment.analysis.strata
        && !experiment.segments.contains(strata)
    {
        experiment.segments.push(strata.clone());
    }
    Ok(())
}

fn column(value: &str) -> Option<String> {
    (!value.is_empty()).then(|| value.to_owned())
}

fn draws(value: &str) -> Option<u32> {
    let draws = value.parse().ok()?;
    Analysis::DRAWS.contains(&draws).then_some(draws)
}

fn units(value: &str) -> Option<u64> {
    value.parse().ok().filter(|units| *units > 0)
}

fn looks(value: &str) -> Option<Vec<f64>> {
    let looks: Option<Vec<f64>> = value
        .split(',')
        .map(|look| look.trim().parse().ok())
        .collect();
    looks.filter(|looks| Analysis::are_looks(looks))
}

fn unknown(name: &str, value: &str) -> WorkspaceError {
    let example = KEYS.iter().find(|(known, _)| *known == name);
    let reason = if let Some((_, example)) = example {
        format!("'{value}' cannot be it; write such as {example}")
    } else {
        let names: Vec<&str> = KEYS.iter().map(|(name, _)| *name).collect();
        format!("there is no such analysis; there are {}", names.join(", "))
    };
    WorkspaceError::Analysis {
        name: name.to_owned(),
        reason,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::support::Scene;

    fn asked(name: &str, value: &str) -> Result<Experiment, String> {
        let mut experiment = Scene::new(&["old", "new"]).experiment;
        let map = BTreeMap::from([(name.to_owned(), value.to_owned())]);
        match ask(&mut experiment, &map) {
            Ok(()) => Ok(experiment),
            Err(error) => Err(error.to_string()),
        }
    }

    #[test]
    fn every_example_is_understood() {
        for (name, example) in KEYS {
            let (key, value) = example.split_once('=').unwrap();
            assert_eq!(key, name);
            let experiment = asked(key, value).unwrap();
            assert!(!experiment.analysis.is_default(), "{example}");
        }
        assert_eq!(asked("strata", "country").unwrap().segments, ["country"]);
    }

    #[test]
    fn what_is_not_understood_says_what_would_be() {
        let error = asked("looks", "0.5,0.2").unwrap_err();
        assert!(error.contains("looks=0.25,0.5,0.75,1"), "{error}");
        let error = asked("bootstrap", "3").unwrap_err();
        assert!(error.contains("bootstrap=2000"), "{error}");
        let error = asked("clusters", "x").unwrap_err();
        assert!(error.contains("there are cluster, strata"), "{error}");
    }
}
