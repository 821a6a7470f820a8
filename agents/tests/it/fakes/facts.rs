//! What the boxes of a fake shop hold.

use std::collections::BTreeSet;
use std::sync::Arc;

use async_trait::async_trait;
use recado_domain::action::ActionView;
use recado_domain::digest::Digest;
use recado_domain::finance::advice::Proposal;
use recado_domain::finance::facts::FactSet;
use recado_domain::finance::figures::day_book::{Behind, Beside, Gathered, Parts, Reading, Want};
use recado_domain::finance::figures::{Days, Dimension, Ledger, Metric, Narrowing};
use recado_domain::finance::reminder::{
    Debt, DebtorContact, DueReminder, NoPhone, Past, PhoneSource, Reminder, Returned, State, debts,
};
use recado_domain::incident::Incident;
use recado_domain::knowledge::fuse::{fuse, nearest};
use recado_domain::knowledge::meaning::Meaning;
use recado_domain::knowledge::{Entry, Hit, Unanswered, rank};
use recado_domain::order::{OrderFacts, order_number};
use recado_domain::privacy::{PrivacyRequest, Reach};
use recado_domain::request::Request;
use recado_domain::summary::Before;
use recado_domain::tools::*;
use recado_domain::*;

use super::{NOW, at, merchant};

/// All facts of a fake shop.
#[derive(Clone, Default)]
pub struct Facts {
    pub own: Vec<OrderView>,
    pub others: Vec<OrderView>,
    pub locked: bool,
    pub booked: Vec<OrderFacts>,
    /// The books; none = nothing has happened but what is booked.
    pub ledger: Option<Arc<Ledger>>,
    /// The same as a day book, which answers before the ledger does.
    pub day_book: Option<Arc<crate::large::Kept>>,
    pub told_at: Option<Timestamp>,
    pub incidents: Vec<Incident>,
    pub conversations: Vec<ConversationView>,
    pub counts: ParcelCounts,
    pub action: Option<(ActionView, Option<String>)>,
    /// What was said before.
    pub before: Before,
    /// What customers asked for.
    pub requests: Vec<Request>,
    /// A request about somebody's data.
    pub privacy: Option<(PrivacyRequest, Reach)>,
    /// A dispute of the shop.
    pub dispute: Option<DisputeView>,
    /// The shop's own answers.
    pub knowledge: Vec<Entry>,
    /// What those mean, in their order, as far as it is known.
    pub meanings: Vec<Meaning>,
    pub unanswered: Vec<Unanswered>,
    /// What the member wants to be told unasked, as the turns leave it.
    pub digests: Vec<Digest>,
    /// Accepted recommendations whose horizon has come.
    pub due: Vec<Proposal>,
    /// How debtors can be reached, by name.
    pub debtors: Vec<(String, DebtorContact)>,
    /// Reminders that were approved, by the key of their debtor, as the turns leave them.
    pub reminded: Vec<(String, Past)>,
    /// A reminder to the shopper, and whether it still stands.
    pub reminder: Option<DueReminder>,
    /// What came of reminders whose horizon has come.
    pub returned: Vec<Returned>,
    pub away: bool,
}

/// The books of orders that were paid when they were booked.
fn books(orders: &[OrderFacts], as_of: Timestamp) -> Ledger {
    let shop = merchant("CO", Language::Es);
    if orders.is_empty() {
        return Ledger::new(FactSet::of_shop(&shop, as_of), as_of);
    }
    let mut products = serde_json::Map::new();
    let orders: Vec<serde_json::Value> = orders
        .iter()
        .map(|order| {
            let lines: Vec<serde_json::Value> = order
                .lines
                .iter()
                .map(|line| {
                    let variant = line.variant_id.clone().unwrap_or_else(|| line.title.clone());
                    products.insert(variant.clone(), serde_json::json!({"variant_id": variant, "title": line.title, "costs": []}));
                    serde_json::json!({"id": line.external_id, "variant_id": variant, "qty": line.quantity,
                        "unit_price": line.unit_price.to_decimal(), "discount": line.discount.to_decimal(), "tax": line.tax.to_decimal()})
                })
                .collect();
            serde_json::json!({"id": order.name, "processed_at": order.processed_at, "payment": "prepaid", "paid_at": order.processed_at,
                "lines": lines, "shipping": {"price": "0", "tax": "0"}})
        })
        .collect();
    let facts = serde_json::json!({
        "schema": "finance-facts/1", "as_of": as_of, "synced_at": null,
        "merchant": {"name": shop.name, "timezone": shop.timezone, "currency": "COP", "vat_registered": true, "carriers": {}},
        "products": products.values().collect::<Vec<_>>(), "orders": orders,
    });
    Ledger::new(FactSet::from_json(&facts.to_string()).expect("facts"), as_of)
}

fn matching(orders: &[OrderView], reference: &str) -> Option<OrderView> {
    let key = order_number(reference);
    orders
        .iter()
        .find(|view| {
            view.order.number() == key
                || view.shipments.iter().any(|parcel| parcel.tracking_number.as_deref() == Some(reference))
        })
        .cloned()
}

impl Facts {
    /// As the store finds answers, without a database.
    fn found(&self, question: &str, language: Language, meaning: Option<&Meaning>) -> Vec<Hit> {
        let words = rank::rank(question, language, &self.knowledge, self.knowledge.len());
        let Some(meaning) = meaning else { return words };
        let near = nearest(meaning, self.knowledge.iter().zip(&self.meanings));
        fuse(question, words, &near)
    }
}

#[async_trait]
impl ShopperTools for Facts {
    async fn before(&self) -> Result<Before, ToolError> {
        Ok(self.before.clone())
    }
    async fn own_orders(&self) -> Result<Vec<OrderView>, ToolError> {
        if self.away { Err(ToolError::Away("away".into())) } else { Ok(self.own.clone()) }
    }
    async fn own_order(&self, reference: &str) -> Result<Option<OrderView>, ToolError> {
        Ok(matching(&self.own, reference))
    }
    async fn prove(&self, reference: &str, proof: &str) -> Result<ProofOutcome, ToolError> {
        if self.locked {
            return Ok(ProofOutcome::Locked);
        }
        let digits: String = proof.chars().filter(char::is_ascii_digit).collect();
        Ok(matching(&self.others, reference)
            .filter(|view| {
                view.order.email.as_deref() == Some(proof)
                    || (digits.len() >= 10 && view.order.phone.as_deref().is_some_and(|phone| phone.ends_with(&digits)))
            })
            .map_or(ProofOutcome::NotProven, |view| ProofOutcome::Proven(Box::new(view))))
    }
    async fn requests(&self) -> Result<Vec<Request>, ToolError> {
        Ok(self.requests.clone())
    }
    async fn reminder(&self, id: ReminderId) -> Result<Option<DueReminder>, ToolError> {
        Ok(self.reminder.clone().filter(|due| due.reminder.id == id))
    }
    async fn unanswered_reminder(&self) -> Result<Option<Reminder>, ToolError> {
        Ok(self.reminder.clone().map(|due| due.reminder).filter(|reminder| reminder.state == State::Sent))
    }
    async fn knowledge(
        &self,
        question: &str,
        language: Language,
        meaning: Option<&Meaning>,
    ) -> Result<Vec<Hit>, ToolError> {
        Ok(self.found(question, language, meaning))
    }
}

#[async_trait]
impl MemberTools for Facts {
    async fn before(&self) -> Result<Before, ToolError> {
        Ok(self.before.clone())
    }
    async fn ledger(&self) -> Result<Arc<Ledger>, ToolError> {
        assert!(!self.day_book.as_ref().is_some_and(|kept| kept.too_large), "all facts of a large shop were read");
        let now = at(NOW);
        Ok(self.ledger.clone().unwrap_or_else(|| Arc::new(books(&self.booked, now))))
    }
    async fn day_book(&self) -> Result<Option<(Reading, Beside)>, ToolError> {
        Ok(self.day_book.as_ref().filter(|kept| !kept.behind).map(|kept| kept.read()))
    }
    async fn day_parts(&self, _book: &Reading, by: Dimension, days: Days) -> Result<Option<Parts>, ToolError> {
        Ok(self.day_book.as_ref().map(|kept| kept.parts(by, days)))
    }
    async fn behind(
        &self,
        _book: &Reading,
        metric: Metric,
        narrowing: &[Narrowing],
        days: Days,
        least: usize,
    ) -> Result<Option<Behind>, ToolError> {
        Ok(self.day_book.as_ref().map(|kept| kept.behind(metric, narrowing, days, least)))
    }
    async fn gather(&self, accounts: &mut Gathered, wanted: BTreeSet<Want>) -> Result<bool, ToolError> {
        let kept = self.day_book.as_ref();
        kept.iter().for_each(|kept| kept.gather(accounts, wanted.clone()));
        Ok(kept.is_some())
    }
    async fn reads_all(&self) -> Result<bool, ToolError> {
        Ok(!self.day_book.as_ref().is_some_and(|kept| kept.too_large))
    }
    async fn told_at(&self) -> Result<Option<Timestamp>, ToolError> {
        Ok(self.told_at)
    }
    async fn order(&self, reference: &str) -> Result<Option<OrderView>, ToolError> {
        Ok(matching(&self.own, reference).or_else(|| matching(&self.others, reference)))
    }
    async fn incidents(&self) -> Result<Vec<Incident>, ToolError> {
        Ok(self.incidents.clone())
    }
    async fn knowledge(
        &self,
        question: &str,
        language: Language,
        meaning: Option<&Meaning>,
    ) -> Result<Vec<Hit>, ToolError> {
        Ok(self.found(question, language, meaning))
    }
    async fn digests(&self) -> Result<Vec<Digest>, ToolError> {
        Ok(self.digests.clone())
    }
    async fn due_follow_ups(&self, _today: jiff::civil::Date) -> Result<Vec<Proposal>, ToolError> {
        Ok(self.due.clone())
    }
    async fn debts(&self) -> Result<Vec<Debt>, ToolError> {
        let ledger = MemberTools::ledger(self).await?;
        Ok(debts(&ledger.facts().invoices, self.reminded.clone()))
    }
    async fn debtor_contact(&self, debtor: &str) -> Result<Result<DebtorContact, NoPhone>, ToolError> {
        let known = self.debtors.iter().find(|(name, _)| name == debtor);
        Ok(known.map(|(_, contact)| contact.clone()).ok_or(NoPhone::Unknown))
    }
    async fn contact_of_phone(&self, digits: &str) -> Result<DebtorContact, ToolError> {
        let known = self.debtors.iter().map(|(_, contact)| contact).find(|contact| contact.digits == digits);
        let unknown =
            || DebtorContact { digits: digits.to_owned(), source: PhoneSource::Told, reached: None, member: None };
        Ok(known.cloned().unwrap_or_else(unknown))
    }
    async fn due_reminders(&self, _today: jiff::civil::Date) -> Result<Vec<Returned>, ToolError> {
        Ok(self.returned.clone())
    }
}

#[async_trait]
impl StaffTools for Facts {
    async fn requests(&self) -> Result<Vec<Request>, ToolError> {
        Ok(self.requests.clone())
    }
    async fn request(&self, number: i64) -> Result<Option<Request>, ToolError> {
        Ok(self.requests.iter().find(|one| one.number == number).cloned())
    }
    async fn request_of_id(&self, id: RequestId) -> Result<Option<Request>, ToolError> {
        Ok(self.requests.iter().find(|one| one.asked.id == id).cloned())
    }
    async fn privacy_requests(&self) -> Result<Vec<PrivacyRequest>, ToolError> {
        Ok(self.privacy.iter().map(|(request, _)| request.clone()).collect())
    }
    async fn privacy_request(&self, id: PrivacyId) -> Result<Option<(PrivacyRequest, Reach)>, ToolError> {
        Ok(self.privacy.clone().filter(|(request, _)| request.id == id))
    }
    async fn unanswered(&self) -> Result<Vec<Unanswered>, ToolError> {
        Ok(self.unanswered.clone())
    }
    async fn incidents(&self) -> Result<Vec<Incident>, ToolError> {
        Ok(self.incidents.clone())
    }
    async fn incident(&self, number: i64) -> Result<Option<Incident>, ToolError> {
        Ok(self.incidents.iter().find(|one| one.number == number).cloned())
    }
    async fn with_people(&self) -> Result<Vec<ConversationView>, ToolError> {
        Ok(self.conversations.clone())
    }
    async fn conversation(&self, code: &str) -> Result<Option<ConversationView>, ToolError> {
        Ok(self.conversations.iter().find(|one| one.id.code() == code).cloned())
    }
    async fn conversation_of_notice(&self, _: i64, message: i64) -> Result<Option<ConversationView>, ToolError> {
        Ok(self.conversations.first().filter(|_| message == 77).cloned())
    }
    async fn order(&self, reference: &str) -> Result<Option<(MerchantId, OrderView)>, ToolError> {
        Ok(matching(&self.own, reference).map(|view| (merchant("CO", Language::Es).id, view)))
    }
    async fn order_of(&self, _: MerchantId, name: &str) -> Result<Option<OrderView>, ToolError> {
        Ok(self.own.iter().find(|view| view.order.name == name).cloned())
    }
    async fn action(&self, id: ActionId) -> Result<Option<ActionView>, ToolError> {
        Ok(self.action.clone().map(|(view, _)| view).filter(|view| view.id == id))
    }
}

#[async_trait]
impl SystemTools for Facts {
    async fn parcel_counts(&self, _: &str, _: &str) -> Result<ParcelCounts, ToolError> {
        Ok(self.counts.clone())
    }
    async fn incident(&self, id: IncidentId) -> Result<Option<Incident>, ToolError> {
        Ok(self.incidents.iter().find(|one| one.id == id).cloned())
    }
    async fn action(&self, id: ActionId) -> Result<Option<(ActionView, Option<String>)>, ToolError> {
        Ok(self.action.clone().filter(|(view, _)| view.id == id))
    }
    async fn privacy_request(&self, id: PrivacyId) -> Result<Option<(PrivacyRequest, Reach)>, ToolError> {
        Ok(self.privacy.clone().filter(|(request, _)| request.id == id))
    }
    async fn dispute(&self, external_id: &str) -> Result<Option<DisputeView>, ToolError> {
        Ok(self.dispute.clone().filter(|dispute| dispute.facts.external_id == external_id))
    }
}
