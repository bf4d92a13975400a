//! What keeps a server running: whether it lives, whether it can work, what it did, and a line in the log for each request.

mod log;
mod metrics;

use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};

pub use log::RequestId;
pub(crate) use log::{Asker, Name, observe};
pub(crate) use metrics::Metrics;

use crate::app::App;
use crate::problem::Problem;

/// How long the database may take to say that it is there.
const PROBE: Duration = Duration::from_secs(3);

/// The process lives.
pub(crate) async fn health() -> &'static str {
    "ok\n"
}

/// The database answers, and the region's books are there.
pub(crate) async fn ready(State(app): State<Arc<App>>) -> Result<&'static str, Problem> {
    probe(&app).await.map(|()| "ready\n")
}

/// Whether the database answers in time, and the region's books are there.
pub(crate) async fn probe(app: &Arc<App>) -> Result<(), Problem> {
    let probe = app.bridge.look(|_, books| books::public::settings(books).map(|_| ()));
    match tokio::time::timeout(PROBE, probe).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(failure)) => Err(Problem { status: StatusCode::SERVICE_UNAVAILABLE, ..failure.into() }),
        Err(_) => {
            let message = "数据库没有及时答复 (the database is slow)";
            Err(Problem::new(StatusCode::SERVICE_UNAVAILABLE, "database-slow", message, "查看数据库的负载").after(5))
        }
    }
}

/// Counts and times in the text format of Prometheus.
pub(crate) async fn metrics(State(app): State<Arc<App>>) -> Response {
    const FORMAT: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    ([(CONTENT_TYPE, FORMAT)], app.metrics.text()).into_response()
}
