//! What is known of words before any labelled sentence: the concepts by hand and the vectors.

use super::concepts::{CONCEPTS, Concepts};
use super::linear::Damaged;
use super::vectors::Vectors;

/// Concepts and vectors of words.
pub struct Lexicon {
    /// Words that mean the same in a shop.
    pub concepts: Concepts<'static>,
    /// What words mean in general.
    pub vectors: Vectors<'static>,
}

impl Lexicon {
    /// The embedded one.
    ///
    /// # Errors
    /// When the vectors are not whole.
    pub fn embedded() -> Result<Self, Damaged> {
        Ok(Self { concepts: Concepts::read(CONCEPTS), vectors: Vectors::embedded()? })
    }
}
