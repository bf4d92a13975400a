//! Questions about one person's or household's dues, what is open, and what waits in suspense.

use domain::{Date, Fen};
use serde_json::{Value, json};

use super::record::DuesEntry;
use super::sheet::{Billing, Dues};
use super::suspense::Held;
use super::{dues_key, number_of};
use crate::answer::Stop;
use crate::command;
use crate::desk::Desk;
use crate::people;
use crate::question::{Column, Question, Table, col};
use crate::sheets::{Books, Key};

command! {
    /// Show a person's bills of a year or all years, who pays what, and what came in
    ShowDues = "dues show", "查询个人缴费" {
        /// Number of a document, or the person's number
        person: String = "证件号码或个人编号",
        /// Insured year; all, if left out
        year: Option<i16> = "参保年度，不写为各年",
    }
}

const BILLS: &[Column] = &[
    col("year", "年度", "year"),
    col("bill", "缴费单", "bill"),
    col("state", "状态", "state"),
    col("tier", "档次", "tier"),
    col("total", "缴费标准", "total"),
    col("personal", "个人应缴", "due from the person"),
    col("sponsors", "资助", "sponsors"),
    col("received", "已缴", "received"),
    col("open", "尚欠", "open"),
    col("paid_on", "缴清日", "paid on"),
    col("refund", "退费", "refunds"),
];

/// How many years before and after today are looked at.
const YEARS: (i16, i16) = (10, 1);

impl Question for ShowDues {
    fn ask(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Table, Stop> {
        let person = people::find(desk, books, &self.person)?;
        let now = desk.today().year();
        let years = self.year.map_or(now - YEARS.0..=now + YEARS.1, |year| year..=year);
        let mut rows = Vec::new();
        let mut open = Fen::ZERO;
        for year in years {
            let Some(dues) = books.find::<Dues>(&dues_key(&person, year))? else { continue };
            if let Some(prepaid) = &dues.prepaid {
                let mut row = vec![json!(year), json!(prepaid.receipt), json!("prepaid")];
                row.extend(std::iter::repeat_n(Value::Null, 6));
                row.extend([json!(prepaid.on.to_string()), json!("")]);
                rows.push(row);
            }
            for billing in &dues.bills {
                open += billing.open();
                rows.push(bill_row(year, billing, dues));
            }
        }
        let title = format!("个人编号 {} 的缴费", number_of(&person));
        Ok(Table { title, columns: BILLS, rows, foot: format!("尚欠 {open} 元") })
    }
}

/// The word of a bill's state.
fn state(billing: &Billing) -> &'static str {
    match billing {
        Billing { cancelled: Some(_), .. } => "cancelled",
        Billing { undecided: Some(_), .. } => "undecided",
        _ if billing.open() == Fen::ZERO => "paid",
        Billing { batch: Some(_), .. } => "in-batch",
        _ if billing.received() > Fen::ZERO => "short",
        Billing { declared: Some(_), .. } => "declared",
        _ => "open",
    }
}

fn bill_row(year: i16, billing: &Billing, dues: &Dues) -> Vec<Value> {
    let bill = &billing.bill;
    let sponsors = bill.sponsored.iter().map(|share| {
        let amount = share.amount.map_or_else(|| "全额".to_owned(), |amount| amount.to_string());
        format!("{} {amount}", enrolment::due::payer_name(&share.payer))
    });
    let refunds = dues.refunds.iter().filter(|refund| refund.bill == bill.number);
    let refunds = refunds.map(|refund| format!("{} {} {}", refund.number, refund.amount, refund.state.0.name()));
    vec![
        json!(year),
        json!(bill.number),
        json!(state(billing)),
        json!(bill.tier),
        json!(bill.total.map(|total| total.to_string())),
        json!(bill.personal.to_string()),
        json!(sponsors.collect::<Vec<_>>().join("；")),
        json!(billing.received().to_string()),
        json!(billing.open().to_string()),
        json!(billing.paid_on().map(|day| day.to_string())),
        json!(refunds.collect::<Vec<_>>().join("；")),
    ]
}

command! {
    /// Tell how a person's bill of a year came about, step by step
    Reasons = "dues reasons", "说明个人缴费的依据" {
        /// Number of a document, or the person's number
        person: String = "证件号码或个人编号",
        /// Insured year
        year: i16 = "参保年度",
    }
}

const REASONS: &[Column] = &[
    col("entry", "记录", "entry"),
    col("what", "事项", "what"),
    col("text", "理由", "reason"),
    col("clauses", "条款", "clauses"),
    col("basis", "依据", "basis"),
];

impl Question for Reasons {
    fn ask(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Table, Stop> {
        let person = people::find(desk, books, &self.person)?;
        let key = dues_key(&person, self.year);
        let mut rows = Vec::new();
        for (of, entry, body) in books.history::<Dues>(&key.subject)? {
            if of.year != self.year {
                continue;
            }
            let (DuesEntry::Billed { reasons, .. } | DuesEntry::Rebilled { reasons, .. }) = &body else { continue };
            let what = if matches!(body, DuesEntry::Billed { .. }) { "核定" } else { "重新核定" };
            for step in reasons {
                let clauses = step.sources.join("、");
                rows.push(vec![json!(entry.number), json!(what), json!(step.text), json!(clauses), json!(step.basis)]);
            }
        }
        let foot = format!("{} 条", rows.len());
        let title = format!("个人编号 {} {} 年度缴费的依据", number_of(&person), self.year);
        Ok(Table { title, columns: REASONS, rows, foot })
    }
}

command! {
    /// Add up the bills of a person's household of a year
    HouseholdDues = "dues household", "查询家庭缴费" {
        /// Number of a document, or the person's number
        person: String = "家庭任一成员的证件号码或个人编号",
        /// Insured year
        year: i16 = "参保年度",
        /// The day the household is that of; today, if left out
        on: Option<Date> = "哪一天的家庭成员，不写为今天",
    }
}

const HOUSEHOLD: &[Column] = &[
    col("person", "个人编号", "person"),
    col("tier", "档次", "tier"),
    col("total", "缴费标准", "total"),
    col("personal", "个人应缴", "due from the person"),
    col("received", "已缴", "received"),
    col("open", "尚欠", "open"),
];

impl Question for HouseholdDues {
    fn ask(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Table, Stop> {
        let person = people::find(desk, books, &self.person)?;
        let members = people::together(books, &person, self.on.unwrap_or(desk.today()))?;
        let (mut rows, mut personal, mut open) = (Vec::new(), Fen::ZERO, Fen::ZERO);
        for member in members {
            let dues = books.find::<Dues>(&dues_key(&member, self.year))?;
            let Some(billing) = dues.and_then(Dues::standing) else {
                let none = std::iter::repeat_n(Value::Null, 5);
                rows.push(std::iter::once(json!(number_of(&member))).chain(none).collect());
                continue;
            };
            personal += billing.bill.personal.0;
            open += billing.open();
            rows.push(vec![
                json!(number_of(&member)),
                json!(billing.bill.tier),
                json!(billing.bill.total.map(|total| total.to_string())),
                json!(billing.bill.personal.to_string()),
                json!(billing.received().to_string()),
                json!(billing.open().to_string()),
            ]);
        }
        let foot = format!("{} 人，个人应缴合计 {personal} 元，尚欠 {open} 元", rows.len());
        Ok(Table { title: format!("家庭 {} 年度缴费", self.year), columns: HOUSEHOLD, rows, foot })
    }
}

command! {
    /// List the bills of a year that are not fully paid
    OpenBills = "dues open", "列出未缴清的缴费单" {
        /// Insured year
        year: i16 = "参保年度",
        /// Code of an area, or its beginning
        area: Option<String> = "区划代码，可只写开头",
    }
}

const OPEN: &[Column] = &[
    col("bill", "缴费单", "bill"),
    col("person", "个人编号", "person"),
    col("area", "区划", "area"),
    col("personal", "个人应缴", "due from the person"),
    col("received", "已缴", "received"),
    col("open", "尚欠", "open"),
    col("state", "状态", "state"),
    col("why", "说明", "why"),
];

impl Question for OpenBills {
    fn ask(&self, _desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Table, Stop> {
        let (mut rows, mut open) = (Vec::new(), Fen::ZERO);
        books.each::<Dues>(Some(self.year), |key, dues| {
            let here = |billing: &&Billing| self.area.as_ref().is_none_or(|area| billing.bill.area.starts_with(area));
            let standing = dues.standing().filter(here);
            if let Some(billing) = standing.filter(|b| b.open() > Fen::ZERO || b.undecided.is_some()) {
                open += billing.open();
                rows.push(vec![
                    json!(billing.bill.number),
                    json!(number_of(key)),
                    json!(billing.bill.area),
                    json!(billing.bill.personal.to_string()),
                    json!(billing.received().to_string()),
                    json!(billing.open().to_string()),
                    json!(state(billing)),
                    json!(billing.undecided.as_ref().map(|why| why.message.as_str())),
                ]);
            }
            Ok(())
        })?;
        let foot = format!("{} 张，尚欠 {open} 元", rows.len());
        Ok(Table { title: format!("{} 年度未缴清的缴费单", self.year), columns: OPEN, rows, foot })
    }
}

command! {
    /// List the receipts in suspense
    Suspense = "dues suspense", "列出待处理款" {
        /// Only those of persons of this area: its code, or the beginning of it
        area: Option<String> = "只列这一区划的人的；区划代码，可只写开头",
    }
}

const HELD: &[Column] = &[
    col("receipt", "凭证号", "receipt"),
    col("on", "缴费日", "paid on"),
    col("channel", "渠道", "channel"),
    col("amount", "待处理", "waiting"),
    col("why", "原因", "why"),
    col("person", "个人编号", "person"),
    col("year", "年度", "year"),
    col("file", "文件", "file"),
];

impl Question for Suspense {
    fn ask(&self, _desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Table, Stop> {
        let mut waiting = Vec::new();
        books.each::<Held>(None, |key, held| {
            if held.waits() > Fen::ZERO {
                let dues = held.dues.as_ref().map(|subject| Key::of(subject.clone()));
                let row = vec![
                    json!(key.subject.trim_start_matches("receipt/")),
                    json!(held.on.map(|day| day.to_string())),
                    json!(held.channel.map(|channel| channel.0.code())),
                    json!(held.waits().to_string()),
                    json!(held.why.map(|why| why.0.code())),
                    json!(dues.as_ref().map(number_of)),
                    json!(held.year),
                    json!(held.file),
                ];
                waiting.push((dues.as_ref().map(|dues| people::person_key(number_of(dues))), (held.waits(), row)));
            }
            Ok(())
        })?;
        let (mut rows, mut sum) = (Vec::new(), Fen::ZERO);
        for (waits, row) in people::of_area(books, self.area.as_deref(), waiting)? {
            sum += waits;
            rows.push(row);
        }
        let foot = format!("{} 笔 {sum} 元", rows.len());
        Ok(Table { title: "待处理款".to_owned(), columns: HELD, rows, foot })
    }
}
