//! What words mean, as figures: a vector per word of Spanish, Portuguese and English, so that a word that no labelled
//! sentence has counts like the words that mean nearly the same, in whichever language.
//!
//! `lexicon/vectors.bin` is made by `scripts/word-vectors.py`; where the figures come from stands in NOTICE. Its layout, all
//! numbers little-endian: `RWV1`, the count and the width (`u32` each), the words' hashes ascending (`u32`), their scales
//! (`f32`), their rows (`i8`). A row times its scale is the word's vector times how much the word says: frequent words say
//! little.

use super::features::hash;
use super::linear::Damaged;

/// The embedded vectors.
const VECTORS: &[u8] = include_bytes!("../../lexicon/vectors.bin");
const MAGIC: &[u8; 4] = b"RWV1";
const HEAD: usize = 12;

/// Vectors of words.
pub struct Vectors<'a> {
    width: usize,
    hashes: Vec<u32>,
    scales: Vec<f32>,
    rows: &'a [u8],
}

impl Vectors<'static> {
    /// Those that are embedded.
    ///
    /// # Errors
    /// When they are not whole.
    pub fn embedded() -> Result<Self, Damaged> {
        Self::read(VECTORS)
    }
}

impl<'a> Vectors<'a> {
    /// Reads the layout of the module's description.
    ///
    /// # Errors
    /// When the bytes are not that, or the hashes do not ascend.
    pub fn read(bytes: &'a [u8]) -> Result<Self, Damaged> {
        let word = |at: usize| -> Result<[u8; 4], Damaged> {
            bytes.get(at..at + 4).and_then(|four| four.try_into().ok()).ok_or(Damaged)
        };
        let (count, width) = (u32::from_le_bytes(word(4)?) as usize, u32::from_le_bytes(word(8)?) as usize);
        let long = count.checked_mul(8_usize.checked_add(width).ok_or(Damaged)?).ok_or(Damaged)?;
        if word(0)? != *MAGIC || width == 0 || bytes.len() - HEAD != long {
            return Err(Damaged);
        }
        let fours = |from: usize| bytes[from..from + count * 4].chunks_exact(4);
        let four = |chunk: &[u8]| [chunk[0], chunk[1], chunk[2], chunk[3]];
        let hashes: Vec<u32> = fours(HEAD).map(|chunk| u32::from_le_bytes(four(chunk))).collect();
        let scales: Vec<f32> = fours(HEAD + count * 4).map(|chunk| f32::from_le_bytes(four(chunk))).collect();
        if !hashes.is_sorted_by(|one, other| one < other) || !scales.iter().all(|scale| scale.is_finite()) {
            return Err(Damaged);
        }
        Ok(Self { width, hashes, scales, rows: &bytes[HEAD + count * 8..] })
    }

    /// How many words have a vector.
    pub fn len(&self) -> usize {
        self.hashes.len()
    }

    /// Whether none has.
    pub fn is_empty(&self) -> bool {
        self.hashes.is_empty()
    }

    /// The sum of the words' vectors, of unit length; nothing when no word has one.
    pub fn meaning(&self, words: &[&str]) -> Option<Vec<f32>> {
        let mut sum = vec![0.0_f32; self.width];
        for word in words {
            let Ok(place) = self.hashes.binary_search(&hash(&[b"V", word.as_bytes()])) else { continue };
            let scale = self.scales[place];
            for (total, figure) in sum.iter_mut().zip(&self.rows[place * self.width..(place + 1) * self.width]) {
                *total += f32::from(*figure as i8) * scale;
            }
        }
        let length = sum.iter().map(|figure| figure * figure).sum::<f32>().sqrt();
        (length > f32::EPSILON).then(|| {
            sum.iter_mut().for_each(|figure| *figure /= length);
            sum
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn likeness(vectors: &Vectors<'_>, one: &str, other: &str) -> f32 {
        let (one, other) = (vectors.meaning(&[one]).unwrap(), vectors.meaning(&[other]).unwrap());
        one.iter().zip(&other).map(|(one, other)| one * other).sum()
    }

    #[test]
    fn words_that_mean_the_same_are_nearer_than_others() {
        let vectors = Vectors::embedded().unwrap();
        assert!(vectors.len() > 30_000);
        for [word, same, other] in
            [["dinero", "dinheiro", "semana"], ["broken", "quebrado", "direccion"], ["entrega", "delivery", "gracias"]]
        {
            assert!(likeness(&vectors, word, same) > likeness(&vectors, word, other) + 0.1, "{word}");
        }
        assert!(vectors.meaning(&["xqzvkw"]).is_none());
        assert!(vectors.meaning(&[]).is_none());
    }

    #[test]
    fn damage_is_noticed() {
        for length in [0, 3, 11, 12, 1_000, VECTORS.len() - 1] {
            assert!(Vectors::read(&VECTORS[..length]).is_err(), "{length}");
        }
        let mut swapped = VECTORS.to_vec();
        let (head, rest) = swapped.split_at_mut(HEAD + 4);
        head[HEAD..].swap_with_slice(&mut rest[..4]);
        assert!(Vectors::read(&swapped).is_err());
    }
}
