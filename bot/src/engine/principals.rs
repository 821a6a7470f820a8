//! Who asks. The identity on the message decides, and nothing that the message says.

use std::sync::Arc;
use std::time::Duration;

use recado_domain::contact::{PersonIds, phone_key};
use recado_domain::event::{EventContent, StaffMessage};
use recado_domain::merchant::{Member, Merchant, Staff};
use recado_domain::principal::Principal;
use recado_domain::{ContactId, MerchantId};
use recado_store::engine::Claim;
use recado_store::{Store, StoreError};

/// How long a membership is believed before it is read again; a removed member loses access within this time.
const BELIEVED: Duration = Duration::from_secs(10);

/// Resolves principals, remembering memberships for a moment.
#[derive(Clone)]
pub(super) struct Principals {
    store: Store,
    members: moka::future::Cache<(MerchantId, PersonIds), Option<Member>>,
}

impl Principals {
    pub(super) fn new(store: Store) -> Self {
        let members = moka::future::Cache::builder().max_capacity(20_000).time_to_live(BELIEVED).build();
        Self { store, members }
    }

    /// The principal of a claim and, for a person with a phone, its key.
    pub(super) async fn of(
        &self,
        claim: &Claim,
        merchant: &Merchant,
        person: Option<&PersonIds>,
    ) -> Result<(Principal, Option<String>), StoreError> {
        match (claim.kind.as_str(), person) {
            ("conversation", Some(person)) => {
                let phone =
                    person.wa_id.as_deref().and_then(|digits| phone_key(&format!("+{digits}"), &merchant.country));
                let contact = ContactId(claim.lane.0);
                let principal = match self.member(merchant.id, person, phone.as_deref()).await? {
                    Some(member) => Principal::Member { merchant: merchant.id, contact, member },
                    None => Principal::Shopper { merchant: merchant.id, contact },
                };
                Ok((principal, phone))
            }
            ("staff", _) => {
                let sender = claim.events.iter().find_map(|event| match &event.content {
                    EventContent::Staff(StaffMessage { user_id, .. }) => Some(*user_id),
                    _ => None,
                });
                let staff: Option<Staff> = match sender {
                    Some(user_id) => self.store.staff_by_telegram(user_id).await?,
                    None => None,
                };
                Ok((staff.map_or(Principal::Stranger, Principal::Staff), None))
            }
            _ => Ok((Principal::System { merchant: merchant.id }, None)),
        }
    }

    async fn member(
        &self,
        merchant: MerchantId,
        person: &PersonIds,
        phone: Option<&str>,
    ) -> Result<Option<Member>, StoreError> {
        let key = (merchant, person.clone());
        if let Some(known) = self.members.get(&key).await {
            return Ok(known);
        }
        let member = self.store.member(merchant, phone, person.user_id.as_deref()).await?;
        self.members.insert(key, member.clone()).await;
        Ok(member)
    }
}

/// The shop of a claim. Staff belong to none or to one; their lane works with the first that they may see.
pub(super) async fn merchant_of(store: &Store, claim: &Claim) -> Result<Option<Arc<Merchant>>, StoreError> {
    let known = store.directory().await?;
    Ok(match claim.merchant {
        Some(id) => known.merchant(id),
        None => known.merchants().next().cloned(),
    })
}
