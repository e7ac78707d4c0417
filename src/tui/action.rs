//! Defines everything a user can do: one closed table that feeds the keymap, the footer, the help and the palette.

use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::screen::Screen;

/// Something a user can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Action {
    Down,
    Up,
    Right,
    Left,
    Top,
    Bottom,
    HalfPageDown,
    HalfPageUp,
    PageDown,
    PageUp,
    Open,
    Back,
    Leave,
    NextPanel,
    PreviousPanel,
    Show(Screen),
    Filter,
    NextMatch,
    PreviousMatch,
    Sort,
    Mark,
    Population,
    Variant,
    Segment,
    Days,
    Diagnosis,
    Expand,
    Export,
    CopyRow,
    CopyMarkdown,
    CommandLine,
    Edit,
    Recompute,
    Palette,
    Help,
    Mouse,
    Quit,
}

/// A part of the help.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Section {
    Move,
    Screens,
    Look,
    Take,
    Program,
}

impl Section {
    pub(crate) const ALL: [Self; 5] = [
        Self::Move,
        Self::Screens,
        Self::Look,
        Self::Take,
        Self::Program,
    ];

    pub(crate) const fn title(self) -> &'static str {
        match self {
            Self::Move => "Move",
            Self::Screens => "Screens",
            Self::Look => "Look",
            Self::Take => "Take away",
            Self::Program => "Program",
        }
    }
}

/// A key as it is pressed. Shift is in the character itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct KeyPress {
    pub(crate) code: KeyCode,
    pub(crate) control: bool,
}

impl KeyPress {
    pub(crate) const fn plain(code: KeyCode) -> Self {
        Self {
            code,
            control: false,
        }
    }

    /// How a reader calls the key.
    pub(crate) fn label(self) -> String {
        let name = match self.code {
            KeyCode::Char(' ') => "Space".to_owned(),
            KeyCode::Char(letter) => letter.to_string(),
            KeyCode::Up => "↑".to_owned(),
            KeyCode::Down => "↓".to_owned(),
            KeyCode::Left => "←".to_owned(),
            KeyCode::Right => "→".to_owned(),
            KeyCode::BackTab => "Shift-Tab".to_owned(),
            KeyCode::PageUp => "PgUp".to_owned(),
            KeyCode::PageDown => "PgDn".to_owned(),
            code => format!("{code:?}"),
        };
        if self.control {
            format!("Ctrl-{name}")
        } else {
            name
        }
    }
}

impl From<KeyEvent> for KeyPress {
    fn from(event: KeyEvent) -> Self {
        Self {
            code: event.code,
            control: event.modifiers.contains(KeyModifiers::CONTROL),
        }
    }
}

/// One row of the table.
#[derive(Debug)]
pub(crate) struct Entry {
    /// The action.
    pub(crate) action: Action,
    /// Its stable name, for a configuration file and the palette.
    pub(crate) name: &'static str,
    /// What it does, in the help and the palette.
    pub(crate) label: &'static str,
    /// What it does, in a word or two, in the footer; empty where the footer does not show it.
    pub(crate) hint: &'static str,
    /// The keys it has from the start.
    pub(crate) keys: &'static [KeyPress],
    /// The part of the help it is in.
    pub(crate) section: Section,
    /// The footer's order; smaller survives longer on a narrow terminal.
    pub(crate) rank: u8,
}

const fn key(code: KeyCode) -> KeyPress {
    KeyPress::plain(code)
}

const fn letter(character: char) -> KeyPress {
    KeyPress::plain(KeyCode::Char(character))
}

const fn control(character: char) -> KeyPress {
    KeyPress {
        code: KeyCode::Char(character),
        control: true,
    }
}

macro_rules! table {
    ($( $section:ident: $action:expr, $name:literal, $label:literal, $hint:literal, $rank:literal, [$($key:expr),+]; )+) => {
        &[$( Entry {
            action: $action, name: $name, label: $label, hint: $hint, keys: &[$($key),+], section: Section::$section, rank: $rank,
        }, )+]
    };
}

/// Everything a user can do.
pub(crate) static TABLE: &[Entry] = table! {
    Move: Action::Down, "down", "Next row, or scroll down", "", 90, [key(KeyCode::Down), letter('j')];
    Move: Action::Up, "up", "Previous row, or scroll up", "", 90, [key(KeyCode::Up), letter('k')];
    Move: Action::Right, "right", "Next treatment variant", "", 90, [key(KeyCode::Right), letter('l')];
    Move: Action::Left, "left", "Previous treatment variant", "", 90, [key(KeyCode::Left), letter('h')];
    Move: Action::Top, "top", "First row", "", 90, [letter('g'), key(KeyCode::Home)];
    Move: Action::Bottom, "bottom", "Last row", "", 90, [letter('G'), key(KeyCode::End)];
    Move: Action::HalfPageDown, "half-page-down", "Half a page down", "", 90, [control('d')];
    Move: Action::HalfPageUp, "half-page-up", "Half a page up", "", 90, [control('u')];
    Move: Action::PageDown, "page-down", "A page down", "", 90, [key(KeyCode::PageDown)];
    Move: Action::PageUp, "page-up", "A page up", "", 90, [key(KeyCode::PageUp)];
    Screens: Action::Open, "open", "Open the selected row", "open", 2, [key(KeyCode::Enter)];
    Screens: Action::Back, "back", "Close, clear, cancel, or go back", "back", 3, [key(KeyCode::Esc)];
    Screens: Action::Leave, "leave", "Go back; from Experiments, quit", "quit", 4, [letter('q')];
    Screens: Action::Show(Screen::Experiments), "experiments", "Experiments", "", 80, [letter('1')];
    Screens: Action::Show(Screen::Summary), "summary", "Summary of the experiment", "", 80, [letter('2')];
    Screens: Action::Show(Screen::Metric), "metric", "One metric in full", "", 80, [letter('3')];
    Screens: Action::Show(Screen::Checks), "checks", "Validity checks", "", 80, [letter('4')];
    Screens: Action::NextPanel, "next-panel", "Next panel", "panel", 8, [key(KeyCode::Tab)];
    Screens: Action::PreviousPanel, "previous-panel", "Previous panel", "", 90, [key(KeyCode::BackTab)];
    Look: Action::Filter, "filter", "Filter the rows by text", "filter", 6, [letter('/')];
    Look: Action::NextMatch, "next-match", "Next match; on Metric the next metric", "next match", 20, [letter('n')];
    Look: Action::PreviousMatch, "previous-match", "Previous match, or metric", "", 90, [letter('N')];
    Look: Action::Sort, "sort", "Order the experiments otherwise", "order", 9, [letter('o')];
    Look: Action::Population, "population", "Intention to treat, or exposed only", "population", 5, [letter('p')];
    Look: Action::Variant, "variant", "Next treatment variant", "variant", 5, [letter('v')];
    Look: Action::Segment, "segment", "Next segment column", "segment", 7, [letter('s')];
    Look: Action::Days, "days", "Days: each by itself, or all up to each", "days", 9, [letter('d')];
    Look: Action::Diagnosis, "diagnosis", "Why the sample ratio is off", "diagnosis", 5, [letter('D')];
    Look: Action::Expand, "expand", "Expand the panel, or put it back", "expand", 10, [letter('z')];
    Take: Action::Mark, "mark", "Mark: x then exports all that are marked", "mark", 12, [letter(' ')];
    Take: Action::Export, "export", "Write the readout to a file", "export", 11, [letter('x')];
    Take: Action::CopyRow, "copy-row", "Copy the row", "copy", 14, [letter('y')];
    Take: Action::CopyMarkdown, "copy-markdown", "Copy the table as markdown", "", 90, [letter('Y')];
    Take: Action::CommandLine, "command-line", "The command that reproduces this", "command", 13, [letter('c')];
    Program: Action::Edit, "edit", "Open the definition in $EDITOR", "edit", 15, [letter('e')];
    Program: Action::Recompute, "recompute", "Compute the readout again", "recompute", 16, [letter('r')];
    Program: Action::Palette, "palette", "Find an action by name", "actions", 1, [letter(':')];
    Program: Action::Help, "help", "This help", "help", 0, [letter('?')];
    Program: Action::Mouse, "mouse", "Scroll with the mouse, or select text", "", 90, [letter('m')];
    Program: Action::Quit, "quit", "Quit at once", "", 90, [control('c')];
};

/// Which key does what, as data.
#[derive(Debug, Clone)]
pub(crate) struct Keymap(Vec<(KeyPress, Action)>);

impl Keymap {
    /// The keys of the table. Where two rows want one key, the first has it; a test holds the table to having none.
    pub(crate) fn standard() -> Self {
        Self(
            TABLE
                .iter()
                .flat_map(|entry| entry.keys.iter().map(|key| (*key, entry.action)))
                .collect(),
        )
    }

    /// What a key does.
    pub(crate) fn action(&self, press: KeyPress) -> Option<Action> {
        self.0
            .iter()
            .find(|(key, _)| *key == press)
            .map(|(_, action)| *action)
    }

    /// The keys of an action.
    pub(crate) fn keys(&self, action: Action) -> impl Iterator<Item = KeyPress> {
        self.0
            .iter()
            .filter(move |(_, bound)| *bound == action)
            .map(|(key, _)| *key)
    }

    /// The keys of an action as a reader calls them, such as `↓ j`.
    pub(crate) fn label(&self, action: Action) -> String {
        self.keys(action)
            .map(KeyPress::label)
            .collect::<Vec<_>>()
            .join(" ")
    }

    /// Keys that two actions want.
    #[cfg(test)]
    pub(crate) fn clashes(&self) -> Vec<String> {
        let mut clashes = Vec::new();
        for (index, (press, action)) in self.0.iter().enumerate() {
            for (other, second) in &self.0[index + 1..] {
                if press == other && action != second {
                    clashes.push(format!("{}: {action:?} and {second:?}", press.label()));
                }
            }
        }
        clashes
    }
}
