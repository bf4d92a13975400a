//! What can be read of a person's care: one settlement with its reasons, and the statement of a year.

use serde_json::{Value, json};
use settlement::Entry;

use super::book::{CareEntry, CareYear};
use super::record::step;
use super::restate::active;
use super::settle::{care_key, parse_settlement, settlement_number};
use super::{number_of, person_of};
use crate::answer::{Refusal, Stop};
use crate::command;
use crate::desk::Desk;
use crate::people;
use crate::providers;
use crate::question::{Column, Question, Table, col};
use crate::sheets::Books;

command! {
    /// The reasons of every amount of a settlement
    Explain = "care explain", "一次结算每笔金额的理由" {
        /// Number of the settlement
        settlement: String = "结算编号",
    }
}

/// The provider of a settlement, if there is one of this number.
///
/// # Errors
/// When it is no number of a settlement, or the source fails.
pub fn provider_of(books: &mut Books<'_>, settlement: &str) -> Result<Option<String>, Stop> {
    let (person, year, number) = parse_settlement(settlement)?;
    let history = books.history::<CareYear>(&care_key(&person_of(&person), year).subject)?;
    Ok(history.into_iter().find_map(|(at, entry, body)| match body {
        CareEntry::Settled { bill, .. } if at.year == year && entry.number == number => Some(bill.provider),
        _ => None,
    }))
}

const REASONS: &[Column] = &[
    col("stage", "环节", "stage"),
    col("text", "理由", "reason"),
    col("english", "英文", "in English"),
    col("sources", "依据", "sources"),
    col("basis", "可靠程度", "basis"),
];

impl Question for Explain {
    fn ask(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Table, Stop> {
        let (person, year, number) = parse_settlement(&self.settlement)?;
        let key = care_key(&person_of(&person), year);
        let history = books.history::<CareYear>(&key.subject)?;
        let of = history.into_iter().find(|(at, entry, _)| at.year == year && entry.number == number);
        let Some((_, _, CareEntry::Settled { bill, paid, steps, pins, running, .. })) = of else {
            let message = format!("没有编号为 {} 的结算", self.settlement);
            return Err(Refusal::new("unknown-settlement", message, "care statement 列出一年的结算").into());
        };
        let engine = &desk.rules.engine;
        let at = engine.plan_on(bill.date);
        let Some((at, plan)) = at.map(|at| (at, engine.plan(at))).filter(|(_, plan)| plan.hash == pins.terms) else {
            let message = "这次结算所用的条款已有新的版本，理由要按当时的版本说明";
            return Err(Refusal::new("other-edition", message, "`tongchou verify` 按当时的版本重放").into());
        };
        let by_stage = plan.stages.iter().map(|stage| {
            let paid = paid.stages.iter().filter(|paid| paid.stage == stage.id).map(|paid| paid.paid.0.0);
            paid.sum()
        });
        let entry = Entry {
            plan: at,
            amounts: domain::Amounts {
                total: paid.total.0,
                in_scope: paid.in_scope.0,
                first_self_pay: paid.first_self_pay.0,
                out_of_scope: paid.out_of_scope.0,
                over_limit: paid.over_limit.0,
            },
            by_stage: by_stage.collect(),
            person: paid.person.0,
            steps: steps.iter().map(step).collect(),
            carried: running.carried.iter().map(settlement::Rolled::from).collect(),
            basis: domain::Basis::parse(&paid.basis).unwrap_or(domain::Basis::Illustrative),
        };
        let rows = settlement::reasons(plan, &bill.bill(), &entry).into_iter().map(|reason| {
            let sources: Vec<Value> = reason.sources.iter().map(|source| json!(source.text)).collect();
            vec![
                json!(reason.stage),
                json!(reason.text),
                json!(reason.english),
                Value::Array(sources),
                json!(reason.basis.code()),
            ]
        });
        let title = format!("结算 {}，{}，总费用 {}", self.settlement, bill.date, paid.total);
        let foot = format!("基金支付 {}，个人负担 {}", paid.funds(), paid.person);
        Ok(Table { title, columns: REASONS, rows: rows.collect(), foot })
    }
}

command! {
    /// A person's year: every settlement that stands, and the running amounts
    Statement = "care statement", "一个人一年的结算和累计" {
        /// Number of an ID card, or the person's number
        person: String = "证件号码或个人编号",
        /// The year
        year: i16 = "年度",
    }
}

const VISITS: &[Column] = &[
    col("settlement", "结算编号", "settlement"),
    col("from", "入院日", "from"),
    col("date", "日期", "date"),
    col("provider", "机构", "provider"),
    col("care", "就医类型", "care"),
    col("total", "总费用", "total"),
    col("in_scope", "政策范围内", "in scope"),
    col("payers", "各基金支付", "funds"),
    col("person", "个人负担", "person"),
    col("basis", "可靠程度", "basis"),
    col("provider_name", "机构名称", "provider's name"),
];

/// What a provider was called on a day; its code, where the register does not know it.
fn provider_name(books: &mut Books<'_>, code: &str, day: domain::Date) -> Result<String, Stop> {
    match providers::on(books, code, day) {
        Ok(known) => Ok(known.name),
        Err(Stop::Refused(_)) => Ok(code.to_owned()),
        Err(stop) => Err(stop),
    }
}

impl Question for Statement {
    fn ask(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Table, Stop> {
        let person = people::find(desk, books, &self.person)?;
        let bills = active(books, &person, self.year)?;
        let (mut total, mut funds, mut own) = (domain::Fen::ZERO, domain::Fen::ZERO, domain::Fen::ZERO);
        let mut rows = Vec::new();
        for one in bills.iter().filter(|one| one.year == self.year) {
            total += one.paid.total.0;
            funds += one.paid.funds();
            own += one.paid.person.0;
            let by_payer = one.paid.by_payer();
            let payers = by_payer.iter().map(|(payer, paid)| json!(format!("{} {paid}", payer.name())));
            rows.push(vec![
                json!(settlement_number(&person, one.year, one.number)),
                json!(one.bill.from.map(|from| from.to_string())),
                json!(one.bill.date.to_string()),
                json!(one.bill.provider),
                json!(one.bill.care.0.name()),
                json!(one.paid.total.to_string()),
                json!(one.paid.in_scope.to_string()),
                Value::Array(payers.collect()),
                json!(one.paid.person.to_string()),
                json!(one.paid.basis),
                json!(provider_name(books, &one.bill.provider, one.bill.date)?),
            ]);
        }
        let mut foot = format!("共 {} 次：总费用 {total}，基金支付 {funds}，个人负担 {own}", rows.len());
        if let Some(book) = books.find::<CareYear>(&care_key(&person, self.year))? {
            foot.push_str(&running_words(desk, book));
        }
        let title = format!("{} {} 年", number_of(&person), self.year);
        Ok(Table { title, columns: VISITS, rows, foot })
    }
}

command! {
    /// A person's running amounts of a year: what was used of each deductible and limit, stage by stage
    RunningAmounts = "care running", "一个人一年的累计：各环节已付起付、已用限额" {
        /// Number of an ID card, or the person's number
        person: String = "证件号码或个人编号",
        /// The year
        year: i16 = "年度",
    }
}

const RUNNING: &[Column] = &[
    col("stage", "环节", "stage"),
    col("name", "名称", "name"),
    col("place", "次序", "place"),
    col("payer", "基金", "fund"),
    col("what", "累计", "what"),
    col("amount", "金额", "amount"),
];

impl Question for RunningAmounts {
    fn ask(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Table, Stop> {
        let person = people::find(desk, books, &self.person)?;
        let title = format!("{} {} 年的累计", number_of(&person), self.year);
        let book = books.find::<CareYear>(&care_key(&person, self.year))?;
        let known = book.and_then(|book| Some((book.last.as_ref()?, book.running.as_ref()?)));
        let Some((last, running)) = known else {
            return Ok(Table { title, columns: RUNNING, rows: Vec::new(), foot: "本年没有结算".to_owned() });
        };
        let stages = stages(desk, last.date);
        let mut pools: Vec<&str> = Vec::new();
        let mut rows: Vec<Vec<Value>> = Vec::new();
        for (name, amount) in &running.used {
            let Some((kind, of, what)) = slot(name) else { continue };
            let amount = json!(domain::Fen(*amount).to_string());
            let stage = stages.iter().enumerate().find(|(_, stage)| kind == "stage" && stage.id == of);
            if let Some((at, stage)) = stage {
                rows.push(vec![
                    json!(of),
                    json!(stage.name),
                    json!(at + 1),
                    json!(stage.payer.code()),
                    json!(what),
                    amount,
                ]);
                continue;
            }
            // Shared by several stages: it comes after them.
            let at = pools.iter().position(|pool| *pool == of).unwrap_or_else(|| {
                pools.push(of);
                pools.len() - 1
            });
            rows.push(vec![json!(of), json!("共用"), json!(stages.len() + at + 1), Value::Null, json!(what), amount]);
        }
        Ok(Table { title, columns: RUNNING, rows, foot: format!("住院 {} 次", running.admissions) })
    }
}

/// The stages of the plan of a day.
fn stages<'d>(desk: &Desk<'d>, day: domain::Date) -> &'d [settlement::Stage] {
    let engine = &desk.rules.engine;
    engine.plan_on(day).map(|at| engine.plan(at).stages.as_slice()).unwrap_or_default()
}

/// What a slot's name tells: whether it is of a stage or a pool, of which, and of what kind. Nothing of what is carried over the
/// years, which is no amount of this one.
fn slot(name: &str) -> Option<(&str, &str, &str)> {
    let mut parts = name.splitn(3, '.');
    let (kind, of) = (parts.next()?, parts.next()?);
    (kind != "carry").then_some((kind, of, parts.next().unwrap_or_default()))
}

/// The running amounts, by the names of their stages.
fn running_words(desk: &Desk<'_>, book: &CareYear) -> String {
    let mut words = String::new();
    let (Some(last), Some(running)) = (&book.last, &book.running) else { return words };
    let stages = stages(desk, last.date);
    words.push_str(&format!("\n住院 {} 次", running.admissions));
    for (name, amount) in running.used.iter().filter(|(name, _)| !name.starts_with("carry.")) {
        let mut parts = name.splitn(3, '.');
        let (_, of, what) = (parts.next(), parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        let named = stages.iter().find(|stage| stage.id == of).map_or(of, |stage| stage.name.as_str());
        let what = match what {
            "deductible" => "已付起付",
            "cap" => "已用限额",
            "counted" | "position" => "已计入",
            other => other,
        };
        words.push_str(&format!("\n{named} {what} {}", domain::Fen(*amount)));
    }
    for rolled in &running.carried {
        words.push_str(&format!("\n上年结转 {} {}", rolled.rule, rolled.value));
    }
    if book.closed.is_some() {
        words.push_str("\n本年已结转");
    }
    words
}
