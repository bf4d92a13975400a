//! How many clauses of each notice run, shown by passing cases, and why the others do not. Running all cases takes a while: it is
//! done once, when first asked for, and who asks meanwhile is told to come back.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use cases::{ClauseCoverage, State, coverage, summary};
use maud::{Markup, html};
use server::Problem;

use super::{head, wide};
use crate::asked::{Asked, Page};
use crate::{Pages, clause};

pub fn show(asked: &Asked) -> Result<Page, Problem> {
    let title = asked.of("条文覆盖", "Clause coverage");
    let lead = asked.of(
        "一条条文只有通过的案例点到它才算数，从不靠自称。",
        "A clause counts when a passing case names it, never by being asserted.",
    );
    let Some(clauses) = counted(&asked.pages) else {
        let body = html! {
            (head(asked, title, lead))
            p role="status" {
                (asked.of("正在跑全部案例，要一会儿。", "All cases are being run, which takes a while.")) " "
                a href=(asked.path) { (asked.of("再看一次", "Look again")) }
            }
        };
        return Ok(Page::new(title, body));
    };
    let of = asked.one("of").filter(|prefix| clauses.iter().any(|clause| clause.notice == **prefix));
    let body = html! {
        (head(asked, title, lead))
        (sums(asked, clauses))
        @if let Some(prefix) = of { (listed(asked, clauses, prefix)) }
    };
    Ok(Page::new(title, body))
}

/// How the clauses stand, as soon as that is known; it is waited for a moment only.
fn counted(pages: &Arc<Pages>) -> Option<&Vec<ClauseCoverage>> {
    if !pages.counting.swap(true, Ordering::Relaxed) {
        let counter = Arc::clone(pages);
        std::thread::spawn(move || {
            counter.coverage.get_or_init(|| coverage(&counter.library, &cases::run(&counter.library)));
        });
    }
    for _ in 0..20 {
        if let Some(clauses) = pages.coverage.get() {
            return Some(clauses);
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    None
}

fn sums(asked: &Asked, clauses: &[ClauseCoverage]) -> Markup {
    wide(
        asked.of("按文件", "By notice"),
        html! {
            table {
                thead { tr {
                    th scope="col" { (asked.of("文件", "Notice")) }
                    th.n scope="col" { (asked.of("条文", "Clauses")) }
                    th.n scope="col" { (asked.of("已执行", "Executed")) }
                    th.n scope="col" { (asked.of("已演示", "Shown")) }
                    th.n scope="col" { (asked.of("未做", "Open")) }
                    th.n scope="col" { (asked.of("不可执行", "Not executable")) }
                } }
                tbody { @for row in summary(clauses).iter().filter(|row| row.kind.is_none()) { tr {
                    th scope="row" {
                        a href={ "/policy/coverage?of=" (row.notice) } { (row.notice) } " "
                        @if let Some(notice) = clause::notice_of(&asked.pages.library, &format!("{}-", row.notice)) { span.hint { (clause::titled(asked.lang(), notice)) } }
                    }
                    td.n { (row.clauses) }
                    td.n { (row.executed) }
                    td.n { (row.shown) }
                    td.n { (row.open) }
                    td.n { (row.not_executable) }
                } } }
            }
        },
    )
}

fn listed(asked: &Asked, clauses: &[ClauseCoverage], prefix: &str) -> Markup {
    let of: Vec<&ClauseCoverage> = clauses.iter().filter(|clause| clause.notice == prefix).collect();
    let state = |state: State| match state {
        State::Executed => asked.of("已执行", "executed"),
        State::Shown => asked.of("已演示", "shown"),
        State::Open => asked.of("未做", "open"),
        State::NotExecutable => asked.of("不可执行", "not executable"),
    };
    html! {
        h2 { (prefix) }
        (wide(prefix, html! {
            table {
                thead { tr {
                    th scope="col" { (asked.of("条文", "Clause")) }
                    th scope="col" { (asked.of("状态", "State")) }
                    th scope="col" { (asked.of("案例或原因", "Cases, or why not")) }
                } }
                tbody { @for one in of { tr {
                    th scope="row" { (clause::one(&asked.pages.library, asked.lang(), &one.clause)) }
                    td.kind { (state(one.state)) }
                    td { @if one.why.is_empty() { @for case in &one.cases { div { (case) } } } @else { (asked.said(&one.why)) } }
                } } }
            }
        }))
    }
}
