//! `settle`: a person's bills through the years, each with what every fund and the person pay.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use domain::{Bill, Care, ClassAmounts, Date, Fen, Filing, Lang, Level, Mark, Payer, Person};
use policy::Amount;
use policy::reader::Reader;
use policy::registry::{Field, Kind};
use policy::value::Record;
use settlement::{Engine, Entry, EntryKind, Opening, Options, Settlement, reasons};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::CaseKind;
use crate::case::{Case, may, must};
use crate::compare::{Compare, Expect, Met};
use crate::person::{PERSON, person};

const EXPECT: &[&str] = &[
    "basic", "catastrophic", "large-amount", "supplement", "civil-service", "assistance", "tilt", "accident", "other",
    "person", "stage.*", "basis", "refused",
];

pub(crate) const KIND: CaseKind = CaseKind {
    name: "settle",
    fields: &[must("person", Kind::Table(PERSON), "who"), may("strict", Kind::Bool, "refuse figures below derived")],
    expect: EXPECT,
    run,
};

const CARE: &[&str] = &[
    "inpatient", "outpatient", "emergency", "special", "two-disease", "pharmacy", "delivery", "prenatal",
    "day-surgery", "single-disease",
];
const LEVELS: &[&str] = &["primary", "1", "2", "3", "3p"];
const FILINGS: &[&str] = &["local", "filed", "referred", "emergency", "unfiled"];
const MARKS: &[&str] = &[
    "reform", "chosen", "accident", "acute-critical", "major-illness", "approved", "approved-patient",
    "approved-hospital", "approved-physician", "long-prescription", "online", "third-child", "covid", "dual-channel",
    "referral",
];

/// Fields of a bill, beside `expect`.
pub(crate) const BILL: &[Field] = &[
    must("id", Kind::Text, "unique in the case"),
    must("date", Kind::Date, "day of the bill"),
    may("care", Kind::Word(CARE), "kind of care"),
    may("level", Kind::Word(LEVELS), "level of the provider; a pharmacy needs none"),
    may("a", Kind::Amount, "class A"),
    may("b", Kind::Amount, "class B"),
    may("b_share", Kind::Rate, "first self-pay share of class B"),
    may("c", Kind::Amount, "class C"),
    may("over_limit", Kind::Amount, "above a price limit"),
    may("base_burden", Kind::Amount, "with burden_only: burden left by basic insurance elsewhere"),
    may("burden_only", Kind::Bool, "the bill is burden after basic insurance"),
    may("disease", Kind::Text, "disease code"),
    may("filing", Kind::Word(FILINGS), "place of care against the place of insurance"),
    may("mark", Kind::Words(MARKS), "marks"),
    may("from_bill", Kind::Text, "the bill this one continues by referral"),
    may("reverses", Kind::Text, "the bill this one takes back"),
];

/// What `opening` may hold: numbers or amounts by rule or slot, flags, admissions.
pub(crate) const OPENING: &[&str] = &["quiet", "carried", "flags", "used", "admissions"];

/// Bills and opening state of a case.
#[derive(Default)]
pub(crate) struct Year {
    bills: Vec<(Record, Expect)>,
    opening: Opening,
}

/// What refers to a bill that is not there changes nothing, and the case would show what it does not run.
fn check_references(reader: &mut Reader<'_>, record: &Record, span: Range<usize>, earlier: &[(Record, Expect)]) {
    let is_earlier = |id: &str| earlier.iter().any(|(bill, _)| bill.text("id") == Some(id));
    if let Some(id) = record.text("id").filter(|id| is_earlier(id)) {
        reader.error("duplicate-bill", span.clone(), format!("票据“{id}”写了两次"), "每张票据用自己的 id");
    }
    for key in ["reverses", "from_bill"] {
        if let Some(id) = record.text(key).filter(|id| !is_earlier(id)) {
            reader.error(
                "dangling",
                span.clone(),
                format!("`{key}` 所指的票据“{id}”不在它之前"),
                "写此案例里在前的一张票据的 id",
            );
        }
    }
}

/// Opening amounts that no rule or slot of these plans takes in.
fn unknown_opening(engine: &Engine, opening: &Opening) -> Vec<String> {
    let known: BTreeSet<&str> = engine.slots().iter().map(|(name, _)| name).collect();
    let carries: BTreeSet<&str> =
        engine.plans().iter().flat_map(|plan| &plan.names.carries).map(String::as_str).collect();
    let used = opening.used.keys().filter(|name| !known.contains(name.as_str())).map(|name| ("used", name));
    let rules = [("quiet", opening.quiet.keys().collect::<Vec<_>>()), ("carried", opening.carried.keys().collect())];
    let rules = rules.into_iter().chain([("flags", opening.flags.iter().collect())]);
    let rules = rules.flat_map(|(table, names)| names.into_iter().map(move |name| (table, name)));
    let rules = rules.filter(|(_, name)| !carries.contains(name.as_str()));
    let unknown = used.chain(rules);
    unknown.map(|(table, name)| format!("opening.{table} 的“{name}”不是这些条款里的累计或结转规则 (unknown)")).collect()
}

impl Year {
    /// Takes `bills` and `opening` out of a case's table.
    pub(crate) fn take(reader: &mut Reader<'_>, table: &mut DeTable<'_>) -> Year {
        let mut year = Year::default();
        if let Some(opening) = table.remove("opening") {
            year.opening = opening_state(reader, &opening);
        }
        let Some(bills) = table.remove("bills") else {
            reader.error("missing-key", 0..0, "案例没有写 bills", "写 bills = [{ … }]，或写明 kind");
            return year;
        };
        let Some(entries) = bills.get_ref().as_array() else {
            reader.error("wrong-type", bills.span(), "bills 应为表的列表", "写成 bills = [{ … }, { … }]");
            return year;
        };
        for entry in entries {
            let Some(table) = entry.get_ref().as_table() else {
                reader.error("wrong-type", entry.span(), "账单应为表", "写成 { id = …, date = … }");
                continue;
            };
            let expect = Expect::read(reader, table.get("expect"), EXPECT);
            let mut plain = table.clone();
            plain.remove("expect");
            let (record, _) = reader.record(&plain, entry.span(), &[BILL], false);
            check_references(reader, &record, entry.span(), &year.bills);
            year.bills.push((record, expect));
        }
        year
    }

    /// Whether no bill says what is expected of it.
    pub(crate) fn expects_nothing(&self) -> bool {
        self.bills.iter().all(|(_, expect)| expect.is_empty())
    }
}

/// The opening state: tables of rule or slot to number or amount, and a list of flags.
fn opening_state(reader: &mut Reader<'_>, value: &Spanned<DeValue<'_>>) -> Opening {
    let mut opening = Opening::default();
    let Some(table) = value.get_ref().as_table() else {
        reader.error("wrong-type", value.span(), "opening 应为表", "写成 opening = { quiet = { … } }");
        return opening;
    };
    for (key, value) in table {
        match (key.get_ref().as_ref(), value.get_ref()) {
            ("quiet", DeValue::Table(rules)) => {
                let years =
                    rules.iter().filter_map(|(rule, years)| Some((rule.get_ref().to_string(), reader.integer(years)?)));
                opening.quiet = years.collect();
            }
            ("carried", DeValue::Table(rules)) => opening.carried = amounts(reader, rules),
            ("used", DeValue::Table(slots)) => opening.used = amounts(reader, slots),
            ("flags", DeValue::Array(flags)) => {
                opening.flags = flags.iter().filter_map(|flag| reader.text(flag)).collect();
            }
            ("admissions", _) => {
                opening.admissions = reader.integer(value).and_then(|n| u8::try_from(n).ok()).unwrap_or(0);
            }
            (other, _) => reader.unknown_key(other, key.span(), OPENING),
        }
    }
    opening
}

fn amounts(reader: &mut Reader<'_>, table: &DeTable<'_>) -> BTreeMap<String, Fen> {
    let amount =
        |(name, value): (&Spanned<std::borrow::Cow<'_, str>>, &Spanned<DeValue<'_>>)| match reader.amount(value) {
            Some(Amount::Figure(fen)) => Some((name.get_ref().to_string(), fen)),
            _ => None,
        };
    table.iter().filter_map(amount).collect()
}

fn run(case: &Case<'_>) -> Vec<String> {
    let compared = settled(case, &case.view(), |engine, bills, entries| {
        let mut failures = Vec::new();
        for (bill, (_, expect)) in bills.iter().zip(&case.year.bills) {
            // Later differences of a bill count in the totals; the bill's own answer is its first entry.
            if let Some(entry) =
                entries.iter().find(|entry| entry.bill.id == bill.id && entry.kind != EntryKind::Difference)
            {
                failures.extend(compare_bill(engine, entry, expect, case.telling.lang));
            }
        }
        failures.extend(compare_totals(case, engine, entries));
        failures
    });
    compared.unwrap_or_else(|wrong| vec![wrong])
}

/// Settles the bills of a case under a view of the library, and looks at what came out.
///
/// # Errors
/// What is wrong with the bills, in words.
pub(crate) fn settled<T>(
    case: &Case<'_>,
    view: &policy::View<'_>,
    look: impl FnOnce(&Engine, &[Bill], &[Settlement<'_>]) -> T,
) -> Result<T, String> {
    let days: Vec<Date> = case.year.bills.iter().filter_map(|(bill, _)| bill.date("date")).collect();
    let (Some(first), Some(last)) = (days.iter().min(), days.iter().max()) else {
        return Err("案例没有账单".to_owned());
    };
    let person = person(&case.body, first.year())?;
    let bills =
        case.year.bills.iter().map(|(record, _)| bill(record, &person)).collect::<Result<Vec<Bill>, String>>()?;
    let options = Options { strict: case.body.flag("strict") == Some(true) };
    // Whole years: what a year leaves to the next is decided on its last day.
    let from = Date::new(first.year(), 1, 1).unwrap_or(*first);
    let to = Date::new(last.year(), 12, 31).unwrap_or(*last);
    let engine = Engine::compile(case.library, case.region, view, options, from, to);
    let unknown = unknown_opening(&engine, &case.year.opening);
    if !unknown.is_empty() {
        return Err(unknown.join("；"));
    }
    let entries = engine.settle(&bills.iter().collect::<Vec<_>>(), &case.year.opening);
    Ok(look(&engine, &bills, &entries))
}

fn bill(record: &Record, person: &Person) -> Result<Bill, String> {
    let id = record.text("id").unwrap_or_default();
    let word = |name: &str| record.text(name);
    let amount = |name: &str| match record.amount(name) {
        Some(Amount::Figure(fen)) => *fen,
        _ => Fen::ZERO,
    };
    let reverses = word("reverses").map(str::to_owned);
    let care = word("care").and_then(Care::parse).or(reverses.as_ref().map(|_| Care::Outpatient));
    let care = care.ok_or_else(|| format!("{id}：没有写 care"))?;
    let unlevelled = care == Care::Pharmacy || reverses.is_some();
    let level = word("level").and_then(Level::parse).or(unlevelled.then_some(Level::Primary));
    let burden_only = record.flag("burden_only") == Some(true);
    if record.get("base_burden").is_some() != burden_only {
        return Err(format!("{id}：base_burden 和 burden_only = true 要一起写"));
    }
    Ok(Bill {
        id: id.to_owned(),
        person_id: "case".to_owned(),
        region: None,
        person: person.clone(),
        date: record.date("date").ok_or_else(|| format!("{id}：没有写 date"))?,
        care,
        level: level.ok_or_else(|| format!("{id}：没有写 level"))?,
        filing: word("filing").and_then(Filing::parse).unwrap_or(Filing::Local),
        disease: word("disease").map(str::to_owned),
        marks: record.texts("mark").into_iter().filter_map(Mark::parse).collect(),
        amounts: ClassAmounts {
            a: amount("a") + amount("base_burden"),
            b: amount("b"),
            b_share: record.rate("b_share"),
            b_self_pay: None,
            c: amount("c"),
            over_limit: amount("over_limit"),
        },
        from_bill: word("from_bill").map(str::to_owned),
        part: domain::Part::Whole,
        reverses,
        burden_only,
    })
}

fn compare_bill(engine: &Engine, settled: &Settlement<'_>, expect: &Expect, lang: Lang) -> Vec<String> {
    let mut compare = Compare::new(&settled.bill.id, expect);
    let entry = match &settled.result {
        Ok(entry) => entry,
        Err(refusal) => {
            compare.refusals(Some(&Met::plain(format!("{refusal} [{}]", refusal.code()))), &[]);
            return compare.finish([refusal.cure()]);
        }
    };
    compare.refusals(None, &[]);
    compare.text("basis", entry.basis.code());
    compare_amounts(engine, &[entry], expect, &mut compare);
    compare.finish(explained(engine, settled, entry, lang))
}

fn explained(engine: &Engine, settled: &Settlement<'_>, entry: &Entry, lang: Lang) -> Vec<String> {
    if settled.kind == EntryKind::Reversed {
        return Vec::new();
    }
    reasons(engine.plan(entry.plan), settled.bill, entry)
        .iter()
        .map(|reason| lang.of(&reason.text, &reason.english).to_owned())
        .collect()
}

/// Sums of some entries against what is expected of them.
fn compare_amounts(engine: &Engine, entries: &[&Entry], expect: &Expect, compare: &mut Compare<'_>) {
    let sum = |of: &dyn Fn(&Entry) -> Fen| entries.iter().map(|entry| of(entry)).sum::<Fen>();
    for payer in Payer::ALL {
        let paid = sum(&|entry| entry.by_payer(engine.plan(entry.plan)).get(payer).copied().unwrap_or_default());
        compare.amount(payer.code(), paid);
    }
    compare.amount("person", sum(&|entry| entry.person));
    for key in expect.keys() {
        let Some(id) = key.strip_prefix("stage.") else { continue };
        let at = |entry: &Entry| engine.plan(entry.plan).stages.iter().position(|stage| stage.id == id);
        if entries.iter().any(|entry| at(entry).is_some()) {
            let paid =
                sum(&|entry| at(entry).and_then(|at| entry.by_stage.get(at)).map_or(Fen::ZERO, |paid| Fen(*paid)));
            compare.amount(key, paid);
        }
    }
}

fn compare_totals(case: &Case<'_>, engine: &Engine, entries: &[Settlement<'_>]) -> Vec<String> {
    if case.expect.is_empty() {
        return Vec::new();
    }
    let mut compare = Compare::new("合计", &case.expect);
    let settled: Vec<&Entry> = entries.iter().filter_map(|entry| entry.result.as_ref().ok()).collect();
    let refused = entries.iter().filter_map(|entry| entry.result.as_ref().err());
    let refused: Vec<Met> = refused.map(|refusal| Met::plain(refusal.to_string())).collect();
    compare.refusals(None, &refused);
    compare.text("basis", settled.iter().map(|entry| entry.basis).max().unwrap_or_default().code());
    compare_amounts(engine, &settled, &case.expect, &mut compare);
    compare.finish([])
}
