//! Pictures: the numbers are where their scale says, words are inside and apart, and pixels come out.

use recado_documents::chart::{Chart, ChartError, Kind};
use recado_documents::scene::{Mark, Scene, png};
use recado_domain::Language;
use recado_domain::finance::figures::{Days, Dimension, Ledger, Metric};

use crate::shop;

const KINDS: [Kind; 9] = [
    Kind::Days(Metric::BookedNetSales),
    Kind::Days(Metric::Orders),
    Kind::Profit,
    Kind::Cash,
    Kind::Cod,
    Kind::Parts(Dimension::Product, Metric::BookedNetSales),
    Kind::Parts(Dimension::City, Metric::RealisedNetSales),
    Kind::Parts(Dimension::Payment, Metric::Cm2),
    Kind::Parts(Dimension::Month, Metric::OperatingProfit),
];

fn draw(ledger: &Ledger, kind: Kind, days: Days, language: Language) -> Scene {
    Chart::of(ledger, kind, days, shop::writer(language)).unwrap_or_else(|error| panic!("{kind:?}: {error}")).draw()
}

fn overlaps(scene: &Scene) -> Vec<(String, String)> {
    let labels: Vec<_> = scene.labels().collect();
    let mut found = Vec::new();
    for (place, one) in labels.iter().enumerate() {
        for other in &labels[place + 1..] {
            if one.area().meets(other.area()) {
                found.push((one.text.clone(), other.text.clone()));
            }
        }
    }
    found
}

#[test]
fn words_are_inside_the_frame_apart_from_each_other_and_large_enough_for_a_phone() {
    let shops =
        [(shop::busy(), shop::november()), (shop::example(), shop::september()), (shop::example(), shop::october())];
    for (ledger, days) in &shops {
        for kind in KINDS {
            for language in Language::ALL {
                let scene = draw(ledger, kind, *days, language);
                assert!(scene.width >= 1080.0 && scene.height > 500.0 && scene.height < 2200.0, "{kind:?}");
                assert!(overlaps(&scene).is_empty(), "{kind:?} {language} {:?}", overlaps(&scene));
                for label in scene.labels() {
                    assert!(scene.frame().holds(label.area()), "{kind:?} {language} {:?}", label.text);
                    assert!(label.size >= 28.0 && !label.text.is_empty());
                }
                assert!(scene.alt.contains(&scene.title) && scene.alt.len() > 60, "{}", scene.alt);
            }
        }
    }
}

#[test]
fn control_words_on_each_other_are_seen() {
    let mut scene = draw(&shop::example(), Kind::Profit, shop::september(), Language::Es);
    let copy = scene.marks.iter().find(|mark| matches!(mark, Mark::Words(_))).unwrap().clone();
    scene.marks.push(copy);
    assert_eq!(overlaps(&scene).len(), 1);
}

#[test]
fn bars_are_as_high_as_their_scale_says() {
    let Chart::Trend(trend) =
        Chart::of(&shop::busy(), Kind::Days(Metric::BookedNetSales), shop::november(), shop::writer(Language::Es))
            .unwrap()
    else {
        panic!("another chart")
    };
    let scene = Chart::Trend(trend.clone()).draw();
    // The bars of days are the boxes in añil as wide as one another.
    let bars: Vec<f64> = scene
        .marks
        .iter()
        .filter_map(|mark| match mark {
            Mark::Box { area, ink, .. } if *ink == recado_documents::Ink::Añil && area.height > 30.0 => {
                Some(area.height)
            }
            _ => None,
        })
        .collect();
    assert_eq!(bars.len(), trend.now.values.len());
    let highest = trend.now.values.iter().max().unwrap();
    let tallest = bars.iter().copied().fold(0.0, f64::max);
    for (height, value) in bars.iter().zip(&trend.now.values) {
        let expected = *value as f64 / *highest as f64 * tallest;
        assert!((height - expected).abs() < 0.5, "{height} {expected}");
    }
}

#[test]
fn a_month_that_runs_is_compared_with_the_same_days_and_says_it_is_partial() {
    let whole = Days::month(shop::november().first);
    let Chart::Trend(trend) =
        Chart::of(&shop::busy(), Kind::Days(Metric::BookedNetSales), whole, shop::writer(Language::Es)).unwrap()
    else {
        panic!("another chart")
    };
    assert_eq!(trend.now.values.len(), 21);
    assert_eq!(trend.before.as_ref().map(|before| before.values.len()), Some(21));
    assert!(trend.partial.is_some());
    assert!(trend.head.title.contains("del 1 al 21 de octubre"), "{}", trend.head.title);
}

#[test]
fn steps_end_where_the_totals_stand() {
    for days in [shop::september(), shop::october()] {
        let ledger = shop::example();
        let Chart::Steps(steps) = Chart::of(&ledger, Kind::Profit, days, shop::writer(Language::Es)).unwrap() else {
            panic!("another chart")
        };
        let spans = steps.spans();
        for (place, step) in steps.steps.iter().enumerate().skip(1) {
            if step.kind == recado_documents::chart::StepKind::Total {
                assert_eq!(spans[place - 1].1, i128::from(step.value), "{}", step.name);
            }
        }
    }
}

#[test]
fn the_title_says_the_finding() {
    let title = |kind, days, language| draw(&shop::example(), kind, days, language).title;
    let sales = Kind::Days(Metric::BookedNetSales);
    assert!(title(sales, shop::september(), Language::Es).starts_with("Vendiste $663.794 netos en septiembre"));
    let october = title(sales, shop::october(), Language::Es);
    assert_eq!(october, "Vendiste $605.908 netos en octubre: 8,7\u{a0}% menos que en septiembre");
    assert!(title(sales, shop::october(), Language::Pt).contains("8,7% a menos"));
    // Separators are the shop's, words the reader's.
    assert!(title(sales, shop::october(), Language::En).contains("8,7% less than in September"));
}

#[test]
fn pixels_come_out_and_are_a_png_of_the_frame() {
    let scene = draw(&shop::busy(), Kind::Cash, shop::november(), Language::Es);
    let bytes = png(&scene, 1.0).unwrap();
    let decoded = resvg::tiny_skia::Pixmap::decode_png(&bytes).unwrap();
    assert_eq!((f64::from(decoded.width()), f64::from(decoded.height())), (scene.width, scene.height));
    let inked = |scene: &Scene| {
        let pixels = resvg::tiny_skia::Pixmap::decode_png(&png(scene, 1.0).unwrap()).unwrap();
        pixels.pixels().iter().filter(|pixel| pixel.red() < 128 && pixel.alpha() == 255).count()
    };
    let mute = Scene {
        marks: scene.marks.iter().filter(|mark| !matches!(mark, Mark::Words(_))).cloned().collect(),
        ..scene.clone()
    };
    assert!(inked(&mute) > 2_000, "lines are drawn");
    assert!(inked(&scene) > inked(&mute) + 10_000, "and words are");
    assert!(png(&scene, 100.0).is_err());
}

#[test]
fn what_cannot_be_drawn_says_why() {
    let of = |kind, days| Chart::of(&shop::example(), kind, days, shop::writer(Language::Es)).unwrap_err();
    let nobody = Days::new(jiff::civil::date(2020, 1, 1), jiff::civil::date(2020, 1, 31));
    assert_eq!(of(Kind::Days(Metric::BookedNetSales), nobody), ChartError::Nothing);
    assert_eq!(of(Kind::Cod, nobody), ChartError::Nothing);
    assert_eq!(of(Kind::Days(Metric::Aov), shop::september()), ChartError::NoSum("aov"));
}

/// Writes every picture into a folder, to be looked at: `RECADO_PICTURES=/tmp/x cargo test … looked_at`.
#[test]
fn every_picture_can_be_written_to_be_looked_at() {
    let folder = tempfile::tempdir().unwrap();
    let folder = option_env!("RECADO_PICTURES").map_or_else(|| folder.path().to_owned(), Into::into);
    let (ledger, days) = (shop::busy(), shop::november());
    for (place, kind) in KINDS.into_iter().enumerate() {
        let scene = draw(&ledger, kind, days, Language::ALL[place % 3]);
        let path = folder.join(format!("{place}.png"));
        std::fs::write(&path, png(&scene, 1.0).unwrap()).unwrap();
        std::fs::write(path.with_extension("svg"), scene.to_svg()).unwrap();
        assert!(std::fs::metadata(&path).unwrap().len() > 8_000);
    }
}
