//! The stand-in for a model, against what the API promises.

use recado_emulators::{Behaviour, Mind, OpenAiEmulator, OpenAiEmulatorConfig};
use serde_json::{Value, json};

use crate::prepare;

async fn emulator() -> OpenAiEmulator {
    prepare();
    OpenAiEmulator::start(OpenAiEmulatorConfig::default()).await.unwrap()
}

fn question(stream: bool) -> Value {
    json!({ "model": "emulated-1", "stream": stream, "messages": [
        { "role": "system", "content": "rules" }, { "role": "user", "content": "{\"messages\":[\"mi pedido 1042\"]}" }] })
}

fn post(emulator: &OpenAiEmulator, path: &str, body: &Value) -> reqwest::RequestBuilder {
    post_as("emulator-model-key", emulator, path, body)
}

fn post_as(key: &str, emulator: &OpenAiEmulator, path: &str, body: &Value) -> reqwest::RequestBuilder {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    client.post(format!("{}{path}", emulator.api_base())).bearer_auth(key).json(body)
}

#[tokio::test]
async fn an_answer_is_whole_or_in_pieces_and_both_say_the_same() {
    let emulator = emulator().await;
    let whole: Value =
        post(&emulator, "/chat/completions", &question(false)).send().await.unwrap().json().await.unwrap();
    let text = whole["choices"][0]["message"]["content"].as_str().unwrap();
    assert!(text.contains("track_order") && text.contains("1042"), "{text}");
    let stream = post(&emulator, "/chat/completions", &question(true)).send().await.unwrap().text().await.unwrap();
    let events: Vec<&str> = stream.split("\n\n").filter_map(|event| event.strip_prefix("data: ")).collect();
    assert_eq!(events.last(), Some(&"[DONE]"));
    let pieces = events.iter().filter_map(|event| serde_json::from_str::<Value>(event).ok());
    let joined: String =
        pieces.filter_map(|piece| piece["choices"][0]["delta"]["content"].as_str().map(str::to_owned)).collect();
    assert_eq!(joined, text);
    assert!(events[events.len() - 2].contains("\"usage\""));
}

#[tokio::test]
async fn keys_models_and_faults_are_those_of_the_api() {
    let emulator = emulator().await;
    let status =
        |request: reqwest::RequestBuilder| async { request.send().await.map(|answer| answer.status().as_u16()).ok() };
    assert_eq!(status(post_as("x", &emulator, "/chat/completions", &question(false))).await, Some(401));
    let mut other = question(false);
    other["model"] = "gpt-none".into();
    assert_eq!(status(post(&emulator, "/chat/completions", &other)).await, Some(404));
    for (behaviour, expected) in [
        (Behaviour::Throttle { code: 0, retry_after: Some(3) }, Some(429)),
        (Behaviour::Fail500, Some(500)),
        (Behaviour::Refuse { code: 503, description: None }, Some(503)),
        (Behaviour::Cut, None),
    ] {
        emulator.plan().next([behaviour.clone()]);
        assert_eq!(status(post(&emulator, "/chat/completions", &question(false))).await, expected, "{behaviour:?}");
    }
    emulator.plan().next([Behaviour::AcceptThenCut]);
    let cut = post(&emulator, "/chat/completions", &question(true)).send().await.unwrap();
    assert!(cut.text().await.is_err(), "it ends in the middle");
    assert!(!serde_json::to_string(&emulator.ledger().entries()).unwrap().contains("emulator-model-key"));
}

#[tokio::test]
async fn minds_are_chosen_over_the_control_surface() {
    let emulator = emulator().await;
    let behave = json!({ "model": { "mind": "says", "text": "hola" }, "pause_millis": 1 });
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let control = format!("http://{}/_behave", emulator.address());
    assert_eq!(client.post(&control).json(&behave).send().await.unwrap().status(), 200);
    let answer: Value =
        post(&emulator, "/chat/completions", &question(false)).send().await.unwrap().json().await.unwrap();
    assert_eq!(answer["choices"][0]["message"]["content"], "hola");
    emulator.set_mind(Mind::Garbled);
    let mut bodies = std::collections::HashSet::new();
    for _ in 0..40 {
        bodies
            .insert(post(&emulator, "/chat/completions", &question(false)).send().await.unwrap().text().await.unwrap());
    }
    assert!(bodies.len() > 20, "{} kinds of nonsense", bodies.len());
}

#[tokio::test]
async fn vectors_are_the_same_for_the_same_text() {
    let emulator = emulator().await;
    let body = json!({ "model": "emulated-1", "input": ["hola mundo", "hola mundo", "otra cosa"] });
    let answer: Value = post(&emulator, "/embeddings", &body).send().await.unwrap().json().await.unwrap();
    let vectors: Vec<&Value> = answer["data"].as_array().unwrap().iter().map(|one| &one["embedding"]).collect();
    assert!(vectors[0] == vectors[1] && vectors[0] != vectors[2]);
    emulator.set_mind(Mind::Garbled);
    let mut bodies = std::collections::HashSet::new();
    for _ in 0..12 {
        bodies.insert(post(&emulator, "/embeddings", &body).send().await.unwrap().text().await.unwrap());
    }
    assert_eq!(bodies.len(), 12, "kinds of nonsense");
}
