//! Colours, from the tokens of the desk's look (light theme). Green and red never mean gain and loss in a drawing: gain is
//! añil, cost is ocre. The order of the series colours keeps any two apart for every kind of colour vision.

/// A colour by its role.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "a role's name says it")]
pub enum Ink {
    Paper,
    Sunken,
    Text,
    Second,
    Least,
    Grid,
    Axis,
    Accent,
    Fold,
    Añil,
    Ocre,
    Turquesa,
    Mora,
    Compare,
    WarnText,
    WarnSoft,
}

impl Ink {
    /// Colours of series, in the order in which they are taken.
    pub const SERIES: [Self; 4] = [Self::Añil, Self::Ocre, Self::Turquesa, Self::Mora];

    /// Its word in the style sheets of pages.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Paper => "paper",
            Self::Sunken => "sunken",
            Self::Text => "text",
            Self::Second => "second",
            Self::Least => "least",
            Self::Grid => "grid",
            Self::Axis => "axis",
            Self::Accent => "accent",
            Self::Fold => "fold",
            Self::Añil => "anil",
            Self::Ocre => "ocre",
            Self::Turquesa => "turquesa",
            Self::Mora => "mora",
            Self::Compare => "compare",
            Self::WarnText => "warn-text",
            Self::WarnSoft => "warn-soft",
        }
    }

    /// As `#rrggbb`.
    pub const fn hex(self) -> &'static str {
        match self {
            Self::Paper => "#ffffff",
            Self::Sunken => "#f1f0ed",
            Self::Text => "#1b1e27",
            Self::Second => "#4a4d56",
            Self::Least => "#646770",
            Self::Grid => "#e1e0db",
            Self::Axis => "#88867e",
            Self::Accent => "#3b4b9d",
            Self::Fold => "#aab4de",
            Self::Añil => "#3056b3",
            Self::Ocre => "#a97541",
            Self::Turquesa => "#048a9d",
            Self::Mora => "#823168",
            Self::Compare => "#4a4d56",
            Self::WarnText => "#7e5112",
            Self::WarnSoft => "#fff0d3",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn linear(ink: Ink) -> [f64; 3] {
        [1, 3, 5].map(|place| {
            let part = f64::from(u8::from_str_radix(&ink.hex()[place..place + 2], 16).unwrap()) / 255.0;
            if part <= 0.04045 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
        })
    }
    fn contrast(one: Ink, other: Ink) -> f64 {
        let light =
            |ink| linear(ink).iter().zip([0.2126, 0.7152, 0.0722]).map(|(part, share)| part * share).sum::<f64>();
        let (one, other) = (light(one), light(other));
        (one.max(other) + 0.05) / (one.min(other) + 0.05)
    }

    #[test]
    fn words_and_series_stand_out_from_the_paper() {
        for ink in [Ink::Text, Ink::Second, Ink::Least] {
            assert!(contrast(ink, Ink::Paper) >= 4.5 && contrast(ink, Ink::Sunken) >= 4.5, "{ink:?}");
        }
        assert!(contrast(Ink::WarnText, Ink::WarnSoft) >= 4.5);
        for ink in Ink::SERIES {
            assert!(contrast(ink, Ink::Paper) >= 3.0, "{ink:?}");
        }
        assert!(contrast(Ink::Grid, Ink::Paper) < 1.5, "the control: a hairline is no word");
    }

    /// Viénot, Brettel and Mollon (1999): what somebody without red or green cones sees, in linear light.
    fn seen(ink: Ink, red: bool) -> [f64; 3] {
        let [r, g, b] = linear(ink);
        let (mixed, blue) = if red {
            (0.112_38 * r + 0.887_62 * g, 0.004_01 * r - 0.004_01 * g + b)
        } else {
            (0.292_75 * r + 0.707_25 * g, -0.022_34 * r + 0.022_34 * g + b)
        };
        [mixed, mixed, blue]
    }
    /// Distance in OKLab, times a hundred.
    fn distance(one: [f64; 3], other: [f64; 3]) -> f64 {
        let lab = |[r, g, b]: [f64; 3]| {
            let l = (0.412_221_5 * r + 0.536_332_5 * g + 0.051_446 * b).max(0.0).cbrt();
            let m = (0.211_903_5 * r + 0.680_699_5 * g + 0.107_397 * b).max(0.0).cbrt();
            let s = (0.088_302_5 * r + 0.281_718_8 * g + 0.629_978_7 * b).max(0.0).cbrt();
            [
                0.210_454_3 * l + 0.793_617_8 * m - 0.004_072 * s,
                1.977_998_5 * l - 2.428_592_2 * m + 0.450_593_7 * s,
                0.025_904 * l + 0.782_771_8 * m - 0.808_675_8 * s,
            ]
        };
        let (one, other) = (lab(one), lab(other));
        one.iter().zip(other).map(|(a, b)| (a - b) * (a - b)).sum::<f64>().sqrt() * 100.0
    }

    #[test]
    fn series_stay_apart_for_every_kind_of_colour_vision() {
        for (place, one) in Ink::SERIES.iter().enumerate() {
            for other in &Ink::SERIES[place + 1..] {
                for red in [true, false] {
                    let apart = distance(seen(*one, red), seen(*other, red));
                    assert!(apart >= 8.0, "{one:?} {other:?} {apart}");
                }
                assert!(distance(linear(*one), linear(*other)) >= 10.0);
            }
        }
        assert!(distance(linear(Ink::Accent), linear(Ink::Añil)) < 10.0, "the control: two blues are close");
    }
}
