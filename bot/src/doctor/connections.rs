//! Checks that need a connection: the database, Redis, the platforms, the clock. Each is bounded in time; they run at
//! the same time, and none changes anything.

use std::sync::Arc;
use std::time::Duration;

use recado_domain::{Clock, Secret, SystemClock};
use recado_store::health::{self, Report};
use recado_store::{OpenError, Store};
use serde_json::Value;

use super::Finding;
use crate::config::{Config, Shopify, Telegram, WhatsApp};
use crate::serve::store_options;

/// Bound of one exchange with a platform.
const PATIENCE: Duration = Duration::from_secs(5);
/// A clock that is further off makes signatures' and tokens' times, and the order of events, doubtful.
const SKEW: Duration = Duration::from_secs(5);

/// All of them.
pub async fn connections(config: &Config, clock: &dyn Clock) -> Vec<Finding> {
    let (database, redis, platforms, models) =
        tokio::join!(database(config), redis(config.redis_url.as_ref()), platforms(config, clock), models(config));
    [database, redis, platforms, models].concat()
}

async fn database(config: &Config) -> Vec<Finding> {
    const CHECK: &str = "database";
    match health::inspect(&store_options(config)).await {
        Ok(report) => {
            let mut findings = database_findings(&report, config.production);
            // Tables of another version cannot be read, and the finding above says so.
            if report.exists && report.applied == report.known {
                findings.extend(erasures(config).await);
            }
            findings
        }
        Err(error) => {
            let remedy = match error {
                OpenError::Database(_) => {
                    "start the server, and check address, login and password in RECADO_DATABASE_URL"
                }
                _ => "check RECADO_DATABASE_URL",
            };
            vec![Finding::broken(CHECK, error.to_string(), remedy)]
        }
    }
}

fn database_findings(report: &Report, production: bool) -> Vec<Finding> {
    const CHECK: &str = "database";
    let mut findings = Vec::new();
    let version = format!("{} {}", report.kind, report.version);
    let in_use = if report.in_use { ", a desk is running on it" } else { "" };
    findings.push(match (report.exists, report.applied.cmp(&report.known)) {
        (false, _) => Finding::ok(CHECK, format!("{}: empty, the first start makes its tables", version.trim())),
        (true, std::cmp::Ordering::Equal) => Finding::ok(CHECK, format!("{version}, tables up to date{in_use}")),
        (true, std::cmp::Ordering::Less) => Finding::warning(
            CHECK,
            format!("{version}, tables at version {} of {}{in_use}", report.applied, report.known),
            "the next start of `recado serve` brings them up to date; back up first",
        ),
        (true, std::cmp::Ordering::Greater) => Finding::broken(
            CHECK,
            format!("{version}, tables at version {}, this program knows {}", report.applied, report.known),
            "use a program that is at least as new as the tables",
        ),
    });
    for (setting, value, safe) in &report.durability {
        if !safe {
            let finding = format!("{setting} is {value}: an acknowledged message could be lost");
            let remedy = if report.kind == "postgres" {
                format!("set {setting} = on in postgresql.conf, or for this database and login")
            } else {
                "give it a file: RECADO_DATABASE_URL=sqlite://data/recado.db".to_owned()
            };
            let make = if production { Finding::broken } else { Finding::warning };
            findings.push(make("durability", finding, &remedy));
        }
    }
    if !report.durability.is_empty() && report.durability.iter().all(|(.., safe)| *safe) {
        let settings: Vec<String> =
            report.durability.iter().map(|(setting, value, _)| format!("{setting} = {value}")).collect();
        findings.push(Finding::ok("durability", settings.join(", ")));
    }
    for (role, refusal) in &report.roles {
        findings.push(match refusal {
            None => Finding::ok("role", format!("{role} is usable")),
            Some(problem) => Finding::broken(
                "role",
                format!("{role}: {problem}"),
                &format!("as the owner of the tables: GRANT {role} TO the login of RECADO_DATABASE_URL"),
            ),
        });
    }
    if report.kind == "postgres" && report.exists {
        findings.push(if report.above_policies {
            let remedy = "ALTER ROLE recado_app NOSUPERUSER NOBYPASSRLS";
            Finding::broken("row-level security", "recado_app gets around it", remedy)
        } else if report.unforced.is_empty() {
            Finding::ok("row-level security", "forced on every table of a shop")
        } else {
            let remedy = "ALTER TABLE … ENABLE ROW LEVEL SECURITY; ALTER TABLE … FORCE ROW LEVEL SECURITY";
            Finding::broken("row-level security", format!("not forced on {}", report.unforced.join(", ")), remedy)
        });
    }
    findings
}

/// Whether the database holds again what was erased, as after a restore.
async fn erasures(config: &Config) -> Option<Finding> {
    const CHECK: &str = "erasures";
    let Some(path) = &config.erasures_file else {
        let remedy = "set privacy.erasures_file, or run `recado erasures export FILE` with each backup";
        return Some(Finding::warning(CHECK, "no list of them is kept beside the database", remedy));
    };
    let compared = async {
        let list = crate::erasures::read_if_any(path).map_err(|error| error.to_string())?;
        let opened = Store::open_read_only(&store_options(config), Arc::new(SystemClock)).await;
        let store = opened.map_err(|error| error.to_string())?;
        let compared = store.compare_erasures(&list).await.map_err(|error| error.to_string());
        store.close().await;
        compared
    };
    let finding = match compared.await {
        Err(problem) => Finding::warning(CHECK, problem, "make the list readable, or set privacy.erasures_file"),
        Ok(found) if found.again > 0 => Finding::broken(
            CHECK,
            format!("the database is older than its list: {} people or shops are in it again", found.again),
            "start `recado serve`, which erases them again, or run `recado erasures apply FILE` first",
        ),
        Ok(found) if found.foreign > 0 => Finding::warning(
            CHECK,
            format!("{} of {} entries are of another database", found.foreign, path.display()),
            "name the right file with privacy.erasures_file",
        ),
        Ok(found) => Finding::ok(CHECK, format!("{} on the list, none is in the database again", found.known)),
    };
    Some(finding)
}

async fn redis(url: Option<&Secret>) -> Vec<Finding> {
    const CHECK: &str = "redis";
    let Some(url) = url else { return Vec::new() };
    vec![match recado_store::volatile::probe(url, PATIENCE).await {
        Ok(version) => Finding::ok(CHECK, format!("answers, version {version}")),
        Err(problem) => Finding::broken(
            CHECK,
            problem,
            "start it, and check RECADO_REDIS_URL; without it sessions are forgotten when a replica ends",
        ),
    }]
}

async fn platforms(config: &Config, clock: &dyn Clock) -> Vec<Finding> {
    if config.whatsapp.is_none() && config.shopify.is_none() && config.telegram.is_none() {
        return Vec::new();
    }
    let client = match reqwest::Client::builder().timeout(PATIENCE).redirect(reqwest::redirect::Policy::none()).build()
    {
        Ok(client) => client,
        Err(error) => return vec![Finding::broken("platforms", error.to_string(), "")],
    };
    let ask = Ask { client, clock };
    let (whatsapp, shopify, telegram) = tokio::join!(
        async { option(config.whatsapp.as_ref().map(|section| ask.whatsapp(section))).await },
        async { option(config.shopify.as_ref().map(|section| ask.shopify(section))).await },
        async {
            option(config.telegram.as_ref().map(|section| ask.telegram(section, config.public_url.as_deref()))).await
        },
    );
    let mut findings = Vec::new();
    // One clock check is enough; the first platform that told its time decides.
    let mut clocks = Vec::new();
    for (found, skew) in [whatsapp, shopify, telegram].into_iter().flatten() {
        findings.extend(found);
        clocks.extend(skew);
    }
    findings.extend(clocks.into_iter().next());
    findings
}

/// Whether each model provider answers, takes the key and knows the model. Asks nothing that costs.
async fn models(config: &Config) -> Vec<Finding> {
    const CHECK: &str = "language model";
    let Some(settings) = &config.llm else { return Vec::new() };
    let builder = reqwest::Client::builder().timeout(PATIENCE).redirect(reqwest::redirect::Policy::none());
    let client = match builder.build() {
        Ok(client) => client,
        Err(error) => return vec![Finding::broken(CHECK, error.to_string(), "")],
    };
    let vectors = settings.embedding.iter().map(|embedding| &embedding.provider);
    let asking = settings.providers.iter().chain(vectors).map(|provider| {
        let client = client.clone();
        async move {
            let name = &provider.name;
            let mut request = client.get(format!("{}/models", provider.base_url));
            if !provider.api_key.is_empty() {
                request = request.bearer_auth(provider.api_key.expose());
            }
            // Without a model everything works: none of this is more than a warning.
            let response = match request.send().await {
                Ok(response) => response,
                Err(error) => {
                    let remedy = "start it, or check its base_url; until then messages are read by rules alone";
                    return Finding::warning(CHECK, format!("{name}: {}", told(error)), remedy);
                }
            };
            let status = response.status().as_u16();
            let body: Value = response.json().await.unwrap_or(Value::Null);
            let known =
                body["data"].as_array().into_iter().flatten().any(|model| model["id"] == provider.model.as_str());
            match status {
                200 if known => Finding::ok(CHECK, format!("{name} has the model {}", provider.model)),
                200 => Finding::warning(
                    CHECK,
                    format!("{name} answers, but does not list the model {}", provider.model),
                    "check its name; some servers serve their one model under any name",
                ),
                401 | 403 => Finding::warning(CHECK, format!("{name} refuses the key"), "check its api_key"),
                404 => Finding::warning(CHECK, format!("{name} has no /models"), "its base_url must end with /v1"),
                _ => Finding::warning(CHECK, format!("{name} answers with status {status}"), "ask again later"),
            }
        }
    });
    futures::future::join_all(asking).await
}

async fn option<T>(asking: Option<impl Future<Output = T>>) -> Option<T> {
    match asking {
        Some(asking) => Some(asking.await),
        None => None,
    }
}

type Found = (Vec<Finding>, Option<Finding>);

struct Ask<'a> {
    client: reqwest::Client,
    clock: &'a dyn Clock,
}

struct Answer {
    status: u16,
    body: Value,
    skew: Option<Finding>,
}

impl Ask<'_> {
    /// One question. The error never holds the address, which may hold a token.
    async fn question(&self, request: reqwest::RequestBuilder) -> Result<Answer, String> {
        let response = request.send().await.map_err(told)?;
        let skew = response.headers().get(http::header::DATE).and_then(|date| skew(date.to_str().ok()?, self.clock));
        let status = response.status().as_u16();
        let body = response.json().await.unwrap_or(Value::Null);
        Ok(Answer { status, body, skew })
    }

    async fn whatsapp(&self, section: &WhatsApp) -> Found {
        const CHECK: &str = "whatsapp";
        let address = format!("{}/{}", section.api_base, section.phone_number_id);
        let request = self.client.get(address).bearer_auth(section.access_token.expose());
        match self.question(request).await {
            Err(problem) => (vec![unreachable(CHECK, &problem, "RECADO_WHATSAPP__API_BASE")], None),
            Ok(answer) => {
                let finding = match answer.status {
                    200 => {
                        let number = answer.body["display_phone_number"].as_str().unwrap_or(&section.phone_number_id);
                        let quality = answer.body["quality_rating"].as_str();
                        let quality = quality.map(|rating| format!(", quality {rating}")).unwrap_or_default();
                        Finding::ok(CHECK, format!("the number {number} answers{quality}"))
                    }
                    401 | 403 => Finding::broken(
                        CHECK,
                        refusal(&answer),
                        "make a token with whatsapp_business_messaging for this number: RECADO_WHATSAPP__ACCESS_TOKEN",
                    ),
                    400 | 404 => Finding::broken(
                        CHECK,
                        refusal(&answer),
                        "check RECADO_WHATSAPP__PHONE_NUMBER_ID (the id, not the number) and RECADO_WHATSAPP__ACCESS_TOKEN",
                    ),
                    _ => Finding::warning(CHECK, refusal(&answer), "the platform has a problem; ask again later"),
                };
                (vec![finding], answer.skew)
            }
        }
    }

    async fn telegram(&self, section: &Telegram, public: Option<&str>) -> Found {
        const CHECK: &str = "telegram";
        let method = |name: &str| format!("{}/bot{}/{name}", section.api_base, section.bot_token.expose());
        let me = match self.question(self.client.get(method("getMe"))).await {
            Err(problem) => return (vec![unreachable(CHECK, &problem, "RECADO_TELEGRAM__API_BASE")], None),
            Ok(answer) => answer,
        };
        if me.status != 200 || me.body["ok"] != Value::Bool(true) {
            let remedy = "take the token from @BotFather: RECADO_TELEGRAM__BOT_TOKEN";
            return (vec![Finding::broken(CHECK, refusal(&me), remedy)], me.skew);
        }
        let name = me.body["result"]["username"].as_str().unwrap_or("?");
        let mut findings = vec![Finding::ok(CHECK, format!("the bot @{name} answers"))];
        let set_webhook = format!(
            "call setWebhook with url=<public_url>/webhooks/telegram/{} and secret_token=RECADO_TELEGRAM__SECRET_TOKEN",
            section.bot
        );
        findings.push(match self.question(self.client.get(method("getWebhookInfo"))).await {
            Ok(info) if info.status == 200 => webhook(&info.body["result"], section, public, &set_webhook),
            Ok(info) => Finding::warning("telegram webhook", refusal(&info), &set_webhook),
            Err(problem) => unreachable("telegram webhook", &problem, "RECADO_TELEGRAM__API_BASE"),
        });
        (findings, me.skew)
    }

    async fn shopify(&self, section: &Shopify) -> Found {
        const CHECK: &str = "shopify";
        // No token is configured: the shop's public face tells whether the domain is right and reachable.
        let request = self.client.get(format!("{}/admin/api/shop.json", section.api_base));
        match self.question(request).await {
            Err(problem) => (vec![unreachable(CHECK, &problem, "RECADO_SHOPIFY__API_BASE")], None),
            Ok(answer) => {
                let finding = match answer.status {
                    404 if answer.body == Value::Null => Finding::warning(
                        CHECK,
                        format!("{}: no such shop, or it hides", section.shop),
                        "check RECADO_SHOPIFY__SHOP: the permanent *.myshopify.com domain",
                    ),
                    500.. => Finding::warning(CHECK, refusal(&answer), "the platform has a problem; ask again later"),
                    _ => Finding::ok(CHECK, format!("{} is reachable", section.shop)),
                };
                (vec![finding], answer.skew)
            }
        }
    }
}

/// What Telegram says of the webhook.
fn webhook(info: &Value, section: &Telegram, public: Option<&str>, set_webhook: &str) -> Finding {
    const CHECK: &str = "telegram webhook";
    let url = info["url"].as_str().unwrap_or_default();
    let path = format!("/webhooks/telegram/{}", section.bot);
    let right = match public {
        Some(public) => url == format!("{public}{path}"),
        None => url.ends_with(&path),
    };
    if url.is_empty() {
        return Finding::broken(CHECK, "not set: commands of staff do not arrive", set_webhook);
    }
    if !right {
        return Finding::broken(CHECK, format!("set to another address: {}", without_query(url)), set_webhook);
    }
    let pending = info["pending_update_count"].as_i64().unwrap_or_default();
    match info["last_error_message"].as_str() {
        Some(problem) if pending > 0 => Finding::warning(
            CHECK,
            format!("{pending} updates wait; the last delivery failed: {problem}"),
            "see that the address is reachable from outside and that the secret token is the same on both sides",
        ),
        _ => Finding::ok(CHECK, format!("set, {pending} updates wait")),
    }
}

fn without_query(url: &str) -> &str {
    url.split(['?', '#']).next().unwrap_or_default()
}

fn unreachable(check: &str, problem: &str, variable: &str) -> Finding {
    let remedy = format!("check {variable}, and that this machine may reach it (DNS, firewall, proxy)");
    Finding::broken(check, format!("no answer: {problem}"), &remedy)
}

fn refusal(answer: &Answer) -> String {
    let words = [&answer.body["error"]["message"], &answer.body["description"], &answer.body["errors"]];
    let words = words.iter().find_map(|words| words.as_str()).unwrap_or_default();
    let words: String = words.chars().filter(|letter| !letter.is_control()).take(200).collect();
    format!("answered {}{}{words}", answer.status, if words.is_empty() { "" } else { ": " })
}

/// An error without its address.
fn told(error: reqwest::Error) -> String {
    if error.is_timeout() {
        return format!("not within {} s", PATIENCE.as_secs());
    }
    let error = error.without_url();
    let mut text = error.to_string();
    let mut cause: &dyn std::error::Error = &error;
    while let Some(next) = cause.source() {
        text = next.to_string();
        cause = next;
    }
    text
}

/// How far our clock is from a `Date` header, which counts whole seconds.
fn skew(date: &str, clock: &dyn Clock) -> Option<Finding> {
    const CHECK: &str = "clock";
    let theirs = jiff::fmt::rfc2822::parse(date).ok()?.timestamp().as_second();
    let ours = clock.now().as_micros().div_euclid(1_000_000);
    let apart = ours.abs_diff(theirs);
    Some(if apart <= SKEW.as_secs() {
        Finding::ok(CHECK, "agrees with the platforms")
    } else {
        Finding::warning(
            CHECK,
            format!("{apart} s {} the platforms", if ours > theirs { "ahead of" } else { "behind" }),
            "let this machine follow a time server (timedatectl set-ntp true)",
        )
    })
}

#[cfg(test)]
mod tests;
