//! What a draft says is what the catalog reads of it.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::super::{
    NOBODY_YET, ProposedFact, Remarks, draft_experiment, draft_metric, draft_workspace,
};
use super::Folder;
use crate::domain::definition::{
    Experiment, Filter, FilterOperator, Literal, MetricReference, Population,
};

#[test]
fn a_draft_of_every_definition_is_read_as_that_definition() {
    let first = Folder::healthy().load();
    let mut copy = Folder::empty();
    let workspace = first.workspace.as_ref().unwrap();
    let fact = ProposedFact {
        name: "purchase".to_owned(),
        table: "events".to_owned(),
        column: Some("value".to_owned()),
        filters: vec![Filter {
            column: "event_name".to_owned(),
            operator: FilterOperator::Equal,
            values: vec![Literal::Text("purchase".to_owned())],
        }],
    };
    let none = Remarks::default();
    copy = copy.with(
        "readout.toml",
        &draft_workspace(workspace, &[fact], &none).unwrap(),
    );
    for entry in first.metrics() {
        let fact = (entry.metric.id.as_str() == "conversion").then_some("purchase");
        let text = draft_metric(&entry.metric, fact, &none).unwrap();
        copy = copy.with(&entry.file, &text);
    }
    for entry in first.experiments() {
        let text = draft_experiment(&entry.experiment, &none).unwrap();
        copy = copy.with(&entry.file, &text);
    }
    let second = copy.load();
    assert!(copy.problems().is_empty(), "{:?}", copy.problems());
    let tables = |catalog: &super::Catalog| catalog.workspace.as_ref().unwrap().tables.clone();
    assert_eq!(tables(&first), tables(&second));
    let metrics = |catalog: &super::Catalog| -> Vec<_> {
        catalog
            .metrics()
            .map(|entry| entry.metric.clone())
            .collect()
    };
    assert_eq!(metrics(&first), metrics(&second));
    let experiments = |catalog: &super::Catalog| -> Vec<Experiment> {
        catalog
            .experiments()
            .map(|entry| entry.experiment.clone())
            .collect()
    };
    assert_eq!(experiments(&first), experiments(&second));
}

#[test]
fn the_short_form_is_a_line_a_key_and_remarks_stand_in_their_places() {
    let catalog = Folder::healthy().load();
    let entry = catalog.metrics().next().unwrap();
    let mut remarks = Remarks::default();
    remarks.head.push("at the head".to_owned());
    remarks.above("owner", "above it");
    remarks.beside("direction", "beside it");
    let text = draft_metric(&entry.metric, Some("purchase"), &remarks).unwrap();
    assert_eq!(
        text,
        "\
# at the head
id = \"conversion\"
version = \"1.0.0\"
status = \"active\"
# above it
owner = \"growth\"
kind = \"proportion\"
direction = \"increase\"  # beside it
fact = \"purchase\"
window = \"7d\"
decision = { question = \"Do we keep the new checkout?\" }
"
    );
}

#[test]
fn an_owner_who_is_nobody_is_warned_of_and_an_error_under_strict_governance() {
    let nobody = super::CONVERSION.replace("growth", NOBODY_YET);
    let folder = Folder::healthy().with("metrics/conversion.toml", &nobody);
    assert_eq!(
        folder.problems(),
        ["warning no-owner metrics/conversion.toml:5:9"]
    );
    let strict = format!("{}\n[governance]\nstrict = true\n", super::WORKSPACE);
    let folder = folder.with("readout.toml", &strict);
    assert!(
        folder
            .problems()
            .contains(&"error no-owner metrics/conversion.toml:5:9".to_owned())
    );
}

proptest! {
    /// Whatever labels and remarks hold, the file is TOML, says the labels, and nothing that a remark quotes becomes a key.
    #[test]
    fn no_text_leaves_its_place(labels in prop::collection::btree_set(".{1,12}", 2..5), remark in "(?s).{0,40}") {
        let catalog = Folder::healthy().load();
        let entry = catalog.experiments().next().unwrap();
        let variants: Vec<String> = labels.into_iter().collect();
        let experiment = Experiment {
            control: variants[0].clone(),
            variants: variants.clone(),
            epochs: Vec::new(),
            metrics: Vec::<MetricReference>::new(),
            populations: Vec::<Population>::new(),
            ..entry.experiment.clone()
        };
        let remarks = Remarks {
            head: vec![remark.clone()],
            above: BTreeMap::from([("variants".to_owned(), vec![remark.clone()])]),
            beside: BTreeMap::from([("variants".to_owned(), remark.clone()), ("owner".to_owned(), remark)]),
        };
        let text = draft_experiment(&experiment, &remarks).unwrap();
        let table: toml::Table = text.parse().unwrap();
        let mut keys: Vec<&str> = table.keys().map(String::as_str).collect();
        keys.sort_unstable();
        prop_assert_eq!(keys, ["control", "id", "owner", "start", "status", "variants", "version"]);
        let read: Vec<&str> = table["variants"].as_array().unwrap().iter().filter_map(|value| value.as_str()).collect();
        prop_assert_eq!(read, variants);
    }
}
