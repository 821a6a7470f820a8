//! What happened to each order, told as the webhooks that the shop would have sent.

use std::time::Duration;

use recado_domain::Timestamp;
use serde_json::{Value, json};

use super::ShopWebhook;
use super::bodies::{Refunding, Scan, View, fulfillment, order_body, refund_body, scan_body};
use super::dice::Dice;
use super::order::{Line, Order};
use super::plan::{Carrier, Stage};

/// A parcel on its way.
#[derive(Clone)]
pub(super) struct Parcel {
    pub id: i64,
    /// 1 for the first of its order.
    pub place: i64,
    pub tracking: String,
    /// Ids of the lines in it.
    pub lines: Vec<i64>,
    pub status: Option<&'static str>,
    pub created: Timestamp,
    pub updated: Timestamp,
}

/// Where a scan is made.
#[derive(Clone, Copy)]
enum At {
    Origin,
    Destination,
}

type Step = (&'static str, &'static str, At);

const LABEL: Step = ("label_printed", "Guía generada", At::Origin);
const PICKED_UP: Step = ("carrier_picked_up", "Recogido por la transportadora", At::Origin);
const ON_THE_WAY: Step = ("in_transit", "En camino a la ciudad de destino", At::Origin);
const AT_DEPOT: Step = ("in_transit", "En bodega de destino", At::Destination);
const ON_ROUTE: Step = ("out_for_delivery", "Salió a reparto", At::Destination);
const READY: Step = ("ready_for_pickup", "Disponible para reclamar en oficina", At::Destination);
const DELIVERED: Step = ("delivered", "Entregado", At::Destination);
const REFUSED: Step = ("attempted_delivery", "El destinatario rehúsa recibir", At::Destination);
const GOING_BACK: Step = ("failure", "Devolución al remitente", At::Destination);

/// Hours are enough in the life of a parcel.
const HOUR: Duration = Duration::from_secs(3600);

/// Tells one order.
pub(super) struct Story<'a> {
    order: &'a Order,
    now: Timestamp,
    view: View,
    told: Vec<ShopWebhook>,
}

/// Everything that the shop sent about an order, in order.
pub(super) fn tell(order: &Order, now: Timestamp, dice: &mut Dice) -> Vec<ShopWebhook> {
    let cod = order.plan.cod;
    let view = View {
        at: order.created,
        financial: if cod { "pending" } else { "paid" },
        fulfillment: None,
        parcels: Vec::new(),
        refunds: Vec::new(),
        refunded: 0,
        removed: Vec::new(),
        cancelled: None,
    };
    let mut story = Story { order, now, view, told: Vec::new() };
    story.order_webhook("orders/create");
    if !cod {
        story.later(Duration::from_secs(40));
        story.order_webhook("orders/paid");
    }
    story.live(dice);
    story.told
}

impl Story<'_> {
    fn live(&mut self, dice: &mut Dice) {
        let steps = self.journey(dice);
        match self.order.plan.stage {
            Stage::PendingConfirmation | Stage::PaidUnfulfilled | Stage::Test => {}
            Stage::GiftCard => {
                self.later(Duration::from_secs(60));
                self.view.fulfillment = Some("fulfilled");
                self.order_webhook("orders/updated");
            }
            Stage::Cancelled => self.cancel(),
            Stage::TwoParcels => {
                let (first, rest) = self.order.lines.split_at(1);
                let second_steps = [LABEL, PICKED_UP, ON_THE_WAY];
                let delivered = [LABEL, PICKED_UP, ON_THE_WAY, ON_ROUTE, DELIVERED];
                self.ship(first, &delivered, "partial", dice);
                self.ship(rest, &second_steps, "fulfilled", dice);
            }
            _ => {
                let order = self.order;
                self.ship(&order.lines, &steps, "fulfilled", dice);
                self.afterwards();
            }
        }
    }

    /// The scans of an order that travels in one parcel.
    fn journey(&self, dice: &mut Dice) -> Vec<Step> {
        let mut steps = vec![LABEL, PICKED_UP, ON_THE_WAY];
        let more: &[Step] = match self.order.plan.stage {
            Stage::LabelCreated => {
                steps.truncate(1);
                &[]
            }
            Stage::InTransit => &[AT_DEPOT],
            Stage::OutForDelivery => &[AT_DEPOT, ON_ROUTE],
            Stage::AttemptFailed => &[AT_DEPOT, ON_ROUTE, ("attempted_delivery", "", At::Destination)],
            Stage::AvailableForPickup => &[AT_DEPOT, READY],
            Stage::Exception => &[AT_DEPOT, ("failure", "", At::Destination)],
            Stage::Returning => &[AT_DEPOT, ON_ROUTE, REFUSED, GOING_BACK],
            _ => &[AT_DEPOT, ON_ROUTE, DELIVERED],
        };
        steps.extend_from_slice(more);
        if let Some(last) = steps.last_mut().filter(|step| step.1.is_empty()) {
            last.1 = self.trouble(last.0, dice);
        }
        steps
    }

    /// What the carrier says about a problem: in the struck city mostly the blockade, elsewhere the everyday reasons
    /// (CONTRACTS E6).
    fn trouble(&self, status: &str, dice: &mut Dice) -> &'static str {
        let struck = self.order.plan.city.name == "Cali" && self.order.plan.carrier == Carrier::Coordinadora;
        match (status, struck) {
            ("failure", true) => "Novedad: bloqueo en la vía, mercancía detenida en bodega",
            ("failure", false) => "Novedad: dirección errada o incompleta",
            (_, true) if dice.percent(75) => "Intento de entrega: zona de difícil acceso por bloqueo",
            _ if dice.percent(50) => "Intento de entrega: destinatario ausente",
            _ => "Intento de entrega: no contesta",
        }
    }

    /// One parcel from its label to its last scan.
    fn ship(&mut self, lines: &[Line], steps: &[Step], fulfillment_status: &'static str, dice: &mut Dice) {
        let place = self.view.parcels.len() as i64 + 1;
        let from = self.order.created.plus(HOUR * dice.between(6, 9) as u32 + self.minutes(dice)).max(self.view.at);
        let from = if place == 1 { from } else { self.order.created.plus(HOUR * 20) };
        let until = self.last_scan(from, steps.len(), dice);
        let parcel = Parcel {
            id: 5_210_000_000_000 + self.order.number * 10 + place,
            place,
            tracking: tracking_number(self.order.plan.carrier, dice),
            lines: lines.iter().map(|line| line.id).collect(),
            status: None,
            created: from,
            updated: from,
        };
        let index = self.view.parcels.len();
        self.view.parcels.push(parcel);
        self.tell_at(from, "fulfillments/create", |story| fulfillment(story.order, &story.view.parcels[index]));
        self.view.fulfillment = Some(fulfillment_status);
        self.view.at = self.view.at.max(from.plus(Duration::from_secs(5)));
        self.order_webhook("orders/updated");

        let span = until.since(from).max(HOUR);
        for (number, (status, message, place_of)) in (0_u32..).zip(steps.iter().copied()) {
            // The label is printed with the fulfillment; the other scans share the time until the last.
            let share = span.mul_f64(f64::from(number) / (steps.len().max(2) - 1) as f64);
            let at = whole_seconds(from.plus(share).plus(Duration::from_secs(30)));
            let delivery = matches!(status, "delivered");
            let estimated = (!delivery).then(|| whole_seconds(at.plus(HOUR * 30).max(self.now.plus(HOUR * 5))));
            let parcel = &mut self.view.parcels[index];
            parcel.status = Some(status);
            parcel.updated = at;
            let city = match place_of {
                At::Origin => "Bogotá",
                At::Destination => self.order.plan.city.name,
            };
            let id = 9_400_000_000_000 + self.order.number * 100 + place * 20 + i64::from(number);
            let scan = Scan { id, status, message, city, at, estimated };
            self.tell_at(at, "fulfillment_events/create", |story| {
                scan_body(story.order, &story.view.parcels[index], &scan)
            });
        }
    }

    /// Parcels of long ago arrived after some days; those of the last week were scanned in the last hours.
    fn last_scan(&self, from: Timestamp, steps: usize, dice: &mut Dice) -> Timestamp {
        let days = HOUR * (24 * dice.between(2, 4)) as u32 + self.minutes(dice);
        let natural = from.plus(days);
        if steps <= 1 {
            return from;
        }
        let fresh = self.now.minus(HOUR * dice.between(2, 26) as u32 + self.minutes(dice));
        let open = matches!(
            self.order.plan.stage,
            Stage::InTransit
                | Stage::OutForDelivery
                | Stage::AttemptFailed
                | Stage::AvailableForPickup
                | Stage::Exception
                | Stage::TwoParcels
        );
        if open { fresh.max(from.plus(HOUR)) } else { natural.min(fresh) }
    }

    /// What follows a delivery.
    fn afterwards(&mut self) {
        let order = self.order;
        match order.plan.stage {
            Stage::Delivered | Stage::Guest if order.plan.cod => {
                self.later(HOUR * 20);
                self.view.financial = "paid";
                self.order_webhook("orders/paid");
            }
            Stage::Returning => {
                self.later(HOUR * 3);
                self.view.cancelled = Some((self.view.at, "declined"));
                self.view.financial = "voided";
                self.order_webhook("orders/cancelled");
            }
            Stage::PartiallyRefunded => {
                self.later(HOUR * 52);
                let lines: Vec<&Line> = order.lines.iter().take(1).collect();
                self.refund(&lines, "return", false, 0, "No era lo que esperaba");
            }
            Stage::Goodwill => {
                self.later(HOUR * 7);
                self.refund(&[], "no_restock", false, 2_000_000, "Compensación por la demora");
            }
            _ => {}
        }
    }

    fn cancel(&mut self) {
        let order = self.order;
        self.later(HOUR * 5);
        if order.plan.cod {
            self.view.financial = "voided";
        } else {
            let lines: Vec<&Line> = order.lines.iter().collect();
            self.refund(&lines, "cancel", true, 0, "Cancelado antes de despachar");
        }
        self.later(Duration::from_secs(5));
        self.view.cancelled = Some((self.view.at, "customer"));
        self.view.removed = order.lines.iter().map(|line| line.id).collect();
        self.order_webhook("orders/cancelled");
    }

    fn refund(&mut self, lines: &[&Line], restock: &'static str, shipping: bool, goodwill: i64, note: &'static str) {
        let id = 6_600_000_000_000 + self.order.number * 10;
        let refunding = Refunding { id, at: self.view.at, note, lines, restock, shipping, goodwill };
        let (body, amount) = refund_body(self.order, &refunding);
        self.view.refunded += amount;
        self.view.refunds.push(body.clone());
        self.view.removed.extend(lines.iter().map(|line| line.id));
        let all = self.view.refunded >= self.order.total();
        self.view.financial = if all { "refunded" } else { "partially_refunded" };
        let at = self.view.at;
        self.tell_at(at, "refunds/create", |_| body.clone());
        self.later(Duration::from_secs(3));
        self.order_webhook("orders/updated");
    }

    fn minutes(&self, dice: &mut Dice) -> Duration {
        Duration::from_secs(dice.between(0, 59) as u64 * 60 + dice.between(0, 59) as u64)
    }

    fn later(&mut self, by: Duration) {
        self.view.at = self.view.at.plus(by);
    }

    fn order_webhook(&mut self, topic: &'static str) {
        let at = self.view.at;
        self.tell_at(at, topic, |story| order_body(story.order, &story.view));
    }

    fn tell_at(&mut self, at: Timestamp, topic: &'static str, body: impl FnOnce(&Self) -> Value) {
        self.view.at = self.view.at.max(at);
        // What has not happened yet is not told.
        if at <= self.now {
            let body = body(self);
            debug_assert_ne!(body, json!(null), "every body is an object");
            self.told.push(ShopWebhook { id: String::new(), topic, at, body });
        }
    }
}

fn whole_seconds(at: Timestamp) -> Timestamp {
    Timestamp::from_seconds(at.as_millis() / 1000)
}

fn tracking_number(carrier: Carrier, dice: &mut Dice) -> String {
    // A first digit that keeps it from looking like a phone, or like another carrier's (CONTRACTS E6).
    let first = if carrier == Carrier::Servientrega { 2 } else { 4 };
    let rest: String = (1..carrier.digits()).map(|_| char::from(b'0' + dice.between(0, 9) as u8)).collect();
    format!("{first}{rest}")
}
