//! RSA without a heap: 2048, 3072 and 4096 bits on crypto-bigint's integers of a fixed size.

use core::fmt;

use crypto_bigint::{
    Limb, NonZero, Odd, Uint, Word,
    modular::{FixedMontyForm, FixedMontyParams},
};
use der::Decode;
use pkcs1::RsaPrivateKeyRef;
use sha2::{Digest, Sha256};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::{
    KeyError, KeyKind, Message, PrivateKey, SignError, Signer, base64, blinding::Blinding, key, key::loaders,
};

/// An RSA key of 2048 bits.
pub type Rsa2048 = RsaFixed<{ 256 / Limb::BYTES }, { 128 / Limb::BYTES }>;
/// An RSA key of 3072 bits.
pub type Rsa3072 = RsaFixed<{ 384 / Limb::BYTES }, { 192 / Limb::BYTES }>;
/// An RSA key of 4096 bits.
pub type Rsa4096 = RsaFixed<{ 512 / Limb::BYTES }, { 256 / Limb::BYTES }>;

/// The bytes of the longest modulus.
const MAX_BYTES: usize = 512;

/// Signs with an RSA key, PKCS#1 v1.5 with SHA-256, in base64. Never allocates.
///
/// Use it by its sizes, [`Rsa2048`], [`Rsa3072`] and [`Rsa4096`]; [`PrivateKey::rsa_bits`] says which one a key
/// needs. `MODULUS` and `PRIME` count the machine words of the modulus and of each prime.
///
/// **This is this crate's own glue** around the integers of crypto-bigint and has not been audited. What it does:
///
/// * exponents are secret and the exponentiation takes the same time for all of them;
/// * the base is blinded with a factor derived from the key and the message, or from the caller's random bytes too
///   ([`Self::mix_entropy`]);
/// * it computes by the Chinese remainder theorem, and releases a signature only if `s^e` is the padded message, so
///   that a fault cannot give a prime away;
/// * at load `n == p * q`, the exponents and the coefficient are checked to belong together;
/// * keys and intermediate values are zeroized, and the dead stack of the computation is overwritten.
///
/// What it does not do: a key that is moved, as when it is loaded into a variable, may leave a copy in the place that it
/// was moved from.
///
/// RUSTSEC-2023-0071 ("Marvin") is about the timing of decryption in the `rsa` crate, whose big integers were not
/// constant-time then; none of that code is used here, and a signer has no ciphertexts to be asked about.
pub struct RsaFixed<const MODULUS: usize, const PRIME: usize> {
    n: FixedMontyParams<MODULUS>,
    e: Word,
    p: Secret<PRIME>,
    q: Secret<PRIME>,
    /// `q^-1 mod p`.
    coefficient: FixedMontyForm<PRIME>,
    blinding: Blinding,
}

/// One prime and the private exponent for it.
struct Secret<const PRIME: usize> {
    prime: FixedMontyParams<PRIME>,
    exponent: Uint<PRIME>,
}

impl<const MODULUS: usize, const PRIME: usize> RsaFixed<MODULUS, PRIME> {
    /// The bytes of the modulus and of a signature.
    const BYTES: usize = MODULUS * Limb::BYTES;

    /// The length of the signature text.
    pub const SIGNATURE_LEN: usize = base64::encoded_len(Self::BYTES);

    /// Takes a key that was read from a file.
    ///
    /// # Errors
    /// [`KeyError::Kind`] when it is not an RSA key, [`KeyError::RsaSize`] when it has another size,
    /// [`KeyError::Inconsistent`] when its parts do not belong together, or its public exponent does not fit a word.
    pub fn from_key(key: &PrivateKey<'_>) -> Result<Self, KeyError> {
        const {
            assert!(MODULUS == 2 * PRIME, "a prime is half as long as the modulus");
            assert!(Self::BYTES <= MAX_BYTES, "the modulus has at most 4096 bits");
        }
        let key = RsaPrivateKeyRef::from_der(key.pkcs1()?).map_err(|_| KeyError::Malformed)?;
        let bits = key::bits(key.modulus.as_bytes());
        if bits as usize != Self::BYTES * 8 {
            return Err(KeyError::RsaSize(bits));
        }
        let loaded = Self::load(&key).ok_or(KeyError::Inconsistent);
        scrub::<MODULUS, 64>();
        loaded
    }

    /// `None` when the parts of the key do not belong together.
    #[inline(never)]
    fn load(key: &RsaPrivateKeyRef<'_>) -> Option<Self> {
        let n: Uint<MODULUS> = uint(key.modulus.as_bytes())?;
        let e = *uint::<1>(key.public_exponent.as_bytes())?.as_words().first()?;
        let p = Zeroizing::new(uint::<PRIME>(key.prime1.as_bytes())?);
        let q = Zeroizing::new(uint::<PRIME>(key.prime2.as_bytes())?);
        let (low, high) = p.widening_mul(&q);
        let e_fits = e & 1 == 1 && e > 1 << 16;
        if join(&low, &high) != n || *p == *q || !e_fits {
            return None;
        }
        let p = Secret::new(&p, uint(key.exponent1.as_bytes())?, e)?;
        let q = Secret::new(&q, uint(key.exponent2.as_bytes())?, e)?;
        let coefficient = FixedMontyForm::new(&uint(key.coefficient.as_bytes())?, &p.prime);
        let q_mod_p = FixedMontyForm::new(q.prime.modulus(), &p.prime);
        if coefficient.mul(&q_mod_p).retrieve() != Uint::ONE {
            return None;
        }
        let blinding = Blinding::new(&[key.private_exponent.as_bytes(), key.prime1.as_bytes()]);
        Some(Self {
            n: FixedMontyParams::new_vartime(Odd::new(n).into_option()?),
            e,
            p,
            q,
            coefficient,
            blinding,
        })
    }

    /// Mixes random bytes into the secret that blinding factors are derived from. Signatures stay the same.
    pub fn mix_entropy(&mut self, random: &[u8]) {
        self.blinding.mix(random);
    }

    /// `padded^d mod n`, blinded and checked.
    #[inline(never)]
    fn power(&self, padded: &Uint<MODULUS>, digest: &[u8; 32]) -> Result<Uint<MODULUS>, SignError> {
        let factor = Zeroizing::new(FixedMontyForm::new(&*self.factor(digest), &self.n));
        let inverse = Zeroizing::new(factor.invert().into_option().ok_or(SignError::Fault)?);
        let message = FixedMontyForm::new(padded, &self.n);
        let blinded = Zeroizing::new(message.mul(&self.public(&factor)).retrieve());
        let root = Zeroizing::new(FixedMontyForm::new(&*self.crt(&blinded), &self.n));
        let signature = root.mul(&inverse);
        if self.public(&signature).retrieve() == *padded {
            Ok(signature.retrieve())
        } else {
            Err(SignError::Fault)
        }
    }

    /// `base^e mod n`, in time that depends on `e`, which is no secret. Usually 65537, where a table would cost more
    /// than it saves.
    fn public(&self, base: &FixedMontyForm<MODULUS>) -> FixedMontyForm<MODULUS> {
        (0..self.e.ilog2()).rev().fold(*base, |power, bit| {
            let square = power.square();
            if self.e >> bit & 1 == 1 { square.mul(base) } else { square }
        })
    }

    /// The blinding factor for the message with this digest.
    fn factor(&self, digest: &[u8; 32]) -> Zeroizing<Uint<MODULUS>> {
        let mut bytes = Zeroizing::new([0; MAX_BYTES]);
        for (index, chunk) in (0..).zip(bytes.chunks_exact_mut(32).take(Self::BYTES / 32)) {
            chunk.copy_from_slice(&*self.blinding.stream(digest, index));
        }
        Zeroizing::new(uint(bytes.get(..Self::BYTES).unwrap_or_default()).unwrap_or(Uint::ONE))
    }

    /// `m^d mod n` from the powers modulo each prime.
    fn crt(&self, m: &Uint<MODULUS>) -> Zeroizing<Uint<MODULUS>> {
        let by_p = Zeroizing::new(self.p.power(m));
        let by_q = Zeroizing::new(self.q.power(m).retrieve());
        let difference = Zeroizing::new(by_p.sub(&FixedMontyForm::new(&by_q, &self.p.prime)));
        let multiple = Zeroizing::new(difference.mul(&self.coefficient).retrieve());
        let (low, high) = multiple.widening_mul(self.q.prime.modulus().as_ref());
        Zeroizing::new(join::<MODULUS, PRIME>(&low, &high).wrapping_add(&join(&by_q, &Uint::ZERO)))
    }
}

loaders!(RsaFixed<const MODULUS: usize, const PRIME: usize>);

impl<const MODULUS: usize, const PRIME: usize> Signer for RsaFixed<MODULUS, PRIME> {
    fn kind(&self) -> KeyKind {
        KeyKind::Rsa
    }

    fn signature_len(&self) -> usize {
        Self::SIGNATURE_LEN
    }

    fn sign_message<'o>(&self, message: &dyn Message, out: &'o mut [u8]) -> Result<&'o str, SignError> {
        let mut hasher = Sha256::new();
        message.feed(&mut |piece| hasher.update(piece))?;
        let digest = hasher.finalize().into();
        let mut bytes = [0; MAX_BYTES];
        let bytes = bytes.get_mut(..Self::BYTES).ok_or(SignError::Full)?;
        pad(&digest, bytes);
        let padded = uint(bytes).ok_or(SignError::Fault)?;
        let signature = self.power(&padded, &digest);
        scrub::<MODULUS, 76>();
        for (to, word) in bytes.rchunks_exact_mut(Limb::BYTES).zip(signature?.as_words()) {
            to.copy_from_slice(&word.to_be_bytes());
        }
        base64::encode(bytes, out)
    }
}

impl<const MODULUS: usize, const PRIME: usize> fmt::Debug for RsaFixed<MODULUS, PRIME> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Rsa{}", Self::BYTES * 8)
    }
}

impl<const MODULUS: usize, const PRIME: usize> Drop for RsaFixed<MODULUS, PRIME> {
    fn drop(&mut self) {
        self.coefficient.zeroize();
    }
}

impl<const MODULUS: usize, const PRIME: usize> ZeroizeOnDrop for RsaFixed<MODULUS, PRIME> {}

impl<const PRIME: usize> Secret<PRIME> {
    /// `None` when `exponent * e` is not 1 modulo `prime - 1`.
    fn new(prime: &Uint<PRIME>, exponent: Uint<PRIME>, e: Word) -> Option<Self> {
        let order = NonZero::new(prime.wrapping_sub(&Uint::ONE)).into_option()?;
        let fits = exponent.mul_mod(&Uint::from_word(e), &order) == Uint::ONE;
        let prime = FixedMontyParams::new(Odd::new(*prime).into_option()?);
        fits.then_some(Self { prime, exponent })
    }

    /// `m^exponent` modulo the prime.
    fn power<const MODULUS: usize>(&self, m: &Uint<MODULUS>) -> FixedMontyForm<PRIME> {
        let (low, high) = halves::<MODULUS, PRIME>(m);
        // Montgomery's factor is 2 to the bits of a prime: the Montgomery form of `high` is what it is worth in `m`.
        let high = FixedMontyForm::new(&high, &self.prime).to_montgomery();
        let m = FixedMontyForm::new(&low, &self.prime).add(&FixedMontyForm::new(&high, &self.prime));
        m.pow_amm(&self.exponent)
    }
}

impl<const PRIME: usize> Drop for Secret<PRIME> {
    fn drop(&mut self) {
        self.prime.zeroize();
        self.exponent.zeroize();
    }
}

/// EMSA-PKCS1-v1_5 (RFC 8017, 9.2) with SHA-256, as long as `out`, which is longer than 62 bytes.
fn pad(digest: &[u8; 32], out: &mut [u8]) {
    /// DER of `DigestInfo` up to the digest.
    const DIGEST_INFO: [u8; 19] =
        [0x30, 0x31, 0x30, 0x0d, 0x06, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 1, 5, 0, 4, 0x20];
    let tail = [0].into_iter().chain(DIGEST_INFO).chain(*digest);
    out.fill(0xff);
    out.iter_mut().zip([0, 1]).for_each(|(to, from)| *to = from);
    out.iter_mut().rev().zip(tail.rev()).for_each(|(to, from)| *to = from);
}

/// The number with these big-endian bytes; `None` when it is longer than `LIMBS`.
fn uint<const LIMBS: usize>(bytes: &[u8]) -> Option<Uint<LIMBS>> {
    let mut limbs = [Limb::ZERO; LIMBS];
    let mut chunks = bytes.rchunks(Limb::BYTES);
    for (limb, chunk) in limbs.iter_mut().zip(&mut chunks) {
        limb.0 = chunk.iter().fold(0, |word, byte| word << 8 | Word::from(*byte));
    }
    chunks.all(|chunk| chunk.iter().all(|byte| *byte == 0)).then(|| Uint::new(limbs))
}

/// `high` and `low` as one number.
fn join<const WHOLE: usize, const HALF: usize>(low: &Uint<HALF>, high: &Uint<HALF>) -> Uint<WHOLE> {
    let mut limbs = [Limb::ZERO; WHOLE];
    for (to, from) in limbs.iter_mut().zip(low.as_limbs().iter().chain(high.as_limbs())) {
        *to = *from;
    }
    Uint::new(limbs)
}

/// The two halves of a number, the low one first.
fn halves<const WHOLE: usize, const HALF: usize>(whole: &Uint<WHOLE>) -> (Uint<HALF>, Uint<HALF>) {
    let (mut low, mut high) = ([Limb::ZERO; HALF], [Limb::ZERO; HALF]);
    for (to, from) in low.iter_mut().chain(&mut high).zip(whole.as_limbs()) {
        *to = *from;
    }
    (Uint::new(low), Uint::new(high))
}

/// Overwrites the dead stack below the caller, where the functions it called had their values: crypto-bigint passes
/// numbers by value and does not wipe them. `NUMBERS` says how deep, in numbers as long as the modulus; the check on
/// the Cortex-M4 looks for what is left.
#[inline(never)]
fn scrub<const LIMBS: usize, const NUMBERS: usize>() {
    let mut dead = [[Limb::ZERO; LIMBS]; NUMBERS];
    dead.zeroize();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_in_either_half_is_caught_before_the_signature_is_released() {
        let load = || Rsa2048::from_der(include_bytes!("../tests/keys/rsa2048.der")).unwrap();
        let faults: [fn(&mut Rsa2048); 3] = [
            |signer| signer.p.exponent ^= Uint::from_u32(2),
            |signer| signer.q.exponent ^= Uint::from_u32(2),
            |signer| signer.coefficient = signer.coefficient.double(),
        ];
        for fault in faults {
            let mut signer = load();
            fault(&mut signer);
            let mut text = [0; crate::MAX_SIGNATURE];
            assert_eq!(signer.sign(&[b"timestamp=1"], &mut text), Err(SignError::Fault));
            assert_eq!(text, [0; crate::MAX_SIGNATURE]);
        }
    }

    #[test]
    fn a_number_is_read_with_leading_zeros_and_not_when_it_is_too_long() {
        assert_eq!(uint::<1>(&[0; 20]), Some(Uint::ZERO));
        assert_eq!(uint::<1>(&[0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2]), Some(Uint::from_u32(0x102)));
        assert_eq!(uint::<1>(&[1, 0, 0, 0, 0, 0, 0, 0, 0]), None);
    }
}
