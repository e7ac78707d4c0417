//! Tables as they come: each fault gives a clear error or a counted rejection, in a workspace and with `quick`, and never a
//! panic or a character that acts on the terminal.

use std::fmt::Write as _;
use std::fs::File;

use polars::prelude::{
    Column, DataFrame, DataType, IntoColumn, NamedFrom, ParquetWriter, Series, TimeUnit,
};
use serde_json::Value;

use crate::command::{Folder, Ran};
use crate::shop;

/// The readout of the shop's experiment as JSON, after `spoil`.
#[track_caller]
fn read_out(spoil: impl Fn(&Folder)) -> Value {
    let shop = shop::open();
    spoil(&shop);
    // What people read is safe too, whatever the table holds.
    for format in ["markdown", "table", "csv"] {
        let words = [
            "report",
            "checkout",
            "--format",
            format,
            "--segment",
            "country",
        ];
        shop.run(&words).exits(0).acts_nowhere();
    }
    shop.run(&["check", "checkout", "--fail-on", "never"])
        .exits(0)
        .acts_nowhere();
    let ran = shop
        .run(&["report", "checkout", "--format", "json"])
        .exits(0)
        .acts_nowhere();
    let json = ran.json();
    for ledger in json["ledgers"].as_array().into_iter().flatten() {
        adds_up(ledger);
    }
    json
}

/// Holds that read = used + rejected + out of scope.
#[track_caller]
fn adds_up(ledger: &Value) {
    let lines = ledger["by_variant"].as_object().into_iter().flatten();
    let sum: u64 = lines
        .map(|(_, line)| {
            let parts = ["rejected", "out_of_scope"].into_iter();
            let counted = parts.flat_map(|part| line[part].as_object().into_iter().flatten());
            let counted: u64 = counted.filter_map(|(_, rows)| rows.as_u64()).sum();
            line["used"].as_u64().unwrap_or(0) + counted
        })
        .sum();
    assert_eq!(ledger["read"], sum, "{ledger}");
}

/// How many rows of a table were rejected by a rule.
#[track_caller]
fn rejected(json: &Value, table: &str, rule: &str) -> u64 {
    let ledgers = json["ledgers"].as_array().into_iter().flatten();
    let ledger = ledgers.into_iter().find(|ledger| ledger["table"] == table);
    let lines = ledger.and_then(|ledger| ledger["by_variant"].as_object());
    let lines = lines.into_iter().flatten();
    lines
        .filter_map(|(_, line)| line["rejected"][rule].as_u64())
        .sum()
}

/// The primary effect over everyone assigned.
fn effect(json: &Value) -> &Value {
    &json["metrics"][0]["effects"][0]
}

/// What the shop's report says that it cannot do, after `spoil`.
#[track_caller]
fn refused(spoil: impl Fn(&Folder)) -> Ran {
    let shop = shop::open();
    spoil(&shop);
    shop.run(&["report", "checkout"]).cannot().acts_nowhere()
}

/// What `quick` makes of a file.
#[track_caller]
fn quick(contents: impl AsRef<[u8]>, words: &[&str]) -> Ran {
    let folder = Folder::new();
    folder.write("users.csv", contents);
    let mut line = vec!["quick", "users.csv"];
    line.extend(words);
    folder.run(&line).acts_nowhere()
}

fn write_parquet(shop: &Folder, file: &str, columns: Vec<Column>) {
    let height = columns.first().map_or(0, Column::len);
    let mut frame = DataFrame::new(height, columns).expect("columns of one height");
    let file = File::create(shop.at(file)).expect("a file of the test's own folder");
    ParquetWriter::new(file)
        .finish(&mut frame)
        .expect("a frame can be written");
}

#[test]
fn a_missing_file_is_named() {
    refused(|shop| std::fs::remove_file(shop.at("tables/events.csv")).expect("it was there"))
        .says("table 'events', file 'tables/events.csv': there is no such file");
    Folder::new()
        .run(&["quick", "users.csv"])
        .cannot()
        .says("there is no file 'users.csv'");
}

#[test]
fn a_missing_column_is_named_with_those_there_are() {
    refused(|shop| {
        shop.replace("tables/assignments.csv", "variant_id", "variantid");
    })
    .says("there is no column 'variant_id'; it has")
    .says("columns = { variant_id = \"variantid\" }");
    quick(shop::users(), &["--metric", "revenues"])
        .cannot()
        .says("did you mean 'revenue'?");
}

#[test]
fn a_column_missing_from_the_last_table_is_found_before_the_first_is_read() {
    // The assignments are damaged too, in a way that only reading them can show.
    refused(|shop| {
        shop.write("tables/assignments.csv.gz", b"\x1f\x8b\x08\x00 damaged")
            .replace("tables/events.csv", "occurred_at", "happened")
            .replace("readout.toml", "assignments.csv", "assignments-two.csv");
        let mut text = shop.read("tables/assignments.csv");
        text.push_str("u1,checkout,1,old,not a time\n");
        shop.write("tables/assignments-two.csv", text);
    })
    .says("table 'events', file 'tables/events.csv': there is no column 'occurred_at'");
}

#[test]
fn a_wrong_type_is_named_with_what_was_wanted() {
    let parquet = |column: Column| {
        move |shop: &Folder| {
            shop.replace("readout.toml", "events.csv", "events.parquet");
            let columns = vec![
                Series::new("unit_id".into(), ["u1", "u2"]).into_column(),
                Series::new("event_name".into(), ["purchase", "purchase"]).into_column(),
                column.clone(),
                Series::new(
                    "occurred_at".into(),
                    ["2026-03-01T01:00:00Z", "2026-03-01T01:00:00Z"],
                )
                .into_column(),
            ];
            write_parquet(shop, "tables/events.parquet", columns);
        }
    };
    let text = Series::new("value".into(), ["ten", "2"]).into_column();
    refused(parquet(text)).says("column 'value' holds text, and a number was asked for");
    let days = Series::new("value".into(), [1_i32, 2]).into_column();
    let days = days.cast(&DataType::Date).expect("days are whole numbers");
    refused(parquet(days)).says("column 'value' holds dates");
}

#[test]
fn foreign_types_beside_what_is_asked_do_no_harm_and_where_asked_are_refused() {
    let list = |name: &str| {
        let of = [
            Series::new("".into(), [1_i64, 2]),
            Series::new("".into(), [3_i64]),
        ];
        Series::new(name.into(), of).into_column()
    };
    let table = |name: &'static str| {
        move |shop: &Folder| {
            shop.replace("readout.toml", "units.csv", "units.parquet");
            let span = Series::new("session".into(), [5_i64, 6]).into_column();
            let span = span
                .cast(&DataType::Duration(TimeUnit::Microseconds))
                .expect("a span is a whole number");
            let binary = Series::new("key".into(), [&b"\xff\x00"[..], &b"a"[..]]).into_column();
            let country = Series::new("country".into(), ["DE", "FR"]).into_column();
            let units = Series::new("unit_id".into(), ["u1", "u2"]).into_column();
            let mut columns = vec![units, span, binary, list("basket"), country];
            columns.retain(|column| column.name() != name);
            if name != "basket" {
                columns.push(list(name));
            }
            write_parquet(shop, "tables/units.parquet", columns);
        }
    };
    read_out(table("basket"));
    let shop = shop::open();
    table("country")(&shop);
    shop.run(&["report", "checkout", "--segment", "country"])
        .cannot()
        .acts_nowhere()
        .says("column 'country' holds");
    let folder = Folder::new();
    let columns = vec![
        Series::new("variant".into(), ["a", "b", "a", "b"]).into_column(),
        Series::new("spent".into(), [1.0, 2.0, 3.0, 5.0]).into_column(),
        Series::new(
            "basket".into(),
            [
                Series::new("".into(), [1_i64]),
                Series::new("".into(), [2_i64]),
                Series::new("".into(), [3_i64]),
                Series::new("".into(), [4_i64]),
            ],
        )
        .into_column(),
    ];
    write_parquet(&folder, "users.parquet", columns);
    folder
        .run(&["quick", "users.parquet"])
        .exits(0)
        .acts_nowhere();
    folder
        .run(&["quick", "users.parquet", "--metric", "basket"])
        .cannot()
        .acts_nowhere();
}

#[test]
fn a_broken_parquet_is_an_error_wherever_it_breaks() {
    let folder = Folder::new();
    folder
        .run(&["simulate", "-o", "world", "--seed", "7"])
        .exits(0);
    let whole = std::fs::read(folder.at("world/tables/units.parquet")).expect("it was written");
    let id = "report --all -C world".split(' ').collect::<Vec<_>>();
    let halves = [
        Vec::new(),
        b"PAR1".to_vec(),
        whole[..whole.len() / 2].to_vec(),
        whole[whole.len() / 2..].to_vec(),
        whole.iter().map(|byte| byte ^ 0x55).collect(),
        b"unit_id,country\nu1,DE\n".to_vec(),
    ];
    for broken in halves {
        folder.write("world/tables/units.parquet", &broken);
        folder
            .run(&id)
            .cannot()
            .acts_nowhere()
            .says("table 'units', file 'tables/units.parquet'");
        let quick = folder.run(&["quick", "world/tables/units.parquet"]);
        quick
            .cannot()
            .acts_nowhere()
            .says("'world/tables/units.parquet': ");
    }
    // A byte in the middle may spoil a page, or a value that nobody asks for; it is never a panic.
    for part in 1..8 {
        let mut spoilt = whole.clone();
        let at = whole.len() * part / 8;
        spoilt[at..at + 4].copy_from_slice(&[0xff; 4]);
        folder.write("world/tables/units.parquet", &spoilt);
        folder.run(&id).acts_nowhere();
        folder
            .run(&["quick", "world/tables/units.parquet"])
            .acts_nowhere();
    }
}

#[test]
fn an_unknown_variant_is_counted_and_fails_the_check_that_asks() {
    let json = read_out(|shop| {
        shop.replace("tables/assignments.csv", ",new,", ",newest,");
    });
    assert_eq!(rejected(&json, "assignments", "unknown-variant"), 1);
    let checks = json["checks"].as_array().into_iter().flatten();
    let check = checks
        .into_iter()
        .find(|check| check["id"] == "variant-vocabulary");
    assert_ne!(
        check.map(|check| &check["status"]),
        Some(&Value::from("pass"))
    );
}

#[test]
fn a_definition_that_is_there_twice_is_an_error() {
    let shop = shop::open();
    shop.write("experiments/again.toml", shop::EXPERIMENT);
    shop.run(&["lint"])
        .exits(1)
        .acts_nowhere()
        .prints("experiments/again.toml");
    let shop = shop::open();
    shop.replace(
        "experiments/checkout.toml",
        "version = 1\n",
        "version = 1\nversion = 2\n",
    );
    shop.run(&["lint"])
        .exits(1)
        .prints("the key 'version' is given a second time");
    shop.run(&["report", "checkout"])
        .cannot()
        .says("experiments/checkout.toml:3:1");
}

#[test]
fn an_empty_table_is_an_answer_without_numbers() {
    for (table, text) in [
        (
            "assignments",
            "unit_id,experiment_id,experiment_version,variant_id,assigned_at\n",
        ),
        (
            "exposures",
            "unit_id,experiment_id,experiment_version,variant_id,exposed_at,exposure_type\n",
        ),
        ("events", "unit_id,event_name,value,occurred_at\n"),
        ("units", "unit_id,country\n"),
    ] {
        let json = read_out(|shop| {
            shop.write(&format!("tables/{table}.csv"), text);
        });
        // Without a segment nobody asks for the units' attributes.
        if table == "units" {
            continue;
        }
        let ledgers = json["ledgers"].as_array().into_iter().flatten();
        let ledger = ledgers.into_iter().find(|ledger| ledger["table"] == table);
        assert_eq!(
            ledger.map(|ledger| &ledger["read"]),
            Some(&Value::from(0)),
            "{table}"
        );
        if table == "assignments" {
            assert!(
                effect(&json)["absolute"]["absent"].is_string(),
                "{}",
                effect(&json)
            );
        }
    }
    for contents in ["", "\n", "user_id,variant,converted\n"] {
        quick(contents, &[]).cannot().says("nothing to read out");
    }
}

#[test]
fn without_an_exposed_unit_there_is_no_exposed_effect_and_the_headline_stands() {
    let json = read_out(|shop| {
        let text = shop::exposures().replace(",checkout,1,", ",checkout,2,");
        shop.write("tables/exposures.csv", text);
    });
    let effects = json["metrics"][0]["effects"]
        .as_array()
        .into_iter()
        .flatten();
    let mut found = 0;
    for effect in effects.filter(|effect| effect["slice"] == "all") {
        found += 1;
        let is_exposed = effect["population"] == "exposed";
        assert_eq!(
            effect["absolute"]["absent"].is_string(),
            is_exposed,
            "{effect}"
        );
    }
    assert_eq!(found, 2);
}

#[test]
fn a_zero_control_mean_leaves_the_difference_and_says_why_there_is_no_lift() {
    let json = read_out(|shop| {
        let text = shop::events();
        // The units of `old` have even numbers.
        let odd = text.lines().filter(|line| {
            let number = line.split(',').next().unwrap_or("").trim_start_matches('u');
            number.parse::<u32>().map_or(true, |number| number % 2 == 1)
        });
        shop.write(
            "tables/events.csv",
            odd.collect::<Vec<_>>().join("\n") + "\n",
        );
    });
    assert_eq!(effect(&json)["relative"]["absent"], "zero-control-mean");
    assert_eq!(effect(&json)["absolute"]["value"]["estimate"], 0.4);
    let text = shop::users()
        .lines()
        .map(|line| {
            if line.contains(",old,") {
                line.replace(",1,10,", ",0,0,")
            } else {
                line.to_owned()
            }
        })
        .collect::<Vec<_>>()
        .join("\n");
    quick(text, &[]).exits(0).prints("control mean is zero");
}

#[test]
fn one_unit_a_variant_has_means_and_no_interval() {
    let json = read_out(|shop| {
        let head: Vec<String> = shop::assignments()
            .lines()
            .take(3)
            .map(str::to_owned)
            .collect();
        shop.write("tables/assignments.csv", head.join("\n") + "\n");
    });
    assert_eq!(effect(&json)["absolute"]["absent"], "too-few-units");
    let words = ["--variant", "variant", "--metric", "spent"];
    quick("variant,spent\na,1\nb,2\n", &words)
        .exits(0)
        .prints("too few units");
}

#[test]
fn all_values_missing_is_said() {
    let json = read_out(|shop| {
        shop.write("tables/events.csv", shop::events().replace(",10,", ",,"));
    });
    // Who bought is still known. What for is not: a sum over nothing is zero for everyone, so nothing can be judged.
    let revenue = &json["metrics"][1];
    assert_eq!(revenue["id"], "revenue");
    assert_eq!(revenue["effects"][0]["relative"]["absent"], "zero-variance");
    let text = shop::users()
        .replace(",0,0,", ",,,")
        .replace(",1,10,", ",,,");
    quick(&text, &[]).cannot().says("no column holds numbers");
    quick(&text, &["--metric", "revenue"])
        .cannot()
        .says("all of its cells are empty");
}

#[test]
fn a_value_that_is_not_finite_is_counted_and_never_summed() {
    for value in ["inf", "-inf", "NaN", "1e999"] {
        let json = read_out(|shop| {
            shop.replace("tables/events.csv", ",10,", &format!(",{value},"));
        });
        let rules = ["not-finite", "bad-number"];
        let found: u64 = rules
            .iter()
            .map(|rule| rejected(&json, "events", rule))
            .sum();
        assert_eq!(found, 1, "{value}");
        let spoilt = shop::users().replacen(",1,10,", &format!(",1,{value},"), 1);
        quick(&spoilt, &["--metric", "revenue"])
            .cannot()
            .says("1 of its 400 values are no finite numbers");
        quick(&spoilt, &[])
            .exits(0)
            .says("no metric = revenue: 1 of its 400 values");
    }
}

#[test]
fn rows_with_too_few_or_too_many_fields_and_bad_bytes_are_counted_by_rule() {
    let json = read_out(|shop| {
        let mut text = shop::events().into_bytes();
        text.extend(b"u1,purchase\nu2,purchase,1,2026-03-01T01:00:00Z,more,more\n");
        text.extend(
            b"u3,pur\xffchase,1,2026-03-01T01:00:00Z\n\xc3(,purchase,1,2026-03-01T01:00:00Z\n",
        );
        shop.write("tables/events.csv", text);
    });
    assert_eq!(rejected(&json, "events", "field-count"), 2);
    assert_eq!(rejected(&json, "events", "bad-encoding"), 2);
    let mut text = shop::users().into_bytes();
    text.extend(b"x1,old\nx2,old,1,2,DE,more\nx3,o\xffld,1,2,DE\n");
    let ran = quick(text, &["--format", "json"]).exits(0);
    let json = ran.json();
    assert_eq!(rejected(&json, "assignments", "field-count"), 2);
    assert_eq!(rejected(&json, "assignments", "bad-encoding"), 1);
}

/// Text that would act on a terminal or in a log if it got there as it is.
const ACTING: &str = "\u{1b}]0;title\u{7}\u{1b}[31mred\u{202e}\u{200b}\u{9b}2J";

#[test]
fn control_characters_in_data_are_visible_wherever_they_are_shown() {
    let json = read_out(|shop| {
        let mut text = shop::assignments();
        let _ = writeln!(text, "u{ACTING},checkout,1,old,2026-03-01T00:00:00Z");
        let _ = writeln!(text, "u1,checkout,1,{ACTING},2026-03-01T00:00:00Z");
        text.push_str("u1,checkout,1,\"\n::error::pwned\",2026-03-01T00:00:00Z\n");
        shop.write("tables/assignments.csv", text)
            .write(
                "tables/units.csv",
                shop::units().replace(",DE", &format!(",D{ACTING}E")),
            )
            .replace("tables/events.csv", ",10,", &format!(",{ACTING},"));
    });
    assert_eq!(rejected(&json, "assignments", "unknown-variant"), 2);
    assert_eq!(rejected(&json, "events", "bad-number"), 1);
    let text = shop::users()
        .replace("converted", &format!("conv{ACTING}"))
        .replace("country", "\"coun\n::error::try\"")
        .replace(",new,", &format!(",new{ACTING},"))
        .replace(",FR", ",\"F\n::set-env name=X::R\"");
    for format in ["table", "markdown", "csv", "json"] {
        quick(
            &text,
            &["--format", format, "--segment", "coun\n::error::try"],
        )
        .exits(0);
    }
    // Errors quote the data too.
    for words in [
        ["--metric", "nothing"],
        ["--control", "nobody"],
        ["--segment", "nowhere"],
    ] {
        quick(&text, &words).cannot();
    }
    // As the commas of labels, columns that could all be the variant.
    quick(text.replace("variant", "one\n::error::thing"), &[]).cannot();
}

#[test]
fn names_of_ten_thousand_characters_are_shortened_and_fill_no_screen() {
    let long = "x".repeat(10_000);
    read_out(|shop| {
        let mut text = shop::assignments();
        let _ = writeln!(text, "{long},checkout,1,old,2026-03-01T00:00:00Z");
        let _ = writeln!(text, "u1,checkout,1,{long},2026-03-01T00:00:00Z");
        let _ = writeln!(text, "u1,{long},1,old,2026-03-01T00:00:00Z");
        shop.write("tables/assignments.csv", text).write(
            "tables/units.csv",
            shop::units().replace(",DE", &format!(",{long}")),
        );
    });
    let text = shop::users()
        .replace("converted", &long)
        .replace(",new,", &format!(",{long},"))
        .replace(",FR", &format!(",{long}"));
    for format in ["table", "markdown"] {
        let ran = quick(&text, &["--format", format, "--segment", "country"]).exits(0);
        assert!(ran.stdout.len() < 30_000, "{} bytes", ran.stdout.len());
        assert!(ran.stderr.len() < 5_000, "{} bytes", ran.stderr.len());
    }
    for words in [
        ["--metric", "nothing"],
        ["--control", "nobody"],
        ["--metric", &long],
    ] {
        let ran = quick(&text, &words);
        assert!(ran.stderr.len() < 5_000, "{} bytes", ran.stderr.len());
    }
}

mod any_bytes {
    //! Whatever bytes a CSV holds, `quick` answers or refuses.

    use proptest::prelude::*;
    use readout::report::{Format, render};
    use readout::workspace::{Asked, Progress, Settings, quick};

    use crate::command::Folder;

    /// Cells of all kinds, and bytes that are none.
    fn bytes() -> impl Strategy<Value = Vec<u8>> {
        let cell = prop_oneof![
            4 => "[ab]",
            4 => "-?[0-9]{1,3}(\\.[0-9])?",
            1 => "true|false|null|NaN|inf|1e400|",
            1 => "\\PC{0,6}",
            1 => Just("\"".to_owned()),
        ];
        let row = proptest::collection::vec(cell, 1..5).prop_map(|cells| cells.join(","));
        let table =
            proptest::collection::vec(row, 0..30).prop_map(|rows| rows.join("\n").into_bytes());
        let headed = (
            "(variant,spent|user_id,variant,x|a,a|variant|,,)",
            table.clone(),
        )
            .prop_map(|(head, rows)| [head.into_bytes(), b"\n".to_vec(), rows].concat());
        prop_oneof![
            4 => headed,
            1 => table,
            1 => proptest::collection::vec(any::<u8>(), 0..300),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn never_panic(bytes in bytes(), names_variant in any::<bool>()) {
            let folder = Folder::new();
            folder.write("any.csv", &bytes);
            let asked = Asked {
                variant: names_variant.then(|| "variant".to_owned()),
                ..Asked::default()
            };
            let settings = Settings { threads: 1, ..Settings::default() };
            let file = folder.at("any.csv");
            let words = vec!["readout".to_owned()];
            match quick(&file, &asked, &settings, words, &Progress::default()) {
                Ok(quick) => {
                    for format in Format::ALL {
                        prop_assert!(render(&quick.readout, *format).is_ok());
                    }
                }
                Err(error) => prop_assert!(!error.to_string().contains('\n')),
            }
        }
    }
}
