//! The shop's own answers, and the questions of customers that have none yet.

use axum::extract::{Extension, Form, Path, Query, State};
use axum::response::{Html, IntoResponse as _, Redirect, Response};
use http::StatusCode;
use recado_domain::knowledge::{Entry, LONGEST_BODY, LONGEST_TITLE, LONGEST_URL, NewEntry, NotKept};
use recado_domain::{KnowledgeId, Language, MerchantId, UnansweredId};
use recado_store::knowledge::KeepError;
use serde::{Deserialize, Serialize};

use super::id;
use crate::Shared;
use crate::context::{Page, Problem, Visitor};
use crate::error::PageError;
use crate::format::Shown;

/// Rows of each list.
const SHOWN: u32 = 500;
/// Open questions that are shown.
const QUESTIONS: u32 = 30;

#[derive(Serialize)]
struct Row {
    id: String,
    merchant: String,
    shop: String,
    language: &'static str,
    title: String,
    body: String,
    url: Option<String>,
    source: String,
    archived: bool,
    at: Shown,
}

#[derive(Serialize)]
struct Question {
    id: String,
    merchant: String,
    shop: String,
    conversation: String,
    question: String,
    language: &'static str,
    times: i64,
    at: Shown,
}

#[derive(Serialize)]
struct Shop {
    id: String,
    name: String,
}

/// What the form holds.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub(crate) struct Draft {
    merchant: String,
    /// Of the answer that is changed; empty for a new one.
    #[serde(default)]
    id: String,
    /// The question of customers that it answers, if it does.
    #[serde(default)]
    to: String,
    language: String,
    title: String,
    body: String,
    #[serde(default)]
    url: String,
}

/// Which answers, and what the form begins with.
#[derive(Default, Deserialize)]
pub(crate) struct Show {
    #[serde(default)]
    show: String,
    #[serde(default)]
    q: String,
    #[serde(default)]
    merchant: String,
    #[serde(default)]
    edit: String,
    #[serde(default)]
    to: String,
}

fn own(visitor: &Visitor, text: &str) -> Result<MerchantId, PageError> {
    let merchant: MerchantId = id(text)?;
    visitor.sees(Some(merchant)).then_some(merchant).ok_or(PageError::NotFound)
}

/// What the form begins with: an answer to be changed, a question to be answered, or nothing.
async fn draft(desk: &Shared, visitor: &Visitor, show: &Show) -> Result<Draft, PageError> {
    let store = &desk.state.store;
    if !show.edit.is_empty() {
        let merchant = own(visitor, &show.merchant)?;
        let entry = store.merchant(merchant).knowledge_entry(id(&show.edit)?).await?.ok_or(PageError::NotFound)?;
        return Ok(Draft {
            merchant: merchant.to_string(),
            id: entry.id.to_string(),
            to: String::new(),
            language: entry.content.language.to_string(),
            title: entry.content.title,
            body: entry.content.body,
            url: entry.content.url.unwrap_or_default(),
        });
    }
    if !show.to.is_empty() {
        let merchant = own(visitor, &show.merchant)?;
        let found = store.merchant(merchant).unanswered_question(id(&show.to)?).await?.ok_or(PageError::NotFound)?;
        return Ok(Draft {
            merchant: merchant.to_string(),
            to: found.id.to_string(),
            language: found.language.to_string(),
            title: found.question,
            ..Draft::default()
        });
    }
    Ok(Draft::default())
}

/// `GET /admin/answers`.
pub(crate) async fn page(
    State(desk): State<Shared>,
    Extension(visitor): Extension<Visitor>,
    Query(show): Query<Show>,
) -> Result<Html<String>, PageError> {
    let draft = draft(&desk, &visitor, &show).await?;
    render(&desk, &visitor, &show, draft, &[]).await
}

async fn render(
    desk: &Shared,
    visitor: &Visitor,
    show: &Show,
    mut draft: Draft,
    problems: &[Problem],
) -> Result<Html<String>, PageError> {
    let mut page = Page::new(desk, visitor, "answers").await?;
    let archived = show.show == "archived";
    let wanted = show.q.trim().to_lowercase();
    let shops: Vec<_> = page.known.merchants().filter(|shop| visitor.sees(Some(shop.id))).cloned().collect();
    let (mut rows, mut questions) = (Vec::new(), Vec::new());
    for shop in &shops {
        let facts = desk.state.store.merchant(shop.id);
        let fits = |entry: &Entry| {
            entry.archived == archived
                && (wanted.is_empty()
                    || format!("{} {}", entry.content.title, entry.content.body).to_lowercase().contains(&wanted))
        };
        let name = if shops.len() > 1 { shop.name.clone() } else { String::new() };
        rows.extend(facts.knowledge(archived, SHOWN).await?.into_iter().filter(fits).map(|entry| Row {
            id: entry.id.to_string(),
            merchant: shop.id.to_string(),
            shop: name.clone(),
            language: entry.content.language.code(),
            title: entry.content.title,
            body: entry.content.body,
            url: entry.content.url,
            source: entry.content.source,
            archived: entry.archived,
            at: page.clock.shown(entry.updated_at),
        }));
        questions.extend(facts.unanswered(QUESTIONS).await?.into_iter().map(|one| Question {
            id: one.id.to_string(),
            merchant: shop.id.to_string(),
            shop: name.clone(),
            conversation: one.conversation.to_string(),
            question: one.question,
            language: one.language.code(),
            times: one.times,
            at: page.clock.shown(one.last_at),
        }));
    }
    questions.sort_by_key(|one| std::cmp::Reverse(one.times));
    questions.truncate(QUESTIONS as usize);
    if draft.language.is_empty() {
        shops.first().map_or(Language::Es, |shop| shop.language).code().clone_into(&mut draft.language);
    }
    let open = !problems.is_empty() || !draft.id.is_empty() || !draft.to.is_empty();
    let shops: Vec<Shop> = shops.iter().map(|shop| Shop { id: shop.id.to_string(), name: shop.name.clone() }).collect();
    page.context.insert("answers", &rows);
    page.context.insert("questions", &questions);
    page.context.insert("one_shop", &(shops.len() == 1 || !draft.merchant.is_empty()));
    page.context.insert("shops", &shops);
    page.context.insert("draft", &draft);
    page.context.insert("open", &open);
    page.context.insert("show", if archived { "archived" } else { "used" });
    page.context.insert("q", show.q.trim());
    page.context.insert("problems", problems);
    page.context.insert("most", &(LONGEST_TITLE, LONGEST_BODY, LONGEST_URL));
    page.render("answers.html")
}

fn problem(error: &KeepError) -> Option<Problem> {
    let (field, key) = match error {
        KeepError::Unfit(NotKept::Title | NotKept::NoWords) => ("title", "answers.bad_title"),
        KeepError::Unfit(NotKept::Body) => ("body", "answers.bad_body"),
        KeepError::Unfit(NotKept::Url) => ("url", "answers.bad_url"),
        KeepError::Unfit(NotKept::Letters) => ("body", "answers.bad_letters"),
        KeepError::Twice(_) => ("title", "answers.twice"),
        KeepError::Full => ("title", "answers.full"),
        KeepError::Store(_) => return None,
    };
    Some(Problem { field, key })
}

/// `POST /admin/answers`: keeps a new answer, or a changed one.
pub(crate) async fn keep(
    State(desk): State<Shared>,
    Extension(visitor): Extension<Visitor>,
    Form(draft): Form<Draft>,
) -> Result<Response, PageError> {
    visitor.may_handle()?;
    let merchant = own(&visitor, &draft.merchant)?;
    let facts = desk.state.store.merchant(merchant);
    let language = Language::ALL.into_iter().find(|known| known.code() == draft.language);
    let by = visitor.user.name.as_str();
    let mut entry = NewEntry {
        language: language.ok_or(PageError::BadRequest)?,
        title: draft.title.clone(),
        body: draft.body.clone(),
        source: by.to_owned(),
        url: Some(draft.url.clone()),
    };
    let kept = if draft.id.is_empty() {
        let to = if draft.to.is_empty() { None } else { Some(id::<UnansweredId>(&draft.to)?) };
        facts.add_knowledge(entry, to, by).await.map(|_| "kept")
    } else {
        let id: KnowledgeId = id(&draft.id)?;
        // Where it came from stays where it came from.
        entry.source = facts.knowledge_entry(id).await?.ok_or(PageError::NotFound)?.content.source;
        facts.edit_knowledge(id, entry, by).await.map(|()| "kept")
    };
    match kept {
        Ok(done) => Ok(Redirect::to(&format!("/admin/answers?done={done}")).into_response()),
        Err(KeepError::Store(error)) => Err(error.into()),
        Err(error) => {
            let problems: Vec<Problem> = problem(&error).into_iter().collect();
            let page = render(&desk, &visitor, &Show::default(), draft, &problems).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
    }
}

/// Whose a row is.
#[derive(Deserialize)]
pub(crate) struct Of {
    merchant: String,
}

/// `POST /admin/answers/{id}/archive`.
pub(crate) async fn archive(
    State(desk): State<Shared>,
    Extension(visitor): Extension<Visitor>,
    Path(entry): Path<String>,
    Form(of): Form<Of>,
) -> Result<Redirect, PageError> {
    visitor.may_handle()?;
    let facts = desk.state.store.merchant(own(&visitor, &of.merchant)?);
    let changed = facts.archive_knowledge(id(&entry)?, &visitor.user.name).await?;
    Ok(Redirect::to(&format!("/admin/answers?done={}", if changed { "archived" } else { "changed" })))
}

/// `POST /admin/answers/questions/{id}/dismiss`.
pub(crate) async fn dismiss(
    State(desk): State<Shared>,
    Extension(visitor): Extension<Visitor>,
    Path(question): Path<String>,
    Form(of): Form<Of>,
) -> Result<Redirect, PageError> {
    visitor.may_handle()?;
    let facts = desk.state.store.merchant(own(&visitor, &of.merchant)?);
    let changed = facts.dismiss_unanswered(id(&question)?, &visitor.user.name).await?;
    Ok(Redirect::to(&format!("/admin/answers?done={}", if changed { "dismissed" } else { "changed" })))
}
