//! What is counted in a normalised text: words, pairs of words, and pieces of words.

/// Number of hash buckets; a power of two.
pub const BUCKETS: usize = 1 << 15;

const OFFSET: u32 = 0x811c_9dc5;
const PRIME: u32 = 0x0100_0193;

fn feed(hash: u32, bytes: &[u8]) -> u32 {
    bytes.iter().fold(hash, |hash, byte| (hash ^ u32::from(*byte)).wrapping_mul(PRIME))
}

fn bucket(hash: u32) -> u32 {
    // FNV's low bits are the weaker ones: fold the high ones in.
    (hash ^ (hash >> 15)) & (BUCKETS as u32 - 1)
}

/// Buckets of a normalised text, ascending and without repetition. Numbers count as one word: which number it is says
/// nothing about what is wanted.
pub fn features(normalised: &str) -> Vec<u32> {
    let mut found = Vec::with_capacity(normalised.len() * 4 + 16);
    let mut before: &[u8] = b"^";
    let mut padded = Vec::with_capacity(32);
    for word in normalised.split(' ').filter(|word| !word.is_empty()) {
        let word: &[u8] =
            if word.len() >= 3 && word.bytes().all(|byte| byte.is_ascii_digit()) { b"0" } else { word.as_bytes() };
        found.push(bucket(feed(feed(OFFSET, b"w"), word)));
        found.push(bucket(feed(feed(feed(feed(OFFSET, b"b"), before), b" "), word)));
        before = word;
        padded.clear();
        padded.push(b' ');
        padded.extend_from_slice(word);
        padded.push(b' ');
        for size in 3..=5 {
            found.extend(padded.windows(size).map(|piece| bucket(feed(feed(OFFSET, b"c"), piece))));
        }
    }
    if before != b"^" {
        found.push(bucket(feed(feed(feed(OFFSET, b"b"), before), b" $")));
    }
    found.sort_unstable();
    found.dedup();
    found
}
