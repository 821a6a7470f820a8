//! One name for each order and parcel, whatever others call it.

use std::collections::{HashMap, HashSet};

use super::{ORDER_GID, PARCEL_GID, ShopFacts};

/// By which names the shop's orders or parcels are known.
pub(super) struct Names {
    /// The one of each in the books, in the shop's order.
    pub(super) ids: Vec<String>,
    /// Every name, to the place of what it names.
    pub(super) aliases: HashMap<String, usize>,
}

impl Names {
    pub(super) fn of_orders(shop: &ShopFacts) -> Self {
        let named = shop.orders.iter().map(|order| (order.external_id.as_str(), Some(order.name.as_str())));
        let mut names = Self::of(named.collect());
        for (place, order) in shop.orders.iter().enumerate() {
            names.aliases.entry(format!("{ORDER_GID}{}", order.external_id)).or_insert(place);
        }
        names
    }

    pub(super) fn of_parcels(shop: &ShopFacts) -> Self {
        let named = shop.parcels.iter().map(|parcel| (parcel.external_id.as_str(), parcel.tracking_number.as_deref()));
        let mut names = Self::of(named.collect());
        for (place, parcel) in shop.parcels.iter().enumerate() {
            names.aliases.entry(format!("{PARCEL_GID}{}", parcel.external_id)).or_insert(place);
        }
        names
    }

    /// The shop's id of each, and what people call it.
    fn of(named: Vec<(&str, Option<&str>)>) -> Self {
        let ids: HashSet<&str> = named.iter().map(|(id, _)| *id).collect();
        let mut uses: HashMap<&str, usize> = HashMap::new();
        for (_, name) in &named {
            if let Some(name) = name {
                *uses.entry(name.trim()).or_default() += 1;
            }
        }
        let mut aliases: HashMap<String, usize> =
            named.iter().enumerate().map(|(place, (id, _))| ((*id).to_owned(), place)).collect();
        let ids = named
            .iter()
            .enumerate()
            .map(|(place, (id, name))| {
                let own = name.map(str::trim).filter(|name| {
                    !name.is_empty() && uses.get(name) == Some(&1) && (name == id || !ids.contains(name))
                });
                if let Some(name) = own {
                    aliases.insert(name.to_owned(), place);
                }
                own.unwrap_or(id).to_owned()
            })
            .collect();
        Self { ids, aliases }
    }

    pub(super) fn settle(&self, id: &mut String) {
        if let Some(place) = self.aliases.get(id.as_str())
            && self.ids[*place] != *id
        {
            self.ids[*place].clone_into(id);
        }
    }
}
