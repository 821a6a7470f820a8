//! Words that bind the shop. One that our own text does not say, no model may add.

use crate::understanding::normalise::normalise;

/// In one spelling; whole words.
const PROMISES: &[&str] = &[
    // Spanish
    "garantizo",
    "garantizamos",
    "garantizado",
    "garantizada",
    "garantia",
    "prometo",
    "prometemos",
    "te aseguro",
    "le aseguro",
    "aseguramos",
    "sin costo",
    "sin cargo",
    "gratis",
    "gratuito",
    "gratuita",
    "reembolso",
    "reembolsamos",
    "reembolsar",
    "devolveremos",
    "devolucion",
    "devolvemos",
    "te devuelvo",
    "descuento",
    "cupon",
    "bono",
    "regalo",
    "compensacion",
    "compensamos",
    "llega",
    "llegara",
    "llegaran",
    "entregaremos",
    "entregamos",
    "recibiras",
    "recibira",
    "sin falta",
    "a mas tardar",
    "ya esta resuelto",
    "cancelado",
    "cancelada",
    "cancelamos",
    "aprobado",
    "aprobada",
    "ganaste",
    "premio",
    "transfiere",
    "consigna",
    "deposita",
    "paga aqui",
    "contrasena",
    "clave",
    "codigo de verificacion",
    "pin",
    // Portuguese
    "garanto",
    "garantimos",
    "garantido",
    "garantida",
    "prometemos",
    "asseguro",
    "asseguramos",
    "sem custo",
    "gratuitamente",
    "de graca",
    "reembolsaremos",
    "reembolsamos",
    "devolveremos",
    "desconto",
    "cupom",
    "brinde",
    "compensacao",
    "chega",
    "chegara",
    "entregaremos",
    "recebera",
    "sem falta",
    "no maximo",
    "ja esta resolvido",
    "cancelamos",
    "aprovado",
    "aprovada",
    "ganhou",
    "premio",
    "transfira",
    "deposite",
    "pague aqui",
    "senha",
    "codigo de verificacao",
    "pix",
    // English
    "guarantee",
    "guaranteed",
    "promise",
    "promised",
    "i assure",
    "we assure",
    "free of charge",
    "for free",
    "free",
    "refund",
    "refunded",
    "discount",
    "coupon",
    "voucher",
    "gift",
    "compensation",
    "compensate",
    "will arrive",
    "arrives",
    "arrive",
    "will deliver",
    "will be delivered",
    "you will receive",
    "you will get",
    "without fail",
    "at the latest",
    "resolved",
    "cancelled",
    "canceled",
    "approved",
    "you won",
    "prize",
    "transfer",
    "wire",
    "deposit",
    "pay here",
    "password",
    "verification code",
];

/// The promises in a text.
pub fn promises(text: &str) -> impl Iterator<Item = &'static str> {
    let padded = format!(" {} ", normalise(text));
    PROMISES.iter().copied().filter(move |promise| padded.contains(&format!(" {promise} ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn promises_are_heard_in_three_languages_and_whole_words_only() {
        for text in
            ["¡Te lo GARANTIZO!", "Llegará sin falta", "Seu reembolso: devolveremos tudo", "It will arrive, I promise"]
        {
            assert!(promises(text).next().is_some(), "{text}");
        }
        for text in ["Tu pedido está en camino", "Pingüino", "wireless", "Já saiu para entrega"] {
            assert_eq!(promises(text).next(), None, "{text}");
        }
    }
}
