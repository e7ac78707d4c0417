//! Facts about files that change between being opened and being read to the end.

use std::fs::{File, FileTimes, OpenOptions};
use std::io::Write;
use std::ops::ControlFlow;
use std::time::{Duration, SystemTime};

use polars::prelude::*;

use super::scene::Scene;
use crate::source::{ColumnKind, ColumnRequest, Source};

fn stage() -> Scene {
    let scene = Scene::new();
    let many: Vec<i64> = (0..200_000).collect();
    let lines: Vec<String> = many.iter().map(ToString::to_string).collect();
    let frame = df!("x" => many).expect("a frame");
    scene
        .parquet("t.parquet", frame.clone())
        .arrow("t.arrow", frame)
        .write("t.csv", format!("x\n{}", lines.join("\n")).as_bytes())
        .write("t.ndjson", "{\"x\":1}\n".repeat(200_000).as_bytes());
    scene
}

const FILES: [&str; 4] = ["t.parquet", "t.arrow", "t.csv", "t.ndjson"];

/// What a scan says, in order and on two threads, when `change` happens before its first batch is handed out.
fn said(source: &Source, change: &(dyn Fn() + Sync)) -> [String; 2] {
    let request = [ColumnRequest::required("x", ColumnKind::Number)];
    let once = std::sync::Once::new();
    let ordered = source.scan(&request, &mut |_| {
        once.call_once(change);
        ControlFlow::Continue(())
    });
    let spread = source.scan_on(2, &request, &|_| ControlFlow::Continue(()));
    [ordered, spread].map(|scanned| scanned.expect_err("a change").to_string())
}

fn is_told(file: &str, source: &Source, change: &(dyn Fn() + Sync)) {
    let told = format!(
        "table 'events', file '{file}': changed while it was being read; run again once its writer is done"
    );
    assert_eq!(said(source, change), [told.clone(), told]);
}

#[test]
fn a_file_that_grows_while_it_is_read_is_an_error() {
    let scene = stage();
    for file in FILES {
        let source = scene.open(file).expect("a table");
        is_told(file, &source, &|| {
            let path = scene.root().join(file);
            let mut open = OpenOptions::new().append(true).open(path).expect("opened");
            open.write_all(b"{\"x\":2}\n").expect("written");
        });
    }
}

#[test]
fn a_file_that_is_cut_short_while_it_is_read_is_an_error() {
    let scene = stage();
    for file in ["t.csv", "t.ndjson"] {
        let source = scene.open(file).expect("a table");
        is_told(file, &source, &|| {
            let path = scene.root().join(file);
            let open = OpenOptions::new().write(true).open(path).expect("opened");
            open.set_len(100).expect("cut");
        });
    }
}

#[test]
fn a_file_that_is_replaced_by_another_of_its_size_and_time_is_an_error() {
    let scene = stage();
    for file in FILES {
        let source = scene.open(file).expect("a table");
        is_told(file, &source, &|| {
            let path = scene.root().join(file);
            let written = path
                .metadata()
                .and_then(|found| found.modified())
                .expect("a time");
            let other = scene.root().join("other");
            std::fs::copy(&path, &other).expect("copied");
            let open = OpenOptions::new().write(true).open(&other).expect("opened");
            open.set_times(FileTimes::new().set_modified(written))
                .expect("set");
            // Systems without file numbers tell the two apart by nothing but their time.
            if !cfg!(unix) {
                open.set_times(FileTimes::new().set_modified(SystemTime::UNIX_EPOCH))
                    .expect("set");
            }
            std::fs::rename(other, path).expect("renamed");
        });
    }
}

#[test]
fn a_file_that_is_written_again_in_place_is_an_error() {
    let scene = stage();
    for file in FILES {
        let source = scene.open(file).expect("a table");
        is_told(file, &source, &|| {
            let later = SystemTime::now() + Duration::from_mins(1);
            let open = File::options().write(true).open(scene.root().join(file));
            open.and_then(|open| open.set_times(FileTimes::new().set_modified(later)))
                .expect("set");
        });
    }
}

#[test]
fn a_file_that_is_removed_before_it_is_read_is_an_error() {
    let scene = stage();
    for file in FILES {
        let source = scene.open(file).expect("a table");
        std::fs::remove_file(scene.root().join(file)).expect("removed");
        for error in said(&source, &|| {}) {
            assert!(error.contains("cannot be read: "), "{error}");
            assert!(
                error.contains("check that it is there and readable"),
                "{error}"
            );
        }
    }
}

#[test]
fn a_part_that_changes_is_named_and_the_others_are_not() {
    let scene = Scene::new();
    scene
        .write("t/1.csv", b"x\n1\n")
        .write("t/2.csv", b"x\n1\n")
        .write("t/3.csv", b"x\n1\n");
    let source = scene.open("t").expect("a table");
    // Before anything is handed out: a part may have been read to its end by then, and what was read is what it was.
    scene.write("t/2.csv", b"x\n1\n2\n");
    is_told("t/2.csv", &source, &|| {});
}

#[test]
fn a_reader_that_stops_early_is_not_told_of_a_change() {
    let scene = stage();
    let source = scene.open("t.csv").expect("a table");
    scene.write("t.csv", b"x\n");
    let request = [ColumnRequest::required("x", ColumnKind::Number)];
    let scanned = source.scan(&request, &mut |_| ControlFlow::Break(()));
    assert_eq!(scanned, Ok(()));
}
