//! A run: how far it is, and how it is ended or forgotten; when it is whole, its report and its files.

use axum::extract::{Path, Request, State};
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};
use serde_json::{Value, json};
use server::{App, Problem};
use std::sync::Arc;

use super::start::ordered;
use super::{Broken, File, Run, Simulations, Stage, State as How, report, tabs};
use crate::asked::{Asked, Page, onward};
use crate::layout::{hidden_token, trouble};
use crate::{answer, sign};

/// The page of a run.
pub async fn page(asked: Asked, Path(id): Path<String>) -> Response {
    super::shown(asked, move |asked, simulations| {
        let run = found(asked, simulations, &id)?;
        Ok(match &run.state {
            How::Done(_) => report::show(asked, simulations, &run)?,
            How::Waiting(_) | How::Running { .. } => going(asked, &run),
            How::Failed(what, cure) => over(asked, &run, &asked.said(what), &asked.said(cure)),
            How::Interrupted => over(
                asked,
                &run,
                asked.of("程序在它算完之前停了，没有结果", "the program ended before it was whole; there is no result"),
                asked.of("用同样的数字再算一次", "run it again with the same figures"),
            ),
        })
    })
    .await
}

/// A run by the number in the address.
fn found(asked: &Asked, simulations: &dyn Simulations, id: &str) -> Result<Run, Problem> {
    id.parse().ok().and_then(|id| simulations.run(id)).ok_or_else(|| nothing(asked))
}

/// That there is no such run.
pub fn nothing(asked: &Asked) -> Problem {
    let what = asked.of("没有这次测算，或已取消、删去", "there is no such run, or it was cancelled or deleted");
    let cure = asked.of("到“历次测算”查看还有哪些", "see Earlier runs for those that are there");
    Problem::new(StatusCode::NOT_FOUND, "no-such-run", what, cure)
}

/// How far a run is, in words.
fn says(asked: &Asked, state: &How) -> String {
    match state {
        How::Waiting(before) => match before {
            0 => asked.of("就要开始", "about to start").to_owned(),
            before => format!("{}{before}", asked.of("排队中，前面还有：", "waiting; before it: ")),
        },
        How::Running { stage, left, .. } => {
            let doing = match stage {
                Stage::Making => asked.of("正在生成合成人口", "making the people and their bills"),
                Stage::Settling => asked.of("正在逐张结算", "settling every bill"),
            };
            let left =
                left.map(|left| format!("{}{left}{}", asked.of("，大约还要 ", ", about "), asked.of(" 秒", " s left")));
            format!("{doing}{}", left.unwrap_or_default())
        }
        _ => asked.of("已结束", "over").to_owned(),
    }
}

fn permille(state: &How) -> u32 {
    match state {
        How::Waiting(_) => 0,
        How::Running { permille, .. } => *permille,
        _ => 1_000,
    }
}

/// The page of a run that waits or runs: it looks again by itself, by script or without.
fn going(asked: &Asked, run: &Run) -> Page {
    let title = asked.of("测算中", "Running");
    let says = says(asked, &run.state);
    let body = html! {
        (tabs(asked))
        h1 { (title) }
        div.card data-poll={ "/simulate/run/" (run.id) "/state" } {
            label for="progress" { (asked.of("进度", "Progress")) }
            progress id="progress" max="1000" value=(permille(&run.state)) {}
            p.says-how aria-live="polite" { (says) }
            noscript { p.hint { (asked.of("本页每两秒自己刷新。", "This page looks again every two seconds.")) } }
            (ordered(asked, &run.order))
            (ending(asked, run, asked.of("取消测算", "Cancel the run"), asked.of("取消后什么也不留", "nothing is kept of it")))
        }
    };
    let head = html! { noscript { meta http-equiv="refresh" content="2"; } };
    Page { head, ..Page::new(title, body) }
}

/// The page of a run that came to nothing.
fn over(asked: &Asked, run: &Run, what: &str, cure: &str) -> Page {
    let title = asked.of("没有算成", "The run came to nothing");
    let body = html! {
        (tabs(asked))
        h1 { (title) }
        (trouble(asked, what, cure))
        div.card { (ordered(asked, &run.order)) (afterwards(asked, run)) }
    };
    Page::new(title, body)
}

/// What can be done with a run that is over.
pub fn afterwards(asked: &Asked, run: &Run) -> Markup {
    html! {
        div.act {
            a.button href={ "/simulate?from=" (run.id) } { (asked.of("改几个数字再算", "Change it and run again")) }
            (ending(asked, run, asked.of("删去", "Delete"), ""))
        }
    }
}

/// A button that ends a run or forgets it.
pub fn ending(asked: &Asked, run: &Run, label: &str, hint: &str) -> Markup {
    html! {
        form.ending method="post" action={ "/simulate/run/" (run.id) "/delete" } {
            (hidden_token(asked))
            button.quiet type="submit" { (label) span.unseen { " " (run.id) } }
            @if !hint.is_empty() { span.hint { (hint) } }
        }
    }
}

/// How far a run is, for the page's script.
pub async fn state(asked: Asked, Path(id): Path<String>) -> Response {
    // A script is not led to another page: who has to sign in again does so from that of the run.
    if asked.caller.is_err() {
        return (StatusCode::UNAUTHORIZED, told(json!({}))).into_response();
    }
    let work = move || {
        let simulations = match super::open(&asked) {
            Ok(simulations) => simulations,
            Err(response) => return *response,
        };
        let run = id.parse().ok().and_then(|id| simulations.run(id));
        let going = run.as_ref().is_some_and(|run| run.state.is_going());
        let state = run.map(|run| run.state).unwrap_or(How::Interrupted);
        told(json!({ "going": going, "permille": permille(&state), "says": says(&asked, &state) })).into_response()
    };
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|_| super::broken())
}

/// An answer for the page's script.
fn told(says: Value) -> impl IntoResponse {
    ([(CONTENT_TYPE, "application/json"), (CACHE_CONTROL, "no-store")], says.to_string())
}

/// Ends a run, or forgets one that is over.
pub async fn delete(
    mut asked: Asked,
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    request: Request,
) -> Response {
    // What it leads back to is the run: to be ended is no page.
    asked.path = format!("/simulate/run/{}", id.parse::<u32>().unwrap_or_default());
    let simulations = match super::open(&asked) {
        Ok(simulations) => simulations,
        Err(response) => return *response,
    };
    if let Err(problem) = sign::form(&asked, &app, request).await {
        return asked.show(Err(problem));
    }
    let Ok(id) = id.parse() else { return asked.show(Err(nothing(&asked))) };
    let gone = tokio::task::spawn_blocking(move || simulations.delete(id)).await;
    match gone {
        Ok(Ok(())) => onward("/simulate/runs"),
        Ok(Err(trouble)) => asked.show(Err(unreadable(&asked, trouble))),
        Err(_) => super::broken(),
    }
}

/// That the files of a run are of no use; the log says why.
pub fn unreadable(asked: &Asked, _: Broken) -> Problem {
    let what = asked.of("测算的文件读写不了", "the files of the run cannot be read or removed");
    let cure = asked.of(
        "请管理员查看服务器的日志、测算文件夹的权限和空间",
        "the administrator should look at the server's log, and at the rights and space of the folder of runs",
    );
    Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "run-files", what, cure)
}

/// A file of a run, to be kept.
pub async fn file(asked: Asked, Path((id, name)): Path<(String, String)>) -> Response {
    let work = move || {
        let simulations = match super::open(&asked) {
            Ok(simulations) => simulations,
            Err(response) => return *response,
        };
        let file = found(&asked, simulations.as_ref(), &id).and_then(|run| {
            let file = simulations.file(run.id, &name, asked.lang());
            file.map_err(|trouble| unreadable(&asked, trouble))?.ok_or_else(|| nothing(&asked))
        });
        match file {
            Ok(File { name, kind, bytes }) => answer::file(&format!("simulation-{id}-{name}"), kind, bytes),
            Err(problem) => asked.show(Err(problem)),
        }
    };
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|_| super::broken())
}

/// The colours of charts.
pub async fn colours(asked: Asked) -> Response {
    let colours = asked.pages.simulations.as_ref().map(|simulations| simulations.colours().to_owned());
    let headers = [(CONTENT_TYPE, "text/css; charset=utf-8"), (CACHE_CONTROL, "public, max-age=300")];
    (headers, colours.unwrap_or_default()).into_response()
}
