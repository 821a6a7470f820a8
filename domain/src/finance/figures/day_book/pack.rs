//! Folds and pages as bytes: whole numbers of varying length, texts once each.

use std::collections::HashMap;

use jiff::civil::Date;

use super::amounts::Amounts;

/// Bytes that are no fold and no page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the bytes of a day book are damaged")]
pub struct Damaged;

type Read<T> = Result<T, Damaged>;

/// Amounts above this are damage; so sums of any number of pages stay within 128 bits.
const LARGEST: u128 = 1 << 100;
/// The day from which days are counted.
const EPOCH: Date = Date::constant(1970, 1, 1);

/// Writes.
#[derive(Default)]
pub(super) struct Packer {
    bytes: Vec<u8>,
    texts: HashMap<String, u128>,
}

impl Packer {
    pub(super) fn done(self) -> Vec<u8> {
        self.bytes
    }
    pub(super) fn size(&mut self, mut value: u128) {
        while value >= 0x80 {
            self.bytes.push((value & 0x7f) as u8 | 0x80);
            value >>= 7;
        }
        self.bytes.push(value as u8);
    }
    pub(super) fn number(&mut self, value: i128) {
        self.size(((value << 1) ^ (value >> 127)) as u128);
    }
    pub(super) fn day(&mut self, day: Date) {
        self.number(super::super::days::distance(EPOCH, day).into());
    }
    /// A text, or none; one that was written before is a reference.
    pub(super) fn text(&mut self, text: Option<&str>) {
        let Some(text) = text else { return self.size(0) };
        match self.texts.get(text) {
            Some(place) => self.size(place + 2),
            None => {
                self.texts.insert(text.to_owned(), self.texts.len() as u128);
                self.size(1);
                self.size(text.len() as u128);
                self.bytes.extend_from_slice(text.as_bytes());
            }
        }
    }
    pub(super) fn amounts(&mut self, amounts: &Amounts) {
        self.size(amounts.iter().len() as u128);
        let mut last = 0;
        for (code, amount) in amounts.iter() {
            self.size((code - last).into());
            self.number(amount);
            last = code;
        }
    }
}

/// Reads what [`Packer`] wrote.
pub(super) struct Unpacker<'a> {
    bytes: &'a [u8],
    texts: Vec<&'a str>,
}

impl<'a> Unpacker<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, texts: Vec::new() }
    }
    pub(super) fn is_done(&self) -> bool {
        self.bytes.is_empty()
    }
    pub(super) fn size(&mut self) -> Read<u128> {
        // Most numbers are small.
        if let Some((byte, rest)) = self.bytes.split_first().filter(|(byte, _)| **byte < 0x80) {
            self.bytes = rest;
            return Ok(u128::from(*byte));
        }
        let mut value = 0_u128;
        for shift in (0..126).step_by(7) {
            let (byte, rest) = self.bytes.split_first().ok_or(Damaged)?;
            self.bytes = rest;
            value |= u128::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err(Damaged)
    }
    /// How many follow; never more than there are bytes.
    pub(super) fn count(&mut self) -> Read<usize> {
        let count = usize::try_from(self.size()?).map_err(|_| Damaged)?;
        if count <= self.bytes.len() { Ok(count) } else { Err(Damaged) }
    }
    pub(super) fn number(&mut self) -> Read<i128> {
        let size = self.size()?;
        if size > LARGEST {
            return Err(Damaged);
        }
        Ok((size >> 1) as i128 ^ -((size & 1) as i128))
    }
    pub(super) fn day(&mut self) -> Read<Date> {
        let days = i64::try_from(self.number()?).map_err(|_| Damaged)?;
        EPOCH.checked_add(jiff::Span::new().try_days(days).map_err(|_| Damaged)?).map_err(|_| Damaged)
    }
    pub(super) fn text(&mut self) -> Read<Option<&'a str>> {
        match usize::try_from(self.size()?).map_err(|_| Damaged)? {
            0 => Ok(None),
            1 => {
                let length = self.count()?;
                let (text, rest) = self.bytes.split_at(length);
                self.bytes = rest;
                let text = std::str::from_utf8(text).map_err(|_| Damaged)?;
                self.texts.push(text);
                Ok(Some(text))
            }
            place => self.texts.get(place - 2).copied().map(Some).ok_or(Damaged),
        }
    }
    pub(super) fn amounts(&mut self) -> Read<Amounts> {
        let mut amounts = Amounts::default();
        self.amounts_onto(&mut amounts)?;
        Ok(amounts)
    }
    /// Adds the amounts that follow to those that are there.
    pub(super) fn amounts_onto(&mut self, amounts: &mut Amounts) -> Read<()> {
        let mut place = 0;
        self.each_amount(|code, amount| amounts.add_at(&mut place, code, amount))
    }
    /// The amounts that follow, in the order of their codes.
    pub(super) fn each_amount(&mut self, mut take: impl FnMut(u32, i128)) -> Read<()> {
        let mut last = 0_u32;
        for _ in 0..self.count()? {
            let step = u32::try_from(self.size()?).map_err(|_| Damaged)?;
            last = last.checked_add(step).ok_or(Damaged)?;
            take(last, self.number()?);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use proptest::prelude::*;

    #[test]
    fn texts_are_written_once() {
        let mut packer = Packer::default();
        for text in [Some("Bogotá"), None, Some(""), Some("Bogotá"), Some("")] {
            packer.text(text);
        }
        let bytes = packer.done();
        assert_eq!(bytes.len(), 2 + 7 + 1 + 2 + 1 + 1);
        let mut read = Unpacker::new(&bytes);
        let texts: Vec<_> = (0..5).map(|_| read.text().unwrap()).collect();
        assert_eq!(texts, [Some("Bogotá"), None, Some(""), Some("Bogotá"), Some("")]);
        assert!(read.is_done());
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(numbers in proptest::collection::vec((any::<u16>(), any::<i64>()), 0..40), day in -200_000_i64..200_000) {
            let mut amounts = Amounts::default();
            numbers.iter().for_each(|(code, amount)| amounts.add((*code).into(), (*amount).into()));
            let day = date(1970, 1, 1).saturating_add(jiff::Span::new().days(day));
            let mut packer = Packer::default();
            packer.day(day);
            packer.amounts(&amounts);
            let bytes = packer.done();
            let mut read = Unpacker::new(&bytes);
            prop_assert_eq!((read.day().unwrap(), read.amounts().unwrap(), read.is_done()), (day, amounts, true));
        }

        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
            let mut read = Unpacker::new(&bytes);
            let _ = (read.text(), read.day(), read.amounts(), read.text(), read.number());
        }
    }
}
