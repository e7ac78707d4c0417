//! Defines what is said about a definition file that is not right: where, why, and what to do.
//!
//! It refuses to print: a [`Problem`] is data, and its `Display` is plain text in which data cannot act.

use std::fmt;

use serde::Serialize;

use crate::domain::vocabulary;

vocabulary! {
    /// How bad a problem is.
    pub enum Severity {
        /// The definition cannot be used.
        Error = "error", "error";
        /// It can be used, and should be better.
        Warning = "warning", "warning";
    }
}

vocabulary! {
    /// The rule that a definition breaks. Names are stable: they can be searched for, counted and discussed.
    pub enum Rule {
        /// The file cannot be read.
        Unreadable = "unreadable", "file cannot be read";
        /// The file is larger than a definition may be.
        TooLarge = "too-large", "file too large";
        /// The file holds bytes that are no text.
        NotText = "not-text", "file is not UTF-8 text";
        /// The file nests deeper than a definition may.
        TooDeep = "too-deep", "nested too deeply";
        /// The file has so many problems that not all are listed.
        TooMany = "too-many", "too many problems";
        /// Not TOML.
        Syntax = "syntax", "not TOML";
        /// The same key twice.
        DuplicateKey = "duplicate-key", "key given twice";
        /// A key that means nothing here.
        UnknownKey = "unknown-key", "unknown key";
        /// A key that must be there.
        MissingKey = "missing-key", "missing key";
        /// A value of another type.
        WrongType = "wrong-type", "wrong type";
        /// A word outside a closed vocabulary.
        UnknownWord = "unknown-word", "unknown word";
        /// NaN or an infinity.
        NotFinite = "not-finite", "number is not finite";
        /// A number outside its range.
        OutOfRange = "out-of-range", "number out of range";
        /// A text that cannot be what it should be.
        BadText = "bad-text", "text cannot be read";
        /// An id that is no id.
        BadId = "bad-id", "bad id";
        /// An id that is not the name of its file.
        IdNotFileName = "id-not-file-name", "id is not the file name";
        /// Two definitions of one id.
        DuplicateDefinition = "duplicate-definition", "defined twice";
        /// One name for two experiments.
        DuplicateName = "duplicate-name", "name used twice";
        /// A version that cannot be.
        BadVersion = "bad-version", "bad version";
        /// A file format of another program version.
        UnknownFormat = "unknown-format", "unknown format";
        /// A metric that does not exist.
        UnknownMetric = "unknown-metric", "unknown metric";
        /// A table that does not exist.
        UnknownTable = "unknown-table", "unknown table";
        /// A named fact that does not exist.
        UnknownFact = "unknown-fact", "unknown fact";
        /// A segment that cannot be one.
        UnknownSegment = "unknown-segment", "unknown segment";
        /// A variant that the experiment does not have.
        UnknownVariant = "unknown-variant", "unknown variant";
        /// A time zone that does not exist.
        UnknownZone = "unknown-zone", "unknown time zone";
        /// A reference to a definition that has errors of its own.
        BrokenReference = "broken-reference", "refers to a definition with errors";
        /// A table that cannot serve here.
        WrongTable = "wrong-table", "table of the wrong kind";
        /// A path that leaves the workspace.
        PathOutside = "path-outside", "path leaves the workspace";
        /// A value that cannot be computed.
        BadValue = "bad-value", "value cannot be computed";
        /// A filter that cannot be.
        BadFilter = "bad-filter", "filter cannot be";
        /// A time without a zone.
        NoZone = "no-zone", "time without a zone";
        /// Times in an impossible order.
        TimeOrder = "time-order", "times out of order";
        /// Weights that cannot be.
        BadWeights = "bad-weights", "weights cannot be";
        /// Epochs that cannot be.
        BadEpochs = "bad-epochs", "epochs cannot be";
        /// No control, or one that is no variant.
        NoControl = "no-control", "no control";
        /// Nothing to compare with.
        OneVariant = "one-variant", "fewer than two variants";
        /// More variants than can be told apart.
        ManyVariants = "many-variants", "too many variants";
        /// A rule of the data contract that cannot be.
        BadContract = "bad-contract", "contract rule cannot be";
        /// A rule of the data contract about a table that nothing reads.
        UnreadTable = "unread-table", "table is read by nothing";
        /// A rule of the data contract that fails, for reasons nobody states.
        NoImpact = "no-impact", "contract rule without an impact";
        /// A window that cannot be.
        ImpossibleWindow = "impossible-window", "window cannot be";
        /// A cap that cannot be.
        BadCap = "bad-cap", "cap cannot be";
        /// A covariate that cannot be.
        BadCovariate = "bad-covariate", "covariate cannot be";
        /// A margin or smallest effect that cannot be.
        BadMagnitude = "bad-magnitude", "size cannot be";
        /// A primary that is not in force.
        PrimaryNotActive = "primary-not-active", "primary is not active";
        /// A metric in a role it is not eligible for.
        NotEligible = "not-eligible", "not eligible for the role";
        /// A metric that is no longer computed.
        RetiredMetric = "retired-metric", "metric is retired";
        /// One metric in two roles.
        TwoRoles = "two-roles", "metric in two roles";
        /// A guardrail that can never pass.
        NoMargin = "no-margin", "guardrail without a margin";
        /// Nothing decides.
        NoPrimary = "no-primary", "no primary metric";
        /// A primary that serves no stated decision.
        NoDecision = "no-decision", "primary without a decision";
        /// A guardrail whose red nobody could explain.
        NoExplanation = "no-explanation", "guardrail without drivers or runbook";
        /// A metric in use that is not in force.
        NotInForce = "not-in-force", "metric is not in force";
        /// An owner who is nobody.
        NoOwner = "no-owner", "nobody owns it";
    }
}

/// One thing that is not right in one definition file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct Problem {
    /// How bad it is.
    pub severity: Severity,
    /// The rule it breaks.
    pub rule: Rule,
    /// The file, relative to the workspace, with forward slashes.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
    /// The key or id it is about.
    pub subject: String,
    /// Why it is a problem, in one sentence.
    pub reason: String,
    /// What to do, in one sentence.
    pub fix: String,
}

impl Problem {
    /// Whether the definition cannot be used.
    #[must_use]
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }

    /// The order of a list of problems: by place, then by rule and words, so that it never depends on how they were found.
    pub(super) fn order(&self, other: &Self) -> std::cmp::Ordering {
        let key = |problem: &Self| (problem.line, problem.column, problem.severity, problem.rule);
        self.file
            .cmp(&other.file)
            .then_with(|| key(self).cmp(&key(other)))
            .then_with(|| self.reason.cmp(&other.reason))
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            formatter,
            "{}[{}]: {}",
            self.severity,
            self.rule,
            visible(&self.reason)
        )?;
        writeln!(
            formatter,
            "  --> {}:{}:{}",
            visible(&self.file),
            self.line,
            self.column
        )?;
        write!(formatter, "  = hint: {}", visible(&self.fix))
    }
}

/// `text` with every character that could act on a terminal, or hide, made visible as `\u{…}`.
pub(super) fn visible(text: &str) -> String {
    text.chars().fold(String::new(), |mut shown, character| {
        if acts(character) {
            shown.extend(character.escape_unicode());
        } else {
            shown.push(character);
        }
        shown
    })
}

/// Control, bidirectional, zero-width and tag characters.
fn acts(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

/// `text` cut to what a sentence can hold; names in data may have ten thousand characters.
pub(super) fn short(text: &str) -> String {
    const LONGEST: usize = 60;
    if text.chars().count() <= LONGEST {
        text.to_owned()
    } else {
        text.chars()
            .take(LONGEST)
            .chain(std::iter::once('…'))
            .collect()
    }
}

/// `a, b and c`, each quoted; long lists are cut.
pub(super) fn list<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    const MOST: usize = 30;
    let names: Vec<String> = names
        .into_iter()
        .map(|name| format!("'{}'", short(name)))
        .collect();
    match names.as_slice() {
        [] => "none".to_owned(),
        [only] => only.clone(),
        many if many.len() > MOST => {
            format!("{} and {} more", many[..MOST].join(", "), many.len() - MOST)
        }
        [others @ .., last] => format!("{} and {last}", others.join(", ")),
    }
}

/// The name nearest to `text`, when one is near enough to have been meant.
pub(super) fn nearest<'a>(text: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    const NEAR: f64 = 0.55;
    /// So that no file makes a hint cost more than its problem.
    const MOST: usize = 2000;
    let text = short(text);
    let mut best: Option<(f64, &str)> = None;
    for name in names.into_iter().take(MOST) {
        let likeness = strsim::normalized_damerau_levenshtein(&text, name);
        let better = match best {
            None => likeness >= NEAR,
            Some((most, chosen)) => likeness > most || (likeness == most && name < chosen),
        };
        if better {
            best = Some((likeness, name));
        }
    }
    best.map(|(_, name)| name)
}

/// "Write 'x'." for the nearest of `names`, else the whole list.
pub(super) fn suggest<'a>(
    text: &str,
    names: impl IntoIterator<Item = &'a str> + Clone,
    noun: &str,
) -> String {
    match nearest(text, names.clone()) {
        Some(name) => format!("write '{name}', the nearest {noun}"),
        None => match list(names).as_str() {
            "none" => format!("there is no {noun} yet: define one first"),
            known => format!("the {noun}s here are {known}"),
        },
    }
}
