//! A line in the log for each request: its id, route, status, time and who asked. Never the query, a header or a body: numbers
//! of documents stand there.

use std::sync::{Arc, OnceLock};
use std::time::Instant;

use axum::extract::{MatchedPath, Request, State};
use axum::http::{Extensions, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;
use tracing::info;

use crate::app::App;
use crate::problem::Code;

const HEADER: &str = "x-request-id";

/// The id under which a request stands in the log: the client's, if it is fit to be logged, or a new one.
#[derive(Clone, Debug)]
pub struct RequestId(pub String);

/// Who asked, as a handler found out.
#[derive(Clone, Debug)]
pub(crate) struct Asker(pub String);

/// Where a handler that answers with a page leaves the name of who asked.
#[derive(Clone, Debug, Default)]
pub(crate) struct Name(Arc<OnceLock<String>>);

impl Name {
    /// Leaves a name, where the request has a place for one.
    pub(crate) fn leave(extensions: &Extensions, name: &str) {
        if let Some(place) = extensions.get::<Name>() {
            _ = place.0.set(name.to_owned());
        }
    }
}

/// Gives each request its id, counts it and logs it.
pub(crate) async fn observe(State(app): State<Arc<App>>, mut request: Request, next: Next) -> Response {
    let begun = Instant::now();
    let id = request_id(&request);
    let method = method(&request);
    let route = request.extensions().get::<MatchedPath>().map_or("(none)", MatchedPath::as_str).to_owned();
    request.extensions_mut().insert(RequestId(id.clone()));
    let name = Name::default();
    request.extensions_mut().insert(name.clone());
    let at_hand = AtHand::new(&app);
    let mut response = next.run(request).await;
    drop(at_hand);
    let (took, status) = (begun.elapsed(), response.status().as_u16());
    app.metrics.answered(method, &route, status, took);
    let asker = response.extensions().get::<Asker>().map(|asker| asker.0.as_str());
    let asker = asker.or(name.0.get().map(String::as_str)).unwrap_or_default();
    let code = response.extensions().get::<Code>().map_or("", |code| code.0.as_str());
    let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
    info!(request = id, method, route, status, micros, asker, code, "answered");
    if let Ok(id) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(HEADER, id);
    }
    response
}

fn request_id(request: &Request) -> String {
    let given = request.headers().get(HEADER).and_then(|value| value.to_str().ok());
    // Eighteen digits in a row could be the number of an ID card.
    let fit = |id: &&str| {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        !id.is_empty() && id.len() <= 64 && id.bytes().all(plain) && !tells_number(id)
    };
    given.filter(fit).map_or_else(service::request_id, str::to_owned)
}

/// Whether a text holds as many digits in a row as the number of a document has.
fn tells_number(text: &str) -> bool {
    text.split(|letter: char| !letter.is_ascii_digit()).any(|digits| digits.len() >= 15)
}

/// The method as one of few words: a client may send any.
fn method(request: &Request) -> &'static str {
    match request.method().as_str() {
        "GET" => "GET",
        "HEAD" => "HEAD",
        "POST" => "POST",
        _ => "other",
    }
}

/// Counts a request as being worked on, until it is dropped: a client that hangs up drops it too.
struct AtHand(Arc<App>);

impl AtHand {
    fn new(app: &Arc<App>) -> AtHand {
        app.metrics.at_hand.inc();
        AtHand(Arc::clone(app))
    }
}

impl Drop for AtHand {
    fn drop(&mut self) {
        self.0.metrics.at_hand.dec();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body;

    #[test]
    fn an_id_that_could_be_a_document_is_not_logged() {
        let of = |id: &str| request_id(&Request::builder().header(HEADER, id).body(Body::empty()).unwrap());
        assert_eq!(of("0192-abc"), "0192-abc");
        for unfit in ["11010519491231002X", "a b", "", &"x".repeat(65), "a\u{e9}"] {
            assert_ne!(of(unfit), unfit);
        }
    }
}
