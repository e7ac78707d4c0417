//! Families: what every correction keeps, and the level that simultaneous intervals need.

use proptest::prelude::*;
use readout::domain::definition::Correction;
use readout::domain::result::PValue;
use readout::stats::{adjusted_p_values, simultaneous_level};

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

#[test]
fn only_bonferroni_has_simultaneous_intervals() {
    let level = |correction| simultaneous_level(correction, 4, 0.95);
    assert_close(
        level(Correction::Bonferroni).unwrap(),
        0.9875,
        1e-15,
        "four",
    );
    assert_eq!(level(Correction::None), Some(0.95));
    for correction in [
        Correction::Holm,
        Correction::Hochberg,
        Correction::BenjaminiHochberg,
        Correction::BenjaminiYekutieli,
    ] {
        assert_eq!(level(correction), None, "{correction}");
    }
    for impossible in [0.0, 1.0, f64::NAN] {
        assert_eq!(
            simultaneous_level(Correction::Bonferroni, 4, impossible),
            None
        );
    }
    assert_eq!(simultaneous_level(Correction::Bonferroni, 0, 0.95), None);
}
