//! Signing in and out. The session's token lives in a cookie that no script reads and no other site's request carries.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use maud::html;
use server::{App, Pairs, Problem, local, peer};

use crate::asked::{Asked, Page, address, field, onward, tell};
use crate::landing;
use crate::layout::{hidden_token, refused};
use crate::token::{FIELD, SESSION, holds, kept};

/// The page to sign in.
pub async fn page(asked: Asked) -> Response {
    let to = asked.one("to").unwrap_or_default();
    let page = show(&asked, "", to, None);
    asked.show(Ok(page))
}

fn show(asked: &Asked, name: &str, to: &str, wrong: Option<&Problem>) -> Page {
    let title = asked.of("登录", "Sign in");
    let body = html! {
        h1 { (title) }
        @if let Some(problem) = wrong {
            (refused(asked, problem))
        }
        p.lead { (asked.of("查应缴和待遇不用登录；看自己的账单要登录。", "What one pays and gets needs no signing in; one's own statements do.")) }
        form.ask method="post" action="/sign-in" {
            (hidden_token(asked))
            @if let Some(to) = local(to) { input type="hidden" name="to" value=(to); }
            div.grid {
                div {
                    label for="name" { (asked.of("登录名", "Name")) }
                    input id="name" name="name" type="text" autocomplete="username" required value=(name);
                }
                div {
                    label for="password" { (asked.of("密码", "Password")) }
                    input id="password" name="password" type="password" autocomplete="current-password" required;
                }
            }
            div.act {
                button type="submit" { (title) }
                @if let Some(elsewhere) = asked.app.signs_in_at() {
                    a href=(address(elsewhere, &[("to".to_owned(), local(to).unwrap_or("/").to_owned())])) { (asked.of("单点登录", "Single sign-on")) }
                }
            }
        }
    };
    Page { status: wrong.map_or(StatusCode::OK, |problem| problem.status), ..Page::new(title, body) }
}

/// What a form says, if it was made for this visitor and comes from a page of this server.
///
/// # Errors
/// When it was not, or cannot be read.
pub async fn form(asked: &Asked, app: &Arc<App>, request: Request) -> Result<Pairs, Problem> {
    let headers: HeaderMap = request.headers().clone();
    let said = app.form(request).await?;
    from_here(asked, &headers, said)
}

/// As [`form`], of a form that may hold a whole file.
///
/// # Errors
/// As [`form`].
pub async fn form_with_file(asked: &Asked, app: &Arc<App>, request: Request) -> Result<Pairs, Problem> {
    let headers: HeaderMap = request.headers().clone();
    let said = app.form_with_file(request).await?;
    from_here(asked, &headers, said)
}

fn from_here(asked: &Asked, headers: &HeaderMap, said: Pairs) -> Result<Pairs, Problem> {
    if holds(headers, field(&said, FIELD)) {
        return Ok(said);
    }
    let what = asked.of(
        "这张表不是从本页送来的，或者页面放得太久",
        "this form does not come from this page, or the page is too old",
    );
    let cure = asked.of("回到上一页，刷新后重填", "go back, reload the page and fill it in again");
    Err(Problem::new(StatusCode::FORBIDDEN, "foreign-form", what, cure))
}

/// Signs in.
pub async fn sign_in(asked: Asked, State(app): State<Arc<App>>, request: Request) -> Response {
    let from = peer(&request);
    let said = match form(&asked, &app, request).await {
        Ok(said) => said,
        Err(problem) => return asked.show(Err(problem)),
    };
    let (name, to) = (field(&said, "name"), field(&said, "to"));
    match app.sign_in(from, name, field(&said, "password").to_owned()).await {
        Ok(signed_in) => {
            let mut response = onward(local(to).unwrap_or("/"));
            landing::keep(&mut response, &signed_in.token, signed_in.seconds, asked.pages.secure);
            response
        }
        Err(problem) => {
            let page = show(&asked, name, to, Some(&problem));
            asked.show(Ok(page))
        }
    }
}

/// Signs out.
pub async fn sign_out(asked: Asked, State(app): State<Arc<App>>, request: Request) -> Response {
    if let Err(problem) = form(&asked, &app, request).await {
        return asked.show(Err(problem));
    }
    if let Some(token) = &asked.session
        && let Err(problem) = app.sign_out(token).await
    {
        return asked.show(Err(problem));
    }
    let mut response = onward("/");
    tell(&mut response, &kept(SESSION, "", Some(0), asked.pages.secure));
    response
}
