//! Words of statements about money, in three languages.

use recado_domain::finance::facts::ExpenseKind;

/// Spent or paid: of money alone, so that figures after these are money.
pub(in crate::understanding) const SPENT: &[&str] = &[
    "gaste",
    "gastamos",
    "inverti",
    "invertimos",
    "meti",
    "metimos",
    "gastei",
    "investi",
    "investimos",
    "spent",
    "pague",
    "pagamos",
    "paguei",
    "paid",
    "abone",
    "abonamos",
];
/// Paid as well, and said of things too: «compré 1.200 camisas», «cancelé 20 pedidos».
pub(super) const BOUGHT: &[&str] = &["cancele", "compre", "compramos", "comprei", "bought"];
/// Received.
pub(super) const RECEIVED: &[&str] = &[
    "llego",
    "consigno",
    "consignaron",
    "recibi",
    "recibimos",
    "entro",
    "deposito",
    "depositaron",
    "cayo",
    "giro",
    "giraron",
    "recebi",
    "recebemos",
    "caiu",
    "depositou",
    "received",
    "remitted",
    "arrived",
    "pago",
    "pagou",
];
/// Held.
pub(super) const HELD: &[&str] = &["tengo", "tenemos", "hay", "quedan", "tenho", "temos", "have", "saldo", "queda"];
/// Taken out by the owner.
pub(in crate::understanding) const TAKEN: &[&str] =
    &["saque", "retire", "retiramos", "sacamos", "tirei", "retirei", "withdrew"];
/// Put in by the owner.
pub(super) const GIVEN: &[&str] =
    &["aporte", "aportamos", "inyecte", "inyectamos", "aportei", "injected", "contributed"];
/// A question, not a statement.
pub(super) const ASKING: &[&str] = &[
    "cuanto", "cuanta", "cuantos", "quanto", "quanta", "how", "que", "qual", "cual", "si", "se", "if", "puedo", "can",
    "alcanza", "por", "porque", "why", "what", "necesito", "quiero", "quero", "debo",
];
/// Advertising.
pub(super) const ADS: &[&str] = &[
    "pauta",
    "publicidad",
    "anuncio",
    "anuncios",
    "ads",
    "midia",
    "campana",
    "campanas",
    "advertising",
    "meta",
    "facebook",
    "instagram",
    "tiktok",
    "google",
];
/// Where it is shown, and the name under which that is kept.
pub(super) const PLATFORMS: &[(&str, &str)] = &[
    ("meta", "meta"),
    ("facebook", "meta"),
    ("instagram", "meta"),
    ("tiktok", "tiktok"),
    ("google", "google"),
    ("youtube", "google"),
];
/// Goods to sell.
pub(super) const STOCK: &[&str] = &[
    "mercancia",
    "inventario",
    "mercadoria",
    "estoque",
    "stock",
    "inventory",
    "proveedor",
    "fornecedor",
    "insumos",
    "producto",
    "productos",
];
/// Where money lies.
pub(super) const ACCOUNTS: &[&str] = &[
    "banco",
    "bank",
    "caja",
    "caixa",
    "cuenta",
    "conta",
    "account",
    "efectivo",
    "bancolombia",
    "davivienda",
    "nequi",
    "daviplata",
    "bbva",
    "itau",
    "nubank",
    "bradesco",
    "till",
    "cash",
];
/// What carriers collected.
pub(super) const CARRIED: &[&str] =
    &["consignacion", "recaudo", "remesa", "repasse", "remittance", "contraentrega", "consignaron", "consigno"];
/// What an expense is for, and what that makes it.
pub(super) const KINDS: &[(&[&str], ExpenseKind)] = &[
    (
        &[
            "arriendo",
            "renta",
            "alquiler",
            "aluguel",
            "rent",
            "nomina",
            "sueldo",
            "sueldos",
            "salario",
            "salarios",
            "folha",
            "payroll",
            "salaries",
            "internet",
            "luz",
            "agua",
            "servicios",
            "shopify",
            "software",
            "contador",
            "contadora",
            "contabilidad",
            "dominio",
            "bodega",
            "celular",
            "plan",
            "administracion",
            "seguro",
            "electricity",
        ],
        ExpenseKind::Fixed,
    ),
    (
        &[
            "influencer",
            "influencers",
            "fotos",
            "fotografo",
            "contenido",
            "diseno",
            "video",
            "videos",
            "content",
            "photos",
        ],
        ExpenseKind::Marketing,
    ),
    (
        &["computador", "impresora", "equipo", "equipos", "maquina", "celulares", "computadora", "printer", "laptop"],
        ExpenseKind::Capex,
    ),
    (&["cuota", "prestamo", "credito", "emprestimo", "loan"], ExpenseKind::Financing),
    (
        &["iva", "impuesto", "impuestos", "dian", "imposto", "impostos", "tax", "taxes", "retefuente", "ica"],
        ExpenseKind::Tax,
    ),
];
/// Words that name nothing.
pub(super) const SKIPPED: &[&str] = &[
    "de",
    "del",
    "la",
    "el",
    "los",
    "las",
    "en",
    "em",
    "no",
    "na",
    "do",
    "da",
    "o",
    "a",
    "por",
    "para",
    "pra",
    "on",
    "for",
    "in",
    "the",
    "of",
    "un",
    "una",
    "hoy",
    "ayer",
    "hoje",
    "ontem",
    "today",
    "yesterday",
    "mi",
    "al",
    "y",
    "e",
    "este",
    "mes",
    "esta",
    "semana",
];
