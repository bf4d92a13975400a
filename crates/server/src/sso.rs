//! Single sign-on as a browser goes through it: away to the identity provider, and back with a code.
//!
//! Between the two the browser keeps a cookie, so that nobody is signed in by an address that another began. A browser that came
//! from a page ends at the page it wanted, which the pages see to ([`Landing`]); else the answer is that of `POST /v1/sign-in`.

use std::net::IpAddr;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::header::{ACCEPT, COOKIE, LOCATION, SET_COOKIE};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use crate::access::{AWAY, BACK, Back, Departure, Oidc, SignedIn};
use crate::app::{App, peer};
use crate::desk::welcome;
use crate::ops::Asker;
use crate::problem::Problem;
use crate::rest::pairs;

pub(crate) const BEGIN: &str = "/v1/sign-in/oidc";
const KEPT: &str = "tongchou-oidc";

pub(crate) fn routes() -> Router<Arc<App>> {
    Router::new().route(BEGIN, get(begin)).route(BACK, get(back))
}

/// Shows a browser in that came from a page: where somebody has signed in, and the page he wanted; or why he has not.
pub type Landing = Box<dyn Fn(&HeaderMap, Result<(SignedIn, String), Problem>) -> Response + Send + Sync>;

/// An address of this server, if it is one: a path that leads nowhere else.
pub fn local(to: &str) -> Option<&str> {
    let plain = to.len() <= 512 && to.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    (plain && to.starts_with('/') && !to.starts_with("//")).then_some(to)
}

/// Away to the provider; `to` names the page that is wanted.
async fn begin(State(app): State<Arc<App>>, request: Request) -> Result<Response, Problem> {
    let oidc = provider(&app)?;
    app.access.rate_try(peer(&request))?;
    let pairs = pairs(request.uri().query())?;
    let to = pairs.iter().find(|(name, _)| name == "to").and_then(|(_, to)| local(to));
    let Departure { to, browser } = oidc.depart(to.map(str::to_owned)).await?;
    Ok((StatusCode::SEE_OTHER, [(LOCATION, to), (SET_COOKIE, cookie(oidc, &browser, AWAY.as_secs()))]).into_response())
}

/// Back from it: to the page that was wanted; who wanted none is answered as a program is.
async fn back(State(app): State<Arc<App>>, request: Request) -> Result<Response, Problem> {
    let oidc = provider(&app)?;
    let (from, headers, uri) = (peer(&request), request.headers().clone(), request.uri().clone());
    let (outcome, landing) = (arrived(&app, oidc, from, &headers, &uri).await, app.landing.get());
    let mut response = match (outcome, landing) {
        (Ok((signed_in, Some(to))), Some(landing)) => {
            let name = signed_in.name.clone();
            let mut response = landing(&headers, Ok((signed_in, to)));
            response.extensions_mut().insert(Asker(name));
            response
        }
        (Ok((signed_in, _)), _) => welcome(signed_in),
        (Err(problem), Some(landing)) if reads_pages(&headers) => landing(&headers, Err(problem)),
        (Err(problem), _) => return Err(problem),
    };
    if let Ok(gone) = cookie(oidc, "", 0).parse() {
        response.headers_mut().append(SET_COOKIE, gone);
    }
    Ok(response)
}

async fn arrived(
    app: &App,
    oidc: &Oidc,
    from: IpAddr,
    headers: &HeaderMap,
    uri: &Uri,
) -> Result<(SignedIn, Option<String>), Problem> {
    app.access.rate_try(from)?;
    let pairs = pairs(uri.query())?;
    let one = |name: &str| pairs.iter().find(|(known, _)| known == name).map(|(_, text)| text.as_str());
    let code = one("code").ok_or(one("error").unwrap_or_default());
    let back = Back { state: one("state").unwrap_or_default(), issuer: one("iss"), code };
    let (subject, to) = oidc.arrive(back, kept(headers)).await?;
    Ok((app.access.sign_in_by(&app.bridge, oidc, subject).await?, to))
}

/// Whether a page can be shown to who asks.
fn reads_pages(headers: &HeaderMap) -> bool {
    headers.get(ACCEPT).and_then(|accept| accept.to_str().ok()).is_some_and(|accept| accept.contains("text/html"))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_signs_in_is_sent_nowhere_else() {
        assert_eq!(local("/counter?of=a"), Some("/counter?of=a"));
        for elsewhere in [
            "",
            "counter",
            "//evil",
            "/\\evil",
            "https://evil",
            "/a b",
            "/\u{9}/evil",
            &format!("/{}", "a".repeat(512)),
        ] {
            assert_eq!(local(elsewhere), None, "{elsewhere}");
        }
    }
}
