//! Our tails and quantiles against those of statrs, a second implementation, at the ordinary degrees of freedom where it is
//! sound. The reference numbers in `distributions.json` reach further: statrs' t quantile drifts from df 1e6 on.

use proptest::prelude::*;
use readout::stats::distribution::{beta, chi_square, normal, student_t};
use statrs::distribution::{Beta, ChiSquared, ContinuousCDF, Normal, StudentsT};

fn agree(ours: f64, theirs: f64) -> bool {
    (ours - theirs).abs() <= 1e-9 * ours.abs().max(theirs.abs())
}

proptest! {
    #[test]
    fn the_normal_tail_agrees(z in -8.0..8.0_f64) {
        let theirs = Normal::standard().sf(z);
        prop_assert!(agree(normal::upper_tail(z), theirs), "{} {theirs}", normal::upper_tail(z));
    }

    #[test]
    fn the_t_tail_agrees(t in -20.0..20.0_f64, freedom in 1.0..10_000.0_f64) {
        let theirs = StudentsT::new(0.0, 1.0, freedom).unwrap().sf(t);
        prop_assert!(agree(student_t::upper_tail(t, freedom), theirs), "{} {theirs}", student_t::upper_tail(t, freedom));
    }

    #[test]
    fn the_chi_square_tail_agrees(x in 0.01..200.0_f64, freedom in 1_u32..60) {
        let theirs = ChiSquared::new(f64::from(freedom)).unwrap().sf(x);
        prop_assert!(agree(chi_square::upper_tail(x, f64::from(freedom)), theirs));
    }

    #[test]
    fn the_beta_tail_agrees(x in 0.01..0.99_f64, a in 0.5..200.0_f64, b in 0.5..200.0_f64) {
        let theirs = Beta::new(a, b).unwrap().cdf(x);
        prop_assume!(theirs > 1e-200);
        prop_assert!(agree(beta::lower_tail(x, a, b), theirs), "{} {theirs}", beta::lower_tail(x, a, b));
    }

    #[test]
    fn a_quantile_brings_its_tail_back(p in 1e-12..0.5_f64, freedom in 1.0..1e9_f64) {
        let back = student_t::upper_tail(student_t::upper_quantile(p, freedom), freedom);
        prop_assert!(agree(back, p), "{back} {p}");
        prop_assert!(agree(normal::upper_tail(normal::upper_quantile(p)), p));
    }
}
