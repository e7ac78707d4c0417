//! Reads sizes as people write them.

/// Units of a size, longest first.
const UNITS: &[(&str, f64)] = &[
    ("kib", 1024.0),
    ("mib", 1_048_576.0),
    ("gib", 1_073_741_824.0),
    ("tib", 1_099_511_627_776.0),
    ("kb", 1e3),
    ("mb", 1e6),
    ("gb", 1e9),
    ("tb", 1e12),
    ("k", 1e3),
    ("m", 1e6),
    ("g", 1e9),
    ("t", 1e12),
    ("b", 1.0),
    ("", 1.0),
];

/// Bytes of a size such as `500MB`, `1.5GiB` or `4096`.
pub(super) fn bytes(text: &str) -> Result<u64, String> {
    let refused = || format!("'{text}' is no size; write one such as 500MB or 2GiB");
    let lower = text.trim().to_ascii_lowercase();
    let (number, unit) = UNITS
        .iter()
        .find_map(|(name, unit)| Some((lower.strip_suffix(name)?, unit)))
        .ok_or_else(refused)?;
    let number: f64 = number.trim().parse().map_err(|_| refused())?;
    let size = number * unit;
    if !(1.0..9e15).contains(&size) {
        return Err(refused());
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "checked to be in range; a fraction of a byte is none"
    )]
    Ok(size as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_as_people_write_them() {
        for (text, expected) in [
            ("500MB", 500_000_000),
            ("2 GiB", 2_147_483_648),
            ("1.5k", 1500),
            ("4096", 4096),
            ("7b", 7),
        ] {
            assert_eq!(bytes(text), Ok(expected), "{text}");
        }
        for text in ["", "MB", "-1GB", "0", "many", "1XB", "nan", "inf", "1e400"] {
            assert!(bytes(text).is_err(), "{text}");
        }
    }
}
