//! The tables of a report. Each starts with the variant and the weakest basis of its terms; funds stand in rows, so that a table
//! has the same columns for every region.

use std::collections::{BTreeMap, BTreeSet};

use super::columns::{self as c};
use super::concentration;
use super::ratio::{millionths, per};
use super::table::{Head, Maker, Table, Value};
use super::words::{self, Text};
use crate::outcome::{BURDEN_EDGES, Bills, Burden, By, Cell, Group, Outcome, Patients, People, SHARES, Variant};

// The names of three columns say these.
const _: () = assert!(SHARES[0] == 10 && SHARES[1] == 25 && SHARES[2] == 40);

const fn head(name: &'static str, title: (&'static str, &'static str), row: (&'static str, &'static str)) -> Head {
    Head { name, title: Text { zh: title.0, en: title.1 }, row: Text { zh: row.0, en: row.1 } }
}

/// All tables, in the order of the workbook.
pub fn all(run: &Outcome) -> Vec<Table> {
    vec![
        variants(run),
        summary(run),
        funds(run),
        cuts(run),
        cells(run),
        cell_funds(run),
        groups(run),
        group_funds(run),
        burden(run),
        incomes(run),
        refused(run),
    ]
}

/// What a row is about: a variant, the baseline beside it, and what else.
struct Row<'o, T> {
    variant: &'o Variant,
    base: &'o Variant,
    what: T,
}

type Rows<'o, T> = Vec<Row<'o, T>>;

/// Rows of every variant.
fn rows<'o, T>(run: &'o Outcome, of: impl Fn(&'o Variant) -> Vec<T>) -> Rows<'o, T> {
    let Some(base) = run.variants.first() else { return Vec::new() };
    let with = |variant: &'o Variant| of(variant).into_iter().map(move |what| Row { variant, base, what });
    run.variants.iter().flat_map(with).collect()
}

fn begun<'o, T>(head: Head, rows: Rows<'o, T>) -> Maker<Row<'o, T>> {
    Maker::new(head, rows)
        .column(&c::VARIANT, |row| words::variant(&row.variant.name))
        .column(&c::BASIS, |row| words::basis(&row.variant.basis))
}

/// Sums of bills, wherever they come from.
#[derive(Clone, Copy, Default)]
pub struct Sums {
    /// How many.
    pub bills: i64,
    /// Their total, fen.
    pub total: i64,
    /// In scope, fen.
    pub in_scope: i64,
    /// By all funds, fen.
    pub paid: i64,
}

impl Sums {
    fn of(bills: &Bills) -> Sums {
        let paid = bills.paid.iter().sum();
        Sums { bills: bills.bills, total: bills.total, in_scope: bills.in_scope, paid }
    }

    fn own(self) -> i64 {
        self.total - self.paid
    }
}

/// A quotient of two amounts, millionths.
pub fn share(part: i64, whole: i64) -> Option<i64> {
    millionths(i128::from(part), i128::from(whole))
}

pub fn at(list: &[i64], place: usize) -> i64 {
    list.get(place).copied().unwrap_or(0)
}

/// What bills come to, what funds pay of it, and how far that is from the baseline.
fn measured<R>(maker: Maker<R>, sums: impl Fn(&R) -> Sums, before: impl Fn(&R) -> Sums) -> Maker<R> {
    maker
        .column(&c::BILLS, |row| sums(row).bills)
        .column(&c::TOTAL, |row| sums(row).total)
        .column(&c::IN_SCOPE, |row| sums(row).in_scope)
        .column(&c::PAID, |row| sums(row).paid)
        .column(&c::OWN, |row| sums(row).own())
        .column(&c::RATIO_IN_SCOPE, |row| share(sums(row).paid, sums(row).in_scope))
        .column(&c::RATIO_ACTUAL, |row| share(sums(row).paid, sums(row).total))
        .column(&c::PAID_CHANGE, |row| sums(row).paid - before(row).paid)
        .column(&c::PAID_CHANGE_RATIO, |row| share(sums(row).paid - before(row).paid, before(row).paid))
        .column(&c::OWN_CHANGE, |row| sums(row).own() - before(row).own())
        .column(&c::OWN_CHANGE_RATIO, |row| share(sums(row).own() - before(row).own(), before(row).own()))
}

fn variants(run: &Outcome) -> Table {
    let head = head("variants", ("方案", "Variants"), ("一个方案：由何而来", "a variant, and where it comes from"));
    begun(head, rows(run, |_| vec![()]))
        .column(&c::REGION, |_| Value::text(&run.region))
        .column(&c::YEAR, |_| Value::text(&run.year.to_string()))
        .column(&c::FROM_YEAR, |_| Value::text(&run.from_year.to_string()))
        .column(&c::DRAFTS, |row| Value::text(&row.variant.drafts.join(" ")))
        .column(&c::SET, |row| Value::text(&row.variant.set.join(" ")))
        .column(&c::KNOWN_ON, |row| Value::text(row.variant.known_on.as_deref().unwrap_or_default()))
        .column(&c::ANEW, |row| row.variant.changed.settled_anew)
        .column(&c::CHANGED, |row| row.variant.changed.persons)
        .column(&c::INCOMPARABLE, |row| row.variant.changed.incomparable)
        .column(&c::REFUSED, |row| row.variant.refused.values().sum::<i64>())
        .column(&c::LEFT_OUT, |_| run.left_out)
        .column(&c::TERMS, |row| Value::text(&row.variant.terms))
        .column(&c::PROVINCE, |_| Value::text(&run.province))
        .done()
}

/// People of a group under a variant, beside what they are under any.
struct Crowd {
    group: Group,
    people: People,
    patients: Patients,
    before: Patients,
}

fn crowds(run: &Outcome, variant: &Variant, these: impl Fn(By) -> bool) -> Vec<Crowd> {
    let groups: BTreeSet<&Group> = run.people.keys().chain(variant.groups.keys()).collect();
    let base = run.variants.first().unwrap_or(variant);
    let crowd = |group: &Group| Crowd {
        group: group.clone(),
        people: run.people.get(group).cloned().unwrap_or_default(),
        patients: variant.groups.get(group).cloned().unwrap_or_default(),
        before: base.groups.get(group).cloned().unwrap_or_default(),
    };
    groups.into_iter().filter(|group| these(group.by)).map(crowd).collect()
}

fn patients(patients: &Patients) -> Sums {
    let paid = patients.paid.iter().sum();
    Sums { bills: patients.bills, total: patients.total, in_scope: patients.in_scope, paid }
}

/// What is known of people, their bills, their burden, and of who gains and who loses.
fn peopled<'o>(maker: Maker<Row<'o, Crowd>>) -> Maker<Row<'o, Crowd>> {
    let maker = maker
        .column(&c::LIVING, |row| row.what.people.living)
        .column(&c::ENROLLED, |row| row.what.people.enrolled)
        .column(&c::PERSONS, |row| row.what.patients.persons);
    measured(maker, |row| patients(&row.what.patients), |row| patients(&row.what.before))
        .column(&c::PAID_HEAD, |row| per(patients(&row.what.patients).paid, row.what.people.enrolled))
        .column(&c::OWN_HEAD, |row| per(row.what.patients.own, row.what.people.enrolled))
        .column(&c::OWN_PATIENT, |row| per(row.what.patients.own, row.what.patients.persons))
        .column(&c::OWN_OF_INCOME, |row| share(row.what.patients.own, row.what.people.income))
        .column(&c::ABOVE_10, |row| at(&row.what.patients.above, 0))
        .column(&c::SHARE_10, |row| share(at(&row.what.patients.above, 0), row.what.people.enrolled))
        .column(&c::ABOVE_25, |row| at(&row.what.patients.above, 1))
        .column(&c::SHARE_25, |row| share(at(&row.what.patients.above, 1), row.what.people.enrolled))
        .column(&c::ABOVE_40, |row| at(&row.what.patients.above, 2))
        .column(&c::SHARE_40, |row| share(at(&row.what.patients.above, 2), row.what.people.enrolled))
        .column(&c::WINNERS, |row| row.what.patients.winners)
        .column(&c::GAINED, |row| row.what.patients.gained)
        .column(&c::LOSERS, |row| row.what.patients.losers)
        .column(&c::LOST, |row| row.what.patients.lost)
        .column(&c::NET, |row| row.what.patients.gained - row.what.patients.lost)
        .column(&c::NET_HEAD, |row| per(row.what.patients.gained - row.what.patients.lost, row.what.people.enrolled))
        .column(&c::UNDECIDED, |row| row.what.people.undecided)
        .column(&c::STANDARD, |row| row.what.people.standard)
        .column(&c::PERSONAL, |row| row.what.people.personal)
        .column(&c::SPONSORED, |row| row.what.people.sponsored)
        .column(&c::INCOME, |row| row.what.people.income)
}

fn summary(run: &Outcome) -> Table {
    let head = head("summary", ("总览", "Summary"), ("一个方案", "a variant"));
    // one row a variant, though there be nobody
    let everybody = |variant: &Variant| {
        vec![Crowd {
            group: Group { by: By::All, value: String::new() },
            people: whole(&run.people).cloned().unwrap_or_default(),
            patients: whole(&variant.groups).cloned().unwrap_or_default(),
            before: run.variants.first().and_then(|base| whole(&base.groups)).cloned().unwrap_or_default(),
        }]
    };
    peopled(begun(head, rows(run, everybody)))
        .column(&c::FIRST, |row| row.variant.cells.values().map(|bills| bills.first_self_pay).sum::<i64>())
        .column(&c::REFUSED, |row| row.variant.refused.values().sum::<i64>())
        .column(&c::CONCENTRATION, |row| concentration::index(&row.variant.by_income))
        .column(&c::CHANGED, |row| row.variant.changed.persons)
        .column(&c::INCOMPARABLE, |row| row.variant.changed.incomparable)
        .done()
}

/// The group of all.
pub fn whole<T>(groups: &BTreeMap<Group, T>) -> Option<&T> {
    groups.iter().find(|(group, _)| group.by == By::All).map(|(_, of)| of)
}

fn funds(run: &Outcome) -> Table {
    let head = head("funds", ("基金", "Funds"), ("一个方案的一种基金", "a fund of a variant"));
    let each = |_| run.funds.iter().enumerate().collect();
    let enrolled = whole(&run.people).map_or(0, |people| people.enrolled);
    let paid = |variant: &Variant, fund| whole(&variant.groups).map_or(0, |all| at(&all.paid, fund));
    let reached = |variant: &Variant, fund| whole(&variant.groups).map_or(0, |all| at(&all.reached, fund));
    let persons = |variant: &Variant| whole(&variant.groups).map_or(0, |all| all.persons);
    let sum = |variant: &Variant| whole(&variant.groups).map_or(0, |all| all.paid.iter().sum());
    begun(head, rows(run, each))
        .column(&c::FUND, |row| words::fund(row.what.1))
        .column(&c::PAID, |row| paid(row.variant, row.what.0))
        .column(&c::SHARE_OF_PAID, |row| share(paid(row.variant, row.what.0), sum(row.variant)))
        .column(&c::PAID_CHANGE, |row| paid(row.variant, row.what.0) - paid(row.base, row.what.0))
        .column(&c::PAID_CHANGE_RATIO, |row| {
            let before = paid(row.base, row.what.0);
            share(paid(row.variant, row.what.0) - before, before)
        })
        .column(&c::PAID_HEAD, |row| per(paid(row.variant, row.what.0), enrolled))
        .column(&c::REACHED, |row| reached(row.variant, row.what.0))
        .column(&c::REACH, |row| share(reached(row.variant, row.what.0), enrolled))
        .column(&c::REACH_PATIENTS, |row| share(reached(row.variant, row.what.0), persons(row.variant)))
        .column(&c::PAID_REACHED, |row| per(paid(row.variant, row.what.0), reached(row.variant, row.what.0)))
        .column(&c::REACHED_CHANGE, |row| reached(row.variant, row.what.0) - reached(row.base, row.what.0))
        .done()
}

/// A word of a cell.
pub type Word = fn(&Cell) -> &str;

/// By what cells are summed.
const CUTS: [(&str, Text, Word); 3] = [
    ("tier", Text { zh: "档次", en: "tier" }, |cell| &cell.tier),
    ("level", Text { zh: "医院等级", en: "level" }, |cell| &cell.level),
    ("care", Text { zh: "医疗类别", en: "kind of care" }, |cell| &cell.care),
];

/// What cells come to with one of their words, and what they did before.
struct Cut<'o> {
    by: (&'static str, Text),
    value: &'o str,
    sums: Sums,
    before: Sums,
}

/// Cells by one of their words.
pub fn summed(cells: &BTreeMap<Cell, Bills>, word: Word) -> BTreeMap<&str, Sums> {
    let mut sums: BTreeMap<&str, Sums> = BTreeMap::new();
    for (cell, bills) in cells {
        let (sum, more) = (sums.entry(word(cell)).or_default(), Sums::of(bills));
        sum.bills += more.bills;
        sum.total += more.total;
        sum.in_scope += more.in_scope;
        sum.paid += more.paid;
    }
    sums
}

fn cuts<'o>(run: &'o Outcome) -> Table {
    let head = head(
        "cuts",
        ("按档次等级类别", "By tier, level, care"),
        ("一个方案的一个档次、一级医院或一种医疗类别", "a tier, a level or a kind of care of a variant"),
    );
    let base = run.variants.first();
    let each = |variant: &'o Variant| {
        let cut = |(code, title, word): (&'static str, Text, Word)| {
            let before = base.map(|base| summed(&base.cells, word)).unwrap_or_default();
            let now = summed(&variant.cells, word);
            let keys: BTreeSet<&str> = before.keys().chain(now.keys()).copied().collect();
            let row = |value| Cut {
                by: (code, title),
                value,
                sums: now.get(value).copied().unwrap_or_default(),
                before: before.get(value).copied().unwrap_or_default(),
            };
            let mut rows: Vec<Cut<'o>> = keys.into_iter().map(row).collect();
            rows.sort_by_key(|row| words::rank(row.value));
            rows
        };
        CUTS.into_iter().flat_map(cut).collect()
    };
    let made = begun(head, rows(run, each)).column(&c::BY, |row| words::titled(row.what.by.0, row.what.by.1)).column(
        &c::VALUE,
        |row| match row.what.by.0 {
            "tier" => words::tier(run, row.what.value),
            "level" => words::level(row.what.value),
            _ => words::care(row.what.value),
        },
    );
    measured(made, |row| row.what.sums, |row| row.what.before).done()
}

/// Cells of a variant and of the baseline.
fn places<'o>(run: &'o Outcome, variant: &'o Variant) -> Vec<&'o Cell> {
    let before = run.variants.first().into_iter().flat_map(|base| base.cells.keys());
    before.chain(variant.cells.keys()).collect::<BTreeSet<_>>().into_iter().collect()
}

fn sums_at(variant: &Variant, cell: &Cell) -> Sums {
    variant.cells.get(cell).map(Sums::of).unwrap_or_default()
}

fn cells(run: &Outcome) -> Table {
    let head = head(
        "cells",
        ("档次等级类别交叉", "Tier x level x care"),
        ("一个方案中，一个档次的人在一级医院的一种医疗", "a tier, level and kind of care of a variant"),
    );
    let made = begun(head, rows(run, |variant| places(run, variant)))
        .column(&c::TIER, |row| words::tier(run, &row.what.tier))
        .column(&c::LEVEL, |row| words::level(&row.what.level))
        .column(&c::CARE, |row| words::care(&row.what.care));
    measured(made, |row| sums_at(row.variant, row.what), |row| sums_at(row.base, row.what))
        .column(&c::FIRST, |row| row.variant.cells.get(row.what).map_or(0, |bills| bills.first_self_pay))
        .done()
}

fn cell_funds(run: &Outcome) -> Table {
    let head = head(
        "cell_funds",
        ("交叉各基金", "Cells by fund"),
        ("一个方案中，一种基金为上表一行支付的", "what a fund of a variant pays in a row of cells"),
    );
    let each = |variant| {
        let with = |cell| run.funds.iter().enumerate().map(move |fund| (cell, fund));
        places(run, variant).into_iter().flat_map(with).collect()
    };
    let paid = |variant: &Variant, cell: &Cell, fund| variant.cells.get(cell).map_or(0, |bills| at(&bills.paid, fund));
    begun(head, rows(run, each))
        .column(&c::TIER, |row| words::tier(run, &row.what.0.tier))
        .column(&c::LEVEL, |row| words::level(&row.what.0.level))
        .column(&c::CARE, |row| words::care(&row.what.0.care))
        .column(&c::FUND, |row| words::fund(row.what.1.1))
        .column(&c::PAID, |row| paid(row.variant, row.what.0, row.what.1.0))
        .column(&c::RATIO_IN_SCOPE, |row| {
            share(paid(row.variant, row.what.0, row.what.1.0), sums_at(row.variant, row.what.0).in_scope)
        })
        .column(&c::PAID_CHANGE, |row| {
            paid(row.variant, row.what.0, row.what.1.0) - paid(row.base, row.what.0, row.what.1.0)
        })
        .done()
}

fn groups(run: &Outcome) -> Table {
    let head =
        head("groups", ("人群", "Groups of people"), ("一个方案中的一类人", "a group of people under a variant"));
    let made = begun(head, rows(run, |variant| crowds(run, variant, |_| true)))
        .column(&c::BY, |row| words::by(row.what.group.by))
        .column(&c::VALUE, |row| words::group(run, row.what.group.by, &row.what.group.value));
    peopled(made).done()
}

fn group_funds(run: &Outcome) -> Table {
    let head = head(
        "group_funds",
        ("人群各基金", "Groups by fund"),
        ("一个方案中，一种基金为一类人支付的", "what a fund of a variant pays for a group of people"),
    );
    let each = |variant| {
        let with = |crowd: Crowd| {
            let (group, enrolled) = (crowd.group, crowd.people.enrolled);
            let (patients, before) = (crowd.patients, crowd.before);
            let one = move |(place, fund): (usize, &String)| Share {
                group: group.clone(),
                enrolled,
                persons: patients.persons,
                fund: fund.clone(),
                paid: at(&patients.paid, place),
                reached: at(&patients.reached, place),
                before: at(&before.paid, place),
            };
            run.funds.iter().enumerate().map(one).collect::<Vec<_>>()
        };
        crowds(run, variant, |_| true).into_iter().flat_map(with).collect()
    };
    begun(head, rows(run, each))
        .column(&c::BY, |row| words::by(row.what.group.by))
        .column(&c::VALUE, |row| words::group(run, row.what.group.by, &row.what.group.value))
        .column(&c::FUND, |row| words::fund(&row.what.fund))
        .column(&c::PAID, |row| row.what.paid)
        .column(&c::PAID_HEAD, |row| per(row.what.paid, row.what.enrolled))
        .column(&c::REACHED, |row| row.what.reached)
        .column(&c::REACH, |row| share(row.what.reached, row.what.enrolled))
        .column(&c::REACH_PATIENTS, |row| share(row.what.reached, row.what.persons))
        .column(&c::PAID_CHANGE, |row| row.what.paid - row.what.before)
        .done()
}

/// What a fund does for a group.
struct Share {
    group: Group,
    enrolled: i64,
    persons: i64,
    fund: String,
    paid: i64,
    reached: i64,
    before: i64,
}

fn burden(run: &Outcome) -> Table {
    let head = head(
        "burden",
        ("个人负担分布", "Own payments by size"),
        (
            "一个方案中，全年个人负担在一个范围内的人",
            "persons of a variant whose own payments of the year lie in a range",
        ),
    );
    let each = |variant: &Variant| {
        let of = |place: usize| (place, variant.burden.get(place).copied().unwrap_or_default());
        (0..=BURDEN_EDGES.len()).map(of).collect()
    };
    let all = |variant: &Variant| {
        let add = |sum: Burden, more: &Burden| Burden { persons: sum.persons + more.persons, own: sum.own + more.own };
        variant.burden.iter().fold(Burden::default(), add)
    };
    begun(head, rows(run, each))
        .column(&c::ABOVE, |row| row.what.0.checked_sub(1).and_then(|place| BURDEN_EDGES.get(place).copied()))
        .column(&c::UP_TO, |row| BURDEN_EDGES.get(row.what.0).copied())
        .column(&c::PEOPLE, |row| row.what.1.persons)
        .column(&c::PEOPLE_SHARE, |row| share(row.what.1.persons, all(row.variant).persons))
        .column(&c::OWN, |row| row.what.1.own)
        .column(&c::OWN_SHARE, |row| share(row.what.1.own, all(row.variant).own))
        .done()
}

fn incomes(run: &Outcome) -> Table {
    let head = head(
        "incomes",
        ("个人负担集中曲线", "Own payments by income"),
        ("一个方案中，一级收入的参保人", "the enrolled of a step of income under a variant"),
    );
    let each = |variant: &'_ Variant| {
        let of = |(step, point)| (step, variant.by_income.get(&step).copied().unwrap_or_default(), point);
        concentration::curve(&variant.by_income).into_iter().map(of).collect()
    };
    begun(head, rows(run, each))
        .column(&c::STEP, |row| i64::from(row.what.0))
        .column(&c::PEOPLE, |row| row.what.1.persons)
        .column(&c::OWN, |row| row.what.1.own)
        .column(&c::PEOPLE_SO_FAR, |row| row.what.2.map(|point| point.persons))
        .column(&c::OWN_SO_FAR, |row| row.what.2.map(|point| point.own))
        .done()
}

fn refused(run: &Outcome) -> Table {
    let head = head(
        "refused",
        ("不予结算", "Refused"),
        ("一个方案中，不予结算的一种原因", "a reason of refusal under a variant"),
    );
    begun(head, rows(run, |variant| variant.refused.iter().collect()))
        .column(&c::REASON, |row| Value::text(row.what.0))
        .column(&c::REFUSED, |row| *row.what.1)
        .done()
}
