//! The first page: what can be asked here, by who asks.

use axum::response::Response;
use maud::html;
use server::access::Scope;

use crate::asked::{Asked, Page};
use crate::counter;
use crate::fields::books_of;

/// What a tile says: its address, its name and what is behind it, in both languages.
type Tile = (&'static str, [&'static str; 2], [&'static str; 2]);

const TILES: [Tile; 5] = [
    (
        "/pay",
        ["我要缴多少", "What do I pay"],
        ["一年的保费、谁来付、财政补多少", "a year's contribution, who pays it, what the governments add"],
    ),
    (
        "/benefit",
        ["我能报多少", "What would I get"],
        ["一张账单经过三层保障，每一分钱的理由", "a bill through the three layers, with the reason of every fen"],
    ),
    (
        "/policy",
        ["政策文件", "The notices"],
        ["各地文件、何时生效、谁废止谁", "what each region issued, when it holds, what ended it"],
    ),
    (
        "/policy/terms",
        ["当日条款", "Terms of a day"],
        ["某地某日有效的规定，每个数背后的条文", "what holds in a region on a day, and the clause behind each figure"],
    ),
    (
        "/policy/open",
        ["待定数字", "Open figures"],
        ["文件没有给出的数，以及用什么暂代", "what the notices leave open, and what stands in for it"],
    ),
];

/// The page.
pub async fn page(asked: Asked) -> Response {
    let lang = asked.lang();
    let title = asked.of("城乡居民基本医疗保障", "Medical security of residents");
    let region = books_of(&asked);
    let mine = asked.caller.as_ref().is_ok_and(|caller| matches!(caller.scope, Scope::Person(_)));
    let clerk = asked.caller.as_ref().is_ok_and(|caller| counter::may(&asked.app, caller));
    let role = asked.caller.as_ref().ok().and_then(|caller| asked.app.role(caller));
    let body = html! {
        h1 { (title) }
        p.lead { (asked.of("缴多少、报多少、为什么：每个数都指到文件的条文。本系统账套：",
            "What one pays, what one gets, and why: each figure points to its clause. The books here are of ")) (region) (asked.of("。", ".")) }
        @if let Some((zh, en)) = role { p { (asked.of("已登录，身份：", "Signed in as ")) (asked.of(zh, en)) } }
        ul.tiles {
            @if mine {
                li { a href="/mine" { strong { (asked.of("我的账单", "My statements")) } (asked.of("已经结算的就诊、累计用掉的额度", "visits settled, and what is used of the year")) } }
            }
            @if clerk {
                li { a href="/counter" { strong { (asked.of("柜台", "Counter")) } (asked.of("找人、参保、缴费、备案、结算、撤销", "find a person; enrol, bill, file, settle, reverse")) } }
                li { a href="/work" { strong { (asked.of("工作", "Work")) } (asked.of("等复核的、待审核的、退回的、欠缴的", "what waits: approvals, filings, rejects, arrears")) } }
            }
            @for (to, name, about) in TILES {
                li { a href=(to) { strong { (lang.of(name[0], name[1])) } (lang.of(about[0], about[1])) } }
            }
        }
    };
    asked.show(Ok(Page::new(title, body)))
}
