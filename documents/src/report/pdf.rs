//! Pages as PDF: words stay words, the typeface is embedded once, chapters are bookmarks.

use krilla::destination::XyzDestination;
use krilla::geom::{Point, Size};
use krilla::metadata::{DateTime, Metadata};
use krilla::outline::{Outline, OutlineNode};
use krilla::page::PageSettings;
use krilla::{Document, SerializeSettings};
use krilla_svg::{SurfaceExt as _, SvgSettings};
use recado_domain::{Language, Timestamp};

use super::ReportError;
use super::paper::Chapter;
use crate::scene::{Scene, tree};

/// What a document says about itself.
pub(super) struct About {
    pub title: String,
    pub subject: String,
    pub language: Language,
    pub made_at: Timestamp,
}

pub(super) fn pdf(pages: &[Scene], chapters: &[Chapter], about: &About) -> Result<Vec<u8>, ReportError> {
    let mut document = Document::new_with(SerializeSettings::default());
    for scene in pages {
        let tree = tree(scene)?;
        let size = Size::from_wh(tree.size().width(), tree.size().height()).ok_or(ReportError::Pages)?;
        let mut page = document.start_page_with(PageSettings::new(size));
        let mut surface = page.surface();
        surface.draw_svg(&tree, size, SvgSettings::default()).ok_or(ReportError::Pages)?;
        surface.finish();
        page.finish();
    }
    let mut outline = Outline::new();
    for chapter in chapters {
        let above = XyzDestination::new(chapter.page, Point::from_xy(0.0, (chapter.y - 10.0).max(0.0) as f32));
        outline.push_child(OutlineNode::new(chapter.title.clone(), above));
    }
    document.set_outline(outline);
    let made = about.made_at.in_zone(&jiff::tz::TimeZone::UTC);
    let part = |value: i8| u8::try_from(value).unwrap_or(1);
    let date = DateTime::new(u16::try_from(made.year()).unwrap_or(0))
        .month(part(made.month()))
        .day(part(made.day()))
        .hour(part(made.hour()))
        .minute(part(made.minute()))
        .second(part(made.second()));
    document.set_metadata(
        Metadata::new()
            .title(about.title.clone())
            .description(about.subject.clone())
            .language(about.language.code().to_owned())
            .creator("Recado".to_owned())
            .creation_date(date),
    );
    document.finish().map_err(|error| ReportError::Written(format!("{error:?}")))
}
