//! A request for a page: how it is to look, who asks, and what the address or the form says.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, LOCATION, REFERRER_POLICY, SET_COOKIE, VARY, X_FRAME_OPTIONS,
};
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{Html, IntoResponse, Response};
use domain::Date;
use jiff::Timestamp;
use jiff::tz::{TimeZone, offset};
use maud::Markup;
use server::access::Caller;
use server::{App, Pairs, Problem};

use crate::Pages;
use crate::layout;
use crate::token::{SESSION, VISIT, cookie, kept, secret};
use crate::view::{COOKIE, View};
use domain::Lang;

/// What a page may do: what comes from here, and nothing within the page itself.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; form-action 'self'; \
                      base-uri 'none'; frame-ancestors 'none'";

/// For how long a browser keeps how pages are to look, in seconds: a year.
const KEPT: u64 = 365 * 24 * 3_600;

/// A page as it is to be shown.
pub struct Page {
    /// What it is about, in the language of the page.
    pub title: String,
    /// What stands on it.
    pub body: Markup,
    /// Its status.
    pub status: StatusCode,
}

impl Page {
    /// A page that is there.
    pub fn new(title: impl Into<String>, body: Markup) -> Page {
        Page { title: title.into(), body, status: StatusCode::OK }
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
    /// The token of the session, if the browser has one.
    pub session: Option<String>,
    /// Who asks, or why nobody does.
    pub caller: Result<Caller, Problem>,
    /// The visitor's secret, which forms are made for.
    pub secret: String,
    is_new: bool,
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
        if !choices.is_empty() {
            return Err(chosen(&address(&path, &rest), view, pages.secure));
        }
        let session = cookie(headers, SESSION).map(str::to_owned);
        let caller = app.who(session.as_deref().unwrap_or_default()).await;
        let known = cookie(headers, VISIT).filter(|text| text.len() == 64).map(str::to_owned);
        let is_new = known.is_none();
        let Some(secret) = known.or_else(secret) else {
            return Err(StatusCode::INTERNAL_SERVER_ERROR.into_response());
        };
        Ok(Asked { app: Arc::clone(app), pages, view, path, pairs: rest, session, caller, secret, is_new })
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

    /// What the address says of a name, where it says anything.
    pub fn one(&self, name: &str) -> Option<&str> {
        self.pairs.iter().find(|(known, _)| known == name).map(|(_, text)| text.trim()).filter(|text| !text.is_empty())
    }

    /// Today by the clock of the books, in China, which has one time zone.
    pub fn today(&self) -> Date {
        let now = Timestamp::from_microsecond(self.app.bridge.now()).unwrap_or_default();
        now.to_zoned(TimeZone::fixed(offset(8))).date()
    }

    /// A page that is work, as compiling terms and running cases are: others are not kept waiting by it.
    pub async fn work_out(self, show: fn(&Asked) -> Result<Page, Problem>) -> Response {
        let shown = tokio::task::spawn_blocking(move || self.show(show(&self))).await;
        shown.unwrap_or_else(|_| StatusCode::INTERNAL_SERVER_ERROR.into_response())
    }

    /// The page within the shell, or what is wrong and what to do.
    pub fn show(&self, page: Result<Page, Problem>) -> Response {
        let page = page.unwrap_or_else(|problem| layout::problem(self, &problem));
        let html = Html(layout::shell(self, &page).into_string());
        let mut response = (page.status, html).into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
        headers.insert(REFERRER_POLICY, HeaderValue::from_static("same-origin"));
        headers.insert(X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        headers.insert(VARY, HeaderValue::from_static("Cookie"));
        if self.is_new {
            tell(&mut response, &kept(VISIT, &self.secret, None, self.pages.secure));
        }
        response
    }
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

/// Keeps how pages are to look, and shows the page so.
fn chosen(to: &str, view: View, secure: bool) -> Response {
    let mut response = onward(to);
    tell(&mut response, &kept(COOKIE, &view.written(), Some(KEPT), secure));
    response
}

/// An address of a path of this server and what it says.
pub fn address(path: &str, pairs: &[(String, String)]) -> String {
    let said: Vec<String> = pairs.iter().map(|(name, text)| format!("{}={}", escaped(name), escaped(text))).collect();
    // Two slashes would begin the name of another host.
    let path = format!("/{}", path.trim_start_matches('/'));
    if said.is_empty() { path } else { format!("{path}?{}", said.join("&")) }
}

fn escaped(text: &str) -> String {
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
    }
}
