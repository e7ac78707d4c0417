//! What missing units could have done to an effect, against exact rational arithmetic, and as laws.

use proptest::prelude::*;
use readout::domain::result::{Absence, MissingUnits};
use readout::stats::{SplitPair, Total, extreme_bounds, missing_units};
use serde::Deserialize;

use super::{TOLERANCE, assert_close, reference};

#[derive(Deserialize)]
struct Reference {
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    id: String,
    epochs: Vec<Epoch>,
    control: Side,
    treatment: Side,
    range: (f64, f64),
    missing_control: u64,
    missing_treatment: u64,
    absolute: (f64, f64),
    relative: Option<(f64, f64)>,
    printed_lower_lift: Option<f64>,
}

#[derive(Deserialize)]
struct Epoch {
    units: (u64, u64),
    weights: (f64, f64),
}

#[derive(Deserialize)]
struct Side {
    units: u64,
    sum: f64,
}

impl Side {
    fn total(&self) -> Total {
        Total {
            units: self.units,
            sum: self.sum,
        }
    }
}

#[test]
fn missing_units_and_bounds_are_those_of_exact_arithmetic() {
    let reference: Reference = reference(include_str!("../../reference/missing_units.json"));
    for case in &reference.cases {
        let epochs: Vec<SplitPair> = case
            .epochs
            .iter()
            .map(|epoch| SplitPair {
                units: epoch.units,
                weights: epoch.weights,
            })
            .collect();
        let missing = missing_units(&epochs).unwrap();
        let expected = MissingUnits {
            control: case.missing_control,
            treatment: case.missing_treatment,
        };
        assert_eq!(missing, expected, "{}", case.id);
        let (control, treatment) = (case.control.total(), case.treatment.total());
        let (absolute, relative) = extreme_bounds(control, treatment, missing, case.range).unwrap();
        assert_close(absolute.lower, case.absolute.0, TOLERANCE, &case.id);
        assert_close(absolute.upper, case.absolute.1, TOLERANCE, &case.id);
        match (relative, case.relative) {
            (Ok(relative), Some(expected)) => {
                assert_close(relative.lower, expected.0, TOLERANCE, &case.id);
                assert_close(relative.upper, expected.1, TOLERANCE, &case.id);
                if let Some(printed) = case.printed_lower_lift {
                    assert!((relative.lower - printed).abs() < 5e-5, "{}", case.id);
                }
            }
            (Err(absence), None) => assert_eq!(absence, Absence::ZeroControlMean, "{}", case.id),
            (ours, theirs) => panic!("{}: {ours:?}, {theirs:?}", case.id),
        }
    }
}

#[test]
fn a_variant_without_weight_has_no_missing_units_to_count() {
    let pair = |units, weights| SplitPair { units, weights };
    for weights in [(0.0, 1.0), (1.0, 0.0), (1.0, -1.0), (f64::NAN, 1.0)] {
        let found = missing_units(&[pair((10, 10), weights)]);
        assert_eq!(found, Err(Absence::NotApplicable), "{weights:?}");
    }
    assert_eq!(
        missing_units(&[pair((0, 0), (1.0, 1.0))]),
        Err(Absence::NoUnits)
    );
}

proptest! {
    /// Whatever values the missing units had, the effect of all of them together lies within the bounds.
    #[test]
    fn no_values_of_the_missing_units_take_the_effect_out_of_its_bounds(
        control in prop::collection::vec(0.0..10.0_f64, 1..40),
        treatment in prop::collection::vec(0.0..10.0_f64, 1..40),
        lost in prop::collection::vec(0.0..=10.0_f64, 0..40),
        from_treatment in any::<bool>(),
    ) {
        let total = |values: &[f64]| Total { units: values.len() as u64, sum: values.iter().sum() };
        let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
        let count = lost.len() as u64;
        let missing = MissingUnits {
            control: if from_treatment { 0 } else { count },
            treatment: if from_treatment { count } else { 0 },
        };
        let (absolute, relative) =
            extreme_bounds(total(&control), total(&treatment), missing, (0.0, 10.0)).unwrap();
        let (mut all_control, mut all_treatment) = (control, treatment);
        if from_treatment {
            all_treatment.extend(lost);
        } else {
            all_control.extend(lost);
        }
        let (m_c, m_t) = (mean(&all_control), mean(&all_treatment));
        let slack = 1e-9;
        prop_assert!(absolute.lower - slack <= m_t - m_c && m_t - m_c <= absolute.upper + slack);
        if let Ok(relative) = relative {
            let lift = m_t / m_c - 1.0;
            let slack = slack * (1.0 + lift.abs());
            prop_assert!(relative.lower - slack <= lift && lift <= relative.upper + slack);
        }
    }

    /// With the missing units added, no fewer would have restored the plan, and none are missing any more.
    #[test]
    fn added_missing_units_restore_the_ratio_and_no_fewer_would(
        units in (0_u64..100_000, 0_u64..100_000),
        weights in (1_u8..20, 1_u8..20),
    ) {
        prop_assume!(units != (0, 0));
        let weights = (f64::from(weights.0), f64::from(weights.1));
        let missing = missing_units(&[SplitPair { units, weights }]).unwrap();
        let restored = (units.0 + missing.control, units.1 + missing.treatment);
        // One of the two had enough, and the other has its share to less than one unit.
        prop_assert!(missing.control == 0 || missing.treatment == 0);
        let off = restored.1 as f64 - restored.0 as f64 * weights.1 / weights.0;
        let tolerance = (weights.1 / weights.0).max(1.0) + 1e-6;
        prop_assert!(off.abs() < tolerance, "{off}");
    }
}
