//! A request for a page: how it is to look, who asks, and what the address or the form says.

use std::sync::Arc;

use axum::extract::{FromRequestParts, Request};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, LOCATION, REFERRER_POLICY, SET_COOKIE, VARY, X_FRAME_OPTIONS,
};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri};
use axum::response::{Html, IntoResponse, Response};
use domain::Date;
use maud::{Markup, html};
use server::access::Caller;
use server::{App, Pairs, Problem};

use crate::Pages;
use crate::token::{SESSION, VISIT, cookie, kept, secret};
use crate::view::{COOKIE, View};
use crate::{handle, layout, moment};
use domain::Lang;

/// What a page may do: what comes from here, and nothing within the page itself.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
                      form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// The name under which a form's handle stands in an address.
const FORM: &str = "form";

/// For how long a browser keeps how pages are to look, in seconds: a year.
const KEPT: u64 = 365 * 24 * 3_600;

/// A page as it is to be shown.
pub struct Page {
    /// What it is about, in the language of the page.
    pub title: String,
    /// What stands on it.
    pub body: Markup,
    /// What its head has beyond that of every page.
    pub head: Markup,
    /// The form that a change of language or letters takes along, where what it says would be lost: it may be sent at any time.
    pub form: Option<&'static str>,
    /// Its status.
    pub status: StatusCode,
}

impl Page {
    /// A page that is there.
    pub fn new(title: impl Into<String>, body: Markup) -> Page {
        Page { title: title.into(), body, head: Markup::default(), form: None, status: StatusCode::OK }
    }
}

/// A request for a page.
pub struct Asked {
    /// The server.
    pub app: Arc<App>,
    /// What all pages share.
    pub pages: Arc<Pages>,
    /// How it is to look.
    pub view: View,
    /// Where it was asked for.
    pub path: String,
    /// What the address says.
    pub pairs: Pairs,
    /// What a form said that is shown by its handle.
    told: Pairs,
    /// Whether there is such a handle that is of no use here: another visitor's.
    pub is_lost: bool,
    /// The token of the session, if the browser has one.
    pub session: Option<String>,
    /// Who asks, or why nobody does.
    pub caller: Result<Caller, Problem>,
    /// The visitor's secret, which forms are made for.
    pub secret: String,
    is_new: bool,
    /// Whether the address of a form chose how pages are to look, which is to be kept.
    is_chosen: bool,
}

impl FromRequestParts<Arc<App>> for Asked {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Asked, Response> {
        let Some(pages) = parts.extensions.get::<Arc<Pages>>().cloned() else {
            return Err(StatusCode::INTERNAL_SERVER_ERROR.into_response());
        };
        let headers = &parts.headers;
        let path = parts.uri.path().to_owned();
        let mut view = cookie(headers, COOKIE).map(View::read).unwrap_or_default();
        let pairs = axum::extract::Query::<Pairs>::try_from_uri(&parts.uri).map(|query| query.0).unwrap_or_default();
        let (rest, choices): (Pairs, Pairs) = pairs.into_iter().partition(|(name, word)| !view.take(name, word));
        let is_led_here = led_here(headers);
        if is_led_here && parts.method == Method::GET && says(headers, "sec-fetch-mode", "navigate") {
            return Err(again(view, &parts.uri));
        }
        let is_chosen = !choices.is_empty();
        // A form is not led on: what it says would be lost.
        if is_chosen && parts.method == Method::GET {
            return Err(chosen(&address(&path, &rest), view, pages.secure));
        }
        let session = cookie(headers, SESSION).map(str::to_owned);
        let caller = app.who(session.as_deref().unwrap_or_default(), &parts.extensions).await;
        let known = cookie(headers, VISIT).filter(|text| text.len() == 64).map(str::to_owned);
        // Who was led here may have a secret that his browser does not show: none is put over it.
        let is_new = known.is_none() && !is_led_here;
        let Some(secret) = known.or_else(secret) else {
            return Err(StatusCode::INTERNAL_SERVER_ERROR.into_response());
        };
        let form = rest.iter().find(|(name, _)| name == FORM);
        let told = form.map(|(_, form)| serde_json::from_str(&handle::text(&secret, form)?).ok());
        let (is_lost, told) = (told == Some(None), told.flatten().unwrap_or_default());
        Ok(Asked {
            app: Arc::clone(app),
            pages,
            view,
            path,
            pairs: rest,
            told,
            is_lost,
            session,
            caller,
            secret,
            is_new,
            is_chosen,
        })
    }
}

impl Asked {
    /// The language.
    pub fn lang(&self) -> Lang {
        self.view.lang()
    }

    /// The text of the language.
    pub fn of<'t>(&self, zh: &'t str, en: &'t str) -> &'t str {
        self.lang().of(zh, en)
    }

    /// A sentence of the program's in the language.
    pub fn said(&self, text: &str) -> String {
        self.pages.words.said(self.lang(), text)
    }

    /// What the address or the form that it stands for says of a name, where it says anything.
    pub fn one(&self, name: &str) -> Option<&str> {
        self.several(name).next()
    }

    /// All that they say of a name.
    pub fn several(&self, name: &str) -> impl Iterator<Item = &str> {
        let all = self.pairs.iter().chain(&self.told);
        all.filter(move |(known, _)| known == name).map(|(_, text)| text.trim()).filter(|text| !text.is_empty())
    }

    /// To sign in, and back to where this was asked for; of a person's pages, whose handles end with the visit, to the counter.
    pub fn to_sign_in(&self) -> Response {
        let to = if self.path.starts_with("/counter") { "/counter" } else { self.path.as_str() };
        onward(&address("/sign-in", &[("to".to_owned(), to.to_owned())]))
    }

    /// On to an address of this server, known as the visitor that he is.
    fn onward(&self, pairs: &[(String, String)]) -> Response {
        let mut response = onward(&address(&self.path, pairs));
        self.known(&mut response);
        response
    }

    /// Tells a new visitor his secret, and what was chosen.
    fn known(&self, response: &mut Response) {
        if self.is_chosen {
            tell(response, &kept(COOKIE, &self.view.written(), Some(KEPT), self.pages.secure));
        }
        if self.is_new {
            tell(response, &kept(VISIT, &self.secret, None, self.pages.secure));
        }
    }

    /// Today by the clock of the books, in China.
    pub fn today(&self) -> Date {
        moment::in_china(self.app.bridge.now()).date()
    }

    /// A page that is work, as compiling terms and running cases are: others are not kept waiting by it.
    pub async fn work_out(self, show: impl FnOnce(&Asked) -> Result<Page, Problem> + Send + 'static) -> Response {
        let shown = tokio::task::spawn_blocking(move || self.show(show(&self))).await;
        shown.unwrap_or_else(|_| StatusCode::INTERNAL_SERVER_ERROR.into_response())
    }

    /// The page within the shell, or what is wrong and what to do.
    pub fn show(&self, page: Result<Page, Problem>) -> Response {
        let wrong = page.as_ref().err().cloned();
        let page = page.unwrap_or_else(|problem| layout::problem(self, &problem));
        let html = Html(layout::shell(self, &page).into_string());
        let mut response = guarded((page.status, html).into_response());
        if let Some(problem) = &wrong {
            problem.mark(&mut response);
        }
        self.known(&mut response);
        response
    }
}

/// Takes what a question's form says, and shows the page by a handle of it: what somebody asks about himself stands in no address, and
/// the page can be shown again. It changes nothing, and so is taken from whoever sends it.
pub async fn sent(asked: Asked, request: Request) -> Response {
    match asked.app.form(request).await {
        Ok(said) => {
            let said: Pairs = said.into_iter().filter(|(_, text)| !text.trim().is_empty()).collect();
            let said = serde_json::to_string(&said).unwrap_or_default();
            asked.onward(&[(FORM.to_owned(), handle::of(&asked.secret, &said))])
        }
        Err(problem) => asked.show(Err(problem)),
    }
}

/// A page with what a browser is told of every page: what it may do, and to keep it to itself.
pub fn guarded(page: Response) -> Response {
    let mut response = page;
    let headers = response.headers_mut();
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    headers.insert(X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(VARY, HeaderValue::from_static("Cookie"));
    response
}

/// Puts a cookie on a response.
pub fn tell(response: &mut Response, cookie: &str) {
    if let Ok(value) = HeaderValue::from_str(cookie) {
        response.headers_mut().append(SET_COOKIE, value);
    }
}

/// On to another page, by a new request.
pub fn onward(to: &str) -> Response {
    (StatusCode::SEE_OTHER, [(LOCATION, to.to_owned())]).into_response()
}

/// Whether another site led here a browser that shows no secret: it withholds its cookies from such a request.
fn led_here(headers: &HeaderMap) -> bool {
    says(headers, "sec-fetch-site", "cross-site") && cookie(headers, VISIT).is_none()
}

fn says(headers: &HeaderMap, name: &str, word: &str) -> bool {
    headers.get(name).is_some_and(|value| value == word)
}

/// A page that leads on to the same address: the next request is ours, and has the cookies.
fn again(view: View, uri: &Uri) -> Response {
    let whole = uri.path_and_query().map_or("/", |whole| whole.as_str());
    // Two slashes would begin the name of another host.
    let to = format!("/{}", whole.trim_start_matches(['/', '\\']));
    let body = html! { p { a href=(to) { (view.lang().of("继续", "Go on")) } } };
    let page = layout::plain(view, view.lang().of("继续", "Go on"), Some(&to), &body);
    guarded(Html(page.into_string()).into_response())
}

/// Keeps how pages are to look, and shows the page so.
fn chosen(to: &str, view: View, secure: bool) -> Response {
    let mut response = onward(to);
    tell(&mut response, &kept(COOKIE, &view.written(), Some(KEPT), secure));
    response
}

/// What a form says of a name; nothing, where it does not say it.
pub fn field<'s>(said: &'s Pairs, name: &str) -> &'s str {
    said.iter().find(|(known, _)| known == name).map_or("", |(_, text)| text)
}

/// An address of a path of this server and what it says.
pub fn address(path: &str, pairs: &[(String, String)]) -> String {
    let said: Vec<String> = pairs.iter().map(|(name, text)| format!("{}={}", escaped(name), escaped(text))).collect();
    // Two slashes would begin the name of another host, whichever way they lean.
    let path = format!("/{}", path.trim_start_matches(['/', '\\']));
    if said.is_empty() { path } else { format!("{path}?{}", said.join("&")) }
}

/// A text as it may stand in an address.
pub fn escaped(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    text.bytes().map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_says_what_it_was_given_and_stays_here() {
        let pairs = [("region".to_owned(), "重庆 &a".to_owned())];
        assert_eq!(address("/pay", &pairs), "/pay?region=%E9%87%8D%E5%BA%86%20%26a");
        assert_eq!(address("//evil.example", &[]), "/evil.example");
        assert_eq!(address("/\\evil.example", &[]), "/evil.example");
    }
}
