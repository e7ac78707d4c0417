//! The fact that formats agree: the same rows are the same cells, however they are stored.

use polars::prelude::*;
use proptest::prelude::*;

use super::scene::Scene;
use crate::domain::definition::Timestamp;
use crate::source::{ColumnKind, ColumnRequest};

/// One row of the table that every format holds.
#[derive(Debug, Clone)]
struct Row {
    unit: i64,
    variant: Option<String>,
    value: Option<f64>,
    count: Option<i64>,
    yes: Option<bool>,
    at: Option<i64>,
}

fn row() -> impl Strategy<Value = Row> {
    let variant = prop_oneof![Just("old".to_owned()), "[a-z\"', \\n\u{e9}\u{1b}]{1,6}",];
    (
        any::<i64>(),
        proptest::option::of(variant),
        // Never whole, so that text formats read the column as floats too.
        proptest::option::of((-1.0e9..1.0e9).prop_map(|value: f64| value.trunc() + 0.5)),
        proptest::option::of(any::<i64>()),
        proptest::option::of(any::<bool>()),
        proptest::option::of(-2_000_000_000_000_000_i64..4_000_000_000_000_000),
    )
        .prop_map(|(unit, variant, value, count, yes, at)| Row {
            unit,
            variant,
            value,
            count,
            yes,
            at,
        })
}

fn frame(rows: &[Row]) -> DataFrame {
    let at: Vec<Option<i64>> = rows.iter().map(|row| row.at).collect();
    let at = Series::new("at".into(), at)
        .cast(&DataType::Datetime(TimeUnit::Microseconds, None))
        .expect("times");
    let mut frame = df!(
        "unit" => rows.iter().map(|row| row.unit).collect::<Vec<_>>(),
        "variant" => rows.iter().map(|row| row.variant.clone()).collect::<Vec<_>>(),
        "value" => rows.iter().map(|row| row.value).collect::<Vec<_>>(),
        "count" => rows.iter().map(|row| row.count).collect::<Vec<_>>(),
        "yes" => rows.iter().map(|row| row.yes).collect::<Vec<_>>(),
    )
    .expect("a frame");
    frame.with_column(at.into()).expect("a frame");
    frame
}

fn shown<T: ToString>(value: Option<T>) -> String {
    value.map_or_else(String::new, |value| value.to_string())
}

fn local(at: Option<i64>) -> Option<String> {
    at.map(|at| Timestamp(at).to_string().trim_end_matches('Z').to_owned())
}

fn csv(rows: &[Row]) -> Vec<u8> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer
        .write_record(["unit", "variant", "value", "count", "yes", "at"])
        .expect("written");
    for row in rows {
        writer
            .write_record([
                row.unit.to_string(),
                row.variant.clone().unwrap_or_default(),
                shown(row.value),
                shown(row.count),
                shown(row.yes),
                local(row.at).unwrap_or_default(),
            ])
            .expect("written");
    }
    writer.into_inner().expect("written")
}

fn ndjson(rows: &[Row]) -> Vec<u8> {
    let line = |row: &Row| {
        serde_json::json!({
            "unit": row.unit, "variant": row.variant, "value": row.value,
            "count": row.count, "yes": row.yes, "at": local(row.at),
        })
        .to_string()
            + "\n"
    };
    rows.iter().map(line).collect::<String>().into_bytes()
}

fn write(scene: &Scene, name: &str, rows: &[Row]) {
    scene
        .parquet(&format!("parquet/{name}.parquet"), frame(rows))
        .arrow(&format!("arrow/{name}.arrow"), frame(rows))
        .write(&format!("csv/{name}.csv"), &csv(rows))
        .write(&format!("ndjson/{name}.ndjson"), &ndjson(rows));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn the_same_rows_are_the_same_cells_in_every_format_and_any_number_of_files(
        rows in proptest::collection::vec(row(), 1..40),
    ) {
        let mut scene = Scene::new();
        scene.zone = Some("Europe/Berlin");
        write(&scene, "one/all", &rows);
        for (part, some) in rows.chunks(rows.len().div_ceil(7)).enumerate() {
            write(&scene, &format!("seven/{part}"), some);
        }
        let requests = [
            ColumnRequest::required("variant", ColumnKind::Label),
            ColumnRequest::required("value", ColumnKind::Number),
            ColumnRequest::required("count", ColumnKind::Number),
            ColumnRequest::required("yes", ColumnKind::Boolean),
            ColumnRequest::required("yes", ColumnKind::Number),
            ColumnRequest::required("yes", ColumnKind::Label),
            ColumnRequest::required("at", ColumnKind::Time),
            ColumnRequest::required("unit", ColumnKind::Label),
            ColumnRequest::required("unit", ColumnKind::Identifier),
        ];
        let mut first: Option<Vec<Vec<String>>> = None;
        for format in ["parquet", "arrow", "csv", "ndjson"] {
            for split in ["one", "seven"] {
                let path = format!("{format}/{split}");
                let mut told = scene.scan(&path, &requests).expect("a readable table");
                prop_assert!(told.faults.is_empty() && told.lost.is_empty());
                // An integer and the same integer as text are one identifier.
                for row in &mut told.rows {
                    let unit = row.pop().expect("a unit");
                    row.push(unit.replace('"', ""));
                }
                let cells = told.rows;
                match &first {
                    None => first = Some(cells),
                    Some(first) => prop_assert_eq!(first, &cells, "{}", path),
                }
            }
        }
    }
}

/// The lines that are not blank, counted from 1, the header's left out.
fn filled_lines(text: &str) -> Vec<u64> {
    let numbered = text.split('\n').zip(1..);
    let filled = numbered.filter(|(line, _)| !line.trim_end_matches('\r').is_empty());
    filled.map(|(_, number)| number).skip(1).collect()
}

proptest! {
    #[test]
    fn every_line_without_quotes_is_a_row_or_lost_under_its_own_number(
        lines in proptest::collection::vec("[a,\u{e9} ]{0,4}(\r)?", 0..30),
    ) {
        let text = format!("x,y\n{}", lines.join("\n"));
        let scene = Scene::new();
        scene.write("t.csv", text.as_bytes());
        let request = ColumnRequest::required("x", ColumnKind::Label);
        let told = scene.scan("t.csv", &[request]).expect("a readable table");
        let mut found: Vec<u64> = told.places.iter().map(|(_, line)| *line).collect();
        found.extend(told.lost.iter().map(|lost| lost.row));
        found.sort_unstable();
        prop_assert_eq!(found, filled_lines(&text));
    }

    #[test]
    fn no_bytes_make_a_text_reader_panic(
        bytes in proptest::collection::vec(proptest::sample::select(&b"x,\"\n\r{}[]:1\\ue\xff\xc3\xa9\xef\xbb\xbf\t\0"[..]), 0..200),
        header in proptest::bool::ANY,
    ) {
        let scene = Scene::new();
        let mut text = if header { b"x,y\n".to_vec() } else { Vec::new() };
        text.extend(bytes);
        let request = [ColumnRequest::optional("x", ColumnKind::Number)];
        for file in ["t.csv", "t.tsv", "t.ndjson", "t.csv.gz", "t.csv.zst", "t.parquet", "t.arrow"] {
            scene.write(file, &text);
            if let Ok(told) = scene.scan(file, &request) {
                prop_assert!(told.places.iter().all(|(_, line)| *line >= 1));
                prop_assert_eq!(told.bytes, text.len() as u64, "{}", file);
            }
        }
    }
}
