//! What is learned of a text, and how: normalising, features, the lexicon of concepts, word vectors, and the regression over
//! them. `recado-agents` reads messages with it and its build script trains with it; `Cargo.toml` optimises it in every
//! profile, for it is all arithmetic. It knows nothing of shops or conversations.

pub mod concepts;
pub mod corpus;
pub mod features;
pub mod learn;
pub mod lexicon;
pub mod linear;
pub mod normalise;
pub mod slips;
pub mod spelling;
pub mod trainer;
pub mod vectors;
