//! Errors as problem+json (RFC 9457): what is wrong, what to do, by which clauses, and a status by the kind of refusal.

use axum::http::header::{CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use books::Refusal;
use serde_json::{Value, json};
use service::{Failure, Trouble};

/// Why a request has no answer, as it goes out.
#[derive(Clone, Debug, PartialEq)]
pub struct Problem {
    /// The status.
    pub status: StatusCode,
    /// What is wrong, and what to do.
    pub refusal: Refusal,
    /// Seconds after which it is worth asking again.
    pub retry: Option<u64>,
    /// Whether the request may have taken effect all the same.
    pub in_doubt: bool,
}

impl Problem {
    /// Of a status.
    pub fn new(status: StatusCode, code: &str, message: impl Into<String>, cure: impl Into<String>) -> Problem {
        Problem { status, refusal: Refusal::new(code, message, cure), retry: None, in_doubt: false }
    }

    /// Worth asking again after so many seconds.
    #[must_use]
    pub fn after(self, seconds: u64) -> Problem {
        Problem { retry: Some(seconds), ..self }
    }

    /// Tells the log which problem a response is about.
    pub fn mark(&self, response: &mut Response) {
        response.extensions_mut().insert(Code(self.refusal.code.clone()));
    }

    /// As JSON; `request` is the id under which it stands in the log.
    fn body(&self) -> Value {
        let Refusal { code, message, cure, clauses } = &self.refusal;
        let mut body = json!({
            "type": "about:blank",
            "title": self.status.canonical_reason().unwrap_or_default(),
            "status": self.status.as_u16(),
            "detail": message,
            "code": code,
            "cure": cure,
        });
        if !clauses.is_empty() {
            body["clauses"] = json!(clauses);
        }
        if self.in_doubt {
            body["in_doubt"] = json!(true);
        }
        body
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = (self.status, self.body().to_string()).into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if let Some(seconds) = self.retry {
            headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        if self.status == StatusCode::UNAUTHORIZED {
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        self.mark(&mut response);
        response
    }
}

/// The code of a problem, for the log.
#[derive(Clone, Debug)]
pub(crate) struct Code(pub String);

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Problem {
        Problem { status: status(&refusal.code), refusal, retry: None, in_doubt: false }
    }
}

impl From<Failure> for Problem {
    fn from(failure: Failure) -> Problem {
        match failure {
            Failure::Refused(refusal) => refusal.into(),
            Failure::Operational(trouble) => trouble.into(),
        }
    }
}

impl From<Trouble> for Problem {
    fn from(trouble: Trouble) -> Problem {
        let Trouble { code, message, cure, in_doubt } = trouble;
        let (status, retry) = match code {
            "too-busy" | "database-busy" => (StatusCode::SERVICE_UNAVAILABLE, Some(1)),
            "database-gone" | "writer-stopped" => (StatusCode::SERVICE_UNAVAILABLE, Some(5)),
            "database-full" => (StatusCode::SERVICE_UNAVAILABLE, Some(60)),
            _ => (StatusCode::INTERNAL_SERVER_ERROR, None),
        };
        // What the database says of itself is for the log, not for the caller.
        let message = message.split('：').next().unwrap_or_default().to_owned();
        Problem { retry, in_doubt, ..Problem::new(status, code, message, cure) }
    }
}

/// The status of a refusal, by its code: what is not there, what stands in the way, who may not; and for all others, that the
/// request makes sense but not here.
fn status(code: &str) -> StatusCode {
    match code {
        "unknown-field" => StatusCode::UNPROCESSABLE_ENTITY,
        "no-right" | "own-right" | "same-person" => StatusCode::FORBIDDEN,
        "key-reused" | "refund-decided" | "in-batch" => StatusCode::CONFLICT,
        _ if code.starts_with("unknown-") => StatusCode::NOT_FOUND,
        _ if code.starts_with("already-") => StatusCode::CONFLICT,
        _ => StatusCode::UNPROCESSABLE_ENTITY,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(code: &str, expected: u16) {
        assert_eq!(Problem::from(Refusal::new(code, "m", "c")).status.as_u16(), expected, "{code}");
    }

    #[test]
    fn the_status_tells_the_kind_of_refusal() {
        check("unknown-person", 404);
        check("unknown-field", 422);
        check("missing-field", 422);
        check("wrong-check-digit", 422);
        check("already-registered", 409);
        check("key-reused", 409);
        check("no-right", 403);
    }

    #[test]
    fn a_lost_database_says_when_to_come_back_and_nothing_of_itself() {
        let trouble = Trouble::new("database-gone", "数据库连不上，或连接断了 (gone)：postgres://secret@h", "等");
        let problem = Problem::from(trouble);
        assert_eq!((problem.status.as_u16(), problem.retry), (503, Some(5)));
        assert!(!problem.body().to_string().contains("secret"));
        let response = problem.into_response();
        assert_eq!(response.headers()[RETRY_AFTER], "5");
        assert_eq!(response.headers()[CONTENT_TYPE], "application/problem+json");
    }
}
