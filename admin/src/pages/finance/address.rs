//! What the address of the money page says: everything that is looked at is in it, so that it can be shared and survives
//! the way back.

use std::collections::BTreeMap;

use crate::guard::percent;

/// What links carry on, in this order.
const KEPT: [&str; 8] = ["merchant", "period", "from", "to", "basis", "by", "of", "why"];
/// Letters of a value that are read.
const LONGEST: usize = 200;

/// The values of an address by their names. Of one that stands there twice the last counts; what nobody reads is ignored.
#[derive(Clone, Debug, Default)]
pub(super) struct Address(BTreeMap<String, String>);

impl Address {
    pub(super) fn new(values: BTreeMap<String, String>) -> Self {
        Self(values)
    }

    /// A value; empty when it was not said.
    pub(super) fn get(&self, name: &str) -> &str {
        let value = self.0.get(name).map_or("", |value| value.trim());
        if value.len() > LONGEST { "" } else { value }
    }

    /// The same address of a path, with some values in place of those it had; empty ones are left out.
    pub(super) fn with(&self, path: &str, changes: &[(&str, &str)]) -> String {
        let mut values: Vec<(&str, &str)> = Vec::new();
        for name in KEPT {
            let change = changes.iter().find(|(changed, _)| *changed == name).map(|(_, value)| *value);
            values.push((name, change.unwrap_or_else(|| self.get(name))));
        }
        values.extend(changes.iter().filter(|(name, _)| !KEPT.contains(name)));
        let query: Vec<String> = values
            .iter()
            .filter(|(_, value)| !value.is_empty())
            .map(|(name, value)| format!("{name}={}", percent(value)))
            .collect();
        if query.is_empty() { path.to_owned() } else { format!("{path}?{}", query.join("&")) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_carry_on_what_is_looked_at_and_nothing_else() {
        let said = [("period", "dates"), ("from", "2026-09-01"), ("evil", "<b>"), ("by", "city")];
        let address =
            Address::new(said.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect());
        assert_eq!(address.with("/x", &[]), "/x?period=dates&from=2026-09-01&by=city");
        assert_eq!(address.with("/x", &[("period", "this_week"), ("from", "")]), "/x?period=this_week&by=city");
        assert_eq!(
            address.with("/x", &[("by", "a&b=c"), ("figure", "cm2")]).split('?').nth(1).unwrap(),
            "period=dates&from=2026-09-01&by=a%26b%3Dc&figure=cm2"
        );
        assert_eq!(Address::default().with("/x", &[]), "/x");
    }
}
