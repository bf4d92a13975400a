//! The page of the API: Swagger UI, as the crate `utoipa-swagger-ui-vendored` carries it, so that it works without the Internet.
//! Its scripts are files of this server, and no other may run in it.

use std::io::{Cursor, Read as _};
use std::sync::{Arc, LazyLock};

use axum::Router;
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use utoipa_swagger_ui_vendored::SWAGGER_UI_VENDORED;

use crate::app::App;
use crate::problem::Problem;

/// What the page may do. It sets the looks of single elements, hence styles within them.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
                      connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// The files of Swagger UI that are served: where they lie in what is carried, and of what kind they are.
const FILES: [(&str, &str); 4] = [
    ("dist/swagger-ui-bundle.js", "text/javascript"),
    ("dist/swagger-ui.css", "text/css"),
    ("LICENSE", "text/plain; charset=utf-8"),
    ("NOTICE", "text/plain; charset=utf-8"),
];

/// Their contents, in the same order; taken out when the page is first asked for.
static CONTENTS: LazyLock<Option<Vec<Vec<u8>>>> = LazyLock::new(|| {
    let mut carried = zip::ZipArchive::new(Cursor::new(SWAGGER_UI_VENDORED)).ok()?;
    let top = carried.file_names().next()?.ok()?.split('/').next()?.to_owned();
    let mut one = |(path, _): &(&str, &str)| {
        let mut content = Vec::new();
        carried.by_name(&format!("{top}/{path}")).ok()?.read_to_end(&mut content).ok()?;
        Some(content)
    };
    FILES.iter().map(&mut one).collect()
});

pub(crate) fn routes() -> Router<Arc<App>> {
    let page = || async { ([(CONTENT_SECURITY_POLICY, POLICY)], Html(include_str!("index.html"))) };
    let start = || async { ([(CONTENT_TYPE, "text/javascript")], include_str!("start.js")) };
    let router = Router::new().route("/docs", get(page)).route("/docs/start.js", get(start));
    FILES.iter().enumerate().fold(router, |router, (index, (path, kind))| {
        let name = path.rsplit('/').next().unwrap_or(path);
        router.route(&format!("/docs/{name}"), get(move || async move { file(index, kind) }))
    })
}

fn file(index: usize, kind: &'static str) -> Result<Response, Problem> {
    let missing = || {
        let status = axum::http::StatusCode::INTERNAL_SERVER_ERROR;
        Problem::new(status, "no-page", "这一页没有带上 (not carried)", "/openapi.json 里有全部内容")
    };
    let content: &'static [u8] = CONTENTS.as_ref().and_then(|all| all.get(index)).ok_or_else(missing)?;
    Ok(([(CONTENT_TYPE, kind), (CACHE_CONTROL, "public, max-age=86400")], content).into_response())
}
