//! Of when, of what part, compared with what: what stands beside the subject of a question.

use jiff::civil::Date;
use recado_domain::command::Entity;
use recado_domain::finance::facts::ExpenseKind;
use recado_domain::finance::figures::{Dimension, Metric};
use recado_domain::finance::question::{Advice, Filter, FilterBy, Order, Question, Subject, Versus};
use recado_domain::period::Period;

use super::{Ground, carriers, told_words};
use crate::understanding::rules::contains;

/// Words after «por», «by», «per», or alone, that name a dimension.
const DIMENSIONS: &[(&str, Dimension)] = &[
    ("producto", Dimension::Product),
    ("productos", Dimension::Product),
    ("produto", Dimension::Product),
    ("produtos", Dimension::Product),
    ("product", Dimension::Product),
    ("referencia", Dimension::Product),
    ("canal", Dimension::Channel),
    ("canales", Dimension::Channel),
    ("channel", Dimension::Channel),
    ("ciudad", Dimension::City),
    ("ciudades", Dimension::City),
    ("cidade", Dimension::City),
    ("city", Dimension::City),
    ("transportadora", Dimension::Carrier),
    ("paqueteria", Dimension::Carrier),
    ("carrier", Dimension::Carrier),
    ("courier", Dimension::Carrier),
    ("plataforma", Dimension::Platform),
    ("platform", Dimension::Platform),
    ("dia", Dimension::Day),
    ("day", Dimension::Day),
    ("mes", Dimension::Month),
    ("month", Dimension::Month),
];
const PREPAID: &[&str] = &["prepago", "anticipado", "anticipados", "pre pago", "prepaid", "pago anticipado"];
const ON_DELIVERY: &[&str] = &[
    "contra entrega",
    "contraentrega",
    "contrareembolso",
    "contra reembolso",
    "contra reembolsos",
    "pagamento na entrega",
    "cash on delivery",
    "cod",
];
const PLATFORMS: &[(&str, &str)] = &[
    ("meta", "meta"),
    ("facebook", "meta"),
    ("instagram", "meta"),
    ("fb", "meta"),
    ("tiktok", "tiktok"),
    ("google", "google"),
    ("youtube", "google"),
];
/// Where it was sold, as people say it, and the name that is looked up.
const CHANNELS: &[(&str, &str)] = &[
    ("instagram", "instagram"),
    ("whatsapp", "whatsapp"),
    ("facebook", "facebook"),
    ("tiktok", "tiktok"),
    ("mercado libre", "mercado libre"),
    ("mercado livre", "mercado livre"),
    ("amazon", "amazon"),
    ("shopee", "shopee"),
    ("rappi", "rappi"),
    ("pagina web", "web"),
    ("la pagina", "web"),
    ("la web", "web"),
    ("el sitio", "web"),
    ("o site", "web"),
    ("the website", "web"),
    ("tienda fisica", "pos"),
    ("loja fisica", "pos"),
];
/// Words before the name of a channel.
const SOLD_ON: &[&str] = &["por", "en", "via", "pelo", "pela", "no", "na", "em", "on", "through", "from", "desde"];
/// Words that compare with the year before.
const YEAR_BEFORE: &[&str] =
    &["ano pasado", "ano anterior", "ano passado", "last year", "a year ago", "year before", "hace un ano"];
/// Words that compare with the period before.
const BEFORE: &[&str] = &[
    "comparado con antes",
    "periodo anterior",
    "semana anterior",
    "mes anterior",
    "mes antes",
    "que antes",
    "than before",
    "previous period",
    "contra el anterior",
    "contra la anterior",
    "vs el anterior",
    "vs anterior",
];

/// The period that was said, and what it is compared with.
pub fn period(ground: &Ground<'_>) -> Option<(Period, Option<Period>)> {
    ground.entities.iter().find_map(|mention| match mention.entity {
        Entity::Period { value, versus } => Some((value, versus)),
        _ => None,
    })
}

/// What it is compared with.
pub fn versus(ground: &Ground<'_>, question: &Question, said: Option<Period>) -> Option<Versus> {
    let running = |period| matches!(period, Period::ThisWeek | Period::ThisMonth | Period::ThisYear | Period::Today);
    let period = question.period();
    let year = YEAR_BEFORE.iter().any(|words| contains(ground.normalised, words));
    let compares = question.versus.is_some() || said.is_some();
    match said {
        Some(other) => return Some(beside(period, other, ground.today)),
        // The year before is what it is compared with, not the period that is asked for.
        None if year && compares && matches!(period, Period::Year { .. }) => return Some(Versus::YearBefore),
        None => {}
    }
    let before = question.versus.is_some() || BEFORE.iter().any(|words| contains(ground.normalised, words));
    match question.versus {
        Some(Versus::YearBefore) => Some(Versus::YearBefore),
        _ if before && running(period) && question.period.is_some() => Some(Versus::LikeDays),
        _ if before => Some(Versus::Previous),
        _ => None,
    }
}

/// How a period is compared with another one that was named. What still runs is put beside as many days of the one just
/// before it, by whatever name that was told: in November «octubre» is «el mes pasado».
pub fn beside(period: Period, other: Period, today: Date) -> Versus {
    match (period, month_of(other, today)) {
        (Period::ThisWeek, Period::LastWeek)
        | (Period::ThisMonth, Period::LastMonth)
        | (Period::Today, Period::Yesterday) => Versus::LikeDays,
        (Period::ThisYear, Period::Year { year }) if year == today.year() - 1 => Versus::YearBefore,
        _ => Versus::Other(other),
    }
}

/// The month before today's by its own name.
fn month_of(period: Period, today: Date) -> Period {
    let before = today.first_of_month().yesterday().ok();
    match (period, before) {
        (Period::Month { month, year }, Some(before))
            if before.month() == month && year.is_none_or(|year| year == before.year()) =>
        {
            Period::LastMonth
        }
        _ => period,
    }
}

/// Whether the subject can be of a part.
pub fn may_be_divided(subject: &Subject) -> bool {
    match subject {
        Subject::Metrics(metrics) => metrics.iter().any(|metric| is_of_parts(*metric)),
        _ => false,
    }
}

/// Whether a figure has parts.
pub fn is_of_parts(metric: Metric) -> bool {
    Metric::DIVISIBLE.contains(&metric) || Metric::OF_PARTS.contains(&metric)
}

/// The parts that were named.
pub fn filters(ground: &Ground<'_>, words: &[&str], question: &Question, product: Option<String>) -> Vec<Filter> {
    let mut found = Vec::new();
    let mut add = |by: FilterBy, name: &str| {
        let taken = by.dimension().is_some() && by.dimension() == question.by;
        if !taken && !found.iter().any(|one: &Filter| one.by == by) {
            found.push(Filter { by, name: name.to_owned() });
        }
    };
    if let Some(name) = product {
        add(FilterBy::Product, &name);
    }
    if matches!(&question.subject, Subject::Advice(_)) {
        if question.subject == Subject::Advice(Advice::CashForecast)
            && let Some(name) = expense(words)
        {
            add(FilterBy::Expense, name);
        }
        return found;
    }
    for mention in ground.entities {
        match &mention.entity {
            Entity::OrderNumber { value } if question.metric() == Some(Metric::Cm2) => add(FilterBy::Order, value),
            // «En qué se va la plata» is about money, «ventas en La Plata» about a city.
            Entity::City { value, .. } if value == "La Plata" && !contains(ground.normalised, "en la plata") => {}
            Entity::City { value, .. } => add(FilterBy::City, value),
            _ => {}
        }
    }
    if matches!(question.metric(), Some(Metric::FixedExpenses | Metric::VariableExpenses)) {
        let named = words.iter().find(|word| told_words::KINDS.iter().any(|(kinds, _)| kinds.contains(word)));
        if let Some(name) = named {
            add(FilterBy::Expense, name);
        }
    }
    let says = |phrase: &str| contains(ground.normalised, phrase);
    let of_parts = may_be_divided(&question.subject) || question.is_of_now();
    // Where carriers pay over, «envia» is one.
    let paid_over =
        matches!(question.metric(), Some(Metric::CashRemittances | Metric::CodReceivable | Metric::CodOverdue));
    let carrier = if paid_over { carriers::expected(ground.normalised) } else { carriers::named(ground.normalised) };
    if let Some(carrier) = carrier.filter(|_| of_parts || paid_over) {
        add(FilterBy::Carrier, carrier);
    }
    if may_be_divided(&question.subject) {
        let delivery = matches!(question.metric(), Some(metric) if metric.id().starts_with("cod"));
        match (ON_DELIVERY.iter().any(|phrase| says(phrase)), PREPAID.iter().any(|phrase| says(phrase))) {
            (true, false) if !delivery => add(FilterBy::Payment, "cod"),
            (false, true) => add(FilterBy::Payment, "prepaid"),
            _ => {}
        }
        let ads = matches!(question.metric(), Some(Metric::AdSpend | Metric::Marketing));
        if let Some((_, name)) = PLATFORMS.iter().find(|(word, _)| words.contains(word)).filter(|_| ads) {
            add(FilterBy::Platform, name);
        }
        let on = |channel: &str| SOLD_ON.iter().any(|lead| says(&format!("{lead} {channel}")));
        if let Some((_, name)) = CHANNELS.iter().find(|(channel, _)| !ads && on(channel)) {
            add(FilterBy::Channel, name);
        }
    }
    found
}

/// What a payment is for, by a word of it. The fortnight is paid to the people who work there.
fn expense<'w>(words: &[&'w str]) -> Option<&'w str> {
    let kinds = || told_words::KINDS.iter().filter(|(_, kind)| matches!(kind, ExpenseKind::Fixed | ExpenseKind::Tax));
    let named = words.iter().find(|word| kinds().any(|(names, _)| names.contains(word)));
    let of_payday = || {
        let paid = words.iter().any(|word| matches!(*word, "pagar" | "cubrir" | "pagarles" | "pagarle"));
        words.iter().any(|word| matches!(*word, "quincena" | "quinzena")).then_some("nomina").filter(|_| paid)
    };
    named.copied().or_else(of_payday)
}

/// Whether a word names a dimension, a platform, a channel or a way to pay.
pub fn is_of_a_part(word: &str) -> bool {
    DIMENSIONS.iter().any(|(name, _)| *name == word)
        || PLATFORMS.iter().any(|(name, _)| *name == word)
        || CHANNELS.iter().any(|(name, _)| name.split(' ').any(|part| part == word))
        || PREPAID.iter().chain(ON_DELIVERY).any(|name| name.split(' ').any(|part| part == word))
}

/// «por producto», «by city».
pub fn dimension(words: &[&str]) -> Option<Dimension> {
    words.windows(2).find_map(|pair| {
        let leads = matches!(pair[0], "por" | "by" | "per" | "cada");
        DIMENSIONS.iter().find(|(word, _)| leads && *word == pair[1]).map(|(_, dimension)| *dimension)
    })
}

/// Which come first.
pub fn order(words: &[&str]) -> Option<Order> {
    words.iter().find_map(|word| match *word {
        "mejor" | "mejores" | "top" | "mayor" | "mayores" | "melhor" | "melhores" | "best" | "highest" => {
            Some(Order::Top)
        }
        "peor" | "peores" | "menor" | "menores" | "pior" | "piores" | "worst" | "lowest" => Some(Order::Bottom),
        _ => None,
    })
}

/// Whether an amount in the text belongs to the question.
pub fn holds_amount(subject: &Subject) -> bool {
    match subject {
        Subject::Advice(kind) => !matches!(kind, Advice::HealthScore | Advice::Recommendations | Advice::Collections),
        Subject::Metrics(metrics) => metrics.first() == Some(&Metric::MonthEndProjection),
        _ => false,
    }
}

/// «40 %», «40 por ciento».
pub fn percent(ground: &Ground<'_>) -> Option<u16> {
    let text: String = ground.text.chars().take(400).collect::<String>().to_lowercase();
    ["%", "por ciento", "por cento", "percent"].iter().find_map(|sign| {
        let before = text[..text.find(sign)?].trim_end();
        let start = before
            .rfind(|letter: char| !letter.is_ascii_digit())
            .map_or(0, |at| at + before[at..].chars().next().map_or(1, char::len_utf8));
        before[start..].parse::<u16>().ok().filter(|percent| *percent <= 1_000)
    })
}
