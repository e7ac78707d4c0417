//! Defines a column of texts: one after the other, or each distinct text once and a code a row.
//!
//! It refuses to tell the two apart where texts are compared: equal texts are equal columns.

/// Texts of a column.
///
/// Where few of them are distinct, as in most columns of labels, each is held once and every row has its code: see
/// [`TextColumn::codes`]. [`TextColumn::get`] is the same for both.
#[derive(Debug, Clone, Default)]
pub struct TextColumn {
    /// The texts of the rows, or of the codes where there are codes.
    text: String,
    ends: Vec<usize>,
    codes: Option<Vec<u32>>,
}

impl TextColumn {
    /// An empty column with room for `rows` texts.
    #[must_use]
    pub fn with_capacity(rows: usize) -> Self {
        Self {
            text: String::with_capacity(rows * 8),
            ends: Vec::with_capacity(rows),
            codes: None,
        }
    }

    /// An empty column of codes with room for `rows`.
    pub(super) fn coded(rows: usize) -> Self {
        Self {
            codes: Some(Vec::with_capacity(rows)),
            ..Self::default()
        }
    }

    /// Adds a row. A column of codes then holds a text a row instead.
    pub fn push(&mut self, text: &str) {
        self.push_with(|end| end.push_str(text));
    }

    /// Adds a row, written by `write`.
    pub(super) fn push_with(&mut self, write: impl FnOnce(&mut String)) {
        if self.codes.is_some() {
            self.expand();
        }
        write(&mut self.text);
        self.ends.push(self.text.len());
    }

    /// Adds a row that holds the text of a code, to a column of codes.
    #[inline]
    pub(super) fn push_code(&mut self, code: u32) {
        if let Some(codes) = &mut self.codes {
            codes.push(code);
        }
    }

    /// Adds a distinct text without a row, to a column of codes; its code.
    pub(super) fn define(&mut self, text: &str) -> u32 {
        let code = u32::try_from(self.ends.len()).unwrap_or(u32::MAX);
        self.text.push_str(text);
        self.ends.push(self.text.len());
        code
    }

    /// Holds a text a row from now on.
    pub(super) fn expand(&mut self) {
        if let Some(codes) = &self.codes {
            let mut plain = Self::with_capacity(codes.capacity());
            for code in codes {
                plain.push(self.text_of(*code));
            }
            *self = plain;
        }
    }

    /// The code of every row and the number of distinct texts, where the column has codes.
    ///
    /// Codes count from 0 in the order in which their texts first stand in the column, for this column alone: another
    /// batch has codes of its own. Equal texts have equal codes. The text of a code is [`TextColumn::text_of`]. A row
    /// that is not valid has a code too, of the empty text.
    #[inline]
    #[must_use]
    pub fn codes(&self) -> Option<(&[u32], usize)> {
        self.codes
            .as_ref()
            .map(|codes| (codes.as_slice(), self.ends.len()))
    }

    /// The text of a code, in a column that has codes; empty for a code that is not there.
    #[inline]
    #[must_use]
    pub fn text_of(&self, code: u32) -> &str {
        self.stored(code as usize)
    }

    /// The text of `row`, counted from 0; empty for a row that is not there.
    #[inline]
    #[must_use]
    pub fn get(&self, row: usize) -> &str {
        match &self.codes {
            None => self.stored(row),
            Some(codes) => codes.get(row).map_or("", |code| self.text_of(*code)),
        }
    }

    /// Rows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.codes.as_ref().map_or(self.ends.len(), Vec::len)
    }

    /// Whether there is no row.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Every text, in row order.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        let (codes, ends) = match &self.codes {
            Some(codes) => (codes.as_slice(), [].as_slice()),
            None => ([].as_slice(), self.ends.as_slice()),
        };
        let coded = codes.iter().map(|code| self.text_of(*code));
        let mut start = 0;
        let plain = ends.iter().map(move |end| {
            let text = self.text.get(start..*end).unwrap_or("");
            start = *end;
            text
        });
        coded.chain(plain)
    }

    #[inline]
    fn stored(&self, place: usize) -> &str {
        let Some(&end) = self.ends.get(place) else {
            return "";
        };
        let start = match place.checked_sub(1) {
            Some(before) => self.ends.get(before).copied().unwrap_or(end),
            None => 0,
        };
        self.text.get(start..end).unwrap_or("")
    }
}

impl PartialEq for TextColumn {
    fn eq(&self, other: &Self) -> bool {
        self.len() == other.len() && self.iter().eq(other.iter())
    }
}

impl Eq for TextColumn {}
