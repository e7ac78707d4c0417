//! The sample workspace and small ones with a cold cache, a warm one and none: the same bytes, and rows read only where
//! they have to be.

use std::path::{Path, PathBuf};

use readout::engine::Progress;
use readout::report::{Format, render};
use readout::workspace::{Settings, Workspace};
use tempfile::TempDir;

use super::scene::Scene;

/// The document of an experiment, and how many rows were read for it.
fn document(workspace: &Workspace, id: &str, settings: &Settings) -> (String, u64) {
    let progress = Progress::default();
    let readout = workspace.readout(id, settings, &progress).unwrap();
    let bytes = render(&readout, Format::Json).unwrap();
    (String::from_utf8(bytes).unwrap(), progress.rows())
}

fn cached(folder: &TempDir) -> Settings {
    Settings {
        cache: Some(folder.path().join("summaries")),
        ..Settings::default()
    }
}

fn pieces(folder: &TempDir) -> Vec<PathBuf> {
    let entries = folder.path().join("summaries").read_dir().unwrap();
    entries.map(|entry| entry.unwrap().path()).collect()
}

#[test]
fn the_sample_reads_out_to_the_same_bytes_and_reads_no_table_again() {
    let folder = tempfile::tempdir().unwrap();
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("sample-data");
    let workspace = Workspace::open(&sample, None).unwrap();
    let mut compared = 0;
    for id in workspace.experiment_ids() {
        let (none, rows) = document(&workspace, &id, &Settings::default());
        let (cold, cold_rows) = document(&workspace, &id, &cached(&folder));
        let (warm, warm_rows) = document(&workspace, &id, &cached(&folder));
        assert!(none == cold && none == warm, "{id}");
        assert!(rows > 10_000);
        assert_eq!((cold_rows, warm_rows), (rows, 0), "{id}");
        compared += 1;
    }
    assert_eq!(compared, 5);
    let bytes = pieces(&folder);
    let bytes = bytes.iter().map(|path| path.metadata().unwrap().len());
    assert!(bytes.sum::<u64>() < 4 << 20, "pieces are small");
}

#[test]
fn every_damaged_file_is_found_out_and_made_again() {
    let folder = tempfile::tempdir().unwrap();
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("sample-data");
    let workspace = Workspace::open(&sample, None).unwrap();
    let (known, _) = document(&workspace, "pricing-page", &cached(&folder));
    assert!(pieces(&folder).len() > 3);
    for piece in pieces(&folder) {
        let mut bytes = std::fs::read(&piece).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 0x40;
        std::fs::write(&piece, &bytes).unwrap();
    }
    let (again, rows) = document(&workspace, "pricing-page", &cached(&folder));
    assert!(again == known && rows > 0);
    let (warm, rows) = document(&workspace, "pricing-page", &cached(&folder));
    assert!(warm == known && rows == 0);
}

const ASSIGNMENTS: &str = "unit_id,variant_id,assigned_at\n\
    1,a,2026-03-02T00:00:00Z\n2,b,2026-03-02T00:00:00Z\n3,a,2026-03-02T00:00:00Z\n4,b,2026-03-02T00:00:00Z\n";

#[test]
fn a_definition_that_changes_is_read_out_afresh() {
    let folder = tempfile::tempdir().unwrap();
    let events = "unit_id,event_name,value,occurred_at\n1,buy,3,2026-03-03T00:00:00Z\n\
        2,buy,5,2026-03-03T00:00:00Z\n3,fly,8,2026-03-04T00:00:00Z\n4,buy,1,2026-03-20T00:00:00Z\n";
    let scene = |event: &str, window: &str| {
        let value = format!(
            "window = \"{window}\"\nvalue = {{ table = \"events\", aggregate = \"sum\", column = \"value\", \
             where = [{{ column = \"event_name\", op = \"=\", value = \"{event}\" }}] }}"
        );
        Scene::new()
            .table("assignments", ASSIGNMENTS)
            .table("events", events)
            .metric("spend", "mean", &value)
    };
    for (event, window) in [("buy", "7d"), ("fly", "7d"), ("buy", "1d")] {
        let scene = scene(event, window);
        let (fresh, rows) = document(&scene.workspace(), "trial", &Settings::default());
        let (cold, cold_rows) = document(&scene.workspace(), "trial", &cached(&folder));
        let (warm, warm_rows) = document(&scene.workspace(), "trial", &cached(&folder));
        assert!(fresh == cold && fresh == warm, "{event} {window}");
        assert_eq!((cold_rows, warm_rows), (rows, 0), "{event} {window}");
    }
}

#[test]
fn published_summaries_are_kept_too() {
    let folder = tempfile::tempdir().unwrap();
    let published = "metric_id,variant_id,n,mean,standard_deviation\n\
        revenue,a,1000,10.1,4.25\nrevenue,b,1010,10.3,4.5\n";
    let scene = Scene::new()
        .table_with("published", "kind = \"summaries\"", published)
        .metric("revenue", "mean", "value = { table = \"published\" }");
    let (fresh, rows) = document(&scene.workspace(), "trial", &Settings::default());
    let (cold, cold_rows) = document(&scene.workspace(), "trial", &cached(&folder));
    let (warm, warm_rows) = document(&scene.workspace(), "trial", &cached(&folder));
    assert!(fresh == cold && fresh == warm);
    assert_eq!((rows, cold_rows, warm_rows), (2, 2, 0));
}

#[test]
fn conventions_of_statistics_read_no_row_and_those_of_data_do() {
    let folder = tempfile::tempdir().unwrap();
    let events = "unit_id,value,occurred_at\n1,3,2026-02-27T00:00:00Z\n1,3,2026-03-03T00:00:00Z\n\
        2,5,2026-03-03T00:00:00Z\n3,8,2026-03-04T00:00:00Z\n4,1,2026-03-20T00:00:00Z\n";
    let scene = Scene::new()
        .table("assignments", ASSIGNMENTS)
        .table("events", events)
        .metric(
            "spend",
            "mean",
            "window = \"7d\"\ncap = { value = 6 }\ncovariate = { window = \"7d\" }\n\
             value = { table = \"events\", aggregate = \"sum\", column = \"value\" }",
        );
    let workspace = scene.workspace();
    document(&workspace, "trial", &cached(&folder));
    for (name, value, reads) in [
        ("level", "0.9", false),
        ("relative", "delta", false),
        ("variance", "pooled", false),
        ("reference", "normal", false),
        ("correction", "none", false),
        ("cap", "ignored", true),
        ("covariate", "ignored", true),
        ("units", "all", true),
        ("several-variants", "first-seen", true),
    ] {
        let asked = |settings: Settings| Settings {
            conventions: [(name.to_owned(), value.to_owned())].into(),
            ..settings
        };
        let (with, rows) = document(&workspace, "trial", &asked(cached(&folder)));
        assert_eq!(rows > 0, reads, "{name}");
        let (without, _) = document(&workspace, "trial", &asked(Settings::default()));
        assert!(with == without, "{name}");
    }
}
