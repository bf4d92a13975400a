//! The looks of the pages: one sheet of style, a script of a few lines that nothing depends on, and the mark.

use std::sync::Arc;

use axum::Router;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::routing::get;
use server::App;

/// Where each is, its kind, and the file itself.
const FILES: [(&str, &str, &str); 6] = [
    ("/look/style.css", "text/css; charset=utf-8", include_str!("style.css")),
    ("/look/page.js", "text/javascript; charset=utf-8", include_str!("page.js")),
    ("/look/simulate.css", "text/css; charset=utf-8", include_str!("simulate.css")),
    ("/look/simulate.js", "text/javascript; charset=utf-8", include_str!("simulate.js")),
    ("/look/draft.js", "text/javascript; charset=utf-8", include_str!("draft.js")),
    ("/look/mark.svg", "image/svg+xml", include_str!("mark.svg")),
];

pub fn routes() -> Router<Arc<App>> {
    FILES.into_iter().fold(Router::new(), |router, (path, kind, text)| {
        let headers = [(CONTENT_TYPE, kind), (CACHE_CONTROL, "public, max-age=300")];
        router.route(path, get(move || async move { (headers, text) }))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_page_has_more_script_than_an_old_telephone_can_take() {
        let script = FILES.iter().filter(|(_, kind, _)| kind.starts_with("text/javascript"));
        let bytes: usize = script.map(|(_, _, text)| text.len()).sum();
        assert!(bytes < 200 * 1024, "{bytes} bytes of script");
    }
}
