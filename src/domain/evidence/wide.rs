//! Defines whole numbers of some hundred bits on the stack, and their quotient by a count, rounded once.
//!
//! Exact as the numbers of `num-bigint` are, without a heap. It refuses to grow: callers hold sums of at most 322 bits and
//! products of two of them.

/// A product of two sums has 644 bits; these hold 768.
const LIMBS: usize = 12;

/// A whole number: sign and magnitude, little end first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Wide {
    negative: bool,
    limbs: [u64; LIMBS],
    /// Limbs in use: all above are zero.
    used: usize,
}

impl Wide {
    /// Bits after the point that sums and products of two of them may be scaled by.
    pub(super) const MOST_SCALE: u32 = 400;

    const ZERO: Self = Self {
        negative: false,
        limbs: [0; LIMBS],
        used: 0,
    };

    /// An integer as it is.
    pub(super) fn of(integer: i128) -> Self {
        let magnitude = integer.unsigned_abs();
        Self::from_magnitude(integer < 0, &[low(magnitude), low(magnitude >> 64)])
    }

    /// An integer from its limbs in two's complement, little end first.
    pub(super) fn of_complement(complement: &[u64]) -> Self {
        let negative = complement.last().is_some_and(|top| top >> 63 == 1);
        if !negative {
            return Self::from_magnitude(false, complement);
        }
        let mut magnitude = [0; LIMBS];
        let mut carry = true;
        for (ours, theirs) in magnitude.iter_mut().zip(complement) {
            (*ours, carry) = (!theirs).overflowing_add(u64::from(carry));
        }
        let used = complement.len().min(LIMBS);
        Self::from_magnitude(true, &magnitude[..used])
    }

    fn from_magnitude(negative: bool, magnitude: &[u64]) -> Self {
        let mut number = Self {
            negative,
            ..Self::ZERO
        };
        for (ours, theirs) in number.limbs.iter_mut().zip(magnitude) {
            *ours = *theirs;
        }
        number.used = magnitude.len().min(LIMBS);
        number.trim();
        number
    }

    fn trim(&mut self) {
        while self.used > 0 && self.limbs[self.used - 1] == 0 {
            self.used -= 1;
        }
    }

    fn magnitude(&self) -> &[u64] {
        &self.limbs[..self.used]
    }

    /// The bits of the magnitude.
    fn bits(&self) -> u32 {
        let below = 64 * self.used.saturating_sub(1);
        let top = self.magnitude().last();
        let top = top.map_or(0, |top| 64 - top.leading_zeros());
        u32::try_from(below).unwrap_or(u32::MAX) + top
    }

    /// The number times 2^bits.
    pub(super) fn shifted(&self, bits: u32) -> Self {
        let (whole, part) = ((bits / 64) as usize, bits % 64);
        let mut number = Self {
            negative: self.negative,
            ..Self::ZERO
        };
        let mut carried = 0;
        let limbs = self.magnitude().iter().copied().chain([0]);
        for (slot, limb) in number.limbs[whole..].iter_mut().zip(limbs) {
            let spread = u128::from(limb) << part;
            *slot = low(spread) | carried;
            carried = low(spread >> 64);
        }
        number.used = (self.used + whole + 1).min(LIMBS);
        number.trim();
        number
    }

    /// The product with another number.
    pub(super) fn times(&self, other: &Self) -> Self {
        let mut number = Self {
            negative: self.negative != other.negative,
            ..Self::ZERO
        };
        for (start, left) in self.magnitude().iter().enumerate() {
            let mut carried = 0_u128;
            let rights = other.magnitude().iter().copied().chain([0]);
            for (slot, right) in number.limbs[start..].iter_mut().zip(rights) {
                let sum = u128::from(*left) * u128::from(right) + u128::from(*slot) + carried;
                *slot = low(sum);
                carried = sum >> 64;
            }
        }
        number.used = (self.used + other.used).min(LIMBS);
        number.trim();
        number
    }

    /// The sum with another number.
    pub(super) fn plus(&self, other: &Self) -> Self {
        if self.negative == other.negative {
            return self.joined(other, u64::overflowing_add);
        }
        let larger = self.magnitude().len().cmp(&other.magnitude().len());
        let larger = larger.then_with(|| {
            let (ours, theirs) = (self.magnitude().iter(), other.magnitude().iter());
            ours.rev().cmp(theirs.rev())
        });
        if larger.is_lt() {
            other.joined(self, u64::overflowing_sub)
        } else {
            self.joined(other, u64::overflowing_sub)
        }
    }

    /// Magnitudes added, or the smaller one taken away, with the sign of `self`.
    fn joined(&self, other: &Self, join: impl Fn(u64, u64) -> (u64, bool)) -> Self {
        let mut number = *self;
        let mut carry = false;
        let used = self.used.max(other.used) + 1;
        for (slot, term) in number.limbs.iter_mut().zip(other.limbs).take(used) {
            let (sum, first) = join(*slot, term);
            let (sum, second) = join(sum, u64::from(carry));
            *slot = sum;
            carry = first || second;
        }
        number.used = used.min(LIMBS);
        number.trim();
        number
    }

    /// The difference from another number.
    pub(super) fn minus(&self, other: &Self) -> Self {
        self.plus(&Self {
            negative: !other.negative,
            ..*other
        })
    }

    /// The double nearest to this number over `count`·2^`bits`, ties to even; `count` is not zero.
    pub(super) fn over(&self, count: u64, bits: u32) -> f64 {
        if self.used == 0 {
            return 0.0;
        }
        // Cut so that the quotient has 55 or 56 bits: 53 for the result, the rest to round by.
        let exponent = i64::from(self.bits()) - i64::from(64 - count.leading_zeros()) - 55;
        let (head, cut) = self.head(exponent);
        let (quotient, left) = (head / u128::from(count), head % u128::from(count));
        let result = super::exact::round_to_double(
            low(quotient),
            cut || left != 0,
            exponent - i64::from(bits),
        );
        if self.negative { -result } else { result }
    }

    /// The magnitude over 2^exponent without what is below one, and whether there is any: it must have at most 128 bits.
    fn head(&self, exponent: i64) -> (u128, bool) {
        let limb = |place: usize| u128::from(self.limbs.get(place).copied().unwrap_or(0));
        let Ok(shift) = u32::try_from(exponent) else {
            let up = u32::try_from(exponent.unsigned_abs()).unwrap_or(u32::MAX);
            return ((limb(0) | limb(1) << 64) << up, false);
        };
        let (whole, part) = ((shift / 64) as usize, shift % 64);
        let mut head = (limb(whole) | limb(whole + 1) << 64) >> part;
        if part > 0 {
            head |= limb(whole + 2) << (128 - part);
        }
        let below = self.limbs[..whole].iter().any(|limb| *limb != 0);
        (head, below || limb(whole) & ((1 << part) - 1) != 0)
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "the low limb is what is asked for"
)]
const fn low(value: u128) -> u64 {
    value as u64
}
