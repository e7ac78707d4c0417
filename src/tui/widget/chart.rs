//! Defines a small chart over days: effects with their intervals, or the means of two variants.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::paint;
use crate::tui::app::Look;
use crate::tui::text;
use crate::tui::theme::Role;

/// One day of an effect.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Day {
    pub(crate) label: String,
    /// Points, each with the role it is drawn in.
    pub(crate) points: Vec<(f64, Role)>,
    /// The interval, where there is one.
    pub(crate) interval: Option<(f64, f64)>,
}

/// A chart.
pub(crate) struct Chart<'a> {
    pub(crate) days: &'a [Day],
    /// Whether zero belongs on it.
    pub(crate) zero: bool,
    /// How a value on the axis reads.
    pub(crate) label: fn(f64) -> String,
}

impl Chart<'_> {
    /// The values at the top and the bottom.
    fn range(&self) -> (f64, f64) {
        let mut values: Vec<f64> = self
            .days
            .iter()
            .flat_map(|day| day.points.iter().map(|(value, _)| *value))
            .chain(
                self.days
                    .iter()
                    .filter_map(|day| day.interval)
                    .flat_map(|(low, high)| [low, high]),
            )
            .filter(|value| value.is_finite())
            .collect();
        if self.zero {
            values.push(0.0);
        }
        let low = values.iter().copied().reduce(f64::min).unwrap_or(0.0);
        let high = values.iter().copied().reduce(f64::max).unwrap_or(1.0);
        if high > low {
            (low, high)
        } else {
            (low - 0.5, high + 0.5)
        }
    }

    /// Draws the newest days that fit; the line below says which those are.
    pub(crate) fn draw(&self, buffer: &mut Buffer, area: Rect, look: &Look) {
        let (low, high) = self.range();
        let labels = [(self.label)(high), (self.label)(low), (self.label)(0.0)];
        let gutter = labels
            .iter()
            .map(|label| text::width(label))
            .max()
            .unwrap_or(0)
            + 1;
        let gutter = text::cells(gutter);
        if area.width <= gutter + 2 || area.height < 4 {
            let line = paint::plain(look, Role::Muted, "Too little room: z expands");
            paint::line(buffer, area, &line);
            return;
        }
        let plot = Rect {
            x: area.x + gutter,
            width: area.width - gutter,
            height: area.height - 1,
            ..area
        };
        let place = |value: f64| row_of(value, low, high, plot);
        let [top, bottom, zero] = labels;
        let mut axis = vec![(high, top), (low, bottom)];
        if self.zero && low < 0.0 && high > 0.0 {
            axis.insert(0, (0.0, zero));
        }
        for (value, label) in axis {
            let y = place(value);
            let at = Rect {
                y,
                height: 1,
                ..area
            };
            paint::line(buffer, at, &paint::plain(look, Role::Muted, label));
        }
        if self.zero {
            let y = place(0.0);
            for x in plot.left()..plot.right() {
                set(buffer, x, y, look.glyphs.rule, look, Role::Zero);
            }
        }
        let room = usize::from(plot.width);
        let shown = self.days.len().min(room);
        let step = room.checked_div(shown).unwrap_or(1).clamp(1, 4);
        let skipped = self.days.len() - shown;
        for (index, day) in self.days.iter().skip(skipped).enumerate() {
            let x = plot.x.saturating_add(text::cells(index * step));
            self.draw_day(buffer, look, day, x, &place);
        }
        self.draw_caption(buffer, area, look, skipped);
    }

    #[expect(clippy::unused_self, reason = "a day is drawn as part of its chart")]
    fn draw_day(
        &self,
        buffer: &mut Buffer,
        look: &Look,
        day: &Day,
        x: u16,
        place: &dyn Fn(f64) -> u16,
    ) {
        if let Some((low, high)) = day.interval {
            for y in place(high)..=place(low) {
                set(buffer, x, y, look.glyphs.column, look, Role::Interval);
            }
        }
        for (index, (value, role)) in day.points.iter().enumerate() {
            let glyph = if index + 1 == day.points.len() {
                look.glyphs.point
            } else {
                look.glyphs.hollow
            };
            set(buffer, x, place(*value), glyph, look, *role);
        }
    }

    fn draw_caption(&self, buffer: &mut Buffer, area: Rect, look: &Look, skipped: usize) {
        let (Some(first), Some(last)) = (self.days.get(skipped), self.days.last()) else {
            return;
        };
        let hidden = if skipped > 0 {
            format!(" ({skipped} earlier days not shown)")
        } else {
            String::new()
        };
        let words = format!("{} to {}{hidden}", first.label, last.label);
        let words = text::cut(&words, usize::from(area.width), look.glyphs.ellipsis);
        if let Some(at) = paint::row(area, usize::from(area.height) - 1) {
            paint::line(buffer, at, &paint::plain(look, Role::Muted, words));
        }
    }
}

/// The row of a value, the highest at the top.
fn row_of(value: f64, low: f64, high: f64, plot: Rect) -> u16 {
    let share = ((high - value) / (high - low)).clamp(0.0, 1.0);
    let share = if share.is_finite() { share } else { 0.5 };
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the share is in [0, 1] and the height is a u16"
    )]
    let offset = (share * f64::from(plot.height.saturating_sub(1))).round() as u16;
    plot.y.saturating_add(offset)
}

fn set(buffer: &mut Buffer, x: u16, y: u16, glyph: char, look: &Look, role: Role) {
    if let Some(cell) = buffer.cell_mut((x, y)) {
        cell.set_char(glyph);
        cell.set_style(look.theme.style(role));
    }
}
