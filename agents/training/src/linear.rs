//! A linear classifier as it is stored: one row of small whole numbers and a scale per feature that training kept.

use std::borrow::Cow;

use super::features::Feature;
use super::trainer::Weights;

/// First bytes of a stored model.
const MAGIC: &[u8; 4] = b"RLM1";
/// Rows whose largest weight is below this share of the model's largest change nothing.
const PRUNED: f32 = 0.004;

/// What is wrong with a stored model.
#[derive(Debug, PartialEq, Eq)]
pub struct Damaged;

impl std::fmt::Display for Damaged {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("the stored model of understanding is not whole")
    }
}
impl std::error::Error for Damaged {}

/// Stores weights: magic, classes, rows, temperature; then hashes ascending, scales, rows of `i8`.
pub fn pack(weights: &Weights, temperature: f32) -> Vec<u8> {
    let classes = weights.classes;
    let largest = |row: &[f32]| row.iter().fold(0.0_f32, |most, weight| most.max(weight.abs()));
    let top = largest(&weights.rows);
    let kept: Vec<usize> = (0..weights.hashes.len()).filter(|row| largest(weights.row(*row)) > top * PRUNED).collect();
    let mut bytes = Vec::with_capacity(16 + kept.len() * (8 + classes));
    bytes.extend_from_slice(MAGIC);
    bytes.extend_from_slice(&(classes as u32).to_le_bytes());
    bytes.extend_from_slice(&(kept.len() as u32).to_le_bytes());
    bytes.extend_from_slice(&temperature.to_le_bytes());
    for row in &kept {
        bytes.extend_from_slice(&weights.hashes[*row].to_le_bytes());
    }
    for row in &kept {
        bytes.extend_from_slice(&(largest(weights.row(*row)) / 127.0).to_le_bytes());
    }
    for row in &kept {
        let scale = largest(weights.row(*row)) / 127.0;
        bytes.extend(weights.row(*row).iter().map(|weight| (weight / scale).round() as i8 as u8));
    }
    bytes
}

/// A stored classifier, ready to be asked.
pub struct Linear {
    classes: usize,
    temperature: f32,
    hashes: Vec<u32>,
    /// Where the hashes of each leading sixteen bits begin.
    starts: Vec<u32>,
    scales: Vec<f32>,
    bytes: Cow<'static, [u8]>,
    /// Where the rows begin in `bytes`.
    rows: usize,
}

impl Linear {
    /// Reads what [`pack`] stored.
    ///
    /// # Errors
    /// When the bytes are not that.
    pub fn read(bytes: Cow<'static, [u8]>) -> Result<Self, Damaged> {
        let word = |at: usize| -> Result<[u8; 4], Damaged> {
            bytes.get(at..at + 4).and_then(|four| four.try_into().ok()).ok_or(Damaged)
        };
        if word(0)? != *MAGIC {
            return Err(Damaged);
        }
        let classes = u32::from_le_bytes(word(4)?) as usize;
        let count = u32::from_le_bytes(word(8)?) as usize;
        let temperature = f32::from_le_bytes(word(12)?);
        if classes == 0 || bytes.len() != 16 + count * (8 + classes) || temperature.is_nan() || temperature <= 0.0 {
            return Err(Damaged);
        }
        let words = |from: usize| bytes[from..from + count * 4].chunks_exact(4);
        let four = |chunk: &[u8]| [chunk[0], chunk[1], chunk[2], chunk[3]];
        let hashes: Vec<u32> = words(16).map(|chunk| u32::from_le_bytes(four(chunk))).collect();
        let scales = words(16 + count * 4).map(|chunk| f32::from_le_bytes(four(chunk))).collect();
        let mut starts = vec![0_u32; (1 << 16) + 1];
        for hash in &hashes {
            starts[(hash >> 16) as usize + 1] += 1;
        }
        for at in 1..starts.len() {
            starts[at] += starts[at - 1];
        }
        Ok(Self { classes, temperature, hashes, starts, scales, rows: 16 + count * 8, bytes })
    }

    fn row(&self, hash: u32) -> Option<usize> {
        let lead = (hash >> 16) as usize;
        let (from, to) = (self.starts[lead] as usize, self.starts[lead + 1] as usize);
        self.hashes[from..to].iter().position(|other| *other == hash).map(|at| from + at)
    }

    /// How many classes it tells apart.
    pub fn classes(&self) -> usize {
        self.classes
    }

    /// Whether it knows a feature.
    pub fn knows(&self, hash: u32) -> bool {
        self.row(hash).is_some()
    }

    /// How many features it knows.
    pub fn len(&self) -> usize {
        self.hashes.len()
    }

    /// Whether it knows none.
    pub fn is_empty(&self) -> bool {
        self.hashes.is_empty()
    }

    /// Scores of the classes in nats before the temperature, and the share of the features' mass that is known.
    pub fn scores(&self, features: &[Feature]) -> (Vec<f32>, f32) {
        let mut scores = vec![0.0_f32; self.classes];
        let (mut known, mut all) = (0.0_f32, 0.0_f32);
        for (hash, value) in features {
            all += value * value;
            let Some(row) = self.row(*hash) else { continue };
            known += value * value;
            let start = self.rows + row * self.classes;
            let factor = self.scales[row] * value;
            for (score, weight) in scores.iter_mut().zip(&self.bytes[start..start + self.classes]) {
                *score += f32::from(*weight as i8) * factor;
            }
        }
        (scores, if all > 0.0 { known / all } else { 0.0 })
    }

    /// What scores are divided by before they become probabilities.
    pub fn temperature(&self) -> f32 {
        self.temperature
    }
}

/// Probabilities of scores.
pub fn softmax(scores: &mut [f32], temperature: f32) {
    let highest = scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let mut sum = 0.0;
    for score in scores.iter_mut() {
        *score = ((*score - highest) / temperature).exp();
        sum += *score;
    }
    for score in scores {
        *score /= sum;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_stored_is_read_back_and_damage_is_noticed() {
        let weights = Weights { classes: 2, hashes: vec![7, 1 << 20], rows: vec![1.0, -1.0, 0.5, 0.25] };
        let bytes = pack(&weights, 2.0);
        let model = Linear::read(Cow::Owned(bytes.clone())).unwrap();
        let (scores, known) = model.scores(&[(7, 1.0), (9, 1.0)]);
        assert!((scores[0] - 1.0).abs() < 0.01 && (scores[1] + 1.0).abs() < 0.01);
        assert!((known - 0.5).abs() < 1e-6);
        assert!((model.temperature() - 2.0).abs() < f32::EPSILON);
        for length in 0..bytes.len() {
            assert!(Linear::read(Cow::Owned(bytes[..length].to_vec())).is_err(), "{length}");
        }
    }
}
