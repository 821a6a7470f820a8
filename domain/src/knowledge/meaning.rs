//! What a text means, as numbers that a model made of it, and how near two meanings are.
//!
//! The cosine of two texts says little by itself: with one model everything lies between 0.75 and 0.95, with another
//! between 0 and 0.6. So each meaning also knows how near it is to [`BACKGROUND`], sentences that no shop's answer is about,
//! and [`Meaning::likeness`] counts in spreads of that: 0 = as near as anything, 3 = far nearer. Voices are told apart
//! in the same way («adaptive symmetric score normalisation»). One threshold then holds for every model.

/// Names the background and what is made of an entry; another one makes all meanings anew.
const EDITION: &str = "1";
/// Numbers of a meaning, at least and at most.
const DIMENSIONS: std::ops::RangeInclusive<usize> = 8..=4096;
/// A model that finds all sentences equally near tells nothing apart.
const LEAST_SPREAD: f64 = 1e-4;

/// Sentences in three languages that no shop's answer is about.
static BACKGROUND: &str = include_str!("background.txt");

/// The sentences that a model is asked about first.
pub fn background() -> Vec<&'static str> {
    BACKGROUND.lines().map(str::trim).filter(|line| !line.is_empty()).collect()
}

/// What is made of an entry: its question and its answer.
pub fn text_of(entry: &super::NewEntry) -> String {
    format!("{}\n{}", entry.title, entry.body)
}

/// What a text means to a model. Of length one, finite, of a sensible number of numbers.
#[derive(Clone, Debug, PartialEq)]
pub struct Meaning {
    /// Of which model, and compared with which background.
    model: String,
    numbers: Vec<f32>,
    /// How near the background is on average.
    usual: f64,
    /// The deviation of that.
    spread: f64,
}

impl Meaning {
    /// As it was kept; `None` when what was kept is none.
    pub fn kept(model: &str, bytes: &[u8], usual: f64, spread: f64) -> Option<Self> {
        let (numbers, rest) = bytes.as_chunks::<4>();
        let numbers: Vec<f32> = numbers.iter().map(|four| f32::from_le_bytes(*four)).collect();
        let fits = rest.is_empty() && usual.is_finite() && spread >= LEAST_SPREAD && spread.is_finite();
        Some(Self { model: model.to_owned(), numbers: unit(numbers).filter(|_| fits)?, usual, spread })
    }
    /// The model's name with the edition of what it is compared with.
    pub fn model(&self) -> &str {
        &self.model
    }
    /// How many numbers it has.
    pub fn dimension(&self) -> usize {
        self.numbers.len()
    }
    /// The numbers, each four bytes, the lowest first.
    pub fn bytes(&self) -> Vec<u8> {
        self.numbers.iter().flat_map(|number| number.to_le_bytes()).collect()
    }
    /// How near the background is: the average and its deviation.
    pub const fn usual(&self) -> (f64, f64) {
        (self.usual, self.spread)
    }
    /// How much nearer two meanings are than anything is to them, in spreads; `None` when they cannot be compared.
    pub fn likeness(&self, other: &Self) -> Option<f64> {
        let alike = self.model == other.model && self.numbers.len() == other.numbers.len();
        let cosine = alike.then(|| product(&self.numbers, &other.numbers))?;
        let above = |one: &Self| (cosine - one.usual) / one.spread;
        Some(f64::midpoint(above(self), above(other)))
    }
}

/// What a model makes of the background.
#[derive(Clone, Debug)]
pub struct Background {
    model: String,
    sentences: Vec<Vec<f32>>,
}

impl Background {
    /// The name under which a model's meanings are kept.
    pub fn name(model: &str) -> String {
        format!("{model} #{EDITION}")
    }

    /// Of the vectors that a model makes of [`background`]; `None` when they are of no use.
    pub fn of(model: &str, vectors: Vec<Vec<f32>>) -> Option<Self> {
        let dimension = vectors.first()?.len();
        let complete = vectors.len() == background().len() && vectors.iter().all(|vector| vector.len() == dimension);
        let sentences = vectors.into_iter().map(unit).collect::<Option<Vec<_>>>().filter(|_| complete)?;
        let found = Self { model: Self::name(model), sentences };
        // Every sentence is told from the others, or the model tells nothing apart.
        let useful = found.sentences.iter().all(|one| found.usual(one).1 >= LEAST_SPREAD);
        useful.then_some(found)
    }

    /// The name under which meanings are kept.
    pub fn model(&self) -> &str {
        &self.model
    }

    /// How many numbers its vectors have.
    pub fn dimension(&self) -> usize {
        self.sentences.first().map_or(0, Vec::len)
    }

    /// A meaning of a vector of the same model; `None` when it is of no use.
    pub fn meaning(&self, vector: Vec<f32>) -> Option<Meaning> {
        if vector.len() != self.dimension() {
            return None;
        }
        let numbers = unit(vector)?;
        let (usual, spread) = self.usual(&numbers);
        let model = self.model.clone();
        (spread >= LEAST_SPREAD).then_some(Meaning { model, numbers, usual, spread })
    }

    fn usual(&self, numbers: &[f32]) -> (f64, f64) {
        let count = self.sentences.len().max(1) as f64;
        let near: Vec<f64> = self.sentences.iter().map(|sentence| product(sentence, numbers)).collect();
        let mean = near.iter().sum::<f64>() / count;
        let variance = near.iter().map(|one| (one - mean) * (one - mean)).sum::<f64>() / count;
        (mean, variance.sqrt())
    }
}

fn product(one: &[f32], other: &[f32]) -> f64 {
    f64::from(one.iter().zip(other).map(|(left, right)| left * right).sum::<f32>())
}

/// The same direction with length one.
fn unit(numbers: Vec<f32>) -> Option<Vec<f32>> {
    if !DIMENSIONS.contains(&numbers.len()) || !numbers.iter().all(|number| number.is_finite()) {
        return None;
    }
    let length = numbers.iter().map(|number| f64::from(*number) * f64::from(*number)).sum::<f64>().sqrt();
    let fits = length.is_finite() && length > 1e-6;
    fits.then(|| numbers.iter().map(|number| (f64::from(*number) / length) as f32).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A vector for a number: the same for the same.
    fn vector(seed: usize) -> Vec<f32> {
        (0..16).map(|place| ((seed * 31 + place * 17) % 23) as f32 - 11.0).collect()
    }

    fn of_model(model: &str) -> Background {
        Background::of(model, (0..background().len()).map(vector).collect()).unwrap()
    }

    #[test]
    fn the_same_text_is_far_nearer_than_anything_and_another_model_cannot_be_compared() {
        let (one, other) = (of_model("m"), of_model("n"));
        let meaning = one.meaning(vector(100)).unwrap();
        assert!(meaning.likeness(&meaning).unwrap() > 1.5);
        let scaled = one.meaning(vector(100).iter().map(|number| number * 9.0).collect()).unwrap();
        assert!((scaled.likeness(&meaning).unwrap() - meaning.likeness(&meaning).unwrap()).abs() < 1e-3);
        assert_eq!(meaning.likeness(&other.meaning(vector(100)).unwrap()), None);
        let (usual, spread) = meaning.usual();
        let kept = Meaning::kept(meaning.model(), &meaning.bytes(), usual, spread).unwrap();
        assert!((kept.likeness(&meaning).unwrap() - meaning.likeness(&meaning).unwrap()).abs() < 1e-3);
    }

    #[test]
    fn what_is_no_vector_is_no_meaning() {
        let background = of_model("m");
        let with = |place: usize, number: f32| {
            let mut numbers = vector(3);
            numbers[place] = number;
            numbers
        };
        for broken in [
            vec![],
            vec![0.0; 16],
            with(2, f32::NAN),
            with(2, f32::INFINITY),
            vector(3)[..15].to_vec(),
            [vector(3), vector(4)].concat(),
        ] {
            assert_eq!(background.meaning(broken.clone()), None, "{broken:?}");
        }
        assert!(background.meaning(vector(3)).is_some(), "the control");
        let all = background.sentences.len();
        assert!(Background::of("m", vec![vector(1); all]).is_none(), "a model that says the same to everything");
        assert!(Background::of("m", (1..all).map(vector).collect()).is_none(), "one is missing");
        assert!(Meaning::kept("m", &[0, 1, 2], 0.0, 1.0).is_none());
        assert!(Meaning::kept("m", &background.meaning(vector(3)).unwrap().bytes(), 0.0, f64::NAN).is_none());
    }
}
