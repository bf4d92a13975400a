//! Regions and their notices, with a time line of when each holds.

use domain::Date;
use maud::{Markup, html};
use policy::{Library, Notice, NoticeKind, Region, Status, notice_end};
use server::Problem;

use super::{head, wide};
use crate::asked::{Asked, Page, address};
use crate::clause;
use crate::fields::region_name;

/// Width of the time line's drawing.
const WIDTH: i64 = 960;

pub fn show(asked: &Asked) -> Result<Page, Problem> {
    let library = &asked.pages.library;
    let title = asked.of("政策文件", "The notices");
    let lead = asked.of("各地载入的文件：何时施行、何时失效、谁废止谁。补充文件只填空缺，从不压过通知。",
        "What is loaded for each region: from when it holds, until when, and what ended it. Supplements fill holes and never beat a notice.");
    let mut regions: Vec<&Region> = library.regions.values().collect();
    regions.sort_by(|a, b| a.code.cmp(&b.code));
    let body = html! {
        (head(asked, title, lead))
        (time_line(asked, library))
        @for region in regions { (of_region(asked, library, region)) }
    };
    Ok(Page::new(title, body))
}

fn of_region(asked: &Asked, library: &Library, region: &Region) -> Markup {
    let lang = asked.lang();
    let notices: Vec<&Notice> = library.notices.iter().filter(|notice| notice.region == region.slug).collect();
    let name = region_name(region, lang);
    html! {
        @if !notices.is_empty() {
            h2 { (name) " " code { (region.code) } }
            (wide(&name, html! {
                table {
                    thead { tr {
                        th scope="col" { (asked.of("文件", "Notice")) }
                        th scope="col" { (asked.of("状态", "Status")) }
                        th scope="col" { (asked.of("施行", "In force")) }
                        th scope="col" { (asked.of("最后一日", "Last day")) }
                        th.n scope="col" { (asked.of("条款", "Provisions")) }
                        th scope="col" { (asked.of("草稿", "Draft")) }
                    } }
                    tbody { @for notice in notices { (row(asked, library, notice)) } }
                }
            }))
            p { a href={ "/policy/terms?region=" (region.slug) } { (asked.of("看当日条款", "Terms of a day")) }
                " · " a href={ "/policy/findings?region=" (region.slug) } { (asked.of("核对", "Findings")) } }
        }
    }
}

fn row(asked: &Asked, library: &Library, notice: &Notice) -> Markup {
    let end = notice_end(library, notice);
    let status = Status::of(library, notice, end, asked.today());
    let over = matches!(status, Status::Expired | Status::Repealed);
    html! {
        tr class=[over.then_some("off")] {
            td { (clause::titled(asked.lang(), notice)) @if let Some(number) = &notice.number { " " span.hint lang="zh-CN" { (number) } } " " code { (notice.id) } }
            td.kind { (asked.of(status.name(), status.english())) }
            td.d { (notice.effective) }
            td.d { @if let Some(last) = end.and_then(|end| end.yesterday().ok()) { (last) } @else { "—" } }
            td.n { (notice.provisions.len()) }
            td { a href=(address("/policy/draft", &[("of".to_owned(), notice.id.clone())])) aria-label={ (asked.of("改一份：", "edit a copy of ")) (notice.title) } { (asked.of("改一份", "Edit a copy")) } }
        }
    }
}

/// Bars of notices over the years. The tables below say the same in words.
fn time_line(asked: &Asked, library: &Library) -> Markup {
    let shown = |notice: &&Notice| matches!(notice.kind, NoticeKind::Notice | NoticeKind::Draft);
    let notices: Vec<&Notice> = library.notices.iter().filter(shown).collect();
    let first = notices.iter().map(|notice| notice.effective.year()).min().unwrap_or(2016);
    let last =
        asked.today().year().max(notices.iter().map(|notice| notice.effective.year()).max().unwrap_or(first)) + 2;
    let span = i64::from(last - first).max(1) * 365;
    let left = 150;
    let at = |day: Date| {
        let days = i64::from(day.year() - first) * 365 + i64::from(day.day_of_year());
        left + (days.clamp(0, span) * (WIDTH - left)) / span
    };
    let height = 34 + 30 * i64::try_from(notices.len()).unwrap_or(0);
    let today = at(asked.today());
    html! {
        figure.time {
            svg viewBox={ "0 0 " (WIDTH) " " (height) } role="img" aria-label=(asked.of("文件时间线，下面的表说同样的内容", "Time line of the notices; the tables below say the same")) {
                @for year in (first..=last).step_by(2) {
                    @let x = Date::new(year, 1, 1).map_or(left, at);
                    line.ground x1=(x) x2=(x) y1="20" y2=(height) stroke="currentColor" stroke-opacity=".18" {}
                    text x=(x + 3) y="14" { (year) }
                }
                line x1=(today) x2=(today) y1="20" y2=(height) stroke="currentColor" stroke-width="1.5" stroke-dasharray="4 3" {}
                @for (row, notice) in notices.iter().enumerate() {
                    @let y = 26 + 30 * i64::try_from(row).unwrap_or(0);
                    @let name = library.regions.get(&notice.region).map_or_else(|| notice.region.clone(), |region| region_name(region, asked.lang()));
                    @let begins = at(notice.effective);
                    @let ends = notice_end(library, notice).map_or(WIDTH, at);
                    @let drawn = if notice.kind == NoticeKind::Draft { "assistance" } else { "basic" };
                    text x="0" y=(y + 15) { (name) " " (notice.issued.year()) }
                    rect class=(drawn) x=(begins) y=(y) width=((ends - begins).max(3)) height="18" rx="3" {}
                }
            }
            figcaption.hint { (asked.of("虚线是今天；棕色是征求意见稿，通过以前不施行。", "The dashed line is today; brown is a draft, not in force until adopted.")) }
        }
    }
}
