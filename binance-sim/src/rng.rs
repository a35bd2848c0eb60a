//! Random numbers from a seed: the same on every machine.

/// SplitMix64: small, fast, and any seed will do.
#[derive(Clone, Debug)]
pub(crate) struct Rng(u64);

impl Rng {
    pub(crate) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        mix(self.0)
    }

    /// Below `bound`; zero when that is zero.
    pub(crate) const fn below(&mut self, bound: u64) -> u64 {
        ((self.next() as u128 * bound as u128) >> 64) as u64
    }

    /// From `low` to `high`, both included.
    pub(crate) const fn between(&mut self, low: i64, high: i64) -> i64 {
        low.saturating_add(self.below((high.saturating_sub(low) as u64).saturating_add(1)) as i64)
    }

    /// True `count` times out of `of`.
    pub(crate) const fn chance(&mut self, count: u64, of: u64) -> bool {
        self.below(of) < count
    }

    /// Letters and digits.
    pub(crate) fn text(&mut self, len: usize) -> String {
        const LETTERS: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
        (0..len).map(|_| char::from(LETTERS[self.below(62) as usize])).collect()
    }
}

/// A number that looks random and depends on nothing but its arguments.
pub(crate) const fn hash(seed: u64, salt: u64, index: i64) -> u64 {
    mix(mix(seed ^ salt.wrapping_mul(0xA24B_AED4_963E_E407))
        ^ (index as u64).wrapping_mul(0x9FB2_1C65_1E98_DF25))
}

const fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn splitmix_gives_its_published_numbers() {
        // https://prng.di.unimi.it/splitmix64.c with seed 1234567.
        let mut rng = Rng::new(1_234_567);
        assert_eq!(rng.next(), 6_457_827_717_110_365_317);
        assert_eq!(rng.next(), 3_203_168_211_198_807_973);
    }

    #[test]
    fn bounds_hold() {
        let mut rng = Rng::new(1);
        for _ in 0..1_000 {
            assert!((-3..=3).contains(&rng.between(-3, 3)));
            assert!(rng.below(2) < 2);
        }
        assert_eq!(rng.below(0), 0);
        assert_eq!(rng.between(5, 5), 5);
    }
}
