//! Whom a question of a resident is about, and by which notices it is asked: the controls that everybody needs, and folded away
//! those that few do. A person may hold several categories; which of them counts, the notices say.

use domain::{Basis, Categories, Category, Date, Group, Person, Scheme};
use maud::{Markup, html};
use policy::{Notice, NoticeKind, Region, View};

use crate::asked::Asked;
use crate::bill::{Fault, day};
use crate::clause;
use crate::fields::{Options, all, line, number, select, tick, ticks, tiers};

/// Groups of the employee scheme; all others are residents'.
const EMPLOYED: [Group; 2] = [Group::Active, Group::Retired];

/// What stands in the form where no age was written: an adult's.
const AGE: &str = "40";

/// The age that the form names.
///
/// # Errors
/// When it is none: no other stands in for it.
fn age(asked: &Asked) -> Result<i16, Fault> {
    let text = asked.one("age").unwrap_or(AGE);
    number(text).parse().ok().filter(|age| (0..=120).contains(age)).ok_or_else(|| Fault {
        what: format!("{}“{text}”", asked.of("年龄看不懂：", "this is no age: ")),
        cure: asked.of("写周岁，0 到 120 的整数", "write completed years, a whole number up to 120").to_owned(),
    })
}

/// The categories that the form names.
fn categories(asked: &Asked) -> Vec<Category> {
    asked.several("category").filter_map(Category::parse).collect()
}

/// The person that a form describes. Where no day of birth is given, the age makes one: the first day of a year.
///
/// # Errors
/// When a day or the age is none.
pub fn person(asked: &Asked, region: &Region) -> Result<Person, Fault> {
    let tiers = tiers(asked, region);
    let tier = asked.one("tier").and_then(|word| tiers.iter().find(|(id, _)| id == word)).or(tiers.first());
    let group = asked.one("group").and_then(Group::parse).unwrap_or(Group::Adult);
    let named = asked.one("year").or_else(|| asked.one("date")?.get(..4)).and_then(|text| text.parse().ok());
    let year: i16 = named.unwrap_or_else(|| asked.today().year());
    let born = match given(asked, "birth")? {
        Some(born) => Some(born),
        None => Date::new(year.saturating_sub(age(asked)?), 1, 1).ok(),
    };
    Ok(Person {
        scheme: if EMPLOYED.contains(&group) { Scheme::Employee } else { Scheme::Resident },
        tier: tier.map(|(id, _)| id.clone()),
        group,
        categories: categories(asked).into_iter().collect::<Categories>(),
        born,
        insured_since: given(asked, "since")?,
    })
}

/// A day, where the form names one.
pub fn given(asked: &Asked, name: &str) -> Result<Option<Date>, Fault> {
    asked.one(name).map(|_| day(asked, name)).transpose()
}

/// By which notices it is asked: those known on a day, with a draft, or all.
///
/// # Errors
/// When a day is none.
pub fn view(asked: &Asked, region: &Region) -> Result<View<'static>, Fault> {
    let known = drafts(asked, region);
    let named = asked.one("draft").filter(|id| known.iter().any(|draft| draft.id == *id));
    Ok(View {
        known_on: given(asked, "known")?,
        drafts: named.map(str::to_owned).into_iter().collect(),
        ..View::default()
    })
}

/// Whether nothing weaker than a stated rule and a published statistic is to be used.
pub fn is_strict(asked: &Asked) -> bool {
    asked.one("strict").is_some()
}

/// The drafts of a region and of those above it.
pub fn drafts<'a>(asked: &'a Asked, region: &Region) -> Vec<&'a Notice> {
    let library = &asked.pages.library;
    let mut above = vec![region.slug.clone()];
    while let Some(parent) = above.last().and_then(|slug| library.regions.get(slug)?.parent.clone()) {
        above.push(parent);
    }
    library.notices.iter().filter(|one| one.kind == NoticeKind::Draft && above.contains(&one.region)).collect()
}

/// What everybody is asked: tier, group, age and a category.
pub fn common(asked: &Asked, region: &Region) -> Markup {
    let tiers = tiers(asked, region);
    let none = (String::new(), asked.of("没有", "none").to_owned());
    let held: Options = std::iter::once(none).chain(all!(Category, asked.lang())).collect();
    let first = categories(asked).first().map_or("", |category| category.code());
    html! {
        @if !tiers.is_empty() { (select("tier", asked.of("缴费档次", "Tier"), &tiers, asked.one("tier").unwrap_or_default())) }
        (groups(asked))
        (line("age", asked.of("年龄（周岁）", "Age (completed years)"), "number", asked.one("age").unwrap_or(AGE), ""))
        (select("category", asked.of("救助或优待身份", "Category"), &held, first))
    }
}

/// The groups, by the scheme that they belong to.
fn groups(asked: &Asked) -> Markup {
    let chosen = asked.one("group").and_then(Group::parse).unwrap_or(Group::Adult);
    let of = |scheme: Scheme| {
        let (employed, lang) = (scheme == Scheme::Employee, asked.lang());
        html! {
            optgroup label=(lang.of(scheme.name(), scheme.english())) {
                @for group in Group::ALL.iter().filter(|group| EMPLOYED.contains(group) == employed) {
                    option value=(group.code()) selected[*group == chosen] { (lang.of(group.name(), group.english())) }
                }
            }
        }
    };
    html! {
        div {
            label for="group" { (asked.of("人群", "Group")) }
            select id="group" name="group" { (of(Scheme::Resident)) (of(Scheme::Employee)) }
        }
    }
}

/// What few are asked, folded away until it is used: further categories, the day of birth, what the page asks beside, and by
/// which notices. The page's own are controls of one line and of several; `used` tells whether any of them is.
pub fn rare(asked: &Asked, region: &Region, (own, several): &(Markup, Markup), used: bool) -> Markup {
    let further: Vec<&str> = categories(asked).iter().skip(1).map(|category| category.code()).collect();
    let drafts = drafts(asked, region);
    let used = used
        || !further.is_empty()
        || ["birth", "known", "draft", "strict"].iter().any(|name| asked.one(name).is_some());
    let text = |name: &str| asked.one(name).unwrap_or_default().to_owned();
    html! {
        details open[used] {
            summary { (asked.of("不常用的项", "Rarely needed")) }
            div.grid {
                (line("birth", asked.of("出生日期", "Day of birth"), "date", &text("birth"),
                    asked.of("写了就不看年龄；规定按日计龄时要写", "goes before the age; needed where a rule turns on the day")))
                (own)
                @if !drafts.is_empty() {
                    @let none = (String::new(), asked.of("不加", "none").to_owned());
                    @let titles = drafts.iter().map(|draft| (draft.id.clone(), clause::title(asked.lang(), draft).to_owned()));
                    (select("draft", asked.of("加征求意见稿", "With a draft"), &std::iter::once(none).chain(titles).collect(), &text("draft")))
                }
                (line("known", asked.of("只看哪天已知的文件", "Only what was known on"), "date", &text("known"), ""))
                (tick("strict", asked.of("只用通知写明或推算的数", "Only figures that are stated or derived"), is_strict(asked)))
                (several)
                (ticks("category", asked.of("另有的身份（可多选）", "Further categories held"), &all!(Category, asked.lang()), &further))
            }
        }
    }
}

/// What was told, so that a printed sheet says what it answers.
pub fn told(asked: &Asked, region: &Region, person: &Person, view: &View<'_>) -> Vec<String> {
    let lang = asked.lang();
    let tier = tiers(asked, region).into_iter().find(|(id, _)| Some(id) == person.tier.as_ref()).map(|(_, name)| name);
    let age = match asked.one("birth").and(person.born) {
        Some(born) => format!("{}{born}", asked.of("生于 ", "born ")),
        None => format!("{}{}", asked.one("age").unwrap_or(AGE), asked.of(" 岁", " years old")),
    };
    let held = person.categories.iter().map(|category| lang.of(category.name(), category.english()).to_owned());
    let since = person.insured_since.map(|since| format!("{}{since}", asked.of("连续参保自 ", "insured since ")));
    let drafts = drafts(asked, region).into_iter().filter(|draft| view.drafts.contains(&draft.id));
    let drafts = drafts.map(|draft| format!("{}{}", asked.of("加 ", "with "), clause::title(lang, draft)));
    let known = view.known_on.map(|on| format!("{}{on}", asked.of("只看已知于 ", "as known on ")));
    let words = [tier, Some(lang.of(person.group.name(), person.group.english()).to_owned()), Some(age)];
    let strict = is_strict(asked).then(|| {
        let (stated, derived) = (Basis::Stated, Basis::Derived);
        match lang {
            domain::Lang::Zh => format!("只用{}、{}的数", stated.name(), derived.name()),
            domain::Lang::En => format!("{} or {} figures only", stated.code(), derived.code()),
        }
    });
    words.into_iter().flatten().chain(held).chain(since).chain(drafts).chain(known).chain(strict).collect()
}
