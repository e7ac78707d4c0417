//! What the text of a screen cannot show: colour, weight, and that nothing hangs on colour alone.

use ratatui::style::{Color, Modifier, Style};

use super::*;
use crate::tui::theme::{Role, Theme};

/// The cell where a text begins, in the first row that holds it.
fn find(buffer: &Buffer, needle: &str) -> (u16, u16) {
    for y in 0..buffer.area.height {
        let row: Vec<&str> = (0..buffer.area.width)
            .map(|x| buffer[(x, y)].symbol())
            .collect();
        for x in 0..row.len() {
            if row[x..].concat().starts_with(needle) {
                return (u16::try_from(x).unwrap(), y);
            }
        }
    }
    panic!("'{needle}' is not on the screen");
}

fn style_of(buffer: &Buffer, needle: &str) -> Style {
    buffer[find(buffer, needle)].style()
}

fn role(role: Role) -> Style {
    Theme::new(ThemeName::Default).style(role)
}

#[test]
fn a_verdict_to_ship_looks_good_and_one_not_to_looks_bad() {
    let mut ship = app(vec![fixture::good()]);
    press(&mut ship, "⏎");
    let buffer = drawn(&mut ship, 120, 40);
    assert_eq!(style_of(&buffer, "✓ SHIP").fg, role(Role::Good).fg);
    let mut stop = app(vec![fixture::breached()]);
    press(&mut stop, "⏎");
    let buffer = drawn(&mut stop, 120, 40);
    assert_eq!(style_of(&buffer, "✗ DO NOT SHIP").fg, role(Role::Bad).fg);
}

#[test]
fn an_effect_that_is_not_trusted_is_greyed_and_the_trusted_one_is_not() {
    let mut app = app(vec![fixture::untrusted_exposure()]);
    press(&mut app, "⏎");
    let buffer = drawn(&mut app, 120, 40);
    let (_, first) = find(&buffer, "conversion  ");
    let (x, _) = find(&buffer, "itt      ");
    let itt = buffer[(x, first)].style();
    let exposed = buffer[(x, first + 1)].style();
    assert_eq!(buffer[(x, first + 1)].symbol(), "e");
    assert!(!itt.add_modifier.contains(Modifier::DIM));
    assert!(
        exposed
            .add_modifier
            .contains(Modifier::DIM | Modifier::ITALIC)
    );
    assert!(
        style_of(&buffer, "✗ not trusted")
            .add_modifier
            .contains(Modifier::DIM)
    );
}

#[test]
fn the_population_key_moves_the_emphasis() {
    let mut app = app(vec![fixture::good()]);
    press(&mut app, "⏎p");
    let buffer = drawn(&mut app, 120, 40);
    let (_, row) = find(&buffer, "conversion  ");
    let (x, _) = find(&buffer, "itt      ");
    assert!(
        buffer[(x, row)]
            .style()
            .add_modifier
            .contains(Modifier::DIM)
    );
    assert!(
        !buffer[(x, row + 1)]
            .style()
            .add_modifier
            .contains(Modifier::DIM)
    );
}

#[test]
fn the_banner_spans_the_screen() {
    let mut app = app(vec![fixture::mismatch()]);
    press(&mut app, "⏎");
    let buffer = drawn(&mut app, 120, 40);
    let (_, y) = find(&buffer, "! Sample ratio failed and invalidates everything");
    for x in [0, 60, 119] {
        let style = buffer[(x, y)].style();
        assert!(
            style.add_modifier.contains(Modifier::REVERSED),
            "column {x}"
        );
        assert_eq!(style.fg, Some(Color::Red));
    }
}

#[test]
fn the_selected_row_has_a_mark_and_a_weight() {
    let mut app = app(every_readout());
    press(&mut app, "j");
    let buffer = drawn(&mut app, 120, 40);
    let (x, y) = find(&buffer, "▌");
    assert_eq!(x, 0);
    assert_eq!(find(&buffer, "search-ranking").1, y);
    assert!(
        buffer[(30, y)]
            .style()
            .add_modifier
            .contains(Modifier::BOLD)
    );
    assert_eq!(buffer[(0, y - 1)].symbol(), " ");
}

#[test]
fn the_mono_theme_draws_no_colour_on_any_screen() {
    for keys in ["", "⏎", "⏎⏎", "4", "?", ":", "x"] {
        let mut app = app_in(every_readout(), &options(ThemeName::Mono, false));
        press(&mut app, "j");
        press(&mut app, keys);
        let buffer = drawn(&mut app, 120, 40);
        for cell in &buffer.content {
            assert_eq!(
                (cell.fg, cell.bg),
                (Color::Reset, Color::Reset),
                "{keys} {cell:?}"
            );
        }
    }
}

#[test]
fn no_control_character_of_the_data_reaches_the_screen() {
    for keys in ["", "⏎", "⏎⏎", "4", "2⇥z"] {
        let mut app = app(vec![fixture::hostile()]);
        press(&mut app, keys);
        for cell in &drawn(&mut app, 120, 40).content {
            assert!(
                !cell.symbol().chars().any(char::is_control),
                "{keys}: {cell:?}"
            );
        }
    }
}

#[test]
fn no_number_is_cut_at_any_width() {
    for keys in ["⏎", "⏎⏎"] {
        for width in 60..130 {
            let mut app = app(vec![fixture::good()]);
            press(&mut app, keys);
            let screen = text(&mut app, width, 40);
            for line in screen.lines() {
                let open = line.matches('[').count();
                let close = line.matches(']').count();
                assert_eq!(open, close, "at {width}: {line}");
            }
        }
    }
}

#[test]
fn no_color_and_a_dumb_terminal_are_mono() {
    let with = |name: &'static str, value: &'static str| {
        Options::from_variables(move |asked| (asked == name).then(|| value.to_owned()))
    };
    assert_eq!(with("NO_COLOR", "1").theme, ThemeName::Mono);
    assert_eq!(with("TERM", "dumb").theme, ThemeName::Mono);
    assert!(with("TERM", "dumb").ascii);
    assert_eq!(with("TERM", "xterm-256color").theme, ThemeName::Default);
    assert!(!with("TERM", "linux").clipboard);
}
