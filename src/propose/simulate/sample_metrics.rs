//! Defines the metrics of the sample workspace. Each says what a governed metric should: owner, decision, drivers, runbook.

use std::collections::BTreeMap;

use super::scenario::{Measure, MetricScenario};
use crate::domain::definition::{Aggregate, Direction, Magnitude, MetricKind};

pub(super) fn sample_metrics() -> Vec<MetricScenario> {
    let mut metrics = commerce();
    metrics.extend(clicks());
    metrics.extend(harm());
    metrics
}

fn drivers(drivers: &[(&str, &str)]) -> BTreeMap<String, String> {
    drivers
        .iter()
        .map(|(id, kind)| ((*id).to_owned(), (*kind).to_owned()))
        .collect()
}

fn metric(
    id: &str,
    owner: &str,
    description: &str,
    kind: MetricKind,
    measure: Measure,
) -> MetricScenario {
    MetricScenario {
        id: id.to_owned(),
        owner: owner.to_owned(),
        description: description.to_owned(),
        kind,
        measure,
        ..MetricScenario::default()
    }
}

fn commerce() -> Vec<MetricScenario> {
    let purchases = Measure::new("purchase", Aggregate::Count);
    let value = Measure::new("purchase", Aggregate::Sum);
    vec![
        MetricScenario {
            minimum_effect: Some(Magnitude::Relative(0.01)),
            question: "Do more people buy?".to_owned(),
            decided_by: "head of commerce".to_owned(),
            if_worse: "stop the rollout and look at the funnel by platform".to_owned(),
            runbook: "Compare orders by day and platform; look for payment errors.".to_owned(),
            ..metric(
                "conversion",
                "growth",
                "Units with a purchase in their first seven days",
                MetricKind::Proportion,
                Measure::new("purchase", Aggregate::Any),
            )
        },
        MetricScenario {
            unit: Some("EUR".to_owned()),
            cap_quantile: Some(0.999),
            covariate_days: Some(14),
            minimum_effect: Some(Magnitude::Relative(0.01)),
            drivers: drivers(&[("conversion", "component"), ("order-value", "component")]),
            question: "Do we earn more a unit?".to_owned(),
            decided_by: "head of commerce".to_owned(),
            if_worse: "stop the rollout".to_owned(),
            runbook: "Split into conversion and order value; look at the largest orders."
                .to_owned(),
            ..metric(
                "revenue",
                "finance",
                "Purchase value in the first seven days",
                MetricKind::Mean,
                value.clone(),
            )
        },
        MetricScenario {
            covariate_column: Some("pre_revenue".to_owned()),
            question: "Do people order more often?".to_owned(),
            decided_by: "head of commerce".to_owned(),
            if_worse: "look at conversion and repeat purchases".to_owned(),
            runbook: "Compare first and repeat purchases.".to_owned(),
            drivers: drivers(&[("conversion", "component")]),
            ..metric(
                "orders",
                "growth",
                "Purchases in the first seven days",
                MetricKind::Mean,
                purchases.clone(),
            )
        },
        MetricScenario {
            unit: Some("EUR".to_owned()),
            denominator: Some(purchases),
            question: "Are orders worth more?".to_owned(),
            decided_by: "head of commerce".to_owned(),
            if_worse: "look at discounts and at what is in the basket".to_owned(),
            runbook: "Look at discounts, then at the mix of categories.".to_owned(),
            ..metric(
                "order-value",
                "finance",
                "Purchase value a purchase, first seven days",
                MetricKind::Ratio,
                value,
            )
        },
    ]
}

fn clicks() -> Vec<MetricScenario> {
    let rate = |id: &str, owner: &str, event: &str, description: &str| {
        MetricScenario {
        denominator: Some(Measure::new(event, Aggregate::Count)),
        minimum_effect: Some(Magnitude::Relative(0.02)),
        question: "Do people find what they came for?".to_owned(),
        decided_by: "discovery lead".to_owned(),
        if_worse: "return to the earlier page".to_owned(),
        runbook: "Look at numerator and denominator one at a time: a rate can rise because its base fell.".to_owned(),
        ..metric(id, owner, description, MetricKind::Ratio, Measure::new(event, Aggregate::Sum))
    }
    };
    let count = |id: &str, owner: &str, event: &str, description: &str| MetricScenario {
        question: "How much is the feature used?".to_owned(),
        decided_by: "discovery lead".to_owned(),
        if_worse: "look at the entry points".to_owned(),
        runbook: "Compare entry points by platform.".to_owned(),
        ..metric(
            id,
            owner,
            description,
            MetricKind::Mean,
            Measure::new(event, Aggregate::Count),
        )
    };
    vec![
        rate(
            "search-click-rate",
            "search",
            "search",
            "Clicked searches a search, first seven days",
        ),
        rate(
            "home-click-rate",
            "home",
            "visit",
            "Clicked homepage visits a visit, first seven days",
        ),
        count(
            "searches",
            "search",
            "search",
            "Searches in the first seven days",
        ),
        count(
            "visits",
            "home",
            "visit",
            "Homepage visits in the first seven days",
        ),
        MetricScenario {
            minimum_effect: Some(Magnitude::Relative(0.01)),
            question: "Do new users reach their first success?".to_owned(),
            decided_by: "activation lead".to_owned(),
            if_worse: "bring the checklist back".to_owned(),
            runbook: "Look at the step where people leave, by platform.".to_owned(),
            ..metric(
                "activation-rate",
                "activation",
                "New users activated in their first seven days",
                MetricKind::Proportion,
                Measure::new("activated", Aggregate::Any),
            )
        },
    ]
}

fn harm() -> Vec<MetricScenario> {
    let rate =
        |id: &str, event: &str, description: &str, margin: f64, runbook: &str| MetricScenario {
            direction: Direction::Decrease,
            margin: Some(Magnitude::Absolute(margin)),
            question: "Does the change send people to us with trouble, or away?".to_owned(),
            decided_by: "customer care lead".to_owned(),
            if_worse: "do not ship; read the messages first".to_owned(),
            runbook: runbook.to_owned(),
            ..metric(
                id,
                "care",
                description,
                MetricKind::Proportion,
                Measure::new(event, Aggregate::Any),
            )
        };
    vec![
        MetricScenario {
            unit: Some("ms".to_owned()),
            direction: Direction::Decrease,
            margin: Some(Magnitude::Relative(0.03)),
            question: "Is the page still fast enough?".to_owned(),
            decided_by: "platform lead".to_owned(),
            if_worse: "do not ship before it is fast again".to_owned(),
            runbook: "Compare bundle size and the slowest request between variants.".to_owned(),
            ..metric(
                "page-latency",
                "platform",
                "A unit's mean page load time in its first seven days",
                MetricKind::Mean,
                Measure::new("page_load", Aggregate::Mean),
            )
        },
        rate(
            "support-contact-rate",
            "support_contact",
            "Units that contacted support in their first seven days",
            0.015,
            "Read twenty messages of each variant.",
        ),
        MetricScenario {
            window_days: 14,
            ..rate(
                "cancellation-rate",
                "cancellation",
                "Units that cancelled in their first fourteen days",
                0.005,
                "Compare the reasons given; look at refunds of annual plans.",
            )
        },
    ]
}
