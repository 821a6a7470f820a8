//! What an answer of the Admin API means (CONTRACTS B4: HTTP 200 with `errors` is normal).

use std::time::Duration;

use recado_domain::action::Called;
use serde_json::Value;

/// An answer that is no answer to the question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Trouble {
    /// Not taken; may be asked again.
    Later(String, Option<Duration>),
    /// The token is no longer good.
    Token,
    /// Refused for good.
    Refused(String),
    /// Nobody can tell.
    Unclear(String),
}

impl From<Trouble> for Called {
    fn from(trouble: Trouble) -> Self {
        match trouble {
            Trouble::Later(reason, after) => Self::NotTaken { reason, after },
            Trouble::Token => Self::NotTaken { reason: "the access token was refused".to_owned(), after: None },
            Trouble::Refused(reason) => Self::Refused { reason },
            Trouble::Unclear(reason) => Self::Unclear { reason },
        }
    }
}

/// The `data` of an answer, or the trouble it tells of.
pub(super) fn data(status: u16, retry_after: Option<Duration>, body: &[u8]) -> Result<Value, Trouble> {
    match status {
        200..=299 => {}
        401 => return Err(Trouble::Token),
        402 => return Err(Trouble::Refused("the shop is frozen".to_owned())),
        429 | 430 => return Err(Trouble::Later("too many calls".to_owned(), retry_after)),
        423 => return Err(Trouble::Refused("the shop is locked".to_owned())),
        400..=499 => return Err(Trouble::Refused(format!("the shop answered {status}"))),
        _ => return Err(Trouble::Unclear(format!("the shop answered {status}"))),
    }
    let Ok(mut answer) = serde_json::from_slice::<Value>(body) else {
        return Err(Trouble::Unclear("the answer cannot be read".to_owned()));
    };
    let errors = answer["errors"].as_array().cloned().unwrap_or_default();
    if let Some(error) = errors.first() {
        let message = error["message"].as_str().unwrap_or("no message").to_owned();
        return Err(match error["extensions"]["code"].as_str().unwrap_or_default() {
            "THROTTLED" => Trouble::Later("the shop asks to slow down".to_owned(), Some(Duration::from_secs(2))),
            "INTERNAL_SERVER_ERROR" => Trouble::Unclear(message),
            _ => Trouble::Refused(message),
        });
    }
    match answer["data"].take() {
        Value::Null => Err(Trouble::Unclear("the answer holds no data".to_owned())),
        data => Ok(data),
    }
}

/// What a mutation came to: its own errors are a refusal.
pub(super) fn mutation(data: &Value, name: &str) -> Called {
    let result = &data[name];
    if result.is_null() {
        return Called::Unclear { reason: "the answer holds no result".to_owned() };
    }
    let lists = ["orderCancelUserErrors", "userErrors"];
    let errors = lists.iter().filter_map(|list| result[list].as_array()).flatten();
    let messages: Vec<&str> = errors.filter_map(|error| error["message"].as_str()).collect();
    if messages.is_empty() { Called::Taken } else { Called::Refused { reason: messages.join("; ") } }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(status: u16, body: &Value) -> Result<Value, Trouble> {
        data(status, None, body.to_string().as_bytes())
    }

    #[test]
    fn each_answer_means_one_thing() {
        assert_eq!(read(200, &json!({"data": {"order": null}})), Ok(json!({"order": null})));
        assert_eq!(read(401, &json!({"errors": "Invalid API key"})), Err(Trouble::Token));
        let throttled = json!({"errors": [{"message": "Throttled", "extensions": {"code": "THROTTLED"}}]});
        assert!(matches!(read(200, &throttled), Err(Trouble::Later(_, Some(_)))));
        let denied = json!({"errors": [{"message": "Access denied", "extensions": {"code": "ACCESS_DENIED"}}]});
        assert_eq!(read(200, &denied), Err(Trouble::Refused("Access denied".into())));
        let broken = json!({"errors": [{"message": "x", "extensions": {"code": "INTERNAL_SERVER_ERROR"}}]});
        assert!(matches!(read(200, &broken), Err(Trouble::Unclear(_))));
        assert!(matches!(read(502, &json!({})), Err(Trouble::Unclear(_))));
        assert!(matches!(data(200, None, b"<html>"), Err(Trouble::Unclear(_))));
        assert!(matches!(read(200, &json!({})), Err(Trouble::Unclear(_))));
        assert!(matches!(read(404, &json!({"errors": "Not Found"})), Err(Trouble::Refused(_))));
    }

    #[test]
    fn the_errors_of_a_mutation_are_a_refusal() {
        let taken = json!({"orderCancel": {"job": {"id": "gid://shopify/Job/1"}, "orderCancelUserErrors": []}});
        assert_eq!(mutation(&taken, "orderCancel"), Called::Taken);
        let refused = json!({"orderCancel": {"job": null, "orderCancelUserErrors": [{"message": "Cannot cancel"}]}});
        assert_eq!(mutation(&refused, "orderCancel"), Called::Refused { reason: "Cannot cancel".into() });
        assert!(matches!(mutation(&json!({}), "orderCancel"), Called::Unclear { .. }));
    }
}
