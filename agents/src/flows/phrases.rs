//! Phrases that answer or begin requests, in three languages.

use recado_domain::flow::FlowKind;

use crate::understanding::asks;
use crate::understanding::normalise::normalise;
use crate::understanding::rules::contains;

const YES: &[&str] = &[
    "asi esta bien",
    "si",
    "sip",
    "sii",
    "claro",
    "correcto",
    "exacto",
    "confirmo",
    "confirmado",
    "asi es",
    "esta bien",
    "todo bien",
    "de acuerdo",
    "por supuesto",
    "si por favor",
    "si claro",
    "hagale",
    "enviar",
    "envialo",
    "confirmar",
    "si confirmo",
    "esta correcto",
    "si gracias",
    "sim",
    "isso",
    "isso mesmo",
    "pode",
    "pode sim",
    "pode ser",
    "confirmo sim",
    "esta certo",
    "ta certo",
    "certo",
    "sim por favor",
    "com certeza",
    "claro que sim",
    "pode enviar",
    "sim confirmo",
    "yes",
    "yep",
    "yeah",
    "yup",
    "sure",
    "correct",
    "right",
    "confirm",
    "i confirm",
    "that s right",
    "that is right",
    "yes please",
    "go ahead",
    "of course",
    "please do",
    "do it",
    "send it",
];
const NO: &[&str] = &[
    "no mejor no",
    "mejor dejalo",
    "mejor dejalo asi",
    "no",
    "nop",
    "nope",
    "no gracias",
    "mejor no",
    "no quiero",
    "no esta bien",
    "incorrecto",
    "esta mal",
    "todavia no",
    "nao",
    "nao obrigado",
    "nao obrigada",
    "melhor nao",
    "nao quero",
    "errado",
    "esta errado",
    "ainda nao",
    "no thanks",
    "no thank you",
    "rather not",
    "wrong",
    "not yet",
    "that s wrong",
    "it s wrong",
    "don t",
];
const SKIP: &[&str] = &[
    "saltar",
    "omitir",
    "sin motivo",
    "ninguno",
    "ninguna",
    "no hay",
    "no aplica",
    "prefiero no decir",
    "prefiero no decirlo",
    "no importa",
    "paso",
    "nada",
    "no tiene",
    "no tengo",
    "asi esta bien",
    "sin comentarios",
    "pular",
    "nenhum",
    "nenhuma",
    "nao tem",
    "prefiro nao dizer",
    "nao importa",
    "sem motivo",
    "nada nao",
    "skip",
    "none",
    "nothing",
    "n a",
    "no reason",
    "prefer not to say",
    "rather not say",
    "doesn t matter",
    "there is none",
];
/// A yes to a question of ours.
pub fn says_yes(normalised: &str) -> bool {
    YES.contains(&normalised) || asks::agrees(normalised)
}

/// A no to it.
pub fn says_no(normalised: &str) -> bool {
    NO.contains(&normalised) || matches!(normalised, "👎" | "❌" | "🙅")
}

/// «Prefiero no decirlo» to a question that may stay open.
pub fn skips(normalised: &str) -> bool {
    SKIP.contains(&normalised) || says_no(normalised) || asks::does_not_know(normalised)
}

/// Whether it is nothing but a greeting, thanks or a goodbye. «Buenos Aires» is none.
pub fn is_courtesy(normalised: &str) -> bool {
    const WORDS: &[&str] = &[
        "hola", "buenas", "buenos", "dias", "tardes", "noches", "gracias", "muchas", "mil", "chao", "adios", "oi",
        "ola", "bom", "boa", "dia", "tarde", "noite", "obrigado", "obrigada", "muito", "tchau", "hello", "hi", "hey",
        "thanks", "thank", "you", "good", "morning", "bye", "🙏",
    ];
    !normalised.is_empty()
        && normalised.split(' ').count() <= 5
        && normalised.split(' ').all(|word| WORDS.contains(&word))
}

/// Whether it is put as a question.
pub fn asks_something(text: &str, normalised: &str) -> bool {
    let start = asks::unlinked(normalised);
    text.contains(['?', '¿']) || QUESTIONS.iter().any(|word| format!("{start} ").starts_with(&format!("{word} ")))
}

const WISHES: &[&str] = &[
    "quiero",
    "quisiera",
    "necesito",
    "mejor",
    "prefiero",
    "quero",
    "queria",
    "preciso",
    "melhor",
    "prefiro",
    "gostaria",
    "i want",
    "i need",
    "i d like",
    "i would like",
    "i d rather",
    "rather",
    "let s",
];

/// Whether it is put as a wish.
pub fn wishes_something(normalised: &str) -> bool {
    WISHES.iter().any(|wish| contains(normalised, wish) && normalised.find(wish).is_some_and(|at| at <= 8))
}

const QUESTIONS: &[&str] = &[
    "donde", "cuando", "cuanto", "cuantos", "cuanta", "que", "cual", "como", "por que", "quien", "hay", "tienen",
    "puedo", "onde", "quando", "quanto", "qual", "quem", "cade", "posso", "tem", "where", "when", "what", "how",
    "which", "who", "why", "can", "do", "does", "is",
];

/// Words before what is meant, sent as a message of their own.
const FILLERS: &[&str] = &[
    "mira", "mire", "oye", "oiga", "pues", "bueno", "ehh", "eh", "hmm", "mmm", "a ver", "es que", "hola", "buenas",
    "disculpa", "olha", "entao", "bom", "oi", "tipo", "so", "well", "look", "hey", "hi", "hello", "um", "uh", "erm",
    "ok so",
];

/// A burst without the messages that say nothing by themselves.
pub fn without_fillers(text: &str) -> String {
    let telling: Vec<&str> = text.lines().filter(|line| !FILLERS.contains(&normalise(line).as_str())).collect();
    if telling.is_empty() { text.to_owned() } else { telling.join("\n") }
}

/// Verbs that name a request, whatever stands around them.
const BEGINNINGS: &[(FlowKind, &[&str])] = &[
    (
        FlowKind::PostponeDelivery,
        &[
            "aplazar",
            "aplazarlo",
            "aplacen",
            "aplazo",
            "posponer",
            "posponerlo",
            "reprogramar la entrega",
            "reprogramar mi entrega",
            "reprogramar mi pedido",
            "adiar a entrega",
            "adiar minha entrega",
            "adiar o pedido",
            "adiar meu pedido",
            "reagendar",
            "postpone",
            "reschedule",
        ],
    ),
    (
        FlowKind::ChangeShippingAddress,
        &[
            "cambiar la direccion",
            "cambiar mi direccion",
            "cambiar direccion",
            "cambio de direccion",
            "corregir la direccion",
            "cambia la direccion",
            "mudar o endereco",
            "mudar meu endereco",
            "trocar o endereco",
            "trocar meu endereco",
            "alterar o endereco",
            "mudanca de endereco",
            "change the address",
            "change my address",
            "change the shipping address",
            "change my shipping address",
            "change the delivery address",
            "change my delivery address",
        ],
    ),
    (
        FlowKind::CancelOrder,
        &[
            "cancelar mi pedido",
            "cancelar el pedido",
            "cancelar un pedido",
            "cancelar la compra",
            "cancelar mi compra",
            "cancelar meu pedido",
            "cancelar o pedido",
            "cancelar um pedido",
            "cancelar a compra",
            "cancel my order",
            "cancel the order",
            "cancel an order",
        ],
    ),
];

/// «Ya no quiero el pedido»: a denial that is itself the wish.
const UNWANTED: &[&str] = &[
    "ya no quiero el pedido",
    "ya no quiero mi pedido",
    "ya no quiero la compra",
    "nao quero mais o pedido",
    "nao quero mais meu pedido",
    "i no longer want my order",
    "i no longer want the order",
    "i don t want my order anymore",
    "i don t want the order anymore",
];

/// The request that the words name outright: «quiero aplazar la entrega». Where something is denied («no lo cancelen») or
/// told of the past, words alone decide nothing.
pub fn begun(normalised: &str) -> Option<FlowKind> {
    const DENIALS: &[&str] =
        &["no", "nao", "not", "don", "didn", "nunca", "never", "sin", "sem", "without", "ya", "ja", "already"];
    if UNWANTED.iter().any(|phrase| contains(normalised, phrase)) {
        return Some(FlowKind::CancelOrder);
    }
    let words: Vec<&str> = normalised.split(' ').collect();
    if words.len() > 25 || words.iter().any(|word| DENIALS.contains(word)) {
        return None;
    }
    let named = |phrases: &[&str]| phrases.iter().any(|phrase| contains(normalised, phrase));
    BEGINNINGS.iter().find(|(_, phrases)| named(phrases)).map(|(kind, _)| *kind)
}

/// What was asked for, by the word for it.
const ASKED_FOR: &[&str] = &[
    "mi solicitud",
    "la solicitud",
    "mis solicitudes",
    "mi peticion",
    "minha solicitacao",
    "a solicitacao",
    "minhas solicitacoes",
    "meu requerimento",
    "my request",
    "my requests",
    "the request",
];
/// Words that ask how something goes.
const HOW_IT_GOES: &[&str] = &[
    "como va",
    "como van",
    "en que va",
    "en que quedo",
    "en que esta",
    "estado de",
    "que paso con",
    "ya revisaron",
    "ya aprobaron",
    "novedades de",
    "como esta",
    "como anda",
    "como ficou",
    "status",
    "andamento",
    "ja aprovaram",
    "ja viram",
    "how is",
    "hows",
    "how s",
    "what happened",
    "any news",
    "any update",
    "update on",
    "approved",
];

/// «¿Cómo va mi solicitud?», in normalised spelling.
pub fn asks_how_it_goes(normalised: &str) -> bool {
    let padded = format!(" {normalised} ");
    let holds = |words: &&str| padded.contains(&format!(" {words} "));
    normalised.split(' ').count() <= 14 && ASKED_FOR.iter().any(&holds) && HOW_IT_GOES.iter().any(holds)
}

/// «Cuando se pueda»: an answer to "when?" that names no day.
pub fn leaves_open(normalised: &str) -> bool {
    const OPEN: [&str; 12] = [
        "cuando se pueda",
        "cuando puedan",
        "cuando pueda",
        "cuando quieran",
        "cuando gusten",
        "lo antes posible",
        "quando puder",
        "quando puderem",
        "quando der",
        "whenever",
        "when you can",
        "as soon as possible",
    ];
    OPEN.iter().any(|open| normalised.starts_with(open)) && normalised.split(' ').count() <= 5
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_named_outright_begin_and_denied_ones_do_not() {
        assert_eq!(begun("quiero aplazar la entrega de mi pedido"), Some(FlowKind::PostponeDelivery));
        assert_eq!(begun("can i change my shipping address"), Some(FlowKind::ChangeShippingAddress));
        assert_eq!(begun("no me lo cancelen solo quiero saber donde va"), None);
        assert_eq!(begun("no quiero cancelar mi pedido"), None);
        assert_eq!(begun("ya no quiero el pedido"), Some(FlowKind::CancelOrder));
        assert_eq!(begun("donde esta mi pedido"), None);
    }

    #[test]
    fn fillers_of_a_burst_are_no_answers() {
        assert_eq!(without_fillers("mira\nsí"), "sí");
        assert_eq!(without_fillers("so\nnone"), "none");
        assert_eq!(without_fillers("hola"), "hola");
    }

    #[test]
    fn courtesies_are_no_places() {
        for text in ["buenos dias", "muchas gracias", "oi boa tarde", "thank you"] {
            assert!(is_courtesy(text), "{text}");
        }
        for text in ["buenos aires", "", "buena vista"] {
            assert!(!is_courtesy(text), "{text}");
        }
    }
}
