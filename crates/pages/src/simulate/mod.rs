//! Simulations: what another figure or a draft would cost over a made-up population. A form of figures, a run that is followed
//! and may be ended, its report with charts, and the runs beside each other.
//!
//! Running is not done here: the program hands in who does ([`Simulations`]). A run is of made-up people, so its number may stand
//! in an address.

mod figures;
mod port;
mod report;
mod run;
mod runs;
mod start;

use std::sync::Arc;

use axum::Router;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};
use maud::{Markup, html};
use server::access::Caller;
use server::{App, Problem};

pub use self::port::{
    At, Broken, Fault, File, Headline, Order, Report, Run, Section, Simulations, Stage, State, Table,
};
use crate::asked::{Asked, Page};

/// What the right to all of this is called in the roles.
const RIGHT: &str = "simulate run";

pub(crate) fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/simulate", get(start::page).post(start::start))
        .route(
            "/simulate/runs",
            get(|asked: Asked| shown(asked, |asked, simulations| Ok(runs::show(asked, simulations)))),
        )
        .route("/simulate/run/{id}", get(run::page))
        .route("/simulate/run/{id}/state", get(run::state))
        .route("/simulate/run/{id}/delete", post(run::delete))
        .route("/simulate/run/{id}/file/{name}", get(run::file))
        .route("/simulate/charts.css", get(run::colours))
}

/// Whether somebody may run simulations.
pub(crate) fn may(app: &App, caller: &Caller) -> bool {
    app.may(caller, RIGHT)
}

/// Who runs simulations, for who may have them run.
///
/// # Errors
/// The page for who has not signed in or may not, and where the program has nobody to run them.
fn open(asked: &Asked) -> Result<Arc<dyn Simulations>, Box<Response>> {
    let Ok(caller) = &asked.caller else { return Err(asked.to_sign_in().into()) };
    if !may(&asked.app, caller) {
        let what =
            asked.of("测算是政策管理用的，您的身份不能用", "simulations are for the policy clerk, which you are not");
        let cure =
            asked.of("需要测算的，请管理员设身份 policy", "who needs them asks the administrator for the role policy");
        return Err(asked.show(Err(Problem::new(StatusCode::FORBIDDEN, "not-policy", what, cure))).into());
    }
    asked.pages.simulations.clone().ok_or_else(|| {
        let what = asked
            .of("此程序构建时未包含测算 (no-parquet)", "this build of the program has no simulations (no-parquet)");
        let cure = asked.of(
            "用 cargo run --release --features parquet 构建并启动，账套不变",
            "build and start it with cargo run --release --features parquet; the books stay as they are",
        );
        asked.show(Err(Problem::new(StatusCode::NOT_IMPLEMENTED, "no-parquet", what, cure))).into()
    })
}

/// A page that reads files, for who may: others are not kept waiting by it.
async fn shown(
    asked: Asked,
    show: impl FnOnce(&Asked, &dyn Simulations) -> Result<Page, Problem> + Send + 'static,
) -> Response {
    let work = move || match open(&asked) {
        Ok(simulations) => asked.show(show(&asked, simulations.as_ref()).map(dressed)),
        Err(response) => *response,
    };
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|_| broken())
}

/// The answer where a page came to nothing.
fn broken() -> Response {
    let mut response = Response::default();
    *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
    response
}

/// A page with what all of these have in their head.
fn dressed(page: Page) -> Page {
    let head = html! {
        link rel="stylesheet" href="/look/simulate.css";
        script src="/look/simulate.js" defer {}
        (page.head)
    };
    Page { head, ..page }
}

/// The ways among these pages.
fn tabs(asked: &Asked) -> Markup {
    const WAYS: [(&str, &str, &str); 2] =
        [("/simulate", "新测算", "New run"), ("/simulate/runs", "历次测算", "Earlier runs")];
    html! {
        nav.tabs aria-label=(asked.of("测算页面", "Simulation pages")) {
            @for (to, zh, en) in WAYS {
                a href=(to) aria-current=[(asked.path == to).then_some("page")] { (asked.of(zh, en)) }
            }
        }
    }
}

/// What a variant is called.
fn named<'n>(asked: &Asked, name: &'n str) -> &'n str {
    if name == "baseline" { asked.lang().of("现行规定", "baseline") } else { name }
}
