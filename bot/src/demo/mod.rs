//! Placeholder
pub const DEFAULT_SEED: u64 = 1042;
