//! «Mándame la gráfica», «pásame el informe de octubre en PDF», "as a spreadsheet": as what an answer is wanted.

use recado_domain::finance::figures::Metric;
use recado_domain::finance::question::{Question, Shape, Subject};

use super::{Ground, ask, carried, follow_up, parts};

/// Words that name a picture or a document.
const SHAPES: &[(&str, Shape)] = &[
    ("grafica", Shape::Chart),
    ("graficas", Shape::Chart),
    ("grafico", Shape::Chart),
    ("graficos", Shape::Chart),
    ("graficame", Shape::Chart),
    ("graficamelo", Shape::Chart),
    ("graficar", Shape::Chart),
    ("chart", Shape::Chart),
    ("charts", Shape::Chart),
    ("graph", Shape::Chart),
    ("graphs", Shape::Chart),
    ("pdf", Shape::Pdf),
    ("excel", Shape::Workbook),
    ("xlsx", Shape::Workbook),
    ("spreadsheet", Shape::Workbook),
    ("planilha", Shape::Workbook),
    ("workbook", Shape::Workbook),
];
/// The same in several words.
const PHRASES: &[(&str, Shape)] = &[("hoja de calculo", Shape::Workbook), ("folha de calculo", Shape::Workbook)];
/// What is said for kindness.
const KIND: &str = "por favor";
/// Who says one of these gives a file or asks for another kind of paper.
const OTHERWISE: &[&str] = &[
    "te", "les", "subo", "subir", "subi", "importar", "importo", "importa", "cargar", "cargo", "adjunto", "anexo",
    "upload", "import", "attach", "attached", "factura", "facturas", "recibo", "recibos", "invoice", "receipt", "guia",
    "guias", "rotulo", "rotulos", "label", "labels", "nota", "fatura", "etiqueta", "catalogo", "catalog",
];
/// Words around, which ask for nothing by themselves.
const AROUND: &[&str] = &[
    "mandamelo",
    "mandamela",
    "mandalo",
    "mandala",
    "pasamelo",
    "pasamela",
    "enviamelo",
    "enviamela",
    "damelo",
    "damela",
    "muestramelo",
    "muestramela",
    "muestras",
    "mostras",
    "mostra",
    "mandame",
    "manda",
    "mandar",
    "mandas",
    "pasame",
    "pasa",
    "pasas",
    "enviame",
    "envia",
    "enviar",
    "dame",
    "da",
    "muestrame",
    "mostrame",
    "mostra",
    "muestra",
    "quiero",
    "quero",
    "necesito",
    "preciso",
    "ver",
    "exporta",
    "exportame",
    "exportar",
    "descargar",
    "baixar",
    "gera",
    "generame",
    "genera",
    "haz",
    "hazme",
    "faz",
    "fazer",
    "puedes",
    "podes",
    "pode",
    "me",
    "send",
    "show",
    "give",
    "get",
    "export",
    "want",
    "need",
    "i",
    "can",
    "you",
    "could",
    "please",
    "porfa",
    "favor",
    "la",
    "el",
    "las",
    "los",
    "un",
    "una",
    "um",
    "uma",
    "o",
    "a",
    "the",
    "an",
    "my",
    "mi",
    "en",
    "em",
    "in",
    "as",
    "como",
    "to",
    "eso",
    "esto",
    "isso",
    "esse",
    "that",
    "this",
    "it",
    "y",
    "e",
    "and",
    "ahora",
    "agora",
    "now",
    "tambien",
    "tambem",
    "also",
    "documento",
    "archivo",
    "arquivo",
    "file",
    "imagen",
    "imagem",
    "image",
    "picture",
    "pra",
    "para",
    "lo",
    "version",
    "formato",
];

/// The picture or document that a text names.
fn named(ground: &Ground<'_>) -> Option<Shape> {
    let words = ground.words();
    if words.iter().any(|word| OTHERWISE.contains(word)) {
        return None;
    }
    let of_word = words.iter().find_map(|word| SHAPES.iter().find(|(name, _)| name == word));
    let of_phrase = || PHRASES.iter().find(|(phrase, _)| ground.normalised.contains(phrase));
    of_word.or_else(of_phrase).map(|(_, shape)| *shape)
}

/// The text without the words that name a shape, those that ask for it, and what is left of phrases.
fn without(ground: &Ground<'_>) -> String {
    let mut text = ground.normalised.replace(KIND, " ");
    for (phrase, _) in PHRASES {
        text = text.replace(phrase, " ");
    }
    let kept = |word: &&str| !SHAPES.iter().any(|(name, _)| name == word) && !AROUND.contains(word);
    text.split(' ').filter(|word| !word.is_empty()).filter(kept).collect::<Vec<_>>().join(" ")
}

/// What is asked for as a picture or document: with the figure, the days and the part that the words name, else those of
/// the last question, else this month's sales or the report.
pub fn shaped(ground: &Ground<'_>, last: Option<&Question>) -> Option<Question> {
    let shape = named(ground)?;
    let rest = without(ground);
    let bare = Ground { normalised: &rest, ..*ground };
    let question = if rest.is_empty() {
        last.cloned()
    } else {
        let followed = last.and_then(|last| follow_up(&bare, last));
        let own = || {
            let own = ask(ground)?;
            Some(match last {
                Some(last) => carried(&bare, own, last),
                None => own,
            })
        };
        followed.or_else(own)
    };
    let period = parts::period(ground).map(|(period, _)| period);
    let question = question.unwrap_or_else(|| {
        let subject = match shape {
            Shape::Chart => Subject::Metrics(vec![Metric::BookedNetSales]),
            Shape::Pdf | Shape::Workbook => Subject::Report,
        };
        let known = last.filter(|_| period.is_none()).and_then(|last| last.period);
        let mut question = Question { period: period.or(known), ..Question::about(subject) };
        let words: Vec<&str> = rest.split(' ').collect();
        if parts::may_be_divided(&question.subject) {
            question.by = parts::dimension(&words);
        }
        question.filters = parts::filters(&bare, &words, &question, None);
        question
    });
    Some(Question { shape: Some(shape), ..question })
}
