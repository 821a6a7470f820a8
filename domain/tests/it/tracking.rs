//! Tracking numbers in texts, and the check digits of the families.

use proptest::prelude::*;
use recado_domain::tracking::{Candidate, locate, recognize, s10_check_digit};

fn found(text: &str) -> Vec<(String, String, bool)> {
    recognize(text).into_iter().map(|found| (found.carrier, found.number, found.valid)).collect()
}

fn valid(text: &str) -> Vec<String> {
    recognize(text).into_iter().filter(|found| found.valid).map(|found| found.carrier).collect()
}

/// Numbers published as samples by their carriers or by `jkeen/tracking_number_data`, one or two a family, and how they
/// are written there.
const PUBLISHED: &[(&str, &str)] = &[
    ("986578788855", "fedex"),
    (" 7 9 0 5 3 5 3 1 2 3 1 7 ", "fedex"),
    ("1001921334250001000300779017972697", "fedex"),
    ("9632001560123456789900794808390594", "fedex"),
    ("61299998820821171811", "fedex"),
    ("9261292700768711948021", "fedex"),
    ("0414 4176 0228 964", "fedex"),
    (" 5 6 8 2   8 3 6 1   0 0 1 2   0 0 0 ", "fedex"),
    ("00 0123 4500 0000 0027", "fedex"),
    ("9611020987654312345672", "fedex"),
    ("0307 1790 0005 2348 3741", "usps"),
    ("7112 3456 7891 2345 6787", "usps"),
    ("7196 9010 7560 0307 7385", "usps"),
    ("4201002334249200190132607600833457", "usps"),
    ("420 22153 9101026837331000039521", "usps"),
    ("92748931507708513018050063", "usps"),
    ("9400 1112 0108 0805 4830 16", "usps"),
    ("3318810025", "dhl"),
    ("8487135506", "dhl"),
    ("73891051146", "dhl"),
    ("JJD0099999999", "dhl"),
    ("JVGL0999999990", "dhl"),
    ("GM 2 9 5 117 32 25 1 7 44 9 4", "dhl"),
    ("GM295117494011169042", "dhl"),
    ("1Z5R89390357567127", "ups"),
    (" 1 Z 8 V 9 2 A 7 0 3 6 7 2 0 3 0 2 4 ", "ups"),
    ("1ZXX3150YW44070023", "ups"),
    ("0073938000549297", "canada_post"),
    ("TBA502887274000", "amazon"),
    (" T B A 0 0 0 0 0 0 0 0 0 0 0 0 ", "amazon"),
    ("C 110 31 500 00187 9", "ontrac"),
    ("D10011354453707", "ontrac"),
    ("LX 176 35035", "lasership"),
    ("1LS717793482164", "lasership"),
    ("1LS7119013618127-1", "lasership"),
    (" 1 L S 7 1 1 9 0 1 3 6 1 8 1 2 7 - 1 ", "lasership"),
    ("00 81827 0998 0000 0200 33 350 276 C", "dpd"),
    ("0998 0000 0200 34D", "dpd"),
    ("LTN74207623N1", "landmark"),
    ("D576002440000001718010", "canpar"),
    ("320595463938", "purolator"),
    ("KYV009956937", "purolator"),
    ("GFUS01011884214464", "gofo"),
    (" 0 7 2 0 9 5 6 2 7 6 3 ", "old_dominion"),
    ("80993847369", "old_dominion"),
    ("SP029692510000920746", "speedee"),
    ("JJD0002257639032011", "yodel"),
    ("J J D 0 0 0 2 2 5 7 6 3 9 0 3 2 0 2 0", "yodel"),
    ("YT2229521272164446", "yunexpress"),
    ("RB123456785GB", "royal_mail"),
    ("RB123456785US", "usps"),
    (" R B 1 2 3 4 5 6 7 8 5 C F ", "postal"),
];

/// Published as invalid for a family.
const REFUSED: &[(&str, &str)] = &[
    ("996578788855", "fedex"),
    ("1001901781990001000300617767839438", "fedex"),
    ("9261292700768711948020", "fedex"),
    ("5682 8361 0012 732", "fedex"),
    ("000000000000000001", "fedex"),
    ("9600000000000000000001", "fedex"),
    ("9622001560001234567100794808390595", "fedex"),
    ("0307 1790 0005 2348 3742", "usps"),
    ("4201028200009261290113185417468511", "usps"),
    ("61299998820821171811", "usps"),
    ("9200000000000000000000", "usps"),
    ("420000000000000000000000000000", "usps"),
    ("420000009200000000000000000000", "usps"),
    ("3318810010", "dhl"),
    ("3318810034", "dhl"),
    ("73891051149", "dhl"),
    ("XJD0099999998", "dhl"),
    ("GS295117494011169041", "dhl"),
    ("2Z5R89390357567127", "ups"),
    ("1Z1111111111111111", "ups"),
    ("0073938000549292", "canada_post"),
    ("TBA50288727400A", "amazon"),
    ("C10000000000000", "ontrac"),
    ("D10011345983012", "ontrac"),
    ("LX1763503N", "lasership"),
    ("1LX734505321754", "lasership"),
    ("1LS7119013618127-2", "lasership"),
    ("008182709980000020033350276A", "dpd"),
    ("0081 827 0998 0000 0200 45 000 000 N", "dpd"),
    ("09980000020033D", "dpd"),
    ("LSN74209518N1", "landmark"),
    ("M576002440000002510003", "canpar"),
    ("320595463939", "purolator"),
    ("KY009956937", "purolator"),
    ("GFUS0101188421446", "gofo"),
    ("07209562773", "old_dominion"),
    ("SX029692510000920746", "speedee"),
    ("JD000225440506099", "yodel"),
    ("YT123456789012345", "yunexpress"),
    ("RB123456786US", "usps"),
    ("RB123456785XX", "postal"),
];

fn compact(text: &str) -> String {
    text.chars().filter(|sign| !sign.is_whitespace()).collect()
}

#[test]
fn published_samples_are_recognised_alone_and_in_sentences() {
    for (sample, carrier) in PUBLISHED {
        let is_it = |found: &Candidate| found.valid && found.carrier == *carrier && found.number == compact(sample);
        let lower = sample.to_lowercase();
        for text in [
            (*sample).to_owned(),
            lower.clone(),
            format!("Hola, mi guía es {}. ¿Dónde está?", sample.trim()),
            format!("tracking: {}, gracias", lower.trim()),
            format!("código de rastreio\n{}\nobrigada", sample.trim()),
        ] {
            assert!(recognize(&text).iter().any(is_it), "{text:?} → {:?}", recognize(&text));
        }
    }
}

#[test]
fn published_counterexamples_are_never_valid_for_their_carrier() {
    for (sample, carrier) in REFUSED {
        for text in [(*sample).to_owned(), format!("mi guía es {sample} gracias"), sample.to_lowercase()] {
            assert!(!valid(&text).iter().any(|found| found == carrier), "{text:?} → {:?}", recognize(&text));
        }
    }
}

#[test]
fn a_number_alone_that_no_check_digit_supports_is_not_valid() {
    for sample in ["996578788855", "3318810010", "5682 8361 0012 732", "07209562773", "9600000000000000000001"] {
        assert_eq!(valid(sample), [""; 0], "{sample}");
    }
}

#[test]
fn s10_numbers_are_checked_and_named_by_country() {
    // The published example of the standard's check digit: 47312482 → 9.
    assert_eq!(s10_check_digit(&[4, 7, 3, 1, 2, 4, 8, 2]), 9);
    assert_eq!(found("EE473124829BR"), [("correios".into(), "EE473124829BR".into(), true)]);
    assert_eq!(found("mi guía es rr 473 124 829 co, gracias"), [("472".into(), "RR473124829CO".into(), true)]);
    assert_eq!(found("EE473124828BR"), [("correios".into(), "EE473124828BR".into(), false)]);
    assert_eq!(found("RR473124829CV")[0].0, "postal");
    assert_eq!(found("RR473124829XX"), [("postal".into(), "RR473124829XX".into(), false)]);
    // Words around a number are no letters of it.
    assert_eq!(found("dame la 473124829 es mía"), [("tcc".into(), "473124829".into(), false)]);
}

#[test]
fn check_digits_of_ten_and_eleven_become_zero_and_five() {
    let all = (0..1000_u32).map(|serial| {
        let digits: Vec<u8> = format!("{serial:08}").bytes().map(|byte| byte - b'0').collect();
        s10_check_digit(digits.as_slice().try_into().unwrap())
    });
    assert!(all.clone().all(|digit| digit < 10));
    assert_eq!(s10_check_digit(&[0; 8]), 5);
    assert!(all.into_iter().any(|digit| digit == 0));
}

#[test]
fn ups_numbers_are_checked() {
    // UPS's own sample.
    assert_eq!(found("1Z999AA10123456784"), [("ups".into(), "1Z999AA10123456784".into(), true)]);
    assert!(!found("1Z999AA10123456783")[0].2);
}

#[test]
fn digits_alone_are_hints_by_length() {
    assert_eq!(valid("guía 2147483647"), ["servientrega", "estafeta"]);
    assert_eq!(valid("guía 36412345678"), ["coordinadora"]);
    assert_eq!(valid("rastreo 888012345678"), ["interrapidisimo", "deprisa", "chilexpress"]);
    assert_eq!(valid("envío 240012345678"), ["interrapidisimo", "envia", "chilexpress"]);
    assert_eq!(valid("paquete 123456789"), ["tcc"]);
    assert_eq!(valid("guía 1234567890123456789012"), ["estafeta"]);
    assert_eq!(valid("seguimiento 360001234567890"), ["andreani"]);
}

#[test]
fn a_usual_length_alone_is_possible_but_not_valid() {
    assert_eq!(found("36412345678"), [("coordinadora".into(), "36412345678".into(), false)]);
    assert_eq!(found("#36412345678"), []);
    assert_eq!(found("guía #36412345678"), [("coordinadora".into(), "36412345678".into(), true)]);
}

#[test]
fn a_named_carrier_comes_first_even_when_the_length_is_unusual() {
    assert_eq!(valid("Mi envío por Envía es 240012345678")[0], "envia");
    assert_eq!(valid("interrapidísimo 240012345678")[0], "interrapidisimo");
    assert_eq!(valid("va por Inter Rapidísimo, 240012345678")[0], "interrapidisimo");
    assert_eq!(found("coordinadora guia 1234567"), [("coordinadora".into(), "1234567".into(), false)]);
    assert_eq!(valid("mi guía de Olva es 19482734"), ["olva"]);
    assert_eq!(valid("Mercado Envíos 43210987654")[0], "mercado_envios");
}

#[test]
fn order_numbers_phones_documents_and_amounts_are_not_taken_for_parcels() {
    for text in [
        "¿dónde está mi pedido #1042?",
        "mi número es 3005550142",
        "escríbeme al +57 300 555 0142",
        "573005550142",
        "pagué $ 123.456.789, o sea $123456789",
        "pagué $ 3318810025",
        "mi cédula es 3318810025",
        "CPF 52998224725",
        "pedido 73891051146",
        "nos vemos el 03-10-2026 a las 15:00",
        "2026-11-26",
    ] {
        assert_eq!(found(text), [], "{text}");
    }
    assert_eq!(found("llamen al 3005551234 por la guía 36412345678").len(), 1);
    assert_eq!(valid("guía 3005551234 de servientrega")[0], "servientrega");
    assert_eq!(valid("pedido 1042 guía 36412345678"), ["coordinadora"]);
}

#[test]
fn groups_are_joined() {
    assert_eq!(found("guía 364 1234 5678")[0].1, "36412345678");
    assert_eq!(found("guía 364-1234-5678")[0].1, "36412345678");
    assert_eq!(found("son 2: 7905 3531 2317 y ya")[0].1, "790535312317");
    assert_eq!(found("guía 2 7905 3531 2317")[0].1, "790535312317");
}

#[test]
fn places_are_the_bytes_of_the_number() {
    let text = "Señora, la guía es RR 473 124 829 CO, ¿sí?";
    let found = locate(text);
    assert_eq!(&text[found[0].span.clone()], "RR 473 124 829 CO");
    let text = "ñandú: 7905 3531 2317.";
    assert_eq!(&text[locate(text)[0].span.clone()], "7905 3531 2317");
}

/// Prints what long texts take; whatever they hold, few candidates come of them.
#[test]
fn of_a_long_text_few_candidates_come() {
    let once = "guía 7905 3531 2317 RR473124829CO 1 2 3 4 5 6 7 8 9 0 1 2 ";
    for text in [once.repeat(20), once.repeat(80), "9 ".repeat(4_000), "RR473124828CO ".repeat(400)] {
        let started = std::time::Instant::now();
        let count = recognize(&text).len();
        println!("{} letters: {count} candidates, {:?}", text.len(), started.elapsed());
        assert!(count <= recado_domain::tracking::MOST, "{count}");
        assert_eq!(count > 0, !text.starts_with('9'));
    }
}

/// What every change of one digit breaks, and (where the algorithm promises it) every swap of unequal neighbours.
const PROMISES: &[(&str, &str, std::ops::Range<usize>, bool)] = &[
    ("RR473124829CO", "472", 2..11, true),
    ("03071790000523483741", "usps", 0..20, false),
    ("041441760228964", "fedex", 0..14, false),
    ("0073938000549297", "canada_post", 0..16, false),
    ("320595463938", "purolator", 0..12, false),
    ("09980000020034D", "dpd", 0..14, true),
];

#[test]
fn one_changed_digit_is_refused_by_every_family_that_promises_it() {
    for (number, carrier, places, swaps) in PROMISES {
        let number = compact(number);
        let is_valid =
            |text: &str| recognize(text).iter().any(|one| one.valid && one.carrier == *carrier && one.number == text);
        assert!(is_valid(&number), "{number}");
        for at in places.clone().filter(|at| number.as_bytes()[*at].is_ascii_digit()) {
            for digit in '0'..='9' {
                let mut changed: Vec<char> = number.chars().collect();
                if changed[at] == digit {
                    continue;
                }
                changed[at] = digit;
                let changed: String = changed.into_iter().collect();
                // A 20-digit number is also read as one with an unwritten «91», which shifts the check digit.
                if *carrier == "usps" && at == 19 {
                    continue;
                }
                let shifted = *carrier == "usps" && is_valid(&changed);
                assert!(shifted || !is_valid(&changed), "{changed} of {number}");
            }
            if *swaps && at + 1 < places.end {
                let mut swapped: Vec<char> = number.chars().collect();
                swapped.swap(at, at + 1);
                let swapped: String = swapped.into_iter().collect();
                assert!(swapped == number || !is_valid(&swapped), "{swapped} of {number}");
            }
        }
    }
}

proptest! {
    /// S10: the weights are prime to 11 and differ, so one wrong digit or two swapped ones always show, except where
    /// remainders 0 and 10 share their check digit with another.
    #[test]
    fn an_s10_number_with_one_wrong_digit_is_refused(serial in prop::array::uniform8(0_u8..10), at in 0_usize..8, by in 1_u8..10) {
        let number = |serial: &[u8; 8], check: u8| {
            format!("RR{}{check}CO", serial.iter().map(|digit| (digit + b'0') as char).collect::<String>())
        };
        let check = s10_check_digit(&serial);
        prop_assert_eq!(valid(&number(&serial, check)), vec!["472"]);
        let mut wrong = serial;
        wrong[at] = (wrong[at] + by) % 10;
        if s10_check_digit(&wrong) != check {
            prop_assert_eq!(valid(&number(&wrong, check)), Vec::<String>::new());
        } else {
            // 0 and 5 stand for two remainders each.
            prop_assert!(check == 0 || check == 5);
        }
        prop_assert_eq!(valid(&number(&serial, (check + by) % 10)), Vec::<String>::new());
    }

    #[test]
    fn neighbours_swapped_in_an_s10_number_are_refused(serial in prop::array::uniform8(0_u8..10), at in 0_usize..7) {
        let mut swapped = serial;
        swapped.swap(at, at + 1);
        let (check, other) = (s10_check_digit(&serial), s10_check_digit(&swapped));
        prop_assert!(serial == swapped || check != other || check == 0 || check == 5);
    }

    /// Mod 7 of one digit changed by anything but seven always differs.
    #[test]
    fn a_dhl_number_with_one_wrong_digit_is_refused(serial in 100_000_000_u64..300_000_000, at in 0_u32..9, by in 1_u64..7) {
        let check = serial % 7;
        let is_dhl = |serial: u64| valid(&format!("AWB {serial:09}{check}")).contains(&"dhl".to_owned());
        prop_assert!(is_dhl(serial));
        let unit = 10_u64.pow(at);
        let digit = serial / unit % 10;
        let wrong = serial - digit * unit + (digit + by) % 10 * unit;
        let seven_apart = wrong % 7 == check;
        prop_assert!(seven_apart || !is_dhl(wrong));
    }

    /// Total on any text, and every place is on character borders and holds the number.
    #[test]
    fn any_text_is_harmless(text in "\\PC{0,120}") {
        for one in locate(&text) {
            let written: String = text[one.span.clone()].chars().filter(|sign| sign.is_alphanumeric()).collect();
            prop_assert_eq!(written.to_uppercase(), one.candidate.number.replace('-', ""));
        }
    }

    #[test]
    fn numbers_among_anything_are_harmless(text in "([A-Za-z0-9 +$#ñé\u{301}–-]|RR|1Z|420|96){0,90}") {
        for one in locate(&text) {
            prop_assert!(text.get(one.span.clone()).is_some_and(|written| !written.is_empty()));
        }
    }
}

#[test]
fn strange_texts_are_harmless() {
    for text in ["", "+", "1Z", "é1Zñ", "AA", "１２３４５６７８９０", "٣٤٥", &"9".repeat(100_000), "ǅ123456789", "ß1Z"]
    {
        let _ = recognize(text);
    }
}
