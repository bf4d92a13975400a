//! What can be read of a provider's turnover: sums of days, and one line a settlement.

use domain::{Date, Scheme};
use serde_json::{Value, json};

use super::book::{Clearing, Day, Group, Move, Sum, TurnoverEntry};
use super::key;
use crate::answer::{Refusal, Stop};
use crate::codec::Word;
use crate::command;
use crate::desk::{Desk, day_of};
use crate::question::{Column, Question, Table, col};
use crate::sheets::Books;

/// The longest period asked at once.
const DAYS: i32 = 366;
/// How many lines are listed at once, if not said otherwise.
const AT_A_TIME: i64 = 1_000;

command! {
    /// What was settled with a provider in a period: sums by insurance, clearing type and settling office
    Totals = "turnover totals", "机构一段时间的结算合计，按险种、清算类别、经办机构" {
        /// Code of the provider
        provider: String = "定点机构代码",
        /// First day
        from: Date = "起始日期",
        /// Last day
        to: Date = "截止日期",
        /// Only this insurance
        scheme: Option<Word<Scheme>> = "险种，不写为所有险种",
        /// Only this clearing type
        clearing: Option<Word<Clearing>> = "清算类别，不写为所有类别",
        /// Only this settling office, by its code
        office: Option<String> = "经办机构代码，不写为所有机构",
    }
}

command! {
    /// Every settlement, reversal and correction of a provider in a period, one a line
    Lines = "turnover lines", "机构一段时间的结算明细，一笔一行" {
        /// Code of the provider
        provider: String = "定点机构代码",
        /// First day
        from: Date = "起始日期",
        /// Last day
        to: Date = "截止日期",
        /// Only this insurance
        scheme: Option<Word<Scheme>> = "险种，不写为所有险种",
        /// Only this clearing type
        clearing: Option<Word<Clearing>> = "清算类别，不写为所有类别",
        /// Only this settling office, by its code
        office: Option<String> = "经办机构代码，不写为所有机构",
        /// Only what comes after this line of an earlier list
        after: Option<String> = "接着上次最后一行的 at 往下列",
        /// At most so many lines
        most: Option<i64> = "至多多少行",
    }
}

/// What is asked for.
struct Wanted<'q> {
    provider: &'q str,
    scheme: Option<Scheme>,
    clearing: Option<Clearing>,
    office: Option<&'q str>,
}

impl Wanted<'_> {
    fn has(&self, group: &Group) -> bool {
        self.scheme.is_none_or(|scheme| group.scheme.0 == scheme)
            && self.clearing.is_none_or(|clearing| group.clearing.0 == clearing)
            && self.office.is_none_or(|office| group.office == office)
    }

    /// The sheets of the days of a period, as far as there are any.
    fn days(&self, books: &mut Books<'_>, from: Date, to: Date) -> Result<Vec<(Date, Day)>, Stop> {
        if to < from || from.until(to).map_or(i32::MAX, |span| span.get_days()) >= DAYS {
            let message = format!("{from} 到 {to} 不是一段不超过 {DAYS} 天的时间");
            return Err(Refusal::new("bad-period", message, "起始日期在前；更长的分几次查询").into());
        }
        let days: Vec<Date> = from.series(jiff::Span::new().days(1)).take_while(|day| *day <= to).collect();
        books.preload(days.iter().map(|day| key(self.provider, *day)))?;
        let mut found = Vec::new();
        for day in days {
            if let Some(sums) = books.find::<Day>(&key(self.provider, day))? {
                found.push((day, sums.clone()));
            }
        }
        Ok(found)
    }
}

/// The sums of a provider's settlements of one clearing type over some days, both inclusive.
///
/// # Errors
/// When the period is no period or longer than a year; when the source fails.
pub fn sum(books: &mut Books<'_>, provider: &str, from: Date, to: Date, clearing: Clearing) -> Result<Sum, Stop> {
    let wanted = Wanted { provider, scheme: None, clearing: Some(clearing), office: None };
    let mut all = Sum::default();
    for (_, day) in wanted.days(books, from, to)? {
        day.sums.iter().filter(|(group, _)| wanted.has(group)).for_each(|(_, sum)| all.add(sum));
    }
    Ok(all)
}

const TOTALS: &[Column] = &[
    col("scheme", "险种", "insurance"),
    col("clearing", "清算类别", "clearing type"),
    col("office", "经办机构", "settling office"),
    col("settled", "结算笔数", "settled"),
    col("reversed", "撤销笔数", "reversed"),
    col("total", "总费用", "total"),
    col("funds", "基金支付", "funds"),
    col("account", "个人账户", "account"),
    col("person", "个人负担", "person"),
    col("corrected", "更正笔数", "corrections"),
    col("corrected_total", "更正总费用", "corrected total"),
    col("corrected_funds", "更正基金支付", "corrected funds"),
];

impl Question for Totals {
    fn ask(&self, _desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Table, Stop> {
        let Totals { provider, from, to, scheme, clearing, office } = self;
        let (scheme, clearing) = (scheme.map(|word| word.0), clearing.map(|word| word.0));
        let wanted = Wanted { provider, scheme, clearing, office: office.as_deref() };
        let (mut period, mut all) = (Day::default(), Sum::default());
        for (_, day) in wanted.days(books, *from, *to)? {
            for (group, sum) in day.sums.iter().filter(|(group, _)| wanted.has(group)) {
                period.of(group).add(sum);
                all.add(sum);
            }
        }
        let rows = period.sums.iter().map(|(group, sum)| {
            let mut row = vec![json!(group.scheme), json!(group.clearing), json!(group.office)];
            row.extend(figures(sum));
            row
        });
        let foot = format!(
            "结算 {} 笔、撤销 {} 笔：总费用 {}，基金支付 {}，个人负担 {}；更正 {} 笔，基金 {}",
            all.settled, all.reversed, all.total, all.funds, all.person, all.corrected, all.corrected_funds
        );
        Ok(Table { title: format!("{provider} {from} 至 {to}"), columns: TOTALS, rows: rows.collect(), foot })
    }
}

fn figures(sum: &Sum) -> Vec<Value> {
    vec![
        json!(sum.settled),
        json!(sum.reversed),
        json!(sum.total),
        json!(sum.funds),
        json!(sum.account),
        json!(sum.person),
        json!(sum.corrected),
        json!(sum.corrected_total),
        json!(sum.corrected_funds),
    ]
}

const LINES: &[Column] = &[
    col("at", "位置", "place"),
    col("day", "日期", "day"),
    col("what", "事项", "what"),
    col("settlement", "结算编号", "settlement"),
    col("visit", "就诊号", "visit"),
    col("scheme", "险种", "insurance"),
    col("clearing", "清算类别", "clearing type"),
    col("office", "经办机构", "settling office"),
    col("total", "总费用", "total"),
    col("funds", "基金支付", "funds"),
    col("account", "个人账户", "account"),
    col("person", "个人负担", "person"),
    col("refund", "退费", "refund"),
];

impl Question for Lines {
    fn ask(&self, _desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Table, Stop> {
        let Lines { provider, from, to, scheme, clearing, office, after, most } = self;
        let (scheme, clearing) = (scheme.map(|word| word.0), clearing.map(|word| word.0));
        let wanted = Wanted { provider, scheme, clearing, office: office.as_deref() };
        let after = after.as_deref().map(place).transpose()?;
        let limit = usize::try_from(most.unwrap_or(AT_A_TIME)).unwrap_or_default();
        let mut rows = Vec::new();
        let first = after.map_or(*from, |(day, _)| day.max(*from));
        'days: for (day, _) in wanted.days(books, first, *to)? {
            for (_, entry, body) in books.history::<Day>(&key(provider, day).subject)? {
                let TurnoverEntry::Taken(taken) = body;
                if !wanted.has(&taken.group) || after.is_some_and(|after| (day, entry.number) <= after) {
                    continue;
                }
                if rows.len() == limit {
                    break 'days;
                }
                rows.push(vec![
                    json!(format!("{day}/{}", entry.number)),
                    json!(day_of(entry.at).to_string()),
                    json!(taken.what),
                    json!(taken.settlement),
                    json!(taken.visit),
                    json!(taken.group.scheme),
                    json!(taken.group.clearing),
                    json!(taken.group.office),
                    json!(taken.total),
                    json!(taken.funds),
                    json!(taken.account),
                    json!(taken.person),
                    json!(taken.what.0 == Move::Reversed),
                ]);
            }
        }
        let foot = if rows.len() == limit { "可能还有：把最后一行的 at 写入 after 接着列" } else { "" };
        Ok(Table { title: format!("{provider} {from} 至 {to}"), columns: LINES, rows, foot: foot.to_owned() })
    }
}

/// The day and number that a line's place tells.
fn place(text: &str) -> Result<(Date, u32), Refusal> {
    let parts = text.split_once('/');
    let read = parts.and_then(|(day, number)| Some((day.parse().ok()?, number.parse().ok()?)));
    read.ok_or_else(|| Refusal::new("bad-place", format!("“{text}” 不是行的位置"), "写上次最后一行的 at"))
}
