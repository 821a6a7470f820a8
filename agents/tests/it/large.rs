//! A large shop is answered from its day book, word for word as from its ledger.

use std::collections::BTreeSet;
use std::sync::Arc;

use recado_domain::digest::DigestKind;
use recado_domain::effect::Effect;
use recado_domain::finance::facts::FactSet;
use recado_domain::finance::figures::day_book::pages::WHOLE;
use recado_domain::finance::figures::day_book::{Behind, Beside, Fold, Gathered, Parts, Reading, Shelves, Want};
use recado_domain::finance::figures::{Days, Dimension, FactKind, Ledger, Metric, Narrowing};
use recado_domain::merchant::MemberRole;

use crate::digests::rings;
use crate::fakes::*;
use crate::questions::{GOLDEN, INVENTORY, rows};

/// A day book in memory, of a shop whose facts are folded in one piece.
pub struct Kept {
    facts: FactSet,
    shelves: Shelves,
    fold: Vec<u8>,
    ledger: Ledger,
    /// Whether the shop is too large for all its facts to be read.
    pub too_large: bool,
    /// Whether the book is behind, and says nothing.
    pub behind: bool,
}

impl Kept {
    pub fn of(facts: FactSet) -> Self {
        let (shelves, fold) = Shelves::of(facts.clone()).unwrap();
        let ledger = Ledger::new(facts.clone(), facts.as_of);
        Self { shelves, fold: fold.pack(), ledger, facts, too_large: false, behind: false }
    }
    pub fn read(&self) -> (Reading, Beside) {
        let facts = &self.facts;
        let fold = Fold::unpack(&self.fold).unwrap();
        let book = self.shelves.book(&facts.shop, (facts.as_of, facts.synced_at), Some(fold)).unwrap();
        let reading = Reading { book, shop: facts.shop.clone(), synced_at: facts.synced_at, version: 1 };
        let last_balance = facts.cash.iter().map(|balance| balance.at).max();
        (reading, Beside { products: facts.products.clone(), last_balance })
    }
    pub fn parts(&self, by: Dimension, within: Days) -> Parts {
        self.shelves.parts(by, within).unwrap()
    }
    pub fn gather(&self, accounts: &mut Gathered, wanted: BTreeSet<Want>) {
        self.shelves.gather(accounts, wanted, &Shelves::beside_sales(&self.facts)).unwrap();
    }
    pub fn behind(&self, metric: Metric, narrowing: &[Narrowing], days: Days, least: usize) -> Behind {
        let facts: Vec<(FactKind, String)> = if narrowing.is_empty() {
            self.ledger.figures(days).proof(metric)
        } else {
            let orders = self.ledger.orders_behind(narrowing, metric, days).into_iter();
            orders.map(|id| (FactKind::Order, id)).collect()
        };
        let next = (facts.len() > least).then(|| "more".to_owned());
        Behind { facts: facts.into_iter().collect(), next, ..Behind::default() }
    }
}

/// The worked example's owner, on its day: of a small shop, and of one that is taken to be large.
fn owners() -> [Dialogue; 2] {
    owners_of(false)
}

/// The same; all facts of the large one can be read or not.
fn owners_of(too_large: bool) -> [Dialogue; 2] {
    let facts = FactSet::from_json(GOLDEN).unwrap();
    let as_of = facts.as_of;
    let ledger = Some(Arc::new(Ledger::new(facts.clone(), as_of)));
    let large = Kept { too_large, ..Kept::of(facts) };
    [None, Some(Arc::new(large))].map(|day_book| {
        let told_at = Some(at("2026-11-05T11:00:00Z"));
        let facts = Facts { ledger: ledger.clone(), day_book, told_at, ..Facts::default() };
        let mut dialogue = Dialogue::of(member(MemberRole::Owner, false), facts);
        dialogue.now = as_of;
        dialogue
    })
}

/// Without what is told of a small shop alone: names of orders that were reversed, and how many facts there are.
fn said(reply: &str) -> Vec<&str> {
    let of_small = |line: &&str| !line.contains("pedidos anteriores") && !line.contains("pedido anterior");
    reply.lines().filter(of_small).collect()
}

#[tokio::test]
async fn a_large_shop_is_answered_word_for_word_as_a_small_one() {
    let (mut of_book, mut different) = (0, Vec::new());
    let rows = rows(INVENTORY);
    for row in &rows {
        let [mut small, mut large] = owners();
        let (told, found) = (small.says(row.text).await, large.says(row.text).await);
        let used = format!("{:?}", large.last.trace);
        of_book += usize::from(used.contains("day book: "));
        if said(&told) != said(&found) || small.buttons() != large.buttons() {
            different.push(format!("{}\n{told}\n-- {found}", row.text));
        }
    }
    println!("{of_book} of {} questions answered from the day book", rows.len());
    assert!(different.is_empty(), "{} differ\n{}", different.len(), different.join("\n\n"));
    assert!(of_book * 100 >= rows.len() * 95, "{of_book} of {} from the day book", rows.len());
}

#[tokio::test]
async fn a_proof_of_a_large_shop_lists_the_first_and_says_that_there_are_more() {
    let [_, mut large] = owners();
    large.says("¿cuánto vendí en octubre?").await;
    let reply = large.says("¿de dónde sale ese número?").await;
    assert!(format!("{:?}", large.last.trace).contains("day book: "), "{reply}");
    assert!(reply.contains('#'), "{reply}");
}

/// Whoever reads all facts of the large shop here fails.
#[tokio::test]
async fn what_advisors_say_of_a_large_shop_is_what_they_say_of_a_small_one() {
    let [mut small, mut large] = owners_of(true);
    let said = [
        "¿cómo está mi negocio?",
        "¿qué hago primero?",
        "¿a cuánto debo vender el sérum?",
        "¿cuánto descuento puedo dar en el sérum?",
        "¿qué pasa si subo el sérum 10 mil?",
        "¿cuándo me quedo sin caja?",
        "¿me alcanza para pagar 8 millones el 20 de noviembre?",
        "¿a quién le cobro primero?",
        "¿cuánto tengo que vender para ganar 10 millones?",
        "¿y si la tasa de entrega sube a 80%?",
        "¿quién me debe?",
        "¿me consignaron completo?",
        "¿cuántos clientes vuelven?",
        "¿cuánto gasté en nómina?",
        "gráfico de ventas de octubre",
        "gráfico de ventas por producto en octubre",
        "gráfico de utilidad de octubre",
        "gráfico de caja",
        "informe de octubre en pdf",
    ];
    let mut different = Vec::new();
    for text in said {
        let (told, found) = (small.says(text).await, large.says(text).await);
        let attached = |dialogue: &Dialogue| format!("{:?}", dialogue.last.effects.iter().find_map(attachment));
        if told != found || small.buttons() != large.buttons() || attached(&small) != attached(&large) {
            different.push(format!("{text}\n{told}\n-- {found}"));
        }
    }
    for button in
        ["adv:score", "adv:first", "adv:because:collect-cod", "adv:accept:collect-cod", "adv:cash", "adv:collect"]
    {
        let (told, found) = (small.taps(button).await, large.taps(button).await);
        if told != found || small.buttons() != large.buttons() {
            different.push(format!("{button}\n{told}\n-- {found}"));
        }
    }
    assert!(different.is_empty(), "{} differ\n{}", different.len(), different.join("\n\n"));
}

/// The picture or document of a reply.
fn attachment(effect: &Effect) -> Option<String> {
    match effect {
        Effect::Reply(message) => message.attachment.as_ref().map(|attached| format!("{attached:?}")),
        _ => None,
    }
}

/// A Monday at eight in Bogotá, a few hours after the member wrote.
fn on_monday(dialogue: &mut Dialogue) {
    dialogue.now = at("2026-11-09T13:00:00Z");
    dialogue.conversation.as_mut().unwrap().last_inbound_at = Some(at("2026-11-09T08:00:00Z"));
}

#[tokio::test]
async fn a_large_shop_is_told_its_week_and_its_alarms_as_a_small_one() {
    let mut told = Vec::new();
    for mut dialogue in owners_of(true) {
        dialogue.says("mándame el resumen todos los lunes a las 8").await;
        on_monday(&mut dialogue);
        let mut said = Vec::new();
        for kind in [DigestKind::Weekly, DigestKind::Alerts] {
            let reply = dialogue.internal(rings(kind)).await;
            said.push((reply, dialogue.buttons(), dialogue.decision().1.to_owned()));
        }
        assert!(said[0].0.contains("ventas netas") && said[0].2 == "digest_told", "{said:?}");
        told.push(said);
    }
    assert_eq!(told[0], told[1]);
}

#[tokio::test]
async fn what_is_told_unasked_waits_for_a_book_that_is_behind_and_a_question_says_so() {
    let [_, mut large] = owners_of(true);
    large.says("mándame el resumen todos los lunes a las 8").await;
    let facts = FactSet::from_json(GOLDEN).unwrap();
    large.facts.day_book = Some(Arc::new(Kept { too_large: true, behind: true, ..Kept::of(facts) }));
    on_monday(&mut large);
    for kind in [DigestKind::Weekly, DigestKind::Alerts] {
        large.internal(rings(kind)).await;
        assert_eq!((large.replies().len(), large.decision().1), (0, "books_behind"));
        let again = large.last.effects.iter().any(|effect| {
            matches!(effect, Effect::StartTimer { kind: of, after } if of == kind.timer() && after.as_secs() == 300)
        });
        assert!(again, "{kind:?} is not tried again");
    }
    for text in ["¿cuánto vendí en octubre?", "¿cómo está mi negocio?"] {
        let reply = large.says(text).await;
        assert!(reply.contains("en unos minutos"), "{text}: {reply}");
    }
}

#[tokio::test]
async fn what_takes_all_facts_of_a_large_shop_is_refused_in_words() {
    let [_, mut large] = owners_of(true);
    for text in ["¿por qué vendo y no veo la plata?", "¿quiénes son mis mejores clientes?", "octubre en excel"] {
        let reply = large.says(text).await;
        assert!(reply.contains("tendría que releerlos todos") && reply.contains("30 mil"), "{text}: {reply}");
        assert!(!large.buttons().is_empty(), "{text}");
    }
    let reply = large.taps("adv:moved").await;
    assert!(reply.contains("puntaje de hace 30 días"), "{reply}");
    // Where all facts can be read, they are.
    let [mut small, mut middling] = owners_of(false);
    for text in ["¿por qué vendo y no veo la plata?", "¿quiénes son mis mejores clientes?"] {
        assert_eq!(small.says(text).await, middling.says(text).await, "{text}");
    }
}

/// A book that says something else is heard: the answers above come from it.
#[tokio::test]
async fn control_a_book_without_a_day_answers_otherwise() {
    let [mut small, mut large] = owners();
    let mut kept = Kept::of(FactSet::from_json(GOLDEN).unwrap());
    let day =
        kept.shelves.0.keys().find(|place| place.shelf == WHOLE && place.period.starts_with("2026-10-0")).cloned();
    kept.shelves.0.remove(&day.unwrap());
    large.facts.day_book = Some(Arc::new(kept));
    let text = "¿cuánto vendí en octubre?";
    assert_ne!(small.says(text).await, large.says(text).await);
}
