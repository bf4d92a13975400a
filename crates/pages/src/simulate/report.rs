//! The report of a run within the pages: main figures, charts, tables, and the files to keep.

use maud::{Markup, PreEscaped, html};
use server::Problem;

use super::run::{afterwards, nothing, unreadable};
use super::start::ordered;
use super::{Report, Run, Section, Simulations, Table, tabs};
use crate::asked::{Asked, Page};

/// How many parts show their tables at once; those of the others are behind a heading.
const OPEN: [&str; 2] = ["overview", "refused"];

/// The report.
///
/// # Errors
/// When its files cannot be read, or it was deleted meanwhile.
pub fn show(asked: &Asked, simulations: &dyn Simulations, run: &Run) -> Result<Page, Problem> {
    let report = simulations.report(run.id, asked.lang()).map_err(|trouble| unreadable(asked, trouble))?;
    let report = report.ok_or_else(|| nothing(asked))?;
    let body = html! {
        (tabs(asked))
        h1 { (report.title) }
        p.state { (report.warning) }
        div.card { (ordered(asked, &run.order)) (files(asked, run, &report)) (afterwards(asked, run)) }
        nav.parts aria-label=(asked.of("报告各部分", "Parts of the report")) {
            @for section in &report.sections { a href={ "#" (section.id) } { (section.title) } }
        }
        @for part in &report.sections { (section(asked, part)) }
    };
    let head = html! { link rel="stylesheet" href="/simulate/charts.css"; };
    Ok(Page { head, ..Page::new(report.title.clone(), body) })
}

fn files(asked: &Asked, run: &Run, report: &Report) -> Markup {
    let to = |name: &str| format!("/simulate/run/{}/file/{name}", run.id);
    html! {
        p.files {
            span { (asked.of("下载：", "To keep: ")) }
            a href=(to("report.html")) download { (asked.of("整份报告 HTML", "the whole report, HTML")) }
            a href=(to("report.xlsx")) download { (asked.of("全部表格 Excel", "all tables, Excel")) }
        }
        details {
            summary { (asked.of("各表 CSV", "Each table as CSV")) }
            div { ul.names { @for (name, title) in &report.files {
                li { a href=(to(&format!("{name}.csv"))) download { (title) } " " code { (name) ".csv" } }
            } } }
        }
    }
}

fn section(asked: &Asked, part: &Section) -> Markup {
    let opens = OPEN.contains(&part.id.as_str());
    html! {
        section id=(part.id) {
            h2 { (part.title) }
            @for text in &part.texts { p { (text) } }
            @for (title, svg) in &part.charts {
                // Drawn by the program, with all texts escaped and neither style nor script within.
                figure.drawn tabindex="0" role="region" aria-label=(title) { (PreEscaped(svg)) }
            }
            @if opens {
                @for shown in &part.tables { (table(asked, part, shown)) }
            } @else if !part.tables.is_empty() {
                details {
                    summary { (asked.of("数字表", "The figures")) }
                    div { @for shown in &part.tables { (table(asked, part, shown)) } }
                }
            }
            @if !part.terms.is_empty() {
                details {
                    summary { (asked.of("各栏的含义、数据的来历", "What the columns mean, and from what all this comes")) }
                    div { dl.words { @for (term, meaning) in &part.terms { dt { (term) } dd { (meaning) } } } }
                }
            }
        }
    }
}

fn table(asked: &Asked, part: &Section, shown: &Table) -> Markup {
    let name = format!("{} · {}", part.title, shown.title);
    html! {
        div.wide tabindex="0" role="region" aria-label=(name) {
            table.report {
                caption { (shown.title) }
                thead { tr { @for (text, number) in &shown.head {
                    th scope="col" class=[number.then_some("n")] {
                        (text) @if text.is_empty() { span.unseen { (asked.of("项目", "figure")) } }
                    }
                } } }
                tbody { @for row in &shown.rows { tr { @for (at, (text, number)) in row.iter().enumerate() {
                    @if at == 0 { th scope="row" { (text) } } @else { td class=[number.then_some("n")] { (text) } }
                } } } }
            }
        }
        p.hint { (shown.source) }
    }
}
