//! The tool boxes of a turn, each bound to its principal here and nowhere else.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::civil::Date;
use recado_domain::action::ActionView;
use recado_domain::contact::{masked_phone, phone_key};
use recado_domain::digest::Digest;
use recado_domain::finance::advice::Proposal;
use recado_domain::finance::figures::day_book::{Behind, Beside, Gathered, Parts, Reading, Want};
use recado_domain::finance::figures::{Days, Dimension, Ledger, Metric, Narrowing};
use recado_domain::finance::reminder::{Debt, DebtorContact, DueReminder, NoPhone, PhoneSource, Reminder, Returned};
use recado_domain::incident::Incident;
use recado_domain::knowledge::meaning::Meaning;
use recado_domain::knowledge::{Hit, Unanswered};
use recado_domain::merchant::{Merchant, Staff};
use recado_domain::principal::Principal;
use recado_domain::privacy::{PrivacyRequest, Reach};
use recado_domain::request::{Request, RequestStatus};
use recado_domain::summary::Before;
use recado_domain::tools::{
    ConversationView, DisputeView, MemberTools, OrderView, ParcelCounts, ProofOutcome, ShopperTools, StaffTools,
    SystemTools, ToolBox, ToolError,
};
use recado_domain::{
    ActionId, ContactId, ConversationId, IncidentId, Language, MerchantId, PrivacyId, ReminderId, RequestId, Timestamp,
};
use sqlx::FromRow;
use uuid::Uuid;

use crate::db::{At, from_json};
use crate::finance::FOLDS;
use crate::merchant::MerchantStore;
use crate::{Store, StoreError, read};

crate::sql! {
    PEOPLE_QUEUE = "SELECT merchant_id, id, profile_name, wa_id, last_text, waiting_since, owner FROM conversations \
        WHERE merchant_id = $1 AND owner_kind <> 'bot' ORDER BY COALESCE(waiting_since, last_message_at) LIMIT 20";
    RECENT_CONVERSATIONS = "SELECT merchant_id, id, profile_name, wa_id, last_text, waiting_since, owner FROM conversations \
        WHERE merchant_id = $1 ORDER BY last_message_at DESC LIMIT 300";
    CONVERSATION_BY_ID = "SELECT merchant_id, id, profile_name, wa_id, last_text, waiting_since, owner FROM conversations \
        WHERE merchant_id = $1 AND id = $2";
    NOTICE_SUBJECT = "SELECT merchant_id, conversation_id FROM outbox WHERE provider_id = $1 AND recipient_key = $2 AND conversation_id IS NOT NULL LIMIT 1";
}

impl Store {
    /// The box of a principal. What is in it follows from who asks, never from what was written.
    ///
    /// # Errors
    /// When the directory cannot be read.
    pub async fn tool_box(
        &self,
        principal: &Principal,
        merchant: &Arc<Merchant>,
        phone_key: Option<String>,
    ) -> Result<ToolBox, StoreError> {
        Ok(match principal {
            Principal::Shopper { merchant: id, contact } => ToolBox::Shopper(Box::new(ShopperBox {
                facts: self.merchant(*id),
                contact: *contact,
                phone_key,
                shop: Arc::clone(merchant),
            })),
            Principal::Member { merchant: id, contact, .. } => {
                let (store, facts) = (self.clone(), self.merchant(*id));
                let conversation = ConversationId(contact.0);
                ToolBox::Member(Box::new(MemberBox { store, facts, shop: merchant.clone(), conversation }))
            }
            Principal::Staff(staff) => {
                let all = self.directory().await?.merchants().map(|merchant| merchant.id).collect::<Vec<_>>();
                ToolBox::Staff(Box::new(StaffBox { store: self.clone(), merchants: visible(staff, all) }))
            }
            Principal::System { merchant } => ToolBox::System(Box::new(SystemBox { facts: self.merchant(*merchant) })),
            Principal::Stranger => ToolBox::Empty,
        })
    }
}

fn visible(staff: &Staff, all: Vec<MerchantId>) -> Vec<MerchantId> {
    match staff.merchant {
        Some(only) => all.into_iter().filter(|id| *id == only).collect(),
        None => all,
    }
}

fn failed(error: StoreError) -> ToolError {
    let problem = error.to_string();
    if error.is_of_disk() {
        ToolError::DiskFull(problem)
    } else if error.is_of_time() {
        ToolError::Away(problem)
    } else {
        ToolError::Broken(problem)
    }
}

struct ShopperBox {
    facts: MerchantStore,
    contact: ContactId,
    /// The phone that WhatsApp vouches for; without one there are no own orders to find.
    phone_key: Option<String>,
    shop: Arc<Merchant>,
}

#[async_trait::async_trait]
impl ShopperTools for ShopperBox {
    async fn own_orders(&self) -> Result<Vec<OrderView>, ToolError> {
        match &self.phone_key {
            Some(phone) => self.facts.orders_of_phone(phone).await.map_err(failed),
            None => Ok(Vec::new()),
        }
    }

    async fn own_order(&self, reference: &str) -> Result<Option<OrderView>, ToolError> {
        let Some(phone) = &self.phone_key else { return Ok(None) };
        let found = self.facts.orders_of_reference(reference).await.map_err(failed)?;
        Ok(found.into_iter().find(|view| MerchantStore::proves(&view.order, &format!("+{phone}"), &self.shop.country)))
    }

    async fn prove(&self, reference: &str, email_or_phone: &str) -> Result<ProofOutcome, ToolError> {
        if self.facts.is_locked(self.contact).await.map_err(failed)? {
            return Ok(ProofOutcome::Locked);
        }
        let found = self.facts.orders_of_reference(reference).await.map_err(failed)?;
        let proven =
            found.into_iter().find(|view| MerchantStore::proves(&view.order, email_or_phone, &self.shop.country));
        match proven {
            Some(view) => Ok(ProofOutcome::Proven(Box::new(view))),
            None => {
                self.facts.count_failure(self.contact).await.map_err(failed)?;
                Ok(ProofOutcome::NotProven)
            }
        }
    }

    async fn requests(&self) -> Result<Vec<Request>, ToolError> {
        self.facts.requests_of(ConversationId(self.contact.0)).await.map_err(failed)
    }

    async fn before(&self) -> Result<Before, ToolError> {
        self.facts.before(ConversationId(self.contact.0)).await.map_err(failed)
    }

    async fn reminder(&self, id: ReminderId) -> Result<Option<DueReminder>, ToolError> {
        self.facts.due_reminder(&self.shop, ConversationId(self.contact.0), id).await.map_err(failed)
    }

    async fn unanswered_reminder(&self) -> Result<Option<Reminder>, ToolError> {
        self.facts.unanswered_reminder(ConversationId(self.contact.0)).await.map_err(failed)
    }

    async fn knowledge(
        &self,
        question: &str,
        language: Language,
        meaning: Option<&Meaning>,
    ) -> Result<Vec<Hit>, ToolError> {
        self.facts.knowledge_search(question, language, meaning).await.map_err(failed)
    }
}

struct MemberBox {
    /// To fold what is left of the same shop.
    store: Store,
    facts: MerchantStore,
    shop: Arc<Merchant>,
    /// The asker's own.
    conversation: ConversationId,
}

#[async_trait::async_trait]
impl MemberTools for MemberBox {
    async fn ledger(&self) -> Result<Arc<Ledger>, ToolError> {
        self.facts.ledger(&self.shop, self.facts.clock().now()).await.map_err(failed)
    }
    async fn day_book(&self) -> Result<Option<(Reading, Beside)>, ToolError> {
        let (shop, now) = (self.facts.id(), self.facts.clock().now());
        let Some(read) = self.store.folded_day_book(shop, now, FOLDS).await.map_err(failed)? else { return Ok(None) };
        let beside = self.facts.beside_days().await.map_err(failed)?;
        Ok(Some((read, beside)))
    }
    async fn day_parts(&self, book: &Reading, by: Dimension, days: Days) -> Result<Option<Parts>, ToolError> {
        self.facts.day_parts(book, by, days).await.map_err(failed)
    }
    async fn behind(
        &self,
        book: &Reading,
        metric: Metric,
        narrowing: &[Narrowing],
        days: Days,
        least: usize,
    ) -> Result<Option<Behind>, ToolError> {
        self.facts.behind(book, (metric, narrowing, days), None, least).await.map_err(failed)
    }
    async fn gather(&self, accounts: &mut Gathered, wanted: BTreeSet<Want>) -> Result<bool, ToolError> {
        self.facts.gather(accounts, wanted).await.map_err(failed)
    }
    async fn reads_all(&self) -> Result<bool, ToolError> {
        self.store.reads_all(self.facts.id()).await.map_err(failed)
    }
    async fn order_ledger(&self, name: &str) -> Result<Option<Arc<Ledger>>, ToolError> {
        let now = self.facts.clock().now();
        Ok(self.facts.order_ledger(name, now).await.map_err(failed)?.map(Arc::new))
    }
    async fn told_at(&self) -> Result<Option<Timestamp>, ToolError> {
        self.facts.told_at().await.map_err(failed)
    }
    async fn order(&self, reference: &str) -> Result<Option<OrderView>, ToolError> {
        Ok(self.facts.orders_of_reference(reference).await.map_err(failed)?.into_iter().next())
    }
    async fn incidents(&self) -> Result<Vec<Incident>, ToolError> {
        self.facts.incidents().await.map_err(failed)
    }
    async fn knowledge(
        &self,
        question: &str,
        language: Language,
        meaning: Option<&Meaning>,
    ) -> Result<Vec<Hit>, ToolError> {
        self.facts.knowledge_search(question, language, meaning).await.map_err(failed)
    }
    async fn before(&self) -> Result<Before, ToolError> {
        self.facts.before(self.conversation).await.map_err(failed)
    }
    async fn digests(&self) -> Result<Vec<Digest>, ToolError> {
        self.facts.digests(self.conversation).await.map_err(failed)
    }
    async fn due_follow_ups(&self, today: Date) -> Result<Vec<Proposal>, ToolError> {
        let due = self.facts.due_follow_ups(today).await.map_err(failed)?;
        Ok(due.into_iter().map(|kept| kept.proposal).collect())
    }
    async fn debts(&self) -> Result<Vec<Debt>, ToolError> {
        self.facts.debts(&self.shop).await.map_err(failed)
    }
    async fn debtor_contact(&self, debtor: &str) -> Result<Result<DebtorContact, NoPhone>, ToolError> {
        match self.facts.debtor_phone(&self.shop, debtor).await.map_err(failed)? {
            Ok((digits, source)) => Ok(Ok(self.reached(&digits, source).await?)),
            Err(missing) => Ok(Err(missing)),
        }
    }
    async fn contact_of_phone(&self, digits: &str) -> Result<DebtorContact, ToolError> {
        self.reached(digits, PhoneSource::Told).await
    }
    async fn due_reminders(&self, today: Date) -> Result<Vec<Returned>, ToolError> {
        self.facts.due_reminders(&self.shop, today).await.map_err(failed)
    }
}

impl MemberBox {
    async fn reached(&self, digits: &str, source: PhoneSource) -> Result<DebtorContact, ToolError> {
        let contact = self.facts.reached(&self.shop, digits, source).await.map_err(failed)?;
        let phone = phone_key(&format!("+{digits}"), &self.shop.country);
        let member = self.store.member(self.facts.id(), phone.as_deref(), None).await.map_err(failed)?;
        Ok(DebtorContact { member, ..contact })
    }
}

struct SystemBox {
    facts: MerchantStore,
}

#[async_trait::async_trait]
impl SystemTools for SystemBox {
    async fn parcel_counts(&self, carrier: &str, city: &str) -> Result<ParcelCounts, ToolError> {
        self.facts.parcel_counts(carrier, city).await.map_err(failed)
    }
    async fn incident(&self, id: IncidentId) -> Result<Option<Incident>, ToolError> {
        self.facts.incident(id).await.map_err(failed)
    }
    async fn action(&self, id: ActionId) -> Result<Option<(ActionView, Option<String>)>, ToolError> {
        self.facts.action(id).await.map_err(failed)
    }
    async fn privacy_request(&self, id: PrivacyId) -> Result<Option<(PrivacyRequest, Reach)>, ToolError> {
        self.facts.privacy_request(id).await.map_err(failed)
    }
    async fn dispute(&self, external_id: &str) -> Result<Option<DisputeView>, ToolError> {
        self.facts.dispute(external_id).await.map_err(failed)
    }
}

struct StaffBox {
    store: Store,
    merchants: Vec<MerchantId>,
}

#[derive(FromRow)]
struct ConversationRow {
    merchant_id: Uuid,
    id: Uuid,
    profile_name: Option<String>,
    wa_id: Option<String>,
    last_text: Option<String>,
    waiting_since: Option<At>,
    owner: serde_json::Value,
}

impl TryFrom<ConversationRow> for ConversationView {
    type Error = StoreError;
    fn try_from(row: ConversationRow) -> Result<Self, StoreError> {
        let owner: recado_domain::conversation::Owner = from_json(row.owner, "conversations", "owner")?;
        let person = match owner {
            recado_domain::conversation::Owner::Person { name, .. } => Some(name),
            _ => None,
        };
        let name = row.profile_name.filter(|name| !name.trim().is_empty());
        Ok(Self {
            id: ConversationId(row.id),
            merchant: MerchantId(row.merchant_id),
            name: name.unwrap_or_else(|| masked_phone(row.wa_id.as_deref().unwrap_or_default())),
            last_text: row.last_text,
            waiting_since: row.waiting_since.map(Timestamp::from),
            person,
        })
    }
}

#[derive(FromRow)]
struct SubjectRow {
    merchant_id: Uuid,
    conversation_id: Uuid,
}

impl StaffBox {
    async fn list(&self, statement: &'static str, merchant: MerchantId) -> Result<Vec<ConversationView>, ToolError> {
        let rows: Result<Vec<ConversationRow>, sqlx::Error> =
            read!(self.store.db(), pool => sqlx::query_as(statement).bind(merchant.0).fetch_all(pool).await);
        let rows = rows.map_err(|error| failed(error.into()))?;
        rows.into_iter().map(ConversationView::try_from).collect::<Result<_, _>>().map_err(failed)
    }
}

#[async_trait::async_trait]
impl StaffTools for StaffBox {
    async fn incidents(&self) -> Result<Vec<Incident>, ToolError> {
        let mut all = Vec::new();
        for merchant in &self.merchants {
            all.extend(self.store.merchant(*merchant).incidents().await.map_err(failed)?);
        }
        all.sort_by_key(|incident| (incident.severity, incident.opened_at));
        Ok(all)
    }

    async fn incident(&self, number: i64) -> Result<Option<Incident>, ToolError> {
        let mut found: Option<Incident> = None;
        for merchant in &self.merchants {
            if let Some(incident) = self.store.merchant(*merchant).incident_by_number(number).await.map_err(failed)? {
                let open = incident.resolved.is_none();
                let better = found
                    .as_ref()
                    .is_none_or(|other| (open, incident.opened_at) > (other.resolved.is_none(), other.opened_at));
                if better {
                    found = Some(incident);
                }
            }
        }
        Ok(found)
    }

    async fn with_people(&self) -> Result<Vec<ConversationView>, ToolError> {
        let mut all = Vec::new();
        for merchant in &self.merchants {
            all.extend(self.list(PEOPLE_QUEUE, *merchant).await?);
        }
        all.sort_by_key(|view| (view.waiting_since.is_none(), view.waiting_since));
        all.truncate(20);
        Ok(all)
    }

    async fn conversation(&self, code: &str) -> Result<Option<ConversationView>, ToolError> {
        let code = code.trim().trim_start_matches('#').to_uppercase();
        if let Some(view) = self.with_people().await?.into_iter().find(|view| view.id.code() == code) {
            return Ok(Some(view));
        }
        for merchant in &self.merchants {
            let recent = self.list(RECENT_CONVERSATIONS, *merchant).await?;
            if let Some(view) = recent.into_iter().find(|view| view.id.code() == code) {
                return Ok(Some(view));
            }
        }
        Ok(None)
    }

    async fn conversation_of_notice(
        &self,
        chat_id: i64,
        message_id: i64,
    ) -> Result<Option<ConversationView>, ToolError> {
        let subject: Result<Option<SubjectRow>, sqlx::Error> = read!(self.store.db(), pool => sqlx::query_as(NOTICE_SUBJECT)
            .bind(message_id.to_string()).bind(format!("telegram:{chat_id}")).fetch_optional(pool).await);
        let Some(subject) = subject.map_err(|error| failed(error.into()))? else { return Ok(None) };
        if !self.merchants.contains(&MerchantId(subject.merchant_id)) {
            return Ok(None);
        }
        let row: Result<Option<ConversationRow>, sqlx::Error> = read!(self.store.db(), pool => sqlx::query_as(CONVERSATION_BY_ID)
            .bind(subject.merchant_id).bind(subject.conversation_id).fetch_optional(pool).await);
        let row = row.map_err(|error| failed(error.into()))?;
        row.map(ConversationView::try_from).transpose().map_err(failed)
    }

    async fn action(&self, id: ActionId) -> Result<Option<ActionView>, ToolError> {
        for merchant in &self.merchants {
            if let Some((view, _)) = self.store.merchant(*merchant).action(id).await.map_err(failed)? {
                return Ok(Some(view));
            }
        }
        Ok(None)
    }

    async fn order(&self, reference: &str) -> Result<Option<(MerchantId, OrderView)>, ToolError> {
        for merchant in &self.merchants {
            let found = self.store.merchant(*merchant).orders_of_reference(reference).await.map_err(failed)?;
            if let Some(view) = found.into_iter().next() {
                return Ok(Some((*merchant, view)));
            }
        }
        Ok(None)
    }

    async fn order_of(&self, merchant: MerchantId, name: &str) -> Result<Option<OrderView>, ToolError> {
        if !self.merchants.contains(&merchant) {
            return Ok(None);
        }
        self.store.merchant(merchant).order_named(name).await.map_err(failed)
    }

    async fn requests(&self) -> Result<Vec<Request>, ToolError> {
        let mut all = Vec::new();
        for merchant in &self.merchants {
            let open = self.store.merchant(*merchant).requests(Some(RequestStatus::Open), 20).await;
            all.extend(open.map_err(failed)?);
        }
        all.sort_by_key(|request| std::cmp::Reverse(request.asked_at));
        all.truncate(20);
        Ok(all)
    }

    async fn request(&self, number: i64) -> Result<Option<Request>, ToolError> {
        let mut found: Vec<Request> = Vec::new();
        for merchant in &self.merchants {
            found.extend(self.store.merchant(*merchant).request(number).await.map_err(failed)?);
        }
        found.sort_by_key(|request| (request.status != RequestStatus::Open, std::cmp::Reverse(request.asked_at)));
        Ok(found.into_iter().next())
    }

    async fn request_of_id(&self, id: RequestId) -> Result<Option<Request>, ToolError> {
        for merchant in &self.merchants {
            if let Some(request) = self.store.merchant(*merchant).request_of_id(id).await.map_err(failed)? {
                return Ok(Some(request));
            }
        }
        Ok(None)
    }

    async fn privacy_requests(&self) -> Result<Vec<PrivacyRequest>, ToolError> {
        let mut all = Vec::new();
        for merchant in &self.merchants {
            all.extend(self.store.merchant(*merchant).privacy_requests(false, 20).await.map_err(failed)?);
        }
        all.sort_by_key(|request| request.due_at);
        all.truncate(20);
        Ok(all)
    }

    async fn privacy_request(&self, id: PrivacyId) -> Result<Option<(PrivacyRequest, Reach)>, ToolError> {
        for merchant in &self.merchants {
            if let Some(found) = self.store.merchant(*merchant).privacy_request(id).await.map_err(failed)? {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }

    async fn unanswered(&self) -> Result<Vec<Unanswered>, ToolError> {
        let mut all = Vec::new();
        for merchant in &self.merchants {
            all.extend(self.store.merchant(*merchant).unanswered(10).await.map_err(failed)?);
        }
        all.sort_by_key(|one| std::cmp::Reverse((one.times, one.last_at)));
        all.truncate(10);
        Ok(all)
    }
}
