//! An answer as a picture, the report or the workbook. The caption says the numbers, from the same books of the same
//! instant that the picture is drawn from; what cannot be made is said in the same words.

use recado_domain::attachment::{Attachment, Form, Picture};
use recado_domain::effect::Effect;
use recado_domain::finance::figures::{Basis, Days, Dimension, Metric, Part, Scenario, Sums, Undefined, Unit, Value};
use recado_domain::finance::question::{Advice, Shape, Subject};
use recado_domain::finance::ratio::Ratio;
use recado_domain::outbound::Button;
use recado_domain::period::Period;
use serde_json::{Value as Json, json};

use super::asked::Asked;
use super::parts::rank;
use super::{AGENT, figure, line};
use crate::desk::TurnError;
use crate::turn::Turn;

/// Days drawn one by one; a longer time is drawn by month.
const MOST_DAYS: i64 = 92;
/// The same of a part of the shop, where each day costs a look at every fact.
const MOST_DAYS_OF_PART: i64 = 31;
/// Parts named in a caption.
const NAMED: usize = 3;

/// What stands in a caption.
struct Told {
    metric: Metric,
    value: String,
    /// What it was before, and how it moved.
    before: Option<(String, Option<String>)>,
    lines: Vec<Json>,
    /// The figure that was asked for, when another is drawn.
    asked_for: Option<Metric>,
}

/// Answers with a picture or a document.
pub fn answer(turn: &mut Turn<'_>, asked: &Asked<'_>, shape: Shape) -> Result<(), TurnError> {
    match shape {
        Shape::Chart => chart(turn, asked),
        Shape::Pdf => document(turn, asked, Form::Report),
        Shape::Workbook => document(turn, asked, Form::Workbook),
    }
}

fn chart(turn: &mut Turn<'_>, asked: &Asked<'_>) -> Result<(), TurnError> {
    let (picture, metric) = picture(asked);
    let figures = asked.figures(asked.days);
    let value = match figures.value(metric) {
        Ok(value) => value,
        Err(why) => return figure::absent(turn, asked, metric, why),
    };
    if picture == Picture::Cash
        && let Err(why) = asked.source.accounts().forecast(Scenario::Committed)
    {
        return figure::absent(turn, asked, metric, why);
    }
    let before = asked.figures(asked.days_before()).value(metric);
    let empty = |value: &Result<Value, Undefined>| value.as_ref().is_ok_and(|value| value.ratio().is_zero());
    if matches!(picture, Picture::Days(_) | Picture::Parts(..)) && empty(&Ok(value)) && empty(&before) {
        turn.decided(AGENT, "no_orders");
        let context = json!({"period": asked.period(None), "partial": asked.partial(metric), "notes": [asked.age()]});
        return turn.reply("finance_none", &context, vec![]);
    }
    let compared = matches!(picture, Picture::Days(_) | Picture::Profit);
    let wanted = asked.question.metric().filter(|wanted| *wanted != metric && picture != Picture::Profit);
    let told = Told {
        metric,
        value: asked.values.value(metric, value),
        before: before.ok().filter(|_| compared).map(|before| {
            let share = value.ratio().minus(before.ratio()).and_then(|moved| moved.over(before.ratio()));
            let share = share.ok().flatten().filter(|_| before.ratio().is_positive());
            (asked.values.value(metric, before), share.map(|share| signed(asked, share)))
        }),
        lines: lines(asked, picture),
        asked_for: wanted.filter(|_| picture != Picture::Cash && !matches!(picture, Picture::Cod)),
    };
    let buttons = vec![turn.button("fin:pdf", "button.pdf"), turn.button("fin:excel", "button.excel")];
    turn.decided(AGENT, "chart");
    say(turn, asked, Form::Picture(picture), &told, buttons)
}

/// Asks for all that a caption says.
pub fn rehearse(asked: &Asked<'_>) {
    let (picture, _) = picture(asked);
    asked.figures(asked.days);
    asked.figures(asked.days_before());
    lines(asked, picture);
}

fn signed(asked: &Asked<'_>, share: Ratio) -> String {
    let plus = if share.is_positive() { "+" } else { "" };
    format!("{plus}{}", asked.values.percent(share))
}

fn document(turn: &mut Turn<'_>, asked: &Asked<'_>, form: Form) -> Result<(), TurnError> {
    // The document is of the whole shop, whatever part was asked for.
    let figures = asked.source.figures(&[], asked.days);
    let written = |metric: Metric| figures.value(metric).ok().map(|value| asked.values.value(metric, value));
    let metric = Metric::BookedNetSales;
    let value = match figures.value(metric) {
        Ok(value) => asked.values.value(metric, value),
        Err(why) => return figure::absent(turn, asked, metric, why),
    };
    let others = [Metric::Orders, Metric::OperatingProfit, Metric::CodDeliveryRate];
    let lines = others.iter().filter_map(|one| Some(line(&asked.values.name(*one), &written(*one)?)));
    let told = Told { metric, value, before: None, lines: lines.collect(), asked_for: None };
    let other = if form == Form::Report { ("fin:excel", "button.excel") } else { ("fin:pdf", "button.pdf") };
    let buttons = vec![
        turn.button("fin:chart", "button.chart"),
        turn.button(other.0, other.1),
        turn.button("digest:weekly", "button.digest_weekly"),
    ];
    turn.decided(AGENT, if form == Form::Report { "pdf" } else { "workbook" });
    say(turn, asked, form, &told, buttons)
}

/// Which picture shows what was asked, and the figure that it draws.
fn picture(asked: &Asked<'_>) -> (Picture, Metric) {
    let question = &asked.question;
    let whole = asked.narrowed.parts.is_empty();
    let metric = match &question.subject {
        Subject::Metrics(metrics) => metrics.first().copied(),
        Subject::Why(metric) => *metric,
        Subject::Advice(Advice::CashForecast) if whole => return (Picture::Cash, Metric::Cash),
        Subject::Costs | Subject::Report | Subject::ProfitToCash if whole => {
            return (Picture::Profit, Metric::OperatingProfit);
        }
        _ => None,
    };
    let metric = metric.unwrap_or(Metric::BookedNetSales);
    if metric.id().starts_with("cod.") && metric.basis() != Basis::Balance {
        return (Picture::Cod, Metric::CodDeliveryRate);
    }
    if whole && is_of_cash(metric) {
        return (Picture::Cash, Metric::Cash);
    }
    if whole && question.by.is_none() && is_of_profit(metric) {
        return (Picture::Profit, Metric::OperatingProfit);
    }
    let drawn = drawable(metric);
    if let Some(by) = question.by {
        return (Picture::Parts(by, drawn), drawn);
    }
    let days = asked.days.count();
    let picture = match days {
        1 => Picture::Parts(Dimension::Product, drawn),
        _ if days > if whole { MOST_DAYS } else { MOST_DAYS_OF_PART } => Picture::Parts(Dimension::Month, drawn),
        _ => Picture::Days(drawn),
    };
    (picture, drawn)
}

const fn is_of_cash(metric: Metric) -> bool {
    matches!(metric, Metric::Cash | Metric::CashBufferDays | Metric::RunwayMonths | Metric::CashOperating)
}

const fn is_of_profit(metric: Metric) -> bool {
    matches!(
        metric,
        Metric::OperatingProfit
            | Metric::OperatingMargin
            | Metric::Cm1Pct
            | Metric::Cm2Pct
            | Metric::Cm3Pct
            | Metric::GrossMargin
            | Metric::BreakevenRevenue
            | Metric::FixedExpenses
    )
}

/// The figure itself if days and parts sum to it, else the one nearest to it that does.
fn drawable(metric: Metric) -> Metric {
    let sums =
        |metric: &Metric| Metric::DIVISIBLE.contains(metric) && matches!(metric.unit(), Unit::Money | Unit::Count);
    if sums(&metric) {
        return metric;
    }
    match metric {
        Metric::OperatingProfit | Metric::OperatingMargin | Metric::Cm2Pct | Metric::Cm2PerOrder | Metric::Cm3Pct => {
            Metric::Cm2
        }
        Metric::Cm1Pct | Metric::GrossMargin => Metric::Cm1,
        Metric::ReturnRate => Metric::BookedReturns,
        Metric::DiscountRate => Metric::BookedDiscounts,
        Metric::BlendedRoas | Metric::ContributionRoas | Metric::Mer | Metric::AdRatio | Metric::Cac => {
            Metric::Marketing
        }
        _ => Metric::BookedNetSales,
    }
}

/// The numbers that stand in the picture besides the first.
fn lines(asked: &Asked<'_>, picture: Picture) -> Vec<Json> {
    let figures = asked.figures(asked.days);
    let shown = |metric: &Metric| {
        let value = figures.value(*metric).ok()?;
        Some(line(&asked.values.name(*metric), &asked.values.value(*metric, value)))
    };
    match picture {
        Picture::Days(_) => Vec::new(),
        Picture::Profit => [Metric::RealisedNetRevenue, Metric::Cm2, Metric::Marketing, Metric::FixedExpenses]
            .iter()
            .filter_map(shown)
            .collect(),
        Picture::Cod => [Metric::CodDelivered, Metric::CodReturned, Metric::CodLost, Metric::CodInTransit]
            .iter()
            .filter_map(shown)
            .collect(),
        Picture::Cash => {
            let Ok(forecast) = asked.source.accounts().forecast(Scenario::Committed) else { return Vec::new() };
            let (week, cash) = forecast.lowest();
            let day = asked.source.today().saturating_add(jiff::Span::new().days(7 * week as i64 - 1));
            let name = asked.word("line.lowest_cash").replace("{date}", &asked.moments.date(day));
            vec![line(&name, &asked.values.money(cash))]
        }
        Picture::Parts(by, metric) => largest(asked, by, metric),
    }
}

/// The largest parts.
fn largest(asked: &Asked<'_>, by: Dimension, metric: Metric) -> Vec<Json> {
    let breakdown = asked.source.breakdown(by, &asked.narrowed.parts, asked.days);
    let valued = |part: Part<'_, dyn Sums>| Some((part.key.clone()?, part.figures.value(metric).ok()?));
    let mut parts: Vec<(String, Value)> = breakdown.parts.into_iter().filter_map(valued).collect();
    parts.sort_by(|(one, value), (other, against)| rank(*against).cmp(&rank(*value)).then_with(|| one.cmp(other)));
    parts.retain(|(_, value)| !value.ratio().is_zero());
    parts.iter().take(NAMED).map(|(key, value)| line(&asked.key(key), &asked.values.value(metric, *value))).collect()
}

fn say(turn: &mut Turn<'_>, asked: &Asked<'_>, form: Form, told: &Told, buttons: Vec<Button>) -> Result<(), TurnError> {
    let picture = matches!(form, Form::Picture(_));
    let mut context = json!({
        // A document is of the whole shop, so its days stand without a part.
        "period": if picture { asked.period(Some(told.metric)) } else { asked.days_of_question() },
        "partial": asked.partial(told.metric),
        "name": asked.values.name(told.metric),
        "value": told.value,
        "before_period": asked.days_in_words(asked.days_before()),
        "before": told.before.as_ref().map(|(before, _)| before),
        "share": told.before.as_ref().and_then(|(_, share)| share.as_ref()),
        "lines": told.lines,
        "form": match form { Form::Picture(_) => "picture", Form::Report => "pdf", Form::Workbook => "workbook" },
        "other": told.asked_for.map(|metric| asked.values.name(metric)),
        "part": (!picture && !asked.narrowed.names.is_empty()).then(|| asked.part()),
        "unmade": false,
        "notes": asked.notes(&[told.metric]),
    });
    let mut message = turn.message("finance_attached", &context, buttons)?;
    context["unmade"] = json!(true);
    let instead = turn.message("finance_attached", &context, vec![])?.body;
    let days = if picture { whole(asked) } else { asked.days };
    let whole_shop = matches!(form, Form::Report | Form::Workbook | Form::Picture(Picture::Profit | Picture::Cash));
    message.attachment = Some(Box::new(Attachment {
        form,
        first: days.first,
        last: days.last,
        parts: if whole_shop { Vec::new() } else { asked.narrowed.parts.clone() },
        as_of: asked.source.as_of(),
        language: turn.language,
        filename: filename(asked, form, days),
        instead,
    }));
    turn.session.last_reply = Some(message.body.clone());
    turn.session.last_options = message.buttons.iter().map(|button| button.id.clone()).collect();
    turn.effects.push(Effect::Reply(message));
    Ok(())
}

/// The whole of a running period: its picture compares it with the same days of the one before.
fn whole(asked: &Asked<'_>) -> Days {
    let first = asked.days.first;
    match asked.question.period() {
        Period::ThisMonth => Days::month(first),
        Period::ThisWeek => Days::new(first, first.saturating_add(jiff::Span::new().days(6))),
        _ => asked.days,
    }
}

/// `informe-2026-10.pdf`, `informe-2026-10-01-2026-10-15.xlsx`: letters that every phone can write.
fn filename(asked: &Asked<'_>, form: Form, days: Days) -> String {
    let month = days == Days::month(days.first);
    let when = if month {
        days.first.strftime("%Y-%m").to_string()
    } else if days.first == days.last {
        days.first.to_string()
    } else {
        format!("{}-{}", days.first, days.last)
    };
    let key = if matches!(form, Form::Picture(_)) { "file.picture" } else { "file.report" };
    format!("{}-{when}.{}", asked.word(key), form.extension())
}
