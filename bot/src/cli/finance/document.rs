//! Pictures, the report as PDF and the workbook, written to a file.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::Args;
use recado_documents::chart::{Chart, Kind};
use recado_documents::scene::png;
use recado_documents::write::Writer;
use recado_domain::Language;
use recado_domain::finance::figures::{Accounts, Dimension, Metric};
use serde::Serialize;

use super::period::{Books, PeriodArgs};
use super::report::metric;
use crate::cli::merchants::language;
use crate::cli::{CliError, Output, Settings};
use crate::lifecycle::Exit;

/// Units across a picture; a pixel each unless more are asked for.
const UNITS: u32 = 1_080;
/// The kinds of pictures, as they are typed.
const KINDS: [&str; 11] =
    ["days", "profit", "cash", "cod", "products", "cities", "carriers", "channels", "payments", "customers", "months"];

/// Which picture.
#[derive(Clone, Debug, Args)]
pub struct ChartArgs {
    /// days, profit, cash, cod, or parts: products, cities, carriers, channels, payments, customers, months
    #[arg(value_parser = clap::builder::PossibleValuesParser::new(KINDS))]
    pub kind: String,
    /// Whose figures, of which days
    #[command(flatten)]
    pub period: PeriodArgs,
    /// Where it goes: a name that ends in .png or .svg
    #[arg(short, long, value_name = "FILE")]
    pub output: PathBuf,
    /// The figure of days and of parts, e.g. orders or cm2
    #[arg(long, value_name = "FIGURE", value_parser = metric, default_value = "booked.net_sales")]
    pub figure: Metric,
    /// Pixels across, of a .png
    #[arg(long, value_name = "PIXELS", default_value_t = UNITS, value_parser = clap::value_parser!(u32).range(1080..=4320))]
    pub width: u32,
    /// es, pt or en [default: the shop's]
    #[arg(long, value_name = "CODE", value_parser = language)]
    pub language: Option<Language>,
    /// One JSON object: the file, its title, and what it shows in words
    #[arg(long)]
    pub json: bool,
}

/// Which days, and where the document goes.
#[derive(Clone, Debug, Args)]
pub struct DocumentArgs {
    /// Whose figures, of which days
    #[command(flatten)]
    pub period: PeriodArgs,
    /// Where it goes
    #[arg(short, long, value_name = "FILE")]
    pub output: PathBuf,
    /// es, pt or en [default: the shop's]
    #[arg(long, value_name = "CODE", value_parser = language)]
    pub language: Option<Language>,
}

/// A document in three words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Document {
    Pdf,
    Workbook,
}

/// A picture that was written.
#[derive(Serialize)]
struct Picture {
    file: PathBuf,
    title: String,
    alt: String,
}

fn kind(name: &str, figure: Metric) -> Kind {
    match name {
        "profit" => Kind::Profit,
        "cash" => Kind::Cash,
        "cod" => Kind::Cod,
        "products" => Kind::Parts(Dimension::Product, figure),
        "cities" => Kind::Parts(Dimension::City, figure),
        "carriers" => Kind::Parts(Dimension::Carrier, figure),
        "channels" => Kind::Parts(Dimension::Channel, figure),
        "payments" => Kind::Parts(Dimension::Payment, figure),
        "customers" => Kind::Parts(Dimension::Customer, figure),
        "months" => Kind::Parts(Dimension::Month, figure),
        _ => Kind::Days(figure),
    }
}

fn writer(accounts: &dyn Accounts, language: Language) -> Writer {
    Writer { language, currency: accounts.currency() }
}

pub(super) fn chart(args: &ChartArgs, settings: &Settings, output: &mut Output<'_>) -> Result<Exit, CliError> {
    let end = args.output.extension().and_then(|end| end.to_str()).unwrap_or_default().to_ascii_lowercase();
    if !matches!(end.as_str(), "png" | "svg") {
        return Err(CliError::Usage(format!("{}: the name must end in .png or .svg", args.output.display())));
    }
    let (kind, wanted) = (kind(&args.kind, args.figure), args.language);
    let chart = args.period.told(settings, move |accounts, days, language| {
        Chart::of(accounts, kind, days, writer(accounts, wanted.unwrap_or(language)))
    })?;
    let scene = chart.map_err(|error| CliError::Usage(error.to_string()))?.draw();
    let bytes = if end == "svg" {
        scene.to_svg().into_bytes()
    } else {
        png(&scene, args.width as f32 / UNITS as f32).context("the picture")?
    };
    put(&args.output, &bytes)?;
    let picture = Picture { file: args.output.clone(), title: scene.title.clone(), alt: scene.alt.clone() };
    if args.json {
        output.json(&picture)?;
    } else {
        output.text(&format!("{}: {}", picture.file.display(), picture.title))?;
    }
    Ok(Exit::Done)
}

pub(super) fn document(
    what: Document,
    args: &DocumentArgs,
    settings: &Settings,
    output: &mut Output<'_>,
) -> Result<Exit, CliError> {
    let end = if what == Document::Pdf { "pdf" } else { "xlsx" };
    if !args.output.extension().is_some_and(|found| found.eq_ignore_ascii_case(end)) {
        return Err(CliError::Usage(format!("{}: the name must end in .{end}", args.output.display())));
    }
    let wanted = args.language;
    let (bytes, days) = match what {
        Document::Pdf => args.period.told(settings, move |accounts, days, language| {
            let made = recado_documents::report::report(accounts, days, writer(accounts, wanted.unwrap_or(language)));
            (made.context("the report"), days)
        })?,
        // It lists every order.
        Document::Workbook => {
            let Books { ledger, days, language } = args.period.books(settings)?;
            let writer = writer(&ledger, wanted.unwrap_or(language));
            (recado_documents::workbook::workbook(&ledger, days, writer).context("the workbook"), days)
        }
    };
    put(&args.output, &bytes?)?;
    output.text(&format!("{}: {} to {}", args.output.display(), days.first, days.last))?;
    Ok(Exit::Done)
}

/// Writes a file whole or not at all.
fn put(path: &Path, bytes: &[u8]) -> Result<(), CliError> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(bytes)?;
    file.persist(path).map_err(|error| CliError::Output(error.error))?;
    Ok(())
}
