//! Defines how complete the rows of a table are that came late, from those that have come.
//!
//! A row is seen only if it came before as-of, so that young rows tell of short lags only: lags are truncated from the right.

/// Rows of one age and lag, both in numbers of edges reached, so that neighbours share an edge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Arrived {
    /// Edges that the row's age at as-of reaches.
    pub age: u8,
    /// Edges that its lag reaches: no more than its age does.
    pub lag: u8,
    /// Rows.
    pub rows: u64,
}

/// The share of rows that had come by as-of, in (0, 1], of all that will have come at the longest lag that is seen. `None`
/// where there is no row.
///
/// The share of lags up to an edge is the product of 1 − d/R over longer lags: of the R rows that are old enough to show such
/// a lag and have it or a shorter one, d have it (Lynden-Bell 1971; for delays of reports Kalbfleisch and Lawless 1989). The rows of an age
/// that are missing follow from that share, taken half way between the age's two edges.
#[must_use]
pub fn completeness(arrived: &[Arrived]) -> Option<f64> {
    let total: f64 = arrived.iter().map(|one| count(one.rows)).sum();
    if total <= 0.0 {
        return None;
    }
    let edges = arrived.iter().map(|one| usize::from(one.age)).max()? + 1;
    let shares = shares(arrived, edges);
    let mut expected = 0.0;
    for age in 0..edges {
        let of_age = arrived.iter().filter(|one| usize::from(one.age) == age);
        let rows: f64 = of_age.map(|one| count(one.rows)).sum();
        let share = if age == 0 {
            shares[0]
        } else {
            f64::midpoint(shares[age - 1], shares[age])
        };
        // Rows of an age that shows none of the usual lags have come all the same.
        expected += if share > 0.0 { rows / share } else { rows };
    }
    Some((total / expected).min(1.0))
}

/// By edge: the share of lags that reach no further.
fn shares(arrived: &[Arrived], edges: usize) -> Vec<f64> {
    let mut shares = vec![1.0; edges];
    for lag in (1..edges).rev() {
        let shows = |one: &&Arrived| usize::from(one.age) > lag && usize::from(one.lag) <= lag;
        let old_enough = arrived.iter().filter(shows);
        let (mut with, mut at_most) = (0.0, 0.0);
        for one in old_enough {
            at_most += count(one.rows);
            if usize::from(one.lag) == lag {
                with += count(one.rows);
            }
        }
        shares[lag - 1] = if at_most > 0.0 {
            shares[lag] * (1.0 - with / at_most)
        } else {
            shares[lag]
        };
    }
    shares
}

#[expect(clippy::cast_precision_loss, reason = "row counts are far below 2^53")]
const fn count(rows: u64) -> f64 {
    rows as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arrived(rows: &[(u8, u8, u64)]) -> Vec<Arrived> {
        let rows = rows.iter();
        rows.map(|(age, lag, rows)| Arrived {
            age: *age,
            lag: *lag,
            rows: *rows,
        })
        .collect()
    }

    #[test]
    fn rows_that_come_at_once_are_complete() {
        assert_eq!(completeness(&arrived(&[(0, 0, 5), (9, 0, 70)])), Some(1.0));
        assert_eq!(completeness(&[]), None);
    }

    #[test]
    fn what_young_rows_lack_follows_from_old_ones() {
        // Of old rows a fifth come late, with a lag that reaches edge 2. Rows of age 1 cannot show it: 80 stand for 100.
        let found = completeness(&arrived(&[(5, 0, 800), (5, 2, 200), (1, 0, 80)])).unwrap();
        assert!((found - 1_080.0 / 1_100.0).abs() < 1e-12, "{found}");
    }

    #[test]
    fn lags_that_no_age_could_show_are_not_made_up() {
        assert_eq!(completeness(&arrived(&[(1, 0, 10), (2, 0, 10)])), Some(1.0));
    }
}
