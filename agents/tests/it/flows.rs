//! The engine of requests under any sequence of commands.

use proptest::prelude::*;
use recado_agents::flows::engine::{Facts, step};
use recado_domain::Language;
use recado_domain::command::Command;
use recado_domain::flow::{FlowKind, FlowStack, Slot, Step};
use recado_domain::shipment::ShipmentStatus;

use crate::fakes::*;

fn facts() -> Facts {
    let zone = merchant("CO", Language::Es).zone();
    Facts {
        orders: vec![order("#1042", 1_000), order("#1050", 1_000), shipped("#1060", ShipmentStatus::Delivered)],
        last_order: None,
        country: "CO".into(),
        today: at(NOW).in_zone(&zone).date(),
        now: at(NOW),
        zone,
    }
}

fn commands() -> impl Strategy<Value = Command> {
    let kind = || (0..FlowKind::ALL.len()).prop_map(|index| FlowKind::ALL[index]);
    let slot = || (0..Slot::ALL.len()).prop_map(|index| Slot::ALL[index]);
    let words = || {
        prop_oneof![
            Just("Calle 10 # 54-20, barrio Laureles, Medellín".to_owned()),
            Just("no, era la 45 no la 54".to_owned()),
            Just("el 3 de diciembre".to_owned()),
            Just("el 1050".to_owned()),
            Just("la faja azul".to_owned()),
            "\\PC{0,40}",
        ]
    };
    let reference = || prop_oneof![Just(None), Just(Some("1042".to_owned())), Just(Some("9999".to_owned()))];
    let tag = || prop_oneof![3 => Just(None), 1 => Just(Some("cancel_order:1042".to_owned()))];
    prop_oneof![
        2 => (kind(), reference(), words()).prop_map(|(flow, reference, text)| Command::StartFlow { flow, reference, text }),
        4 => words().prop_map(|text| Command::Answer { text }),
        1 => words().prop_map(|text| Command::Correct { text }),
        1 => (slot(), words()).prop_map(|(slot, value)| Command::SetSlot { slot, value }),
        1 => slot().prop_map(|slot| Command::AskSlot { slot }),
        3 => tag().prop_map(|tag| Command::Affirm { tag }),
        1 => tag().prop_map(|tag| Command::Deny { tag }),
        1 => tag().prop_map(|tag| Command::Amend { tag }),
        1 => tag().prop_map(|tag| Command::Skip { tag }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]
    #[test]
    fn only_a_yes_to_a_confirmation_makes_a_request(all in prop::collection::vec(commands(), 1..25)) {
        let facts = facts();
        let mut stack = FlowStack::default();
        for command in all {
            let before = stack.top().cloned();
            let outcome = step(stack, &command, &facts);
            prop_assert!(outcome.stack.flows.len() <= FlowStack::DEEPEST);
            prop_assert!(!outcome.says.is_empty() || outcome.need.is_some(), "{command:?} gets no answer");
            prop_assert!(!outcome.decision.is_empty());
            let questions = outcome.says.iter().filter(|say| say.template.starts_with("ask_") || matches!(say.template, "flow_confirm" | "flow_cod" | "flow_fix" | "flow_pick_order"));
            prop_assert!(questions.count() <= 1, "one question at a time: {:?}", outcome.says);
            for request in &outcome.requests {
                let was = before.as_ref().unwrap();
                let affirmed = matches!(command, Command::Affirm { .. });
                prop_assert!(affirmed && was.step == Step::Confirm && was.kind == request.kind && was.slots == request.slots);
            }
            for say in &outcome.says {
                for choice in &say.choices {
                    prop_assert!(choice.id.len() <= 64, "{}", choice.id);
                }
            }
            // What is remembered survives being written down.
            let written = serde_json::to_string(&outcome.stack).unwrap();
            prop_assert_eq!(&serde_json::from_str::<FlowStack>(&written).unwrap(), &outcome.stack);
            stack = outcome.stack;
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]
    #[test]
    fn any_words_in_the_midst_of_a_request_get_one_answer(
        begin in 0..FlowKind::ALL.len(),
        said in prop::collection::vec(
            prop_oneof![
                "\\PC{0,80}",
                Just("sí".to_owned()), Just("no".to_owned()), Just("cancelar".to_owned()), Just("gracias".to_owned()),
                Just("repetir".to_owned()), Just("¿dónde está mi pedido?".to_owned()), Just("Calle 10 # 54-20, Laureles, Cali".to_owned()),
                Just("no, era la 45 no la 54".to_owned()), Just("quiero devolver el pedido".to_owned()), Just("mañana".to_owned()),
                Just("2".to_owned()), Just("no sé".to_owned()), Just("stop".to_owned()), Just("pedido 9999".to_owned()), Just("a@b.co".to_owned()),
            ],
            1..8,
        ),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let mut dialogue = Dialogue::shopper(facts().orders);
        dialogue.facts.others = vec![shipped("#2042", ShipmentStatus::InTransit)];
        runtime.block_on(dialogue.taps(&format!("intent:{}", FlowKind::ALL[begin].name())));
        for text in said {
            let before = dialogue.session.flows.top().cloned();
            let human = dialogue.owner().is_human();
            let reply = runtime.block_on(dialogue.says(&text));
            prop_assert!(reply.chars().count() <= 1024);
            prop_assert!(human || dialogue.replies().len() == 1, "{text:?}: {:?}", dialogue.replies());
            let handed_in = dialogue.notices().iter().any(|one| one.template == "notice_request");
            let confirmed = before.is_some_and(|state| state.step == Step::Confirm);
            prop_assert!(!handed_in || confirmed, "{text:?} confirmed nothing: {reply}");
        }
    }
}
