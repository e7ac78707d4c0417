//! How numbers read, fact by fact.

use proptest::prelude::*;

use super::*;

const fn p(p: f64, log10_p: f64) -> PValue {
    PValue { p, log10_p }
}

fn lift(estimate: f64, lower: f64, upper: f64) -> Estimate {
    Estimate {
        estimate,
        standard_error: None,
        degrees_of_freedom: None,
        interval: Interval::Between { lower, upper },
        p_value: p(0.25, -0.602_06),
    }
}

/// The number a text stands for.
fn read(text: &str) -> f64 {
    text.trim_end_matches(" %")
        .trim_end_matches(" pp")
        .replace(',', "")
        .replace('\u{2212}', "-")
        .parse()
        .unwrap()
}

#[test]
fn counts_separate_thousands() {
    assert_eq!(count(0), "0");
    assert_eq!(count(999), "999");
    assert_eq!(count(90_189), "90,189");
    assert_eq!(count(1_000_000), "1,000,000");
}

#[test]
fn values_have_four_significant_digits_and_whole_numbers_all_of_theirs() {
    assert_eq!(value(0.448_187_5), "0.4482");
    assert_eq!(value(12.345_6), "12.35");
    assert_eq!(value(9.999_96), "10.00");
    assert_eq!(value(1234.4), "1,234");
    assert_eq!(value(1_234_567.0), "1,234,567");
    assert_eq!(value(0.000_123_456), "0.0001235");
    assert_eq!(value(-12.345), "\u{2212}12.35");
}

#[test]
fn zero_has_no_sign() {
    for text in [value(-0.0), signed(-0.0), signed(0.0)] {
        assert_eq!(text, "0");
    }
    assert_eq!(signed_percent(-0.0), "0.00 %");
}

#[test]
fn exponents_appear_only_beyond_ordinary_magnitudes() {
    assert_eq!(value(4.482e-9), "4.482e-9");
    assert_eq!(value(0.000_001), "0.000001000");
    assert_eq!(value(1e300), "1.000e300");
}

#[test]
fn percentages_have_two_digits_unless_that_would_hide_them() {
    assert_eq!(percent(0.448_2), "44.82 %");
    assert_eq!(signed_percent(0.021), "+2.10 %");
    assert_eq!(signed_percent(-0.003), "\u{2212}0.30 %");
    assert_eq!(signed_percent(0.000_013), "+0.0013 %");
    assert_eq!(signed_percent(12.5), "+1,250 %");
}

#[test]
fn what_people_wrote_comes_back_as_they_wrote_it() {
    assert_eq!(plain(12.0), "12");
    assert_eq!(plain(0.5), "0.5");
    assert_eq!(plain(1500.0), "1,500");
    assert_eq!(plain_percent(0.999), "99.9 %");
    assert_eq!(plain_percent(0.95), "95 %");
    assert_eq!(
        magnitude(MetricKind::Proportion, Magnitude::Absolute(0.005)),
        "0.5 pp"
    );
    assert_eq!(
        magnitude(MetricKind::Mean, Magnitude::Relative(0.01)),
        "1 %"
    );
}

#[test]
fn p_values_read_at_every_size() {
    assert_eq!(p_value(&p(0.074_3, -1.129)), "0.074");
    assert_eq!(p_value(&p(0.002_1, -2.677_8)), "0.0021");
    assert_eq!(p_value(&p(0.74, -0.130_8)), "0.74");
    assert_eq!(p_value(&p(3.1e-12, -11.508_638)), "3.1e-12");
    assert_eq!(p_value(&p(1.0, 0.0)), "1");
    assert_eq!(p_value(&p(0.999, -0.000_43)), "> 0.99");
}

#[test]
fn a_p_value_below_every_double_is_still_a_number() {
    assert_eq!(p_value(&p(0.0, -350.5)), "3.2e-351");
    assert_eq!(p_value(&p(0.0, -400.000_1)), "1.0e-400");
    assert_eq!(probability(0.0), "< 1e-300");
}

#[test]
fn rounding_never_moves_a_p_value_across_a_level() {
    assert_eq!(probability(0.049_9), "0.0499");
    assert_eq!(probability(0.050_04), "0.05004");
    assert_eq!(probability(0.000_999), "0.000999");
    assert_eq!(probability(0.05), "0.050");
}

#[test]
fn intervals_share_the_digits_of_their_estimate() {
    let effect = lift(0.021, -0.003, 0.045_1);
    assert_eq!(estimate(&effect, Scale::Percent), "+2.10 %");
    assert_eq!(
        interval(&effect, Scale::Percent),
        "[\u{2212}0.30 %, +4.51 %]"
    );
    let narrow = lift(100.123, 100.101, 100.145);
    assert_eq!(interval(&narrow, Scale::Number), "[+100.101, +100.145]");
}

#[test]
fn a_bound_just_above_zero_does_not_read_as_zero() {
    let effect = lift(6.2, 0.000_41, 12.4);
    assert_eq!(interval(&effect, Scale::Number), "[+0.00041, +12.4]");
}

#[test]
fn odd_fieller_shapes_say_what_they_are() {
    let mut effect = lift(0.1, 0.0, 0.0);
    effect.interval = Interval::Outside {
        below: -0.031,
        above: 0.092,
    };
    assert_eq!(
        interval(&effect, Scale::Percent),
        "≤ \u{2212}3.10 % or ≥ +9.20 %"
    );
    effect.interval = Interval::WholeLine;
    assert_eq!(interval(&effect, Scale::Percent), UNBOUNDED);
}

#[test]
fn an_absent_number_is_its_reason() {
    let nothing: Known<Estimate> = Known::Absent(Absence::ZeroControlMean);
    assert_eq!(
        estimate_and_interval(&nothing, Scale::Percent),
        "(control mean is zero)"
    );
}

proptest! {
    #[test]
    fn the_sign_survives_and_nothing_reads_as_minus_zero_or_nan(bits: u64) {
        let number = f64::from_bits(bits);
        for text in [value(number), signed(number), signed_percent(number), percent(number), plain(number)] {
            prop_assert!(!text.contains("NaN") && !text.contains("inf") && !text.contains('-') || text.contains("e-"));
            if number.is_finite() && (number * 100.0).is_finite() && number * 100.0 != 0.0 {
                let back = read(&text);
                prop_assert_eq!(back.signum(), number.signum(), "{} of {}", text, number);
                prop_assert!(back != 0.0);
            }
        }
    }

    #[test]
    fn four_digits_are_within_half_a_unit_of_the_last(number in -1e9_f64..1e9) {
        let back = read(&value(number));
        prop_assert!((back - number).abs() <= number.abs() * 5.1e-4 + 1e-300);
    }

    #[test]
    fn bounds_keep_their_sign_whatever_their_company(low in -1e6_f64..1e6, high in -1e6_f64..1e6, middle in 0.0_f64..1.0) {
        let (lower, upper) = if low <= high { (low, high) } else { (high, low) };
        let effect = lift(lower + (upper - lower) * middle, lower, upper);
        for scale in [Scale::Number, Scale::Percent, Scale::Points] {
            let text = interval(&effect, scale);
            let inner = text.trim_start_matches('[').trim_end_matches(']');
            let (left, right) = inner.split_once(", ").unwrap();
            prop_assert_eq!(read(left) > 0.0, lower > 0.0);
            prop_assert_eq!(read(right) < 0.0, upper < 0.0);
        }
    }

    #[test]
    fn p_values_keep_their_side_of_every_level(p in 1e-9_f64..1.0) {
        let text = probability(p);
        if let Ok(shown) = text.parse::<f64>() {
            for level in LEVELS {
                prop_assert_eq!(shown < level, p < level, "{} of {}", text, p);
            }
        }
    }
}
