//! The figures that a run may set otherwise, as the form shows them: those of a region's terms on the first day of the year, from
//! the same list as `--set path=value` of the command line knows its paths. A ratio stands without its percent sign.

use std::collections::BTreeMap;

use domain::{Basis, Date};
use maud::{Markup, html};
use policy::registry::Kind;
use policy::set::{Settable, settable};
use policy::{Cited, Region, Terms, View, place};

use crate::asked::Asked;
use crate::clause;
use crate::fields::basis;

/// How the field of a figure is called in the form: this, and its path.
pub const FIELD: &str = "set:";

/// What is asked for most; the others stand in a list of their own.
const FIRST: [&str; 10] = [
    "stage.inpatient.deductible",
    "stage.inpatient.bands",
    "stage.inpatient.cap",
    "stage.catastrophic.deductible",
    "stage.catastrophic.bands",
    "stage.catastrophic.cap",
    "stage.outpatient.deductible",
    "stage.outpatient.bands",
    "stage.outpatient.cap",
    "contribution.standard",
];

/// A provision and its figures.
pub struct Provision {
    key: String,
    title: String,
    basis: Option<Basis>,
    clauses: Vec<String>,
    /// The file it stands in, where it cites no clause.
    notice: String,
    figures: Vec<Figure>,
}

/// A figure.
struct Figure {
    /// Of its control.
    id: String,
    path: String,
    label: String,
    /// What stands there now, as the control shows it.
    now: String,
    unit: Unit,
}

/// What a figure counts.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Unit {
    Yuan,
    Percent,
    Points,
    Number,
}

/// What a slider goes up to, and by which steps.
struct Scale {
    most: i64,
    step: i64,
}

/// What a form says of a figure.
pub struct Changed {
    /// Of its control.
    pub id: String,
    /// As the command line takes it: `path=value`.
    pub set: String,
}

/// The figures of a region's year.
pub fn listed(asked: &Asked, region: &Region, year: i16) -> Vec<Provision> {
    let Ok(day) = Date::new(year, 1, 1) else { return Vec::new() };
    let view = View::default();
    let terms = asked.pages.library.terms(region, day, &view);
    let mut found: Vec<Settable<'_>> = settable(&terms);
    found.retain(Settable::is_figure);
    found.sort_by_cached_key(|one| (first(one.key), place(&terms, one.key)));
    let mut provisions: Vec<Provision> = Vec::new();
    for (at, one) in found.iter().enumerate() {
        if provisions.last().is_none_or(|last| last.key != one.key) {
            provisions.push(Provision::of(asked, &terms, one));
        }
        if let Some(last) = provisions.last_mut() {
            last.figures.push(Figure::of(asked, &terms, one, at));
        }
    }
    provisions
}

/// Its place among what is asked for most.
fn first(key: &str) -> usize {
    FIRST.iter().position(|first| *first == key).unwrap_or(FIRST.len())
}

impl Provision {
    fn of(asked: &Asked, terms: &Terms<'_>, one: &Settable<'_>) -> Provision {
        let statistic = asked.of("统计数", "statistics").to_owned();
        let of = |Cited { provision, notice }: Cited<'_>| {
            (Some(provision.basis), provision.clauses.clone(), notice.id.clone())
        };
        let (basis, clauses, notice) = one.cited.map_or_else(Default::default, of);
        let title = one.cited.map_or(statistic, |_| asked.pages.words.key(asked.lang(), terms, one.key));
        Provision { key: one.key.to_owned(), title, basis, clauses, notice, figures: Vec::new() }
    }
}

impl Figure {
    fn of(asked: &Asked, terms: &Terms<'_>, one: &Settable<'_>, at: usize) -> Figure {
        let unit = match one.field.kind {
            Kind::Amount | Kind::Amounts => Unit::Yuan,
            _ if one.value.ends_with('%') => Unit::Percent,
            Kind::Points => Unit::Points,
            _ => Unit::Number,
        };
        let now = one.value.strip_suffix('%').unwrap_or(&one.value).to_owned();
        let label = asked.pages.words.figure(asked.lang(), terms, one);
        Figure { id: format!("f{at}"), path: one.path.clone(), label, now, unit }
    }

    /// What a text of the form sets it to; nothing, where it says what stands there.
    fn set(&self, text: &str) -> Option<String> {
        let text = text.trim();
        let percent = self.unit == Unit::Percent && plain(text).is_some();
        (text != self.now).then(|| format!("{}={text}{}", self.path, if percent { "%" } else { "" }))
    }

    /// Where a slider can set it.
    fn scale(&self) -> Option<Scale> {
        let now = plain(&self.now)?;
        match self.unit {
            Unit::Percent => Some(Scale { most: 100.max(now), step: 1 }),
            Unit::Points | Unit::Number => Some(Scale { most: 20.max(2 * now), step: 1 }),
            Unit::Yuan if now == 0 => Some(Scale { most: 1_000, step: 10 }),
            // Two digits of what stands there move.
            Unit::Yuan => Some(Scale { most: 2 * now, step: 10i64.pow(now.ilog10().saturating_sub(1)) }),
        }
    }

    fn unit(&self, asked: &Asked) -> &'static str {
        match self.unit {
            Unit::Yuan if plain(&self.now).is_none() => "",
            Unit::Yuan => asked.lang().of("元", "yuan"),
            Unit::Percent => "%",
            Unit::Points => asked.lang().of("个百分点", "points"),
            Unit::Number => "",
        }
    }
}

/// The whole part of a text that is a number and nothing else, not negative.
fn plain(text: &str) -> Option<i64> {
    let (whole, part) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |text: &str| !text.is_empty() && text.len() <= 12 && text.bytes().all(|byte| byte.is_ascii_digit());
    (digits(whole) && digits(part)).then(|| whole.parse().ok())?
}

/// What a form changes, in the order of the figures.
pub fn changed(provisions: &[Provision], said: &BTreeMap<String, String>) -> Vec<Changed> {
    let figures = provisions.iter().flat_map(|provision| &provision.figures);
    let change = |figure: &Figure| {
        let set = figure.set(said.get(&figure.path)?)?;
        Some(Changed { id: figure.id.clone(), set })
    };
    figures.filter_map(change).collect()
}

/// What a list of `path=value` says of each path, as the form shows it.
pub fn said(sets: &[String]) -> BTreeMap<String, String> {
    let pair = |set: &String| {
        let mut depth = 0i32;
        let at = set.char_indices().find_map(|(at, letter)| {
            depth += i32::from(letter == '[') - i32::from(letter == ']');
            (letter == '=' && depth == 0).then_some(at)
        })?;
        let value = &set[at + 1..];
        let value = value.strip_suffix('%').filter(|value| plain(value).is_some()).unwrap_or(value);
        Some((set[..at].to_owned(), value.to_owned()))
    };
    sets.iter().filter_map(pair).collect()
}

/// The provisions with a control for each figure: those asked for most, and behind a heading all others.
pub fn controls(
    asked: &Asked,
    provisions: &[Provision],
    said: &BTreeMap<String, String>,
    wrong: &dyn Fn(&str) -> Markup,
) -> Markup {
    let (often, seldom): (Vec<&Provision>, Vec<&Provision>) =
        provisions.iter().partition(|provision| FIRST.contains(&provision.key.as_str()));
    let others: usize = seldom.iter().map(|provision| provision.figures.len()).sum();
    let is_changed = |provision: &&Provision| {
        provision.figures.iter().any(|figure| said.get(&figure.path).is_some_and(|text| figure.set(text).is_some()))
    };
    html! {
        @for provision in &often { (fieldset(asked, provision, said, wrong)) }
        details.more open[seldom.iter().any(is_changed)] {
            summary { (asked.of("其他数字", "Other figures")) " " span.hint { (others) (asked.of(" 个", "")) } }
            div {
                div.find data-scripted hidden {
                    label for="find" { (asked.of("按名称或路径筛选", "Filter by name or path")) }
                    input id="find" type="search" autocomplete="off" data-filter="fieldset.provision";
                }
                @for provision in &seldom { (fieldset(asked, provision, said, wrong)) }
            }
        }
    }
}

fn fieldset(
    asked: &Asked,
    provision: &Provision,
    said: &BTreeMap<String, String>,
    wrong: &dyn Fn(&str) -> Markup,
) -> Markup {
    html! {
        fieldset.provision {
            legend { (provision.title) " " @if let Some(at) = provision.basis { (basis(asked.lang(), at)) } }
            div.from {
                @if provision.clauses.is_empty() { code { (provision.notice) } }
                (clause::list(&asked.pages.library, asked.lang(), &provision.clauses))
            }
            div.figures { @for figure in &provision.figures { (control(asked, figure, said, wrong)) } }
        }
    }
}

fn control(asked: &Asked, figure: &Figure, said: &BTreeMap<String, String>, wrong: &dyn Fn(&str) -> Markup) -> Markup {
    let Figure { id, path, label, now, .. } = figure;
    let text = said.get(path).unwrap_or(now);
    let trouble = wrong(id);
    let is_wrong = !trouble.0.is_empty();
    let unit = figure.unit(asked);
    html! {
        div.figure data-now=(now) {
            label for=(id) { (label) }
            div.set {
                @if let Some(Scale { most, step }) = figure.scale() {
                    input type="range" min="0" max=(most) step=(step) value=(text) data-for=(id) data-scripted hidden
                        aria-label={ (label) (asked.of("，滑块", ", slider")) };
                }
                input id=(id) name={ (FIELD) (path) } type="text" inputmode="decimal" autocomplete="off" value=(text)
                    aria-invalid=[is_wrong.then_some("true")] aria-describedby={ (id) "-now" };
                span.unit { (unit) }
            }
            (trouble)
            p.hint id={ (id) "-now" } { (asked.of("现为 ", "now ")) (now) (unit_after(unit)) " · " code { (path) } }
        }
    }
}

/// A unit behind a number: a word stands apart.
fn unit_after(unit: &str) -> String {
    if unit.is_empty() || unit == "%" { unit.to_owned() } else { format!(" {unit}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figure(now: &str, unit: Unit) -> Figure {
        Figure { id: "f0".to_owned(), path: "a[b=c].d".to_owned(), label: String::new(), now: now.to_owned(), unit }
    }

    #[test]
    fn a_ratio_is_set_in_percent_and_anything_else_as_it_is_written() {
        let ratio = figure("80", Unit::Percent);
        assert_eq!(ratio.set(" 80 "), None);
        assert_eq!(ratio.set("85.5").as_deref(), Some("a[b=c].d=85.5%"));
        assert_eq!(ratio.set("+5pt").as_deref(), Some("a[b=c].d=+5pt"));
        assert_eq!(ratio.set("85%").as_deref(), Some("a[b=c].d=85%"));
        assert_eq!(figure("800", Unit::Yuan).set("none").as_deref(), Some("a[b=c].d=none"));
        // Told, so that the checks of `--set` say what is wrong with it.
        assert_eq!(ratio.set("").as_deref(), Some("a[b=c].d="));
    }

    #[test]
    fn what_was_set_stands_in_the_form_again() {
        let sets = ["a[b=c].d=85.5%".to_owned(), "e=none".to_owned(), "f=+5pt".to_owned()];
        let said = said(&sets);
        assert_eq!(said["a[b=c].d"], "85.5");
        assert_eq!((said["e"].as_str(), said["f"].as_str()), ("none", "+5pt"));
        assert_eq!(figure("80", Unit::Percent).set(&said["a[b=c].d"]).as_deref(), Some("a[b=c].d=85.5%"));
    }

    #[test]
    fn a_slider_reaches_twice_what_stands_there_in_round_steps() {
        let scale = |now: &str, unit| figure(now, unit).scale().map(|scale| (scale.most, scale.step));
        assert_eq!(scale("15412", Unit::Yuan), Some((30_824, 1_000)));
        assert_eq!(scale("800", Unit::Yuan), Some((1_600, 10)));
        assert_eq!(scale("5", Unit::Yuan), Some((10, 1)));
        assert_eq!(scale("0", Unit::Yuan), Some((1_000, 10)));
        assert_eq!(scale("60", Unit::Percent), Some((100, 1)));
        assert_eq!(scale("none", Unit::Yuan), None);
        assert_eq!(scale("{ share = \"10%\" }", Unit::Yuan), None);
    }
}
