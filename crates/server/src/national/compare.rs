//! An institution's settlements against the centre's, one by one (3202).
//!
//! The institution's file comes by 9101: a line a settlement, tabs between `setl_id`, `mdtrt_id`, `psn_no`, `medfee_sumamt`,
//! `fund_pay_sumamt`, `acct_pay` and `refd_setl_flag` (1 a refund, its amounts negative or not). The answer is a file of what
//! differs: tabs between `psn_no`, `mdtrt_id`, `setl_id`, `msgid`, `stmt_rslt`, `refd_setl_flag`, `memo`, `medfee_sumamt`,
//! `fund_pay_sumamt`, `acct_pay`; what is not known is `null`. Its amounts are the centre's; those of what only the institution
//! has are its own.

use std::collections::BTreeMap;

use domain::Fen;
use serde_json::{Map, Value, json};

use super::accounts::{Sums, amount, clearing, differing, period, result, yuan};
use super::context::Context;
use super::fault::Fault;
use super::files::{For, unzipped, zipped};
use super::rows::{cell, maps};
use super::value::{must, text};

/// Lines of the books that are read at once.
const AT_ONCE: usize = 5_000;
/// Lines of a comparison at most.
const MOST: usize = 500_000;
/// What stands where nothing is known.
const NOTHING: &str = "null";

/// A settlement, or its refund, as one side has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Line {
    pub settlement: String,
    pub refund: bool,
    /// Visit.
    pub visit: String,
    /// Person.
    pub person: String,
    /// Its amounts; those of a refund negative.
    pub sums: Sums,
}

/// What the centre has of a period, corrections left out: all, or refunds only, or no refunds.
pub(super) async fn centre(
    context: &Context,
    asked: Map<String, Value>,
    refunds: Option<bool>,
) -> Result<Vec<Line>, Fault> {
    let mut asked = asked;
    asked.insert("most".to_owned(), AT_ONCE.into());
    let mut lines = Vec::new();
    loop {
        let rows = maps(context.ask("turnover lines", asked.clone()).await?);
        let full = rows.len() == AT_ONCE;
        if let Some(last) = rows.last() {
            asked.insert("after".to_owned(), cell(last, "at").into());
        }
        lines.extend(rows.iter().filter(|row| cell(row, "what") != "corrected").map(kept));
        if lines.len() > MOST {
            return Err(Fault::new("too-many", format!("对账期内超过 {MOST} 笔"), "缩短对账期，分几次对账"));
        }
        if !full {
            let lines = without_recalled(lines).into_iter();
            return Ok(lines.filter(|line| refunds.is_none_or(|refunds| refunds == line.refund)).collect());
        }
    }
}

/// Without the refunds that were recalled (2601), and the settlements that stand again by it: the institution has neither.
fn without_recalled(lines: Vec<Line>) -> Vec<Line> {
    let mut refunds: BTreeMap<String, usize> = BTreeMap::new();
    let mut left: Vec<Option<Line>> = Vec::with_capacity(lines.len());
    for line in lines {
        let refund = if line.refund { None } else { refunds.remove(&line.settlement) };
        if let Some(at) = refund {
            left[at] = None;
            continue;
        }
        if line.refund {
            refunds.insert(line.settlement.clone(), left.len());
        }
        left.push(Some(line));
    }
    left.into_iter().flatten().collect()
}

fn kept(row: &Map<String, Value>) -> Line {
    let settlement = cell(row, "settlement").to_owned();
    let person = settlement.split('-').next().unwrap_or_default().to_owned();
    let sums = Sums {
        count: 1,
        total: yuan(row, "total"),
        funds: yuan(row, "funds"),
        account: yuan(row, "account"),
        person: yuan(row, "person"),
    };
    let refund = row.get("refund") == Some(&Value::Bool(true));
    Line { settlement, refund, visit: cell(row, "visit").to_owned(), person, sums }
}

/// The lines of an institution's file; every fault of a line is told with its number.
fn told(text: &str) -> Result<Vec<Line>, Fault> {
    let mut lines = Vec::new();
    for (at, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
        if line.trim().is_empty() {
            continue;
        }
        lines.push(read(line).map_err(|what| {
            let cure = "一行一笔，制表符分隔：setl_id、mdtrt_id、psn_no、medfee_sumamt、fund_pay_sumamt、acct_pay、refd_setl_flag";
            Fault::new("bad-line", format!("对账文件第 {} 行：{what}", at + 1), cure)
        })?);
    }
    if lines.len() > MOST {
        return Err(Fault::new("too-many", format!("对账文件超过 {MOST} 行"), "缩短对账期，分几次对账"));
    }
    Ok(lines)
}

fn read(line: &str) -> Result<Line, String> {
    let cells: Vec<&str> = line.trim_end_matches('\r').split('\t').map(str::trim).collect();
    let [settlement, visit, person, total, funds, account, refund, ..] = cells.as_slice() else {
        return Err(format!("只有 {} 列，应有 7 列", cells.len()));
    };
    if settlement.is_empty() || *settlement == NOTHING {
        return Err("没有写结算ID".to_owned());
    }
    let refund = match *refund {
        "1" => true,
        "0" | "" | NOTHING => false,
        other => return Err(format!("退费结算标志“{other}”不是 0 或 1")),
    };
    let yuan = |name: &str, text: &str| {
        let read = if text.is_empty() || text == NOTHING { Ok(Fen::ZERO) } else { Fen::parse_yuan(text) };
        let amount = read.map_err(|_| format!("{name}“{text}”不是金额"))?;
        Ok::<_, String>(if refund && amount > Fen::ZERO { -amount } else { amount })
    };
    let (total, funds) = (yuan("医疗费总额", total)?, yuan("基金支付总额", funds)?);
    let account = yuan("个人账户支付", account)?;
    let sums = Sums { count: 1, total, funds, account, person: total - funds };
    let (settlement, visit, person) = ((*settlement).to_owned(), (*visit).to_owned(), (*person).to_owned());
    Ok(Line { settlement, refund, visit, person, sums })
}

/// What differs: how, the line, and in what.
fn compared<'l>(ours: &'l [Line], theirs: &'l [Line]) -> Vec<(&'static str, &'l Line, String)> {
    let mut here: BTreeMap<(&str, bool), &Line> = BTreeMap::new();
    here.extend(ours.iter().map(|line| ((line.settlement.as_str(), line.refund), line)));
    let mut found = Vec::new();
    let mut unmatched = Vec::new();
    for line in theirs {
        match here.remove(&(line.settlement.as_str(), line.refund)) {
            Some(known) => {
                let differs = differs(known, line);
                if !differs.is_empty() {
                    found.push((result::DIFFERS, known, differs));
                }
            }
            None => unmatched.push(line),
        }
    }
    for line in unmatched {
        // The same settlement with the other mark: not two lines that each miss their other, but one that is marked wrongly.
        if let Some(known) = here.remove(&(line.settlement.as_str(), !line.refund)) {
            let word = |refund| if refund { "退费" } else { "结算" };
            let memo = format!("退费标志不一致：机构 {}、中心 {}", word(line.refund), word(known.refund));
            found.push((result::DIFFERS, known, memo));
            continue;
        }
        let twice = ours.iter().any(|known| (&known.settlement, known.refund) == (&line.settlement, line.refund));
        let memo = if twice { "机构文件中重复" } else { "中心没有这笔结算" };
        found.push((result::ONLY_THERE, line, memo.to_owned()));
    }
    found.extend(here.into_values().map(|line| (result::ONLY_HERE, line, "机构文件中没有这笔结算".to_owned())));
    found
}

/// In what two lines of the same settlement differ.
fn differs(ours: &Line, theirs: &Line) -> String {
    let mut differs = differing([
        ("医疗费总额", theirs.sums.total, ours.sums.total),
        ("基金支付", theirs.sums.funds, ours.sums.funds),
        ("个人账户", theirs.sums.account, ours.sums.account),
    ]);
    if !theirs.person.is_empty() && theirs.person != NOTHING && theirs.person != ours.person {
        differs.push(format!("人员编号 机构 {}、中心 {}", theirs.person, ours.person));
    }
    differs.join("；")
}

fn written(found: &[(&'static str, &Line, String)]) -> String {
    let mut text = String::new();
    for (result, line, memo) in found {
        let or_nothing = |text: &str| if text.is_empty() { NOTHING.to_owned() } else { text.to_owned() };
        let cells = [
            or_nothing(&line.person),
            or_nothing(&line.visit),
            line.settlement.clone(),
            NOTHING.to_owned(),
            (*result).to_owned(),
            if line.refund { "1" } else { "0" }.to_owned(),
            memo.clone(),
            line.sums.total.to_string(),
            line.sums.funds.to_string(),
            line.sums.account.to_string(),
        ];
        text.push_str(&cells.join("\t"));
        text.push('\n');
    }
    text
}

/// Compares.
pub(super) async fn lines(context: &Context, input: &Value) -> Result<Value, Fault> {
    let node = &input["data"];
    let mut asked = period(context, node);
    if let Some(code) = text(node, "clr_type") {
        asked.insert("clearing".to_owned(), clearing(&code)?.into());
    }
    let refunds = text(node, "refd_setl_flag").map(|flag| flag == "1");
    let (_, bytes) = context.platform.files.get(context.institution(), &must(node, "file_qury_no"))?;
    let theirs = tokio::task::spawn_blocking(move || told(&unzipped(&bytes)?)).await;
    let theirs = theirs.map_err(|_| Fault::new("bad-file", "对账文件没有读成", "重新上传后再对账"))??;
    let mut sums = Sums::default();
    theirs.iter().for_each(|line| sums.add(line.sums));
    same(node, sums)?;
    let ours = centre(context, asked, refunds).await?;
    let found = compared(&ours, &theirs);
    context.warn(match found.len() {
        0 => format!("对平：{} 笔全部一致，结果文件没有内容", theirs.len()),
        many => format!("{many} 笔不一致，用9102下载结果文件"),
    });
    let zip = zipped("3202.txt", &written(&found))?;
    let name = format!("3202_{}.zip", context.today());
    let ticket = context.platform.files.put(context, For::Sender, name, zip)?;
    Ok(json!({ "fileinfo": {
        "file_qury_no": ticket.number,
        "filename": ticket.name,
        "dld_endtime": wire::moment::spoken(ticket.until),
    } }))
}

/// Refuses a file whose lines do not add up to what its message says of it.
fn same(node: &Value, sums: Sums) -> Result<(), Fault> {
    let mut differs = Vec::new();
    for (name, what, of_file) in [
        ("medfee_sumamt", "医疗费总额", sums.total),
        ("fund_pay_sumamt", "基金支付", sums.funds),
        ("cash_payamt", "现金", sums.cash()),
    ] {
        let said = amount(node, name);
        if said != of_file {
            differs.push(format!("{what} 报文 {said}、文件 {of_file}"));
        }
    }
    let said = must(node, "fixmedins_setl_cnt");
    if said.parse() != Ok(sums.count) {
        differs.push(format!("笔数 报文 {said}、文件 {}", sums.count));
    }
    if differs.is_empty() {
        return Ok(());
    }
    let message = format!("报文与上传的对账文件不一致：{}", differs.join("；"));
    Err(Fault::new("file-differs", message, "核对文件和合计，重新上传后再对账"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(settlement: &str, refund: &str, total: &str, funds: &str) -> Line {
        read(&format!("{settlement}\tv\tp\t{total}\t{funds}\t0\t{refund}")).unwrap()
    }

    #[test]
    fn each_difference_has_its_class() {
        let ours = [
            line("a", "0", "10", "5"),
            line("b", "0", "20", "9"),
            line("c", "1", "-7", "-3"),
            line("d", "0", "1", "1"),
        ];
        let theirs = [
            line("a", "0", "10", "5"),
            line("b", "0", "20", "8"),
            line("c", "0", "7", "3"),
            line("e", "0", "2", "1"),
            line("a", "0", "10", "5"),
        ];
        let found = compared(&ours, &theirs);
        let classes: Vec<(&str, &str, &str)> =
            found.iter().map(|(result, line, memo)| (line.settlement.as_str(), *result, memo.as_str())).collect();
        assert_eq!(
            classes,
            [
                ("b", "3", "基金支付 机构 8.00、中心 9.00"),
                ("c", "3", "退费标志不一致：机构 结算、中心 退费"),
                ("e", "2", "中心没有这笔结算"),
                ("a", "2", "机构文件中重复"),
                ("d", "1", "机构文件中没有这笔结算"),
            ]
        );
        assert!(compared(&ours, &ours).is_empty());
        assert_eq!(
            written(&found).lines().next(),
            Some("p\tv\tb\tnull\t3\t0\t基金支付 机构 8.00、中心 9.00\t20.00\t9.00\t0.00")
        );
    }

    #[test]
    fn a_refund_that_was_recalled_is_nothing() {
        let settled = |sign: &str| line("a", sign, "10", "5");
        let other = line("b", "0", "1", "1");
        let lines = vec![settled("0"), settled("1"), other.clone(), settled("0")];
        assert_eq!(without_recalled(lines), [settled("0"), other.clone()]);
        let again = vec![settled("0"), settled("1"), settled("0"), other.clone(), settled("1")];
        assert_eq!(without_recalled(again), [settled("0"), other, settled("1")]);
    }

    #[test]
    fn a_line_that_cannot_be_read_is_told_by_its_number() {
        for (text, tells) in [
            ("a\tb", "第 1 行：只有 2 列"),
            ("a\tv\tp\t1\t1\t0\t0\n\nb\tv\tp\tx\t1\t0\t0", "第 3 行：医疗费总额“x”不是金额"),
            ("\tv\tp\t1\t1\t0\t0", "没有写结算ID"),
            ("a\tv\tp\t1\t1\t0\t2", "退费结算标志“2”"),
        ] {
            let fault = told(text).unwrap_err();
            assert!(fault.refusal.message.contains(tells), "{fault:?}");
        }
        // A refund may be written with or without its sign.
        assert_eq!(line("c", "1", "7", "3"), line("c", "1", "-7", "-3"));
    }
}
