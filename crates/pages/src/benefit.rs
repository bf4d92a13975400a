//! What would I get: a bill settled through the layers, with the reasons of every amount, and what is left of the year.

use axum::response::Response;
use domain::{Bill, Fen};
use maud::{Markup, html};
use policy::{Region, View};
use server::Problem;
use settlement::{Engine, Entry, Opening, Options as Compiling, Plan, Reason, Refusal, Settlement, StageStep, reasons};

use crate::asked::{Asked, Page};
use crate::bill::{self, EARLIER, Fault};
use crate::fields::{
    Options, all, basis, caution, line, region, region_form, region_name, select, tick, ticks, yuan_line,
};
use crate::layout::{lost, trouble};
use crate::picture::{Pour, class, gauge, poured};
use crate::sheet::with_unit;
use crate::{about, clause};
use domain::Lang;

/// The page.
pub async fn page(asked: Asked) -> Response {
    asked.work_out(show).await
}

fn show(asked: &Asked) -> Result<Page, Problem> {
    let region = region(asked)?;
    let title = asked.of("我能报多少", "What would I get");
    let body = html! {
        h1 { (title) }
        p.lead { (asked.of("把一张账单依次过基本医保、大病保险和医疗救助，看每一层付多少、为什么。",
            "A bill through basic insurance, catastrophic insurance and medical assistance in turn: what each pays, and why.")) }
        (region_form(asked, "/benefit", region))
        (lost(asked))
        (form(asked, region))
        @if asked.one("ask").is_some() { (answer(asked, region)) }
    };
    Ok(Page::new(title, body))
}

fn form(asked: &Asked, region: &Region) -> Markup {
    let lang = asked.lang();
    let said = |name: &str| asked.one(name).unwrap_or_default();
    let or = |name: &str, otherwise: &'static str| asked.one(name).unwrap_or(otherwise).to_owned();
    let date = asked.one("date").map_or_else(|| asked.today().to_string(), str::to_owned);
    let diseases = diseases(asked, region);
    html! {
        form.ask method="post" action="/benefit" {
            input type="hidden" name="region" value=(region.slug);
            div.grid {
                (line("date", asked.of("出院或就诊日期", "Day of discharge or visit"), "date", &date, ""))
                (select("care", asked.of("就医类型", "Kind of care"), &all!(Care, lang), &or("care", "inpatient")))
                (select("level", asked.of("医院级别", "Level of provider"), &all!(Level, lang), &or("level", "2")))
                (select("filing", asked.of("在哪里看病", "Where"), &all!(Filing, lang), &or("filing", "local")))
                (about::common(asked, region))
                @if diseases.len() > 1 { (select("disease", asked.of("慢特病病种", "Disease"), &diseases, said("disease"))) }
            }
            fieldset {
                legend { (asked.of("这张账单（元）", "This bill (yuan)")) }
                div.grid {
                    (yuan_line("a", asked.of("甲类", "Class A"), said("a"), asked.of("全部进报销范围；分不清时全写这里", "counts whole; if in doubt, all of it here")))
                    (yuan_line("b", asked.of("乙类", "Class B"), said("b"), asked.of("先自付一部分，其余进范围", "a share is your own first")))
                    (yuan_line("share", asked.of("乙类先行自付比例", "Share of class B"), said("share"), asked.of("如 10%；不写按当地规定", "as 10%; by the terms if left out")))
                    (yuan_line("c", asked.of("丙类和目录外", "Out of scope"), said("c"), ""))
                    (yuan_line("over", asked.of("超过限价", "Above price limits"), said("over"), ""))
                }
            }
            (earlier(asked))
            (about::rare(asked, region, &marked(asked), ["mark", "since", "burden", "continues"].iter().any(|name| asked.one(name).is_some())))
            div.act { button type="submit" name="ask" value="1" { (asked.of("算一算", "Work it out")) } }
        }
    }
}

/// The earlier bills of the year, folded away until there is one.
fn earlier(asked: &Asked) -> Markup {
    let said = |name: &str, at: usize| asked.one(&format!("{name}{at}")).unwrap_or_default().to_owned();
    let or = |name: &str, at: usize, otherwise: &str| asked.one(&format!("{name}{at}")).unwrap_or(otherwise).to_owned();
    let label = |zh: &str, en: &str, at: usize| match asked.lang() {
        Lang::Zh => format!("第 {at} 张：{zh}"),
        Lang::En => format!("Bill {at}: {en}"),
    };
    html! {
        details open[(1..=EARLIER).any(|at| asked.one(&format!("a{at}")).is_some())] {
            summary { (asked.of("今年之前的账单", "Earlier bills of the year")) }
            div {
                p.hint { (asked.of("之前用掉的起付线、限额会影响这一次；没有就不写。日期不写的，算同一天。",
                    "Deductibles and limits that they used change what this one is paid; leave out if none. Without a day they are of the same day.")) }
                @for at in 1..=EARLIER {
                    div.grid {
                        (yuan_line(&format!("a{at}"), &label("甲类金额", "class A", at), &said("a", at), ""))
                        (line(&format!("date{at}"), &label("日期", "day", at), "date", &said("date", at), ""))
                        (select(&format!("care{at}"), &label("就医类型", "kind of care", at), &all!(Care, asked.lang()), &or("care", at, "inpatient")))
                        (select(&format!("level{at}"), &label("医院级别", "level of provider", at), &all!(Level, asked.lang()), &or("level", at, "2")))
                    }
                }
            }
        }
    }
}

/// What few bills have: marks, a referral that goes on from an earlier bill, unbroken cover that counts, a burden left elsewhere.
fn marked(asked: &Asked) -> (Markup, Markup) {
    let none = (String::new(), asked.of("不是", "no").to_owned());
    let from = |at: usize| match asked.lang() {
        Lang::Zh => format!("接之前的第 {at} 张"),
        Lang::En => format!("from earlier bill {at}"),
    };
    let bills = (1..=EARLIER).map(|at| (at.to_string(), from(at)));
    let held: Vec<&str> = asked.several("mark").collect();
    let own = html! {
        (line("since", asked.of("连续参保自", "Insured without a break since"), "date", asked.one("since").unwrap_or_default(), ""))
        (select("continues", asked.of("转诊接续", "Goes on by referral"), &std::iter::once(none).chain(bills).collect(), asked.one("continues").unwrap_or_default()))
        (tick("burden", asked.of("金额是别处基本医保付后剩下的负担", "The amount is what basic insurance elsewhere has left"), asked.one("burden").is_some()))
    };
    (own, ticks("mark", asked.of("这张账单的标记", "Marks of this bill"), &all!(Mark, asked.lang()), &held))
}

/// No disease, and those on the region's lists on the day.
fn diseases(asked: &Asked, region: &Region) -> Options {
    let none = (String::new(), asked.of("没有", "none").to_owned());
    let Ok(day) = bill::day(asked, "date") else { return vec![none] };
    let terms = asked.pages.library.terms(region, day, &View::default());
    let mut found: Options = terms
        .family("disease.")
        .filter_map(|(rest, cited)| {
            let code = rest.rsplit('.').next()?;
            Some((code.to_owned(), format!("{} {code}", cited.provision.record.text("name").unwrap_or_default())))
        })
        .collect();
    found.sort();
    found.dedup();
    std::iter::once(none).chain(found).collect()
}

fn answer(asked: &Asked, region: &Region) -> Markup {
    let told = about::person(asked, region)
        .and_then(|person| Ok((bill::bills(asked, &person)?, person, about::view(asked, region)?)));
    let (bills, person, view) = match told {
        Ok(told) => told,
        Err(Fault { what, cure }) => return trouble(asked, &what, &cure),
    };
    let (Some(first), Some(last)) = (bills.first(), bills.last()) else { return html! {} };
    let how = Compiling { strict: about::is_strict(asked) };
    let engine = Engine::compile(&asked.pages.library, region, &view, how, first.date, last.date);
    let refs: Vec<&Bill> = bills.iter().collect();
    let settled = engine.settle(&refs, &Opening::default());
    html! {
        section.card aria-labelledby="answer" {
            h2 #answer { (region_name(region, asked.lang())) " " (last.date) " " (asked.of(last.care.name(), last.care.english())) }
            p.hint { (circumstances(asked, last, about::told(asked, region, &person, &view))) }
            @match all_entries(&settled) {
                Ok(entries) => { (paid(asked, &engine, last, &entries)) }
                Err((at, refusal)) => { (refused(asked, refusal, (at < settled.len() - 1).then_some(at + 1))) }
            }
        }
    }
}

/// What was told of the bill and the person, so that a printed sheet says what it answers.
fn circumstances(asked: &Asked, bill: &Bill, person: Vec<String>) -> String {
    let lang = asked.lang();
    let marks = bill.marks.iter().map(|mark| lang.of(mark.name(), mark.english()).to_owned());
    let of_bill = [
        lang.of(bill.level.name(), bill.level.english()).to_owned(),
        lang.of(bill.filing.name(), bill.filing.english()).to_owned(),
    ];
    of_bill.into_iter().chain(person).chain(bill.disease.clone()).chain(marks).collect::<Vec<_>>().join(" · ")
}

/// The entries of all bills; or which bill is not settled, and why.
fn all_entries<'s>(settled: &'s [Settlement<'_>]) -> Result<Vec<&'s Entry>, (usize, &'s Refusal)> {
    settled.iter().enumerate().map(|(at, one)| one.result.as_ref().map_err(|refusal| (at, refusal))).collect()
}

fn refused(asked: &Asked, refusal: &Refusal, earlier: Option<usize>) -> Markup {
    let lang = asked.lang();
    let (what, cure) = asked.pages.words.refusal(lang, refusal.code(), &refusal.to_string(), &refusal.cure());
    let which = earlier.map(|at| match lang {
        Lang::Zh => format!("之前的第 {at} 张账单："),
        Lang::En => format!("earlier bill {at}: "),
    });
    html! {
        (trouble(asked, &format!("{}{what}", which.unwrap_or_default()), &cure))
        @if let Refusal::Open { clauses, .. } | Refusal::Barred { clauses, .. } = refusal {
            (clause::list(&asked.pages.library, lang, clauses))
        }
    }
}

fn paid(asked: &Asked, engine: &Engine, bill: &Bill, entries: &[&Entry]) -> Markup {
    let lang = asked.lang();
    let Some(entry) = entries.last() else { return html! {} };
    let plan = engine.plan(entry.plan);
    html! {
        dl.answer {
            div { dt { (asked.of("基金一共付", "The funds pay")) } dd #funds { (with_unit(lang, entry.funds())) } }
            div { dt { (asked.of("自己付", "You pay")) } dd #own { (with_unit(lang, entry.person)) } }
            div { dt { (asked.of("总费用", "Whole bill")) } dd.lesser { (with_unit(lang, entry.amounts.total)) } }
        }
        (caution(lang, entry.basis))
        (poured(asked, entry.amounts.total, &parts(asked, plan, entry)))
        h2 { (asked.of("为什么", "Why")) }
        @for reason in reasons(plan, bill, entry) { (why(asked, plan, entry, &reason)) }
        (year(asked, engine, entries))
        div.act { button.quiet type="button" data-print hidden { (asked.of("打印这一页", "Print this sheet")) } }
    }
}

/// The parts of a bill: what each stage pays, and what the person bears.
fn parts(asked: &Asked, plan: &Plan, entry: &Entry) -> Vec<Pour> {
    let paid = plan.stages.iter().zip(&entry.by_stage).filter(|(_, paid)| **paid > 0);
    let mut parts: Vec<Pour> = paid
        .map(|(stage, paid)| Pour { name: stage_name(asked, stage), amount: Fen(*paid), class: class(stage.layer) })
        .collect();
    let amounts = &entry.amounts;
    let outside = amounts.out_of_scope + amounts.over_limit + amounts.first_self_pay;
    // What a later layer takes of what is out of scope is no longer the person's.
    let outside = outside.min(entry.person);
    let own = |name: &str, amount: Fen, class| Pour { name: name.to_owned(), amount, class };
    parts.push(own(asked.of("范围内自己付", "Your part, in scope"), entry.person - outside, "own"));
    parts.push(own(asked.of("范围外自己付", "Your part, out of scope"), outside, "out"));
    parts.retain(|part| part.amount > Fen::ZERO);
    parts
}

fn stage_name(asked: &Asked, stage: &settlement::Stage) -> String {
    asked.of(&stage.name, stage.payer.english()).to_owned()
}

/// A step: what it came to, and opened, its reckoning and where its figures come from.
fn why(asked: &Asked, plan: &Plan, entry: &Entry, reason: &Reason) -> Markup {
    let lang = asked.lang();
    let name = plan.stages.iter().find(|stage| stage.id == reason.stage).map(|stage| stage_name(asked, stage));
    let name = name.unwrap_or_else(|| {
        if reason.stage == "scope" {
            asked.of("报销范围", "In and out of scope")
        } else {
            asked.of("上年结转", "From last year")
        }
        .to_owned()
    });
    let amount = match (&reason.amounts, reason.stage.as_str()) {
        (Some(step), _) => Some(Fen(step.paid)),
        (None, "scope") => Some(entry.amounts.in_scope),
        _ => None,
    };
    html! {
        details {
            summary {
                (name) " " @if !reason.sources.is_empty() { (basis(lang, reason.basis)) }
                @if let Some(amount) = amount { span.n { (with_unit(lang, amount)) } }
            }
            div {
                p.step { (lang.of(&reason.text, &reason.english)) }
                @if !reason.sources.is_empty() {
                    p.hint { (asked.of("数的出处", "Where the figures come from")) }
                    ul.cites { @for source in &reason.sources { li { (clause::source(&asked.pages.library, lang, lang.of(&source.text, &source.english))) } } }
                }
                @if !reason.clauses.is_empty() {
                    p.hint { (asked.of("条文", "Clauses")) }
                    (clause::list(&asked.pages.library, lang, &reason.clauses))
                }
            }
        }
    }
}

/// What is used of the year's deductibles and limits, after this bill.
fn year(asked: &Asked, engine: &Engine, entries: &[&Entry]) -> Markup {
    let Some((entry, earlier)) = entries.split_last() else { return html! {} };
    let plan = engine.plan(entry.plan);
    let lines: Vec<Markup> = entry.steps.iter().flat_map(|step| lines(asked, engine, plan, step, earlier)).collect();
    html! {
        @if !lines.is_empty() {
            h2 { (asked.of("今年用了多少", "What is used of the year")) }
            @for line in &lines { (line) }
        }
    }
}

fn lines(asked: &Asked, engine: &Engine, plan: &Plan, step: &StageStep, earlier: &[&Entry]) -> Vec<Markup> {
    let Some(stage) = plan.stages.get(usize::from(step.stage)) else { return Vec::new() };
    let name = stage_name(asked, stage);
    let drawn = class(stage.layer);
    let mut lines = Vec::new();
    if let Some(deductible) = plan.deductible(step) {
        let before: i64 = if deductible.yearly {
            // Terms that changed within the year may have numbered their stages otherwise.
            let is_same = |entry: &Entry, old: &StageStep| {
                engine.plan(entry.plan).stages.get(usize::from(old.stage)).is_some_and(|known| known.id == stage.id)
            };
            let of = |entry: &&Entry| -> i64 {
                entry.steps.iter().filter(|old| is_same(entry, old)).map(|old| old.deductible).sum()
            };
            earlier.iter().map(of).sum()
        } else {
            0
        };
        let kind = if deductible.yearly {
            asked.of("起付（年）", "deductible of the year")
        } else {
            asked.of("起付（次）", "deductible of the bill")
        };
        lines.push(used(asked, &format!("{name} · {kind}"), (deductible.whole, Fen(before), deductible.now), drawn));
    }
    if let Some((limit, before)) = plan.limit(step) {
        let kind = if limit.yearly {
            asked.of("限额（年）", "limit of the year")
        } else {
            asked.of("限额（次）", "limit of the bill")
        };
        lines.push(used(asked, &format!("{name} · {kind}"), (limit.whole, before, limit.now), drawn));
    }
    lines
}

fn used(asked: &Asked, name: &str, (whole, before, now): (Fen, Fen, Fen), drawn: &str) -> Markup {
    let lang = asked.lang();
    let left = Fen((whole.0 - before.0 - now.0).max(0));
    html! {
        div.gauge {
            span { (name) }
            (gauge(whole, before, now, drawn))
            p {
                (asked.of("共 ", "of ")) (with_unit(lang, whole))
                (asked.of("，之前用 ", "; before ")) (with_unit(lang, before))
                (asked.of("，这次用 ", "; now ")) (with_unit(lang, now))
                (asked.of("，还剩 ", "; left ")) (with_unit(lang, left))
            }
        }
    }
}
