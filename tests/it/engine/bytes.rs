//! Same inputs, same bytes: threads, row order, file format and how a table is cut into parts never show in the document.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use readout::domain::evidence::Slice;
use readout::domain::result::{Absence, Readout};
use readout::engine::Progress;
use readout::report::{Format, render};
use readout::workspace::{Settings, Workspace};
use tempfile::TempDir;

use super::shop::{Rows, Written, tables};

/// Metrics of every aggregate, every filter operator, both kinds of cap and covariate: id, kind, and the rest.
const METRICS: &[(&str, &str, &str)] = &[
    (
        "slowest",
        "quantile",
        r#"quantile = 0.8
window = "7d"
value = { table = "events", aggregate = "each", column = "value", where = [{ column = "event_name", op = "=", value = "purchase" }] }"#,
    ),
    (
        "buyers",
        "proportion",
        r#"window = "7d"
value = { table = "events", where = [{ column = "event_name", op = "=", value = "purchase" }] }"#,
    ),
    (
        "paid-online",
        "proportion",
        r#"window = "3d"
value = { table = "events", aggregate = "any", column = "online", where = [{ column = "event_name", op = "not-null" }] }"#,
    ),
    (
        "visits",
        "mean",
        r#"window = { anchor = "assignment", end = "5d" }
value = { table = "events", where = [{ column = "event_name", op = "starts-with", value = "page" }] }"#,
    ),
    (
        "articles",
        "mean",
        r#"window = "7d"
value = { table = "events", aggregate = "count-distinct", column = "sku", where = [{ column = "event_name", op = "!=", value = "refund" }] }"#,
    ),
    (
        "revenue",
        "mean",
        r#"window = "7d"
cap = { quantile = 0.95 }
covariate = { window = "7d" }
value = { table = "events", aggregate = "sum", column = "value", where = [{ column = "event_name", op = "in", value = ["purchase", "refund"] }] }"#,
    ),
    (
        "cheapest",
        "mean",
        r#"window = "7d"
value = { table = "events", aggregate = "min", column = "value", where = [{ column = "value", op = ">", value = 0 }, { column = "value", op = "<=", value = 100.5 }] }"#,
    ),
    (
        "dearest",
        "mean",
        r#"window = { start = "1d", end = "9d", units = "all" }
cap = { value = 120 }
covariate = { column = "spent" }
value = { table = "events", aggregate = "max", column = "value", where = [{ column = "sku", op = "contains", value = "1" }] }"#,
    ),
    (
        "first-paid",
        "mean",
        r#"window = "14d"
value = { table = "events", aggregate = "first", column = "value", where = [{ column = "value", op = "between", value = [10, 150] }] }"#,
    ),
    (
        "last-paid",
        "mean",
        r#"window = "14d"
value = { table = "events", aggregate = "last", column = "value", where = [{ column = "online", op = "=", value = true }] }"#,
    ),
    (
        "mean-paid",
        "mean",
        r#"window = "14d"
value = { table = "events", aggregate = "mean", column = "value", where = [{ column = "sku", op = "not-in", value = ["k-1", "k-2"] }, { column = "value", op = "<", value = 5000.0 }] }"#,
    ),
    (
        "leaves",
        "mean",
        r#"window = "7d"
value = { table = "events", missing = "drop", where = [{ column = "event_name", op = "ends-with", value = "leave" }, { column = "value", op = ">=", value = 1 }] }"#,
    ),
    (
        "nameless",
        "mean",
        r#"window = "7d"
value = { table = "events", where = [{ column = "event_name", op = "is-null" }, { column = "occurred_at", op = ">=", value = 2026-03-20T00:00:00Z }] }"#,
    ),
    (
        "basket",
        "ratio",
        r#"window = "7d"
cap = { quantile = 0.9 }
numerator = { table = "events", aggregate = "sum", column = "value", where = [{ column = "event_name", op = "=", value = "purchase" }] }
denominator = { table = "events", where = [{ column = "event_name", op = "=", value = "purchase" }] }"#,
    ),
    (
        "members",
        "proportion",
        r#"value = { table = "units", column = "member" }"#,
    ),
    (
        "median-paid",
        "quantile",
        r#"window = "7d"
quantile = 0.6
value = { table = "events", aggregate = "sum", column = "value", missing = "drop", where = [{ column = "event_name", op = "=", value = "purchase" }] }"#,
    ),
    (
        "come-back",
        "retention",
        r#"window = { start = "2d", end = "9d" }
value = { table = "events", where = [{ column = "event_name", op = "not-null" }] }"#,
    ),
    (
        "way-to-purchase",
        "funnel",
        r#"window = "9d"
steps = [{ table = "events", where = [{ column = "event_name", op = "starts-with", value = "page" }] }, { table = "events", where = [{ column = "event_name", op = "=", value = "purchase" }] }]"#,
    ),
    (
        "explained",
        "mean",
        r#"window = "7d"
value = { table = "events", aggregate = "sum", column = "value" }
covariates = [{ window = "7d" }, { column = "spent" }, { window = "7d", value = { table = "events", where = [{ column = "event_name", op = "=", value = "purchase" }] } }]"#,
    ),
    (
        "spent-before",
        "mean",
        r#"value = { table = "units", column = "spent" }"#,
    ),
];

fn write(folder: &TempDir, tables: &BTreeMap<&'static str, Rows>, written: Written) {
    let root = folder.path();
    for name in ["metrics", "experiments", "tables"] {
        std::fs::create_dir(root.join(name)).unwrap();
    }
    let mut paths = String::new();
    for (table, rows) in tables {
        let format = written.format;
        let files = rows.files(written);
        if files.len() == 1 {
            writeln!(paths, "{table} = \"tables/{table}.{format}\"").unwrap();
            std::fs::write(root.join(format!("tables/{table}.{format}")), &files[0]).unwrap();
            continue;
        }
        writeln!(paths, "{table} = \"tables/{table}/*.{format}\"").unwrap();
        std::fs::create_dir(root.join("tables").join(table)).unwrap();
        for (part, bytes) in files.iter().enumerate() {
            std::fs::write(root.join(format!("tables/{table}/{part}.{format}")), bytes).unwrap();
        }
    }
    let workspace = format!("format = 1\nname = \"bytes\"\ntime_zone = \"UTC\"\n[tables]\n{paths}");
    std::fs::write(root.join("readout.toml"), workspace).unwrap();
    let mut ids = Vec::new();
    for (id, kind, rest) in METRICS {
        let text = format!(
            "id = \"{id}\"\nversion = \"1.0.0\"\nstatus = \"active\"\nowner = \"growth\"\nkind = \"{kind}\"\ndirection = \"increase\"\n{rest}\n"
        );
        std::fs::write(root.join(format!("metrics/{id}.toml")), text).unwrap();
        ids.push(*id);
    }
    let experiment = format!(
        "id = \"trial\"\nversion = 1\nowner = \"growth\"\nstatus = \"running\"\nstart = 2026-03-15T00:00:00Z\n\
         control = \"b\"\nvariants = {{ a = 1, b = 1, c = 1 }}\nprimary = {ids:?}\nsegments = [\"country\", \"platform\"]\n\
         epochs = [{{ from = 2026-03-18T00:00:00Z, weights = {{ a = 2, b = 1, c = 1 }} }}]\n\
         [exposure]\ntypes = [\"view\", \"click\"]\nwithin = \"3d\"\n\
         [analysis]\nnovelty = true\nbootstrap = 100\nall_pairs = true\ncluster = \"country\"\n"
    );
    std::fs::write(root.join("experiments/trial.toml"), experiment).unwrap();
}

fn readout(
    tables: &BTreeMap<&'static str, Rows>,
    written: Written,
    convention: Option<&str>,
) -> Readout {
    let folder = tempfile::tempdir().unwrap();
    write(&folder, tables, written);
    let workspace = Workspace::open(folder.path(), None).unwrap();
    let conventions = convention.map(|rule| ("several-variants".to_owned(), rule.to_owned()));
    let settings = Settings {
        threads: written.threads,
        memory: written.memory,
        conventions: conventions.into_iter().collect(),
        ..Settings::default()
    };
    workspace
        .readout("trial", &settings, &Progress::default())
        .unwrap()
}

fn document(tables: &BTreeMap<&'static str, Rows>, written: Written) -> String {
    let bytes = render(&readout(tables, written, None), Format::Json).unwrap();
    String::from_utf8(bytes).unwrap()
}

const PLAIN: Written = Written {
    format: "csv",
    parts: 1,
    seed: 0,
    threads: 1,
    memory: None,
};

fn same(left: &str, right: &str, written: Written) {
    if left != right {
        let differing = left
            .lines()
            .zip(right.lines())
            .find(|(left, right)| left != right);
        panic!("{written:?} differs: {differing:?}");
    }
}

#[test]
fn the_document_is_the_same_for_any_threads_order_format_and_parts() {
    let tables = tables(false);
    let plain = document(&tables, PLAIN);
    // Every metric has a number in every variant, or there is nothing to differ.
    let shown = readout(&tables, PLAIN, None);
    for metric in &shown.metrics {
        for effect in metric
            .effects
            .iter()
            .filter(|effect| effect.slice == Slice::All)
        {
            let nested = effect.absolute.absence() == Some(Absence::UnitsNest);
            assert!(
                effect.absolute.value().is_some() || nested && metric.quantile.is_some(),
                "{} {effect:?}",
                metric.id
            );
        }
    }
    let mut seed = 0;
    for format in ["csv", "csv.gz", "ndjson", "parquet", "arrow"] {
        for parts in [1, 7] {
            seed += 1;
            let written = Written {
                format,
                parts,
                seed,
                threads: 1 + parts % 2,
                memory: None,
            };
            same(&plain, &document(&tables, written), written);
        }
    }
    for threads in [2, 5] {
        let written = Written { threads, ..PLAIN };
        same(&plain, &document(&tables, written), written);
    }
}

#[test]
fn the_document_is_the_same_however_little_memory_units_may_take() {
    let tables = tables(false);
    let plain = document(&tables, PLAIN);
    // None of the shards fits, a few do, most do.
    for (memory, threads) in [(1, 2), (100_000, 1), (300_000, 3)] {
        let written = Written {
            memory: Some(memory),
            threads,
            ..PLAIN
        };
        same(&plain, &document(&tables, written), written);
    }
}

#[test]
fn segments_of_units_that_waited_on_disk_are_those_of_the_others() {
    // Without a quantile cap nothing is read back before cells are summed: levels are met while they are.
    let tables = tables(false);
    let documents = [None, Some(1), Some(200_000)].map(|memory| {
        let written = Written {
            memory,
            threads: 2,
            ..PLAIN
        };
        let folder = tempfile::tempdir().unwrap();
        write(&folder, &tables, written);
        let workspace = Workspace::open(folder.path(), None).unwrap();
        let settings = Settings {
            threads: 2,
            memory,
            conventions: BTreeMap::from([("cap".to_owned(), "ignored".to_owned())]),
            ..Settings::default()
        };
        let progress = Progress::default();
        let readout = workspace.readout("trial", &settings, &progress).unwrap();
        String::from_utf8(render(&readout, Format::Json).unwrap()).unwrap()
    });
    assert!(documents[0].contains("\"platform\""));
    assert!(documents[0] == documents[1] && documents[0] == documents[2]);
}

#[test]
fn a_folder_that_rows_cannot_wait_in_is_named_with_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    write(&folder, &tables(false), PLAIN);
    let missing = folder.path().join("gone");
    let settings = Settings {
        memory: Some(1),
        spill: Some(missing.clone()),
        ..Settings::default()
    };
    let workspace = Workspace::open(folder.path(), None).unwrap();
    let outcome = workspace.readout("trial", &settings, &Progress::default());
    let error = outcome.unwrap_err().to_string();
    assert!(error.contains(&missing.display().to_string()), "{error}");
    assert!(error.contains("--memory"), "{error}");
}

#[test]
fn rejected_rows_do_not_make_a_difference_but_in_where_they_are() {
    let tables = tables(true);
    let without_places = |written| {
        let mut readout = readout(&tables, written, Some("keep-in-both"));
        let rejected: u64 = readout
            .ledgers
            .iter()
            .flat_map(|ledger| ledger.rejected().into_values())
            .sum();
        assert!(rejected > 100);
        for ledger in &mut readout.ledgers {
            ledger.examples.clear();
        }
        String::from_utf8(render(&readout, Format::Json).unwrap()).unwrap()
    };
    let plain = without_places(PLAIN);
    for (format, parts, seed) in [("parquet", 7, 3), ("ndjson", 1, 5), ("csv.gz", 7, 8)] {
        let written = Written {
            format,
            parts,
            seed,
            threads: 2,
            memory: (seed == 5).then_some(1),
        };
        same(&plain, &without_places(written), written);
    }
}
