//! A region to play with: made-up people, their contributions and a year of care, from a seed, by the same commands that a
//! counter would give. The books live on a day of their own, the end of October of the last year whose contributions the
//! region's notices set.
//!
//! Nothing here is taken from anybody: names are numbers, and ID numbers are drawn and given their check digit.

use std::collections::BTreeMap;
use std::sync::Arc;

use books::people::recognise;
use books::{Refusal, Rules};
use domain::{Care, Categories, Date, Fen, Group, Level, Person, Scheme};
use enrolment::{Asking, Joining, cover, due};
use fastrand::Rng;
use policy::NoticeKind;
use serde_json::{Map, Value, json};

mod papers;

use crate::clock::SetClock;
use crate::edition::Policies;
use crate::failure::Failure;
use crate::service::{Service, Ticket};

/// The made-up catalogue, as it is loaded.
const ITEMS: &str = include_str!("../../../codesets/demo/items.csv");
/// The made-up tables of terms.
const TERMS: &str = include_str!("../../../codesets/demo/terms.csv");

/// Who does what the demo does.
const ACTOR: &str = "demo";

/// How many requests are on their way at once.
const IN_FLIGHT: usize = 512;

/// What is made.
#[derive(Clone, Copy, Debug)]
pub struct Demo {
    /// How many persons.
    pub people: u32,
    /// The same seed, the same region.
    pub seed: u64,
}

/// When a demo takes place, and by which rules.
#[derive(Clone, Debug)]
pub struct Season {
    /// The insured year.
    pub year: i16,
    /// The day on which people enrol and pay: in the collection period.
    pub paid: Date,
    /// The day on which the books then live.
    pub today: Date,
    /// A draft without which the region cannot be run, and which the demo therefore takes as adopted.
    pub draft: Option<String>,
    /// The terms.
    pub rules: Rules,
}

/// What was made.
#[derive(Clone, Debug, Default)]
pub struct Made {
    /// Persons on the register.
    pub people: usize,
    /// Persons enrolled, who have paid or need not.
    pub insured: usize,
    /// Settlements, those taken back included.
    pub settlements: usize,
    /// Settlements taken back.
    pub reversed: usize,
    /// What all funds paid.
    pub funds: Fen,
    /// Why visits were refused, and how many.
    pub refused: BTreeMap<String, usize>,
    /// A person with several settlements.
    pub person: Option<String>,
    /// One of that person's settlements.
    pub settlement: Option<String>,
}

/// The last year that a region's notices can run, up to a day; where none can, with a draft of the region's taken as adopted.
///
/// # Errors
/// When no year of the last ten can be run; the refusal tells what the last one lacks.
pub fn season(policies: &Policies, region: &str, today: Date) -> Result<Season, Refusal> {
    let known = policies
        .library
        .region(region)
        .map_err(|what| Refusal::new("unknown-region", what, "`tongchou policy list` 列出各地区"))?;
    let mine = policies.library.notices_of(known);
    let drafts =
        mine.into_iter().filter(|notice| notice.kind == NoticeKind::Draft).map(|notice| Some(notice.id.clone()));
    let mut lacks = None;
    for draft in std::iter::once(None).chain(drafts) {
        let rules = |day| {
            let drafts = draft.iter().cloned().collect();
            Rules::new(Arc::clone(&policies.library), "", region, drafts, false, day)
        };
        let now = rules(today)?;
        for year in (today.year() - 10..=today.year()).rev() {
            let runs = runs(&now, year).and_then(|paid| {
                let today = Date::new(year, 10, 31).unwrap_or(paid);
                let rules = rules(today)?;
                let plan = rules.engine.plan_on(today).map(|at| rules.engine.plan(at));
                if plan.is_none_or(|plan| plan.stages.is_empty()) {
                    let message = format!("{} {year} 年没有可用的待遇条款", known.name);
                    return Err(Refusal::new("no-terms", message, "换一个地区"));
                }
                Ok(Season { year, paid, today, draft: draft.clone(), rules })
            });
            match runs {
                Ok(season) => return Ok(season),
                Err(refusal) => lacks = lacks.or(Some(refusal)),
            }
        }
    }
    Err(lacks.unwrap_or_else(|| Refusal::new("no-year", "没有可以演示的年度", "换一个地区")))
}

/// The day in a year's collection period on which an adult can pay and has benefits from the year's beginning.
fn runs(rules: &Rules, year: i16) -> Result<Date, Refusal> {
    let insured = rules.year(Group::Adult, year)?;
    let adult = adult(rules)?;
    let days = [(year - 1, 12, 20), (year - 1, 11, 20), (year, 1, 20), (year, 2, 20)];
    let mut refused = None;
    for (of, month, day) in days {
        let Ok(paid) = Date::new(of, month, day) else { continue };
        let joining = Joining { paid: Some(paid), ..Joining::default() };
        let asking = Asking { paid_on: Some(paid), ..Asking::default() };
        match due(&insured, &adult, &asking).and_then(|_| cover(&insured, &adult, &joining)) {
            Ok(cover) if cover.waiting_until.is_none() => return Ok(paid),
            Ok(_) => {}
            Err(refusal) => refused = refused.or(Some(refusal)),
        }
    }
    let none = || Refusal::new("no-window", format!("{year} 年没有不设等待期的缴费日"), "换一个地区");
    Err(refused.map_or_else(none, Refusal::from))
}

/// An adult of the region's first tier.
fn adult(rules: &Rules) -> Result<Person, Refusal> {
    Ok(Person {
        scheme: Scheme::Resident,
        tier: tiers(rules)?.first().cloned(),
        group: Group::Adult,
        categories: Categories::NONE,
        born: Date::new(1980, 6, 1).ok(),
        insured_since: None,
    })
}

fn tiers(rules: &Rules) -> Result<Vec<String>, Refusal> {
    Ok(rules.library.tiers(rules.region()?).iter().map(|(id, _)| id.clone()).collect())
}

/// Who is in a demo: made-up people by number and name, and providers by code and name. Those of [`Cast::quiet`] settle
/// nothing while the books are filled, so that a hospital system can be tried as one of them from an empty day on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cast {
    /// Code of the region.
    pub region: String,
    /// Numbers of identity cards, and names.
    pub people: Vec<(String, String)>,
    /// Codes and names of the providers that wait to be played.
    pub quiet: Vec<(String, String)>,
    /// Codes and names of hospitals elsewhere.
    pub far: Vec<(String, String)>,
    /// The token that everybody holds, where the terms ask for one at the counter.
    pub token: Option<String>,
}

/// Who is in a demo, without making it.
///
/// # Errors
/// When the region is not known.
pub fn cast(season: &Season, demo: Demo) -> Result<Cast, Refusal> {
    let region = season.rules.region()?.code.clone();
    let mut rng = Rng::with_seed(demo.seed);
    let people = draw_people(&mut rng, &region, season, demo, &tiers(&season.rules)?);
    let people = people.into_iter().map(|someone| (someone.number, someone.name)).collect();
    let told = |providers: Vec<Provider>| {
        providers.into_iter().map(|provider| (provider.code, provider.name.to_owned())).collect()
    };
    let far = providers(&region).into_iter().filter(|provider| provider.area != home(&region)).collect();
    Ok(Cast { people, quiet: told(quiet(&region)), far: told(far), token: papers::token(season)?, region })
}

fn draw_people(rng: &mut Rng, region: &str, season: &Season, demo: Demo, tiers: &[String]) -> Vec<Someone> {
    (0..demo.people).map(|at| Someone::draw(rng, region, at, season.year, tiers)).collect()
}

/// Fills the books. Progress is told as (done, of).
///
/// # Errors
/// When the database fails. A visit that the terms do not pay is counted, not an error.
pub fn fill(
    service: &Service,
    clock: &SetClock,
    season: &Season,
    demo: Demo,
    progress: &mut dyn FnMut(usize, usize),
) -> Result<Made, Failure> {
    let mut maker = Maker { service, made: Made::default(), progress, done: 0, of: demo.people as usize * 7 };
    let mut rng = Rng::with_seed(demo.seed);
    clock.set(season.paid);
    let region = season.rules.region()?.clone();
    maker.all("region open", vec![json!({ "region": region.slug })])?;
    let adopted = season.draft.iter().map(|draft| {
        json!({ "draft": draft, "on": season.paid.to_string(), "document": "演示", "reason": "演示：假定已采纳" })
    });
    maker.all("notice adopt", adopted.collect())?;
    maker.all("catalogue load", vec![json!({ "text": ITEMS, "whole": true })])?;
    maker.all("term load", vec![json!({ "text": TERMS, "whole": true })])?;
    let (providers, quiet) = (providers(&region.code), quiet(&region.code));
    let all = providers.iter().chain(&quiet);
    maker.all("provider register", all.map(|provider| provider.register(season)).collect())?;
    let tiers = tiers(&season.rules)?;
    let people = draw_people(&mut rng, &region.code, season, demo, &tiers);
    maker.made.people = maker.all("person register", people.iter().map(Someone::register).collect())?.len();
    let held = people.iter().filter_map(|someone| someone.held(season)).collect();
    maker.all("category assert", held)?;
    maker.all("credential activate", papers::activations(season, &people)?)?;
    let applied = maker.all("filing open", papers::diseases(season, &region.code, &people, demo.seed)?)?;
    let open = applied.iter().filter(|answer| answer.fields.get("state") == Some(&json!("applied")));
    let decide = open.map(|answer| json!({ "filing": answer.fields["filing"], "verdict": "approve" }));
    maker.all("filing decide", decide.collect())?;
    maker.all("member enrol", people.iter().map(|someone| someone.enrol(season)).collect())?;
    let billed = maker.all("dues bill", people.iter().map(|someone| someone.bill(season)).collect())?;
    let receipts = billed.iter().enumerate().filter_map(|(at, answer)| {
        let open = answer.fields.get("open").and_then(Value::as_str).filter(|open| *open != "0.00")?;
        // One in twenty does not pay.
        (rng.u8(..20) > 0).then(|| {
            json!({
                "receipt": format!("SP{}{at:07}", season.year), "person": answer.fields["person"], "year": season.year,
                "amount": open, "channel": "mobile",
            })
        })
    });
    let receipts: Vec<Value> = receipts.collect();
    let paid = maker.all("dues receive", receipts)?.len();
    maker.made.insured =
        paid + billed.iter().filter(|answer| answer.fields.get("open") == Some(&json!("0.00"))).count();
    maker.year_of_care(clock, &mut rng, &people, &providers, season)?;
    clock.set(season.today);
    Ok(maker.made)
}

struct Maker<'m> {
    service: &'m Service,
    made: Made,
    progress: &'m mut dyn FnMut(usize, usize),
    done: usize,
    of: usize,
}

impl Maker<'_> {
    /// Gives commands of one verb, many on their way at once, and waits for all. Refusals are counted.
    fn all(&mut self, verb: &str, commands: Vec<Value>) -> Result<Vec<books::Answer>, Failure> {
        let mut answers = Vec::with_capacity(commands.len());
        let mut on_their_way: std::collections::VecDeque<Ticket> = std::collections::VecDeque::new();
        let mut commands = commands.into_iter();
        loop {
            while on_their_way.len() < IN_FLIGHT
                && let Some(fields) = commands.next()
            {
                on_their_way.push_back(self.service.send(verb, object(fields), None, ACTOR)?);
            }
            let Some(ticket) = on_their_way.pop_front() else { break };
            match ticket.wait() {
                Ok(answer) => answers.push(answer),
                Err(Failure::Refused(refusal)) => {
                    *self.made.refused.entry(format!("{verb}: {}", refusal.code)).or_default() += 1
                }
                Err(failure) => return Err(failure),
            }
            self.done += 1;
            (self.progress)(self.done.min(self.of), self.of);
        }
        Ok(answers)
    }

    /// Visits in the order of their days, month by month; a few settlements are taken back.
    fn year_of_care(
        &mut self,
        clock: &SetClock,
        rng: &mut Rng,
        people: &[Someone],
        providers: &[Provider],
        season: &Season,
    ) -> Result<(), Failure> {
        let mut visits: BTreeMap<Date, Vec<Value>> = BTreeMap::new();
        for (at, someone) in people.iter().enumerate() {
            for nth in 0..someone.visits {
                let day = Date::new(season.year, rng.i8(1..=10), rng.i8(1..=28)).unwrap_or(season.today);
                visits.entry(day.last_of_month()).or_default().push(visit(rng, someone, providers, day, at, nth));
            }
        }
        let mut of_person: BTreeMap<String, (usize, String)> = BTreeMap::new();
        for (day, visits) in visits {
            clock.set(day);
            let settled = self.all("care settle", visits)?;
            let mut back = Vec::new();
            for answer in &settled {
                let text = |name: &str| answer.fields.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
                self.made.funds += Fen::parse_yuan(&text("funds")).unwrap_or_default();
                let settlement = text("settlement");
                let number = settlement.split('-').next().unwrap_or_default().to_owned();
                let known = of_person.entry(number).or_insert((0, settlement.clone()));
                known.0 += 1;
                if rng.u8(..50) == 0 {
                    back.push(json!({ "settlement": settlement, "reason": "费用录入有误" }));
                } else {
                    known.1 = settlement;
                }
            }
            self.made.settlements += settled.len();
            self.made.reversed += self.all("care reverse", back)?.len();
        }
        if let Some((person, (_, settlement))) = of_person.into_iter().max_by_key(|(_, (count, _))| *count) {
            (self.made.person, self.made.settlement) = (Some(person), Some(settlement));
        }
        Ok(())
    }
}

/// A made-up person.
struct Someone {
    name: String,
    number: String,
    area: String,
    born: Date,
    tier: Option<String>,
    category: Option<&'static str>,
    visits: u32,
}

/// Categories that some hold: so many in a thousand.
const HELD: &[(u16, &str)] = &[(8, "destitute"), (40, "minimum-allowance"), (15, "edge"), (12, "severe-disability")];

impl Someone {
    fn draw(rng: &mut Rng, region: &str, at: u32, year: i16, tiers: &[String]) -> Someone {
        let county = format!("{}{:02}", &region[..4.min(region.len())], 1 + rng.u8(..3));
        let born = Date::new(year - 1 - rng.i16(0..88), rng.i8(1..=12), rng.i8(1..=28)).unwrap_or_default();
        let digits = format!("{county}{:04}{:02}{:02}{:03}", born.year(), born.month(), born.day(), at % 1_000);
        // Of the eleven check digits one is right.
        let number = "0123456789X".chars().map(|check| format!("{digits}{check}"));
        let number = number.into_iter().find(|number| recognise(number).is_ok()).unwrap_or_default();
        let drawn = rng.u16(..1_000);
        let mut upper = 0;
        let category = HELD.iter().find(|(share, _)| {
            upper += share;
            drawn < upper
        });
        // Most pay the lower tier; few are ill often.
        let tier = if rng.u8(..4) == 0 { tiers.last() } else { tiers.first() };
        let often = rng.u32(..10);
        Someone {
            name: format!("居民{:06}", at + 1),
            number,
            area: county,
            born,
            tier: tier.cloned(),
            category: category.map(|(_, category)| *category),
            visits: often * often / 12,
        }
    }

    fn register(&self) -> Value {
        json!({ "number": self.number, "name": self.name, "area": self.area })
    }

    fn held(&self, season: &Season) -> Option<Value> {
        let from = Date::new(season.year - 1, 1, 1).ok()?.max(self.born);
        let category = self.category?;
        Some(json!({ "person": self.number, "category": category, "from": from.to_string(), "reason": "演示" }))
    }

    fn group(&self, season: &Season) -> &'static str {
        if season.year - self.born.year() < 18 { "minor" } else { "adult" }
    }

    fn enrol(&self, season: &Season) -> Value {
        json!({ "person": self.number, "year": season.year, "tier": self.tier, "group": self.group(season) })
    }

    fn bill(&self, season: &Season) -> Value {
        json!({ "person": self.number, "year": season.year, "tier": self.tier, "group": self.group(season) })
    }
}

/// A made-up provider.
struct Provider {
    code: String,
    name: &'static str,
    area: String,
    level: Level,
    cares: &'static [Care],
}

impl Provider {
    fn register(&self, season: &Season) -> Value {
        let cares: Vec<&str> = self.cares.iter().map(|care| care.code()).collect();
        let from = format!("{}-01-01", season.year - 2);
        json!({
            "provider": self.code, "name": self.name, "area": self.area, "level": self.level.code(), "care": cares,
            "connected": cares, "online": true, "from": from,
        })
    }
}

/// What the providers settle.
const CARES: &[Care] = &[Care::Inpatient, Care::Outpatient];

/// What the hospital settles that is left to be played.
const ALL_CARES: &[Care] =
    &[Care::Inpatient, Care::Outpatient, Care::Emergency, Care::Special, Care::DaySurgery, Care::Delivery];

/// A hospital and a pharmacy that are left to be played.
fn quiet(region: &str) -> Vec<Provider> {
    let area = home(region);
    let provider = |letter, name, level, cares| Provider {
        code: format!("{letter}{area}00009"),
        name,
        area: area.clone(),
        level,
        cares,
    };
    vec![
        provider('H', "演示联调医院", Level::Two, ALL_CARES),
        provider('P', "演示联调药店", Level::Primary, &[Care::Pharmacy]),
    ]
}

/// The area that a demo's providers lie in.
fn home(region: &str) -> String {
    format!("{}01", &region[..4.min(region.len())])
}

/// One provider of each level here, and a large one far away.
fn providers(region: &str) -> Vec<Provider> {
    let home = home(region);
    let far = if region.starts_with("31") { "110101" } else { "310101" };
    let provider = |nth: u8, name, level, area: &str| Provider {
        code: format!("H{area}{nth:05}"),
        name,
        area: area.to_owned(),
        level,
        cares: CARES,
    };
    vec![
        provider(1, "演示社区卫生服务中心", Level::Primary, &home),
        provider(2, "演示一级医院", Level::One, &home),
        provider(3, "演示二级医院", Level::Two, &home),
        provider(4, "演示三级医院", Level::Three, &home),
        provider(5, "演示外地三级医院", Level::Three, far),
    ]
}

fn visit(rng: &mut Rng, someone: &Someone, providers: &[Provider], day: Date, at: usize, nth: u32) -> Value {
    let inpatient = rng.u8(..6) == 0;
    let far = rng.u8(..40) == 0;
    let near = &providers[rng.usize(..providers.len() - 1)];
    let provider = if far { providers.last().unwrap_or(near) } else { near };
    // Long-tailed: the cube of a draw, so that few stays cost much.
    let draw = rng.i64(1..=100);
    let cost = if inpatient { 200_000 + draw * draw * draw * 12 } else { 4_000 + draw * draw * 15 } + rng.i64(0..100);
    let (b, c) = (cost * rng.i64(10..40) / 100, cost * rng.i64(0..15) / 100);
    json!({
        "person": someone.number,
        "provider": provider.code,
        "visit": format!("V{at:07}{nth:03}"),
        "care": if inpatient { Care::Inpatient.code() } else { Care::Outpatient.code() },
        "date": day.to_string(),
        "a": Fen(cost - b - c).to_string(),
        "b": Fen(b).to_string(),
        "b_share": "10%",
        "c": Fen(c).to_string(),
        "emergency": far,
    })
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(fields) => fields,
        _ => Map::new(),
    }
}
