//! The form of a run: region and year first, since they decide which figures there are; then people, figures and drafts. What was
//! filled in stays, and each fault stands at its field.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use maud::{Markup, PreEscaped, html};
use policy::{Notice, NoticeKind, Region};
use server::{App, Pairs, Problem};

use super::{At, Fault, Order, Simulations, figures, tabs};
use crate::asked::{Asked, Page, field, onward};
use crate::clause;
use crate::fields::{self, Options, line, named, region_name, regions, select};
use crate::layout::hidden_token;
use crate::moment::to_minute;
use crate::sign;

/// The least people of a run.
const LEAST: i64 = 1_000;
/// People of a run, where nothing is said.
const PEOPLE: i64 = 10_000;
/// The most years before the year whose bills are made.
const BEFORE: i16 = 2;
/// For how long a run is waited for before it is shown as running: small ones feel immediate.
const SOON: Duration = Duration::from_millis(1_500);
/// Between two looks at it.
const LOOK: Duration = Duration::from_millis(50);

/// What stands in the form.
struct Filled {
    region: String,
    year: String,
    before: String,
    people: String,
    seed: String,
    draft: String,
    text: String,
    figures: BTreeMap<String, String>,
}

/// What is wrong with a field, in the language of the page.
struct Wrong {
    /// Id of its control; empty for none.
    id: String,
    what: String,
    cure: String,
}

/// The empty form, or that of a run before.
pub async fn page(asked: Asked) -> Response {
    super::shown(asked, |asked, simulations| {
        let again = asked.one("from").and_then(|id| simulations.run(id.parse().ok()?));
        let filled = again.map_or_else(|| Filled::empty(asked), |run| Filled::again(&run.order));
        let region = named(asked, &filled.region)?.clone();
        show(asked, simulations, &region, &filled, &[])
    })
    .await
}

/// Takes an order, and leads to its run: to the report at once, if it is soon there.
pub async fn start(asked: Asked, State(app): State<Arc<App>>, request: Request) -> Response {
    let simulations = match super::open(&asked) {
        Ok(simulations) => simulations,
        Err(response) => return *response,
    };
    let said = match sign::form_with_file(&asked, &app, request).await {
        Ok(said) => said,
        Err(problem) => return asked.show(Err(problem)),
    };
    let taken = Arc::clone(&simulations);
    let ordered = tokio::task::spawn_blocking(move || match order(&asked, taken.as_ref(), &Filled::said(&said)) {
        Ok(Ok(id)) => Ok(id),
        Ok(Err(page)) => Err(Box::new(asked.show(Ok(super::dressed(page))))),
        Err(problem) => Err(Box::new(asked.show(Err(problem)))),
    });
    let id = match ordered.await {
        Ok(Ok(id)) => id,
        Ok(Err(response)) => return *response,
        Err(_) => return super::broken(),
    };
    let mut waited = Duration::ZERO;
    while waited < SOON && is_going(&simulations, id).await {
        tokio::time::sleep(LOOK).await;
        waited += LOOK;
    }
    onward(&format!("/simulate/run/{id}"))
}

/// Whether a run waits or runs: to look at it reads files.
async fn is_going(simulations: &Arc<dyn Simulations>, id: u32) -> bool {
    let simulations = Arc::clone(simulations);
    let look = move || simulations.run(id).is_some_and(|run| run.state.is_going());
    tokio::task::spawn_blocking(look).await.unwrap_or(false)
}

/// Places the order of a form, or gives the form with what is wrong with it.
fn order(asked: &Asked, simulations: &dyn Simulations, filled: &Filled) -> Result<Result<u32, Page>, Problem> {
    let region = named(asked, &filled.region)?.clone();
    let mut wrong = Vec::new();
    let mut number = |id: &str, text: &str, least: i64, most: i64| {
        let read = fields::number(text).parse().ok().filter(|number| (least..=most).contains(number));
        read.unwrap_or_else(|| {
            let what = format!("{}“{text}”", asked.of("数不对：", "not such a number: "));
            let cure = format!("{} {least}–{most}", asked.of("写整数", "a whole number"));
            wrong.push(Wrong { id: id.to_owned(), what, cure });
            least
        })
    };
    let year = number("year", &filled.year, 2000, 2100) as i16;
    let before = number("before", &filled.before, 0, BEFORE.into()) as i16;
    let people = number("people", &filled.people, LEAST, simulations.most_people());
    let seed = number("seed", &filled.seed, 0, i64::from(u32::MAX)).unsigned_abs();
    let provisions = figures::listed(asked, &region, year);
    let changed = figures::changed(&provisions, &filled.figures);
    if wrong.is_empty() {
        let order = Order {
            region: region.slug.clone(),
            year,
            before,
            people,
            seed,
            set: changed.iter().map(|changed| changed.set.clone()).collect(),
            draft: filled.draft.clone(),
            text: filled.text.clone(),
            by: asked.caller.as_ref().map(|caller| caller.actor.clone()).unwrap_or_default(),
            at: asked.app.bridge.now(),
        };
        match simulations.start(order) {
            Ok(id) => return Ok(Ok(id)),
            Err(faults) => wrong.extend(faults.into_iter().map(|fault| told(asked, fault, &changed))),
        }
    }
    let page = show(asked, simulations, &region, filled, &wrong)?;
    Ok(Err(Page { status: StatusCode::UNPROCESSABLE_ENTITY, ..page }))
}

fn told(asked: &Asked, fault: Fault, changed: &[figures::Changed]) -> Wrong {
    let id = match fault.at {
        At::Whole => "",
        At::Draft => "draft",
        At::Text => "text",
        At::Set(at) => changed.get(at).map_or("", |changed| &changed.id),
    };
    Wrong { id: id.to_owned(), what: asked.said(&fault.what), cure: asked.said(&fault.cure) }
}

impl Filled {
    fn empty(asked: &Asked) -> Filled {
        let one = |name: &str, otherwise: String| asked.one(name).map_or(otherwise, str::to_owned);
        Filled {
            region: one("region", asked.app.bridge.region().to_owned()),
            year: one("year", asked.today().year().to_string()),
            before: "0".to_owned(),
            people: PEOPLE.to_string(),
            seed: "1".to_owned(),
            draft: one("draft", String::new()),
            text: String::new(),
            figures: BTreeMap::new(),
        }
    }

    fn again(order: &Order) -> Filled {
        Filled {
            region: order.region.clone(),
            year: order.year.to_string(),
            before: order.before.to_string(),
            people: order.people.to_string(),
            seed: order.seed.to_string(),
            draft: order.draft.clone(),
            text: order.text.clone(),
            figures: figures::said(&order.set),
        }
    }

    fn said(said: &Pairs) -> Filled {
        let one = |name: &str| field(said, name).trim().to_owned();
        let figure =
            |(name, text): &(String, String)| Some((name.strip_prefix(figures::FIELD)?.to_owned(), text.clone()));
        Filled {
            region: one("region"),
            year: one("year"),
            before: one("before"),
            people: one("people"),
            seed: one("seed"),
            draft: one("draft"),
            text: one("text"),
            figures: said.iter().filter_map(figure).collect(),
        }
    }
}

fn show(
    asked: &Asked,
    simulations: &dyn Simulations,
    region: &Region,
    filled: &Filled,
    wrong: &[Wrong],
) -> Result<Page, Problem> {
    let title = asked.of("测算", "Simulation");
    let year = filled.year.parse().unwrap_or_else(|_| asked.today().year());
    let provisions = figures::listed(asked, region, year);
    let at = |id: &str| trouble_at(asked, wrong, id);
    let body = html! {
        (tabs(asked))
        h1 { (title) }
        p.lead { (asked.of(
            "改几个数字，或加上一份征求意见稿，看一年里各基金多付多少、谁少负担、谁多负担。人口和账单由种子生成，不是真人。",
            "Change a few figures or lay a draft on top, and see what a year then costs each fund, and who pays less or more. People and bills are drawn from a seed; nobody is real.",
        )) }
        (summary(asked, wrong))
        (which(asked, region, &filled.year))
        form.ask.simulate method="post" action="/simulate" {
            (hidden_token(asked))
            input type="hidden" name="region" value=(region.slug);
            input type="hidden" name="year" value=(filled.year);
            (people(asked, simulations, filled, &at))
            fieldset {
                legend { (asked.of("改哪些数字", "Which figures differ")) }
                p.hint { (asked.of(
                    "留着不动的照现行规定；改过的合成一个方案。除了数，也可写 +5pt、*0.9、none（不封顶）。",
                    "What is left alone stays as the terms have it; all that is changed makes one variant. Beside numbers, +5pt, *0.9 and none (no limit) can be written.",
                )) }
                @if provisions.is_empty() { p { (asked.of("这个地区这一年没有可改的数字。", "This region has no figures in this year.")) } }
                (figures::controls(asked, &provisions, &filled.figures, &at))
            }
            (drafts(asked, region, filled, &at))
            div.act {
                button type="submit" { (asked.of("开始测算", "Start the run")) }
                output.count data-changed=(asked.of("改了 # 个数字", "# figures changed")) {}
            }
        }
    };
    Ok(Page::new(title, body))
}

/// Region and year.
fn which(asked: &Asked, region: &Region, year: &str) -> Markup {
    let options = regions(&asked.pages.library, asked.lang());
    html! {
        form.ask method="get" action="/simulate" {
            div.grid {
                (select("region", asked.of("地区", "Region"), &options, &region.slug))
                (line("year", asked.of("年度", "Year"), "text", year, ""))
                div.act { button.quiet type="submit" { (asked.of("换地区、年度", "Change region or year")) } }
            }
        }
    }
}

fn people(asked: &Asked, simulations: &dyn Simulations, filled: &Filled, at: &dyn Fn(&str) -> Markup) -> Markup {
    let most = simulations.most_people();
    let label = asked.of("人数", "People");
    // Sizes are told apart by their magnitude: 1, 2 and 5 times each power of ten.
    let sizes: Vec<i64> = (3..=9)
        .flat_map(|power| [1, 2, 5].map(|digit| digit * 10i64.pow(power)))
        .filter(|size| *size <= most)
        .collect();
    let steps = sizes.iter().map(i64::to_string).collect::<Vec<_>>().join(" ");
    let at_now: i64 = filled.people.parse().unwrap_or(PEOPLE);
    let invalid = |id: &str| (!at(id).0.is_empty()).then_some("true");
    html! {
        fieldset {
            legend { (asked.of("合成人口", "The made-up population")) }
            div.figures {
                div.figure data-now=(PEOPLE) data-uncounted {
                    label for="people" { (label) }
                    div.set {
                        input type="range" min="0" max=(sizes.len() - 1) step="1" value=(sizes.partition_point(|size| *size < at_now)) data-for="people"
                            data-steps=(steps) data-scripted hidden
                            aria-label={ (label) (asked.of("，滑块", ", slider")) };
                        input id="people" name="people" type="text" inputmode="numeric" autocomplete="off" value=(filled.people)
                            aria-invalid=[invalid("people")] aria-describedby="people-hint";
                        span.unit { (asked.of("人", "")) }
                    }
                    (at("people"))
                    p.hint id="people-hint" { (LEAST) "–" (most) (asked.of("；越多越稳，也越久", "; more are steadier and take longer")) }
                }
                div.figure {
                    label for="seed" { (asked.of("种子", "Seed")) }
                    input id="seed" name="seed" type="text" inputmode="numeric" autocomplete="off" value=(filled.seed)
                        aria-invalid=[invalid("seed")] aria-describedby="seed-hint";
                    (at("seed"))
                    p.hint id="seed-hint" { (asked.of("同一种子是同一批人；用过的人口留着，不再生成", "the same seed is the same people; those made before are kept")) }
                }
                div.figure {
                    label for="before" { (asked.of("之前几年的账单也算", "Years of bills before it")) }
                    select id="before" name="before" aria-describedby="before-hint" {
                        @for years in 0..=BEFORE { option value=(years) selected[filled.before == years.to_string()] { (years) } }
                    }
                    (at("before"))
                    p.hint id="before-hint" { (asked.of("上一年会影响这一年的地区用，如连续未用降起付线", "for regions where a year leaves something to the next, as a lower deductible")) }
                }
            }
        }
    }
}

fn drafts(asked: &Asked, region: &Region, filled: &Filled, at: &dyn Fn(&str) -> Markup) -> Markup {
    let library = &asked.pages.library;
    let chain: Vec<&str> = library.chain(region).iter().map(|region| region.slug.as_str()).collect();
    let none = (String::new(), asked.of("不加", "none").to_owned());
    let known = library.notices.iter().filter(|notice| notice.kind == NoticeKind::Draft);
    let known = known.filter(|notice| chain.contains(&notice.region.as_str()));
    let titled = |draft: &Notice| (draft.id.clone(), clause::title(asked.lang(), draft).to_owned());
    let options: Options = std::iter::once(none).chain(known.map(titled)).collect();
    let trouble = at("text");
    html! {
        fieldset {
            legend { (asked.of("征求意见稿", "Drafts")) }
            p.hint { (asked.of("每份各成一个方案，与改数字的方案并列。", "Each makes a variant of its own, beside that of the figures.")) }
            div.grid { (select("draft", asked.of("已载入的", "One that is loaded"), &options, &filled.draft)) }
            (at("draft"))
            details open[!filled.text.is_empty()] {
                summary { (asked.of("贴上一份草案文件", "Paste the file of a draft")) " " span.hint { (region_name(region, asked.lang())) } }
                div {
                    div data-scripted hidden {
                        label for="file" { (asked.of("从文件读入", "Read it from a file")) }
                        input id="file" type="file" accept=".toml,text/plain" data-into="text";
                    }
                    label for="text" { (asked.of("文件内容（kind = \"draft\"）", "Text of the file (kind = \"draft\")")) }
                    textarea id="text" name="text" rows="12" spellcheck="false" aria-invalid=[(!trouble.0.is_empty()).then_some("true")]
                        aria-describedby="text-hint" { (PreEscaped("\n")) (filled.text) }
                    (trouble)
                    p.hint id="text-hint" { (asked.of("写法同政策文件夹里的通知；只用于这次测算，不进入账套。", "Written as the notices in the folder of policies; it serves this run alone and never the books.")) }
                }
            }
        }
    }
}

/// What is wrong, all of it, with a way to each field.
fn summary(asked: &Asked, wrong: &[Wrong]) -> Markup {
    html! {
        @if !wrong.is_empty() {
            div.trouble role="alert" {
                p.what { (asked.of("没有开始：有写得不对的", "Not started: something is not right")) }
                ul { @for Wrong { id, what, cure } in wrong {
                    li {
                        @if id.is_empty() { (what) } @else { a href={ "#" (id) } { (what) } }
                        @if !cure.is_empty() { " — " (cure) }
                    }
                } }
            }
        }
    }
}

/// What is wrong with a field.
fn trouble_at(asked: &Asked, wrong: &[Wrong], id: &str) -> Markup {
    html! {
        @for Wrong { what, cure, .. } in wrong.iter().filter(|wrong| wrong.id == id && !id.is_empty()) {
            p.wrong { strong { (what) } @if !cure.is_empty() { br; (asked.of("怎么办：", "What to do: ")) (cure) } }
        }
    }
}

/// What was asked for, as a list of terms.
pub fn ordered(asked: &Asked, order: &Order) -> Markup {
    let region = asked.pages.library.region(&order.region).map(|region| region_name(region, asked.lang()));
    html! {
        dl.order {
            dt { (asked.of("地区、年度", "Region, year")) } dd { (region.unwrap_or_else(|_| order.region.clone())) " " (order.year) }
            dt { (asked.of("人口", "Population")) } dd {
                (order.people) (asked.of(" 人，种子 ", " people, seed ")) (order.seed)
                @if order.before > 0 { (asked.of("，连同之前 ", ", with years before: ")) (order.before) (asked.of(" 年", "")) }
            }
            @if !order.set.is_empty() { dt { (asked.of("改的数字", "Figures changed")) } dd { @for set in &order.set { code { (set) } br; } } }
            @if !order.draft.is_empty() { dt { (asked.of("征求意见稿", "Draft")) } dd { code { (order.draft) } } }
            @if !order.text.is_empty() { dt { (asked.of("贴上的草案", "Draft pasted")) } dd { (order.text.lines().count()) (asked.of(" 行", " lines")) } }
            dt { (asked.of("由谁、何时", "By whom, when")) } dd { (order.by) " " (to_minute(order.at)) }
        }
    }
}
