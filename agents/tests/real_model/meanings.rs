//! The shop's own answers found by what a real model says that questions mean. The model is multilingual-e5-small in four
//! bits; its server's address is in `RECADO_TEST_VECTORS`.

use std::sync::Arc;

use recado_agents::Gateway;
use recado_agents::model::gateway::Charge;
use recado_agents::model::ledger::InMemoryLedger;
use recado_agents::model::settings::{Embedding, Provider, Settings, Structure};
use recado_domain::knowledge::fuse::{fuse, nearest};
use recado_domain::knowledge::import::{Format, read};
use recado_domain::knowledge::meaning::{Meaning, text_of};
use recado_domain::knowledge::{ANSWERS, Entry, Hit, SURELY, rank};
use recado_domain::spend::Spend;
use recado_domain::{KnowledgeId, Language, Secret, Timestamp};

use super::{PATIENT, prepare};

const FEW: &str = "## Despachamos a todo el país\nCon Servientrega y Coordinadora, de la sierra al mar.\n\n\
    ## Medios de pago\nTarjeta, PSE y Nequi.\n\n## Horario de la tienda\nLunes a viernes de 9 a 6.\n\n\
    ## Garantía\nUn año por defectos de fábrica.\n";

const SETS: [(&str, &str); 3] = [
    ("together", include_str!("../../../store/tests/it/knowledge/questions.tsv")),
    ("afterwards", include_str!("../../../store/tests/it/knowledge/held_out.tsv")),
    ("other words", include_str!("../../../store/tests/it/knowledge/other_words.tsv")),
];

fn now() -> Timestamp {
    Timestamp::from_seconds(1_795_000_000)
}

fn answers(language: Language) -> &'static str {
    match language {
        Language::Es => include_str!("../../../bot/src/demo/answers.md"),
        Language::Pt => include_str!("../../../store/tests/it/knowledge/answers.pt.md"),
        Language::En => include_str!("../../../store/tests/it/knowledge/answers.en.md"),
    }
}

async fn gateway() -> Arc<Gateway> {
    prepare();
    let address = std::env::var("RECADO_TEST_VECTORS").expect("RECADO_TEST_VECTORS is the server's address, with /v1");
    let provider = Provider {
        name: "embedding".into(),
        base_url: address,
        api_key: Secret::new(""),
        model: "multilingual-e5-small".into(),
        input_price: 0,
        output_price: 0,
        concurrency: 2,
        timeout: PATIENT,
        structure: Structure::Text,
        stream: false,
    };
    let mut settings = Settings::new(Vec::new());
    settings.embedding = Some(Embedding { provider, within: PATIENT });
    settings.budgets.merchant = Spend::UNLIMITED;
    settings.budgets.house = Spend::UNLIMITED;
    let gateway = Arc::new(Gateway::new(settings, Arc::new(InMemoryLedger::default())).unwrap());
    gateway.background(now(), &gateway.task_purse()).await.unwrap();
    gateway
}

async fn meanings(gateway: &Gateway, texts: &[String]) -> Vec<Meaning> {
    let mut all = Vec::new();
    for texts in texts.chunks(8) {
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let purse = gateway.task_purse();
        let charge = Charge { merchant: None, conversation: None, now: now(), purse: &purse };
        all.extend(gateway.meanings_in_time(&texts, &charge).await.unwrap());
    }
    all
}

/// A shop's answers with what they mean.
struct Shop {
    entries: Vec<Entry>,
    meanings: Vec<Meaning>,
}

impl Shop {
    async fn of(gateway: &Gateway, answers: &str, language: Language) -> Self {
        let keep = |content: recado_domain::knowledge::NewEntry| Entry {
            id: KnowledgeId::derived(&[&content.title]),
            content,
            updated_at: now(),
            archived: false,
        };
        let entries: Vec<Entry> =
            read(answers, Format::Markdown, language, "faq.md").unwrap().into_iter().map(keep).collect();
        let texts: Vec<String> = entries.iter().map(|entry| text_of(&entry.content)).collect();
        Self { meanings: meanings(gateway, &texts).await, entries }
    }

    fn by_words(&self, question: &str, language: Language) -> Vec<Hit> {
        rank::rank(question, language, &self.entries, self.entries.len())
    }

    /// What is said, as the desk decides it.
    fn said(&self, question: &str, language: Language, meaning: Option<&Meaning>) -> Option<String> {
        let words = self.by_words(question, language);
        let sure = words.first().is_some_and(|hit| hit.score >= SURELY);
        let hits = match meaning.filter(|_| !sure) {
            Some(meaning) => fuse(question, words, &nearest(meaning, self.entries.iter().zip(&self.meanings))),
            None => words,
        };
        hits.into_iter().next().filter(|hit| hit.score >= ANSWERS).map(|hit| hit.title)
    }
}

#[tokio::test]
async fn shipping_to_the_coast_is_found_in_three_languages_and_unrelated_questions_find_nothing() {
    let gateway = gateway().await;
    let shop = Shop::of(&gateway, FEW, Language::Es).await;
    let found = [
        ("¿hacen envíos a la costa?", Language::Es),
        ("vocês entregam no litoral?", Language::Pt),
        ("do you ship to the coast?", Language::En),
    ];
    for (question, language) in found {
        let meaning = meanings(&gateway, &[question.to_owned()]).await.remove(0);
        assert_eq!(shop.said(question, language, None), None, "the control: words miss {question}");
        let said = shop.said(question, language, Some(&meaning));
        assert_eq!(said.as_deref(), Some("Despachamos a todo el país"), "{question}");
    }
    let nothing = [
        ("mi gato no quiere comer", Language::Es),
        ("quero adotar um cachorro", Language::Pt),
        ("who won the world cup?", Language::En),
        ("tell me a joke", Language::En),
    ];
    for (question, language) in nothing {
        let meaning = meanings(&gateway, &[question.to_owned()]).await.remove(0);
        assert_eq!(shop.said(question, language, Some(&meaning)), None, "{question}");
    }
}

#[derive(Default)]
struct Score {
    asked: u32,
    right: u32,
    wrong: u32,
    nothing_to_say: u32,
    false_ones: u32,
}

impl Score {
    fn count(&mut self, expected: Option<&str>, said: Option<&str>) {
        match expected {
            Some(title) => {
                self.asked += 1;
                self.right += u32::from(said == Some(title));
                self.wrong += u32::from(said.is_some_and(|said| said != title));
            }
            None => {
                self.nothing_to_say += 1;
                self.false_ones += u32::from(said.is_some());
            }
        }
    }
}

impl std::fmt::Display for Score {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { asked, right, wrong, nothing_to_say, false_ones } = self;
        write!(f, "right {right} of {asked}, another answer {wrong}, false {false_ones} of {nothing_to_say}")
    }
}

#[tokio::test]
async fn more_questions_find_their_answer_by_words_and_meaning_than_by_words() {
    let gateway = gateway().await;
    let pairs = Language::ALL.map(|language| (language, language)).into_iter();
    let pairs: Vec<_> = pairs.chain([(Language::Pt, Language::Es), (Language::En, Language::Es)]).collect();
    for (name, questions) in SETS {
        let (mut words, mut both) = (Score::default(), Score::default());
        for (asked_in, written_in) in &pairs {
            let shop = Shop::of(&gateway, answers(*written_in), *written_in).await;
            let lines: Vec<Vec<&str>> = questions.lines().map(|line| line.split('\t').collect()).collect();
            let lines: Vec<Vec<&str>> = lines.into_iter().filter(|line| line[0] == asked_in.code()).collect();
            let texts: Vec<String> = lines.iter().map(|line| line[2].to_owned()).collect();
            for (line, meaning) in lines.iter().zip(meanings(&gateway, &texts).await) {
                let number = line[1].parse::<usize>().ok();
                let expected = number.map(|number| shop.entries[number - 1].content.title.as_str());
                words.count(expected, shop.said(line[2], *asked_in, None).as_deref());
                both.count(expected, shop.said(line[2], *asked_in, Some(&meaning)).as_deref());
            }
        }
        println!("{name}: words: {words}; words and meaning: {both}");
        assert!(both.right >= words.right && both.wrong <= words.wrong + 5, "{name}");
        assert!(both.false_ones * 5 <= both.nothing_to_say, "{name}: too many answers to nothing");
    }
}
