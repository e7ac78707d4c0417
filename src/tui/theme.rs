//! Defines what each kind of thing looks like: a style a role, a theme a set of them. Nothing is said by colour alone.
//!
//! Colours are the terminal's own (`default`) or from the fixed part of the 256-colour palette, whose contrast is known.

use ratatui::style::{Color, Modifier, Style};

macro_rules! roles {
    ($( $(#[$meta:meta])* $role:ident, )+) => {
        /// What a thing on screen is.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum Role { $( $(#[$meta])* $role, )+ }

        impl Role {
            pub(crate) const COUNT: usize = [$( Self::$role, )+].len();
            #[cfg(test)]
            pub(crate) const ALL: [Self; Self::COUNT] = [$( Self::$role, )+];
        }
    };
}

roles! {
    /// Ordinary text.
    Text,
    /// Text that stands back: units, explanations, the population without emphasis.
    Muted,
    /// What may not be believed.
    Untrusted,
    /// A name that matters.
    Strong,
    /// The title of a panel or column.
    Heading,
    /// The title of the focused panel, the screen one is on.
    Focus,
    /// Rules between parts.
    Rule,
    /// The selected row.
    Selection,
    /// The mark beside the selected row.
    SelectionMark,
    /// Better, pass, ship.
    Good,
    /// Worse, fail, do not ship, invalid.
    Bad,
    /// Warn, inconclusive, keep running.
    Caution,
    /// Neither.
    Neutral,
    /// A banner over a readout that is not to be believed.
    Banner,
    /// An interval.
    Interval,
    /// The line at zero.
    Zero,
    /// The line at a guardrail's margin.
    Margin,
    /// A key in the footer or help.
    Key,
    /// What the key does.
    KeyLabel,
    /// What is being typed.
    Input,
    /// Work under way.
    Progress,
    /// A window over the screen.
    Overlay,
}

/// The themes there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ThemeName {
    /// The terminal's own colours.
    Default,
    /// Dark on white.
    Light,
    /// White, blue and orange on black; no red and green to tell apart.
    HighContrast,
    /// No colour at all.
    Mono,
}

impl ThemeName {
    /// Every theme.
    pub const ALL: [Self; 4] = [Self::Default, Self::Light, Self::HighContrast, Self::Mono];

    /// The stable name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::Light => "light",
            Self::HighContrast => "high-contrast",
            Self::Mono => "mono",
        }
    }
}

/// A style a role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Theme {
    styles: [Style; Role::COUNT],
}

impl Theme {
    pub(crate) fn new(name: ThemeName) -> Self {
        let mut styles = [Style::new(); Role::COUNT];
        let paint = match name {
            ThemeName::Default => palette,
            ThemeName::Light => light,
            ThemeName::HighContrast => high_contrast,
            ThemeName::Mono => mono,
        };
        paint(&mut |role, style| {
            if let Some(slot) = styles.get_mut(role as usize) {
                *slot = style;
            }
        });
        Self { styles }
    }

    pub(crate) fn style(&self, role: Role) -> Style {
        self.styles
            .get(role as usize)
            .copied()
            .unwrap_or_else(Style::new)
    }
}

type Paint<'a> = &'a mut dyn FnMut(Role, Style);

/// The terminal's own palette: no background is assumed, so no colour that vanishes on a light or a dark one.
fn palette(paint: Paint<'_>) {
    let plain = Style::new();
    let bold = plain.add_modifier(Modifier::BOLD);
    let dim = plain.add_modifier(Modifier::DIM);
    paint(Role::Text, plain);
    paint(Role::Muted, dim);
    paint(Role::Untrusted, dim.add_modifier(Modifier::ITALIC));
    paint(Role::Strong, bold);
    paint(Role::Heading, plain.fg(Color::Cyan));
    paint(Role::Focus, bold.fg(Color::Cyan));
    paint(Role::Rule, dim);
    paint(Role::Selection, bold);
    paint(Role::SelectionMark, bold.fg(Color::Cyan));
    paint(Role::Good, bold.fg(Color::Green));
    paint(Role::Bad, bold.fg(Color::Red));
    paint(Role::Caution, bold.fg(Color::Yellow));
    paint(Role::Neutral, plain);
    paint(
        Role::Banner,
        bold.fg(Color::Red).add_modifier(Modifier::REVERSED),
    );
    paint(Role::Interval, plain.fg(Color::Blue));
    paint(Role::Zero, dim);
    paint(Role::Margin, plain.fg(Color::Magenta));
    paint(Role::Key, bold.fg(Color::Cyan));
    paint(Role::KeyLabel, dim);
    paint(Role::Input, bold);
    paint(Role::Progress, plain.fg(Color::Blue));
    paint(Role::Overlay, plain);
}

/// Colours of a theme with a known background.
struct Colours {
    ground: u8,
    text: u8,
    muted: u8,
    accent: u8,
    selection: u8,
    good: u8,
    bad: u8,
    caution: u8,
    interval: u8,
    margin: u8,
}

fn fixed(paint: Paint<'_>, colours: &Colours) {
    let ground = Color::Indexed(colours.ground);
    let on = |index: u8| Style::new().fg(Color::Indexed(index)).bg(ground);
    let bold = |index: u8| on(index).add_modifier(Modifier::BOLD);
    paint(Role::Text, on(colours.text));
    paint(Role::Muted, on(colours.muted));
    paint(
        Role::Untrusted,
        on(colours.muted).add_modifier(Modifier::ITALIC),
    );
    paint(Role::Strong, bold(colours.text));
    paint(Role::Heading, on(colours.accent));
    paint(Role::Focus, bold(colours.accent));
    paint(Role::Rule, on(colours.muted));
    paint(
        Role::Selection,
        Style::new()
            .bg(Color::Indexed(colours.selection))
            .add_modifier(Modifier::BOLD),
    );
    paint(
        Role::SelectionMark,
        bold(colours.accent).bg(Color::Indexed(colours.selection)),
    );
    paint(Role::Good, bold(colours.good));
    paint(Role::Bad, bold(colours.bad));
    paint(Role::Caution, bold(colours.caution));
    paint(Role::Neutral, on(colours.text));
    paint(
        Role::Banner,
        Style::new()
            .fg(ground)
            .bg(Color::Indexed(colours.bad))
            .add_modifier(Modifier::BOLD),
    );
    paint(Role::Interval, on(colours.interval));
    paint(Role::Zero, on(colours.muted));
    paint(Role::Margin, on(colours.margin));
    paint(Role::Key, bold(colours.accent));
    paint(Role::KeyLabel, on(colours.muted));
    paint(Role::Input, bold(colours.text));
    paint(Role::Progress, on(colours.interval));
    paint(Role::Overlay, on(colours.text));
}

fn light(paint: Paint<'_>) {
    fixed(
        paint,
        &Colours {
            ground: 231,
            text: 16,
            muted: 240,
            accent: 24,
            selection: 254,
            good: 22,
            bad: 124,
            caution: 94,
            interval: 25,
            margin: 90,
        },
    );
}

/// Blue is good and orange is bad: told apart by every kind of colour vision.
fn high_contrast(paint: Paint<'_>) {
    fixed(
        paint,
        &Colours {
            ground: 16,
            text: 231,
            muted: 250,
            accent: 123,
            selection: 236,
            good: 117,
            bad: 214,
            caution: 229,
            interval: 153,
            margin: 219,
        },
    );
}

/// Only the terminal's own two colours and modifiers: the terminal library writes a bare reset under `NO_COLOR` otherwise.
fn mono(paint: Paint<'_>) {
    let plain = Style::new().fg(Color::Reset).bg(Color::Reset);
    let bold = plain.add_modifier(Modifier::BOLD);
    let dim = plain.add_modifier(Modifier::DIM);
    for role in [
        Role::Text,
        Role::Neutral,
        Role::Interval,
        Role::Margin,
        Role::Progress,
        Role::Overlay,
    ] {
        paint(role, plain);
    }
    for role in [
        Role::Strong,
        Role::Heading,
        Role::SelectionMark,
        Role::Good,
        Role::Caution,
        Role::Key,
        Role::Input,
    ] {
        paint(role, bold);
    }
    for role in [
        Role::Muted,
        Role::Untrusted,
        Role::Rule,
        Role::Zero,
        Role::KeyLabel,
    ] {
        paint(role, dim);
    }
    paint(Role::Focus, bold.add_modifier(Modifier::UNDERLINED));
    paint(Role::Bad, bold.add_modifier(Modifier::UNDERLINED));
    paint(Role::Selection, bold);
    paint(Role::Banner, bold.add_modifier(Modifier::REVERSED));
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The fixed part of the 256-colour palette, as xterm defines it.
    fn rgb(colour: Color) -> Option<[f64; 3]> {
        let Color::Indexed(index) = colour else {
            return None;
        };
        let level = |step: u8| {
            if step == 0 {
                0.0
            } else {
                55.0 + 40.0 * f64::from(step)
            }
        };
        match index {
            0..16 => None,
            16..232 => {
                let cube = index - 16;
                Some([level(cube / 36), level(cube / 6 % 6), level(cube % 6)])
            }
            232.. => Some([8.0 + 10.0 * f64::from(index - 232); 3]),
        }
    }

    /// WCAG 2.1, relative luminance and contrast ratio.
    fn contrast(left: [f64; 3], right: [f64; 3]) -> f64 {
        let luminance = |colour: [f64; 3]| {
            let linear = colour.map(|part| {
                let share = part / 255.0;
                if share <= 0.04045 {
                    share / 12.92
                } else {
                    ((share + 0.055) / 1.055).powf(2.4)
                }
            });
            0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
        };
        let (left, right) = (luminance(left), luminance(right));
        (left.max(right) + 0.05) / (left.min(right) + 0.05)
    }

    #[test]
    fn text_of_every_role_can_be_read() {
        for name in [ThemeName::Light, ThemeName::HighContrast] {
            let theme = Theme::new(name);
            let selection = theme.style(Role::Selection).bg.and_then(rgb).unwrap();
            let least = if name == ThemeName::HighContrast {
                7.0
            } else {
                4.5
            };
            for role in Role::ALL {
                let style = theme.style(role);
                let Some(ink) = style.fg.and_then(rgb) else {
                    assert_eq!(role, Role::Selection, "{name:?} {role:?} has no colour");
                    continue;
                };
                let ground = style.bg.and_then(rgb).unwrap();
                assert!(contrast(ink, ground) >= least, "{name:?} {role:?}");
                if role != Role::Banner {
                    assert!(
                        contrast(ink, selection) >= 4.5,
                        "{name:?} {role:?} selected: {}",
                        contrast(ink, selection)
                    );
                }
            }
        }
    }

    #[test]
    fn the_default_theme_assumes_no_background_and_no_vanishing_colour() {
        let theme = Theme::new(ThemeName::Default);
        for role in Role::ALL {
            let style = theme.style(role);
            assert_eq!(style.bg, None, "{role:?}");
            assert!(
                !matches!(
                    style.fg,
                    Some(Color::Black | Color::White | Color::DarkGray | Color::Gray)
                ),
                "{role:?}"
            );
        }
    }

    #[test]
    fn the_mono_theme_has_no_colour() {
        let theme = Theme::new(ThemeName::Mono);
        for role in Role::ALL {
            let style = theme.style(role);
            assert!(matches!(style.fg, Some(Color::Reset)), "{role:?}");
            assert!(matches!(style.bg, Some(Color::Reset)), "{role:?}");
        }
    }
}
