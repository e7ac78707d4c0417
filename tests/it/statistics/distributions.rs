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
