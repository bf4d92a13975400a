//! Two sides beside each other: two days of a region, two regions, or a region without and with a draft.

use std::collections::BTreeSet;

use domain::Date;
use maud::{Markup, html};
use policy::{Held, NoticeKind, Region, Terms, View, place};
use server::Problem;

use super::terms::{from, is_figure, says};
use super::{head, wide};
use crate::asked::{Asked, Page};
use crate::bill::{self, Fault};
use crate::fields::{Options, line, named, region, region_name, regions, select};
use crate::layout::trouble;
use crate::{about, clause};

pub fn show(asked: &Asked) -> Result<Page, Problem> {
    let left = region(asked)?;
    let right = named(asked, asked.one("with").unwrap_or(&left.slug))?;
    let title = asked.of("对照", "Compare");
    let lead = asked.of(
        "两个日子、两个地区，或加上征求意见稿，只列不同之处。",
        "Two days, two regions, or a draft on top: only what differs is listed.",
    );
    let days = bill::day(asked, "on")
        .and_then(|on| Ok((on, if asked.one("then").is_some() { bill::day(asked, "then")? } else { on })));
    let body = html! {
        (head(asked, title, lead))
        (form(asked, left, right, days.as_ref().ok()))
        @match &days {
            Ok((on, then)) => { (compared(asked, (left, *on), (right, *then))) }
            Err(Fault { what, cure }) => { (trouble(asked, what, cure)) }
        }
    };
    Ok(Page::new(title, body))
}

fn form(asked: &Asked, left: &Region, right: &Region, days: Option<&(Date, Date)>) -> Markup {
    let options = regions(&asked.pages.library, asked.lang());
    let text = |day: Option<Date>| day.map_or_else(String::new, |day| day.to_string());
    let none = (String::new(), asked.of("不加", "none").to_owned());
    let drafts = asked.pages.library.notices.iter().filter(|notice| notice.kind == NoticeKind::Draft);
    let drafts: Options = std::iter::once(none)
        .chain(drafts.map(|draft| (draft.id.clone(), clause::title(asked.lang(), draft).to_owned())))
        .collect();
    html! {
        form.ask method="get" action="/policy/compare" {
            div.grid {
                (select("region", asked.of("左边地区", "Left: region"), &options, &left.slug))
                (line("on", asked.of("左边日期", "Left: day"), "date", &text(days.map(|days| days.0)), ""))
            }
            div.grid {
                (select("with", asked.of("右边地区", "Right: region"), &options, &right.slug))
                (line("then", asked.of("右边日期", "Right: day"), "date", &text(days.map(|days| days.1)), ""))
                (select("draft", asked.of("右边加征求意见稿", "Right: with a draft"), &drafts, asked.one("draft").unwrap_or_default()))
            }
            div.act { button type="submit" { (asked.of("对照", "Compare")) } }
        }
    }
}

fn compared(asked: &Asked, left: (&Region, Date), right: (&Region, Date)) -> Markup {
    let library = &asked.pages.library;
    let with = View { drafts: asked.one("draft").map(str::to_owned).into_iter().collect(), ..View::default() };
    let (before, after) = (library.terms(left.0, left.1, &View::default()), library.terms(right.0, right.1, &with));
    let keys: BTreeSet<&str> =
        before.iter().chain(after.iter()).map(|(key, _)| key).filter(|key| is_figure(key)).collect();
    let lines = |terms: &Terms<'_>, key: &str| match terms.held(key) {
        Some(Held::InForce(cited)) => asked.pages.words.lines(asked.lang(), terms, cited.provision),
        _ => Vec::new(),
    };
    let mut differ: Vec<&str> = keys.iter().copied().filter(|key| lines(&before, key) != lines(&after, key)).collect();
    differ.sort_by_cached_key(|key| place(if after.held(key).is_some() { &after } else { &before }, key));
    let foreign = asked.one("draft").is_some_and(|id| about::drafts(asked, right.0).iter().all(|draft| draft.id != id));
    let name = |(region, day): (&Region, Date)| format!("{} {day}", region_name(region, asked.lang()));
    html! {
        h2 { (name(left)) " · " (name(right)) }
        @if foreign {
            (trouble(asked, asked.of("这份征求意见稿不在右边地区施行，加上也没有变化", "this draft is not of the region on the right, and changes nothing there"),
                asked.of("右边选它所在的地区", "choose its region on the right")))
        }
        p { (differ.len()) (asked.of(" 处不同，", " differ, ")) (keys.len() - differ.len()) (asked.of(" 处相同。", " are the same.")) }
        @if !differ.is_empty() {
            (wide(asked.of("不同之处", "What differs"), html! {
                table {
                    thead { tr {
                        th scope="col" { (asked.of("条款", "Provision")) }
                        th scope="col" { (name(left)) }
                        th scope="col" { (name(right)) }
                    } }
                    tbody { @for key in differ { tr {
                        th scope="row" {
                            (asked.pages.words.key(asked.lang(), if after.held(key).is_some() { &after } else { &before }, key))
                            br; code { (key) }
                        }
                        td { (side(asked, &before, key)) }
                        td { (side(asked, &after, key)) }
                    } } }
                }
            }))
        }
    }
}

fn side(asked: &Asked, terms: &Terms<'_>, key: &str) -> Markup {
    html! {
        @match terms.held(key) {
            Some(Held::InForce(cited)) => { (says(asked, terms, cited)) (from(asked, cited)) }
            Some(Held::Ended(_, on)) => { span.hint { (on) (asked.of(" 起失效", " it ended")) } }
            None => { span.hint { (asked.of("没有写", "not said")) } }
        }
    }
}
