//! Defines just enough of Thrift's compact protocol to look at a Parquet page header before others trust it.

/// Why nothing could be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Incomplete {
    /// The bytes end too early; more may help.
    Short,
    /// No more bytes would help.
    Bad,
}

/// The type of a field, by its number in the protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Field(u8);

impl Field {
    pub(super) const STRUCTURE: Self = Self(12);
}

/// Structures in structures that are followed.
const DEEPEST: u8 = 16;

/// A position in encoded bytes.
pub(super) struct Thrift<'a> {
    bytes: &'a [u8],
    place: usize,
    depth: u8,
}

type Visit<'v, 'a> = &'v mut dyn FnMut(&mut Thrift<'a>, i64, Field) -> Result<(), Incomplete>;

impl<'a> Thrift<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self {
            bytes,
            place: 0,
            depth: 0,
        }
    }

    /// Bytes read so far.
    pub(super) fn read(&self) -> usize {
        self.place
    }

    fn byte(&mut self) -> Result<u8, Incomplete> {
        let byte = self.bytes.get(self.place).ok_or(Incomplete::Short)?;
        self.place += 1;
        Ok(*byte)
    }

    fn pass(&mut self, count: u64) -> Result<(), Incomplete> {
        let count = usize::try_from(count).map_err(|_| Incomplete::Bad)?;
        let place = self.place.checked_add(count).ok_or(Incomplete::Bad)?;
        if place > self.bytes.len() {
            return Err(Incomplete::Short);
        }
        self.place = place;
        Ok(())
    }

    fn varint(&mut self) -> Result<u64, Incomplete> {
        let mut value = 0_u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err(Incomplete::Bad)
    }

    /// An integer of 16, 32 or 64 bits, whose sign is its lowest bit.
    pub(super) fn integer(&mut self, kind: Field) -> Result<i64, Incomplete> {
        if !matches!(kind.0, 4..=6) {
            return Err(Incomplete::Bad);
        }
        let coded = self.varint()?;
        Ok((coded >> 1).cast_signed() ^ -(coded & 1).cast_signed())
    }

    /// Hands each field of a structure, its number and its type, to `visit`, which reads its value.
    pub(super) fn structure(&mut self, visit: Visit<'_, 'a>) -> Result<(), Incomplete> {
        if self.depth >= DEEPEST {
            return Err(Incomplete::Bad);
        }
        self.depth += 1;
        let mut number = 0_i64;
        loop {
            let head = self.byte()?;
            let kind = Field(head & 0x0f);
            if kind.0 == 0 {
                break;
            }
            number = match head >> 4 {
                0 => self.integer(Field(4))?,
                step => number + i64::from(step),
            };
            visit(self, number, kind)?;
        }
        self.depth -= 1;
        Ok(())
    }

    /// Passes over a value.
    pub(super) fn skip(&mut self, kind: Field) -> Result<(), Incomplete> {
        match kind.0 {
            // A truth value is in its type.
            1 | 2 => Ok(()),
            3 => self.pass(1),
            4..=6 => self.varint().map(drop),
            7 => self.pass(8),
            8 => {
                let length = self.varint()?;
                self.pass(length)
            }
            12 => self.structure(&mut |reader, _, kind| reader.skip(kind)),
            // Lists, sets and maps are in no page header.
            _ => Err(Incomplete::Bad),
        }
    }
}
