//! The admin view as routes of a replica, told what changes.

use std::sync::Arc;

use recado_admin::live::{LiveEvent as Told, LiveFeed, Topic};
use recado_admin::playground::Playground;
use recado_admin::{AdminState, router};
use recado_domain::{ConversationId, MerchantId, Secret};
use recado_store::Store;
use recado_store::volatile::{LiveEvent, Volatile};
use tokio::sync::broadcast;
use tokio_util::sync::CancellationToken;

use crate::config::Config;
use crate::serve::Pages;

/// The admin view, with the Playground and a token that lets its visitor in when this is a demo. Streams end at
/// `closing`, so that an open page does not hold a drain.
pub fn admin(
    config: &Config,
    playground: Option<Arc<dyn Playground>>,
    enter_token: Option<Secret>,
    closing: CancellationToken,
) -> Pages {
    let secure_cookies = config.admin.secure_cookies;
    Box::new(move |store: &Store, volatile: &Arc<dyn Volatile>| {
        let live = LiveFeed::new();
        tokio::spawn(relay(volatile.live(), live.clone(), closing.clone()));
        let state = AdminState {
            store: store.clone(),
            clock: Arc::clone(store.clock()),
            live,
            demo: playground.is_some(),
            playground,
            secure_cookies,
            enter_token,
            closing,
        };
        router(state).map_err(|error| error.to_string())
    })
}

/// What changed in the queues, here or in another replica, in the words of the pages.
async fn relay(mut changes: broadcast::Receiver<LiveEvent>, live: LiveFeed, closing: CancellationToken) {
    loop {
        let change = tokio::select! {
            () = closing.cancelled() => return,
            change = changes.recv() => change,
        };
        match change {
            Ok(change) => {
                if let Some(told) = told(&change) {
                    live.publish(told);
                }
            }
            // Pages fetch again by themselves when they miss something.
            Err(broadcast::error::RecvError::Lagged(_)) => {}
            Err(broadcast::error::RecvError::Closed) => return,
        }
    }
}

/// `id` is `<merchant>/<lane>`, or a lane or message alone.
fn told(change: &LiveEvent) -> Option<Told> {
    let (merchant, id) = change.id.split_once('/').unwrap_or(("", &change.id));
    let topic = match change.topic.as_str() {
        "conversation" => Topic::Conversation(id.parse::<ConversationId>().ok()?),
        "order" => Topic::Orders,
        "crisis" | "staff" => Topic::Incidents,
        "dead" => Topic::Dead,
        _ => return None,
    };
    Some(Told { merchant: merchant.parse::<MerchantId>().ok(), topic })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_of_a_lane_names_its_merchant_and_its_part_of_the_page() {
        let merchant = MerchantId::derived(&["m"]);
        let lane = ConversationId::derived(&["c"]);
        let event = |topic: &str, id: String| LiveEvent { topic: topic.to_owned(), id };
        let change = told(&event("conversation", format!("{merchant}/{lane}"))).unwrap();
        assert_eq!((change.merchant, change.topic), (Some(merchant), Topic::Conversation(lane)));
        assert_eq!(told(&event("dead", lane.to_string())).unwrap().merchant, None);
        assert_eq!(told(&event("receipts", lane.to_string())), None);
    }
}
