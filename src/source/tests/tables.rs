//! Facts about whole tables: which files they are made of, and which columns they have.

use polars::prelude::*;

use super::scene::Scene;
use crate::domain::definition::Timestamp;
use crate::source::{ColumnKind, ColumnRequest, PhysicalType};

const CSV: &[u8] = b"unit_id\n1\n";

#[test]
fn a_missing_file_an_empty_glob_and_an_unknown_ending_are_errors_with_a_fix() {
    let scene = Scene::new();
    scene.write("notes.txt", CSV).write("folder/README.md", b"");
    for (path, said) in [
        (
            "none.csv",
            "file 'none.csv': there is no such file or folder; correct `path`",
        ),
        (
            "none/*.csv",
            "'none/*.csv' matches no table file; correct `path`, or add files ending in .parquet",
        ),
        ("folder", "'folder' matches no table file"),
        (
            "notes.txt",
            "file 'notes.txt': the ending of the name says no known format; rename it to end in .parquet",
        ),
        ("a***", "'a***' is not a glob"),
    ] {
        let error = scene.open(path).expect_err("no table").to_string();
        assert!(error.starts_with("table 'events'"), "{error}");
        assert!(error.contains(said), "{error}");
    }
}

#[test]
fn a_folder_and_a_glob_are_their_parts_in_the_order_of_their_names() {
    let scene = Scene::new();
    scene
        .write("t/part-10.csv", b"unit_id\n10\n")
        .write("t/part-02.csv", b"unit_id\n2\n")
        .write("t/_SUCCESS", b"")
        .write("t/.part-02.csv.crc", b"x")
        .write("t/.hidden.csv", b"unit_id\nhidden\n")
        .write("t/deeper/part-01.csv", b"unit_id\n1\n");
    for (path, units) in [
        ("t", vec!["\"2\"", "\"10\""]),
        ("t/*.csv", vec!["\"2\"", "\"10\""]),
        ("t/part-1?.csv", vec!["\"10\""]),
        ("*/*/*.csv", vec!["\"1\""]),
        ("t/**/*.csv", vec!["\"1\"", "\"2\"", "\"10\""]),
    ] {
        assert_eq!(
            scene.column(path, "unit_id", ColumnKind::Identifier),
            units,
            "{path}"
        );
    }
}

#[test]
fn a_name_with_glob_characters_is_a_file_when_there_is_one() {
    let scene = Scene::new();
    scene
        .write("a[1].csv", CSV)
        .write("a1.csv", b"unit_id\n2\n");
    scene.parquet("b[1].parquet", df!("unit_id" => [3_i64]).expect("a frame"));
    let units = |path| scene.column(path, "unit_id", ColumnKind::Identifier);
    assert_eq!(units("a[1].csv"), ["\"1\""]);
    assert_eq!(units("b[1].parquet"), ["3"]);
}

#[cfg(unix)]
#[test]
fn nothing_outside_the_workspace_is_read() {
    let outside = Scene::new();
    outside.write("secret.csv", CSV);
    let scene = Scene::new();
    scene.write("t/own.csv", CSV);
    let secret = outside.root().join("secret.csv");
    std::os::unix::fs::symlink(&secret, scene.root().join("t/link.csv")).expect("linked");
    std::os::unix::fs::symlink(outside.root(), scene.root().join("away")).expect("linked");
    std::os::unix::fs::symlink("own.csv", scene.root().join("t/alias.csv")).expect("linked");
    let climbing = format!(
        "../{}/secret.csv",
        outside
            .root()
            .file_name()
            .expect("a name")
            .to_string_lossy()
    );
    let absolute = secret.to_string_lossy().into_owned();
    for path in [
        "t",
        "t/*.csv",
        "t/link.csv",
        "away",
        "away/*.csv",
        &climbing,
        &absolute,
    ] {
        let error = scene.open(path).expect_err("outside").to_string();
        assert!(error.contains("outside the workspace"), "{path}: {error}");
    }
    let within = scene.column("t/alias.csv", "unit_id", ColumnKind::Identifier);
    assert_eq!(within, ["\"1\""]);
}

#[test]
fn a_missing_column_is_named_with_those_that_there_are_and_the_nearest() {
    let mut scene = Scene::new();
    scene.write("t.csv", b"user_id,variant,at\n1,old,2026-03-01\n");
    scene.parquet(
        "t.parquet",
        df!("user_id" => [1_i64], "variant" => ["old"], "at" => [1_i64]).expect("a frame"),
    );
    for file in ["t.csv", "t.parquet"] {
        assert_eq!(
            scene.complaint(file, "unit_id", ColumnKind::Identifier),
            format!(
                "table 'events', file '{file}': there is no column 'unit_id'; it has 'user_id', 'variant', 'at'; if \
                 'user_id' is it, write columns = {{ unit_id = \"user_id\" }}"
            )
        );
        let complaint = scene.complaint(file, "ingested", ColumnKind::Time);
        assert!(complaint.ends_with("name the one that holds it: columns = { ingested = \"…\" }"));
    }
    scene
        .columns
        .insert("unit_id".to_owned(), "user_id".to_owned());
    assert_eq!(
        scene.column("t.csv", "unit_id", ColumnKind::Identifier),
        ["\"1\""]
    );
    let source = scene.open("t.parquet").expect("a table");
    let named: Vec<&str> = source
        .columns()
        .iter()
        .map(|column| column.name.as_str())
        .collect();
    assert_eq!(named, ["unit_id", "variant", "at"]);
    assert_eq!(source.columns()[1].types, [PhysicalType::Text]);
}

#[test]
fn names_in_errors_cannot_act_on_a_terminal() {
    let scene = Scene::new();
    let name = "\u{1b}[2J\u{202e}\u{e0041}".to_owned() + &"x".repeat(10_000);
    scene.write("t.csv", format!("\"{name}\"\n1\n").as_bytes());
    let complaint = scene.complaint("t.csv", "unit_id", ColumnKind::Identifier);
    assert!(
        complaint.contains("\\u{1b}[2J\\u{202e}\\u{e0041}xxx"),
        "{complaint}"
    );
    assert!(
        complaint.contains("… (9806 more characters)"),
        "{complaint}"
    );
    assert!(!complaint.chars().any(char::is_control));
}

#[test]
fn a_column_that_is_there_twice_is_an_error_once_it_is_asked_for() {
    let scene = Scene::new();
    scene.write("t.csv", b"unit_id,x,x\n1,2,3\n");
    assert_eq!(
        scene.column("t.csv", "unit_id", ColumnKind::Identifier),
        ["\"1\""]
    );
    let complaint = scene.complaint("t.csv", "x", ColumnKind::Number);
    assert!(
        complaint.contains("has two columns named 'x'"),
        "{complaint}"
    );
}

#[test]
fn parts_may_differ_in_their_columns_and_types() {
    let scene = Scene::new();
    scene
        .parquet(
            "t/1.parquet",
            df!("unit_id" => [1_i64], "value" => [2_i32]).expect("a frame"),
        )
        .parquet(
            "t/2.parquet",
            df!("extra" => [0_i64], "unit_id" => ["u2"]).expect("a frame"),
        )
        .write("t/3.csv", b"value,unit_id\n0.5,3\n")
        .write("t/4.ndjson", b"{\"unit_id\":4}\n");
    let requests = [
        ColumnRequest::required("unit_id", ColumnKind::Identifier),
        ColumnRequest::required("value", ColumnKind::Number),
        ColumnRequest::optional("none", ColumnKind::Label),
    ];
    let told = scene.scan("t", &requests).expect("a readable table");
    assert_eq!(
        told.rows,
        [
            ["1", "2", "absent"],
            ["\"u2\"", "absent", "absent"],
            ["\"3\"", "0.5", "absent"],
            ["\"4\"", "absent", "absent"],
        ]
    );
    assert_eq!(told.places[2], ("t/3.csv".to_owned(), 2));
    let source = scene.open("t").expect("a table");
    assert_eq!(told.bytes, source.bytes());
    assert_eq!(
        source.columns()[0].types,
        [
            PhysicalType::Integer,
            PhysicalType::Text,
            PhysicalType::Undeclared
        ]
    );
}

#[test]
fn a_part_with_a_column_of_a_type_that_cannot_be_is_named() {
    let scene = Scene::new();
    scene
        .parquet("t/1.parquet", df!("value" => [1_i64]).expect("a frame"))
        .parquet("t/2.parquet", df!("other" => [1_i64]).expect("a frame"))
        .parquet("t/3.parquet", df!("value" => ["12"]).expect("a frame"));
    assert_eq!(
        scene.complaint("t", "value", ColumnKind::Number),
        "table 'events', file 't/3.parquet': column 'value' holds text, and a number was asked for; write it as a number, \
         or name another column"
    );
    let values = scene.column("t/[12].parquet", "value", ColumnKind::Number);
    assert_eq!(values, ["1", "absent"]);
}

#[test]
fn rows_are_counted_even_where_no_column_is_there() {
    let scene = Scene::new();
    let many: Vec<i64> = (0..100_000).collect();
    scene.parquet("t.parquet", df!("x" => many).expect("a frame"));
    scene.write("t.csv", b"x\n1\n2\n");
    let request = ColumnRequest::optional("none", ColumnKind::Label);
    for (file, rows) in [("t.parquet", 100_000), ("t.csv", 2)] {
        let told = scene
            .scan(file, std::slice::from_ref(&request))
            .expect("a readable table");
        assert_eq!(told.rows.len(), rows);
        assert_eq!(told.bytes, scene.open(file).expect("a table").bytes());
    }
}

#[test]
fn a_reader_that_stops_early_gets_no_more() {
    let scene = Scene::new();
    let many: Vec<i64> = (0..500_000).collect();
    let text: String = std::iter::once("x".to_owned())
        .chain(many.iter().map(i64::to_string))
        .collect::<Vec<_>>()
        .join("\n");
    scene
        .write("t/2.csv", text.as_bytes())
        .parquet("t/1.parquet", df!("x" => many).expect("a frame"));
    for (path, before) in [("t", 1), ("t", 6), ("t/2.csv", 1)] {
        let mut batches = 0;
        let request = [ColumnRequest::required("x", ColumnKind::Number)];
        scene
            .open(path)
            .and_then(|source| {
                source.scan(&request, &mut |_| {
                    batches += 1;
                    if batches == before {
                        std::ops::ControlFlow::Break(())
                    } else {
                        std::ops::ControlFlow::Continue(())
                    }
                })
            })
            .expect("no error");
        assert_eq!(batches, before);
    }
}

#[test]
fn the_latest_time_is_over_all_parts_and_none_without_rows() {
    let scene = Scene::new();
    scene
        .write(
            "t/1.csv",
            b"at\n2026-03-05\n2026-03-09T01:00:00+02:00\n\nbad\n",
        )
        .write("t/2.ndjson", b"{\"at\":\"2026-03-01\"}\n{}\n")
        .write("none.csv", b"at\n");
    let latest = |path| {
        scene
            .open(path)
            .and_then(|source| source.latest("at", &|| false))
            .expect("times")
    };
    let expected: Timestamp = "2026-03-08T23:00:00Z".parse().expect("an instant");
    assert_eq!(latest("t"), Some(expected));
    assert_eq!(latest("none.csv"), None);
}

#[test]
fn an_unknown_zone_is_an_error() {
    let mut scene = Scene::new();
    scene.zone = Some("Mars/Olympus");
    scene.write("t.csv", CSV);
    let error = scene.open("t.csv").expect_err("no zone").to_string();
    assert!(
        error.contains("'Mars/Olympus' is not a time zone"),
        "{error}"
    );
}

#[test]
fn a_panic_is_caught_only_where_a_file_is_read() {
    assert!(!crate::source::panic_is_caught());
    let on = |name: &str| {
        std::thread::Builder::new()
            .name(name.to_owned())
            .spawn(crate::source::panic_is_caught)
            .expect("a thread")
            .join()
            .expect("an answer")
    };
    assert!(on("async-executor-3"));
    assert!(!on("worker"));
}
