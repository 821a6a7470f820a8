//! Amounts, shares and names as they stand in an answer.

use jiff::civil::Date;
use recado_domain::finance::advice::{Effect, Number, Per, Recommendation};
use recado_domain::finance::figures::{Metric, Unit};
use recado_domain::finance::ratio::Ratio;
use recado_domain::{Currency, Money};

use crate::moments::Moments;

/// Says things in the language of the answer and the style of the currency.
pub(in crate::finance) struct Say<'a> {
    pub moments: &'a Moments<'a>,
    pub currency: Currency,
}

impl Say<'_> {
    /// A word of the table.
    pub fn word(&self, key: &str) -> String {
        self.moments.wording.word(self.moments.language, key).to_owned()
    }
    /// `$663.794`.
    pub fn money(&self, minor: i64) -> String {
        Money::new(minor, self.currency).shown()
    }
    /// A number with so many decimals, in the style of the currency.
    pub fn decimal(&self, ratio: Ratio, decimals: u32) -> String {
        let Ok(scaled) = ratio.scaled(decimals) else { return "…".to_owned() };
        let text = recado_domain::finance::ratio::decimal_text(scaled.abs(), decimals);
        let text = if self.currency.comma_decimal() { text.replace('.', ",") } else { text };
        let text = match text.strip_suffix(if self.currency.comma_decimal() { ",0" } else { ".0" }) {
            Some(whole) => whole.to_owned(),
            None => text,
        };
        if scaled < 0 { format!("\u{2212}{text}") } else { text }
    }
    /// `38,8 %`.
    pub fn percent(&self, share: Ratio) -> String {
        match share.times(Ratio::whole(100)) {
            Ok(percent) => format!("{} %", self.decimal(percent, 1)),
            Err(_) => "…".to_owned(),
        }
    }
    /// «10 de noviembre».
    pub fn day(&self, day: Date) -> String {
        self.moments.date(day)
    }
    /// What a figure, or an input of the score, is called.
    pub fn figure(&self, id: &str) -> String {
        let key = format!("advice.input.{id}");
        let word = self.word(&key);
        if word != key {
            return word;
        }
        Metric::of_id(id).map_or_else(|| id.to_owned(), |metric| metric.name(self.moments.language).to_owned())
    }
    /// The value of a figure as people read it.
    pub fn value(&self, id: &str, number: &Number) -> String {
        let multiple = matches!(
            id,
            "contribution_roas" | "blended_roas" | "mer" | "payback_ratio" | "quick_ratio" | "breakeven_roas"
        );
        match number {
            Number::Ratio(ratio) if multiple => self.decimal(*ratio, 1),
            Number::Ratio(ratio) => match Metric::of_id(id).map(Metric::unit) {
                Some(Unit::Days | Unit::Months) => self.decimal(*ratio, 0),
                _ => self.percent(*ratio),
            },
            other => other.shown(),
        }
    }
    /// What an action brings.
    pub fn effect(&self, of: &Recommendation) -> String {
        let (key, low, high) = match (of.effect, of.code.per()) {
            (Effect::Amount(amount), Per::Once) => ("advice.effect.once", amount, amount),
            (Effect::Amount(amount), Per::Month) => ("advice.effect.month", amount, amount),
            (Effect::Range(low, high), Per::Once) => ("advice.effect.once_range", low, high),
            (Effect::Range(low, high), Per::Month) => ("advice.effect.month_range", low, high),
            (Effect::Omitted(_), _) => return String::new(),
        };
        self.word(key).replace("{low}", &self.money(low)).replace("{high}", &self.money(high))
    }
    /// What a recommendation asks to do, in one sentence.
    pub fn action(&self, of: &Recommendation) -> String {
        let named = of.details.iter().filter_map(|one| one.subject.as_deref()).take(2).collect::<Vec<_>>();
        let amount = |ids: &[&str]| {
            let found = ids.iter().find_map(|id| of.details.iter().find_map(|one| one.money(id)));
            found.map(Money::shown).unwrap_or_default()
        };
        let effect = self.effect(of);
        // A sentence without a name where there is none, and another where nothing can be told of its effect.
        let variant = |ending: &str| {
            let key = format!("advice.do.{}.{ending}", of.code.id());
            Some(self.word(&key)).filter(|word| *word != key)
        };
        let text = effect
            .is_empty()
            .then(|| variant("none"))
            .flatten()
            .or_else(|| named.is_empty().then(|| variant("bare")).flatten())
            .unwrap_or_else(|| self.word(&format!("advice.do.{}", of.code.id())));
        let tail = if effect.is_empty() { String::new() } else { format!(" {effect}") };
        let names = named.join(&format!(" {} ", self.word("advice.and")));
        text.replace("{subject}", &names)
            .replace("{amount}", &amount(&["next_price", "suggested", "charge", "weekly"]))
            .replace("{threshold}", &amount(&["free_shipping_from"]))
            + &tail
    }
}
