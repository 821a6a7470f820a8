//! Which recommendation comes first.

use std::cmp::Reverse;

use super::recommendation::{Code, Recommendation};

/// By what recommendations are ordered: urgency, effect × confidence, less effort, then the order of FINANCE §3.2. No two
/// of a shop share a code, so the order is total and the same whatever order they were made in.
type Rank = (Reverse<u8>, Reverse<i128>, u8, Code);

fn rank(of: &Recommendation) -> Rank {
    // 64 bits of minor units × 10¹² stay within 128.
    let worth = i128::from(of.effect.middle()).saturating_mul(of.certainty.0);
    (Reverse(of.code.urgency()), Reverse(worth), of.code.effort(), of.code)
}

/// Puts them in order, the first to do first.
pub fn ranked(mut all: Vec<Recommendation>) -> Vec<Recommendation> {
    all.sort_by_key(rank);
    all
}
