//! All runs beside each other, with their main figures.

use domain::{Basis, Fen};
use maud::{Markup, html};

use super::run::ending;
use super::{Headline, Run, Simulations, State, named, tabs};
use crate::asked::{Asked, Page};
use crate::fields::{basis, region_name};
use crate::moment::to_minute;
use crate::sheet::{signed, yuan};

/// The list.
///
/// # Errors
/// Never; it has the form of all pages.
pub fn show(asked: &Asked, simulations: &dyn Simulations) -> Page {
    let title = asked.of("历次测算", "Earlier runs");
    let runs = simulations.runs();
    let body = html! {
        (tabs(asked))
        h1 { (title) }
        p.lead { (asked.of(
            "每次一组：现行规定在前，各方案在后。都是合成人口，只宜同一批人之间比较。",
            "A group each: the terms as they are, then the variants. All people are made up; compare runs over the same people only.",
        )) }
        @if runs.is_empty() {
            p { (asked.of("还没有测算。", "There are none yet.")) " " a href="/simulate" { (asked.of("开始一次", "Start one")) } }
        } @else {
            div.wide tabindex="0" role="region" aria-label=(title) {
                table.list.runs {
                    thead { tr {
                        @for head in heads(asked) { th scope="col" class=[head.1.then_some("n")] { (head.0) } }
                        th scope="col" { span.unseen { (asked.of("办理", "Actions")) } }
                    } }
                    @for run in &runs { tbody { (rows(asked, run)) } }
                }
            }
        }
    };
    Page::new(title, body)
}

/// Headings, and whether numbers stand below them.
fn heads(asked: &Asked) -> [(&'static str, bool); 9] {
    let of = |zh, en| asked.lang().of(zh, en);
    [
        (of("测算", "run"), false),
        (of("方案", "variant"), false),
        (of("依据", "basis"), false),
        (of("基金支付（元）", "paid by funds (yuan)"), true),
        (of("比现行规定（元）", "against baseline (yuan)"), true),
        (of("范围内支付比例", "ratio in scope"), true),
        (of("个人负担（元）", "persons' own (yuan)"), true),
        (of("少负担的人", "pay less"), true),
        (of("多负担的人", "pay more"), true),
    ]
}

fn rows(asked: &Asked, run: &Run) -> Markup {
    let lines: &[Headline] = if let State::Done(lines) = &run.state { lines } else { &[] };
    let high = lines.len().max(1);
    let region = asked.pages.library.region(&run.order.region).map(|region| region_name(region, asked.lang()));
    let end = if run.state.is_going() { asked.of("取消", "Cancel") } else { asked.of("删去", "Delete") };
    let about = html! {
        th scope="rowgroup" rowspan=(high) {
            a href={ "/simulate/run/" (run.id) } { (region.unwrap_or_else(|_| run.order.region.clone())) " " (run.order.year) " #" (run.id) }
            div.hint { (run.order.people) (asked.of(" 人，种子 ", " people, seed ")) (run.order.seed) }
            div.hint { (to_minute(run.order.at)) " " (run.order.by) }
        }
    };
    let acts = html! { td.acts rowspan=(high) { (ending(asked, run, end, "")) } };
    html! {
        @if lines.is_empty() {
            tr { (about) td colspan="8" { (state(asked, &run.state)) } (acts) }
        }
        @for (at, line) in lines.iter().enumerate() {
            tr {
                @if at == 0 { (about) }
                (cells(asked, line, &lines[0], at == 0))
                @if at == 0 { (acts) }
            }
        }
    }
}

fn cells(asked: &Asked, line: &Headline, baseline: &Headline, is_baseline: bool) -> Markup {
    let change = Fen(line.paid - baseline.paid);
    html! {
        td.variant { (named(asked, &line.name)) }
        td { @if let Some(at) = Basis::parse(&line.basis) { (basis(asked.lang(), at)) } }
        td.n { (yuan(Fen(line.paid))) }
        td.n { @if !is_baseline { (signed(change)) } }
        td.n { (percent(line.paid, line.in_scope)) }
        td.n { (yuan(Fen(line.own))) }
        td.n { @if !is_baseline { (line.winners) } }
        td.n { @if !is_baseline { (line.losers) } }
    }
}

/// How a run stands that has no figures.
fn state(asked: &Asked, state: &State) -> String {
    match state {
        State::Waiting(_) => asked.of("排队中", "waiting").to_owned(),
        State::Running { permille, .. } => format!("{} {}%", asked.of("测算中", "running"), permille / 10),
        State::Failed(what, _) => format!("{}{}", asked.of("没有算成：", "it came to nothing: "), asked.said(what)),
        State::Interrupted => asked.of("程序中途停了，没有结果", "the program ended before it was whole").to_owned(),
        State::Done(_) => String::new(),
    }
}

/// A part of a whole, neither negative, in percent with two places, half up; nothing of nothing.
fn percent(part: i64, whole: i64) -> String {
    if whole == 0 {
        return String::new();
    }
    let hundredths = (i128::from(part) * 20_000 + i128::from(whole)) / (2 * i128::from(whole));
    format!("{}.{:02}%", hundredths / 100, hundredths % 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ratio_is_rounded_half_up_to_two_places() {
        assert_eq!(percent(1, 3), "33.33%");
        assert_eq!(percent(2, 3), "66.67%");
        assert_eq!(percent(1, 20_000), "0.01%");
        assert_eq!(percent(0, 0), "");
    }
}
