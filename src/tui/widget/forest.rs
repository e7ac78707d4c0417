//! Defines the forest row: an estimate with its interval on an axis that a whole screen shares.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::domain::result::{Estimate, Interval};
use crate::report::number;
use crate::tui::app::Look;
use crate::tui::glyph::Glyphs;
use crate::tui::theme::Role;

/// An axis from −`limit` to +`limit`, zero in its middle.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Axis {
    pub(crate) limit: f64,
}

/// One interval to draw.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Mark {
    pub(crate) estimate: Estimate,
    /// Where a guardrail's margin is.
    pub(crate) margin: Option<f64>,
    /// How the point looks.
    pub(crate) point: Role,
    /// Whether the whole row stands back.
    pub(crate) muted: bool,
}

impl Axis {
    /// An axis that suits some estimates: every one in sight where they are of a size, while a few that are far wider than
    /// the rest run off it and are drawn with an arrow.
    pub(crate) fn over<'a>(
        estimates: impl Iterator<Item = &'a Estimate>,
        margins: impl Iterator<Item = f64>,
    ) -> Self {
        let mut reach: Vec<f64> = estimates
            .map(|estimate| match estimate.interval {
                Interval::Between { lower, upper } => lower.abs().max(upper.abs()),
                Interval::Outside { .. } | Interval::WholeLine => estimate.estimate.abs(),
            })
            .chain(margins.map(|margin| margin.abs() * 1.2))
            .filter(|reach| reach.is_finite() && *reach > 0.0)
            .collect();
        reach.sort_by(f64::total_cmp);
        let Some(widest) = reach.last().copied() else {
            return Self { limit: 0.1 };
        };
        let middle = reach.get(reach.len() / 2).copied().unwrap_or(widest);
        Self {
            limit: round_up(widest.min(middle * 6.0)),
        }
    }

    /// The cell of a value on an axis of `width` cells; `None` beyond it, with the side in `Err`.
    fn cell(self, value: f64, width: usize) -> Result<usize, Side> {
        if value < -self.limit {
            return Err(Side::Left);
        }
        if value > self.limit {
            return Err(Side::Right);
        }
        let last = width.saturating_sub(1);
        #[expect(
            clippy::cast_precision_loss,
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "the share is in [0, 1] and a terminal is narrower than 2^16"
        )]
        let cell = ((value + self.limit) / (2.0 * self.limit) * last as f64).round() as usize;
        Ok(cell.min(last))
    }

    /// The axis's labels over a strip of `width` cells: both ends and zero, or what of it fits.
    pub(crate) fn labels(self, width: usize) -> String {
        let (left, right) = (
            short(number::signed_percent(-self.limit)),
            short(number::signed_percent(self.limit)),
        );
        let (left_width, right_width) = (left.chars().count(), right.chars().count());
        let Ok(zero) = self.cell(0.0, width) else {
            return String::new();
        };
        if left_width + 1 > zero || zero + 1 + right_width >= width {
            return format!("{:>at$}", "0", at = zero + 1);
        }
        format!(
            "{left}{:>before$}{right:>after$}",
            "0",
            before = zero + 1 - left_width,
            after = width - zero - 1
        )
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Left,
    Right,
}

/// A percentage without its needless decimals: `+5.00 %` is `+5 %`.
fn short(percentage: String) -> String {
    match percentage.split_once('.') {
        Some((whole, rest)) => {
            let decimals: String = rest.chars().take_while(char::is_ascii_digit).collect();
            let kept = decimals.trim_end_matches('0');
            if kept.is_empty() {
                format!("{whole} %")
            } else {
                format!("{whole}.{kept} %")
            }
        }
        None => percentage,
    }
}

/// The next of 1, 2, 5, 10 … at or above.
fn round_up(value: f64) -> f64 {
    let power = 10_f64.powf(value.log10().floor());
    for step in [1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0] {
        if value <= step * power * (1.0 + 1e-12) {
            return step * power;
        }
    }
    10.0 * power
}

/// The strip of one mark: a character and its role a cell.
pub(crate) fn strip(
    mark: Option<&Mark>,
    axis: Axis,
    width: usize,
    glyphs: &Glyphs,
) -> Vec<(char, Role)> {
    let mut strip = Strip {
        cells: vec![(' ', Role::Text); width],
        axis,
        glyphs,
    };
    strip.put(axis.cell(0.0, width), glyphs.zero, Role::Zero);
    if let Some(mark) = mark {
        strip.draw(mark);
    }
    strip.cells
}

struct Strip<'a> {
    cells: Vec<(char, Role)>,
    axis: Axis,
    glyphs: &'a Glyphs,
}

impl Strip<'_> {
    fn put(&mut self, at: Result<usize, Side>, glyph: char, role: Role) {
        if let Ok(at) = at
            && let Some(cell) = self.cells.get_mut(at)
        {
            *cell = (glyph, role);
        }
    }

    /// The interval first, the margin over it, the point over both.
    fn draw(&mut self, mark: &Mark) {
        let role = |role: Role| if mark.muted { Role::Muted } else { role };
        let estimate = mark.estimate.estimate;
        let mut point = self.axis.cell(estimate, self.cells.len());
        let (least, most) = (f64::NEG_INFINITY, f64::INFINITY);
        let parts = match mark.estimate.interval {
            Interval::Between { lower, upper } => vec![(lower, upper)],
            Interval::Outside { below, above } => vec![(least, below), (above, most)],
            Interval::WholeLine => vec![(least, most)],
        };
        for (lower, upper) in parts {
            let drawn = self.line(lower, upper, role(Role::Interval));
            if let Some((first, last)) = drawn
                && lower <= estimate
                && estimate <= upper
            {
                point = point.map(|cell| cell.clamp(first, last));
            }
        }
        if let Some(margin) = mark.margin {
            let at = self.axis.cell(margin, self.cells.len());
            self.put(at, self.glyphs.margin, role(Role::Margin));
        }
        self.put(point, self.glyphs.point, role(mark.point));
    }

    /// Draws one connected part of an interval; returns its first and last cell, where any of it is on the axis.
    fn line(&mut self, lower: f64, upper: f64, role: Role) -> Option<(usize, usize)> {
        let width = self.cells.len();
        let end = width.checked_sub(1)?;
        let cell = |value: f64| self.axis.cell(value, width);
        let (from, to, zero) = (cell(lower), cell(upper), cell(0.0));
        if from == Err(Side::Right) {
            self.put(Ok(end), self.glyphs.off_right, role);
            return None;
        }
        if to == Err(Side::Left) {
            self.put(Ok(0), self.glyphs.off_left, role);
            return None;
        }
        let mut first = from.unwrap_or(0);
        let mut last = to.unwrap_or(end);
        // An interval without zero must not seem to touch it because a cell is coarse.
        if lower > 0.0 && Ok(first) == zero && first < end {
            first += 1;
            last = last.max(first);
        }
        if upper < 0.0 && Ok(last) == zero && last > 0 {
            last -= 1;
            first = first.min(last);
        }
        for cell in first..=last {
            let crossing = Ok(cell) == zero;
            let glyph = if crossing {
                self.glyphs.crossing
            } else {
                self.glyphs.line
            };
            self.put(Ok(cell), glyph, role);
        }
        let ends = [
            (
                first,
                from.is_err(),
                self.glyphs.off_left,
                self.glyphs.lower,
            ),
            (last, to.is_err(), self.glyphs.off_right, self.glyphs.upper),
        ];
        for (cell, beyond, off, bound) in ends {
            self.put(Ok(cell), if beyond { off } else { bound }, role);
        }
        Some((first, last))
    }
}

/// Draws a strip into the first row of an area.
pub(crate) fn draw(buffer: &mut Buffer, area: Rect, look: &Look, mark: Option<&Mark>, axis: Axis) {
    let cells = strip(mark, axis, usize::from(area.width), &look.glyphs);
    for (offset, (glyph, role)) in (0..area.width).zip(cells) {
        if let Some(cell) = buffer.cell_mut((area.x.saturating_add(offset), area.y)) {
            cell.set_char(glyph);
            cell.set_style(look.theme.style(role));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::result::PValue;
    use crate::tui::glyph::{ASCII, UNICODE};

    fn mark(estimate: f64, interval: Interval) -> Mark {
        Mark {
            estimate: Estimate {
                estimate,
                standard_error: None,
                degrees_of_freedom: None,
                interval,
                p_value: PValue {
                    p: 0.5,
                    log10_p: -0.3,
                },
            },
            margin: None,
            point: Role::Good,
            muted: false,
        }
    }

    fn drawn(mark: &Mark, glyphs: &Glyphs) -> String {
        strip(Some(mark), Axis { limit: 10.0 }, 21, glyphs)
            .iter()
            .map(|(glyph, _)| *glyph)
            .collect()
    }

    fn between(lower: f64, upper: f64) -> Interval {
        Interval::Between { lower, upper }
    }

    #[test]
    fn an_interval_has_its_ends_its_point_and_the_zero_line() {
        assert_eq!(
            drawn(&mark(5.0, between(2.0, 8.0)), &UNICODE),
            "          ┊ ├──●──┤  "
        );
        assert_eq!(
            drawn(&mark(5.0, between(2.0, 8.0)), &ASCII),
            "          : |--*--|  "
        );
    }

    #[test]
    fn an_interval_over_zero_crosses_it() {
        assert_eq!(
            drawn(&mark(2.0, between(-2.0, 6.0)), &UNICODE),
            "        ├─┼─●───┤    "
        );
    }

    #[test]
    fn what_leaves_the_axis_ends_in_an_arrow() {
        assert_eq!(
            drawn(&mark(8.0, between(2.0, 14.0)), &UNICODE),
            "          ┊ ├─────●─▸"
        );
        assert_eq!(
            drawn(&mark(20.0, between(12.0, 28.0)), &UNICODE),
            "          ┊         ▸"
        );
        assert_eq!(
            drawn(&mark(-20.0, between(-28.0, -12.0)), &UNICODE),
            "◂         ┊          "
        );
    }

    #[test]
    fn an_interval_outside_two_bounds_leaves_a_gap() {
        let outside = Interval::Outside {
            below: -4.0,
            above: 6.0,
        };
        assert_eq!(
            drawn(&mark(8.0, outside), &UNICODE),
            "◂─────┤   ┊     ├─●─▸"
        );
    }

    #[test]
    fn an_unbounded_interval_reaches_both_ends() {
        assert_eq!(
            drawn(&mark(3.0, Interval::WholeLine), &UNICODE),
            "◂─────────┼──●──────▸"
        );
    }

    #[test]
    fn a_margin_is_drawn_over_the_interval_it_cuts() {
        let mut guardrail = mark(0.0, between(-4.0, 4.0));
        guardrail.margin = Some(-2.0);
        assert_eq!(drawn(&guardrail, &UNICODE), "      ├─╎─●───┤      ");
    }

    #[test]
    fn an_interval_without_zero_never_seems_to_touch_it() {
        assert_eq!(
            drawn(&mark(3.0, between(0.1, 6.0)), &UNICODE),
            "          ┊├─●──┤    "
        );
        assert_eq!(
            drawn(&mark(-0.2, between(-0.3, -0.1)), &UNICODE),
            "         ●┊          "
        );
        assert_eq!(
            drawn(&mark(3.0, between(-0.1, 6.0)), &UNICODE),
            "          ├──●──┤    "
        );
    }

    #[test]
    fn a_strip_of_any_width_has_that_many_cells() {
        for width in 0..40 {
            let strip = strip(
                Some(&mark(1.0, between(-20.0, 3.0))),
                Axis { limit: 10.0 },
                width,
                &UNICODE,
            );
            assert_eq!(strip.len(), width);
        }
    }

    #[test]
    fn one_wide_interval_does_not_flatten_the_others() {
        let narrow: Vec<Mark> = (0..5).map(|_| mark(0.01, between(-0.01, 0.03))).collect();
        let wide = mark(1.0, between(-4.0, 9.0));
        let axis = Axis::over(
            narrow.iter().chain([&wide]).map(|mark| &mark.estimate),
            std::iter::empty(),
        );
        assert!(axis.limit <= 0.2 && axis.limit >= 0.03, "{axis:?}");
    }

    #[test]
    fn the_axis_labels_stand_over_their_cells() {
        let labels = Axis { limit: 0.05 }.labels(21);
        assert_eq!(labels.chars().count(), 21);
        assert_eq!(labels.chars().nth(10), Some('0'));
    }
}
