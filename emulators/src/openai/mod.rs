//! A stand-in for a language model behind an OpenAI-compatible API: chat completions whole and streamed, vectors,
//! transcriptions, and a list of models. What kind of mind it has is chosen: helpful, garbled, hostile, obedient.

mod audio;
mod chat;
mod emulator;
mod mind;
mod vectors;

pub use emulator::{OpenAiEmulator, OpenAiEmulatorConfig};
pub use mind::Mind;
