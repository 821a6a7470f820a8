//! From a question that asks for advice to what an advisor is asked.

use jiff::civil::Date;
use recado_domain::Timestamp;
use recado_domain::finance::advice::AdviceQuestion;
use recado_domain::finance::figures::Accounts;
use recado_domain::finance::question::{Advice, FilterBy, Question};

use super::narrow;

/// Words of a price that goes down, as they begin after normalising; every other change goes up.
const DOWN: [&str; 11] = ["bajo", "baja", "baje", "rebaj", "baix", "reduz", "reduc", "lower", "cut", "drop", "menos"];
/// Words of a cost that would come on top.
const ON_TOP: [&str; 8] = ["contrat", "arriend", "alquil", "sumo", "hire", "rent", "alug", "agrego"];

/// What is asked of an advisor; `None` when no advisor takes it as it stands, and figures have to do. `words` are the
/// normalised words of the question.
pub fn advised(question: &Question, kind: Advice, accounts: &dyn Accounts, words: &str) -> Option<AdviceQuestion> {
    let products = narrow::Products(accounts.products());
    let named: Vec<String> = {
        let told = question.filters.iter().filter(|filter| matches!(filter.by, FilterBy::Product | FilterBy::Any));
        let told: Vec<String> = told.map(|filter| filter.name.clone()).collect();
        if told.is_empty() { narrow::products_in(&products, words) } else { told }
    };
    let product = named.first().cloned().or_else(|| narrow::words_of_products(&products, words));
    let begins = |starts: &[&str]| words.split(' ').any(|word| starts.iter().any(|start| word.starts_with(start)));
    Some(match kind {
        Advice::HealthScore if question.versus.is_some() || asks_why(words) => AdviceQuestion::WhyScore,
        Advice::HealthScore => AdviceQuestion::HealthScore,
        Advice::Recommendations => AdviceQuestion::FirstThings,
        Advice::TargetPrice => AdviceQuestion::TargetPrice { product, margin: question.percent },
        Advice::MaxDiscount => AdviceQuestion::MaxDiscount { product },
        Advice::Bundle => AdviceQuestion::Bundle { products: named, price: question.amount },
        Advice::PriceChange => {
            let step = question.amount?;
            let by = if begins(&DOWN) { step.checked_neg()? } else { step };
            AdviceQuestion::PriceChange { product, by }
        }
        Advice::CashForecast => {
            let expense = question.filters.iter().find(|filter| filter.by == FilterBy::Expense);
            let expense = expense.map(|filter| filter.name.clone());
            match (question.amount, expense, day(question, accounts)) {
                (Some(amount), None, on) => AdviceQuestion::Payment { amount, on },
                (None, None, None) => AdviceQuestion::CashForecast,
                (amount, expense, on) => AdviceQuestion::CashOn { on, amount, expense },
            }
        }
        Advice::Collections => AdviceQuestion::Collections,
        Advice::RequiredRevenue => {
            let amount = question.amount?;
            let (target, more_fixed) = if begins(&ON_TOP) { (0, amount) } else { (amount, 0) };
            AdviceQuestion::RequiredRevenue { target, more_fixed }
        }
        Advice::Scenario => AdviceQuestion::DeliveryRate { percent: question.percent? },
    })
}

fn asks_why(words: &str) -> bool {
    ["por que", "porque", "why"].iter().any(|start| words.starts_with(start) || words.contains(&format!(" {start} ")))
}

/// The day that was said, when it has not passed; today counts as no day.
fn day(question: &Question, accounts: &dyn Accounts) -> Option<Date> {
    let period = question.period?;
    let now: Timestamp = accounts.as_of();
    let zone = &accounts.shop().zone;
    let span = period.resolve(now, zone);
    let last = span.to.minus(std::time::Duration::from_secs(1)).in_zone(zone).date();
    (last > accounts.today()).then_some(last)
}
