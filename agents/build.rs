//! Trains what understands messages, so that the program starts with finished weights. The code is `recado-training`,
//! with which messages are read as well.

use std::path::{Path, PathBuf};
use std::{fs, io};

use recado_training::{corpus, learn, lexicon};

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=utterances");
    println!("cargo::rerun-if-changed=heldback");
    println!("cargo::rerun-if-changed=lexicon");
    let out = PathBuf::from(std::env::var_os("OUT_DIR").ok_or_else(|| io::Error::other("no OUT_DIR"))?);
    let joined = joined(Path::new("utterances"))?;
    fs::write(out.join("utterances.txt"), &joined)?;
    // To measure with; nothing below learns of it.
    fs::write(out.join("heldback.txt"), self::joined(Path::new("heldback"))?)?;
    let sentences = corpus::read(&joined);
    let lexicon = lexicon::Lexicon::embedded().map_err(io::Error::other)?;
    fs::write(out.join("intents.bin"), learn::learn_intents(&sentences, &lexicon, None))?;
    let everyday = learn::everyday();
    fs::write(out.join("languages.bin"), learn::learn_languages(&sentences, &everyday))
}

/// All files of sentences, in the order of their names, each after a line that names it.
fn joined(folder: &Path) -> io::Result<String> {
    let mut text = String::new();
    for language in learn::LANGUAGES {
        let mut files: Vec<PathBuf> =
            fs::read_dir(folder.join(language))?.map(|entry| Ok(entry?.path())).collect::<io::Result<_>>()?;
        files.sort();
        for file in files.iter().filter(|file| file.extension().is_some_and(|ending| ending == "txt")) {
            let intent = file.file_stem().and_then(|name| name.to_str()).unwrap_or_default();
            text.push_str(&format!("@ {language} {intent}\n{}\n", fs::read_to_string(file)?));
        }
    }
    Ok(text)
}
