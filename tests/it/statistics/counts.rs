//! Sample ratios and corrections of p-values on real data.

use readout::domain::definition::Correction;
use readout::domain::result::PValue;
use readout::stats::{EpochCounts, adjusted_p_values, sample_ratio};
use serde::Deserialize;

use super::{TOLERANCE, assert_close, assert_p, log10_of_literal, reference};

#[derive(Deserialize)]
struct SampleRatios {
    cases: Vec<SampleRatioCase>,
}

#[derive(Deserialize)]
struct SampleRatioCase {
    id: String,
    units: Vec<u64>,
    weights: Vec<f64>,
    chi2: f64,
    df: usize,
    p: String,
}

#[derive(Deserialize)]
struct Families {
    cases: Vec<Family>,
}

#[derive(Deserialize)]
struct Family {
    id: String,
    raw: Vec<String>,
    bonferroni: Vec<String>,
    holm: Vec<String>,
    hochberg: Vec<String>,
    benjamini_hochberg: Vec<String>,
    benjamini_yekutieli: Vec<String>,
}

#[test]
fn sample_ratios_agree() {
    let reference: SampleRatios =
        reference(include_str!("../../reference/real_sample_ratios.json"));
    assert_eq!(reference.cases.len(), 17);
    for case in reference.cases {
        let epoch = EpochCounts {
            units: &case.units,
            weights: &case.weights,
        };
        let ours = sample_ratio(&[epoch]).unwrap();
        assert_close(ours.statistic.unwrap(), case.chi2, TOLERANCE, &case.id);
        assert_eq!(ours.freedom, case.df);
        if case.p == "0.0" {
            assert!(ours.p_value.log10_p < -308.0, "{}", case.id);
        } else {
            assert_p(ours.p_value, &case.p, &case.id);
        }
    }
}

fn p_value(literal: &str) -> PValue {
    PValue {
        p: literal.parse().unwrap(),
        log10_p: log10_of_literal(literal),
    }
}

#[test]
fn corrections_agree_where_the_raw_p_is_a_double() {
    let reference: Families = reference(include_str!("../../reference/real_multiplicity.json"));
    assert_eq!(reference.cases.len(), 3);
    for family in reference.cases {
        let raw: Vec<PValue> = family.raw.iter().map(|p| p_value(p)).collect();
        for (correction, theirs) in [
            (Correction::Bonferroni, &family.bonferroni),
            (Correction::Holm, &family.holm),
            (Correction::Hochberg, &family.hochberg),
            (Correction::BenjaminiHochberg, &family.benjamini_hochberg),
            (Correction::BenjaminiYekutieli, &family.benjamini_yekutieli),
        ] {
            for (ours, theirs) in adjusted_p_values(correction, &raw).iter().zip(theirs) {
                assert_p(*ours, theirs, &format!("{} {correction}", family.id));
            }
        }
    }
}
