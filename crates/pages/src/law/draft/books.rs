//! A draft on the books that are served: the visits of a year that stand, settled anew under it without effect. It is for who may adopt
//! a notice. Persons are told by a handle that leads nowhere.

use std::sync::Arc;

use axum::http::StatusCode;
use books::care::{Trial, trial};
use books::{Look, Refusal, Rules, public};
use maud::{Markup, html};
use server::Problem;
use tokio::runtime::Handle;

use super::Draft;
use crate::asked::Asked;
use crate::fields::{basis, caution};
use crate::handle;
use crate::law::wide;
use crate::sheet::{signed, yuan};

/// So many persons are looked at: some minutes of the slowest machine.
const PERSONS: usize = 20_000;

/// Whether the caller's role sets the terms.
pub fn may(asked: &Asked) -> bool {
    asked.caller.as_ref().is_ok_and(|caller| asked.app.may_everywhere(caller, "notice adopt"))
}

/// What the funds would pay of a year's visits, and who gains and loses.
///
/// # Errors
/// When the caller may not, the terms cannot be made, or the books cannot be read.
pub fn compared(asked: &Asked, draft: &Draft, year: i16) -> Result<Markup, Problem> {
    let caller = asked.caller.as_ref().map_err(Clone::clone)?;
    if !may(asked) {
        let what = asked.of("只有政策管理可以在账套上试算", "trying a draft on the books is for the policy clerk");
        let cure = asked.of(
            "请政策管理的用户登录来做；在案例上比较人人可用",
            "ask one to sign in; comparing on the cases is for everybody",
        );
        return Err(Problem::new(StatusCode::FORBIDDEN, "not-allowed", what, cure));
    }
    let region = asked.app.bridge.region();
    if !draft.regions().iter().any(|known| known.slug == region) {
        let what = asked.of("这份文件不适用于本账套的地区", "this notice does not hold in the region of these books");
        let cure =
            asked.of("选账套所在地区的文件，或在案例上比较", "choose a notice of the region, or compare on the cases");
        return Err(Problem::new(StatusCode::CONFLICT, "other-region", what, cure));
    }
    // This runs on a thread for work, which may wait.
    let runtime = Handle::current();
    runtime.block_on(asked.app.looks_at_many(caller, "draft"))?;
    let (library, drafts) = (Arc::new(draft.library.clone()), draft.view().drafts);
    let what = asked.of("服务正在停止，没有算完", "the server stops, and this was not finished");
    let stopping = Refusal::new("stopping", what, asked.of("服务启动后再试算", "try again when it has started"));
    let bridge = Arc::clone(&asked.app.bridge);
    let go_on = move || if bridge.is_closing() { Err(stopping.clone().into()) } else { Ok(()) };
    let look = asked.app.bridge.look(move |desk, books| {
        let settings = public::settings(books)?;
        let settings = settings.ok_or_else(|| Refusal::new("not-open", "还没有开账", "先用 `tongchou open` 开账"))?;
        let mut adopted = settings.drafts();
        adopted.extend(drafts.iter().filter(|draft| !settings.drafts().contains(draft)).cloned());
        let library = settings.library(&library)?;
        let look = (adopted, Look::default());
        let others = Rules::looking(library, "draft", &settings.region, look, settings.strict, desk.today())?;
        trial(desk, books, &others, year, PERSONS, &go_on)
    });
    let trial = runtime.block_on(look)?;
    Ok(told(asked, year, &trial))
}

fn told(asked: &Asked, year: i16, trial: &Trial) -> Markup {
    let lang = asked.lang();
    let [gain, lose] = trial.gain_lose;
    html! {
        h2 { (asked.of("在账套上试算：", "On the books: ")) (year) (asked.of(" 年", "")) " " (basis(lang, trial.basis)) }
        p.says #tried {
            (trial.persons) (asked.of(" 人、", " persons, ")) (trial.visits) (asked.of(" 笔就诊：", " visits: "))
            (gain) (asked.of(" 人少负担，", " bear less, ")) (lose) (asked.of(" 人多负担", " bear more"))
        }
        p.hint { (asked.of("同样的账单按现行条款和按草稿各结算一遍，什么都不记账。两边都能结算的才进合计。",
            "The same bills are settled by the terms in force and by the draft, and nothing is recorded. Sums are of what both sides settle.")) }
        @if trial.visits > 0 {
            (caution(lang, trial.basis))
            (sums(asked, trial))
        }
        (remarks(asked, trial))
        @if !trial.largest.is_empty() { (largest(asked, trial)) }
    }
}

/// What each fund pays and persons bear, on both sides.
fn sums(asked: &Asked, trial: &Trial) -> Markup {
    let funds = trial.funds.iter().map(|(payer, sides)| (asked.of(payer.name(), payer.english()), *sides));
    let rows = funds.chain([(asked.of("个人负担", "persons"), trial.own)]);
    let name = asked.of("合计，元", "Sums, in yuan");
    wide(
        name,
        html! {
            table {
                caption { (name) }
                thead { tr {
                    th scope="col" { (asked.of("谁付", "Who pays")) }
                    th.n scope="col" { (asked.of("现行条款", "Terms in force")) }
                    th.n scope="col" { (asked.of("按草稿", "Under the draft")) }
                    th.n scope="col" { (asked.of("变化", "Change")) }
                } }
                tbody { @for (name, [now, then]) in rows {
                    tr class=[(now != then).then_some("differs")] {
                        th scope="row" { (name) }
                        td.n { (yuan(now)) } td.n { (yuan(then)) } td.n { (signed(then - now)) }
                    }
                } }
            }
        },
    )
}

/// What the sums do not say.
fn remarks(asked: &Asked, trial: &Trial) -> Markup {
    let [now, then] = trial.refused;
    let told = [
        (
            then,
            "笔按草稿会被拒付：草稿没有决定它们，或缺数",
            "visits would be refused under the draft: it does not decide them, or lacks a figure",
        ),
        (now, "笔按现行条款现在会被拒付", "visits would be refused now by the terms in force"),
        (
            trial.otherwise,
            "笔在账套里的结果与现行条款现在算的不同：结算之后条款或事实变了",
            "visits stand in the books otherwise than the terms in force give them now: terms or facts have changed since",
        ),
    ];
    html! {
        @for (count, zh, en) in told.into_iter().filter(|(count, ..)| *count > 0) { p { (count) " " (asked.of(zh, en)) } }
        @if trial.is_part { p { (asked.of("人太多，只算了前 ", "there are too many: only the first ")) (PERSONS) (asked.of(" 人", " persons were looked at")) } }
    }
}

/// Whose own cost changes most, by a handle.
fn largest(asked: &Asked, trial: &Trial) -> Markup {
    let name = asked.of("个人负担变化最大的", "Whose own cost changes most");
    wide(
        name,
        html! {
            table {
                caption { (name) }
                thead { tr {
                    th scope="col" { (asked.of("代号（不是个人编号）", "Handle, which is no number of a person")) }
                    th.n scope="col" { (asked.of("个人负担变化，元", "Change of own cost, in yuan")) }
                } }
                tbody { @for (person, change) in &trial.largest {
                    tr { td { code { (handle::of(&asked.secret, &format!("trial {person}")).get(..8).unwrap_or_default()) } } td.n { (signed(*change)) } }
                } }
            }
        },
    )
}
