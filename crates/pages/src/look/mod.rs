//! The looks of the pages: one sheet of style, a script of a few lines that nothing depends on, and the mark.

use std::sync::Arc;

use axum::Router;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::routing::get;
use server::App;

/// Where each is, its kind, and the file itself.
const FILES: [(&str, &str, &str); 3] = [
    ("/look/style.css", "text/css; charset=utf-8", include_str!("style.css")),
    ("/look/page.js", "text/javascript; charset=utf-8", include_str!("page.js")),
    ("/look/mark.svg", "image/svg+xml", include_str!("mark.svg")),
];

pub fn routes() -> Router<Arc<App>> {
    FILES.into_iter().fold(Router::new(), |router, (path, kind, text)| {
        let headers = [(CONTENT_TYPE, kind), (CACHE_CONTROL, "public, max-age=300")];
        router.route(path, get(move || async move { (headers, text) }))
    })
}
