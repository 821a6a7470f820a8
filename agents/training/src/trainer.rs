//! Training of a linear classifier: multinomial logistic regression by AdaGrad, the weights averaged over the later
//! passes. Deterministic: the same examples give the same weights, bit for bit, on the same machine.

use std::collections::HashMap;

use super::features::Feature;

/// One example.
pub struct Example {
    /// Its features.
    pub features: Vec<Feature>,
    /// Its class.
    pub class: usize,
    /// How much it counts.
    pub weight: f32,
}

/// How to train.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// Passes over the examples.
    pub passes: usize,
    /// Step of AdaGrad.
    pub step: f32,
    /// Pull of each weight towards zero, per example.
    pub decay: f32,
    /// Share of certainty that is spread over all classes.
    pub smoothing: f32,
    /// Features that fewer examples have are left out.
    pub least: u32,
}

/// What was learned: a row of `classes` weights per feature, features ascending by hash.
pub struct Weights {
    /// How many classes.
    pub classes: usize,
    /// Hashes of the features.
    pub hashes: Vec<u32>,
    /// Their rows, one after the other.
    pub rows: Vec<f32>,
}

impl Weights {
    /// The weights of a feature, by its place.
    pub fn row(&self, place: usize) -> &[f32] {
        &self.rows[place * self.classes..(place + 1) * self.classes]
    }
}

/// Small deterministic generator (xorshift) for the order of examples.
pub struct Shuffler(u64);

impl Shuffler {
    /// From a seed.
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// A number below `limit`.
    pub fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        ((self.0 >> 11) % limit.max(1) as u64) as usize
    }

    /// Shuffles in place.
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for place in (1..items.len()).rev() {
            items.swap(place, self.below(place + 1));
        }
    }
}

/// Trains.
pub fn train(examples: &[Example], classes: usize, settings: &Settings) -> Weights {
    let mut counts: HashMap<u32, u32> = HashMap::new();
    for example in examples {
        for (hash, _) in &example.features {
            *counts.entry(*hash).or_default() += 1;
        }
    }
    let mut hashes: Vec<u32> =
        counts.into_iter().filter(|(_, count)| *count >= settings.least).map(|(hash, _)| hash).collect();
    hashes.sort_unstable();
    let places: HashMap<u32, usize> = hashes.iter().enumerate().map(|(place, hash)| (*hash, place)).collect();
    let known: Vec<Vec<(usize, f32)>> = examples
        .iter()
        .map(|example| {
            let places = example.features.iter().filter_map(|(hash, value)| Some((*places.get(hash)?, *value)));
            places.collect()
        })
        .collect();

    // Rows are padded to whole vectors of eight.
    let stride = classes.next_multiple_of(8);
    let mut rows = vec![0.0_f32; hashes.len() * stride];
    let mut squares = vec![1e-6_f32; hashes.len() * stride];
    let mut sum = vec![0.0_f32; hashes.len() * stride];
    let mut order: Vec<usize> = (0..examples.len()).collect();
    let mut shuffler = Shuffler::new(1);
    let mut scores = vec![0.0_f32; stride];
    let averaged = settings.passes.div_ceil(2);
    for pass in 0..settings.passes {
        shuffler.shuffle(&mut order);
        for &at in &order {
            step(&known[at], &examples[at], classes, settings, &mut rows, &mut squares, &mut scores);
        }
        if pass + averaged >= settings.passes {
            for (total, weight) in sum.iter_mut().zip(&rows) {
                *total += weight / averaged as f32;
            }
        }
    }
    let rows = sum.chunks_exact(stride).flat_map(|row| row[..classes].iter().copied()).collect();
    Weights { classes, hashes, rows }
}

fn step(
    known: &[(usize, f32)],
    example: &Example,
    classes: usize,
    settings: &Settings,
    rows: &mut [f32],
    squares: &mut [f32],
    scores: &mut [f32],
) {
    let stride = scores.len();
    scores.fill(0.0);
    for (place, value) in known {
        let row = &rows[place * stride..(place + 1) * stride];
        for (score, weight) in scores.iter_mut().zip(row) {
            *score += weight * value;
        }
    }
    super::linear::softmax(&mut scores[..classes], 1.0);
    let spread = settings.smoothing / classes as f32;
    for (class, score) in scores[..classes].iter_mut().enumerate() {
        let wanted = spread + if class == example.class { 1.0 - settings.smoothing } else { 0.0 };
        *score = (*score - wanted) * example.weight;
    }
    for (place, value) in known {
        let row = &mut rows[place * stride..(place + 1) * stride];
        let squares = &mut squares[place * stride..(place + 1) * stride];
        for ((weight, square), error) in row.iter_mut().zip(squares).zip(scores.iter()) {
            let gradient = error * value + settings.decay * *weight;
            *square += gradient * gradient;
            *weight -= settings.step * gradient / square.sqrt();
        }
    }
}
