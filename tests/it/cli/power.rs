//! `readout power`.

use crate::command::Folder;

#[test]
fn a_plan_from_a_rate_is_what_textbooks_say() {
    let folder = Folder::new();
    let words = [
        "power",
        "--rate",
        "0.05",
        "--effect",
        "1pp",
        "--per-day",
        "1000",
        "--format",
        "json",
    ];
    let plan = folder.run(&words).exits(0).says_nothing().json();
    // 7.849 × (0.05·0.95 + 0.06·0.94)/0.01² = 8,155 (R: (qnorm(0.975) + qnorm(0.8))^2 * (0.0475 + 0.0564)/0.0001).
    assert_eq!(
        plan["need"]["value"]["units"],
        serde_json::json!([8155, 8155])
    );
    assert_eq!(plan["need"]["value"]["total"], 16_310);
    let days = plan["need"]["value"]["days"].as_f64().expect("days");
    assert!((days - 16.31).abs() < 1e-9);
}

#[test]
fn units_needed_and_the_effect_they_detect_are_each_others_inverse() {
    let folder = Folder::new();
    let run = |more: &[&str]| {
        let mut words = vec![
            "power",
            "--mean",
            "20",
            "--sd",
            "30",
            "--weights",
            "3,1",
            "--format",
            "json",
        ];
        words.extend(more);
        folder.run(&words).exits(0).json()
    };
    for family in ["fixed", "confidence-sequence", "group-sequential"] {
        let need = run(&["--effect", "0.7", "--sequential", family]);
        let total = need["need"]["value"]["total"].to_string();
        let reach = run(&["--units", &total, "--sequential", family]);
        let detected = reach["reaches"][0]["absolute"]["value"]
            .as_f64()
            .expect(family);
        assert!((detected / 0.7 - 1.0).abs() < 1e-3, "{family}: {detected}");
    }
}

#[test]
fn a_column_of_a_file_is_a_baseline() {
    let folder = Folder::new();
    folder.write(
        "users.csv",
        "user,revenue,won\na,1,true\nb,2,false\nc,,false\nd,6,false\n",
    );
    let words = [
        "power",
        "users.csv",
        "--metric",
        "revenue",
        "--units",
        "1000",
        "--format",
        "json",
    ];
    let baseline = folder.run(&words).exits(0).json()["baseline"].clone();
    assert_eq!(baseline["mean"], 3.0);
    assert_eq!(baseline["units"], 3);
    assert!((baseline["standard_deviation"].as_f64().expect("sd") - 7.0_f64.sqrt()).abs() < 1e-12);
    let words = [
        "power",
        "users.csv",
        "--metric",
        "won",
        "--effect",
        "10pp",
        "--format",
        "json",
    ];
    assert_eq!(
        folder.run(&words).exits(0).json()["baseline"]["kind"],
        "proportion"
    );
}

#[test]
fn a_metric_of_an_experiment_is_a_baseline() {
    let sample = crate::command::sample_data();
    let sample = sample.to_string_lossy();
    let folder = Folder::new();
    let of = |metric: &str| {
        let words = [
            "power",
            "-C",
            &sample,
            "-e",
            "checkout-button",
            "--metric",
            metric,
            "--effect",
            "2%",
            "--format",
            "json",
            "-q",
        ];
        folder.run(&words)
    };
    let words = [
        "report",
        "checkout-button",
        "-C",
        &sample,
        "--format",
        "json",
        "-q",
    ];
    let readout = folder.run(&words).exits(0).json();
    let metric = &readout["metrics"][0];
    let plan = of(metric["id"].as_str().expect("an id")).exits(0).json();
    assert_eq!(
        plan["baseline"]["mean"],
        metric["variants"][0]["mean"]["value"]
    );
    of("nothing")
        .cannot()
        .says("metric 'nothing' of experiment 'checkout-button'");
}

#[test]
fn plans_read_well_and_what_cannot_be_planned_is_refused() {
    let folder = Folder::new();
    folder.write("flat.csv", "user,same\na,1\nb,1\n");
    insta::assert_snapshot!(folder.transcript(&[
        "power --rate 0.05 --effect 10% --per-day 3000",
        "power --mean 12.5 --sd 40 --units 20000 --effect 0.5 --weights 50,25,25",
        "power --mean 12.5 --sd 40 --per-day 1000",
        "power --rate 0.05 --effect 10% --sequential group-sequential --spending pocock",
        "power",
        "power --rate 0.05",
        "power --rate 5 --effect 1%",
        "power --mean 12.5 --effect 1%",
        "power --rate 0.5 --effect 60pp",
        "power --mean 0 --sd 1 --effect 2%",
        "power --rate 0.05 --effect some",
        "power --rate 0.05 --effect 1% --looks 0.5,1",
        "power --rate 0.05 --sequential mixture-sprt --units 1000",
        "power --rate 0.05 --effect 1% --weights 1",
        "power flat.csv --metric same --effect 1",
        "power flat.csv --metric user --effect 1",
        "power flat.csv --metric nothing --effect 1",
        "power nothing.csv --metric same --effect 1",
    ]));
}
