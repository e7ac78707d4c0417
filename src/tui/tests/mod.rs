//! Tests of the app as a user meets it: keys in, screens out.

pub(crate) mod fixture;
mod keys;
mod screens;
mod styles;

use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;
use ratatui::crossterm::event::KeyCode;

use super::action::KeyPress;
use super::app::{App, Effect, Event};
use super::runtime::Options;
use super::theme::ThemeName;
use crate::domain::result::Readout;

/// Options that depend on no environment.
fn options(theme: ThemeName, ascii: bool) -> Options {
    Options {
        theme,
        ascii,
        ..Options::from_variables(|_| None)
    }
}

/// An app on some readouts, all of them computed.
fn app_in(readouts: Vec<Readout>, options: &Options) -> App {
    let listings = readouts.iter().map(fixture::listing).collect();
    let mut app = App::new("shop".to_owned(), listings, options.look());
    let mut effects = app.begin(None);
    for readout in readouts {
        let ticket = match effects.as_slice() {
            [Effect::Compute { ticket, .. }] => *ticket,
            other => panic!("no computation was asked for: {other:?}"),
        };
        effects = app.update(Event::Finished {
            ticket,
            experiment: readout.experiment.id.to_string(),
            result: Ok(Box::new(readout)),
        });
    }
    app
}

fn app(readouts: Vec<Readout>) -> App {
    app_in(readouts, &options(ThemeName::Default, false))
}

fn every_readout() -> Vec<Readout> {
    vec![
        fixture::good(),
        fixture::mismatch(),
        fixture::untrusted_exposure(),
        fixture::breached(),
        fixture::three_variants(),
    ]
}

/// Presses keys: a character each, `⏎` Enter, `⎋` Esc, `⇥` Tab, `⌫` Backspace.
fn press(app: &mut App, keys: &str) -> Vec<Effect> {
    let mut effects = Vec::new();
    for character in keys.chars() {
        let code = match character {
            '⏎' => KeyCode::Enter,
            '⎋' => KeyCode::Esc,
            '⇥' => KeyCode::Tab,
            '⌫' => KeyCode::Backspace,
            character => KeyCode::Char(character),
        };
        effects.extend(app.update(Event::Key(KeyPress::plain(code))));
    }
    effects
}

/// The screen as it is drawn.
fn drawn(app: &mut App, width: u16, height: u16) -> Buffer {
    let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
    let mut extents = app.extents;
    terminal
        .draw(|frame| extents = super::view::draw(frame, app))
        .unwrap();
    app.noticed(extents);
    terminal.backend().buffer().clone()
}

/// The screen as text, a line a row, without blanks at the ends.
fn text(app: &mut App, width: u16, height: u16) -> String {
    let buffer = drawn(app, width, height);
    let mut lines: Vec<String> = Vec::new();
    for y in 0..buffer.area.height {
        let mut line = String::new();
        for x in 0..buffer.area.width {
            line.push_str(buffer[(x, y)].symbol());
        }
        lines.push(line.trim_end().to_owned());
    }
    lines.join("\n")
}
