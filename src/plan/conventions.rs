//! Resolves every convention to a value with its source and reason, before any data is read.

use std::collections::BTreeMap;
use std::str::FromStr;

use crate::domain::definition::{Choice, ConventionSource, Conventions};

/// Conventions by name as somebody wrote them, strongest last.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Overrides {
    /// Of the workspace file.
    pub workspace: BTreeMap<String, String>,
    /// Of the experiment file.
    pub experiment: BTreeMap<String, String>,
    /// Of the command line.
    pub command_line: BTreeMap<String, String>,
}

/// A convention that does not exist, or a value it cannot have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConventionError {
    /// No convention of that name.
    #[error("there is no convention '{name}'; there are {}", known.join(", "))]
    Unknown {
        /// The name that was given.
        name: String,
        /// The names there are.
        known: Vec<&'static str>,
    },
    /// A value that the convention cannot have.
    #[error("convention '{name}': {reason}")]
    BadValue {
        /// The convention.
        name: String,
        /// What is wrong with the value, and what would be right.
        reason: String,
    },
}

/// One convention as a field of [`Conventions`]: its name, why its default is what it is, and how it is read and written.
struct Field {
    name: &'static str,
    default_reason: &'static str,
    set: fn(&mut Conventions, &str) -> Result<(), String>,
    get: fn(&Conventions) -> String,
}

fn parse<T: FromStr<Err: std::fmt::Display>>(text: &str) -> Result<T, String> {
    text.parse().map_err(|error: T::Err| error.to_string())
}

const FIELDS: &[Field] = &[
    Field {
        name: "several-variants",
        default_reason: "a unit that met two variants measures neither",
        set: |conventions, text| parse(text).map(|value| conventions.several_variants = value),
        get: |conventions| conventions.several_variants.to_string(),
    },
    Field {
        name: "units",
        default_reason: "each metric says which units count while windows are open",
        set: |conventions, text| {
            if text == "as-defined" {
                conventions.units = None;
                return Ok(());
            }
            parse(text).map(|value| conventions.units = Some(value))
        },
        get: |conventions| {
            conventions
                .units
                .map_or_else(|| "as-defined".to_owned(), |rule| rule.to_string())
        },
    },
    Field {
        name: "cap",
        default_reason: "caps are part of the governed definition",
        set: |conventions, text| parse(text).map(|value| conventions.cap = value),
        get: |conventions| conventions.cap.to_string(),
    },
    Field {
        name: "covariate",
        default_reason: "covariates are part of the governed definition",
        set: |conventions, text| parse(text).map(|value| conventions.covariate = value),
        get: |conventions| conventions.covariate.to_string(),
    },
    Field {
        name: "variance",
        default_reason: "a treatment may change the spread as well as the mean",
        set: |conventions, text| parse(text).map(|value| conventions.variance = value),
        get: |conventions| conventions.variance.to_string(),
    },
    Field {
        name: "reference",
        default_reason: "the variance is estimated, and at large n the two agree",
        set: |conventions, text| parse(text).map(|value| conventions.reference = value),
        get: |conventions| conventions.reference.to_string(),
    },
    Field {
        name: "relative",
        default_reason: "its interval decides exactly as the absolute test does",
        set: |conventions, text| parse(text).map(|value| conventions.relative = value),
        get: |conventions| conventions.relative.to_string(),
    },
    Field {
        name: "correction",
        default_reason: "several primary comparisons share one error rate",
        set: |conventions, text| parse(text).map(|value| conventions.correction = value),
        get: |conventions| conventions.correction.to_string(),
    },
    Field {
        name: "level",
        default_reason: "two-sided intervals at 95 % are what readers expect",
        set: |conventions, text| match text.parse::<f64>() {
            Ok(level) if level > 0.5 && level < 1.0 => {
                conventions.level = level;
                Ok(())
            }
            _ => Err(format!(
                "'{text}' is not a confidence level between 0.5 and 1, such as 0.95"
            )),
        },
        get: |conventions| conventions.level.to_string(),
    },
    Field {
        name: "proportions",
        default_reason: "a share is a mean of 0 and 1, judged like every other mean",
        set: |conventions, text| {
            if text == "as-means" {
                conventions.proportions = None;
                return Ok(());
            }
            parse(text).map(|value| conventions.proportions = Some(value))
        },
        get: |conventions| {
            conventions
                .proportions
                .map_or_else(|| "as-means".to_owned(), |method| method.to_string())
        },
    },
    Field {
        name: "quantile",
        default_reason: "what most tools and SQL's percentile_cont compute",
        set: |conventions, text| parse(text).map(|value| conventions.quantile = value),
        get: |conventions| conventions.quantile.to_string(),
    },
    Field {
        name: "slope",
        default_reason: "the slope that makes the pair's difference least variable",
        set: |conventions, text| parse(text).map(|value| conventions.slope = value),
        get: |conventions| conventions.slope.to_string(),
    },
    Field {
        name: "residuals",
        default_reason: "each covariate that is used costs a degree of freedom",
        set: |conventions, text| parse(text).map(|value| conventions.residuals = value),
        get: |conventions| conventions.residuals.to_string(),
    },
    Field {
        name: "adjusted-lift",
        default_reason: "a lift is relative to the mean its difference is taken from",
        set: |conventions, text| parse(text).map(|value| conventions.adjusted_lift = value),
        get: |conventions| conventions.adjusted_lift.to_string(),
    },
    Field {
        name: "clusters",
        default_reason: "what was randomised is what is independent",
        set: |conventions, text| parse(text).map(|value| conventions.clusters = value),
        get: |conventions| conventions.clusters.to_string(),
    },
    Field {
        name: "strata",
        default_reason: "strata are part of the experiment's definition",
        set: |conventions, text| parse(text).map(|value| conventions.strata = value),
        get: |conventions| conventions.strata.to_string(),
    },
    Field {
        name: "ramp",
        default_reason: "where weights changed, pooling mixes the calendar into the effect",
        set: |conventions, text| parse(text).map(|value| conventions.ramp = value),
        get: |conventions| conventions.ramp.to_string(),
    },
    Field {
        name: "sequential",
        default_reason: "nothing is decided before the planned end",
        set: |conventions, text| parse(text).map(|value| conventions.sequential = value),
        get: |conventions| conventions.sequential.to_string(),
    },
    Field {
        name: "spending",
        default_reason: "almost all error is kept for the end",
        set: |conventions, text| parse(text).map(|value| conventions.spending = value),
        get: |conventions| conventions.spending.to_string(),
    },
    Field {
        name: "sequential-units",
        default_reason: "the experiment's planned units",
        set: |conventions, text| {
            conventions.sequential_units = match text {
                "as-planned" => None,
                _ => Some(text.parse().ok().filter(|units| *units > 0).ok_or_else(|| {
                    format!("'{text}' is no number of units; write such as 100000, or as-planned")
                })?),
            };
            Ok(())
        },
        get: |conventions| {
            conventions
                .sequential_units
                .map_or_else(|| "as-planned".to_owned(), |units| units.to_string())
        },
    },
    Field {
        name: "compliers",
        default_reason: "robust, as most tools have it",
        set: |conventions, text| parse(text).map(|value| conventions.compliers = value),
        get: |conventions| conventions.compliers.to_string(),
    },
    Field {
        name: "prior",
        default_reason: "the data speak for themselves",
        set: |conventions, text| parse(text).map(|value| conventions.prior = value),
        get: |conventions| conventions.prior.to_string(),
    },
];

/// Resolves every convention: the program's default, then the workspace, the experiment, the command line.
///
/// # Errors
/// [`ConventionError`] for a name or value that does not exist.
pub fn resolve(overrides: &Overrides) -> Result<(Conventions, Vec<Choice>), ConventionError> {
    let mut conventions = Conventions::default();
    let layers = [
        (
            &overrides.workspace,
            ConventionSource::Workspace,
            "the workspace says so",
        ),
        (
            &overrides.experiment,
            ConventionSource::Experiment,
            "the experiment says so",
        ),
        (
            &overrides.command_line,
            ConventionSource::CommandLine,
            "asked for on the command line",
        ),
    ];
    for name in layers.iter().flat_map(|(layer, _, _)| layer.keys()) {
        if !FIELDS.iter().any(|field| field.name == name) {
            let known = FIELDS.iter().map(|field| field.name).collect();
            return Err(ConventionError::Unknown {
                name: name.clone(),
                known,
            });
        }
    }
    let mut choices = Vec::with_capacity(FIELDS.len());
    for field in FIELDS {
        let mut source = (ConventionSource::Default, field.default_reason);
        for (layer, layer_source, reason) in layers {
            if let Some(text) = layer.get(field.name) {
                (field.set)(&mut conventions, text).map_err(|reason| {
                    ConventionError::BadValue {
                        name: field.name.to_owned(),
                        reason,
                    }
                })?;
                source = (layer_source, reason);
            }
        }
        choices.push(Choice {
            name: field.name.to_owned(),
            value: (field.get)(&conventions),
            source: source.0,
            reason: source.1.to_owned(),
        });
    }
    Ok((conventions, choices))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::definition::RelativeMethod;

    fn one(name: &str, value: &str) -> BTreeMap<String, String> {
        BTreeMap::from([(name.to_owned(), value.to_owned())])
    }

    #[test]
    fn the_strongest_layer_wins_and_is_named() {
        let overrides = Overrides {
            workspace: one("relative", "fieller"),
            experiment: one("relative", "delta"),
            command_line: BTreeMap::new(),
        };
        let (conventions, choices) = resolve(&overrides).unwrap();
        assert_eq!(conventions.relative, RelativeMethod::Delta);
        let choice = choices
            .iter()
            .find(|choice| choice.name == "relative")
            .unwrap();
        assert_eq!(choice.source, ConventionSource::Experiment);
    }

    #[test]
    fn an_unknown_name_or_value_says_what_there_is() {
        let overrides = Overrides {
            workspace: one("relativ", "delta"),
            ..Overrides::default()
        };
        assert!(
            resolve(&overrides)
                .unwrap_err()
                .to_string()
                .contains("relative")
        );
        let overrides = Overrides {
            command_line: one("level", "95"),
            ..Overrides::default()
        };
        assert!(
            resolve(&overrides)
                .unwrap_err()
                .to_string()
                .contains("such as 0.95")
        );
        let overrides = Overrides {
            command_line: one("variance", "student"),
            ..Overrides::default()
        };
        assert!(
            resolve(&overrides)
                .unwrap_err()
                .to_string()
                .contains("welch, pooled")
        );
    }

    #[test]
    fn every_convention_is_written_as_it_is_read() {
        let (conventions, choices) = resolve(&Overrides::default()).unwrap();
        let again = Overrides {
            command_line: choices
                .iter()
                .map(|choice| (choice.name.clone(), choice.value.clone()))
                .collect(),
            ..Overrides::default()
        };
        assert_eq!(resolve(&again).unwrap().0, conventions);
    }
}
