//! A copy of a notice, edited in the browser: checked as it is typed, compared with the notice as it is, and taken home as a
//! file. Nothing of it is kept here: the text comes with each request and goes with its answer.
//!
//! Without script the same form is sent by its buttons, and its answers stand on the page. What costs is bounded: a text by its
//! length, checks by how many run at a time, comparisons by one at a time.

mod books;
mod cases;
mod check;

use axum::Router;
use axum::extract::Request;
use axum::http::header::CACHE_CONTROL;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{get, post};
use maud::{Markup, html};
use policy::completion::{Proposals, proposals};
use policy::{Library, Notice, NoticeKind, Region, SourceFile, View};
use serde_json::json;
use server::{App, Problem};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use super::head;
use crate::asked::{Asked, Page, field};
use crate::clause;
use crate::fields::{Options, region_name, select};
use crate::layout::{hidden_token, refused, trouble};
use crate::{answer, sign};
use domain::Lang;

/// Bytes of a text at most: five times the longest that is carried.
const LONGEST: usize = 128 * 1024;

/// How long somebody waits for a place.
const PATIENCE: Duration = Duration::from_secs(5);

/// How many drafts may be checked at a time, and compared: visitors who have not signed in keep no place from who has.
pub struct Room {
    visitors: Arc<Semaphore>,
    signed_in: Arc<Semaphore>,
    books: Semaphore,
}

/// A place, until it is dropped; nothing, where there was none in time.
type Place = Option<OwnedSemaphorePermit>;

impl Default for Room {
    fn default() -> Room {
        let places = |count| Arc::new(Semaphore::new(count));
        Room { visitors: places(1), signed_in: places(3), books: Semaphore::new(1) }
    }
}

impl Room {
    /// A place for who asks, as soon as there is one.
    async fn place(&self, asked: &Asked) -> Place {
        let places = if asked.caller.is_ok() { &self.signed_in } else { &self.visitors };
        timeout(PATIENCE, Arc::clone(places).acquire_owned()).await.ok()?.ok()
    }
}

/// A notice's file, written otherwise.
struct Draft {
    file: SourceFile,
    /// What all files say with it.
    library: Library,
}

impl Draft {
    fn of(asked: &Asked, file: &SourceFile, text: &str) -> Draft {
        Draft { library: asked.pages.files.with(file, text), file: file.clone() }
    }

    fn notice(&self) -> Option<&Notice> {
        self.library.notices.iter().find(|notice| notice.place.file == self.file.shown)
    }

    /// The regions in which the file holds: its own, and those below.
    fn regions(&self) -> Vec<&Region> {
        let slug = self.file.region().unwrap_or_default();
        let holds = |region: &&Region| self.library.chain(region).iter().any(|above| above.slug == slug);
        self.library.regions.values().filter(holds).collect()
    }

    /// As if it were in force: a draft for comment is folded on top.
    fn view(&self) -> View<'static> {
        let draft = self.notice().filter(|notice| notice.kind == NoticeKind::Draft);
        View { drafts: draft.map(|notice| notice.id.clone()).into_iter().collect(), ..View::default() }
    }
}

/// What is wanted of a draft.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wanted {
    Check,
    Cases,
    Books,
    Download,
}

/// What the form says.
struct Sent {
    notice: String,
    file: SourceFile,
    text: String,
    wanted: Wanted,
    /// The year whose visits are settled under the draft.
    year: Option<i16>,
    /// What stands before the cursor, where proposals are asked for.
    before: String,
}

impl Sent {
    /// A text of a notice's file, of which nothing more is wanted than that it is checked.
    fn of(notice: &Notice, file: &SourceFile, text: String) -> Sent {
        let (notice, file) = (notice.id.clone(), file.clone());
        Sent { notice, file, text, wanted: Wanted::Check, year: None, before: String::new() }
    }

    /// The year whose visits are settled under the draft: that of today, where none is said.
    fn year(&self, asked: &Asked) -> i16 {
        self.year.unwrap_or_else(|| asked.today().year())
    }
}

pub fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/policy/draft", get(opened).post(sent))
        .route("/policy/draft/part", post(part))
        .route("/policy/draft/words", post(words))
}

async fn opened(asked: Asked) -> Response {
    let place = asked.pages.room.place(&asked).await;
    asked.work_out(move |asked| blank(asked, &place)).await
}

/// The page with a notice as it is, and what is found in it.
fn blank(asked: &Asked, place: &Place) -> Result<Page, Problem> {
    let (notice, file) = chosen(asked, asked.one("of"))?;
    let sent = Sent::of(notice, file, file.text.clone());
    let found = match place {
        Some(_) => check::found(asked, &Draft::of(asked, file, &file.text)),
        None => busy(asked),
    };
    Ok(drawn(asked, &sent, found, None))
}

/// The notice of an id, or the first of the books' region, and its file.
///
/// # Errors
/// When there is no such notice.
fn chosen<'a>(asked: &'a Asked, id: Option<&str>) -> Result<(&'a Notice, &'a SourceFile), Problem> {
    let region = asked.app.bridge.region();
    let is_meant = |notice: &&Notice| id.map_or_else(|| notice.region == region, |id| notice.id == id);
    let library = &asked.pages.library;
    let notice = library.notices.iter().find(is_meant).or(library.notices.first().filter(|_| id.is_none()));
    notice.and_then(|notice| Some((notice, asked.pages.files.of(notice)?))).ok_or_else(|| {
        let what = asked.of("没有这份文件", "there is no such notice");
        let cure = asked.of("从“文件”一页选一份", "choose one on the page of notices");
        Problem::new(StatusCode::NOT_FOUND, "unknown-notice", what, cure)
    })
}

/// What the form says, if it was made for this visitor.
///
/// # Errors
/// When it was not, or it means nothing here.
async fn read(asked: &Asked, request: Request) -> Result<Sent, Problem> {
    let said = sign::form_with_file(asked, &asked.app, request).await?;
    let (notice, file) = chosen(asked, Some(field(&said, "of")))?;
    // A form sends the ends of lines as Windows writes them.
    let text = field(&said, "text").replace("\r\n", "\n");
    let before = field(&said, "before").replace("\r\n", "\n");
    if text.len().max(before.len()) > LONGEST {
        let what = asked.of("文本太长，超过 128 KB", "the text is too long: more than 128 KB");
        let cure = asked.of(
            "一份文件只写一份通知；更长的用命令行检查",
            "one notice is one file; check longer ones by the command line",
        );
        return Err(Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "too-large", what, cure));
    }
    let wanted = match field(&said, "do") {
        "cases" => Wanted::Cases,
        "books" => Wanted::Books,
        "download" => Wanted::Download,
        _ => Wanted::Check,
    };
    let year = field(&said, "year").trim().parse().ok();
    Ok(Sent { wanted, year, before, ..Sent::of(notice, file, text) })
}

/// The form, sent by one of its buttons without script.
async fn sent(asked: Asked, request: Request) -> Response {
    let sent = match read(&asked, request).await {
        Ok(sent) => sent,
        Err(problem) => return asked.show(Err(problem)),
    };
    if sent.wanted == Wanted::Download {
        return answer::file(file_name(&sent.file), "application/toml; charset=utf-8", sent.text);
    }
    worked(asked, sent, |asked, sent, place| {
        let (found, compared) = answers(asked, sent, place);
        asked.show(Ok(drawn(asked, sent, found, compared)))
    })
    .await
}

/// What the script of the page asks for: what is found, or what comes of a comparison.
async fn part(asked: Asked, request: Request) -> Response {
    let sent = match read(&asked, request).await {
        Ok(sent) => sent,
        Err(problem) => return fragment(problem.status, &refused(&asked, &problem)),
    };
    worked(asked, sent, |asked, sent, place| {
        let (found, compared) = answers(asked, sent, place);
        fragment(StatusCode::OK, &compared.unwrap_or(found))
    })
    .await
}

/// What may stand at the cursor, as JSON: how many letters a proposal takes the place of, and each with what it means.
async fn words(asked: Asked, request: Request) -> Response {
    let sent = match read(&asked, request).await {
        Ok(sent) => sent,
        Err(problem) => return fragment(problem.status, &refused(&asked, &problem)),
    };
    worked(asked, sent, |asked, sent, place| {
        let library = &asked.pages.library;
        let region = sent.file.region().and_then(|slug| library.regions.get(slug));
        let known = region.filter(|_| place.is_some());
        let found = known.map_or_else(Proposals::default, |region| proposals(library, region, &sent.before));
        let all: Vec<_> =
            found.all.iter().take(100).map(|one| json!([one.text, one.name, means(asked, one)])).collect();
        axum::Json(json!({ "typed": found.typed, "all": all })).into_response()
    })
    .await
}

/// What a proposal means, in the language of the page.
fn means(asked: &Asked, one: &policy::completion::Proposal) -> String {
    match asked.lang() {
        Lang::En => one.en.clone(),
        Lang::Zh if one.zh.is_empty() => asked.pages.words.label(&one.name),
        Lang::Zh => one.zh.clone(),
    }
}

/// What is found in a draft, and what comes of comparing it, where that is wanted.
fn answers(asked: &Asked, sent: &Sent, place: Place) -> (Markup, Option<Markup>) {
    if place.is_none() {
        return (busy(asked), None);
    }
    let draft = Draft::of(asked, &sent.file, &sent.text);
    let found = check::found(asked, &draft);
    if sent.wanted == Wanted::Check {
        return (found, None);
    }
    if draft.library.has_errors() {
        let what = asked.of("草稿还有错误，不能比较", "the draft has errors, and cannot be compared");
        return (
            found,
            Some(trouble(asked, what, asked.of("先改好核对里的错误", "first mend the errors among the findings"))),
        );
    }
    if sent.wanted == Wanted::Cases {
        return (found, Some(cases::compared(asked, &draft)));
    }
    // A year of the books takes minutes: others may check meanwhile.
    drop(place);
    let Ok(_trying) = asked.pages.room.books.try_acquire() else { return (found, Some(busy(asked))) };
    let compared = books::compared(asked, &draft, sent.year(asked)).unwrap_or_else(|problem| refused(asked, &problem));
    (found, Some(compared))
}

fn busy(asked: &Asked) -> Markup {
    let what = asked.of("别人的草稿正在检查或比较", "drafts of others are being checked or compared");
    trouble(asked, what, asked.of("过几秒再按一次", "press again in some seconds"))
}

/// Work, once there is a place for it: others are not kept waiting by it.
async fn worked(asked: Asked, sent: Sent, work: fn(&Asked, &Sent, Place) -> Response) -> Response {
    let place = asked.pages.room.place(&asked).await;
    let done = tokio::task::spawn_blocking(move || work(&asked, &sent, place)).await;
    done.unwrap_or_else(|_| StatusCode::INTERNAL_SERVER_ERROR.into_response())
}

fn fragment(status: StatusCode, markup: &Markup) -> Response {
    let mut response = (status, Html(markup.0.clone())).into_response();
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// The name of a notice's file, without its folders.
fn file_name(file: &SourceFile) -> &str {
    file.path.rsplit('/').next().unwrap_or("notice.toml")
}

/// The page: the text, its buttons, what is found, and what came of a comparison.
fn drawn(asked: &Asked, sent: &Sent, found: Markup, compared: Option<Markup>) -> Page {
    let Sent { notice: id, file, text, .. } = sent;
    let title = asked.of("改一份草稿", "Edit a draft");
    let lead = asked.of(
        "改的是副本：服务器什么都不存。边写边核对，在案例上看哪些数会变，改好了下载成文件。",
        "It is a copy: nothing is kept here. It is checked as you type; see which figures of the cases change, and take the file home.",
    );
    let say = |zh: &str, en: &str| asked.of(zh, en).to_owned();
    let body = html! {
        (head(asked, title, lead))
        (choice(asked, id))
        form.draft #draft method="post" action="/policy/draft"
            data-changed[*text != file.text] data-file=(file_name(file))
            data-checking=(say("正在核对…", "checking…")) data-comparing=(say("正在比较，要几秒…", "comparing, which takes some seconds…"))
            data-lost=(say("服务器没有应答，草稿还在这里；稍后再试", "the server does not answer; the draft is still here: try again later"))
            data-proposals=(say("个提示，上下键选，回车填入", "proposals: arrow keys choose, Enter inserts")) {
            (hidden_token(asked))
            input type="hidden" name="of" value=(id);
            div.editor-head {
                label for="text" { code { (file.path) } }
                span.hint #keys hidden { (asked.of("Ctrl+空格：可以写什么", "Ctrl+Space: what may stand here")) }
            }
            div.editor {
                div.gutter aria-hidden="true" {}
                textarea id="text" name="text" rows="26" wrap="off" spellcheck="false" autocomplete="off" autocapitalize="off"
                    aria-describedby="told" data-line=[asked.one("line")] {
                    // The first line feed of a text area is not part of it.
                    "\n" (text)
                }
                ul.proposals #proposals role="listbox" tabindex="0" aria-label=(asked.of("可以写什么", "What may stand here")) hidden {}
            }
            div.act {
                button type="submit" name="do" value="check" { (asked.of("核对", "Check")) }
                button type="submit" name="do" value="cases" { (asked.of("在案例上比较", "Compare on the cases")) }
                @if books::may(asked) {
                    span.joined {
                        button type="submit" name="do" value="books" { (asked.of("在账套上试算", "Try on the books")) }
                        label for="year" { (asked.of("年度", "year")) }
                        input id="year" name="year" type="text" inputmode="numeric" autocomplete="off" value=(sent.year(asked));
                    }
                }
                button type="submit" name="do" value="download" { (asked.of("下载文件", "Download the file")) }
                span #told role="status" {}
            }
        }
        section #found aria-label=(asked.of("核对", "Findings")) { (found) }
        section #compared tabindex="-1" aria-label=(asked.of("比较", "Comparison")) { @if let Some(compared) = compared { (compared) } }
        script src="/look/draft.js" defer {}
    };
    Page { form: Some("draft"), ..Page::new(title, body) }
}

/// The notices of which a copy may be edited.
fn choice(asked: &Asked, id: &str) -> Markup {
    let library = &asked.pages.library;
    let name = |notice: &Notice| {
        let region = library.regions.get(&notice.region);
        format!(
            "{} · {}",
            region.map_or_else(String::new, |region| region_name(region, asked.lang())),
            clause::title(asked.lang(), notice)
        )
    };
    let options: Options = library.notices.iter().map(|notice| (notice.id.clone(), name(notice))).collect();
    html! {
        form.year method="get" action="/policy/draft" {
            (select("of", asked.of("文件", "Notice"), &options, id))
            button.quiet type="submit" { (asked.of("改这一份", "Edit this one")) }
        }
    }
}
