//! What do I pay: the contribution of an insured year, who pays it, the subsidy of the governments beside it, and the clauses.

use axum::response::Response;
use domain::{Basis, Fen, Person};
use enrolment::due::payer_name;
use enrolment::{Asking, Claim, Due, InsuredYear, RecordState, Refusal, Step, Subsidy, due, subsidy};
use maud::{Markup, html};
use policy::{Region, View};
use server::Problem;

use crate::asked::{Asked, Page};
use crate::bill::Fault;
use crate::fields::{
    Options, areas, basis, caution, line, number, region, region_form, region_name, select, tick, ticks,
};
use crate::layout::{lost, trouble};
use crate::sheet::with_unit;
use crate::{about, clause};

/// What a record may be in, in English; the Chinese is the vocabulary's own.
const STATES: [(RecordState, &str); 6] = [
    (RecordState::NoHousehold, "not registered here"),
    (RecordState::ResidencePermit, "holds a residence permit"),
    (RecordState::PermitExpired, "the residence permit has expired"),
    (RecordState::FlexibleWorker, "flexibly employed"),
    (RecordState::OtherScheme, "secured by another arrangement"),
    (RecordState::Duplicate, "enrolled already"),
];

/// The page.
pub async fn page(asked: Asked) -> Response {
    asked.show(show(&asked))
}

fn show(asked: &Asked) -> Result<Page, Problem> {
    let region = region(asked)?;
    let title = asked.of("我要缴多少", "What do I pay");
    let body = html! {
        h1 { (title) }
        p.lead { (asked.of("按参保地区的通知算出一年应缴多少、谁来付，每个数都指到条文。",
            "What a year of cover costs you by the notices of your region, who pays it, and the clause behind each figure.")) }
        (region_form(asked, "/pay", region))
        (lost(asked))
        (form(asked, region))
        @if asked.one("ask").is_some() { (answer(asked, region)) }
    };
    Ok(Page::new(title, body))
}

fn form(asked: &Asked, region: &Region) -> Markup {
    let year = year(asked).unwrap_or_else(|_| asked.one("year").unwrap_or_default().to_owned());
    let areas = areas(asked, region);
    html! {
        form.ask method="post" action="/pay" {
            input type="hidden" name="region" value=(region.slug);
            div.grid {
                (line("year", asked.of("参保年度", "Insured year"), "text", &year,
                    asked.of("如 2023；大学生写学年开始的那一年", "as 2023; of students the year in which their academic year begins")))
                (about::common(asked, region))
                @if areas.len() > 1 { (select("area", asked.of("补助地区", "Area of subsidy"), &areas, asked.one("area").unwrap_or_default())) }
            }
            (about::rare(asked, region, &paying(asked), ["paid", "withheld", "employed", "state"].iter().any(|name| asked.one(name).is_some())))
            div.act { button type="submit" name="ask" value="1" { (asked.of("算一算", "Work it out")) } }
        }
    }
}

/// How it is paid, and the state of the record, where rules ask.
fn paying(asked: &Asked) -> (Markup, Markup) {
    let states: Options =
        STATES.iter().map(|(state, en)| (state.code().to_owned(), asked.of(state.name(), en).to_owned())).collect();
    let held: Vec<&str> = asked.several("state").collect();
    let own = html! {
        (line("paid", asked.of("缴费日期", "Day of payment"), "date", asked.one("paid").unwrap_or_default(), ""))
        (tick("withheld", asked.of("从补贴中代扣", "Withheld from an allowance"), asked.one("withheld").is_some()))
        (tick("employed", asked.of("有用人单位", "Has an employer"), asked.one("employed").is_some()))
    };
    (own, ticks("state", asked.of("登记情形", "State of the record"), &states, &held))
}

/// How it is paid, as the form tells.
///
/// # Errors
/// When a day is none.
fn asking(asked: &Asked) -> Result<Asking, Fault> {
    Ok(Asking {
        paid_on: about::given(asked, "paid")?,
        withheld: asked.one("withheld").is_some(),
        employed: asked.one("employed").is_some(),
        states: asked.several("state").filter_map(RecordState::parse).collect(),
        ..Asking::default()
    })
}

/// The year as it is asked for: that of the books' day, if none is named.
fn year(asked: &Asked) -> Result<String, ()> {
    let text = asked.one("year").map_or_else(|| asked.today().year().to_string(), str::to_owned);
    number(&text).parse::<i16>().ok().filter(|year| (1000..=9998).contains(year)).map(|year| year.to_string()).ok_or(())
}

fn answer(asked: &Asked, region: &Region) -> Markup {
    let Some(year) = year(asked).ok().and_then(|text| text.parse::<i16>().ok()) else {
        let what = asked.of("年度看不懂", "this is no year");
        return trouble(asked, what, asked.of("写四位数字，如 2023", "write four digits, as 2023"));
    };
    let told = about::person(asked, region).and_then(|person| {
        let view = View { without_supplements: about::is_strict(asked), ..about::view(asked, region)? };
        Ok((person, view, asking(asked)?))
    });
    let (person, view, asking) = match told {
        Ok(told) => told,
        Err(Fault { what, cure }) => return trouble(asked, &what, &cure),
    };
    let found = InsuredYear::of(&asked.pages.library, region, &view, person.group, year);
    let outcome = found.and_then(|insured| Ok((due(&insured, &person, &asking)?, insured)));
    html! {
        section.card aria-labelledby="answer" {
            h2 #answer { (region_name(region, asked.lang())) " " (year) }
            p.hint { (circumstances(asked, region, &person, &view)) }
            @match &outcome {
                Ok((due, insured)) => {
                    (owed(asked, due))
                    (subsidised(asked, region, insured))
                    div.act { button.quiet type="button" data-print hidden { (asked.of("打印", "Print")) } }
                }
                Err(refusal) => { (refused(asked, refusal)) }
            }
        }
    }
}

/// What was told of the person and the payment.
fn circumstances(asked: &Asked, region: &Region, person: &Person, view: &View<'_>) -> String {
    let states = STATES.iter().filter(|(state, _)| asked.several("state").any(|word| word == state.code()));
    let states = states.map(|(state, en)| asked.of(state.name(), en).to_owned());
    about::told(asked, region, person, view).into_iter().chain(states).collect::<Vec<_>>().join(" · ")
}

fn owed(asked: &Asked, due: &Due) -> Markup {
    let lang = asked.lang();
    let open = || asked.of("待定", "open").to_owned();
    let or_open = |amount: Option<Fen>| amount.map_or_else(open, |amount| with_unit(lang, amount));
    html! {
        dl.answer {
            div { dt { (asked.of("个人应缴", "You pay")) } dd #personal { (with_unit(lang, due.personal)) } }
            div { dt { (asked.of("缴费标准", "Contribution")) } dd.lesser { (or_open(due.total.as_ref().ok().copied())) } }
            @for sponsored in &due.sponsored {
                div {
                    dt { (lang.of(payer_name(&sponsored.payer), &sponsored.payer)) (asked.of("代缴", " pays")) }
                    dd.lesser { (or_open(sponsored.amount)) }
                }
            }
        }
        (caution(lang, due.basis))
        p { (asked.of("保障 ", "Covers ")) (due.period.from) (asked.of(" 至 ", " to "))
            @if let Some(last) = due.period.end.and_then(|end| end.yesterday().ok()) { (last) } }
        @if let Err(refusal) = &due.total { (refused(asked, refusal)) }
        (steps(asked, asked.of("为什么是这个数", "Why this amount"), &due.steps, due.basis))
    }
}

/// What the governments add for each head.
fn subsidised(asked: &Asked, region: &Region, insured: &InsuredYear<'_>) -> Markup {
    let last = insured.end().yesterday().unwrap_or(insured.period.from);
    let terms = insured.terms_on(last);
    let one = region.areas.first().filter(|_| region.areas.len() == 1).map(|area| area.id.as_str());
    let claim = Claim { area: asked.one("area").or(one), heads: 1, excluded: &[] };
    html! {
        h3 { (asked.of("财政另外补助", "What the governments add")) }
        @match subsidy(&terms, &claim) {
            Ok(found) => { (added(asked, &found)) }
            Err(refusal) => { p.hint { (said(asked, &refusal).0) } }
        }
    }
}

fn added(asked: &Asked, found: &Subsidy) -> Markup {
    let lang = asked.lang();
    html! {
        dl.answer {
            div {
                dt { (if found.floor { asked.of("每人每年不低于", "A head and year, at least") } else { asked.of("每人每年", "A head and year") }) }
                dd.lesser { (with_unit(lang, found.per_head)) }
            }
            @if let Ok(split) = &found.split {
                div { dt { (asked.of("中央", "Central")) } dd.lesser { (with_unit(lang, split.central)) } }
                div { dt { (asked.of("省级", "Province")) } dd.lesser { (with_unit(lang, split.province)) } }
                div { dt { (asked.of("市县", "City and county")) } dd.lesser { (with_unit(lang, split.local)) } }
            }
        }
        @if let Err(refusal) = &found.split { p.hint { (asked.of("各级分担：", "How it is shared: ")) (said(asked, refusal).0) } }
        (steps(asked, asked.of("补助的依据", "What the subsidy rests on"), &found.steps, found.basis))
    }
}

/// Steps of the reasoning, opened on request, each with its clauses.
fn steps(asked: &Asked, title: &str, steps: &[Step], weakest: Basis) -> Markup {
    let lang = asked.lang();
    html! {
        details {
            summary { (title) " " (basis(lang, weakest)) }
            div {
                @for step in steps {
                    p.step { (asked.said(&step.text)) " " @if !step.clauses.is_empty() { (basis(lang, step.basis)) } }
                    (clause::list(&asked.pages.library, lang, &step.clauses))
                }
            }
        }
    }
}

fn said(asked: &Asked, refusal: &Refusal) -> (String, String) {
    asked.pages.words.refusal(asked.lang(), &refusal.key, &refusal.message, &refusal.cure)
}

/// Why there is no answer.
fn refused(asked: &Asked, refusal: &Refusal) -> Markup {
    let (what, cure) = said(asked, refusal);
    html! {
        (trouble(asked, &what, &cure))
        (clause::list(&asked.pages.library, asked.lang(), &refusal.clauses))
    }
}
