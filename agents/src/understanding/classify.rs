//! A small linear classifier: complement naive Bayes with weighted counts, trained at start from labelled sentences.
//! Closed form, so that training is one pass and gives the same weights every time.

use super::features::{BUCKETS, features};

/// Smoothing of counts.
const ALPHA: f32 = 0.08;
/// No row for buckets that training never saw twice.
const UNSEEN: u16 = u16::MAX;

/// A trained classifier over `classes` classes.
pub struct Classifier {
    classes: usize,
    rows: Vec<u16>,
    /// One row of `classes` weights per kept bucket.
    weights: Vec<f32>,
    sharpness: f32,
}

impl Classifier {
    /// Trains on normalised texts with their class.
    pub fn train<'a>(examples: impl Iterator<Item = (&'a str, usize)>, classes: usize, sharpness: f32) -> Self {
        let documents: Vec<(Vec<u32>, usize)> = examples.map(|(text, class)| (features(text), class)).collect();
        let mut seen = vec![0_u32; BUCKETS];
        for (found, _) in &documents {
            for &index in found {
                seen[index as usize] += 1;
            }
        }
        let mut rows = vec![UNSEEN; BUCKETS];
        let mut kept = 0_u16;
        for (row, count) in rows.iter_mut().zip(&seen) {
            if *count >= 2 && kept < UNSEEN {
                *row = kept;
                kept += 1;
            }
        }
        let mut mass = vec![0_f32; usize::from(kept) * classes];
        let total = documents.len() as f32;
        for (found, class) in &documents {
            let known: Vec<(usize, f32)> = found
                .iter()
                .filter(|&&index| rows[index as usize] != UNSEEN)
                .map(|&index| (usize::from(rows[index as usize]), (total / seen[index as usize] as f32).ln()))
                .collect();
            let length = known.iter().map(|(_, weight)| weight * weight).sum::<f32>().sqrt().max(1e-6);
            for (row, weight) in known {
                mass[row * classes + class] += weight / length;
            }
        }
        let weights = complement(&mass, usize::from(kept), classes);
        Self { classes, rows, weights, sharpness }
    }

    /// Probabilities of the classes, in their order. `prior` is added in nats.
    pub fn probabilities(&self, normalised: &str, prior: &[f32]) -> Vec<f32> {
        let found = features(normalised);
        let mut scores = vec![0_f32; self.classes];
        let mut known = 0_usize;
        for index in found {
            let row = self.rows[index as usize];
            if row == UNSEEN {
                continue;
            }
            known += 1;
            let start = usize::from(row) * self.classes;
            for (score, weight) in scores.iter_mut().zip(&self.weights[start..start + self.classes]) {
                *score += weight;
            }
        }
        // Long texts must not look surer than short ones only for being long.
        let scale = self.sharpness / (known.max(1) as f32).sqrt();
        for (score, prior) in scores.iter_mut().zip(prior.iter().chain(std::iter::repeat(&0.0))) {
            *score = *score * scale + prior;
        }
        softmax(scores)
    }
}

/// Weights `ln(in the class) − ln(in all others)`, smoothed.
fn complement(mass: &[f32], kept: usize, classes: usize) -> Vec<f32> {
    let mut per_class = vec![0_f32; classes];
    for row in mass.chunks_exact(classes.max(1)) {
        for (sum, value) in per_class.iter_mut().zip(row) {
            *sum += value;
        }
    }
    let all: f32 = per_class.iter().sum();
    let smoothing = ALPHA * kept as f32;
    let inside: Vec<f32> = per_class.iter().map(|sum| (sum + smoothing).max(1e-9).ln()).collect();
    let outside: Vec<f32> = per_class.iter().map(|sum| (all - sum + smoothing).max(1e-9).ln()).collect();
    let mut weights = Vec::with_capacity(mass.len());
    for row in mass.chunks_exact(classes.max(1)) {
        let everywhere: f32 = row.iter().sum();
        // Most classes never saw a given piece: their weight is the same but for the class, so spare the logarithms.
        let nowhere = ALPHA.ln() - (everywhere + ALPHA).ln();
        for (class, value) in row.iter().enumerate() {
            let evidence =
                if *value == 0.0 { nowhere } else { (value + ALPHA).ln() - (everywhere - value + ALPHA).ln() };
            weights.push(evidence - inside[class] + outside[class]);
        }
    }
    weights
}

fn softmax(mut scores: Vec<f32>) -> Vec<f32> {
    let highest = scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let mut sum = 0.0;
    for score in &mut scores {
        *score = (*score - highest).exp();
        sum += *score;
    }
    for score in &mut scores {
        *score /= sum;
    }
    scores
}
