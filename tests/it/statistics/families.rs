//! Families: what every correction keeps, and intervals that hold for all of a family together.

use proptest::prelude::*;
use readout::domain::definition::{Conventions, Correction, SequentialFamily};
use readout::domain::result::{Absence, Estimate, Interval, PValue};
use readout::stats::{Comparison, SampleMean, adjusted_p_values, difference, simultaneous};

use super::assert_close;

fn of(log10_p: f64) -> PValue {
    PValue {
        p: 10_f64.powf(log10_p),
        log10_p,
    }
}

proptest! {
    #[test]
    fn corrections_are_ordered_as_their_guarantees_are(family in prop::collection::vec(-400.0..0.0_f64, 1..30)) {
        let raw: Vec<PValue> = family.iter().map(|log10| of(*log10)).collect();
        let by = |correction| adjusted_p_values(correction, &raw);
        let (bonferroni, holm, hochberg) = (by(Correction::Bonferroni), by(Correction::Holm), by(Correction::Hochberg));
        let (bh, by_any) = (by(Correction::BenjaminiHochberg), by(Correction::BenjaminiYekutieli));
        for index in 0..raw.len() {
            let order = [raw[index], bh[index], hochberg[index], holm[index], bonferroni[index]];
            for pair in order.windows(2) {
                prop_assert!(pair[0].log10_p <= pair[1].log10_p + 1e-12, "{order:?}");
            }
            prop_assert!(bh[index].log10_p <= by_any[index].log10_p);
            prop_assert!(by_any[index].p <= 1.0 && by_any[index].log10_p <= 0.0);
        }
    }

    #[test]
    fn corrections_keep_the_order_of_the_raw_values(family in prop::collection::vec(-20.0..0.0_f64, 2..20)) {
        let raw: Vec<PValue> = family.iter().map(|log10| of(*log10)).collect();
        for correction in Correction::ALL {
            let ours = adjusted_p_values(*correction, &raw);
            for (left, of_left) in raw.iter().zip(&ours) {
                for (right, of_right) in raw.iter().zip(&ours) {
                    prop_assert!(left.log10_p > right.log10_p || of_left.log10_p <= of_right.log10_p);
                }
            }
        }
    }
}

#[test]
fn a_family_of_one_is_left_as_it_is_and_of_none_is_none() {
    for correction in Correction::ALL {
        assert_eq!(adjusted_p_values(*correction, &[of(-3.0)]), [of(-3.0)]);
        assert_eq!(adjusted_p_values(*correction, &[]), []);
    }
}

/// A difference of 1 with standard error 0.5 and 10 degrees of freedom, its interval at 95 %.
fn difference_of_ten() -> Estimate {
    let side = |mean| SampleMean {
        units: 6,
        mean,
        variance: 0.125,
        freedom: 5.0,
    };
    let both = Comparison::new(&side(2.0), &side(3.0), &Conventions::default()).unwrap();
    difference(&both).unwrap()
}

fn corrected_by(correction: Correction) -> Conventions {
    Conventions {
        correction,
        ..Conventions::default()
    }
}

#[test]
fn bonferronis_intervals_are_wider_at_the_level_over_the_family() {
    // SciPy 1.17.1: t.isf(0.025 / 4, 10), and 2·t.sf(2, 10) times four.
    let conventions = corrected_by(Correction::Bonferroni);
    let together = simultaneous(&difference_of_ten(), 4, &conventions).unwrap();
    let reach = 3.038_243_334_128_307 * 0.5;
    assert_close(
        together.interval.lower().unwrap(),
        1.0 - reach,
        1e-12,
        "lower",
    );
    assert_close(
        together.interval.upper().unwrap(),
        1.0 + reach,
        1e-12,
        "upper",
    );
    assert_close(
        together.p_value.p,
        4.0 * 0.073_388_034_770_740_37,
        1e-12,
        "p",
    );
}

#[test]
fn only_bonferroni_has_simultaneous_intervals_and_only_around_a_standard_error() {
    let of = |estimate: &Estimate, correction| simultaneous(estimate, 4, &corrected_by(correction));
    let refused = Err(Absence::NotApplicable);
    let estimate = difference_of_ten();
    assert!(of(&estimate, Correction::Bonferroni).is_ok());
    for correction in Correction::ALL {
        if *correction != Correction::Bonferroni {
            assert_eq!(of(&estimate, *correction), refused, "{correction}");
        }
    }
    let by_counts = Estimate {
        interval: Interval::Between {
            lower: -0.2,
            upper: 2.1,
        },
        ..estimate
    };
    assert_eq!(of(&by_counts, Correction::Bonferroni), refused);
    let watched = Conventions {
        sequential: SequentialFamily::ConfidenceSequence,
        ..corrected_by(Correction::Bonferroni)
    };
    assert_eq!(simultaneous(&estimate, 4, &watched), refused);
}
