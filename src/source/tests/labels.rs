//! Facts about labels: they are codes where few are distinct, and the same texts either way.

use std::ops::ControlFlow;

use polars::prelude::*;

use super::scene::Scene;
use crate::source::{Column, ColumnKind, ColumnRequest};

/// How many of the batches of column `x` hold codes, and how many do not.
fn coded(scene: &Scene, file: &str, kind: ColumnKind) -> (usize, usize) {
    let mut counts = (0, 0);
    let request = [ColumnRequest::required("x", kind)];
    let source = scene.open(file).expect("a table");
    source
        .scan(&request, &mut |batch| {
            for cells in batch.columns.iter().flatten() {
                if let Column::Text(texts) = &cells.column {
                    match texts.codes() {
                        Some(_) => counts.0 += 1,
                        None => counts.1 += 1,
                    }
                }
            }
            ControlFlow::Continue(())
        })
        .expect("a readable table");
    counts
}

/// The same column in every format.
fn stage(texts: &[Option<String>]) -> Scene {
    let scene = Scene::new();
    let frame = df!("x" => texts).expect("a frame");
    let line = |text: &Option<String>| format!("{}\n", serde_json::json!({ "x": text }));
    let ndjson: String = texts.iter().map(line).collect();
    let mut csv = csv::Writer::from_writer(Vec::new());
    csv.write_record(["x", "y"]).expect("written");
    for text in texts {
        csv.write_record([text.as_deref().unwrap_or(""), "1"])
            .expect("written");
    }
    scene
        .parquet("t.parquet", frame.clone())
        .arrow("t.arrow", frame)
        .write("t.csv", &csv.into_inner().expect("written"))
        .write("t.ndjson", ndjson.as_bytes());
    scene
}

const FILES: [&str; 4] = ["t.parquet", "t.arrow", "t.csv", "t.ndjson"];

fn agree(texts: &[Option<String>]) {
    let scene = stage(texts);
    let expected: Vec<String> = texts
        .iter()
        .map(|text| match text.as_deref() {
            None | Some("") => "null".to_owned(),
            Some(text) => format!("{text:?}"),
        })
        .collect();
    for file in FILES {
        for kind in [ColumnKind::Label, ColumnKind::Identifier] {
            assert!(scene.column(file, "x", kind) == expected, "{file} {kind:?}");
        }
    }
}

#[test]
fn labels_of_any_length_and_none_at_all_are_what_was_written() {
    let some = [
        Some("view"),
        None,
        Some("purchase"),
        Some(""),
        Some("just twelve."),
        Some("just thirteen"),
        Some("a label that is longer than what fits in a view"),
        Some("a label that is longer than what fits in a view, and longer"),
        Some("h\u{e9}"),
        Some("\u{0}"),
        Some("\u{0}\u{0}"),
    ];
    let texts: Vec<Option<String>> = (0..70_000_usize)
        .map(|row| some[row * row % 97 % some.len()].map(str::to_owned))
        .collect();
    agree(&texts);
    let scene = stage(&texts);
    for file in FILES {
        let (codes, plain) = coded(&scene, file, ColumnKind::Label);
        assert!(codes > 0 && plain == 0, "{file}");
        let (codes, plain) = coded(&scene, file, ColumnKind::Identifier);
        assert!(codes == 0 && plain > 0, "{file}");
    }
}

#[test]
fn a_batch_with_thousands_of_distinct_labels_has_no_codes_and_the_same_texts() {
    // The first rows repeat, so that codes have begun when there are too many.
    let texts: Vec<Option<String>> = (0..16_000_u32)
        .map(|row| (row % 50 != 0).then(|| if row < 9_000 { row % 9 } else { row }.to_string()))
        .collect();
    agree(&texts);
    let scene = stage(&texts);
    for file in FILES {
        assert_eq!(coded(&scene, file, ColumnKind::Label), (0, 1), "{file}");
    }
}

#[test]
fn numbers_and_times_asked_for_as_labels_are_codes_of_their_writing() {
    let scene = Scene::new();
    let (whole, broken) = ([7_i64, -7, 7, 0], [0.5, -0.0, 0.5, f64::NAN]);
    scene
        .parquet("whole.parquet", df!("x" => whole).expect("a frame"))
        .parquet("broken.parquet", df!("x" => broken).expect("a frame"))
        .parquet(
            "yes.parquet",
            df!("x" => [true, false, true]).expect("a frame"),
        );
    for (file, written) in [
        ("whole.parquet", &["\"7\"", "\"-7\"", "\"7\"", "\"0\""][..]),
        (
            "broken.parquet",
            &["\"0.5\"", "\"0\"", "\"0.5\"", "null not-finite"],
        ),
        ("yes.parquet", &["\"true\"", "\"false\"", "\"true\""]),
    ] {
        assert_eq!(scene.column(file, "x", ColumnKind::Label), written);
        assert_eq!(coded(&scene, file, ColumnKind::Label), (1, 0), "{file}");
    }
}
