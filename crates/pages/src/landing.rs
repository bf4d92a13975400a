//! Where a browser lands that comes back from an identity provider: a page of ours that keeps the session's token and leads on.
//!
//! The browser is not sent on by the answer itself: a request that another site began carries no cookie of ours, nor does one to
//! which it leads. That this page leads on makes the next request ours.

use std::sync::Arc;

use axum::response::{Html, IntoResponse as _, Response};
use maud::html;
use server::{Landing, Problem, SignedIn};

use crate::Pages;
use crate::asked::{guarded, tell};
use crate::layout::{plain, trouble_in};
use crate::token::{SESSION, VISIT, cookie, kept, secret};
use crate::view::{COOKIE, View};

/// What the server shows such a browser.
pub fn landing(pages: Arc<Pages>) -> Landing {
    Box::new(move |headers, outcome| {
        let view = cookie(headers, COOKIE).map(View::read).unwrap_or_default();
        match outcome {
            Ok((signed_in, to)) => welcome(view, &signed_in, &to, pages.secure),
            Err(problem) => refused(&pages, view, &problem),
        }
    })
}

fn welcome(view: View, signed_in: &SignedIn, to: &str, secure: bool) -> Response {
    let title = view.lang().of("已登录", "Signed in");
    let page = plain(
        view,
        title,
        Some(to),
        &html! {
            h1 { (title) }
            p { a href=(to) { (view.lang().of("继续", "Go on")) } }
        },
    );
    let mut response = guarded(Html(page.into_string()).into_response());
    keep(&mut response, &signed_in.token, signed_in.seconds, secure);
    response
}

/// Keeps a session's token in the browser. What was known of the visitor before counts no more.
pub fn keep(response: &mut Response, token: &str, seconds: u64, secure: bool) {
    tell(response, &kept(SESSION, token, Some(seconds), secure));
    if let Some(fresh) = secret() {
        tell(response, &kept(VISIT, &fresh, None, secure));
    }
}

fn refused(pages: &Pages, view: View, problem: &Problem) -> Response {
    let lang = view.lang();
    let refusal = &problem.refusal;
    let (what, cure) = pages.words.refusal(lang, &refusal.code, &refusal.message, &refusal.cure);
    let title = lang.of("没有登录成", "Not signed in");
    let page = plain(
        view,
        title,
        None,
        &html! {
            h1 { (title) }
            (trouble_in(lang, &what, &cure))
            p { a href="/sign-in" { (lang.of("回到登录", "Back to sign in")) } }
        },
    );
    let mut response = guarded((problem.status, Html(page.into_string())).into_response());
    problem.mark(&mut response);
    response
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::header::{CONTENT_SECURITY_POLICY, SET_COOKIE};

    #[test]
    fn who_was_signed_in_elsewhere_goes_on_to_the_page_he_wanted() {
        let signed_in =
            SignedIn { token: "tcs_t".to_owned(), seconds: 60, name: "li".to_owned(), role: "counter".to_owned() };
        let response = welcome(View::default(), &signed_in, "/counter?of=\"a\"", true);
        let cookies = response.headers().get_all(SET_COOKIE).iter().map(|cookie| cookie.to_str().unwrap().to_owned());
        let cookies: Vec<String> = cookies.collect();
        assert!(
            cookies[0].starts_with("tongchou-session=tcs_t; Path=/; HttpOnly; SameSite=Strict; Max-Age=60; Secure")
        );
        assert!(cookies[1].starts_with("tongchou-visit="));
        assert!(response.headers().contains_key(CONTENT_SECURITY_POLICY));
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let body = runtime.block_on(axum::body::to_bytes(response.into_body(), 10_000)).unwrap();
        let page = String::from_utf8(body.to_vec()).unwrap();
        assert!(page.contains("content=\"0; url=/counter?of=&quot;a&quot;\""), "{page}");
        assert!(!page.contains("tcs_t"));
    }
}
