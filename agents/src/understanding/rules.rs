//! Words that always work, whatever the classifier thinks: menu, cancel, a person, stop, repeat.

use recado_domain::intent::Intent;

use super::asks;
pub use asks::wishes_to_cancel;

/// A word that must always be heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Global {
    /// Menu.
    Menu,
    /// Leave what is going on.
    Cancel,
    /// A person.
    Human,
    /// No more unasked messages.
    Stop,
    /// Undo stop.
    Resume,
    /// Once more.
    Repeat,
    /// Give me the bot back.
    Bot,
    /// What can you do? Unlike the menu, it does not call the bot back from a person.
    Help,
}

const MENU: &[&str] =
    &["menu", "el menu", "ver menu", "opciones", "opcoes", "options", "inicio", "o menu", "main menu"];
const HELP: &[&str] = &[
    "ayuda",
    "ajuda",
    "help",
    "necesito ayuda",
    "me ayudas",
    "me ayuda",
    "me puedes ayudar",
    "me puede ayudar",
    "me colaboras",
    "me colabora",
    "pregunta",
    "consulta",
    "tengo una pregunta",
    "tengo una duda",
    "duda",
    "preciso de ajuda",
    "pode me ajudar",
    "me ajuda",
    "tenho uma pergunta",
    "tenho uma duvida",
    "pergunta",
    "duvida",
    "i need help",
    "can you help me",
    "help me",
    "a question",
    "i have a question",
    "question",
];
const CANCEL: &[&str] = &[
    "cancelar",
    "cancel",
    "cancela",
    "salir",
    "sair",
    "exit",
    "olvidalo",
    "esquece",
    "never mind",
    "nevermind",
    "dejalo asi",
    "deixa pra la",
];
const STOP: &[&str] = &[
    "stop",
    "parar",
    "pare",
    "baja",
    "darme de baja",
    "dar de baja",
    "unsubscribe",
    "no mas mensajes",
    "no me escriban mas",
    "descadastrar",
    "cancelar suscripcion",
    "stop messages",
    "nao quero mais mensagens",
];
const RESUME: &[&str] = &[
    "reanudar",
    "start",
    "alta",
    "reactivar",
    "volver a recibir",
    "volver a recibir mensajes",
    "resume",
    "retomar",
    "reativar",
    "voltar a receber",
    "voltar a receber mensagens",
];
const REPEAT: &[&str] =
    &["repetir", "repite", "repitelo", "repeat", "otra vez", "repita", "de novo", "again", "say that again"];
const BOT: &[&str] = &[
    "bot",
    "volver al bot",
    "con el bot",
    "hablar con el bot",
    "voltar ao bot",
    "falar com o bot",
    "robo",
    "back to the bot",
    "back to bot",
    "talk to the bot",
];
const HUMAN_ALONE: &[&str] = &[
    "humano",
    "humana",
    "persona",
    "asesor",
    "asesora",
    "agente",
    "operador",
    "operadora",
    "atendente",
    "pessoa",
    "human",
    "person",
    "agent",
    "operator",
    "alguien",
    "vendedor",
    "vendedora",
    "representante",
    "representative",
];
const HUMAN_PHRASES: &[&str] = &[
    "hablar con alguien",
    "hablar con una persona",
    "hablar con un humano",
    "hablar con un asesor",
    "hablar con una asesora",
    "hablar con un agente",
    "persona real",
    "quiero un humano",
    "quiero una persona",
    "quiero un asesor",
    "un ser humano",
    "pasame con",
    "comuniqueme con",
    "comunicame con",
    "falar com alguem",
    "falar com uma pessoa",
    "falar com um humano",
    "falar com um atendente",
    "falar com atendente",
    "quero um atendente",
    "pessoa de verdade",
    "talk to someone",
    "talk to a person",
    "talk to a human",
    "talk to an agent",
    "speak to someone",
    "speak to a human",
    "speak to a person",
    "speak with a person",
    "speak with someone",
    "real person",
    "human please",
];

/// The global command a normalised text is, if it is one. Only short texts that are the word itself count, but for the
/// wish for a person, which is heard inside a sentence too.
pub fn global(normalised: &str) -> Option<Global> {
    let text = polite(normalised);
    // «Quiero cancelar» is about an order; «cancelar» alone leaves what is going on.
    if text.len() < normalised.len() && wishes_to_cancel(normalised) {
        return None;
    }
    let table = [
        (MENU, Global::Menu),
        (HELP, Global::Help),
        (CANCEL, Global::Cancel),
        (STOP, Global::Stop),
        (RESUME, Global::Resume),
        (REPEAT, Global::Repeat),
        (BOT, Global::Bot),
        (HUMAN_ALONE, Global::Human),
    ];
    if let Some((_, found)) = table.iter().find(|(words, _)| words.contains(&text)) {
        return Some(*found);
    }
    let heard = normalised.split(' ').count() <= 25 && HUMAN_PHRASES.iter().any(|phrase| contains(normalised, phrase));
    heard.then_some(Global::Human)
}

/// Without «por favor», «un», «please» at the ends.
fn polite(normalised: &str) -> &str {
    let mut text = normalised;
    for ending in [" por favor", " porfa", " please", " pls", " gracias"] {
        text = text.strip_suffix(ending).unwrap_or(text);
    }
    for start in ["quiero ", "un ", "una ", "um ", "uma ", "quero "] {
        text = text.strip_prefix(start).unwrap_or(text);
    }
    text
}

/// Whether a phrase stands in a text as whole words.
pub fn contains(normalised: &str, phrase: &str) -> bool {
    normalised.match_indices(phrase).any(|(start, found)| {
        let before = normalised[..start].chars().next_back().is_none_or(|letter| letter == ' ');
        let after = normalised[start + found.len()..].chars().next().is_none_or(|letter| letter == ' ');
        before && after
    })
}

const CONTENTS: &[&str] = &[
    "que hay en mi pedido",
    "que viene en mi pedido",
    "que pedi",
    "que tiene mi pedido",
    "que trae mi pedido",
    "que compre",
    "contenido de mi pedido",
    "contenido del pedido",
    "que hay en el pedido",
    "que productos pedi",
    "o que tem no meu pedido",
    "o que eu pedi",
    "o que vem no meu pedido",
    "itens do meu pedido",
    "o que comprei",
    "what is in my order",
    "what s in my order",
    "whats in my order",
    "what did i order",
    "items in my order",
    "what s in order",
    "que hay en el",
    "whats in order",
    "what is in order",
];
const DANGER: &[&str] = &[
    "suicid",
    "matarme",
    "me voy a matar",
    "intoxic",
    "envenen",
    "exploto",
    "se incendio",
    "echo chispas",
    "me quemo",
    "quemadura",
    "queimadura",
    "pegou fogo",
    "explodiu",
    "choque electrico",
    "choque eletrico",
    "caught fire",
    "exploded",
    "burned my",
    "burnt my",
    "can t breathe",
    "no puede respirar",
    "no puedo respirar",
    "nao consigo respirar",
    "urgencias",
    "reaccion alergica",
    "reacao alergica",
    "allergic reaction",
    "electric shock",
    "kill myself",
    "me matar",
];
const ORDERS: &[&str] = &[
    "cuantos pedidos",
    "cuantas ordenes",
    "numero de pedidos",
    "quantos pedidos",
    "how many orders",
    "number of orders",
    "cantidad de pedidos",
];
const AVERAGE: &[&str] = &[
    "ticket promedio",
    "promedio por pedido",
    "pedido promedio",
    "valor promedio",
    "ticket medio",
    "average order",
    "aov",
    "average ticket",
];
const SALES: &[&str] = &[
    "cuanto vendi",
    "cuanto vendimos",
    "cuanto se vendio",
    "cuanto llevo vendido",
    "cuanto llevamos vendido",
    "mis ventas",
    "ventas de",
    "quanto vendi",
    "quanto vendemos",
    "minhas vendas",
    "how much did i sell",
    "how much did we sell",
    "how much have i sold",
    "my sales",
    "our sales",
    "cuanto he vendido",
    "cuanto facture",
    "cuanto facturamos",
    "cuanto vendieron",
    "cuanto venden",
    "cuanto facturaron",
    "quanto venderam",
    "how much did you sell",
    "how much do you sell",
    "quanto faturei",
    "quanto faturamos",
];

/// Whether the text asks what is in an order.
pub fn asks_contents(normalised: &str) -> bool {
    !asks::says_it_is_wrong(normalised)
        && !asks::wishes_a_change(normalised)
        && (asks::CONTENTS_ALONE.contains(&asks::unlinked(normalised)) || names_contents(normalised))
}
fn names_contents(normalised: &str) -> bool {
    CONTENTS.iter().any(|phrase| contains(normalised, phrase))
}
/// Whether it speaks of danger to a person.
pub fn speaks_of_danger(normalised: &str) -> bool {
    DANGER.iter().any(|piece| normalised.contains(piece))
}
/// Whether it asks for the number of orders.
pub fn asks_orders(normalised: &str) -> bool {
    ORDERS.iter().any(|phrase| contains(normalised, phrase))
}
/// Whether it asks for the average order.
pub fn asks_average(normalised: &str) -> bool {
    AVERAGE.iter().any(|phrase| contains(normalised, phrase))
}

/// An intent that the words alone decide.
pub fn certain_intent(normalised: &str) -> Option<Intent> {
    if speaks_of_danger(normalised) {
        return Some(Intent::SafetyEmergency);
    }
    if asks_contents(normalised) || asks::asks_when(normalised) {
        return Some(Intent::TrackOrder);
    }
    if asks::says_it_is_wrong(normalised) {
        return Some(Intent::DeliveryProblem);
    }
    if wishes_to_cancel(normalised) {
        return Some(Intent::CancelOrder);
    }
    if asks::is_anyone_there(normalised) {
        return Some(Intent::Greeting);
    }
    let asked = asks_orders(normalised) || asks_average(normalised);
    (asked || SALES.iter().any(|phrase| contains(normalised, phrase))).then_some(Intent::MerchantSales)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_that_always_work_work_in_three_languages() {
        for (text, heard) in [
            ("menu", Global::Menu),
            ("cancelar por favor", Global::Cancel),
            ("cancel", Global::Cancel),
            ("humano", Global::Human),
            ("quiero un asesor", Global::Human),
            ("quero um atendente", Global::Human),
            ("i want to talk to a person now", Global::Human),
            ("parar", Global::Stop),
            ("stop", Global::Stop),
            ("baja", Global::Stop),
            ("repetir", Global::Repeat),
            ("bot", Global::Bot),
        ] {
            assert_eq!(global(text), Some(heard), "{text}");
        }
    }

    #[test]
    fn the_same_words_inside_a_sentence_are_not_commands() {
        for text in [
            "quiero cancelar el pedido 1042",
            "baja el precio",
            "no quiero parar de comprar",
            "where is my agent 47 game",
        ] {
            assert_eq!(global(text), None, "{text}");
        }
    }
}
