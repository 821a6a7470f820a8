//! The file with the list of erasures. It stands beside the database and outlives a restore of it; one erasure a line.

use std::collections::HashSet;
use std::fs::OpenOptions;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use recado_domain::privacy::Erasure;
use recado_store::{Store, StoreError};

/// Why the list could not be read or kept.
#[derive(Debug, thiserror::Error)]
pub enum ListError {
    /// The file.
    #[error("{path}: {error}", path = path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// A line that is no erasure.
    #[error("{path}, line {line}: {error}", path = path.display())]
    Line {
        /// Which file.
        path: PathBuf,
        /// Counted from one.
        line: usize,
        /// Why.
        error: serde_json::Error,
    },
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

fn of_file(path: &Path) -> impl FnOnce(io::Error) -> ListError + use<> {
    let path = path.to_owned();
    move |error| ListError::File { path, error }
}

/// Reads a list. A line that breaks off was being written when the machine stopped, and is none: whoever keeps the list
/// writes it again.
///
/// # Errors
/// When the file is not there, cannot be read, or is no list.
pub fn read(path: &Path) -> Result<Vec<Erasure>, ListError> {
    let text = std::fs::read_to_string(path).map_err(of_file(path))?;
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    lines
        .filter_map(|(index, line)| match serde_json::from_str(line) {
            Ok(erasure) => Some(Ok(erasure)),
            Err(error) if error.is_eof() => None,
            Err(error) => Some(Err(ListError::Line { path: path.to_owned(), line: index + 1, error })),
        })
        .collect()
}

/// As [`read`]; a list that nobody has begun yet is empty.
///
/// # Errors
/// When there is a file that cannot be read, or is no list.
pub fn read_if_any(path: &Path) -> Result<Vec<Erasure>, ListError> {
    match read(path) {
        Err(ListError::File { error, .. }) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        other => other,
    }
}

/// Adds to a list what it lacks, and returns once that is on the disk. Returns how much it was. Where there is nothing to
/// list, no file is made.
///
/// # Errors
/// When the file cannot be read or written.
pub fn add(path: &Path, all: &[Erasure]) -> Result<usize, ListError> {
    let known: HashSet<_> = read_if_any(path)?.into_iter().map(|erasure| (erasure.merchant, erasure.id)).collect();
    let missing: Vec<&Erasure> =
        all.iter().filter(|erasure| !known.contains(&(erasure.merchant, erasure.id))).collect();
    if !missing.is_empty() {
        write(path, &missing).map_err(of_file(path))?;
    }
    Ok(missing.len())
}

fn write(path: &Path, missing: &[&Erasure]) -> io::Result<()> {
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder)?;
    }
    let mut options = OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut text = String::new();
    // A line that breaks off is ended here.
    if std::fs::read(path).is_ok_and(|bytes| bytes.last().is_some_and(|last| *last != b'\n')) {
        text.push('\n');
    }
    for erasure in missing {
        text.push_str(&serde_json::to_string(erasure)?);
        text.push('\n');
    }
    let mut file = options.open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

/// Adds to the file what this database has erased.
///
/// # Errors
/// When the database does not answer, or the file cannot be written.
pub async fn keep(store: &Store, path: &Path) -> Result<usize, ListError> {
    let (all, path) = (store.erasures().await?, path.to_owned());
    let (place, kept) = (path.clone(), tokio::task::spawn_blocking(move || add(&path, &all)));
    kept.await.unwrap_or_else(|error| Err(of_file(&place)(io::Error::other(error))))
}

/// Has what is on the file and not in the database erased again, and adds to the file what it lacks.
///
/// # Errors
/// When the database does not answer, or the file cannot be read or written.
pub async fn catch_up(store: &Store, path: &Path) -> Result<(), ListError> {
    let applied = store.apply_erasures(&read_if_any(path)?).await?;
    if applied.again > 0 {
        tracing::warn!(
            erasures = applied.again,
            "this database is older than the list of erasures, as after a restore; they are carried out again"
        );
    }
    if applied.foreign > 0 {
        tracing::error!(
            erasures = applied.foreign,
            path = %path.display(),
            "the list of erasures has entries of another database, which say nothing here; see docs/operations.md"
        );
    }
    keep(store, path).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use recado_domain::{MerchantId, PrivacyId, Timestamp};

    use super::*;

    fn erasure(name: &str) -> Erasure {
        Erasure {
            merchant: MerchantId::derived(&["shop"]),
            id: PrivacyId::derived(&[name]),
            everybody: false,
            marks: [format!("mark of {name}")].into(),
            erased_at: Timestamp::EPOCH,
            list: "list".to_owned(),
        }
    }

    #[test]
    fn a_list_grows_by_what_it_lacks_and_survives_a_line_that_was_cut_off() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new").join("erasures.jsonl");
        assert!(matches!(read(&path), Err(ListError::File { .. })) && read_if_any(&path).unwrap().is_empty());
        let [one, other, third] = ["one", "other", "third"].map(erasure);
        assert_eq!(add(&path, &[one.clone(), other.clone()]).unwrap(), 2);
        assert_eq!(add(&path, &[one.clone(), other.clone()]).unwrap(), 0);
        let text = std::fs::read_to_string(&path).unwrap();
        std::fs::write(&path, &text[..text.len() - 9]).unwrap();
        assert_eq!(read(&path).unwrap(), std::slice::from_ref(&one), "the second was being written");
        assert_eq!(add(&path, &[one.clone(), other.clone(), third.clone()]).unwrap(), 2);
        assert_eq!(read(&path).unwrap(), [one, other, third]);
        std::fs::write(&path, "{}\n").unwrap();
        assert!(matches!(read(&path), Err(ListError::Line { line: 1, .. })));
    }

    #[cfg(unix)]
    #[test]
    fn a_new_list_is_its_owners_alone() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("erasures.jsonl");
        assert_eq!(add(&path, &[]).unwrap(), 0);
        assert!(!path.exists());
        add(&path, &[erasure("one")]).unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
}
