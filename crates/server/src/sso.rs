//! Single sign-on as a browser goes through it: away to the identity provider, and back with a code.
//!
//! Between the two the browser keeps a cookie, so that nobody is signed in by an address that another began. The answer is that
//! of `POST /v1/sign-in`.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::header::{COOKIE, LOCATION, SET_COOKIE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use crate::access::{AWAY, BACK, Back, Departure, Oidc};
use crate::app::{App, peer};
use crate::desk::welcome;
use crate::problem::Problem;
use crate::rest::pairs;

const BEGIN: &str = "/v1/sign-in/oidc";
const KEPT: &str = "tongchou-oidc";

pub(crate) fn routes() -> Router<Arc<App>> {
    Router::new().route(BEGIN, get(begin)).route(BACK, get(back))
}

/// Away to the provider.
async fn begin(State(app): State<Arc<App>>, request: Request) -> Result<Response, Problem> {
    let oidc = provider(&app)?;
    app.access.rate_try(peer(&request))?;
    let Departure { to, browser } = oidc.depart().await?;
    Ok((StatusCode::SEE_OTHER, [(LOCATION, to), (SET_COOKIE, cookie(oidc, &browser, AWAY.as_secs()))]).into_response())
}

/// Back from it.
async fn back(State(app): State<Arc<App>>, request: Request) -> Result<Response, Problem> {
    let oidc = provider(&app)?;
    app.access.rate_try(peer(&request))?;
    let pairs = pairs(request.uri().query())?;
    let one = |name: &str| pairs.iter().find(|(known, _)| known == name).map(|(_, text)| text.as_str());
    let code = one("code").ok_or(one("error").unwrap_or_default());
    let back = Back { state: one("state").unwrap_or_default(), issuer: one("iss"), code };
    let subject = oidc.arrive(back, kept(request.headers())).await?;
    let mut response = welcome(app.access.sign_in_by(&app.bridge, oidc, subject).await?);
    if let Ok(gone) = cookie(oidc, "", 0).parse() {
        response.headers_mut().insert(SET_COOKIE, gone);
    }
    Ok(response)
}

fn provider(app: &App) -> Result<&Oidc, Problem> {
    let message = "这个服务没有设单点登录 (no single sign-on here)";
    let cure = "用 POST /v1/sign-in 登录；管理员可用 serve --oidc 设置";
    app.access.oidc.as_ref().ok_or_else(|| Problem::new(StatusCode::NOT_FOUND, "no-oidc", message, cure))
}

fn cookie(oidc: &Oidc, text: &str, seconds: u64) -> String {
    let secure = if oidc.is_secure() { "; Secure" } else { "" };
    format!("{KEPT}={text}; Path={BEGIN}; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}")
}

fn kept(headers: &HeaderMap) -> Option<&str> {
    let all = headers.get_all(COOKIE).iter().filter_map(|header| header.to_str().ok());
    let mut pairs = all.flat_map(|header| header.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(name, _)| *name == KEPT).map(|(_, text)| text)
}
