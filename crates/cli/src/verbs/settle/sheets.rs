//! Settled bills as sheets: a row a bill, totals by person and by fund, and the steps.

use std::collections::BTreeMap;

use domain::{Amounts, Fen, Payer};
use settlement::{Entry, EntryKind, reasons};

use super::book::{Book, Line};
use crate::io::sheet::{Cell, Column, Kind, Sheet};
use crate::session::Lang;

/// The money columns of one row: the national record's names and our own.
pub struct Money {
    /// The bill's parts.
    pub amounts: Amounts,
    /// By fund.
    pub payers: BTreeMap<Payer, Fen>,
    /// What the person bears.
    pub person: Fen,
}

impl Money {
    /// Of an entry.
    pub fn of(book: &Book<'_>, line: &Line<'_>, entry: &Entry) -> Money {
        Money { amounts: entry.amounts, payers: book.payers(line, entry), person: entry.person }
    }

    /// Sum of all funds.
    pub fn funds(&self) -> Fen {
        self.payers.values().copied().sum()
    }

    /// What a fund paid.
    pub fn payer(&self, payer: Payer) -> Fen {
        self.payers.get(&payer).copied().unwrap_or_default()
    }

    /// The columns of the national settlement record, in its order (identities A to D hold). The personal account is not
    /// drawn on and no hospital share is borne, so the person's part is all cash.
    pub fn national(&self) -> Vec<(&'static str, Fen)> {
        let mut by_column: BTreeMap<&str, Fen> = BTreeMap::new();
        for (payer, paid) in &self.payers {
            *by_column.entry(payer.column()).or_default() += *paid;
        }
        let fund = |name: &'static str| (name, by_column.get(name).copied().unwrap_or_default());
        let amounts = &self.amounts;
        let mut columns = vec![
            ("medfee_sumamt", amounts.total),
            ("fulamt_ownpay_amt", amounts.out_of_scope),
            ("overlmt_selfpay", amounts.over_limit),
            ("preselfpay_amt", amounts.first_self_pay),
            ("inscp_scp_amt", amounts.in_scope),
        ];
        columns
            .extend(["hifp_pay", "cvlserv_pay", "hifes_pay", "hifmi_pay", "hifob_pay", "maf_pay", "oth_pay"].map(fund));
        columns.extend([
            ("fund_pay_sumamt", self.funds()),
            ("psn_part_amt", self.person),
            ("acct_pay", Fen::ZERO),
            ("psn_cash_pay", self.person),
            ("hosp_part_amt", Fen::ZERO),
        ]);
        columns
    }

    fn add(&mut self, other: &Money) {
        let (a, b) = (&mut self.amounts, &other.amounts);
        a.total += b.total;
        a.in_scope += b.in_scope;
        a.first_self_pay += b.first_self_pay;
        a.out_of_scope += b.out_of_scope;
        a.over_limit += b.over_limit;
        self.person += other.person;
        for (payer, paid) in &other.payers {
            *self.payers.entry(*payer).or_default() += *paid;
        }
    }

    fn none() -> Money {
        Money { amounts: Amounts::default(), payers: BTreeMap::new(), person: Fen::ZERO }
    }
}

/// The name of a fund's own column.
pub fn own_name(payer: Payer) -> String {
    payer.code().replace('-', "_")
}

/// The funds that paid anything in a book.
pub fn payers_used(book: &Book<'_>) -> Vec<Payer> {
    let mut used: Vec<Payer> =
        book.engines.values().flat_map(|e| e.plans()).flat_map(|p| &p.stages).map(|s| s.payer).collect();
    used.sort_unstable();
    used.dedup();
    used
}

/// What people call an entry.
pub fn kind_name(kind: EntryKind, lang: Lang) -> &'static str {
    match kind {
        EntryKind::Settled => lang.of("结算", "settled"),
        EntryKind::Reversed => lang.of("冲销", "reversed"),
        EntryKind::Difference => lang.of("差额", "difference"),
    }
}

/// A row a bill. `full` has every column (files); otherwise what people look at (tables). Without `words`, for programs, care
/// and its like are codes in any language.
pub fn bills(book: &Book<'_>, full: bool, words: Option<Lang>, lang: Lang) -> Sheet {
    let payers = if full { Payer::ALL.to_vec() } else { payers_used(book) };
    let mut columns = vec![
        text("bill", lang.of("票据", "bill")),
        text("person", lang.of("人员", "person")),
        text("region", lang.of("统筹区", "region")),
        Column::new("date", lang.of("日期", "date"), Kind::Date),
        text("kind", lang.of("类型", "kind")),
        text("care", lang.of("就医", "care")),
        text("level", lang.of("级别", "level")),
        money("total", lang.of("总费用", "total")),
        money("in_scope", lang.of("范围内", "in scope")),
    ];
    columns.extend(payers.iter().map(|payer| money(own_name(*payer), lang.of(payer.name(), payer.code()))));
    columns.extend([
        money("funds", lang.of("基金合计", "funds")),
        money("person_pays", lang.of("个人负担", "person pays")),
    ]);
    if full {
        columns.extend([
            money("first_self_pay", "乙类先行自付"),
            money("out_of_scope", "目录外"),
            money("over_limit", "超限价"),
        ]);
        columns.extend(Money::none().national().into_iter().map(|(name, _)| money(name, name)));
    }
    columns.push(text("basis", lang.of("依据", "basis")));
    if full {
        columns.extend([text("refused", "拒绝原因"), text("terms", "条款哈希"), text("engine", "引擎版本")]);
    }
    let mut sheet = Sheet::new(lang.of("逐笔结算", "bills"), columns);
    for line in &book.lines {
        let settlement = &line.settlement;
        let Ok(entry) = &settlement.result else {
            if full {
                sheet.push(refused(line, &sheet, words));
            }
            continue;
        };
        let sums = Money::of(book, line, entry);
        let mut row: Vec<Cell> = head(line, words);
        row.extend([Cell::Money(sums.amounts.total), Cell::Money(sums.amounts.in_scope)]);
        row.extend(payers.iter().map(|payer| Cell::Money(sums.payer(*payer))));
        row.extend([Cell::Money(sums.funds()), Cell::Money(sums.person)]);
        if full {
            let amounts = &sums.amounts;
            row.extend([amounts.first_self_pay, amounts.out_of_scope, amounts.over_limit].map(Cell::Money));
            row.extend(sums.national().into_iter().map(|(_, fen)| Cell::Money(fen)));
        }
        row.push(words.map_or(entry.basis.code(), |lang| lang.of(entry.basis.name(), entry.basis.code())).into());
        if full {
            let hash = book.plan(line, entry).map(|plan| plan.hash.clone());
            row.extend([Cell::Empty, hash.into(), env!("CARGO_PKG_VERSION").into()]);
        }
        sheet.push(row);
    }
    sheet
}

fn head(line: &Line<'_>, words: Option<Lang>) -> Vec<Cell> {
    let (bill, kind) = (line.settlement.bill, line.settlement.kind);
    let (kind, care, level) = match words {
        None => (kind.code(), bill.care.code(), bill.level.code()),
        Some(lang) => (
            kind_name(kind, lang),
            lang.of(bill.care.name(), bill.care.code()),
            lang.of(bill.level.name(), bill.level.code()),
        ),
    };
    vec![
        bill.id.clone().into(),
        bill.person_id.clone().into(),
        line.region.clone().into(),
        bill.date.into(),
        kind.into(),
        care.into(),
        level.into(),
    ]
}

fn refused(line: &Line<'_>, sheet: &Sheet, words: Option<Lang>) -> Vec<Cell> {
    let mut row = head(line, words);
    row.resize(sheet.columns.len(), Cell::Empty);
    let why = line.settlement.result.as_ref().err().map(ToString::to_string);
    if let Some(at) = sheet.columns.iter().position(|column| column.key == "refused") {
        row[at] = why.into();
    }
    row
}

/// A line a person.
pub fn persons(book: &Book<'_>, lang: Lang) -> Sheet {
    let payers = payers_used(book);
    let mut columns = vec![text("person", lang.of("人员", "person")), money("total", lang.of("总费用", "total"))];
    columns.extend(payers.iter().map(|payer| money(own_name(*payer), lang.of(payer.name(), payer.code()))));
    columns.extend([
        money("funds", lang.of("基金合计", "funds")),
        money("person_pays", lang.of("个人负担", "person pays")),
    ]);
    let mut sheet = Sheet::new(lang.of("分人合计", "by person"), columns);
    let mut all = Money::none();
    for (person, sums) in sums_by_person(book) {
        sheet.push(person_row(person.1.to_owned(), &sums, &payers));
        all.add(&sums);
    }
    sheet.push(person_row(lang.of("合计", "all").to_owned(), &all, &payers));
    sheet
}

fn person_row(person: String, sums: &Money, payers: &[Payer]) -> Vec<Cell> {
    let mut row: Vec<Cell> = vec![person.into(), Cell::Money(sums.amounts.total)];
    row.extend(payers.iter().map(|payer| Cell::Money(sums.payer(*payer))));
    row.extend([Cell::Money(sums.funds()), Cell::Money(sums.person)]);
    row
}

/// A person of a region: slug and person.
pub type Person<'b> = (&'b str, &'b str);

/// The sums of each person, in the order of the lines.
pub fn sums_by_person<'s>(book: &'s Book<'_>) -> Vec<(Person<'s>, Money)> {
    let mut sums: Vec<(Person<'s>, Money)> = Vec::new();
    let mut at: BTreeMap<Person<'s>, usize> = BTreeMap::new();
    for line in &book.lines {
        let Ok(entry) = &line.settlement.result else { continue };
        let person = (line.region.as_str(), line.settlement.bill.person_id.as_str());
        let at = *at.entry(person).or_insert(sums.len());
        if at == sums.len() {
            sums.push((person, Money::none()));
        }
        sums[at].1.add(&Money::of(book, line, entry));
    }
    sums
}

/// A line a fund, and the person.
pub fn funds(book: &Book<'_>, lang: Lang) -> Sheet {
    let columns = vec![
        text("fund", lang.of("基金", "fund")),
        Column::new("bills", lang.of("笔数", "bills"), Kind::Integer),
        money("paid", lang.of("支付", "paid")),
        text("share", lang.of("占总费用", "share of total")),
    ];
    let mut sheet = Sheet::new(lang.of("分基金合计", "by fund"), columns);
    let mut paid: BTreeMap<Payer, (i64, Fen)> = BTreeMap::new();
    let mut all = Money::none();
    let mut count = 0i64;
    for line in &book.lines {
        let Ok(entry) = &line.settlement.result else { continue };
        let sums = Money::of(book, line, entry);
        // A reversal or a difference moves money, but is no bill of its own.
        let bills = i64::from(line.settlement.kind == EntryKind::Settled);
        for (payer, fen) in sums.payers.iter().filter(|(_, fen)| **fen != Fen::ZERO) {
            let slot = paid.entry(*payer).or_default();
            *slot = (slot.0 + bills, slot.1 + *fen);
        }
        count += bills;
        all.add(&sums);
    }
    let total = all.amounts.total;
    for (payer, (bills, fen)) in paid {
        sheet.push(vec![
            lang.of(payer.name(), payer.code()).into(),
            Cell::Integer(bills),
            fen.into(),
            share(fen, total).into(),
        ]);
    }
    let person = lang.of("个人负担", "person");
    sheet.push(vec![person.into(), Cell::Integer(count), all.person.into(), share(all.person, total).into()]);
    sheet.push(vec![lang.of("合计", "all").into(), Cell::Integer(count), total.into(), share(total, total).into()]);
    sheet
}

/// A share in per cent with one decimal, rounded half-up; empty of nothing.
pub fn share(part: Fen, whole: Fen) -> String {
    if whole.0 == 0 {
        return String::new();
    }
    let per_mille = (i128::from(part.0) * 1000 + i128::from(whole.0) / 2).div_euclid(i128::from(whole.0));
    let sign = if per_mille < 0 { "-" } else { "" };
    let per_mille = per_mille.abs();
    format!("{sign}{}.{}%", per_mille / 10, per_mille % 10)
}

/// A line a step.
pub fn steps(book: &Book<'_>, lang: Lang) -> Sheet {
    let columns = vec![
        text("bill", lang.of("票据", "bill")),
        text("stage", lang.of("环节", "stage")),
        text("step", lang.of("计算", "step")),
        text("sources", lang.of("条文与依据", "sources")),
        text("basis", lang.of("依据", "basis")),
    ];
    let mut sheet = Sheet::new(lang.of("步骤", "steps"), columns);
    for line in &book.lines {
        let Ok(entry) = &line.settlement.result else { continue };
        let Some(plan) = book.plan(line, entry).filter(|_| line.settlement.kind == EntryKind::Settled) else {
            continue;
        };
        for reason in reasons(plan, line.settlement.bill, entry) {
            let sources: Vec<&str> = reason.sources.iter().map(|s| lang.of(&s.text, &s.english)).collect();
            sheet.push(vec![
                line.settlement.bill.id.clone().into(),
                reason.stage.into(),
                lang.of(&reason.text, &reason.english).into(),
                sources.join("\n").into(),
                lang.of(reason.basis.name(), reason.basis.code()).into(),
            ]);
        }
    }
    sheet
}

fn text(key: &'static str, title: &str) -> Column {
    Column::new(key, title, Kind::Text)
}

fn money(key: impl Into<std::borrow::Cow<'static, str>>, title: &str) -> Column {
    Column::new(key, title, Kind::Money)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_loss_keeps_its_sign() {
        let of = |part: i64, whole: i64| share(Fen(part), Fen(whole));
        assert_eq!(of(-5, 1000), "-0.5%");
        assert_eq!(
            (of(-15, 1000), of(5, 1000), of(0, 7), of(3, 0)),
            ("-1.5%".into(), "0.5%".into(), "0.0%".into(), String::new())
        );
    }
}
