//! Lanes and turns.
