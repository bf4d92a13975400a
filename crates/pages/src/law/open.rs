//! The figures that a region's notices leave open on a day, and what stands in for them.

use domain::Date;
use maud::{Markup, html};
use policy::{Missing, OpenFigure, Region, View, open_figures, place};
use server::Problem;

use super::{of_a_day, wide};
use crate::asked::{Asked, Page};
use crate::clause;
use crate::fields::{basis, region_name};

pub fn show(asked: &Asked) -> Result<Page, Problem> {
    let title = asked.of("待定数字", "Open figures");
    let lead = asked.of("通知留给别的文件、或没有写的数。要用到它的账单按名拒付，从不猜测；有补充文件暂代的，结果都注明。",
        "What the notices leave to other texts, or do not say. A bill that needs one is refused by name, never guessed; where a supplement stands in, every result says so.");
    of_a_day(asked, "/policy/open", title, lead, listed)
}

fn listed(asked: &Asked, region: &Region, day: Date) -> Markup {
    let library = &asked.pages.library;
    let view = View::default();
    let terms = library.terms(region, day, &view);
    let mut open = open_figures(library, region, day, &view);
    open.sort_by_cached_key(|figure| place(&terms, &figure.key));
    let supplied = open.iter().filter(|figure| figure.filled.is_some()).count();
    let name = format!("{} {day}", region_name(region, asked.lang()));
    html! {
        h2 { (name) }
        p { (open.len() - supplied) (asked.of(" 项未定，另有 ", " missing, and ")) (supplied) (asked.of(" 项由补充文件暂代。", " supplied by a supplement.")) }
        @if !open.is_empty() {
            (wide(&name, html! {
                table {
                    thead { tr {
                        th scope="col" { (asked.of("所缺", "What")) }
                        th scope="col" { (asked.of("状态", "State")) }
                        th scope="col" { (asked.of("尚缺什么", "What is needed")) }
                    } }
                    tbody { @for figure in &open { tr {
                        th scope="row" { (asked.pages.words.key(asked.lang(), &terms, &figure.key)) br; code { (figure.key) } }
                        td { (state(asked, figure)) }
                        td { (asked.said(&figure.needs)) (clause::list(library, asked.lang(), &figure.clauses)) }
                    } } }
                }
            }))
        }
    }
}

fn state(asked: &Asked, figure: &OpenFigure) -> Markup {
    html! {
        @match (&figure.filled, &figure.why) {
            (Some((notice, on)), _) => { (asked.of("暂代 ", "supplied ")) (basis(asked.lang(), *on)) " " code { (notice) } }
            (None, Missing::Open) => { (asked.of("待定", "open")) }
            (None, Missing::Absent) => { (asked.of("没有写", "not said")) }
            (None, Missing::Ended(on)) => { (on) (asked.of(" 起失效", " ended")) }
            (None, Missing::Statistic(id, year)) => { (asked.of("缺统计数 ", "no statistic ")) (id) " " (year) }
        }
    }
}
