//! How models are reached and how much they may take.

use std::time::Duration;

use recado_domain::Secret;
use recado_domain::spend::Spend;

/// How a provider is asked for an answer of a given shape. Servers differ (CONTRACTS G): some enforce a schema by
/// grammar, some ignore it, some refuse the request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Structure {
    /// Starts with the schema and steps down by itself when the server refuses it.
    #[default]
    Auto,
    /// `response_format` with the schema.
    Schema,
    /// `response_format` that asks for any JSON object.
    Object,
    /// A tool whose parameters are the schema.
    Tool,
    /// Nothing but the prompt; the object is looked for in the text.
    Text,
}

impl Structure {
    /// What is tried when a server refuses this one.
    pub const fn next(self) -> Option<Self> {
        match self {
            Self::Auto | Self::Schema => Some(Self::Object),
            Self::Object => Some(Self::Tool),
            Self::Tool => Some(Self::Text),
            Self::Text => None,
        }
    }
    /// Reads the word of the configuration.
    pub fn from_word(word: &str) -> Option<Self> {
        Some(match word {
            "auto" => Self::Auto,
            "json_schema" => Self::Schema,
            "json_object" => Self::Object,
            "tool" => Self::Tool,
            "text" => Self::Text,
            _ => return None,
        })
    }
}

/// A model at a provider.
#[derive(Clone, Debug)]
pub struct Provider {
    /// A name of the operator's choice, for metrics and notices.
    pub name: String,
    /// The address up to and with `/v1`, without a final slash.
    pub base_url: String,
    /// Empty where none is needed.
    pub api_key: Secret,
    /// The model.
    pub model: String,
    /// Micro-dollars for a million tokens of question.
    pub input_price: u64,
    /// Micro-dollars for a million tokens of answer.
    pub output_price: u64,
    /// Calls at the same time.
    pub concurrency: usize,
    /// Longest call.
    pub timeout: Duration,
    /// How answers get their shape.
    pub structure: Structure,
    /// Whether answers are read as a stream.
    pub stream: bool,
}

impl Provider {
    /// What that many tokens cost, rounded up to a millionth of a dollar.
    pub fn cost(&self, prompt_tokens: u64, completion_tokens: u64) -> u64 {
        let price = |tokens: u64, million: u64| tokens.saturating_mul(million);
        price(prompt_tokens, self.input_price)
            .saturating_add(price(completion_tokens, self.output_price))
            .div_ceil(1_000_000)
    }
}

/// A model that makes vectors. It is asked apart from the other providers, with a breaker and places of its own: when it
/// fails, nothing else is left out.
#[derive(Clone, Debug)]
pub struct Embedding {
    /// Where, and which model.
    pub provider: Provider,
    /// How long a question of a person waits for its vector.
    pub within: Duration,
}

/// Limits of spending.
#[derive(Clone, Copy, Debug)]
pub struct Budgets {
    /// Of one turn.
    pub turn: Spend,
    /// Of one conversation in a day (UTC).
    pub conversation: Spend,
    /// Of one shop in a day.
    pub merchant: Spend,
    /// Of everybody in a day.
    pub house: Spend,
}

impl Default for Budgets {
    fn default() -> Self {
        Self {
            turn: Spend { calls: 3, tokens: 12_000, micro_dollars: 20_000 },
            conversation: Spend { calls: 60, tokens: 120_000, micro_dollars: 200_000 },
            merchant: Spend { calls: 20_000, tokens: 20_000_000, micro_dollars: 5_000_000 },
            house: Spend { micro_dollars: 20_000_000, ..Spend::UNLIMITED },
        }
    }
}

/// Everything.
#[derive(Clone, Debug)]
pub struct Settings {
    /// May be none, when there is something else to ask.
    pub providers: Vec<Provider>,
    /// No question takes longer, whatever is tried in between.
    pub deadline: Duration,
    /// Calls at the same time, of all providers; a question that finds no room is not asked.
    pub concurrency: usize,
    /// A second provider is asked when the first has not answered by then; once enough of its answers are known, by its
    /// own 95th percentile, and at most by twice this.
    pub hedge_after: Duration,
    /// Shares of retries and hedges among all calls, in percent.
    pub retry_percent: u32,
    /// A reading less sure than this is worth a question.
    pub ask_below: f64,
    /// A text longer than this many characters is worth one too.
    pub ask_above: usize,
    /// Tokens of an answer at most.
    pub max_tokens: u32,
    /// How long an answer is good for the same question.
    pub cache: Duration,
    /// Whether answers to people may be worded anew.
    pub reword: bool,
    /// Whether a model is told what was said before, and words summaries of long conversations.
    pub history: bool,
    /// The model for voice notes at the first provider; `None` = they are not transcribed.
    pub transcription_model: Option<String>,
    /// What makes vectors of texts; `None` = the shop's own answers are found by words alone.
    pub embedding: Option<Embedding>,
    /// Limits of spending.
    pub budgets: Budgets,
}

impl Settings {
    /// The usual settings around some providers.
    pub fn new(providers: Vec<Provider>) -> Self {
        Self {
            providers,
            deadline: Duration::from_secs(4),
            concurrency: 16,
            hedge_after: Duration::from_millis(1200),
            retry_percent: 10,
            ask_below: 0.6,
            ask_above: 160,
            max_tokens: 400,
            cache: Duration::from_secs(300),
            reword: false,
            history: true,
            transcription_model: None,
            embedding: None,
            budgets: Budgets::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(in crate::model) fn provider(name: &str) -> Provider {
        Provider {
            name: name.to_owned(),
            base_url: "http://127.0.0.1:9/v1".to_owned(),
            api_key: Secret::new(""),
            model: "m".to_owned(),
            input_price: 150_000,
            output_price: 600_000,
            concurrency: 4,
            timeout: Duration::from_secs(3),
            structure: Structure::Auto,
            stream: false,
        }
    }

    #[test]
    fn a_cost_is_rounded_up_and_never_overflows() {
        let provider = provider("a");
        assert_eq!(provider.cost(1000, 100), 210);
        assert_eq!(provider.cost(1, 0), 1);
        assert_eq!(provider.cost(0, 0), 0);
        assert!(provider.cost(u64::MAX, u64::MAX) > 0);
    }

    #[test]
    fn each_structure_steps_down_to_plain_text() {
        let mut structure = Structure::Auto;
        let mut steps = 0;
        while let Some(next) = structure.next() {
            structure = next;
            steps += 1;
        }
        assert_eq!((structure, steps), (Structure::Text, 3));
    }
}
