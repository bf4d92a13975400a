//! What the claims of a year say of the service: days from handing in to payment (TJ16-01b), what persons had to advance
//! (TJ16-07d), and whether all who are entitled to assistance had it (JS22-03f).
//!
//! A bill settled online asks of the person the final self-pay alone, and is settled on the spot. A claim by hand is one that the
//! person paid whole before: it is handed in on a day, settled on a day, and paid out on a day.

use std::collections::BTreeMap;

use domain::{Care, Date, Fen, Payer};
use serde_json::{Value, json};
use settlement::PersonRun;

use super::book::{CareEntry, CareYear};
use super::facts;
use super::record::Paid;
use super::restate::{Active, take};
use super::settle::{settlement_number, standing_before};
use super::{number_of, person_of};
use crate::answer::{Refusal, Stop};
use crate::codec::Word;
use crate::command;
use crate::desk::{Desk, day_of};
use crate::matters::days_between;
use crate::people::share;
use crate::question::{Column, Question, Table, col};
use crate::sheets::{Books, Key};

command! {
    /// Days from handing in to payment of every claim by hand of a year; those past a limit are late
    Days = "care days", "手工报销从递交到付款的天数，超过时限的标出" {
        /// Year of the visits
        year: i16 = "就诊所在年度",
        /// Days within which a claim is to be paid; none is late, if left out
        within: Option<i64> = "付款时限（天），不写不判逾期",
        /// Only those past the limit
        late: bool = "只列超过时限的",
    }
}

command! {
    /// The share of settlements that the person had to pay whole beforehand, by kind of care, and what was advanced
    Advances = "care advances", "个人先行垫付的结算占比和垫付金额，按就医类型" {
        /// Year of the visits
        year: i16 = "就诊所在年度",
        /// Code of a provider
        provider: Option<String> = "定点机构代码",
    }
}

command! {
    /// Claims entitled to assistance by the registers and terms as they now are, and those of them that had it; the others are listed
    Entitled = "care entitled", "应得医疗救助的结算与已得的占比（应救尽救），未得的列出" {
        /// Year of the visits
        year: i16 = "就诊所在年度",
    }
}

/// How many persons' histories are read at once.
const AT_ONCE: usize = 500;

/// A settlement that stands, with what was paid out of it.
struct Claim {
    bill: Active,
    /// The day on which it was settled.
    settled: Date,
    /// What was paid out to the person, and when last.
    paid_out: (Fen, Option<Date>),
}

impl Claim {
    /// Whether nothing is owed to the person any more, and since when.
    fn paid_on(&self) -> Option<Date> {
        let (paid, on) = self.paid_out;
        (self.bill.paid.funds() <= paid).then(|| on.unwrap_or(self.settled))
    }
}

/// The claims of a year that stand, person by person, in the order in which they count.
fn each_person(
    books: &mut Books<'_>,
    year: i16,
    mut each: impl FnMut(&mut Books<'_>, &Key, Vec<Claim>) -> Result<(), Stop>,
) -> Result<(), Stop> {
    let mut keys = Vec::new();
    books.each::<CareYear>(Some(year), |key, book| {
        if !book.visits.is_empty() {
            keys.push(key.clone());
        }
        Ok(())
    })?;
    for some in keys.chunks(AT_ONCE) {
        books.preload_histories::<CareYear>(some)?;
        for key in some {
            let claims = claims(books, key)?;
            each(books, &person_of(number_of(key)), claims)?;
        }
    }
    Ok(())
}

/// The claims of a person's year that stand.
fn claims(books: &mut Books<'_>, key: &Key) -> Result<Vec<Claim>, Stop> {
    let mut standing = BTreeMap::new();
    let (mut settled, mut paid_out) = (BTreeMap::new(), BTreeMap::<u32, (Fen, Option<Date>)>::new());
    for (at, entry, body) in books.history::<CareYear>(&key.subject)? {
        if at.year != key.year {
            continue;
        }
        if let CareEntry::PaidOut { settlement, amount, on } = &body {
            let known = paid_out.entry(*settlement).or_default();
            *known = (known.0 + amount.0, Some(*on));
        }
        if matches!(body, CareEntry::Settled { .. }) {
            settled.insert(entry.number, day_of(entry.at));
        }
        take(&mut standing, at.year, entry.number, body);
    }
    let claim = |((_, number), bill): ((i16, u32), Active)| {
        let settled = settled.get(&number).copied()?;
        Some(Claim { bill, settled, paid_out: paid_out.get(&number).copied().unwrap_or_default() })
    };
    Ok(standing.into_iter().filter_map(claim).collect())
}

const DAYS: &[Column] = &[
    col("settlement", "结算编号", "settlement"),
    col("provider", "机构", "provider"),
    col("date", "就诊结束日", "end of the visit"),
    col("submitted", "递交日", "handed in"),
    col("settled", "结算日", "settled"),
    col("paid", "付款日", "paid"),
    col("funds", "基金支付", "funds"),
    col("days", "天数", "days"),
    col("late", "逾期", "late"),
];

impl Question for Days {
    fn ask(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Table, Stop> {
        let today = desk.today();
        let mut rows: Vec<Vec<Value>> = Vec::new();
        let (mut on_the_spot, mut by_hand, mut late, mut unpaid) = (0_usize, 0_usize, 0_usize, 0_usize);
        each_person(books, self.year, |_, person, claims| {
            for claim in claims {
                if !claim.bill.by_hand {
                    on_the_spot += 1;
                    continue;
                }
                let bill = &claim.bill.bill;
                let (submitted, paid) = (bill.submitted.unwrap_or(claim.settled), claim.paid_on());
                let days = days_between(submitted, paid.unwrap_or(today));
                let past = self.within.is_some_and(|within| days > within);
                by_hand += 1;
                late += usize::from(past);
                unpaid += usize::from(paid.is_none());
                if self.late && !past {
                    continue;
                }
                rows.push(vec![
                    json!(settlement_number(person, claim.bill.year, claim.bill.number)),
                    json!(bill.provider),
                    json!(bill.date.to_string()),
                    json!(submitted.to_string()),
                    json!(claim.settled.to_string()),
                    json!(paid.map(|paid| paid.to_string())),
                    json!(claim.bill.paid.funds().to_string()),
                    json!(days),
                    json!(past),
                ]);
            }
            Ok(())
        })?;
        let title = format!("{} 年手工报销的天数", self.year);
        let foot = format!("手工报销 {by_hand} 笔，未付 {unpaid} 笔，逾期 {late} 笔；当场联网结算 {on_the_spot} 笔");
        Ok(Table { title, columns: DAYS, rows, foot })
    }
}

const ADVANCES: &[Column] = &[
    col("care", "就医类型", "care"),
    col("settlements", "结算", "settlements"),
    col("advanced", "个人先垫付", "paid up-front"),
    col("share", "垫付占比", "share"),
    col("total", "垫付的总费用", "paid up-front, yuan"),
    col("funds", "其中应由基金支付", "of which the funds owe"),
    col("person", "最终个人负担", "final self-pay"),
];

/// What was advanced.
#[derive(Clone, Copy, Debug, Default)]
struct Advanced {
    settlements: usize,
    advanced: usize,
    total: Fen,
    funds: Fen,
    /// Of all settlements.
    person: Fen,
}

impl Advanced {
    fn add(&mut self, bill: &Active) {
        self.settlements += 1;
        self.person += bill.paid.person.0;
        if bill.by_hand {
            self.advanced += 1;
            self.total += bill.paid.total.0;
            self.funds += bill.paid.funds();
        }
    }
}

impl Question for Advances {
    fn ask(&self, _desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Table, Stop> {
        let mut by_care: BTreeMap<Word<Care>, Advanced> = BTreeMap::new();
        let mut all = Advanced::default();
        let here = |provider: &str| {
            self.provider.as_ref().is_none_or(|wanted| provider.trim().eq_ignore_ascii_case(wanted.trim()))
        };
        each_person(books, self.year, |_, _, claims| {
            for Claim { bill, .. } in claims.iter().filter(|claim| here(&claim.bill.bill.provider)) {
                by_care.entry(bill.bill.care).or_default().add(bill);
                all.add(bill);
            }
            Ok(())
        })?;
        let row = |(care, one): (&Word<Care>, &Advanced)| {
            vec![
                json!(care.0.name()),
                json!(one.settlements),
                json!(one.advanced),
                json!(share(one.advanced, one.settlements)),
                json!(one.total.to_string()),
                json!(one.funds.to_string()),
                json!(one.person.to_string()),
            ]
        };
        let rows = by_care.iter().map(row).collect();
        let part = share(all.advanced, all.settlements).unwrap_or_else(|| "-".to_owned());
        let foot = format!("{} 笔结算，个人先垫付 {} 笔，占 {part}", all.settlements, all.advanced);
        Ok(Table { title: format!("{} 年个人垫付情况", self.year), columns: ADVANCES, rows, foot })
    }
}

const ENTITLED: &[Column] = &[
    col("settlement", "结算编号", "settlement"),
    col("provider", "机构", "provider"),
    col("date", "日期", "date"),
    col("categories", "人员类别", "categories"),
    col("due", "应得救助", "assistance due"),
    col("had", "已得救助", "assistance had"),
];

impl Question for Entitled {
    fn ask(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Table, Stop> {
        let mut rows = Vec::new();
        let (mut entitled, mut assisted) = (0_usize, 0_usize);
        each_person(books, self.year, |books, person, claims| {
            for (one, due) in due(desk, books, person, self.year, claims)? {
                let had = assistance(&one.paid);
                entitled += 1;
                if had > Fen::ZERO {
                    assisted += 1;
                    continue;
                }
                let categories: Vec<&str> = one.bill.person.categories.iter().map(|word| word.0.name()).collect();
                rows.push(vec![
                    json!(settlement_number(person, one.year, one.number)),
                    json!(one.bill.provider),
                    json!(one.bill.date.to_string()),
                    json!(categories.join("、")),
                    json!(due.to_string()),
                    json!(had.to_string()),
                ]);
            }
            Ok(())
        })?;
        let part = share(assisted, entitled).unwrap_or_else(|| "-".to_owned());
        let foot = format!("应得 {entitled} 笔，已得 {assisted} 笔，{part}；未得的用 care resettle 重新结算");
        Ok(Table { title: format!("{} 年应救尽救", self.year), columns: ENTITLED, rows, foot })
    }
}

/// The claims of a person's year that the registers and terms, as they now are, give assistance, and how much: the year is
/// settled anew beside the books. A bill that is refused now is entitled to nothing.
fn due(
    desk: &Desk<'_>,
    books: &mut Books<'_>,
    person: &Key,
    year: i16,
    claims: Vec<Claim>,
) -> Result<Vec<(Active, Fen)>, Stop> {
    let engine = &desk.rules.engine;
    let mut standing = standing_before(books, person, year)?;
    let mut found = Vec::new();
    for Claim { bill: mut one, .. } in claims {
        let Ok(now) = facts::again(desk, books, person, &one.bill)? else { continue };
        one.bill = now;
        let mut run = PersonRun::resume(engine, &standing).map_err(|refusal| Refusal::from(&refusal))?;
        let Ok(entry) = run.settle(&one.bill.bill()) else { continue };
        let due = assistance(&Paid::of(engine.plan(entry.plan), &entry));
        if due > Fen::ZERO {
            found.push((one, due));
        }
        standing = run.standing();
    }
    Ok(found)
}

/// What assistance paid, the tilted one with it.
fn assistance(paid: &Paid) -> Fen {
    let by_payer = paid.by_payer();
    [Payer::Assistance, Payer::Tilt].iter().filter_map(|payer| by_payer.get(payer)).copied().sum()
}
