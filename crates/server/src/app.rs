//! The server as a whole: its state, its routes, and what lies around each of them.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use axum::extract::{ConnectInfo, Request};
use axum::http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use axum::http::{HeaderValue, StatusCode};
use axum::middleware::{from_fn_with_state, map_response};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Router, http};

use crate::access::Access;
use crate::bridge::Bridge;
use crate::lately::Reach;
use crate::national::{self, National};
use crate::ops::{self, Metrics};
use crate::problem::Problem;
use crate::sso::Landing;
use crate::{desk, docs, fhir, openapi, rest, sso};

/// How the server works.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// Bytes of a request at most.
    pub body: usize,
    /// Bytes of a request that brings a file at most.
    pub file: usize,
    /// How long a request may take to arrive.
    pub arrival: Duration,
    /// How far it is looked back for what was done lately.
    pub reach: Reach,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings { body: 256 * 1024, file: 32 * 1024 * 1024, arrival: Duration::from_secs(20), reach: Reach::default() }
    }
}

/// What all requests share.
pub struct App {
    /// The service.
    pub bridge: Arc<Bridge>,
    /// Who may do what.
    pub access: Access,
    /// The national interface.
    pub national: National,
    pub(crate) settings: Settings,
    pub(crate) metrics: Metrics,
    /// How a browser that came from a page is shown in.
    pub(crate) landing: OnceLock<Landing>,
    document: String,
}

impl App {
    /// Who is to be told when the server was up, for the metrics.
    pub fn uptime(&self) -> service::uptime::Tell {
        let uptime = self.metrics.uptime.clone();
        Box::new(move |month| uptime.tell(month))
    }

    /// Says how a browser that came from a page is shown in; once.
    pub fn land(&self, landing: Landing) {
        _ = self.landing.set(landing);
    }

    /// Whether users may sign in by an identity provider: where a browser goes for that.
    pub fn signs_in_at(&self) -> Option<&'static str> {
        self.access.oidc.as_ref().map(|_| sso::BEGIN)
    }

    /// Over a service.
    pub fn new(bridge: Bridge, access: Access, settings: Settings) -> Arc<App> {
        let document = openapi::document(bridge.region()).to_string();
        let asking = bridge.asking.clone();
        let (bridge, metrics) = (Arc::new(bridge), Metrics::new(asking));
        Arc::new(App {
            bridge,
            access,
            national: National::default(),
            settings,
            metrics,
            landing: OnceLock::new(),
            document,
        })
    }
}

/// All routes of programs.
pub fn router(app: &Arc<App>) -> Router {
    router_with(app, Router::new().fallback(nothing_here))
}

/// All routes, with those of pages for people, which say what an address that nobody knows is answered.
pub fn router_with(app: &Arc<App>, pages: Router<Arc<App>>) -> Router {
    let document = app.document.clone();
    let openapi = move || async move { ([(CONTENT_TYPE, "application/json")], document) };
    Router::new()
        .route("/openapi.json", get(openapi))
        .route("/health", get(ops::health))
        .route("/ready", get(ops::ready))
        .merge(docs::routes())
        .merge(desk::routes())
        .merge(sso::routes())
        .merge(rest::routes())
        .merge(fhir::routes())
        .merge(national::routes())
        .merge(pages)
        .method_not_allowed_fallback(other_method)
        .layer(map_response(careful))
        .layer(from_fn_with_state(Arc::clone(app), ops::observe))
        .with_state(Arc::clone(app))
}

/// What a scraper of metrics asks for, and nothing else: served apart, for whom the rest is not open to.
pub fn metrics_router(app: &Arc<App>) -> Router {
    Router::new().route("/metrics", get(ops::metrics)).with_state(Arc::clone(app))
}

/// From where a request comes.
pub fn peer(request: &Request) -> std::net::IpAddr {
    let known = request.extensions().get::<ConnectInfo<std::net::SocketAddr>>();
    known.map_or(std::net::Ipv4Addr::UNSPECIFIED.into(), |peer| peer.0.ip())
}

/// What an address that nobody knows is answered.
pub async fn nothing_here() -> Problem {
    Problem::new(StatusCode::NOT_FOUND, "unknown-path", "没有这个地址 (no such path)", "/openapi.json 列出全部地址")
}

async fn other_method(method: http::Method) -> Problem {
    let message = format!("这个地址不接受 {method} (method)");
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, "other-method", message, "办理用 POST，查询用 GET")
}

/// What a browser is told of every answer.
async fn careful(response: Response) -> Response {
    let mut response = response.into_response();
    let headers = response.headers_mut();
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    // A page says by itself what it may do.
    let nothing = HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'");
    headers.entry(CONTENT_SECURITY_POLICY).or_insert(nothing);
    response
}
