//! The shop, and who writes to it.

use recado_domain::merchant::{Member, MemberRole, Merchant, Staff, StaffRole};
use recado_domain::principal::Principal;
use recado_domain::{ContactId, Currency, Language, MerchantId, StaffId};

pub fn merchant(country: &str, language: Language) -> Merchant {
    Merchant {
        id: MerchantId::derived(&["shop"]),
        name: "Tienda Luna".into(),
        language,
        country: country.into(),
        timezone: "America/Bogota".into(),
        currency: Currency::Cop,
    }
}

pub fn contact() -> ContactId {
    ContactId::derived(&["ana"])
}

pub fn shopper() -> Principal {
    Principal::Shopper { merchant: merchant("CO", Language::Es).id, contact: contact() }
}

pub fn member(role: MemberRole, finance: bool) -> Principal {
    let member = Member { name: "Marta".into(), role, finance };
    Principal::Member { merchant: merchant("CO", Language::Es).id, contact: contact(), member }
}

pub fn staff(role: StaffRole) -> Principal {
    let id = StaffId::derived(&["laura"]);
    Principal::Staff(Staff { id, name: "Laura Gil".into(), role, telegram_user_id: Some(5), merchant: None })
}

pub fn system() -> Principal {
    Principal::System { merchant: merchant("CO", Language::Es).id }
}
