//! Answers that are no pages: a file to keep, whatever it holds.

use axum::http::HeaderName;
use axum::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use axum::response::{IntoResponse, Response};

use crate::asked::escaped;

/// A file that the browser keeps under a name.
pub fn file(name: &str, kind: &str, bytes: impl IntoResponse) -> Response {
    let headers: [(HeaderName, String); 4] = [
        (CONTENT_TYPE, kind.to_owned()),
        (CONTENT_DISPOSITION, format!("attachment; filename*=UTF-8''{}", escaped(name))),
        (X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
        (CACHE_CONTROL, "no-store".to_owned()),
    ];
    (headers, bytes).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_kept_under_its_name_whatever_that_holds() {
        let answer = file("渝\"a\".toml", "application/toml", "x = 1");
        let told = |name: HeaderName| answer.headers()[name].to_str().unwrap().to_owned();
        assert_eq!(told(CONTENT_DISPOSITION), "attachment; filename*=UTF-8''%E6%B8%9D%22a%22.toml");
        assert_eq!((told(CONTENT_TYPE), told(CACHE_CONTROL)), ("application/toml".to_owned(), "no-store".to_owned()));
    }
}
