//! NIST's certified means and deviations through exact sums: the five sets of measured values.

use readout::domain::evidence::JointSums;
use readout::stats::SampleMean;
use serde::Deserialize;

use super::{assert_close, reference};

#[derive(Deserialize)]
struct Reference {
    sets: Vec<Certified>,
}

#[derive(Deserialize)]
struct Certified {
    name: String,
    n: u64,
    mean: f64,
    sd: f64,
    values: String,
}

impl Certified {
    fn values(&self) -> Vec<f64> {
        if self.name == "PiDigits" {
            let digits = self.values.chars();
            return digits
                .map(|digit| f64::from(digit.to_digit(10).unwrap()))
                .collect();
        }
        self.values
            .split(' ')
            .map(|value| value.parse().unwrap())
            .collect()
    }
}

#[test]
fn certified_means_and_deviations_of_measured_values_are_met_in_every_order() {
    let reference: Reference = reference(include_str!("../../reference/nist_strd.json"));
    assert_eq!(reference.sets.len(), 5);
    for set in reference.sets {
        let values = set.values();
        let (mut forward, mut backward) = (JointSums::new(1), JointSums::new(1));
        for value in &values {
            forward.add(&[*value]);
        }
        for value in values.iter().rev() {
            backward.add(&[*value]);
        }
        assert_eq!(forward, backward, "{}", set.name);
        assert_eq!(forward.units(), set.n);
        let ours = SampleMean::of_quantity(&forward.moments(), 0).unwrap();
        // Certified to 15 digits; decimal values near 2 or 300 are doubles only to 1e-16 of themselves.
        let held = (2.0 * set.mean.abs() * f64::EPSILON / set.sd).max(5e-15);
        assert_close(ours.mean, set.mean, 1e-15, &set.name);
        assert_close(ours.standard_deviation(), set.sd, held, &set.name);
    }
}
