//! Defines the random weights of the bootstrap: a function of (seed, unit, replicate) and of nothing else.
//!
//! It refuses state: any engine, split, order or number of threads gives a unit the same weights. Integers only, so the
//! same on every platform.

/// Cumulative probabilities of Poisson(1) times 2³², rounded down: a word below the k-th is a weight of at most k.
const POISSON: [u32; 12] = [
    1_580_030_168,
    3_160_060_337,
    3_950_075_421,
    4_213_413_783,
    4_279_248_373,
    4_292_415_291,
    4_294_609_777,
    4_294_923_276,
    4_294_962_463,
    4_294_966_817,
    4_294_967_252,
    4_294_967_292,
];

/// How many replicates one [`poisson_weights`] call serves.
pub const REPLICATES_A_BLOCK: u32 = 4;

/// Poisson(1) weights of a unit in four replicates: of block b, replicates 4b to 4b + 3.
///
/// `unit` is a hash of the unit's key. Words come from [`philox`] with the seed as key and (unit, block, 0) as counter, and
/// are inverted by table; the tail beyond 12 has probability 6e-11.
#[must_use]
pub fn poisson_weights(seed: u64, unit: u64, block: u32) -> [u8; 4] {
    let counter = [low(unit), high(unit), block, 0];
    philox(counter, [low(seed), high(seed)]).map(poisson)
}

/// The Poisson(1) weight of a unit in one replicate.
#[must_use]
pub fn poisson_weight(seed: u64, unit: u64, replicate: u32) -> u8 {
    let place = (replicate % REPLICATES_A_BLOCK) as usize;
    poisson_weights(seed, unit, replicate / REPLICATES_A_BLOCK)[place]
}

fn poisson(word: u32) -> u8 {
    POISSON
        .iter()
        .fold(0, |count, bound| count + u8::from(word >= *bound))
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "the low half is what is asked for"
)]
const fn low(word: u64) -> u32 {
    word as u32
}

const fn high(word: u64) -> u32 {
    low(word >> 32)
}

/// Philox4x32 with ten rounds, a counter-based generator (Salmon, Moraes, Dror and Shaw 2011).
#[must_use]
pub fn philox(counter: [u32; 4], key: [u32; 2]) -> [u32; 4] {
    let ([mut a, mut b, mut c, mut d], [mut left, mut right]) = (counter, key);
    for _ in 0..10 {
        let (one, other) = (u64::from(a) * 0xD251_1F53, u64::from(c) * 0xCD9E_8D57);
        (a, b, c, d) = (
            high(other) ^ b ^ left,
            low(other),
            high(one) ^ d ^ right,
            low(one),
        );
        left = left.wrapping_add(0x9E37_79B9);
        right = right.wrapping_add(0xBB67_AE85);
    }
    [a, b, c, d]
}
