//! Why a file cannot be read at all.

/// A file that is no spreadsheet for us, and what to do.
#[derive(Debug, thiserror::Error)]
pub enum SheetError {
    /// Larger than we read.
    #[error("the file is {0} MB; at most {1} MB are read: split it by month, or leave out columns that are not needed")]
    TooLarge(u64, u64),
    /// Small when packed, huge when unpacked.
    #[error("the file unpacks to {0} MB; at most {1} MB are read: save it as CSV, or split it")]
    Unpacks(u64, u64),
    /// More rows or cells than we read.
    #[error("the file has more than {0} cells: split it")]
    TooMany(usize),
    /// Not a workbook.
    #[error("this is no workbook that can be read ({0}): save it again as .xlsx or .csv")]
    Workbook(String),
    /// Locked by a password.
    #[error("the workbook is locked with a password: save it without one")]
    Locked,
    /// No such sheet.
    #[error("there is no sheet {0:?}; there are: {1}")]
    NoSheet(String, String),
    /// Nothing in it.
    #[error("the file is empty")]
    Empty,
    /// No row looks like headings.
    #[error(
        "no row of headings was found in the first {0} rows: name the columns (for expenses: date, amount, category), or say --kind and --map \"your column=field\""
    )]
    NoHeadings(usize),
    /// Needed columns are not there.
    #[error("{kind}: no column for {missing}; the columns are: {columns}. Say --map \"column={first}\"")]
    Missing {
        /// The kind.
        kind: &'static str,
        /// The fields.
        missing: String,
        /// The first of them.
        first: &'static str,
        /// Headings of the file.
        columns: String,
    },
    /// A column or field of `--map` is not known.
    #[error("{0}")]
    Map(String),
    /// The path cannot be read.
    #[error("cannot read the file: {0}")]
    Read(#[from] std::io::Error),
}
