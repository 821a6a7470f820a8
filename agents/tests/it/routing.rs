//! The router answers for every asker, command and state, and never opens the books to the wrong one.

use proptest::prelude::*;
use recado_agents::router::{Agent, route};
use recado_domain::command::Command;
use recado_domain::conversation::Owner;
use recado_domain::finance::figures::Metric;
use recado_domain::finance::question::{Question, Subject};
use recado_domain::finance::reminder::Whom;
use recado_domain::flow::FlowKind;
use recado_domain::intent::Intent;
use recado_domain::merchant::{MemberRole, StaffRole};
use recado_domain::principal::Principal;

use crate::fakes::*;

fn principals() -> impl Strategy<Value = Principal> {
    prop_oneof![
        Just(shopper()),
        any::<bool>().prop_map(|finance| member(MemberRole::Employee, finance)),
        Just(member(MemberRole::Owner, false)),
        Just(staff(StaffRole::Viewer)),
        Just(system()),
        Just(Principal::Stranger),
    ]
}

fn commands() -> impl Strategy<Value = Command> {
    let intent = || (0..Intent::ALL.len()).prop_map(|index| Intent::ALL[index]);
    prop_oneof![
        Just(Command::Greet),
        Just(Command::Menu),
        Just(Command::Cancel),
        Just(Command::Human),
        Just(Command::Stop),
        Just(Command::Resume),
        Just(Command::Repeat),
        any::<Option<String>>().prop_map(|reference| Command::TrackOrder { reference }),
        any::<Option<String>>().prop_map(|reference| Command::OrderContents { reference }),
        any::<Option<String>>().prop_map(|reference| Command::AmountDue { reference }),
        any::<String>().prop_map(|text| Command::Prove { text }),
        (0..Metric::ALL.len())
            .prop_map(|index| Command::Figure { question: Box::new(Question::of(Metric::ALL[index])) }),
        Just(Command::Figure { question: Box::new(Question::about(Subject::Unknown)) }),
        Just(Command::KeepFact),
        Just(Command::DropFact),
        Just(Command::UndoFact),
        Just(Command::Remind { whom: Whom::Overdue }),
        Just(Command::SendReminders { batch: None }),
        Just(Command::LeaveReminders),
        any::<String>().prop_map(|digits| Command::DebtorPhone { name: None, digits }),
        Just(Command::Digest { wish: None }),
        Just(Command::Digest { wish: Some(recado_domain::digest::Wish::daily(480)) }),
        Just(Command::IncidentStatus),
        intent().prop_map(|intent| Command::Escalate { intent }),
        intent().prop_map(|intent| Command::SmallTalk { intent }),
        Just(Command::Affirm { tag: None }),
        any::<String>().prop_map(|text| Command::Answer { text }),
        Just(Command::StartFlow { flow: FlowKind::CancelOrder, reference: None, text: String::new() }),
        Just(Command::Unclear),
    ]
}

fn owners() -> impl Strategy<Value = Owner> {
    prop_oneof![
        Just(Owner::Bot),
        Just(Owner::Waiting { since: at(NOW) }),
        Just(Owner::Person { name: "Laura".into(), since: at(NOW) }),
    ]
}

proptest! {
    #[test]
    fn every_case_has_one_agent_and_only_members_reach_finance(
        principal in principals(), command in commands(), owner in owners(),
    ) {
        let agent = route(&principal, &command, &owner);
        prop_assert_eq!(agent, route(&principal, &command, &owner));
        if agent == Agent::Finance {
            let is_member = matches!(principal, Principal::Member { .. });
            prop_assert!(is_member);
            let is_of_money = matches!(
                command,
                Command::Figure { .. }
                    | Command::Digest { .. }
                    | Command::KeepFact
                    | Command::DropFact
                    | Command::UndoFact
                    | Command::Remind { .. }
                    | Command::SendReminders { .. }
                    | Command::LeaveReminders
                    | Command::DebtorPhone { .. }
            );
            prop_assert!(is_of_money);
        }
        let of_people = matches!(principal, Principal::Shopper { .. } | Principal::Member { .. });
        if agent == Agent::Advice {
            let of_a_member = matches!(principal, Principal::Member { .. }) && matches!(command, Command::Advice { .. });
            prop_assert!(of_a_member);
        }
        if agent == Agent::Flows {
            let is_shopper = matches!(principal, Principal::Shopper { .. });
            prop_assert!(is_shopper && command.is_of_flow());
        }
        if of_people && owner.is_human() {
            prop_assert!(matches!(agent, Agent::Person | Agent::Desk));
        }
        if matches!(command, Command::Human) && of_people {
            prop_assert_eq!(agent, Agent::Person);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn any_text_gets_an_answer_and_no_panic(text in "\\PC{0,200}") {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let mut dialogue = Dialogue::shopper(vec![order("#1042", 1000)]);
        let reply = runtime.block_on(dialogue.says(&text));
        prop_assert!(reply.chars().count() <= 1024);
        prop_assert_eq!(dialogue.replies().len(), 1);
    }
}
