//! Facts about Parquet and Arrow files.

use polars::prelude::*;

use super::scene::Scene;
use crate::source::{ColumnKind, ColumnRequest, PhysicalType, Problem};

#[test]
fn columns_are_read_by_declared_type() {
    let scene = Scene::new();
    let frame = df!(
        "unit_id" => [Some(42_i64), None, Some(-7)],
        "user" => ["a", "b", ""],
        "value" => [1.5, f64::NAN, f64::INFINITY],
        "count" => [1_u8, 2, 3],
        "yes" => [true, false, true],
    )
    .expect("a frame");
    scene
        .parquet("t.parquet", frame.clone())
        .arrow("t.arrow", frame);
    for file in ["t.parquet", "t.arrow"] {
        use ColumnKind::{Boolean, Identifier, Label, Number};
        assert_eq!(
            scene.column(file, "unit_id", Identifier),
            ["42", "null", "-7"]
        );
        assert_eq!(
            scene.column(file, "unit_id", Label),
            ["\"42\"", "null", "\"-7\""]
        );
        assert_eq!(
            scene.column(file, "user", Label),
            ["\"a\"", "\"b\"", "null"]
        );
        assert_eq!(
            scene.column(file, "value", Number),
            ["1.5", "null not-finite", "null not-finite"]
        );
        assert_eq!(scene.column(file, "count", Number), ["1", "2", "3"]);
        assert_eq!(
            scene.column(file, "yes", Boolean),
            ["true", "false", "true"]
        );
        assert_eq!(scene.column(file, "yes", Number), ["1", "0", "1"]);
        assert_eq!(
            scene.column(file, "yes", Label),
            ["\"true\"", "\"false\"", "\"true\""]
        );
    }
}

#[test]
fn rows_are_counted_from_one_and_bytes_add_up_to_the_file() {
    let scene = Scene::new();
    let many: Vec<i64> = (0..300_000).collect();
    scene.parquet("t.parquet", df!("unit_id" => many).expect("a frame"));
    let request = ColumnRequest::required("unit_id", ColumnKind::Identifier);
    let told = scene
        .scan("t.parquet", &[request])
        .expect("a readable table");
    assert_eq!(told.rows.len(), 300_000);
    for (row, cells) in told.rows.iter().enumerate() {
        assert_eq!(cells[0], row.to_string());
        assert_eq!(told.places[row], ("t.parquet".to_owned(), row as u64 + 1));
    }
    assert_eq!(
        told.bytes,
        scene.open("t.parquet").expect("a table").bytes()
    );
}

#[test]
fn a_zero_row_file_is_an_empty_table_and_no_error() {
    let scene = Scene::new();
    let frame = df!("unit_id" => Vec::<i64>::new()).expect("a frame");
    scene
        .parquet("t.parquet", frame.clone())
        .arrow("t.arrow", frame);
    for file in ["t.parquet", "t.arrow"] {
        assert!(
            scene
                .column(file, "unit_id", ColumnKind::Identifier)
                .is_empty()
        );
    }
}

#[test]
fn a_truncated_file_is_an_error_wherever_it_is_cut() {
    let scene = Scene::new();
    let rows: Vec<i64> = (0..5_000).collect();
    let frame = df!("unit_id" => rows).expect("a frame");
    scene
        .parquet("whole.parquet", frame.clone())
        .arrow("whole.arrow", frame);
    for (whole, cut) in [
        ("whole.parquet", "cut.parquet"),
        ("whole.arrow", "cut.arrow"),
    ] {
        let bytes = std::fs::read(scene.root().join(whole)).expect("readable");
        for share in [0, 1, 3, 50, 99] {
            scene.write(cut, &bytes[..bytes.len() * share / 100]);
            let complaint = scene.complaint(cut, "unit_id", ColumnKind::Identifier);
            assert!(complaint.contains("is not a readable"), "{complaint}");
            assert!(complaint.contains(cut), "{complaint}");
        }
        scene.write(cut, &bytes[..bytes.len() / 2]);
        let format = if cut.ends_with("parquet") {
            "Parquet"
        } else {
            "Arrow"
        };
        assert_eq!(
            scene.complaint(cut, "unit_id", ColumnKind::Identifier),
            format!(
                "table 'events', file '{cut}': is not a readable {format} file: it ends in the middle; it was cut short; \
                 write it again, or rename it to what it is"
            )
        );
    }
}

#[test]
fn damage_anywhere_in_a_file_never_panics() {
    let scene = Scene::new();
    let mut frame =
        df!("unit_id" => [1_i64, 2, 3], "user" => [Some("x"), None, Some("z")]).expect("a frame");
    let mut packed = Vec::new();
    IpcWriter::new(&mut packed)
        .with_compression(Some(IpcCompression::LZ4))
        .finish(&mut frame)
        .expect("written");
    scene
        .parquet("whole.parquet", frame.clone())
        .arrow("whole.arrow", frame)
        .write("packed.arrow", &packed);
    let requests = [
        ColumnRequest::optional("unit_id", ColumnKind::Identifier),
        ColumnRequest::optional("user", ColumnKind::Label),
    ];
    for whole in ["whole.parquet", "whole.arrow", "packed.arrow"] {
        let bytes = std::fs::read(scene.root().join(whole)).expect("readable");
        let broken = format!("broken-{whole}");
        for place in (0..bytes.len()).step_by(3) {
            let mut damaged = bytes.clone();
            damaged[place] ^= [0xff, 0x80, 0x40, 0x10, 0x01][place % 5];
            scene.write(&broken, &damaged);
            let told = scene.scan(&broken, &requests);
            if let Ok(told) = &told {
                assert_eq!(told.rows.len(), 3, "byte {place} of {whole}");
            }
            let spread = scene.scan_on(2, &broken, &requests);
            assert_eq!(spread.is_ok(), told.is_ok(), "byte {place} of {whole}");
        }
    }
}

#[test]
fn a_parquet_file_that_is_really_text_says_so() {
    let scene = Scene::new();
    scene.write("t.parquet", b"unit_id,variant\n1,old\n2,new\n");
    assert_eq!(
        scene.complaint("t.parquet", "unit_id", ColumnKind::Identifier),
        "table 'events', file 't.parquet': is not a readable Parquet file: it begins like text; write it again, or rename \
         it to what it is"
    );
}

#[test]
fn decimals_keep_their_scale_and_categories_are_text() {
    let scene = Scene::new();
    let mut frame = df!(
        "price" => ["12.30", "-0.05", "7.00"],
        "plan" => ["free", "paid", "free"],
    )
    .expect("a frame");
    frame
        .try_apply("price", |column| column.cast(&DataType::Decimal(12, 2)))
        .expect("decimals");
    frame
        .try_apply("plan", |column| {
            column.cast(&DataType::from_categories(Categories::global()))
        })
        .expect("categories");
    scene
        .parquet("t.parquet", frame.clone())
        .arrow("t.arrow", frame);
    for file in ["t.parquet", "t.arrow"] {
        assert_eq!(
            scene.column(file, "price", ColumnKind::Number),
            ["1230e-2", "-5e-2", "700e-2"]
        );
        assert_eq!(
            scene.column(file, "price", ColumnKind::Label),
            ["\"12.3\"", "\"-0.05\"", "\"7\""]
        );
        assert_eq!(
            scene.column(file, "plan", ColumnKind::Label),
            ["\"free\"", "\"paid\"", "\"free\""]
        );
    }
}

#[test]
fn columns_that_are_not_asked_for_do_not_disturb() {
    let scene = Scene::new();
    let list = Series::new("list".into(), [Series::new("".into(), [1_i64, 2])]);
    let inner = [
        Series::new("a".into(), [1_i64]),
        Series::new("b".into(), ["x"]),
    ];
    let nested = StructChunked::from_series("nested".into(), 1, inner.iter()).expect("a struct");
    let zoned = Series::new("zoned".into(), [0_i64])
        .cast(&DataType::Datetime(
            TimeUnit::Microseconds,
            TimeZone::opt_try_new(Some("+05:30")).expect("a zone"),
        ))
        .expect("times");
    let frame = DataFrame::new_infer_height(vec![
        Series::new("unit_id".into(), ["u1"]).into(),
        list.into(),
        nested.into_series().into(),
        zoned.into(),
        Series::new("^.*$".into(), [3_i64]).into(),
    ])
    .expect("a frame");
    scene
        .parquet("t.parquet", frame.clone())
        .arrow("t.arrow", frame);
    for file in ["t.parquet", "t.arrow"] {
        assert_eq!(
            scene.column(file, "unit_id", ColumnKind::Identifier),
            ["\"u1\""]
        );
        assert_eq!(scene.column(file, "^.*$", ColumnKind::Number), ["3"]);
        assert_eq!(
            scene.column(file, "zoned", ColumnKind::Time),
            ["1970-01-01T00:00:00Z"]
        );
        let complaint = scene.complaint(file, "nested", ColumnKind::Label);
        assert!(
            complaint.contains("column 'nested' holds values of type"),
            "{complaint}"
        );
        let source = scene.open(file).expect("a table");
        assert!(matches!(
            &source.columns()[1].types[..],
            [PhysicalType::Other(_)]
        ));
    }
}

#[test]
fn a_number_that_is_text_and_a_time_that_is_an_integer_are_errors_with_a_fix() {
    let scene = Scene::new();
    let frame = df!("value" => ["12", "13"], "at" => [1_772_323_200_i64, 1]).expect("a frame");
    scene.parquet("t.parquet", frame);
    assert_eq!(
        scene.complaint("t.parquet", "value", ColumnKind::Number),
        "table 'events', file 't.parquet': column 'value' holds text, and a number was asked for; write it as a number, or \
         name another column"
    );
    assert_eq!(
        scene.complaint("t.parquet", "at", ColumnKind::Time),
        "table 'events', file 't.parquet': column 'at' holds whole numbers, and a time was asked for: whether its numbers \
         are seconds, milliseconds or days is not guessed; write it as a timestamp"
    );
}

#[test]
fn times_without_a_zone_are_local_to_the_declared_one_and_an_error_without() {
    let mut scene = Scene::new();
    // 2026-03-29 02:30 does not exist in Berlin, 2026-10-25 02:30 happens twice.
    let local = [
        "2026-03-01 00:00:00",
        "2026-03-29 02:30:00",
        "2026-10-25 02:30:00",
    ];
    let frame = df!("at" => local).expect("a frame");
    let mut typed = frame.clone();
    let microseconds = [
        1_772_323_200_000_000_i64,
        1_774_751_400_000_000,
        1_792_895_400_000_000,
    ];
    typed
        .replace_column(
            0,
            Series::new("at".into(), microseconds)
                .cast(&DataType::Datetime(TimeUnit::Microseconds, None))
                .expect("times")
                .into(),
        )
        .expect("replaced");
    scene
        .parquet("text.parquet", frame)
        .parquet("typed.parquet", typed);
    scene.zone = Some("Europe/Berlin");
    for file in ["text.parquet", "typed.parquet"] {
        assert_eq!(
            scene.column(file, "at", ColumnKind::Time),
            [
                "2026-02-28T23:00:00Z",
                "2026-03-29T01:30:00Z",
                "2026-10-25T00:30:00Z"
            ]
        );
    }
    scene.zone = None;
    for file in ["text.parquet", "typed.parquet"] {
        let request = ColumnRequest::required("at", ColumnKind::Time);
        let error = scene.scan(file, &[request]).expect_err("no zone");
        assert!(matches!(*error.problem, Problem::NoZone { .. }), "{error}");
        assert!(error.to_string().contains("time_zone = \"UTC\""), "{error}");
    }
}

#[test]
fn whole_numbers_of_any_width_are_read_exactly() {
    use ColumnKind::{Identifier, Label, Number, Time};
    let scene = Scene::new();
    let wide = Series::new("wide".into(), ["18446744073709551615", "7"])
        .cast(&DataType::UInt64)
        .expect("unsigned");
    let huge = Series::new(
        "huge".into(),
        ["170141183460469231731687303715884105727", "-1"],
    )
    .cast(&DataType::Int128)
    .expect("128 bits");
    let day = Series::new("day".into(), [20_513_i32, 0])
        .cast(&DataType::Date)
        .expect("dates");
    let whole = Series::new("whole".into(), [9_007_199_254_740_992.0, -0.0]);
    let part = Series::new("part".into(), [0.5, 3.0]);
    let frame = DataFrame::new_infer_height(vec![
        wide.into(),
        huge.into(),
        day.into(),
        whole.into(),
        part.into(),
    ])
    .expect("a frame");
    scene.arrow("t.arrow", frame);
    let column = |name, kind| scene.column("t.arrow", name, kind);
    assert_eq!(
        column("wide", Identifier),
        ["\"18446744073709551615\"", "\"7\""]
    );
    assert_eq!(column("wide", Number), ["18446744073709551615e-0", "7e-0"]);
    assert_eq!(
        column("huge", Label),
        ["\"170141183460469231731687303715884105727\"", "\"-1\""]
    );
    assert_eq!(
        column("huge", Number),
        ["170141183460469231731687303715884105727e-0", "-1e-0"]
    );
    assert_eq!(column("day", Label), ["\"2026-03-01\"", "\"1970-01-01\""]);
    assert_eq!(
        column("day", Time),
        ["2026-03-01T00:00:00Z", "1970-01-01T00:00:00Z"]
    );
    assert_eq!(column("whole", Identifier), ["9007199254740992", "0"]);
    assert_eq!(column("part", Identifier), ["\"0.5\"", "\"3\""]);
    assert_eq!(column("whole", Label), ["\"9007199254740992\"", "\"0\""]);
}
