//! Facts about CSV, TSV and NDJSON files, row by row.

use std::io::Write;

use super::scene::{Scene, Told};
use crate::domain::evidence::{Rejection, RejectionRule, RowRule};
use crate::source::{ColumnKind, ColumnRequest, Problem};

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).expect("written");
    encoder.finish().expect("written")
}

fn labels(scene: &Scene, path: &str) -> Told {
    let requests = [
        ColumnRequest::required("unit_id", ColumnKind::Identifier),
        ColumnRequest::required("note", ColumnKind::Label),
    ];
    scene.scan(path, &requests).expect("a readable table")
}

fn lines(told: &Told) -> Vec<u64> {
    told.places.iter().map(|(_, line)| *line).collect()
}

fn lost(told: &Told) -> Vec<(u64, RejectionRule)> {
    let rule = |row: &Rejection| match &row.rule {
        RowRule::BuiltIn(rule) => *rule,
        RowRule::Contract(id) => panic!("{id} is of no source"),
    };
    told.lost.iter().map(|row| (row.row, rule(row))).collect()
}

#[test]
fn a_row_is_named_by_the_line_it_starts_on() {
    let scene = Scene::new();
    let text = "unit_id,note\n1,plain\n\n2,\"two\nlines, and \"\"quotes\"\"\"\n\n\n3,\"\"\n4,last";
    let windows = text.replace('\n', "\r\n");
    let marked = format!("\u{feff}{text}");
    scene
        .write("unix.csv", text.as_bytes())
        .write("windows.csv", windows.as_bytes())
        .write("marked.csv", marked.as_bytes());
    for file in ["unix.csv", "windows.csv", "marked.csv"] {
        let told = labels(&scene, file);
        assert_eq!(lines(&told), [2, 4, 8, 9], "{file}");
        assert_eq!(told.rows[0], ["\"1\"", "\"plain\""]);
        let second = told.rows[1][1].replace("\\r", "");
        assert_eq!(second, "\"two\\nlines, and \\\"quotes\\\"\"");
        assert_eq!(told.rows[2], ["\"3\"", "null"]);
        assert_eq!(told.rows[3], ["\"4\"", "\"last\""]);
        assert_eq!(told.lost, []);
    }
}

#[test]
fn rows_with_too_few_or_too_many_fields_or_a_bad_byte_are_lost_alone() {
    let scene = Scene::new();
    let text = b"unit_id,note\n1,a\n2\n3,b,c\n4,\"d\ne\",f\n5,caf\xe9\n6,ok\n";
    scene.write("t.csv", text);
    let told = labels(&scene, "t.csv");
    assert_eq!(lines(&told), [2, 8]);
    assert_eq!(
        lost(&told),
        [
            (3, RejectionRule::FieldCount),
            (4, RejectionRule::FieldCount),
            (5, RejectionRule::FieldCount),
            (7, RejectionRule::BadEncoding),
        ]
    );
    assert_eq!(told.lost[0].file, "t.csv");
}

#[test]
fn a_quote_that_is_never_closed_is_an_error_that_names_its_line() {
    let scene = Scene::new();
    scene.write("t.csv", b"unit_id,note\n1,a\n2,\"b\n3,c\n4,d\n");
    assert_eq!(
        scene.complaint("t.csv", "unit_id", ColumnKind::Identifier),
        "table 'events', file 't.csv': the record that starts on line 3 does not end: a quote in it is probably never \
         closed; close it, or double a quote that is part of the text"
    );
}

#[test]
fn names_of_ten_thousand_characters_and_control_characters_are_kept_as_they_are() {
    let scene = Scene::new();
    let long = "x".repeat(10_000);
    let text = format!("unit_id,note\n{long},\u{1b}[31mred\u{7}\n1,\u{202e}x\n");
    scene.write("t.csv", text.as_bytes());
    let told = labels(&scene, "t.csv");
    assert_eq!(told.rows[0][0], format!("{long:?}"));
    assert_eq!(told.rows[0][1], format!("{:?}", "\u{1b}[31mred\u{7}"));
    assert_eq!(told.lost, []);
}

#[test]
fn a_field_beyond_the_limit_loses_its_row_and_no_other() {
    let scene = Scene::new();
    let long = "x".repeat((1 << 20) + 1);
    let longer = "y".repeat((16 << 20) + 1);
    let csv = format!("unit_id,note\n1,a\n2,{long}\n3,{longer}\n4,b\n");
    let json = format!(
        "{{\"unit_id\":1,\"note\":\"a\"}}\n{{\"unit_id\":2,\"note\":\"{long}\"}}\n{{\"unit_id\":3,\"note\":\"{longer}\"}}\n\
         {{\"unit_id\":4,\"note\":\"b\"}}\n"
    );
    scene
        .write("t.csv", csv.as_bytes())
        .write("t.ndjson", json.as_bytes());
    for (file, first) in [("t.csv", 2), ("t.ndjson", 1)] {
        let told = labels(&scene, file);
        assert_eq!(told.rows, [["\"1\"", "\"a\""], ["\"4\"", "\"b\""]]);
        assert_eq!(lines(&told), [first, first + 3]);
        assert_eq!(
            lost(&told),
            [
                (first + 1, RejectionRule::TooLong),
                (first + 2, RejectionRule::TooLong)
            ]
        );
    }
}

#[test]
fn too_many_columns_are_refused_in_a_header_and_lose_a_row() {
    let scene = Scene::new();
    let header = vec!["c"; 10_001].join(",");
    let wide = vec!["1"; 25_000].join(",");
    scene
        .write("header.csv", format!("{header}\n").as_bytes())
        .write("row.csv", format!("unit_id,note\n{wide}\n1,a\n").as_bytes());
    let error = scene.open("header.csv").expect_err("too wide").to_string();
    assert!(error.contains("10,000 columns"), "{error}");
    let told = labels(&scene, "row.csv");
    assert_eq!(told.rows, [["\"1\"", "\"a\""]]);
    assert_eq!(lost(&told), [(2, RejectionRule::FieldCount)]);
}

#[test]
fn compressed_files_of_several_members_are_read_to_the_end() {
    let scene = Scene::new();
    let (first, second) = (b"unit_id,note\n1,a\n", b"2,b\n");
    let mut gzipped = gzip(first);
    gzipped.extend(gzip(second));
    let mut framed = zstd::encode_all(&first[..], 3).expect("packed");
    framed.extend(zstd::encode_all(&second[..], 3).expect("packed"));
    scene
        .write("t.csv.gz", &gzipped)
        .write("t.csv.zst", &framed);
    for file in ["t.csv.gz", "t.csv.zst"] {
        let told = labels(&scene, file);
        assert_eq!(
            told.rows,
            [["\"1\"", "\"a\""], ["\"2\"", "\"b\""]],
            "{file}"
        );
        assert_eq!(
            told.bytes,
            scene.open(file).expect("a table").bytes(),
            "{file}"
        );
    }
    scene.write("cut.csv.gz", &gzipped[..gzipped.len() - 9]);
    let complaint = scene.complaint("cut.csv.gz", "unit_id", ColumnKind::Identifier);
    assert!(
        complaint.contains("gzip data is damaged or cut short"),
        "{complaint}"
    );
    scene.write("cut.csv.zst", &framed[..framed.len() - 3]);
    let complaint = scene.complaint("cut.csv.zst", "unit_id", ColumnKind::Identifier);
    assert!(
        complaint.contains("zstd data is damaged or cut short"),
        "{complaint}"
    );
}

#[test]
fn a_file_that_unpacks_to_far_too_much_is_refused() {
    let scene = Scene::new();
    let mut bomb = b"unit_id,note\n".to_vec();
    bomb.resize(100 << 20, b'\n');
    scene.write("t.csv.gz", &gzip(&bomb));
    // Deflate packs at most 1,032 to 1, so that zstd is the one to test the limit with.
    scene.write(
        "t.csv.zst",
        &zstd::encode_all(&bomb[..], 3).expect("packed"),
    );
    let complaint = scene.complaint("t.csv.zst", "unit_id", ColumnKind::Identifier);
    assert!(
        complaint.contains("unpacks to more than 1000 times its size"),
        "{complaint}"
    );
}

#[test]
fn files_that_are_something_else_say_what_they_are() {
    let scene = Scene::new();
    scene
        .write("utf16.csv", b"\xff\xfeu\0n\0i\0t\0")
        .write("packed.csv", &gzip(b"unit_id\n1\n"))
        .write("frame.csv", b"PAR1\x15\x04")
        .write("sheet.csv", b"PK\x03\x04rest");
    for (file, what) in [
        ("utf16.csv", "it is UTF-16"),
        ("packed.csv", "compressed with gzip"),
        ("frame.csv", "a Parquet file"),
        ("sheet.csv", "a spreadsheet"),
    ] {
        let error = scene.open(file).expect_err("not text").to_string();
        assert!(error.contains(what), "{error}");
    }
}

#[test]
fn header_only_and_wholly_empty_files_are_empty_tables() {
    let scene = Scene::new();
    scene
        .write("header.csv", b"unit_id,note\n")
        .write("nothing.csv", b"")
        .write("mark.csv", b"\xef\xbb\xbf")
        .write("nothing.ndjson", b"")
        .write("nothing.csv.gz", &gzip(b""));
    for file in [
        "header.csv",
        "nothing.csv",
        "mark.csv",
        "nothing.ndjson",
        "nothing.csv.gz",
    ] {
        assert!(labels(&scene, file).rows.is_empty(), "{file}");
    }
}

#[test]
fn numbers_are_whole_until_one_is_not_and_refused_when_not_finite() {
    let scene = Scene::new();
    scene
        .write(
            "whole.csv",
            b"v,x\n1,\n+2,\n-0,\n9223372036854775807,\ntrue,\nFalse,\n,\n",
        )
        .write(
            "mixed.csv",
            b"v,x\n1,\n0.5,\n1e3,\n NaN,\ninf,\n-Infinity,\n1e999,\n1_000,\n 7 ,\nNA,\n",
        );
    let number = |file| scene.column(file, "v", ColumnKind::Number);
    assert_eq!(
        number("whole.csv"),
        ["1", "2", "0", "9223372036854775807", "1", "0", "null"]
    );
    assert_eq!(
        number("mixed.csv"),
        [
            "1.0",
            "0.5",
            "1000.0",
            "null not-finite",
            "null not-finite",
            "null not-finite",
            "null not-finite",
            "null bad-number",
            "7.0",
            "null bad-number",
        ]
    );
}

#[test]
fn times_are_iso_and_nothing_else() {
    let mut scene = Scene::new();
    scene.zone = Some("America/New_York");
    let rows = [
        ("2026-03-01", "2026-03-01T05:00:00Z"),
        ("2026-03-01 12:30", "2026-03-01T17:30:00Z"),
        ("2026-07-01 12:30:00.1234567", "2026-07-01T16:30:00.123456Z"),
        ("2026-03-01T12:30:00Z", "2026-03-01T12:30:00Z"),
        ("2026-03-01 12:30:00 UTC", "2026-03-01T12:30:00Z"),
        ("2026-03-01T12:30:00+05:30", "2026-03-01T07:00:00Z"),
        ("2026-03-01T12:30:00-0800", "2026-03-01T20:30:00Z"),
        (
            "2024-02-29T23:59:59.999999+00",
            "2024-02-29T23:59:59.999999Z",
        ),
        (
            "1969-12-31T23:59:59.9999999Z",
            "1969-12-31T23:59:59.999999Z",
        ),
        // Clocks go forward at 02:00 on 2026-03-08 and back at 02:00 on 2026-11-01.
        ("2026-03-08 02:30:00", "2026-03-08T07:30:00Z"),
        ("2026-11-01 01:30:00", "2026-11-01T05:30:00Z"),
        ("2026-02-29", "null bad-timestamp"),
        ("01/03/2026", "null bad-timestamp"),
        ("2026-03-01T24:00:00Z", "null bad-timestamp"),
        ("2026-03-01T12:30:00+5", "null bad-timestamp"),
        ("2026-3-1", "null bad-timestamp"),
        ("1772323200", "null bad-timestamp"),
        ("", "null"),
    ];
    let (written, read): (Vec<&str>, Vec<&str>) = rows.into_iter().unzip();
    let text = format!("at,x\n{},\n", written.join(",\n"));
    scene.write("t.csv", text.as_bytes());
    assert_eq!(scene.column("t.csv", "at", ColumnKind::Time), read);
}

#[test]
fn a_column_of_bare_integers_is_no_time_in_any_format() {
    let scene = Scene::new();
    scene
        .write("t.csv", b"at\n1772323200\n1772323201\n")
        .write("t.ndjson", b"{\"at\":1772323200}\n{\"at\":1772323201}\n");
    for file in ["t.csv", "t.ndjson"] {
        let complaint = scene.complaint(file, "at", ColumnKind::Time);
        assert!(complaint.contains("write it as a timestamp"), "{complaint}");
    }
}

#[test]
fn times_without_a_zone_are_an_error_where_none_is_declared() {
    let mut scene = Scene::new();
    scene.zone = None;
    scene
        .write("local.csv", b"at\n2026-03-01 12:00:00\n")
        .write("zoned.csv", b"at\n2026-03-01T12:00:00+01:00\n");
    let request = ColumnRequest::required("at", ColumnKind::Time);
    let error = scene.scan("local.csv", &[request]).expect_err("no zone");
    assert!(matches!(*error.problem, Problem::NoZone { .. }), "{error}");
    assert_eq!(
        scene.column("zoned.csv", "at", ColumnKind::Time),
        ["2026-03-01T11:00:00Z"]
    );
}

#[test]
fn json_lines_that_are_no_objects_are_lost_alone() {
    let scene = Scene::new();
    let text = b"{\"unit_id\":1,\"note\":\"a\"}\n{\"unit_id\":2\n\n[3]\n{\"unit_id\":\"4\",\"note\":\"\xff\"}\n\
                 {\"unit_id\":5.0,\"note\":{\"deep\":1}} \n{\"unit_id\":6,\"note\":null,\"note\":\"last\"}\nnull\n";
    scene.write("t.jsonl", text);
    let told = labels(&scene, "t.jsonl");
    assert_eq!(
        told.rows,
        [["\"1\"", "\"a\""], ["\"5\"", "null"], ["\"6\"", "\"last\""]]
    );
    assert_eq!(lines(&told), [1, 6, 7]);
    assert_eq!(told.faults, [(1, 1, RejectionRule::BadSyntax)]);
    assert_eq!(
        lost(&told),
        [
            (2, RejectionRule::BadSyntax),
            (4, RejectionRule::BadSyntax),
            (5, RejectionRule::BadEncoding),
            (8, RejectionRule::BadSyntax),
        ]
    );
}

#[test]
fn a_key_that_no_json_line_has_is_a_missing_column() {
    let scene = Scene::new();
    scene.write("t.ndjson", b"{\"user_id\":1}\n{\"user_id\":2}\n");
    let complaint = scene.complaint("t.ndjson", "unit_id", ColumnKind::Identifier);
    assert!(
        complaint.contains("columns = { unit_id = \"user_id\" }"),
        "{complaint}"
    );
    let told = scene
        .scan(
            "t.ndjson",
            &[ColumnRequest::optional("unit_id", ColumnKind::Identifier)],
        )
        .expect("a readable table");
    assert_eq!(told.rows, [["absent"], ["absent"]]);
}

#[test]
fn tabs_set_fields_apart_in_tsv() {
    let scene = Scene::new();
    scene.write("t.tsv", b"unit_id\tnote\n1\ta, b\n");
    assert_eq!(labels(&scene, "t.tsv").rows, [["\"1\"", "\"a, b\""]]);
}
