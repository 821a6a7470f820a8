//! A platform that takes nothing from us, in the staff chat.

use recado_domain::Language;
use recado_domain::contact::Channel;
use recado_domain::event::InternalEvent;
use recado_domain::outbound::Away;

use crate::fakes::*;

async fn told(language: Language, messages: i64, why: Option<&str>) -> String {
    let mut dialogue = Dialogue::of(system(), Facts::default());
    dialogue.merchant = merchant("CO", language);
    let (channel, since) = (Channel::WhatsApp, at("2026-11-26T16:40:00Z"));
    dialogue.internal(InternalEvent::PlatformAway { channel, since, messages, why: why.map(str::to_owned) }).await;
    let notices = dialogue.notices();
    let [notice] = &notices[..] else { panic!("{notices:?}") };
    assert_eq!(dialogue.decision(), ("platforms", "told"));
    notice.body.clone()
}

#[tokio::test]
async fn staff_hears_how_many_wait_since_when_why_and_that_nothing_is_lost() {
    for (language, words) in [
        (Language::Es, ["*12 mensajes* esperan", "11:40", "crea uno nuevo", "Nada se pierde", "*1 mensaje* espera "]),
        (Language::Pt, ["*12 mensagens* esperam", "11:40", "crie um novo", "Nada se perde", "*1 mensagem* espera "]),
        (Language::En, ["*12 messages* have", "11:40", "make a new one", "Nothing is lost", "*1 message* has "]),
    ] {
        let notice = told(language, 12, Some(Away::TokenRefused.code())).await;
        for word in &words[..4] {
            assert!(notice.contains(word), "{word:?}: {notice}");
        }
        let notice = told(language, 1, None).await;
        assert!(notice.contains(words[4]) && !notice.contains(words[2]), "{notice}");
    }
    let mut lines = Vec::new();
    for why in [Away::NoConnection, Away::Unavailable, Away::Limited] {
        lines.push(told(Language::Es, 2, Some(why.code())).await);
    }
    assert!(
        lines[0].contains("conectarme") && lines[1].contains("disponible") && lines[2].contains("más mensajes"),
        "{lines:?}"
    );
}
