//! Pages that fill from above: titles, paragraphs, tables and pictures, with a new page where there is no more room.

use crate::chart::mark;
use crate::look::Ink;
use crate::scene::{Align, Area, Scene, Type};

/// A4 in points.
pub(super) const WIDTH: f64 = 595.28;
pub(super) const HEIGHT: f64 = 841.89;
pub(super) const MARGIN: f64 = 48.0;
pub(super) const ROOM: f64 = WIDTH - 2.0 * MARGIN;
const BOTTOM: f64 = HEIGHT - 62.0;

const SECTION: Type = Type::semibold(15.0, Ink::Text);
const BODY: Type = Type::regular(9.5, Ink::Second);
const HEADING: Type = Type::regular(8.5, Ink::Least);
const FOOT: Type = Type::regular(8.0, Ink::Least);

/// A column of a table.
pub(super) struct Column {
    pub name: String,
    /// Of the table's width.
    pub share: f64,
    pub align: Align,
}

/// A row of a table.
pub(super) struct Row {
    pub cells: Vec<String>,
    pub strong: bool,
}

/// A title, what was found, and its drawing.
pub(super) struct Block {
    pub title: String,
    pub text: String,
    pub drawing: Option<Scene>,
}

/// A title and the page on which it stands, counted from zero.
pub(super) struct Chapter {
    pub title: String,
    pub page: usize,
    pub y: f64,
}

pub(super) struct Paper {
    pub pages: Vec<Scene>,
    pub chapters: Vec<Chapter>,
    foot: String,
    y: f64,
}

impl Paper {
    pub(super) fn new(foot: String) -> Self {
        let mut paper = Self { pages: Vec::new(), chapters: Vec::new(), foot, y: 0.0 };
        paper.turn();
        paper
    }
    /// The page that is being filled.
    pub(super) fn page(&mut self) -> &mut Scene {
        self.pages.last_mut().expect("there is always a page")
    }
    pub(super) fn y(&self) -> f64 {
        self.y
    }
    pub(super) fn skip(&mut self, height: f64) {
        self.y += height;
    }
    /// Begins a page.
    pub(super) fn turn(&mut self) {
        let mut page = Scene::new(WIDTH, HEIGHT);
        page.fill(page.frame(), 0.0, Ink::Paper);
        self.pages.push(page);
        self.y = MARGIN + 8.0;
    }
    /// Begins a page, when less than this is left.
    pub(super) fn need(&mut self, height: f64) {
        if self.y + height > BOTTOM {
            self.turn();
        }
    }
    /// A title; at least `follows` of what it is above stands on the same page.
    pub(super) fn section(&mut self, title: &str, follows: f64) {
        self.need(44.0 + follows);
        if self.y > MARGIN + 8.0 {
            self.y += 20.0;
        }
        let (page, y) = (self.pages.len() - 1, self.y);
        self.chapters.push(Chapter { title: title.to_owned(), page, y });
        let at = (MARGIN, y + 12.0);
        self.page().words(title, at, SECTION, Align::Start);
        self.y += 26.0;
    }
    pub(super) fn paragraph(&mut self, text: &str) {
        for line in BODY.wrapped(text, ROOM, 40) {
            self.need(14.0);
            let at = (MARGIN, self.y + 9.0);
            self.page().words(&line, at, BODY, Align::Start);
            self.y += 13.5;
        }
        self.y += 3.0;
    }
    /// A paragraph with a bold beginning.
    pub(super) fn entry(&mut self, name: &str, text: &str) {
        let strong = Type { weight: crate::Weight::Semibold, ink: Ink::Text, ..BODY };
        let lines = BODY.wrapped(text, ROOM - 150.0, 6);
        self.need(13.5 * lines.len().max(1) as f64 + 5.0);
        let y = self.y + 9.0;
        for (place, line) in strong.wrapped(name, 138.0, lines.len().max(1)).iter().enumerate() {
            self.page().words(line, (MARGIN, y + 13.5 * place as f64), strong, Align::Start);
        }
        self.page().lines(&lines, (MARGIN + 150.0, y), BODY, 13.5);
        self.y += 13.5 * lines.len().max(1) as f64 + 5.0;
    }
    /// Two drawings beside each other, each under its title and its finding.
    pub(super) fn beside(&mut self, blocks: &[Block; 2]) {
        const GAP: f64 = 22.0;
        let width = (ROOM - GAP) / 2.0;
        // A drawing's own margins are outside its column.
        let scale = |drawing: &Scene| width / (drawing.width - 128.0);
        let lines = blocks.each_ref().map(|block| BODY.wrapped(&block.text, width, 6));
        let text = lines.iter().map(|lines| 13.5 * lines.len() as f64).fold(0.0, f64::max);
        let drawn = blocks.iter().filter_map(|block| block.drawing.as_ref());
        let drawn = drawn.map(|drawing| drawing.height * scale(drawing)).fold(0.0, f64::max);
        let height = 30.0 + text + drawn;
        self.need(height + 14.0);
        if self.y > MARGIN + 8.0 {
            self.y += 14.0;
        }
        let (page, y) = (self.pages.len() - 1, self.y);
        for (place, (block, lines)) in blocks.iter().zip(&lines).enumerate() {
            let x = MARGIN + place as f64 * (width + GAP);
            self.chapters.push(Chapter { title: block.title.clone(), page, y });
            let title = SECTION.cut(&block.title, width);
            self.page().words(&title, (x, y + 12.0), SECTION, Align::Start);
            self.page().lines(lines, (x, y + 31.0), BODY, 13.5);
            if let Some(drawing) = &block.drawing {
                let scale = scale(drawing);
                self.page().place(drawing, (x - 64.0 * scale, y + 26.0 + text), scale);
            }
        }
        self.y += height;
    }
    pub(super) fn table(&mut self, columns: &[Column], rows: &[Row]) {
        self.need(46.0);
        self.heads(columns);
        for row in rows {
            if self.y + 17.0 > BOTTOM {
                self.turn();
                self.heads(columns);
            }
            let ink = if row.strong { Ink::Text } else { Ink::Second };
            let kind = if row.strong { Type::semibold(9.0, ink) } else { Type::regular(9.0, ink) };
            let baseline = self.y + 11.5;
            self.cells(columns, &row.cells, kind, baseline);
            self.y += 17.0;
            let y = self.y;
            self.page().line(vec![(MARGIN, y), (MARGIN + ROOM, y)], 0.5, Ink::Grid);
        }
        self.y += 8.0;
    }
    fn heads(&mut self, columns: &[Column]) {
        let names: Vec<String> = columns.iter().map(|column| column.name.clone()).collect();
        let baseline = self.y + 10.0;
        self.cells(columns, &names, HEADING, baseline);
        self.y += 16.0;
        let y = self.y;
        self.page().line(vec![(MARGIN, y), (MARGIN + ROOM, y)], 0.75, Ink::Axis);
    }
    fn cells(&mut self, columns: &[Column], cells: &[String], kind: Type, baseline: f64) {
        let mut x = MARGIN;
        for (column, cell) in columns.iter().zip(cells) {
            let width = column.share * ROOM;
            let text = kind.cut(cell, width - 8.0);
            let at = match column.align {
                Align::Start => x,
                Align::Middle => x + width / 2.0,
                Align::End => x + width,
            };
            if !text.is_empty() {
                self.page().words(&text, (at, baseline), kind, column.align);
            }
            x += width;
        }
    }
    /// Boxes beside each other: name, figure, how it moved.
    pub(super) fn tiles(&mut self, tiles: &[(String, String, String)]) {
        const COLUMNS: usize = 4;
        const TILE: f64 = 62.0;
        let width = (ROOM - 3.0 * 8.0) / COLUMNS as f64;
        for row in tiles.chunks(COLUMNS) {
            self.need(TILE + 8.0);
            let y = self.y;
            for (place, (name, figure, moved)) in row.iter().enumerate() {
                let area = Area { x: MARGIN + place as f64 * (width + 8.0), y, width, height: TILE };
                let page = self.page();
                page.fill(area, 5.0, Ink::Sunken);
                let inside = width - 18.0;
                let x = area.x + 9.0;
                let name = Type::regular(8.5, Ink::Second).cut(name, inside);
                page.words(&name, (x, y + 17.0), Type::regular(8.5, Ink::Second), Align::Start);
                let mut size = 15.0;
                while size > 9.0 && Type::semibold(size, Ink::Text).width(figure) > inside {
                    size -= 0.5;
                }
                let kind = Type::semibold(size, Ink::Text);
                page.words(&kind.cut(figure, inside), (x, y + 37.0), kind, Align::Start);
                let kind = Type::regular(8.0, Ink::Least);
                page.words(&kind.cut(moved, inside), (x, y + 52.0), kind, Align::Start);
            }
            self.y += TILE + 8.0;
        }
    }
    /// Numbers the pages.
    pub(super) fn finish(mut self) -> (Vec<Scene>, Vec<Chapter>) {
        let count = self.pages.len();
        for (place, page) in self.pages.iter_mut().enumerate() {
            let y = HEIGHT - 32.0;
            page.line(vec![(MARGIN, y - 14.0), (MARGIN + ROOM, y - 14.0)], 0.5, Ink::Grid);
            mark(page, (MARGIN, y - 8.5), 11.0);
            page.words(&FOOT.cut(&self.foot, ROOM - 90.0), (MARGIN + 16.0, y), FOOT, Align::Start);
            page.words(&format!("{} / {count}", place + 1), (MARGIN + ROOM, y), FOOT, Align::End);
        }
        (self.pages, self.chapters)
    }
}
