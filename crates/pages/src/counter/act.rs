//! Doing: the form of a task, what it came to, and what was done when no answer came.
//!
//! A form has a key, which stands in its address: sent again it is the same request, and a form that was carried out shows what
//! came of it instead of itself. So a second click, a reload and a way back after a lost answer do nothing twice.

use axum::extract::{Path, Request};
use axum::http::StatusCode;
use axum::response::Response;
use books::{Answer, Command};
use maud::{Markup, html};
use serde_json::{Value, json};
use server::access::Caller;
use server::{Pairs, Problem};

use super::form::{Choices, Filled, controls, read, wrong};
use super::task::{Task, named};
use super::{behind, clerk, handle, person, settled};
use crate::asked::{Asked, Page, address, onward};
use crate::layout::{hidden_token, refused, trouble};
use crate::{coded, sign, token};

/// Where a task is done: on whom, and under which key.
struct Place {
    task: &'static Task,
    command: &'static Command,
    /// The handle of the person, where it is about one.
    at: Option<String>,
    key: String,
}

/// The form of a task that is about nobody on the register.
pub async fn blank(asked: Asked, Path(word): Path<String>) -> Response {
    form(asked, &word, None).await
}

/// The form of a task about a person.
pub async fn blank_of(asked: Asked, Path((at, word)): Path<(String, String)>) -> Response {
    form(asked, &word, Some(at)).await
}

/// Carries out what the form says.
pub async fn carry_out(asked: Asked, Path(word): Path<String>, request: Request) -> Response {
    sent(asked, &word, None, request).await
}

/// Carries out what the form about a person says.
pub async fn carry_out_of(asked: Asked, Path((at, word)): Path<(String, String)>, request: Request) -> Response {
    sent(asked, &word, Some(at), request).await
}

async fn form(asked: Asked, word: &str, at: Option<String>) -> Response {
    let caller = match clerk(&asked) {
        Ok(caller) => caller,
        Err(response) => return *response,
    };
    if asked.one("once").is_none() {
        let Some(key) = token::secret() else { return asked.show(Err(no_key())) };
        let mut pairs = asked.pairs.clone();
        pairs.push(("once".to_owned(), key[..32].to_owned()));
        return onward(&address(&asked.path, &pairs));
    }
    let place = match place(&asked, word, at) {
        Ok(place) => place,
        Err(problem) => return asked.show(Err(problem)),
    };
    // What was carried out is told, not asked for again. What it proposed and was refused is told there too.
    if !matches!(asked.app.came_of(caller, &place.key).await, Ok(None)) {
        return onward(&told_at(&place, false));
    }
    let page = drawn(&asked, caller, &place, None, None).await;
    asked.show(page)
}

async fn sent(asked: Asked, word: &str, at: Option<String>, request: Request) -> Response {
    let caller = match clerk(&asked) {
        Ok(caller) => caller,
        Err(response) => return *response,
    };
    let (place, said) = match (place(&asked, word, at), sign::form(&asked, &asked.app, request).await) {
        (Ok(place), Ok(said)) => (place, said),
        (Err(problem), _) | (_, Err(problem)) => return asked.show(Err(problem)),
    };
    let fields = filled_in(&asked, &place, &said);
    let estimate = said.iter().any(|(name, _)| name == "estimate");
    let outcome = match fields {
        Err(problem) => Err(problem),
        Ok(fields) if estimate => {
            asked.app.estimate(caller, place.command.verb, fields).await.map(|answer| (answer, false))
        }
        Ok(fields) => asked.app.act(caller, place.command.verb, fields, &place.key).await,
    };
    match outcome {
        Ok((answer, _)) if estimate => {
            let page = drawn(&asked, caller, &place, Some(&said), Some(Ok(&answer))).await;
            asked.show(page)
        }
        // What is shown once and kept nowhere cannot be shown by another page.
        Ok((answer, _)) if !answer.shown.is_empty() => asked.show(Ok(in_clear(&asked, &place, &answer))),
        Ok(_) => onward(&told_at(&place, false)),
        Err(problem) if problem.refusal.code == "key-reused" => onward(&told_at(&place, true)),
        Err(problem) => {
            let page = drawn(&asked, caller, &place, Some(&said), Some(Err(&problem))).await;
            asked.show(page)
        }
    }
}

/// # Errors
/// When there is no such task, or the form has no key that can be used.
fn place(asked: &Asked, word: &str, at: Option<String>) -> Result<Place, Problem> {
    let found = named(word).and_then(|task| Some((task, Command::named(task.verb)?)));
    let Some((task, command)) = found else {
        let what = asked.of("没有这项业务", "there is no such task");
        let cure = asked.of("回到柜台，从那里进入", "go on from the counter");
        return Err(Problem::new(StatusCode::NOT_FOUND, "unknown-page", what, cure));
    };
    let key = asked.one("once").filter(|key| key.len() == 32 && key.bytes().all(|byte| byte.is_ascii_hexdigit()));
    let key = key.ok_or_else(|| {
        let what = asked.of("这张表没有编号，不能办理", "this form has no key, and cannot be carried out");
        Problem::new(StatusCode::BAD_REQUEST, "bad-key", what, asked.of("重新打开这张表", "open the form anew"))
    })?;
    Ok(Place { task, command, at, key: key.to_owned() })
}

fn no_key() -> Problem {
    Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "no-key", "系统没有给出随机数 (no random bytes)", "重试")
}

/// The fields of the command: what the form says, and whom it is about.
fn filled_in(asked: &Asked, place: &Place, said: &Pairs) -> Result<serde_json::Map<String, Value>, Problem> {
    let mut fields = read(asked, place.task, place.command, said)?;
    if let Some(about) = place.task.about {
        let of = if about == "person" { place.at.as_deref() } else { asked.one("of") };
        fields.insert(about.to_owned(), json!(behind(asked, of.unwrap_or_default())?));
    }
    Ok(fields)
}

/// Where it is told what a form came to.
fn told_at(place: &Place, other: bool) -> String {
    let path = format!("/counter/done/{}/{}", place.task.word, place.key);
    let at = place.at.iter().map(|at| ("at".to_owned(), at.clone()));
    let other = other.then(|| ("other".to_owned(), "1".to_owned()));
    address(&path, &at.chain(other).collect::<Vec<_>>())
}

/// The form, with what was filled in, and what it was answered: an estimate, or why it was not carried out.
async fn drawn(
    asked: &Asked,
    caller: &Caller,
    place: &Place,
    said: Option<&Pairs>,
    outcome: Option<Result<&Answer, &Problem>>,
) -> Result<Page, Problem> {
    let task = place.task;
    let whom = whom(asked, caller, place.at.as_deref()).await?;
    let choices = Choices::of(asked, caller, task).await;
    let problem = outcome.and_then(Result::err);
    let filled = Filled { said, wrong: problem.and_then(|problem| wrong(task, &problem.refusal)) };
    let title = asked.of(task.name[0], task.name[1]);
    let of = about(asked, task)?;
    let to = address(&asked.path, &asked.pairs);
    let body = html! {
        (back(asked, place.at.as_deref()))
        h1 { (title) }
        (whom)
        @if let Some(of) = of { p { (asked.of(of.0, of.1)) code { (of.2) } } }
        @if let Some(problem) = problem { (not_done(asked, problem)) }
        @if let Some(Ok(answer)) = outcome {
            section.card aria-labelledby="estimate" role="status" {
                h2 #estimate { (asked.of("试算：还没有办理", "An estimate: nothing is done yet")) }
                (settled::answered(asked, task, answer))
            }
        }
        form.ask method="post" action=(to) {
            (hidden_token(asked))
            (controls(asked, task, place.command, &choices, &filled))
            div.act {
                button type="submit" { (title) }
                @if !["view", "approve", "refuse"].contains(&task.word) {
                    button.quiet type="submit" name="estimate" value="1" { (asked.of("先试算", "Try first")) }
                }
            }
            p.hint { (asked.of("同一张表只办一次：重复点击、刷新或断网后再送，都不会重复办理。",
                "A form is carried out once: clicked twice, reloaded or sent again after a lost connection, nothing is done twice.")) }
        }
    };
    Ok(Page { status: problem.map_or(StatusCode::OK, |problem| problem.status), ..Page::new(title, body) })
}

/// Whom it is about, where it is about somebody.
async fn whom(asked: &Asked, caller: &Caller, at: Option<&str>) -> Result<Markup, Problem> {
    match at {
        Some(at) => person::whom(asked, caller, at).await,
        None => Ok(html! {}),
    }
}

/// What a task is about that is no person, and its number.
fn about(asked: &Asked, task: &Task) -> Result<Option<(&'static str, &'static str, String)>, Problem> {
    let (zh, en) = match task.about {
        Some("settlement") => ("结算 ", "Settlement "),
        Some("filing") => ("备案 ", "Filing "),
        Some("proposal") => ("提议 ", "Proposal "),
        _ => return Ok(None),
    };
    Ok(Some((zh, en, behind(asked, asked.one("of").unwrap_or_default())?)))
}

/// Why it was not carried out, and what to do.
fn not_done(asked: &Asked, problem: &Problem) -> Markup {
    html! {
        div #trouble { (refused(asked, problem)) }
        (crate::clause::list(&asked.pages.library, asked.lang(), &problem.refusal.clauses))
        @if problem.in_doubt {
            p { (asked.of("可能已经办成：再按一次，已办的不会重复，只会告诉您结果。",
                "It may have been done: press again; what is done is not done twice, you are only told.")) }
        }
    }
}

fn back(asked: &Asked, at: Option<&str>) -> Markup {
    html! {
        nav.back {
            @match at {
                Some(at) => { a href=(format!("/counter/person/{at}")) { "← " (asked.of("回到此人", "Back to the person")) } }
                None => { a href="/counter" { "← " (asked.of("柜台", "Counter")) } }
            }
        }
    }
}

/// What is shown in clear, this once.
fn in_clear(asked: &Asked, place: &Place, answer: &Answer) -> Page {
    let facts = answer.shown.get("facts").and_then(Value::as_array).cloned().unwrap_or_default();
    let title = asked.of("完整信息", "The full record");
    let text = |fact: &Value, name: &str| fact[name].as_str().unwrap_or_default().to_owned();
    let body = html! {
        (back(asked, place.at.as_deref()))
        h1 { (title) }
        p.lead { (asked.of(&answer.says, &answer.english)) }
        section.card aria-label=(title) {
            table { tbody {
                @for fact in &facts {
                    tr {
                        th scope="row" { (coded::item(asked, &text(fact, "item"))) }
                        td { (text(fact, "value")) }
                        td.d { (text(fact, "from")) @if fact.get("end").is_some() { " – " (text(fact, "end")) } }
                    }
                }
            } }
        }
        p.hint { (asked.of("只显示这一次；再看须重新写明原因。", "Shown this once; another look needs its reason.")) }
    };
    Page::new(title, body)
}

/// What a form came to.
pub async fn done(asked: Asked, Path((word, key)): Path<(String, String)>) -> Response {
    let caller = match clerk(&asked) {
        Ok(caller) => caller,
        Err(response) => return *response,
    };
    let Some(task) = named(&word) else { return onward("/counter") };
    let page = told(&asked, caller, task, &key).await;
    asked.show(page)
}

async fn told(asked: &Asked, caller: &Caller, task: &'static Task, key: &str) -> Result<Page, Problem> {
    let came_of = asked.app.came_of(caller, key).await?;
    let name = asked.of(task.name[0], task.name[1]);
    let known = came_of.as_ref().and_then(|(answer, _)| answer.fields.get("person")?.as_str().map(str::to_owned));
    // A new person's number is in the answer; of a settlement, `person` is what the person bears.
    let new = known.filter(|_| task.about.is_none()).map(|person| handle(asked, &person));
    let at = asked.one("at").map(str::to_owned).or(new);
    let colon = asked.of("：", ": ");
    // Whom another sign-in was about is left out: what was done is told all the same.
    let whom = whom(asked, caller, at.as_deref()).await.unwrap_or_else(|_| html! {});
    let (title, body) = match &came_of {
        None => (
            asked.of("没有办理", "Not done"),
            html! { p { (asked.of("这张表没有办理过，什么也没有记。", "This form was never carried out: nothing is recorded.")) } },
        ),
        Some((answer, true)) => (
            asked.of("等另一人复核", "Waits for another person"),
            html! {
                (settled::answered(asked, task, answer))
                p { (asked.of("这项业务须由另一人复核后才办理，不能由提出的人自己复核。在“工作”页可见。",
                    "It is carried out when another person approves; who proposed cannot. It stands on the page Work.")) }
                p { a href="/work" { (asked.of("到“工作”", "To Work")) } }
            },
        ),
        Some((answer, false)) => (asked.of("已办好", "Done"), settled::answered(asked, task, answer)),
    };
    let body = html! {
        (back(asked, at.as_deref()))
        h1 { (name) (colon) (title) }
        (whom)
        @if asked.one("other").is_some() {
            (trouble(asked, asked.of("这张表先前已按下面的内容办理；刚才送来的内容不同，没有办理", "this form was carried out before, as below; what was just sent is different, and was not done"),
                asked.of("核对下面的结果；要办另一件，打开一张新表", "check what was done; for something else, open a new form")))
        }
        section.card role="status" aria-label=(asked.of("结果", "What came of it")) { (body) }
        div.act {
            @if let Some(at) = &at {
                a.button href=(format!("/counter/person/{at}")) { (asked.of("回到此人", "To the person")) }
                @if task.group.is_some() { a href=(format!("/counter/person/{at}/do/{}", task.word)) { (asked.of("再办一件：", "Another: ")) (name) } }
            }
            button.quiet type="button" data-print hidden { (asked.of("打印", "Print")) }
        }
    };
    Ok(Page::new(format!("{name}{colon}{title}"), body))
}
