//! Every key there is, declared once: the loader refuses others, `docs/config.md` is written from here.

/// What a value looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Any text.
    Text,
    /// A text that is never printed.
    Secret,
    /// Tables of a file, or the same as JSON in the environment; never printed, since keys are among them.
    SecretTables,
    /// A sum of US dollars, such as `0.15`.
    Dollars,
    /// `true` or `false`.
    Flag,
    /// A whole number within bounds, both included.
    Number(u64, u64),
    /// A whole number of any sign, as Telegram's chat ids are.
    Integer,
    /// One of these words.
    OneOf(&'static [&'static str]),
    /// Some of these words, as a list or separated by commas.
    SomeOf(&'static [&'static str]),
    /// An address `http(s)://…` without a path's final slash.
    Url,
    /// `address:port`.
    Socket,
}

impl Kind {
    /// In words, for the documentation and for errors.
    pub fn in_words(self) -> String {
        match self {
            Self::Text => "text".to_owned(),
            Self::Secret => "secret text".to_owned(),
            Self::SecretTables => "tables; in the environment a JSON list of objects".to_owned(),
            Self::Dollars => "a sum of US dollars such as 0.15, with at most six decimals".to_owned(),
            Self::Flag => "true or false".to_owned(),
            Self::Number(low, high) => format!("a whole number from {low} to {high}"),
            Self::Integer => "a whole number".to_owned(),
            Self::OneOf(words) => format!("one of {}", words.join(", ")),
            Self::SomeOf(words) => format!("some of {}, separated by commas", words.join(", ")),
            Self::Url => "an address such as https://example.com".to_owned(),
            Self::Socket => "an IP address with a port, such as 127.0.0.1:8080".to_owned(),
        }
    }
}

/// One key.
#[derive(Clone, Copy, Debug)]
pub struct Key {
    /// Dotted path.
    pub path: &'static str,
    /// What a value looks like.
    pub kind: Kind,
    /// Its default, as one would write it; empty = none.
    pub default: &'static str,
    /// What it is for.
    pub help: &'static str,
}

impl Key {
    /// Whether its value must not be printed. A database address may hold a password, so it counts as one.
    pub fn is_secret(&self) -> bool {
        matches!(self.kind, Kind::Secret | Kind::SecretTables)
    }
    /// The part before the first dot; empty for a top-level key.
    pub fn section(&self) -> &'static str {
        self.path.split_once('.').map_or("", |(section, _)| section)
    }
}

/// The words of `roles`.
pub const ROLES: &[&str] = &["edge", "worker", "sender", "timers", "admin"];

const fn key(path: &'static str, kind: Kind, default: &'static str, help: &'static str) -> Key {
    Key { path, kind, default, help }
}

/// Sections in the order of the documentation, each with a sentence about it.
pub const SECTIONS: &[(&str, &str)] = &[
    ("", "Where Recado listens and keeps its data."),
    ("log", "Logs go to standard error."),
    ("merchant", "The shop that is created when the database has none yet. Later changes are made in the admin view."),
    (
        "whatsapp",
        "WhatsApp Cloud API. On as soon as one of these keys is set; then the secrets, the tokens and the number are needed.",
    ),
    ("shopify", "Shopify. On as soon as one of these keys is set; then the client secret and the shop are needed."),
    ("telegram", "The staff bot on Telegram. On as soon as one of these keys is set; then both tokens are needed."),
    (
        "llm",
        "A language model behind an OpenAI-compatible API, asked only where the built-in reading is unsure. Off unless a provider is named; see docs/models.md.",
    ),
    ("worker", "The part that decides answers."),
    ("sender", "The part that sends them."),
    (
        "retention",
        "What is forgotten after its time: raw webhooks, and events that are settled. What was said, orders and figures stay.",
    ),
    ("privacy", "Requests about people's data."),
    ("http", "Limits of the HTTP server."),
    ("admin", "The admin view."),
];

/// All keys, by section.
pub const KEYS: &[Key] = &[
    key(
        "listen",
        Kind::Socket,
        "127.0.0.1:8080",
        "Address and port of the HTTP server. `0.0.0.0:8080` listens on every interface.",
    ),
    key(
        "public_url",
        Kind::Url,
        "",
        "The address under which platforms and people reach this server, for links and for setting up webhooks.",
    ),
    key("data_dir", Kind::Text, "./data", "Directory of the embedded database and of files."),
    key(
        "database_url",
        Kind::Secret,
        "",
        "`sqlite://path` or `postgres://user:password@host/database`. Default: `sqlite://<data_dir>/recado.db`.",
    ),
    key(
        "database_migrate_url",
        Kind::Secret,
        "",
        "Postgres login that owns the tables and runs migrations, when `database_url` is a login that may only use them. Default: `database_url`.",
    ),
    key(
        "redis_url",
        Kind::Secret,
        "",
        "`redis://…` or `rediss://…` for sessions, caches and wake-ups. Default: kept in process, which is right for a single replica.",
    ),
    key("roles", Kind::SomeOf(ROLES), "edge,worker,sender,timers,admin", "What this replica does."),
    key(
        "production",
        Kind::Flag,
        "false",
        "Refuse to start with anything that would lose messages or leak sessions: a store that is not durable, cookies over plain HTTP.",
    ),
    key("log.format", Kind::OneOf(&["readable", "json"]), "readable", "How log lines look."),
    key("log.filter", Kind::Text, "info", "Which lines are written, e.g. `info,recado_store=debug`."),
    key("merchant.name", Kind::Text, "Mi tienda", "How people call the shop."),
    key("merchant.country", Kind::Text, "CO", "ISO 3166 country code; decides how national phone numbers are read."),
    key("merchant.timezone", Kind::Text, "America/Bogota", "IANA time zone; decides when a day begins."),
    key("merchant.currency", Kind::Text, "COP", "ISO 4217 code of the shop's books."),
    key(
        "merchant.language",
        Kind::OneOf(&["es", "pt", "en"]),
        "es",
        "Language in which people are answered until they write in another.",
    ),
    key("whatsapp.app_secret", Kind::Secret, "", "Secret of the Meta app; signs webhooks."),
    key(
        "whatsapp.verify_token",
        Kind::Secret,
        "",
        "The word that you choose and enter beside the webhook's address at Meta.",
    ),
    key("whatsapp.access_token", Kind::Secret, "", "Token with which messages are sent."),
    key(
        "whatsapp.phone_number_id",
        Kind::Text,
        "",
        "Id of the number that belongs to the default shop (not the number itself).",
    ),
    key("whatsapp.api_base", Kind::Url, "https://graph.facebook.com/v23.0", "Graph API with its version."),
    key(
        "whatsapp.media_hosts",
        Kind::Text,
        "lookaside.fbsbx.com",
        "Hosts from which voice notes are fetched with the token, over TLS, separated by commas. The API's own is always one.",
    ),
    key(
        "whatsapp.digest_template",
        Kind::Text,
        "",
        "Name of an approved template for summaries and alerts outside of the 24-hour window, in es, pt_BR and en, with two variables: what it is about, and the line with the number. Without it they wait until the member writes.",
    ),
    key(
        "whatsapp.reminder_template",
        Kind::Text,
        "",
        "Name of an approved template for reminders to debtors outside of the 24-hour window, in es, pt_BR and en, with the text of docs/advice.md and four variables: who owes, the shop, the amount, and what it is owed for. Without it a debtor who has not written for a day gets none, and the member is given the text.",
    ),
    key(
        "shopify.client_id",
        Kind::Text,
        "",
        "Client id of the Shopify app. Without an access token, it opens the Admin API by the client-credentials grant.",
    ),
    key("shopify.client_secret", Kind::Secret, "", "Client secret of the Shopify app; signs webhooks."),
    key(
        "shopify.previous_client_secret",
        Kind::Secret,
        "",
        "The client secret before the last rotation: both are accepted while it is set.",
    ),
    key(
        "shopify.access_token",
        Kind::Secret,
        "",
        "Admin API token of a custom app. Without it and without `shopify.client_id` nothing is changed in the shop.",
    ),
    key("shopify.shop", Kind::Text, "", "The default shop's domain, `example.myshopify.com`."),
    key("shopify.api_base", Kind::Url, "", "Address of the Admin API. Default: `https://<shopify.shop>`."),
    key("telegram.bot_token", Kind::Secret, "", "Token of the bot, from @BotFather."),
    key(
        "telegram.secret_token",
        Kind::Secret,
        "",
        "The word that Telegram must send with each webhook: 1 to 256 of A-Z a-z 0-9 _ -.",
    ),
    key("telegram.api_base", Kind::Url, "https://api.telegram.org", "Bot API."),
    key("telegram.bot", Kind::Text, "staff", "Name of the bot in its webhook's address: `/webhooks/telegram/<bot>`."),
    key(
        "telegram.staff_chat_id",
        Kind::Integer,
        "",
        "Chat in which staff is told of people who wait and of incidents. Without it each of the staff is told in their private chat with the bot.",
    ),
    key(
        "llm.base_url",
        Kind::Url,
        "",
        "Address of the provider up to and with `/v1`, e.g. `https://api.openai.com/v1` or `http://127.0.0.1:11434/v1`.",
    ),
    key("llm.api_key", Kind::Secret, "", "Key of the provider; local servers need none."),
    key("llm.model", Kind::Text, "", "Name of the model at the provider."),
    key(
        "llm.structure",
        Kind::OneOf(&["auto", "json_schema", "json_object", "tool", "text"]),
        "auto",
        "How the model is held to the shape of an answer. `auto` begins with `json_schema` and steps down when the server refuses it.",
    ),
    key(
        "llm.stream",
        Kind::Flag,
        "false",
        "Read answers as a stream: for servers behind a proxy that cuts silent connections.",
    ),
    key("llm.input_price_usd", Kind::Dollars, "0", "Price of a million tokens of question."),
    key("llm.output_price_usd", Kind::Dollars, "0", "Price of a million tokens of answer."),
    key(
        "llm.providers",
        Kind::SecretTables,
        "",
        "Several providers instead of one: tables with `name`, `base_url`, `api_key`, `model`, and optionally `structure`, `stream`, `input_price_usd`, `output_price_usd`, `concurrency`, `timeout_seconds`.",
    ),
    key(
        "llm.deadline_milliseconds",
        Kind::Number(500, 60_000),
        "4000",
        "No turn waits longer for models, whatever is tried. At least a second shorter than `worker.turn_timeout_seconds`.",
    ),
    key(
        "llm.hedge_milliseconds",
        Kind::Number(50, 60_000),
        "1200",
        "A second provider is asked when the first has not answered by then, until its own 95th percentile is known.",
    ),
    key(
        "llm.concurrency",
        Kind::Number(1, 256),
        "16",
        "Questions at the same time; a turn that finds no room is decided without a model. At most half of `worker.lanes`.",
    ),
    key(
        "llm.retry_percent",
        Kind::Number(0, 100),
        "10",
        "Retries, repairs and second providers among a hundred questions.",
    ),
    key(
        "llm.ask_below_percent",
        Kind::Number(0, 100),
        "60",
        "A model is asked about a message that the built-in reading is less sure of than this.",
    ),
    key("llm.max_tokens", Kind::Number(50, 4000), "400", "Tokens of an answer at most."),
    key(
        "llm.cache_seconds",
        Kind::Number(0, 86_400),
        "300",
        "How long an answer serves for the same question of the same shop.",
    ),
    key(
        "llm.reword",
        Kind::Flag,
        "false",
        "Let the model word answers to shoppers anew. A wording that changes, adds or loses a fact is not sent.",
    ),
    key(
        "llm.history",
        Kind::Flag,
        "true",
        "Tell the model what was said before in the conversation, and let it word a summary of the older part of long ones.",
    ),
    key("llm.transcription_model", Kind::Text, "", "Model that writes voice notes down, at the first provider."),
    key(
        "llm.embedding_model",
        Kind::Text,
        "",
        "Model that makes vectors of texts, so that the shop's own answers are found by their meaning, too. Another name makes all vectors anew.",
    ),
    key(
        "llm.embedding_base_url",
        Kind::Url,
        "",
        "Address of its server up to and with `/v1`; without one, the first provider's address and key.",
    ),
    key("llm.embedding_api_key", Kind::Secret, "", "Key for `llm.embedding_base_url`; local servers need none."),
    key("llm.embedding_price_usd", Kind::Dollars, "0", "Price of a million tokens that become vectors."),
    key(
        "llm.embedding_milliseconds",
        Kind::Number(50, 3_000),
        "300",
        "How long a customer's question waits for its vector; after that, words alone are compared.",
    ),
    key("llm.turn_tokens", Kind::Number(0, 1_000_000), "12000", "Tokens of one turn at most."),
    key(
        "llm.conversation_day_tokens",
        Kind::Number(0, 100_000_000),
        "120000",
        "Tokens of one conversation in a day (UTC) at most.",
    ),
    key("llm.merchant_day_usd", Kind::Dollars, "5", "What one shop may cost in a day (UTC)."),
    key("llm.day_usd", Kind::Dollars, "20", "What everything may cost in a day (UTC)."),
    key("worker.lanes", Kind::Number(1, 512), "96", "Lanes worked at the same time."),
    key(
        "worker.batch",
        Kind::Number(1, 1000),
        "50",
        "Events of one lane that are answered in one turn at most: the length of a burst.",
    ),
    key(
        "worker.gather_milliseconds",
        Kind::Number(0, 5000),
        "30",
        "A conversation rests for so long after its first waiting message, so that messages sent together are answered together.",
    ),
    key(
        "worker.join_milliseconds",
        Kind::Number(0, 10_000),
        "4000",
        "While a turn is under way, more words of its person are joined to it, and it is decided anew, until so long after its first message. A message that breaks off (\u{201c}mi pedido y\u{2026}\u{201d}) or a picture without a word is waited for within the same time. 0 joins nothing.",
    ),
    key(
        "worker.turn_timeout_seconds",
        Kind::Number(1, 300),
        "5",
        "A turn that takes longer is given up and tried again: a turn of rules takes milliseconds, and while it waits for a database that is away it holds a connection. At least 3 seconds shorter than `worker.lease_seconds`, so that a slow turn does not lose its lane.",
    ),
    key(
        "worker.lease_seconds",
        Kind::Number(4, 300),
        "15",
        "A replica that has not been heard of for so long loses its lanes.",
    ),
    key(
        "sender.concurrency",
        Kind::Number(1, 512),
        "128",
        "Messages sent at the same time over WhatsApp; over Telegram a quarter of that beside them.",
    ),
    key("sender.timeout_seconds", Kind::Number(1, 120), "15", "A platform that answers later has given no answer."),
    key(
        "sender.settle_after_seconds",
        Kind::Number(5, 3600),
        "60",
        "How long to wait for the delivery report that settles a send without an answer.",
    ),
    key(
        "retention.days",
        Kind::Number(31, 3650),
        "90",
        "Days that raw webhooks and settled events are kept. They are also the memory by which a repeated webhook is recognised.",
    ),
    key(
        "privacy.erasures_file",
        Kind::Text,
        "",
        "Where the list of erasures is kept beside the database, so that a restored backup is erased again; by default erasures.jsonl in the data directory with the embedded database, and nowhere with Postgres (`recado erasures export`).",
    ),
    key("http.connections", Kind::Number(16, 100_000), "4096", "Connections open at the same time; further ones wait."),
    key(
        "http.header_timeout_seconds",
        Kind::Number(1, 120),
        "10",
        "A request's head must have arrived by then; a connection that is idle for so long is closed, so a proxy in front should let go sooner.",
    ),
    key("http.drain_seconds", Kind::Number(0, 300), "25", "How long to finish what is under way when asked to stop."),
    key(
        "http.proxies",
        Kind::Number(0, 8),
        "0",
        "Proxies in front, each adding to `X-Forwarded-For`: failed sign-ins are counted for the address that the outermost saw. With 0 the header is not believed, and behind a proxy everybody has one address.",
    ),
    key(
        "admin.secure_cookies",
        Kind::Flag,
        "",
        "Send session cookies over HTTPS only. Default: the value of `production`.",
    ),
    key("admin.session_hours", Kind::Number(1, 720), "12", "A signed-in browser must sign in again after so long."),
];

/// The key of a path.
pub fn lookup(path: &str) -> Option<&'static Key> {
    KEYS.iter().find(|key| key.path == path)
}

/// The known key that looks most like `path`, if one is near enough to be meant.
pub fn nearest(path: &str) -> Option<&'static str> {
    let last = |key: &str| key.rsplit('.').next().map(str::to_owned).unwrap_or_default();
    let best = KEYS
        .iter()
        .map(|key| {
            // A right word in the wrong section is as near as a slip of two letters.
            let moved = if last(key.path) == last(path) { 2 } else { usize::MAX };
            (distance(key.path, path).min(moved), key.path)
        })
        .min()?;
    (best.0 <= 3.max(path.len() / 4)).then_some(best.1)
}

/// Levenshtein distance.
fn distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (i, letter) in left.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, other) in right.iter().enumerate() {
            let above = row[j + 1];
            row[j + 1] = (diagonal + usize::from(letter != *other)).min(above + 1).min(row[j] + 1);
            diagonal = above;
        }
    }
    row[right.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_belongs_to_a_described_section_and_stands_once() {
        for (index, key) in KEYS.iter().enumerate() {
            assert!(SECTIONS.iter().any(|(section, _)| *section == key.section()), "{}", key.path);
            assert!(!KEYS[..index].iter().any(|other| other.path == key.path), "{} twice", key.path);
            assert!(key.help.ends_with('.'), "{}", key.path);
        }
    }

    #[test]
    fn a_slip_of_the_pen_finds_its_key() {
        assert_eq!(nearest("whatsapp.app_secert"), Some("whatsapp.app_secret"));
        assert_eq!(nearest("databse_url"), Some("database_url"));
        assert_eq!(nearest("app_secret"), Some("whatsapp.app_secret"));
        assert_eq!(nearest("colour_of_the_sky"), None);
    }
}
