//! One question to a Redis, for a check-up.

use std::time::Duration;

use recado_domain::Secret;
use redis::AsyncConnectionConfig;

use super::link::Trouble;

/// Asks for the version. The error shows no address and no password.
///
/// # Errors
/// When it does not answer in time, refuses, or the address is none.
pub async fn probe(url: &Secret, patience: Duration) -> Result<String, String> {
    let asking = async {
        let client = redis::Client::open(url.expose())?;
        let config =
            AsyncConnectionConfig::new().set_connection_timeout(Some(patience)).set_response_timeout(Some(patience));
        let mut connection = client.get_multiplexed_async_connection_with_config(&config).await?;
        let info: String = redis::cmd("INFO").arg("server").query_async(&mut connection).await?;
        Ok::<_, Trouble>(info)
    };
    let info = match tokio::time::timeout(patience, asking).await {
        Ok(answer) => answer.map_err(|trouble| trouble.to_string())?,
        Err(_) => return Err(format!("no answer within {} s", patience.as_secs())),
    };
    let version = info.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        matches!(name, "redis_version" | "valkey_version").then(|| value.trim().to_owned())
    });
    Ok(version.unwrap_or_else(|| "unknown".to_owned()))
}
