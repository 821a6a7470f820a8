//! Names that no phrase and no period explains: «¿cuánto vendí de gorras?», "sales of hoodies". Whether there is such a
//! thing is known where the books are; here it is only heard, so that the whole shop never answers for it.

use std::collections::HashSet;
use std::ops::Range;

use recado_domain::command::Entity;

use super::{Ground, carriers, lexicon, parts};
use crate::understanding::normalise::normalise;

/// Words before a name.
const LEADS: &[&str] = &[
    "de", "del", "da", "do", "das", "dos", "of", "in", "en", "em", "no", "na", "el", "la", "los", "las", "os", "as",
    "the", "con", "com", "with", "por", "from",
];
/// Where another thought begins, in a long message.
const BREAKS: &[&str] =
    &["porque", "para", "pra", "because", "y", "pero", "but", "mas", "es", "that", "si", "mira", "aqui"];
/// Letters of a name.
const SHORTEST: usize = 3;
/// Words of a name.
const LONGEST: usize = 3;
/// Words of a short text: a name may stand anywhere in it.
const SHORT: usize = 9;
/// Words that are no name of a product, city or channel.
const COMMON: &[&str] = &[
    "verdad",
    "total",
    "promedio",
    "media",
    "serio",
    "fin",
    "final",
    "principio",
    "general",
    "momento",
    "ahora",
    "ahorita",
    "agora",
    "now",
    "todo",
    "toda",
    "todos",
    "todas",
    "all",
    "everything",
    "overall",
    "que",
    "cuanto",
    "quanto",
    "lo",
    "le",
    "les",
    "nos",
    "fue",
    "era",
    "esa",
    "ese",
    "eso",
    "esto",
    "esta",
    "este",
    "estos",
    "estas",
    "aquel",
    "aquella",
    "noche",
    "manana",
    "tarde",
    "dia",
    "dias",
    "semanita",
    "semana",
    "mes",
    "meses",
    "ano",
    "anos",
    "year",
    "month",
    "week",
    "day",
    "quincena",
    "quinzena",
    "trimestre",
    "semestre",
    "fecha",
    "data",
    "date",
    "favor",
    "porfa",
    "porfis",
    "gracias",
    "please",
    "parce",
    "parcero",
    "hermano",
    "amigo",
    "wey",
    "guey",
    "mano",
    "cara",
    "jefe",
    "patron",
    "socia",
    "socio",
    "gente",
    "sumerce",
    "tienda",
    "negocio",
    "empresa",
    "loja",
    "shop",
    "store",
    "business",
    "company",
    "nosotros",
    "ellos",
    "ustedes",
    "cosas",
    "plata",
    "pesos",
    "reales",
    "reais",
    "dinero",
    "dinheiro",
    "money",
    "cuenta",
    "cuentas",
    "contas",
    "numeros",
    "numbers",
    "dato",
    "datos",
    "info",
    "reporte",
    "resumen",
    "pasado",
    "pasada",
    "passado",
    "passada",
    "anterior",
    "actual",
    "proximo",
    "corrido",
    "vez",
    "veces",
    "vezes",
    "times",
    "parte",
    "forma",
    "manera",
    "una",
    "uno",
    "unos",
    "unas",
    "dos",
    "tres",
    "entero",
    "entera",
    "completo",
    "completa",
    "limpio",
    "limpo",
    "neto",
    "bruto",
    "line",
    "online",
    "web",
    "end",
    "way",
    "range",
    "ultimos",
    "ultimas",
    "last",
    "past",
    "mas",
    "menos",
    "mejor",
    "peor",
    "fact",
    "real",
    "deveras",
    "fijo",
    "adelante",
    "entonces",
    "pronto",
    "mercado",
    "comparacion",
    "relacion",
    "cambio",
    "hecho",
    "caso",
    "serio",
    "resto",
    "otro",
    "otra",
    "mundo",
    "vida",
    "madrugada",
    "hora",
    "horas",
    "rato",
    "celular",
    "bolsillo",
    "contado",
    "precio",
    "precios",
    "clase",
    "tipo",
    "equipo",
    "team",
    "grupo",
    "chat",
    "sistema",
    "shopify",
    "hot",
    "black",
    "friday",
    "cyber",
    "navidad",
    "madre",
    "madres",
    "padre",
    "excel",
    "mensaje",
    "pregunta",
];

/// A name in the text, behind the phrase that was heard.
pub fn unexplained(ground: &Ground<'_>, words: &[&str], phrase: &Range<usize>) -> Option<String> {
    let explained = explained(ground);
    let is_name = |word: &&str| {
        word.len() >= SHORTEST
            && word.bytes().all(|byte| byte.is_ascii_alphabetic())
            && !lexicon::holds(word)
            && !explained.contains(*word)
            && !COMMON.contains(word)
            && !parts::is_of_a_part(word)
    };
    let short = words.len() <= SHORT;
    let from = if short { 0 } else { phrase.end };
    let until =
        words[from..].iter().position(|word| !short && BREAKS.contains(word)).map_or(words.len(), |at| from + at);
    let at = (from.max(1)..until).find(|at| is_name(&words[*at]) && LEADS.contains(&words[at - 1]))?;
    let mut end = at + 1;
    while end < until && end - at < LONGEST {
        let joined = matches!(words[end], "de" | "of") && words.get(end + 1).is_some_and(is_name);
        if is_name(&words[end]) {
            end += 1;
        } else if joined {
            end += 2;
        } else {
            break;
        }
    }
    let name = words[at..end].join(" ");
    // A carrier is a part of its own.
    carriers::named(&name).is_none().then_some(name)
}

/// Words that days, cities, amounts and numbers explain.
fn explained(ground: &Ground<'_>) -> HashSet<String> {
    let spans = ground.entities.iter().filter(|mention| {
        matches!(
            mention.entity,
            Entity::Period { .. }
                | Entity::Date { .. }
                | Entity::City { .. }
                | Entity::Money { .. }
                | Entity::OrderNumber { .. }
        )
    });
    let texts = spans.filter_map(|mention| ground.text.get(mention.start..mention.end));
    texts.flat_map(|text| normalise(text).split(' ').map(str::to_owned).collect::<Vec<_>>()).collect()
}
