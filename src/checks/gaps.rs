//! The check of days without rows (18): of an event table, or of one variant's part of it.

use super::events::{NO_EVENTS, OfTable, over_tables};
use super::finding::Finding;
use super::{Context, wording};
use crate::domain::definition::MICROSECONDS_PER_DAY;
use crate::domain::evidence::{ByVariant, DayCounts, OutcomeCounts};
use crate::domain::result::{Check, CheckId, CheckStatus};

/// Days past which no gap is looked for.
const LONGEST: usize = 2_000;
/// At most this many days are named.
const NAMED_DAYS: usize = 3;
/// Fewer rows than this on the days around one without any are no gap.
const EXPECTED: f64 = 30.0;
/// Fewer rows than this expected on a day, and no day is unusual.
const USUAL: f64 = 100.0;
/// A day with so many times fewer or more rows than the same weekday before and after is unusual.
const FOLD: f64 = 2.0;
/// A variant with less than this share of the rows of the days around, where the others have theirs, has a gap.
const GAP: f64 = 0.1;

/// 18: days on which a table, or one variant's part of it, has no rows, and days with far fewer or more than usual.
pub(super) fn gaps(context: &Context<'_>) -> Check {
    let id = CheckId::Gaps;
    if context.summary.outcomes.is_empty() {
        return Finding::not_run(NO_EVENTS).into_check(context, id);
    }
    let judge = |outcome: &OutcomeCounts| {
        if outcome.by_day.is_empty() {
            return without_rows(context, outcome);
        }
        let days = Days::of(outcome, needed_until(context, &outcome.table))?;
        let faults = days.faults(context);
        let failing = faults.iter().filter(|fault| fault.fails).count() as u64;
        let status = match (failing, faults.len()) {
            (1.., _) => CheckStatus::Fail,
            (_, 1..) => CheckStatus::Warn,
            _ => CheckStatus::Pass,
        };
        let mut named: Vec<String> = faults
            .iter()
            .filter(|fault| fault.fails || failing == 0)
            .map(|fault| fault.what.clone())
            .collect();
        let more = named.len().saturating_sub(NAMED_DAYS);
        named.truncate(NAMED_DAYS);
        if more > 0 {
            named.push(format!("{more} more"));
        }
        Some(OfTable {
            status,
            sentence: wording::list(&named),
            observed: Some(as_double(faults.len() as u64)),
            evaluated: days.rows.len() as u64,
            failing,
        })
    };
    let found = over_tables(
        context,
        judge,
        "every day has about the rows that the days around it have",
        "days without rows, or unusual",
    );
    let mut finding = found.unwrap_or_else(|| {
        Finding::not_run("because the experiment has too few days of events to compare")
    });
    finding.thresholds = (
        Some("half or twice the rows of the same weekday before and after".to_owned()),
        Some("a day without rows, in all or in one variant".to_owned()),
    );
    finding.into_check(context, id)
}

/// A table in which nothing is asked for: empty, it cannot be what was meant; else no unit did what metrics ask for.
fn without_rows(context: &Context<'_>, outcome: &OutcomeCounts) -> Option<OfTable> {
    let mut ledgers = context.summary.ledgers.iter();
    let read = ledgers.find(|ledger| ledger.table == outcome.table)?.read;
    let (status, sentence) = if read == 0 {
        (CheckStatus::Fail, "it holds no row at all".to_owned())
    } else {
        let rows = wording::counted(read, "row");
        let sentence =
            format!("of {rows}, none that a metric asks for is of a unit of the experiment");
        (CheckStatus::Warn, sentence)
    };
    Some(OfTable {
        status,
        sentence,
        observed: None,
        evaluated: 0,
        failing: u64::from(read == 0),
    })
}

/// The day until which the metrics that read a table need its rows: the last window's end, or the day before as-of.
fn needed_until(context: &Context<'_>, table: &str) -> Option<jiff::civil::Date> {
    let as_of = context.summary.as_of.instant?;
    let (_, last) = context.summary.enrolment?;
    let reading = context.metrics.iter().map(|planned| planned.definition);
    let windows = reading
        .filter(|metric| metric.value.table == table)
        .filter_map(|metric| metric.window.as_ref());
    let longest = windows.map(|window| window.end.0).max()?;
    // A day off, so that no zone makes a day that is not over one that should be there.
    let end = last.0.saturating_add(longest).min(as_of.0) - MICROSECONDS_PER_DAY;
    let instant = jiff::Timestamp::from_microsecond(end).ok()?;
    Some(instant.to_zoned(jiff::tz::TimeZone::UTC).date())
}

/// One unusual day.
struct Fault {
    what: String,
    fails: bool,
}

/// Rows by day, without holes: days that nothing is known of have none.
struct Days {
    names: Vec<String>,
    rows: Vec<ByVariant>,
}

impl Days {
    /// The days from the first with a row to the last but one, or as far as rows are needed. `None` for fewer than three.
    fn of(outcome: &OutcomeCounts, needed: Option<jiff::civil::Date>) -> Option<Self> {
        let parsed: Vec<(jiff::civil::Date, &DayCounts)> = outcome
            .by_day
            .iter()
            .filter_map(|day| Some((day.day.parse().ok()?, day)))
            .collect();
        let (first, last) = (parsed.first()?.0, parsed.last()?.0);
        let width = parsed.first()?.1.units.len();
        let (mut names, mut rows) = (Vec::new(), Vec::new());
        let mut known = parsed.iter().peekable();
        // The last day may not be over, and its rows may not have come.
        let end = needed.map_or(last, |needed| needed.max(last));
        for date in first.series(jiff::Span::new().days(1)) {
            if date >= end || rows.len() > LONGEST {
                break;
            }
            names.push(date.to_string());
            let found = known.next_if(|(day, _)| *day == date);
            rows.push(found.map_or_else(|| vec![0; width], |(_, day)| day.units.clone()));
        }
        (rows.len() >= 3).then_some(Self { names, rows })
    }

    fn total(&self, day: usize) -> f64 {
        as_double(self.rows[day].iter().sum())
    }

    /// What a day should have, by `rows` of others: the mean of the same weekdays before and after; else, without any, the
    /// smaller of both neighbours, so that a weekend is no gap.
    fn expected(&self, day: usize, rows: impl Fn(usize) -> f64) -> Option<f64> {
        let at = |other: Option<usize>| other.filter(|it| *it < self.rows.len()).map(&rows);
        let weekdays: Vec<f64> = [day.checked_sub(7), Some(day + 7)]
            .into_iter()
            .filter_map(at)
            .collect();
        if weekdays.is_empty() {
            let before = at(day.checked_sub(1))?;
            return Some(at(Some(day + 1)).map_or(before, |after| after.min(before)));
        }
        Some(weekdays.iter().sum::<f64>() / as_double(weekdays.len() as u64))
    }

    fn faults(&self, context: &Context<'_>) -> Vec<Fault> {
        (0..self.rows.len())
            .filter_map(|day| self.fault(context, day))
            .collect()
    }

    fn fault(&self, context: &Context<'_>, day: usize) -> Option<Fault> {
        let name = &self.names[day];
        let total = self.total(day);
        let expected = self.expected(day, |other| self.total(other))?;
        if total == 0.0 && expected >= EXPECTED {
            return Some(Fault {
                what: format!("no rows on {name}, where {expected:.0} are usual"),
                fails: true,
            });
        }
        if let Some(variant) = self.variant_gap(day) {
            let label = wording::label(context.variant(variant));
            return Some(Fault {
                what: format!("{label} has a gap on {name} that the other variants have not"),
                fails: true,
            });
        }
        let has_both = day >= 7 && day + 7 < self.rows.len();
        // Enrolment that begins or ends moves whole weeks: its days are as their neighbours are.
        let is_off = |usual: f64| total * FOLD < usual || total > usual * FOLD;
        let unusual = || {
            let beside = f64::midpoint(self.total(day - 1), self.total(day + 1));
            is_off(expected) && is_off(beside)
        };
        (has_both && expected >= USUAL && unusual()).then(|| Fault {
            what: format!("{total:.0} rows on {name}, where {expected:.0} are usual"),
            fails: false,
        })
    }

    /// The variant that nearly lacks a day which the days around it and the other variants have.
    fn variant_gap(&self, day: usize) -> Option<usize> {
        let (before, after) = (day.checked_sub(1)?, day + 1);
        if after >= self.rows.len() {
            return None;
        }
        let of = |day: usize, variant: usize| as_double(self.rows[day][variant]);
        let around = |variant| of(before, variant).min(of(after, variant));
        let is_low = |variant: usize, part: f64| of(day, variant) < part * around(variant);
        (0..self.rows[day].len()).find(|variant| {
            let others = (0..self.rows[day].len()).filter(|other| other != variant);
            let mut with_rows = others.filter(|other| around(*other) >= EXPECTED).peekable();
            around(*variant) >= USUAL
                && is_low(*variant, GAP)
                && with_rows.peek().is_some()
                && with_rows.all(|other| !is_low(other, 1.0 / FOLD))
        })
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "row and day counts are far below 2^53"
)]
const fn as_double(count: u64) -> f64 {
    count as f64
}
