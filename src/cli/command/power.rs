//! `readout power`: what an experiment takes, before it is run.

use anyhow::{anyhow, bail};

use crate::cli::args::{Global, Power, RunArguments};
use crate::cli::output::{Outcome, deliver, expect_folder};
use crate::cli::settings;
use crate::cli::watch::Watch;
use crate::domain::definition::{Magnitude, MetricKind, SequentialFamily};
use crate::domain::result::{PowerBaseline, PowerDemand};
use crate::report::{self, Format};
use crate::workspace::{self, MetricBaseline, PowerRequest, Progress};

pub(super) fn run(global: &Global, arguments: &Power) -> anyhow::Result<Outcome> {
    expect_folder(arguments.output.as_deref())?;
    let format = settings::format(
        arguments.format.as_deref(),
        arguments.output.as_deref(),
        Format::Table,
    )?;
    if matches!(format, Format::Csv | Format::Markdown) {
        bail!("a plan is written as table or json; choose one with --format");
    }
    let Some(known) = baseline(global, arguments)? else {
        return Ok(Outcome::Interrupted);
    };
    let effect = arguments.effect.as_deref().map(magnitude).transpose()?;
    let effect = effect.or(known.minimum_effect);
    if effect.is_none() && arguments.units.is_none() && arguments.per_day.is_none() {
        bail!(
            "nothing to plan for: say what to detect with --effect, such as --effect 2%, or how many units there are with --units or --per-day"
        );
    }
    if arguments.sequential == SequentialFamily::MixtureSprt && effect.is_none() {
        bail!(
            "--sequential mixture-sprt is tuned to an effect; name it with --effect, such as --effect 2%"
        );
    }
    sensible(&known.baseline, effect)?;
    let request = PowerRequest {
        demand: demand(arguments, known.weights)?,
        baseline: known.baseline,
        effect,
        units: arguments.units,
    };
    let plan = workspace::plan_power(&request);
    let document = match format {
        Format::Json => report::power_json(&plan)?,
        _ => report::power_table(&plan),
    };
    deliver(&document, arguments.output.as_deref())?;
    Ok(Outcome::Fine)
}

/// What is known, from the one place that was named; `None` when interrupted.
fn baseline(global: &Global, arguments: &Power) -> anyhow::Result<Option<MetricBaseline>> {
    let given = |baseline| {
        Some(MetricBaseline {
            baseline,
            minimum_effect: None,
            weights: None,
        })
    };
    let numbers = |kind, mean, standard_deviation| PowerBaseline {
        source: "the numbers given".to_owned(),
        kind,
        mean,
        standard_deviation,
        units: None,
        variance_reduction: None,
    };
    if let Some(rate) = arguments.rate {
        return Ok(given(numbers(
            MetricKind::Proportion,
            rate,
            (rate * (1.0 - rate)).sqrt(),
        )));
    }
    if let (Some(mean), Some(deviation)) = (arguments.mean, arguments.sd) {
        return Ok(given(numbers(MetricKind::Mean, mean, deviation)));
    }
    let Some(metric) = &arguments.metric else {
        bail!(
            "nothing is known to plan by: give --rate 0.05, or --mean 12.5 --sd 40, or a file with --metric COLUMN, or --experiment EXPERIMENT with --metric METRIC"
        );
    };
    if let Some(file) = &arguments.file {
        return Ok(given(workspace::baseline_of_file(file, metric)?));
    }
    let Some(experiment) = &arguments.experiment else {
        bail!(
            "--metric {metric}: name the file it is a column of, or the experiment it is a metric of with --experiment"
        );
    };
    let workspace = super::open(global)?;
    let settings = settings::run(&RunArguments::default(), global, workspace.time_zone())?;
    let progress = Progress::default();
    let watch = Watch::start(&progress, global.quiet);
    let found = workspace.baseline(experiment, metric, &settings, &progress);
    drop(watch);
    match found {
        Ok(found) => Ok(Some(found)),
        Err(error) if error.is_cancelled() => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Refuses what no experiment could show.
fn sensible(baseline: &PowerBaseline, effect: Option<Magnitude>) -> anyhow::Result<()> {
    if baseline.standard_deviation == 0.0 {
        bail!(
            "{}: every unit has the same value, so there is nothing to plan by; choose another metric",
            baseline.source
        );
    }
    let Some(effect) = effect else { return Ok(()) };
    let (size, is_relative) = match effect {
        Magnitude::Absolute(size) => (size, false),
        Magnitude::Relative(size) => (size, true),
    };
    if is_relative && baseline.mean == 0.0 {
        bail!(
            "--effect: nothing is relative to a control mean of 0; give the difference in the metric's unit"
        );
    }
    if baseline.kind.is_share() {
        let share = baseline.mean
            + if is_relative {
                size * baseline.mean
            } else {
                size
            };
        if !(share > 0.0 && share < 1.0) {
            bail!(
                "--effect carries the share from {} to {share}, and shares lie between 0 and 1; give a smaller one (1pp is a percentage point)",
                baseline.mean
            );
        }
    }
    Ok(())
}

fn demand(arguments: &Power, found: Option<Vec<f64>>) -> anyhow::Result<PowerDemand> {
    let is_group = arguments.sequential == SequentialFamily::GroupSequential;
    if !is_group && (!arguments.looks.is_empty() || arguments.spending.is_some()) {
        bail!("--looks and --spending belong to --sequential group-sequential");
    }
    let mut looks = arguments.looks.clone();
    if is_group && looks.is_empty() {
        looks = vec![0.25, 0.5, 0.75, 1.0];
    }
    let rising = looks.windows(2).all(|pair| pair[0] < pair[1]);
    if !rising || looks.iter().any(|look| !(*look > 0.0 && *look <= 1.0)) {
        bail!(
            "--looks: shares of the planned units, rising, above 0 and up to 1, such as 0.25,0.5,0.75,1"
        );
    }
    if is_group && looks.last() != Some(&1.0) {
        // The last look is the end.
        looks.push(1.0);
    }
    let weights = match (arguments.weights.as_slice(), found) {
        ([], found) => found.unwrap_or_else(|| vec![1.0, 1.0]),
        (asked, _) => asked.to_vec(),
    };
    let total: f64 = weights.iter().sum();
    if weights.len() < 2
        || weights
            .iter()
            .any(|weight| !(*weight > 0.0 && weight.is_finite()))
    {
        bail!("--weights: two or more numbers above 0, control first, such as 1,1 or 50,25,25");
    }
    Ok(PowerDemand {
        level: arguments.level,
        power: arguments.wanted,
        sequential: arguments.sequential,
        spending: is_group.then(|| {
            arguments
                .spending
                .unwrap_or(crate::domain::definition::Spending::OBrienFleming)
        }),
        looks,
        shares: weights.iter().map(|weight| weight / total).collect(),
        a_day: arguments.per_day,
    })
}

/// A size as typed: `2%` of the control, `0.5pp` of a share, `0.5` in the metric's unit.
fn magnitude(text: &str) -> anyhow::Result<Magnitude> {
    let refused = || {
        anyhow!(
            "--effect '{text}': write 2% of the control, 0.5pp of a share, or 0.5 in the metric's unit; not 0"
        )
    };
    let number = |text: &str| {
        let number = text.trim().parse::<f64>().ok();
        let number = number.filter(|number| number.is_finite() && *number != 0.0);
        number.ok_or_else(refused)
    };
    if let Some(percent) = text.strip_suffix('%') {
        return Ok(Magnitude::Relative(number(percent)? / 100.0));
    }
    if let Some(points) = text.strip_suffix("pp") {
        return Ok(Magnitude::Absolute(number(points)? / 100.0));
    }
    Ok(Magnitude::Absolute(number(text)?))
}
