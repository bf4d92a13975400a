//! A draft on the case deck: which cases come out otherwise than under the notice as it is, in which figures, by which clauses.
//! Cases run in both libraries as `policy test` runs them; a case that names no figure that changes does not change.

use std::collections::BTreeSet;
use std::panic::resume_unwind;
use std::thread;

use cases::{CaseResult, Deck, Figure, Named, Outcome, Telling, figure, run_some};
use domain::{Fen, Payer};
use maud::{Markup, html};
use policy::Library;

use super::Draft;
use crate::asked::Asked;
use crate::clause;
use crate::fields::region_name;
use crate::law::wide;
use crate::sheet::signed;

/// So many cases are told; a notice without its figures changes all of them.
const TOLD: usize = 100;

/// What changes, case by case.
pub fn compared(asked: &Asked, draft: &Draft) -> Markup {
    let regions: BTreeSet<&str> = draft.regions().iter().map(|region| region.slug.as_str()).collect();
    let lang = asked.lang();
    let run = |library: &Library| {
        let refusal = |code: &str, message: &str, cure: &str| asked.pages.words.refusal(lang, code, message, cure);
        let telling = Telling { lang, refusal: &refusal };
        run_some(library, telling, |case: Named<'_>| regions.contains(case.region))
    };
    let (before, after) = thread::scope(|scope| {
        let before = scope.spawn(|| run(&asked.pages.library));
        let after = run(&draft.library);
        (before.join().unwrap_or_else(|panic| resume_unwind(panic)), after)
    });
    let changed = changed(&before, &after);
    let left = changed.len().saturating_sub(TOLD);
    html! {
        h2 { (asked.of("在案例上比较", "Compared on the cases")) }
        p.says #changed {
            (after.cases.len()) (asked.of(" 个案例，", " cases, ")) (changed.len()) (asked.of(" 个的数变了", " of them change"))
        }
        @if changed.is_empty() {
            p { (asked.of("案例点到的数，没有一个因草稿而变。", "No figure that a case names changes under the draft.")) }
        } @else {
            p.hint { (asked.of("案例里的人和账单是编造的；金额单位元。", "Persons and bills of the cases are made up; amounts are in yuan.")) }
        }
        @for case in changed.iter().take(TOLD) { (told(asked, case)) }
        @if left > 0 { p { (asked.of("另有 ", "and ")) (left) (asked.of(" 个没有列出", " more")) } }
    }
}

/// The cases that come out otherwise, as they do under the draft.
fn changed<'d>(before: &Deck, after: &'d Deck) -> Vec<&'d CaseResult> {
    // Both decks are run over the same files of cases, in the same order.
    let pairs = before.cases.iter().zip(&after.cases);
    pairs.filter(|(before, after)| before.outcome != after.outcome).map(|(_, after)| after).collect()
}

fn told(asked: &Asked, case: &CaseResult) -> Markup {
    let library = &asked.pages.library;
    let region = library.regions.get(&case.region).map(|region| region_name(region, asked.lang()));
    let lines: &[String] = match &case.outcome {
        Outcome::Passed => &[],
        Outcome::Failed(lines) => lines,
    };
    // The steps that led there are set in.
    let (steps, failures): (Vec<&String>, Vec<&String>) = lines.iter().partition(|line| line.starts_with("    "));
    let figures: Vec<Figure<'_>> = failures.iter().filter_map(|failure| figure(failure)).collect();
    html! {
        div.card.changed {
            h3 { @if let Some(region) = region { (region) " · " } span lang="zh-CN" { (case.name) } }
            @if !figures.is_empty() { (wide(&case.name, table(asked, &figures))) }
            @for failure in failures.iter().filter(|failure| figure(failure).is_none()) { p { (asked.said(failure)) } }
            @if lines.is_empty() { p { (asked.of("按草稿，这个案例又通过了。", "Under the draft this case passes again.")) } }
            (clause::list(library, asked.lang(), &case.clauses))
            @if !steps.is_empty() {
                details {
                    summary { (asked.of("按草稿怎么算的", "How it is reckoned under the draft")) }
                    div { @for step in steps { p.step { (asked.said(step.trim_start())) } } }
                }
            }
        }
    }
}

/// The figures that a case names and that change.
fn table(asked: &Asked, figures: &[Figure<'_>]) -> Markup {
    html! {
        table.figures {
            thead { tr {
                th scope="col" { (asked.of("数", "Figure")) }
                th.n scope="col" { (asked.of("案例写明的", "As the case has it")) }
                th.n scope="col" { (asked.of("按草稿", "Under the draft")) }
                th.n scope="col" { (asked.of("变化", "Change")) }
            } }
            tbody { @for figure in figures {
                tr {
                    th scope="row" { (name(asked, figure)) }
                    td.n { (figure.expected) } td.n { (figure.got) }
                    td.n { @if let Some(change) = change(figure) { (signed(change)) } }
                }
            } }
        }
    }
}

/// Whose figure it is, and what it is called.
fn name(asked: &Asked, figure: &Figure<'_>) -> String {
    let what = match (figure.key, Payer::parse(figure.key)) {
        (_, Some(payer)) => asked.of(payer.name(), payer.english()).to_owned(),
        ("person", None) => asked.of("个人负担", "borne by the person").to_owned(),
        (key, None) => asked.of(&asked.pages.words.label(key), key).to_owned(),
    };
    match figure.of {
        "" => what,
        of => format!("{} · {what}", asked.said(of)),
    }
}

fn change(figure: &Figure<'_>) -> Option<Fen> {
    let yuan = |text: &str| Fen::parse_yuan(text).ok().filter(|_| text.contains('.'));
    Some(yuan(figure.got)? - yuan(figure.expected)?)
}
