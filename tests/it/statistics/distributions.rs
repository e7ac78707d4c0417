//! Tails and quantiles against 34-digit arithmetic.

use readout::stats::distribution::{beta, chi_square, normal, student_t};
use serde::Deserialize;

use super::{assert_close, reference};

const TOLERANCE: f64 = 1e-12;

#[derive(Deserialize)]
struct Reference {
    student_t_sf: Vec<StudentTail>,
    student_t_quantile: Vec<StudentQuantile>,
    normal_sf: Vec<NormalTail>,
    normal_quantile: Vec<NormalQuantile>,
    chi_square_sf: Vec<ChiSquareTail>,
    beta_cdf: Vec<BetaTail>,
}

#[derive(Deserialize)]
struct StudentTail {
    df: f64,
    t: f64,
    sf: f64,
}

#[derive(Deserialize)]
struct StudentQuantile {
    df: f64,
    upper_p: f64,
    quantile: f64,
}

#[derive(Deserialize)]
struct NormalTail {
    z: f64,
    sf: f64,
}

#[derive(Deserialize)]
struct NormalQuantile {
    upper_p: f64,
    quantile: f64,
}

#[derive(Deserialize)]
struct ChiSquareTail {
    df: f64,
    x: f64,
    sf: f64,
}

#[derive(Deserialize)]
struct BetaTail {
    a: f64,
    b: f64,
    x: f64,
    cdf: f64,
}

fn distributions() -> Reference {
    reference(include_str!("../../reference/distributions.json"))
}

#[derive(Deserialize)]
struct LogTails {
    student_t: Vec<LogTail>,
    normal: Vec<NormalLogTail>,
    chi_square: Vec<LogTail>,
    beta: Vec<BetaLogTail>,
}

#[derive(Deserialize)]
struct BetaLogTail {
    a: f64,
    b: f64,
    logit: f64,
    ln_tail: f64,
}

#[derive(Deserialize)]
struct LogTail {
    df: f64,
    at: f64,
    ln_tail: f64,
}

#[derive(Deserialize)]
struct NormalLogTail {
    at: f64,
    ln_tail: f64,
}

/// Relative to the tail where it is a double, to its logarithm where it is far below.
#[track_caller]
fn assert_ln(ours: f64, theirs: f64, what: &str) {
    let difference = (ours - theirs).abs();
    assert!(
        difference <= TOLERANCE * theirs.abs().max(1.0),
        "{what}: ours {ours:e}, theirs {theirs:e}"
    );
}

#[test]
fn logarithms_of_tails_agree_far_below_every_double() {
    let tails: LogTails = reference(include_str!("../../reference/log_tails.json"));
    for case in tails.student_t {
        let what = format!("student t, df {} t {}", case.df, case.at);
        assert_ln(
            student_t::ln_two_sided(case.at, case.df),
            case.ln_tail,
            &what,
        );
    }
    for case in tails.normal {
        assert_ln(
            normal::ln_two_sided(case.at),
            case.ln_tail,
            &format!("normal {}", case.at),
        );
    }
    for case in tails.chi_square {
        let what = format!("chi-square, df {} x {}", case.df, case.at);
        assert_ln(
            chi_square::ln_upper_tail(case.at, case.df),
            case.ln_tail,
            &what,
        );
    }
}

#[test]
fn quantiles_invert_tails_also_where_there_is_no_table() {
    for freedom in [1.0, 1.5, 2.5, 29.5, 5841.7, 1e6, f64::INFINITY] {
        for p in [
            1e-300, 1e-30, 1e-5, 0.01, 0.2499, 0.2501, 0.4, 0.499_999, 0.6, 0.99,
        ] {
            let back = student_t::upper_tail(student_t::upper_quantile(p, freedom), freedom);
            assert_close(back, p, TOLERANCE, &format!("df {freedom} p {p}"));
        }
    }
}

#[test]
fn what_lies_outside_a_distribution_is_not_a_number() {
    assert!(student_t::upper_tail(1.0, 0.0).is_nan());
    assert!(student_t::upper_quantile(0.0, 5.0).is_nan());
    assert!(normal::upper_quantile(1.0).is_nan());
    assert!(chi_square::upper_tail(-1.0, 1.0).is_nan());
    assert!(beta::lower_tail(1.5, 1.0, 1.0).is_nan());
    assert_eq!(beta::upper_tail(0.0, 2.0, 3.0), 1.0);
}

#[test]
fn student_t_tails_agree() {
    for case in distributions().student_t_sf {
        let what = format!("df {} t {}", case.df, case.t);
        assert_close(
            student_t::upper_tail(case.t, case.df),
            case.sf,
            TOLERANCE,
            &what,
        );
        let two_sided = student_t::ln_two_sided(-case.t, case.df);
        assert_close(libm::exp(two_sided), 2.0 * case.sf, TOLERANCE, &what);
    }
}

#[test]
fn student_t_quantiles_agree() {
    for case in distributions().student_t_quantile {
        let what = format!("df {} p {}", case.df, case.upper_p);
        let ours = student_t::upper_quantile(case.upper_p, case.df);
        assert_close(ours, case.quantile, TOLERANCE, &what);
    }
}

#[test]
fn normal_tails_and_quantiles_agree() {
    let reference = distributions();
    for case in reference.normal_sf {
        let what = format!("z {}", case.z);
        assert_close(normal::upper_tail(case.z), case.sf, TOLERANCE, &what);
        assert_close(
            libm::exp(normal::ln_upper_tail(case.z)),
            case.sf,
            TOLERANCE,
            &what,
        );
    }
    for case in reference.normal_quantile {
        let what = format!("p {}", case.upper_p);
        assert_close(
            normal::upper_quantile(case.upper_p),
            case.quantile,
            TOLERANCE,
            &what,
        );
    }
}

#[test]
fn chi_square_tails_agree() {
    for case in distributions().chi_square_sf {
        let what = format!("df {} x {}", case.df, case.x);
        assert_close(
            chi_square::upper_tail(case.x, case.df),
            case.sf,
            TOLERANCE,
            &what,
        );
    }
}

#[test]
fn beta_tails_agree() {
    for case in distributions().beta_cdf {
        let what = format!("a {} b {} x {}", case.a, case.b, case.x);
        assert_close(
            beta::lower_tail(case.x, case.a, case.b),
            case.cdf,
            TOLERANCE,
            &what,
        );
    }
}

#[test]
fn logarithms_of_beta_tails_agree_for_small_and_millions_of_counts() {
    let tails: LogTails = reference(include_str!("../../reference/log_tails.json"));
    assert_eq!(tails.beta.len(), 14);
    for case in tails.beta {
        let what = format!("beta {} {} at {}", case.a, case.b, case.logit);
        let ours = beta::ln_lower_tail_at(case.logit, case.a, case.b);
        assert_ln(ours, case.ln_tail, &what);
        let mirrored = beta::ln_upper_tail_at(-case.logit, case.b, case.a);
        assert_eq!(ours, mirrored, "{what}");
    }
    for broken in [f64::NAN, 0.0, -1.0] {
        assert!(beta::ln_lower_tail_at(0.0, broken, 1.0).is_nan());
        assert!(beta::quantile(0.5, 1.0, broken).is_nan());
    }
    assert!(beta::quantile(0.0, 1.0, 1.0).is_nan() && beta::quantile(1.0, 1.0, 1.0).is_nan());
}
