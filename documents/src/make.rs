//! From what a message says it shows to the bytes that go with it.

use recado_domain::attachment::{Attachment, File, Form};
use recado_domain::finance::figures::Accounts;

use crate::chart::{Chart, ChartError};
use crate::report::{ReportError, report};
use crate::scene::{DrawError, png};
use crate::workbook::{WorkbookError, workbook};
use crate::write::Writer;

/// Why an attachment cannot be made. None of these changes by trying again.
#[derive(Debug, thiserror::Error)]
pub enum MakeError {
    /// There is nothing to draw.
    #[error(transparent)]
    Chart(#[from] ChartError),
    /// The picture could not be drawn.
    #[error(transparent)]
    Draw(#[from] DrawError),
    /// The report could not be made.
    #[error(transparent)]
    Report(#[from] ReportError),
    /// The workbook lists every order, and not all facts are at hand.
    #[error("a workbook lists every order: this shop has too many for one")]
    AllFacts,
    /// The workbook could not be made.
    #[error(transparent)]
    Workbook(#[from] WorkbookError),
    /// It has more bytes than are sent.
    #[error("it has {0} bytes, more than are sent")]
    TooLarge(usize),
}

/// Makes what goes with a message from the books as they were known then; a workbook needs all facts. It takes a core for up to seconds.
///
/// # Errors
/// See [`MakeError`].
pub fn make(accounts: &dyn Accounts, attachment: &Attachment) -> Result<File, MakeError> {
    let writer = Writer { language: attachment.language, currency: accounts.currency() };
    let days = attachment.days();
    let (bytes, alt) = match attachment.form {
        Form::Picture(kind) => {
            let scene = Chart::of_part(accounts, kind, &attachment.parts, days, writer)?.draw();
            (png(&scene, 1.0)?, scene.alt)
        }
        Form::Report => (report(accounts, days, writer)?, attachment.filename.clone()),
        Form::Workbook => {
            (workbook(accounts.all_facts().ok_or(MakeError::AllFacts)?, days, writer)?, attachment.filename.clone())
        }
    };
    if bytes.len() > attachment.form.most_bytes() {
        return Err(MakeError::TooLarge(bytes.len()));
    }
    let mime_type = attachment.form.mime_type().to_owned();
    Ok(File { mime_type, name: attachment.filename.clone(), alt, bytes })
}
