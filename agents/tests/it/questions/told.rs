//! Facts that a member tells.

use recado_domain::effect::Effect;
use recado_domain::finance::facts::entry::Entry;

use super::*;

fn recorded(dialogue: &Dialogue) -> Option<(Vec<Entry>, String)> {
    dialogue.last.effects.iter().find_map(|effect| match effect {
        Effect::RecordFinance { entries, source } => Some((entries.clone(), source.clone())),
        _ => None,
    })
}

#[tokio::test]
async fn undoing_what_is_not_yet_recorded_leaves_it() {
    let mut dialogue = owner();
    dialogue.says("gasté 350 mil en pauta ayer").await;
    let reply = dialogue.says("deshacer").await;
    assert_eq!(dialogue.decision(), ("finance", "not_recorded"), "{reply}");
    assert_eq!(recorded(&dialogue), None);
    assert!(dialogue.session.pending.is_none());
}

#[tokio::test]
async fn what_is_told_is_echoed_confirmed_and_recorded_once() {
    let rows: &[(&str, &[&str], &str, &str)] = &[
        (
            "gasté 350 mil en pauta ayer",
            &["Pauta: *$350.000*, miércoles 4 de noviembre"],
            "ad_spend",
            r#""amount":"350000.00""#,
        ),
        ("gasté 250.000 en publicidad de facebook", &["Pauta en Meta: *$250.000*"], "ad_spend", r#""platform":"meta""#),
        ("gasté 200 mil en Meta", &["Pauta en Meta: *$200.000*"], "ad_spend", r#""platform":"meta""#),
        ("pagué 2 palos de arriendo", &["Gasto fijo (arriendo): *$2.000.000*"], "expenses", r#""kind":"fixed""#),
        ("pagué 80 mil de empaques", &["Gasto variable (empaques): *$80.000*"], "expenses", r#""category":"empaques""#),
        (
            "me llegó la consignación de Coordinadora por 2,3 millones",
            &["Consignación de Coordinadora: *$2.300.000*"],
            "remittances",
            r#""net":"2300000.00""#,
        ),
        ("tengo 4 millones en el banco", &["Saldo en banco: *$4.000.000*"], "cash", r#""balance":"4000000.00""#),
        (
            "compré mercancía por 3 millones",
            &["Compra de mercancía: *$3.000.000*"],
            "purchases",
            r#""amount":"3000000.00""#,
        ),
        (
            "Wompi me cobra 2,65 % + 700 + IVA",
            &["Wompi te cobra *2,65 % + $700 + IVA 19 %* por cada cobro."],
            "gateway_fees",
            r#""fixed":"700.00","from":null,"gateway":"Wompi","payout_days":null,"rate":"0.0265","vat_rate":"0.19""#,
        ),
        (
            "desde el 1 de octubre mercado pago me cobra 3,19% más IVA y me paga a los 10 días",
            &["*3,19 % + IVA 19 %*", "y te paga a los 10 días, desde el jueves 1 de octubre."],
            "gateway_fees",
            r#""from":"2026-10-01","gateway":"mercado pago","payout_days":10,"rate":"0.0319""#,
        ),
        (
            "la pasarela me cobra 3 por ciento con IVA incluido",
            &["La pasarela te cobra *3 %* por cada cobro."],
            "gateway_fees",
            r#""gateway":"","payout_days":null,"rate":"0.03","vat_rate":"0""#,
        ),
        (
            "a maquininha me cobra 4,99% + 900 e me paga em 30 dias",
            &["O gateway cobra de você *4,99 % + $900* por cobrança, e paga em 30 dias."],
            "gateway_fees",
            r#""fixed":"900.00""#,
        ),
        ("Wompi charges me 2.65% + 700 + VAT", &["+ $700 +"], "gateway_fees", r#""rate":"0.0265","vat_rate":"0.19""#),
        ("saqué 500 mil para mí", &["Retiro del dueño: *$500.000*"], "other_cash", r#""amount":"-500000.00""#),
        ("gastei 350 mil em anúncios ontem", &["*$350.000*"], "ad_spend", r#""date":"2026-11-04""#),
        ("I spent 350 thousand on ads yesterday", &["*$350.000*"], "ad_spend", r#""date":"2026-11-04""#),
    ];
    for (text, echo, kind, body) in rows {
        let mut dialogue = owner();
        let reply = dialogue.says(text).await;
        assert_eq!(dialogue.decision(), ("finance", "ask_record"), "{text}: {reply}");
        for part in *echo {
            assert!(reply.contains(part), "{text}: {part} is not in {reply}");
        }
        assert_eq!(recorded(&dialogue), None, "nothing before the yes");
        let before = dialogue.session.clone();
        let reply = dialogue.taps("fin:yes").await;
        assert_eq!(dialogue.decision(), ("finance", "recorded"), "{text}: {reply}");
        let (entries, source) = recorded(&dialogue).unwrap();
        assert_eq!(entries.len(), 1);
        assert!(entries[0].kind == *kind && entries[0].body.contains(body), "{text}: {:?}", entries[0]);
        // The same yes to the same session again: the same facts under the same name.
        dialogue.session = before;
        dialogue.taps("fin:yes").await;
        assert_eq!(recorded(&dialogue), Some((entries, source)), "{text}");
        // A second yes has nothing to record.
        dialogue.taps("fin:yes").await;
        assert_eq!((recorded(&dialogue), dialogue.decision().1), (None, "nothing_to_record"), "{text}");
    }
}

#[tokio::test]
async fn a_no_records_nothing_and_another_question_lets_it_go() {
    let mut dialogue = owner();
    dialogue.says("pagué 2 palos de arriendo").await;
    dialogue.says("no").await;
    assert_eq!((dialogue.decision().1, recorded(&dialogue)), ("not_recorded", None));
    dialogue.says("pagué 2 palos de arriendo").await;
    dialogue.says("¿cuánto vendí en octubre?").await;
    assert_eq!(dialogue.decision().1, "sales");
    dialogue.says("sí").await;
    assert_eq!(recorded(&dialogue), None);
}

#[tokio::test]
async fn what_was_recorded_is_taken_back_within_the_day() {
    let mut dialogue = owner();
    dialogue.says("gasté 350 mil en pauta ayer").await;
    dialogue.says("sí").await;
    let (_, source) = recorded(&dialogue).unwrap();
    let session = dialogue.session.clone();
    dialogue.says("deshacer").await;
    assert!(dialogue.last.effects.contains(&Effect::UndoFinance { source }), "{:?}", dialogue.last.effects);
    // The next day it stands.
    dialogue.session = session;
    dialogue.now = dialogue.now.plus(std::time::Duration::from_secs(86_400));
    dialogue.says("deshacer").await;
    assert_eq!(dialogue.decision().1, "nothing_to_undo");
}

#[tokio::test]
async fn questions_tell_nothing_and_only_those_who_see_money_may_tell() {
    for text in
        ["¿gasté 350 mil en pauta ayer?", "si gasto 2 millones en pauta", "¿puedo comprar mercancía por 8 millones?"]
    {
        let mut dialogue = owner();
        dialogue.says(text).await;
        assert_ne!(dialogue.decision().1, "ask_record", "{text}");
    }
    let mut employee = Dialogue::of(member(MemberRole::Employee, false), Facts::default());
    employee.says("gasté 350 mil en pauta ayer").await;
    assert_eq!(employee.decision(), ("finance", "refused"));
    employee.taps("fin:yes").await;
    assert_eq!((employee.decision().1, recorded(&employee)), ("refused", None));
    let mut shopper = Dialogue::of(shopper(), Facts::default());
    for text in ["gasté 350 mil en pauta ayer", "tengo 4 millones en el banco"] {
        shopper.says(text).await;
        assert_ne!(shopper.decision().0, "finance", "{text}");
        assert_eq!(recorded(&shopper), None);
    }
    shopper.taps("fin:yes").await;
    assert_eq!(recorded(&shopper), None);
}
