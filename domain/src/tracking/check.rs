//! Check digits of parcel numbers. Facts: the public families of `jkeen/tracking_number_data` (couriers/*.json and
//! CHECKSUM_ALGORITHMS.md, read 2026-11), the postal union's standard S10, DPD's parcel label specification 2.4.1. All
//! take ASCII.

/// The check digit of a UPU S10 number's eight digits: weights 8 6 4 2 3 5 9 7, modulo 11, 10 → 0 and 11 → 5
/// (CONTRACTS E6).
pub fn s10_check_digit(serial: &[u8; 8]) -> u8 {
    const WEIGHTS: [u32; 8] = [8, 6, 4, 2, 3, 5, 9, 7];
    let sum: u32 = serial.iter().zip(WEIGHTS).map(|(digit, weight)| u32::from(digit % 10) * weight).sum();
    match 11 - sum % 11 {
        10 => 0,
        11 => 5,
        digit => digit as u8,
    }
}

/// Whether nine digits are an S10 serial and its check digit.
pub(super) fn s10(nine: &[u8]) -> bool {
    let digits: Vec<u8> = nine.iter().map(|byte| byte.wrapping_sub(b'0')).collect();
    match digits.as_slice() {
        [serial @ .., check] => <&[u8; 8]>::try_from(serial).is_ok_and(|serial| s10_check_digit(serial) == *check),
        [] => false,
    }
}

/// The value of a character in the mod-10 families: digits are themselves, letters count `(code − 3) mod 10`, so that
/// A = 2, B = 3 …
fn value(byte: u8) -> u32 {
    u32::from(if byte.is_ascii_digit() { byte - b'0' } else { byte.wrapping_sub(3) % 10 })
}

/// Mod 10 with one weight for the even places (the first is place 0) and one for the odd; the last character checks.
/// `before` is the weighted sum of digits that are not written but count («92» in a short SmartPost number).
pub(super) fn mod10(number: &[u8], even: u32, odd: u32, before: u32) -> bool {
    let Some((check, body)) = number.split_last() else { return false };
    let weighted = |(index, byte): (usize, &u8)| value(*byte) * if index % 2 == 0 { even } else { odd };
    let sum = before + body.iter().enumerate().map(weighted).sum::<u32>();
    check.is_ascii_digit() && (10 - sum % 10) % 10 == u32::from(check - b'0')
}

/// Luhn: from the right, every second digit twice, its digits added.
pub(super) fn luhn(number: &[u8]) -> bool {
    let doubled = |(index, byte): (usize, &u8)| match (index % 2, u32::from(byte - b'0')) {
        (1, digit) if digit > 4 => digit * 2 - 9,
        (1, digit) => digit * 2,
        (_, digit) => digit,
    };
    number.iter().all(u8::is_ascii_digit) && number.iter().rev().enumerate().map(doubled).sum::<u32>() % 10 == 0
}

/// DHL: the number before the last digit, modulo 7.
pub(super) fn mod7(number: &[u8]) -> bool {
    let Some((check, body)) = number.split_last() else { return false };
    let rest = body.iter().fold(0, |rest, byte| (rest * 10 + u32::from(byte - b'0')) % 7);
    rest == u32::from(check - b'0')
}

/// FedEx: weights 1 7 3 repeating, counted from the digit before the check digit; modulo 11, then 10.
pub(super) fn fedex(number: &[u8]) -> bool {
    const WEIGHTS: [u32; 3] = [1, 3, 7];
    let Some((check, body)) = number.split_last() else { return false };
    let sum: u32 =
        body.iter().rev().zip(WEIGHTS.iter().cycle()).map(|(byte, weight)| u32::from(byte - b'0') * weight).sum();
    sum % 11 % 10 == u32::from(check - b'0')
}

/// ISO/IEC 7064 MOD 37,36, as DPD uses it.
pub(super) fn mod37_36(number: &[u8]) -> bool {
    let place = |byte: u8| match byte {
        b'0'..=b'9' => Some(u32::from(byte - b'0')),
        b'A'..=b'Z' => Some(u32::from(byte - b'A') + 10),
        _ => None,
    };
    let Some((check, body)) = number.split_last() else { return false };
    let mut rest = 36;
    for byte in body {
        let Some(value) = place(*byte) else { return false };
        let sum = match (rest + value) % 36 {
            0 => 36,
            sum => sum,
        };
        rest = sum * 2 % 37;
    }
    place(*check).is_some_and(|check| (rest + check) % 36 == 1)
}
