//! Defines just enough of flatbuffers to look at the description of an Arrow file before others trust it.

/// A table in encoded bytes: fields by number, each optional.
#[derive(Debug, Clone, Copy)]
pub(super) struct Table<'a> {
    bytes: &'a [u8],
    place: usize,
    /// Where the offsets of its fields begin, and their number.
    offsets: usize,
    fields: usize,
}

impl<'a> Table<'a> {
    /// The table that the bytes as a whole are.
    pub(super) fn root(bytes: &'a [u8]) -> Option<Self> {
        Self::at(bytes, unsigned(bytes, 0)?)
    }

    fn at(bytes: &'a [u8], place: usize) -> Option<Self> {
        let back = bytes.get(place..place.checked_add(4)?)?;
        let back = i64::from(i32::from_le_bytes(back.try_into().ok()?));
        let offsets = usize::try_from(i64::try_from(place).ok()?.checked_sub(back)?).ok()?;
        let length = short(bytes, offsets)?;
        Some(Self {
            bytes,
            place,
            offsets: offsets.checked_add(4)?,
            fields: length.checked_sub(4)? / 2,
        })
    }

    /// Where a field is; `None` where the table does not have it.
    fn field(&self, number: usize) -> Option<usize> {
        if number >= self.fields {
            return None;
        }
        match short(self.bytes, self.offsets.checked_add(number * 2)?)? {
            0 => None,
            offset => self.place.checked_add(offset),
        }
    }

    /// What a field refers to.
    fn target(&self, number: usize) -> Option<usize> {
        let field = self.field(number)?;
        field.checked_add(unsigned(self.bytes, field)?)
    }

    pub(super) fn table(&self, number: usize) -> Option<Self> {
        Self::at(self.bytes, self.target(number)?)
    }

    pub(super) fn byte(&self, number: usize) -> Option<u8> {
        self.bytes.get(self.field(number)?).copied()
    }

    /// A 64-bit integer; 0 where the table does not have it, as the format says.
    pub(super) fn long(&self, number: usize) -> i64 {
        self.field(number)
            .and_then(|place| self.bytes.get(place..place.checked_add(8)?))
            .and_then(|found| found.try_into().ok())
            .map_or(0, i64::from_le_bytes)
    }

    /// The structures of a list, each of `size` bytes; none where the table does not have it, `None` where it is broken.
    pub(super) fn structures(
        &self,
        number: usize,
        size: usize,
    ) -> Option<impl Iterator<Item = &'a [u8]> + use<'a>> {
        let found: &'a [u8] = if self.field(number).is_none() {
            &[]
        } else {
            let list = self.target(number)?;
            let length = unsigned(self.bytes, list)?.checked_mul(size)?;
            let start = list.checked_add(4)?;
            self.bytes.get(start..start.checked_add(length)?)?
        };
        Some(found.chunks_exact(size))
    }
}

fn short(bytes: &[u8], place: usize) -> Option<usize> {
    let found = bytes.get(place..place.checked_add(2)?)?;
    found
        .try_into()
        .ok()
        .map(u16::from_le_bytes)
        .map(usize::from)
}

fn unsigned(bytes: &[u8], place: usize) -> Option<usize> {
    let found = bytes.get(place..place.checked_add(4)?)?;
    let value = found.try_into().ok().map(u32::from_le_bytes)?;
    usize::try_from(value).ok()
}
