use std::collections::BTreeMap;

use proptest::prelude::*;
use serde::Serialize;
use serde_json::json;

use super::{CanonicalError, hash, sha256_hex, to_bytes};

fn text<T: Serialize>(value: &T) -> String {
    String::from_utf8(to_bytes(value).unwrap()).unwrap()
}

#[test]
fn keys_are_sorted_at_every_depth_and_there_is_no_white_space() {
    #[derive(Serialize)]
    struct Inner {
        z: u8,
        a: Option<u8>,
    }
    #[derive(Serialize)]
    struct Outer {
        second: Inner,
        first: Vec<&'static str>,
    }
    let value = Outer {
        second: Inner { z: 1, a: None },
        first: vec!["x", "y"],
    };
    assert_eq!(
        text(&value),
        r#"{"first":["x","y"],"second":{"a":null,"z":1}}"#
    );
}

#[test]
fn whole_numbers_beyond_two_to_the_53_are_strings() {
    assert_eq!(text(&9_007_199_254_740_992_u64), "9007199254740992");
    assert_eq!(text(&9_007_199_254_740_993_u64), r#""9007199254740993""#);
    assert_eq!(text(&i64::MIN), r#""-9223372036854775808""#);
}

#[test]
fn numbers_are_the_shortest_that_read_back() {
    assert_eq!(text(&0.1_f64), "0.1");
    assert_eq!(text(&1.0_f64), "1");
    assert_eq!(text(&-0.0_f64), "0");
    assert_eq!(text(&1e300_f64), "1e300");
    assert_eq!(text(&5e-324_f64), "5e-324");
    assert_eq!(text(&123_456.75_f64), "123456.75");
}

#[test]
fn a_number_that_is_not_finite_is_an_error_and_never_null() {
    for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        assert_eq!(to_bytes(&Some(value)), Err(CanonicalError::NotFinite));
    }
}

#[test]
fn text_has_only_the_escapes_that_json_demands() {
    assert_eq!(
        text(&"a\"\\\n\u{1}\u{7f}é\u{202e}"),
        "\"a\\\"\\\\\\n\\u0001\u{7f}é\u{202e}\""
    );
}

#[test]
fn map_keys_are_text_or_plain() {
    assert_eq!(
        text(&BTreeMap::from([(10, "b"), (9, "a")])),
        r#"{"10":"b","9":"a"}"#
    );
    assert_eq!(
        to_bytes(&BTreeMap::from([(vec![1], 1)])),
        Err(CanonicalError::KeyNotText)
    );
}

/// FIPS 180-2, appendix B.1.
#[test]
fn sha256_of_abc_is_the_published_one() {
    assert_eq!(
        sha256_hex(b"abc"),
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    );
}

#[test]
fn the_hash_is_of_the_canonical_bytes() {
    assert_eq!(
        hash(&json!({"b": 1, "a": 2})).unwrap(),
        sha256_hex(br#"{"a":2,"b":1}"#)
    );
}

proptest! {
    #[test]
    fn every_finite_double_reads_back(bits in any::<u64>()) {
        let value = f64::from_bits(bits);
        prop_assume!(value.is_finite());
        let back: f64 = serde_json::from_str::<serde_json::Value>(&text(&value)).unwrap().as_f64().unwrap();
        prop_assert_eq!(back, value);
    }

    #[test]
    fn every_text_reads_back(value in any::<String>()) {
        prop_assert_eq!(serde_json::from_str::<String>(&text(&value)).unwrap(), value);
    }
}
