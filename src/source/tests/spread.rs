//! Facts about scans on several threads: they tell what a scan in order tells, and end when they should.

use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Barrier, Mutex};

use polars::prelude::*;

use super::scene::Scene;
use crate::source::{ColumnKind, ColumnRequest};

/// Rows that are several batches.
const ROWS: u32 = 70_000;

fn requests() -> [ColumnRequest; 5] {
    [
        ColumnRequest::required("unit", ColumnKind::Identifier),
        ColumnRequest::required("name", ColumnKind::Label),
        ColumnRequest::optional("value", ColumnKind::Number),
        ColumnRequest::required("at", ColumnKind::Time),
        ColumnRequest::optional("none", ColumnKind::Label),
    ]
}

fn name(row: u32) -> Option<&'static str> {
    [
        Some("view"),
        Some("purchase, and more than a few bytes"),
        None,
    ][row as usize % 7 % 3]
}

/// Every seventh value is none, and every 40,000th time.
fn frame(rows: u32) -> DataFrame {
    let value = |row: u32| {
        if row.is_multiple_of(7) {
            f64::NAN
        } else {
            f64::from(row) / 2.0
        }
    };
    let at = |row: u32| match row % 40_000 {
        3 => "never".to_owned(),
        minute => format!("2026-03-29T{:02}:{:02}:00", minute / 60 % 24, minute % 60),
    };
    df!(
        "unit" => (0..rows).collect::<Vec<_>>(),
        "name" => (0..rows).map(name).collect::<Vec<_>>(),
        "value" => (0..rows).map(value).collect::<Vec<_>>(),
        "at" => (0..rows).map(at).collect::<Vec<_>>(),
    )
    .expect("a frame")
}

/// The same as text, where some lines are no rows.
fn csv(rows: u32) -> Vec<u8> {
    let line = |row: u32| match row % 50_000 {
        5 => "too,few\n".to_owned(),
        minute => format!(
            "{row},\"{}\",{}.5,2026-03-29T{:02}:00:00\n",
            name(row).unwrap_or(""),
            if row.is_multiple_of(9) { "x" } else { "" },
            minute % 24
        ),
    };
    let lines: String = (0..rows).map(line).collect();
    format!("unit,name,value,at\n{lines}").into_bytes()
}

fn ndjson(rows: u32) -> Vec<u8> {
    let line = |row: u32| match row % 50_000 {
        5 => "{\n".to_owned(),
        7 => "{\"unit\":7,\"at\":\"never\"}\n".to_owned(),
        _ => format!(
            "{{\"unit\":{row},\"name\":{},\"at\":\"2026-03-29T00:00:00Z\"}}\n",
            serde_json::json!(name(row))
        ),
    };
    (0..rows).map(line).collect::<String>().into_bytes()
}

/// Tables of each format, in one part and in several.
fn tables() -> Scene {
    let mut scene = Scene::new();
    scene.zone = Some("Europe/Berlin");
    scene
        .parquet("one.parquet", frame(ROWS))
        .arrow("one.arrow", frame(ROWS))
        .write("one.csv", &csv(ROWS))
        .write("one.ndjson", &ndjson(ROWS));
    for (part, rows) in [10, 66_000, 0, 1, 900].into_iter().enumerate() {
        scene
            .parquet(&format!("parquet/{part}.parquet"), frame(rows))
            .arrow(&format!("arrow/{part}.arrow"), frame(rows))
            .write(&format!("csv/{part}.csv"), &csv(rows))
            .write(&format!("ndjson/{part}.ndjson"), &ndjson(rows));
    }
    scene
        .parquet("mixed/2.parquet", frame(900))
        .arrow("mixed/4.arrow", frame(10))
        .write("mixed/1.csv", &csv(900))
        .write("mixed/3.ndjson", &ndjson(66_000))
        .write("mixed/5.csv", b"");
    scene
}

const TABLES: [&str; 9] = [
    "one.parquet",
    "one.arrow",
    "one.csv",
    "one.ndjson",
    "parquet",
    "arrow",
    "csv",
    "ndjson",
    "mixed",
];

#[test]
fn any_number_of_threads_is_told_the_same_rows_faults_and_bytes() {
    let scene = tables();
    for table in TABLES {
        let told = scene.scan(table, &requests()).expect("a readable table");
        assert!(!told.faults.is_empty());
        let expected = told.by_place();
        for workers in [1, 2, 5] {
            let spread = scene.scan_on(workers, table, &requests());
            let spread = spread.expect("a readable table").by_place();
            assert!(spread == expected, "{table} on {workers} threads");
        }
    }
}

#[test]
fn several_threads_are_called() {
    let scene = tables();
    for table in ["one.parquet", "one.csv", "csv"] {
        // Both calls are awaited, so this ends only if two threads are in a call at once.
        let both = Barrier::new(2);
        let threads = Mutex::new(BTreeSet::new());
        let source = scene.open(table).expect("a table");
        let scanned = source.scan_on(2, &requests(), &|_| {
            both.wait();
            let current = format!("{:?}", std::thread::current().id());
            threads.lock().expect("no panic").insert(current);
            ControlFlow::Break(())
        });
        assert_eq!(scanned, Ok(()), "{table}");
        assert_eq!(threads.into_inner().expect("no panic").len(), 2, "{table}");
    }
}

#[test]
fn rows_without_a_column_are_counted_on_any_number_of_threads() {
    let scene = tables();
    let request = [ColumnRequest::optional("none", ColumnKind::Label)];
    for table in TABLES {
        let told = scene.scan(table, &request).expect("a readable table");
        let spread = scene.scan_on(3, table, &request).expect("a readable table");
        assert!(spread.by_place() == told.by_place(), "{table}");
    }
}

#[test]
fn a_scan_ends_early_and_without_an_error_when_any_call_breaks() {
    let scene = tables();
    for table in TABLES {
        for workers in [1, 2, 5] {
            let calls = AtomicUsize::new(0);
            let source = scene.open(table).expect("a table");
            let scanned = source.scan_on(workers, &requests(), &|_| {
                calls.fetch_add(1, Ordering::Relaxed);
                ControlFlow::Break(())
            });
            assert_eq!(scanned, Ok(()), "{table}");
            let calls = calls.into_inner();
            assert!((1..=workers).contains(&calls), "{calls} calls of {table}");
        }
    }
}

/// A table whose rows from `bad` on have times that no zone is declared for.
fn zoneless(rows: usize, bad: usize) -> DataFrame {
    let zoned = |row: usize| {
        if row < bad {
            "2026-03-01T00:00:00Z"
        } else {
            "2026-03-01"
        }
    };
    df!("at" => (0..rows).map(zoned).collect::<Vec<_>>()).expect("a frame")
}

#[test]
fn of_several_errors_the_first_in_the_table_is_told_whichever_thread_met_it() {
    let mut scene = Scene::new();
    scene.zone = None;
    let bare = |line: &str| format!("at\n{line}\n").into_bytes();
    scene
        .parquet("p/1.parquet", zoneless(200_000, 100_000))
        .parquet("p/2.parquet", zoneless(1, 0))
        .write(
            "c/1.csv",
            &[bare("2026-03-01Z").repeat(50_000), bare("2026-03-01")].concat(),
        )
        .write("c/2.csv", &bare("2026-03-01"))
        .write("c/3.csv", &bare("12"))
        .write("m/1.csv", &bare("2026-03-01Z"))
        .parquet("m/2.parquet", zoneless(100_000, 99_000))
        .write("m/3.csv", &bare("2026-03-01"));
    let request = [ColumnRequest::required("at", ColumnKind::Time)];
    for table in ["p", "p/1.parquet", "c", "m"] {
        let expected = scene.scan(table, &request).expect_err("no zone");
        for workers in [1, 2, 5] {
            let error = scene
                .scan_on(workers, table, &request)
                .expect_err("no zone");
            assert_eq!(error, expected, "{table} on {workers} threads");
        }
    }
}

#[test]
fn a_required_key_that_no_line_has_is_missing_on_several_threads_too() {
    let scene = Scene::new();
    scene
        .write("t/1.ndjson", b"{\"x\":1}\n")
        .write("t/2.ndjson", b"{\"x\":1,\"y\":2}\n");
    let request = |name| [ColumnRequest::required(name, ColumnKind::Label)];
    let error = scene.scan_on(2, "t", &request("z")).expect_err("no column");
    assert_eq!(
        error,
        scene.scan("t", &request("z")).expect_err("no column")
    );
    assert!(
        error.to_string().contains("there is no column 'z'"),
        "{error}"
    );
    assert!(scene.scan_on(2, "t", &request("y")).is_ok());
}

#[test]
fn a_panic_in_a_call_ends_the_scan_on_whichever_thread_it_is() {
    let scene = tables();
    for table in ["one.parquet", "one.csv", "csv"] {
        for on_a_spawned_thread in [true, false] {
            let both = Barrier::new(2);
            let calls = AtomicUsize::new(0);
            let here = std::thread::current().id();
            let source = scene.open(table).expect("a table");
            let scanned = catch_unwind(AssertUnwindSafe(|| {
                source.scan_on(2, &requests(), &|_| {
                    if calls.fetch_add(1, Ordering::Relaxed) < 2 {
                        both.wait();
                        let spawned = std::thread::current().id() != here;
                        assert!(spawned != on_a_spawned_thread, "meant");
                    }
                    ControlFlow::Continue(())
                })
            }));
            assert!(scanned.is_err(), "{table}");
        }
    }
}
