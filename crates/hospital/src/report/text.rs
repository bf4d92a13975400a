//! The report for people: tables in Chinese or English.

use comfy_table::{CellAlignment, ContentArrangement, LineStyle, Table, TableStyle};
use wire::amount;
use wire::dictionary::transaction;

use super::Report;

/// A rule under the header and nothing else: what is copied out of a table has no drawing in it.
const PLAIN: TableStyle = TableStyle::new().header_separator(LineStyle::none().fill('-').junction('-'));

/// What was done on purpose, and what happened to the line: word, Chinese, English.
const FAULTS: [(&str, &str, &str); 10] = [
    ("answer-lost", "丢应答", "answer lost"),
    ("broken-off", "发到一半断线", "broken off"),
    ("sent-twice", "同一报文再发", "sent twice"),
    ("id-reused", "同一报文号换内容", "other content under the id"),
    ("forged", "签名作假", "signature forged"),
    ("replayed", "旧报文换时间重放", "old headers replayed"),
    ("recalled", "冲正结算", "settlement recalled"),
    ("reversal-recalled", "冲正撤销", "reversal recalled"),
    ("cut", "连接中断后重发", "cut, sent again"),
    ("busy", "平台忙后重发", "busy, sent again"),
];

/// What can fail to hold: word, Chinese, English.
const KINDS: [(&str, &str, &str); 26] = [
    ("identity-a", "总费用与范围内外", "bill and its scope"),
    ("identity-b", "总费用与谁付", "bill and who pays"),
    ("identity-c", "个人负担与怎样付", "own share and how it is paid"),
    ("identity-d", "基金合计与各基金", "funds and their sum"),
    ("identity-details", "基金合计与分项", "funds and their details"),
    ("identity-assistance", "救助与分项", "assistance and its details"),
    ("identity-lines", "总额与明细", "head and lines"),
    ("amount-unreadable", "金额读不出", "amount cannot be read"),
    ("line", "明细拆分", "split of a line"),
    ("listed", "明细与目录的限价、比例", "line against the lists"),
    ("estimate", "预结算与结算", "estimate and settlement"),
    ("reversal", "结算与撤销", "settlement and reversal"),
    ("query", "结算与查询", "settlement and question"),
    ("echo", "答非所问", "about something else"),
    ("number", "结算号", "settlement number"),
    ("code", "字典", "code table"),
    ("file", "下载的文件", "file"),
    ("matching", "目录对照", "matching"),
    ("sheet", "结算清单", "settlement sheet"),
    ("form", "应答格式", "form of an answer"),
    ("totals", "对总账", "totals"),
    ("repeat", "重发的应答", "answer to a repeat"),
    ("id-reused", "换内容也受理", "other content taken"),
    ("forged", "假签名也受理", "forged signature taken"),
    ("replayed", "重放也受理", "replay taken"),
    ("recall", "冲正没有作用", "recall without effect"),
];

/// How many examples a person is shown.
const EXAMPLES: usize = 40;

fn named(list: &[(&str, &'static str, &'static str)], word: &str, chinese: bool) -> String {
    let found = list.iter().find(|(known, ..)| *known == word);
    found.map_or(word, |(_, zh, en)| if chinese { zh } else { en }).to_owned()
}

/// A table under a title; nothing where there are no rows. So many columns from the left are texts, the rest numbers.
fn table(title: &str, header: &[&str], texts: usize, rows: Vec<Vec<String>>) -> String {
    if rows.is_empty() {
        return String::new();
    }
    let mut table = Table::new();
    table.load_style(PLAIN).set_content_arrangement(ContentArrangement::Disabled).set_header(header);
    table.add_rows(rows);
    for (nth, column) in table.column_iter_mut().enumerate() {
        column.set_padding((0, 2));
        if nth >= texts {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    format!("\n{title}\n{}\n", table.trim_fmt())
}

/// A table of words and how often.
fn counted(title: &str, header: [&str; 2], rows: impl Iterator<Item = (String, usize)>) -> String {
    table(title, &header, 1, rows.map(|(word, count)| vec![word, count.to_string()]).collect())
}

/// The whole report.
pub(super) fn written(report: &Report, chinese: bool) -> String {
    let of = |zh: &'static str, en: &'static str| if chinese { zh } else { en };
    let figures = &report.figures;
    let times = of("次数", "times");
    let parts = [
        day(report, chinese),
        transactions(report, chinese),
        refusals(report, chinese),
        counted(
            of("没有应答", "Without an answer"),
            [of("原因", "why"), times],
            figures.failures.iter().map(|(why, count)| (why.clone(), *count)),
        ),
        counted(
            of("故障", "Faults"),
            [of("故障", "fault"), times],
            figures.faults.iter().map(|(word, count)| (named(&FAULTS, word, chinese), *count)),
        ),
        balances(report, chinese),
        broken(report, chinese),
    ];
    let verdict = if report.is_good() {
        format!("{} {}", figures.checks, of("次核对，全部相符", "checks, all hold"))
    } else {
        let broken: usize = figures.broken.values().sum();
        let failed: usize = figures.failures.values().sum();
        match chinese {
            true => format!("有问题：{} 次核对，{broken} 处不相符，{failed} 个报文没有应答", figures.checks),
            false => {
                format!("not good: {} checks, {broken} broken, {failed} messages without an answer", figures.checks)
            }
        }
    };
    format!("{}\n{verdict}\n", parts.concat())
}

fn day(report: &Report, chinese: bool) -> String {
    let of = |zh: &'static str, en: &'static str| if chinese { zh } else { en };
    let figures = &report.figures;
    let counts = [
        (of("结清的就诊", "visits settled"), figures.settled),
        (
            of("未结的就诊（撤销、退号、被拒绝）", "visits not settled (taken back, called off, refused)"),
            figures.unsettled,
        ),
        (of("未参保", "not insured"), figures.uninsured),
        (of("留院到次日", "in bed until tomorrow"), figures.overnight),
        (of("已故或在院，没有来", "dead or in bed, did not come"), figures.absent),
        (of("撤销昨日的结算", "settlements of yesterday taken back"), figures.yesterday),
    ];
    let counts = counts.into_iter().filter(|(_, count)| *count > 0).map(|(what, count)| (what, count.to_string()));
    let amounts = [
        (of("总费用（元）", "total, yuan"), amount::text(figures.turnover.0)),
        (of("基金支付（元）", "funds, yuan"), amount::text(figures.turnover.1)),
        (of("终端", "clients"), report.clients.to_string()),
        (of("用时（秒）", "seconds"), tenths(figures.span.as_millis())),
        (of("每秒结清", "settled a second"), tenths(report.per_thousand_seconds())),
    ];
    let rows = counts.chain(amounts).map(|(what, figure)| vec![what.to_owned(), figure]).collect();
    let title = format!("{} {}", of("机构", "Institution"), report.institution);
    table(&title, &[of("一天", "day"), ""], 1, rows).trim_start().to_owned()
}

fn transactions(report: &Report, chinese: bool) -> String {
    let header = match chinese {
        true => ["交易", "名称", "成功", "拒绝", "无应答", "p50 毫秒", "p99 毫秒"],
        false => ["infno", "name", "done", "refused", "failed", "p50 ms", "p99 ms"],
    };
    let rows = report.figures.kinds.iter().map(|(infno, kind)| {
        let known = transaction(infno);
        let name = known.map_or("", |transaction| if chinese { transaction.zh } else { transaction.en });
        let [p50, p99] = [500, 990].map(|per_mille| kind.within(per_mille).map_or("-".to_owned(), shown));
        let counts = [kind.done, kind.refused, kind.failed].map(|count| count.to_string());
        [(*infno).to_owned(), name.to_owned()].into_iter().chain(counts).chain([p50, p99]).collect()
    });
    table(if chinese { "交易" } else { "Transactions" }, &header, 2, rows.collect())
}

fn refusals(report: &Report, chinese: bool) -> String {
    let header = if chinese { ["交易", "理由", "次数"] } else { ["infno", "why", "times"] };
    let title = if chinese {
        "平台的拒绝（条款不付、登记不符的，不算错）"
    } else {
        "Refused by the platform (no fault of it)"
    };
    let rows = report
        .figures
        .refusals
        .iter()
        .map(|((infno, word), count)| vec![(*infno).to_owned(), word.clone(), count.to_string()]);
    table(title, &header, 2, rows.collect())
}

fn balances(report: &Report, chinese: bool) -> String {
    let of = |zh: &'static str, en: &'static str| if chinese { zh } else { en };
    let header = match chinese {
        true => ["险种", "清算类别", "结果", "笔数", "总费用", "基金", "别处的笔数"],
        false => ["insurance", "clearing", "result", "count", "total", "funds", "count of others"],
    };
    let rows = report.balance.iter().map(|balance| {
        let (group, own) = (&balance.group, &balance.own);
        let result = if balance.same { of("平", "same").to_owned() } else { balance.said.clone() };
        vec![
            group.insutype.clone(),
            group.clr_type.clone(),
            result,
            own.count.to_string(),
            amount::text(own.total),
            amount::text(own.funds),
            balance.others.count.to_string(),
        ]
    });
    let told = table(of("对账", "Reconciled"), &header, 3, rows.collect());
    let differences = report.balance.iter().flat_map(|balance| &balance.differences);
    told + &differences.map(|difference| format!("  {difference}\n")).collect::<String>()
}

fn broken(report: &Report, chinese: bool) -> String {
    let of = |zh: &'static str, en: &'static str| if chinese { zh } else { en };
    let kinds = report.figures.broken.iter().map(|(kind, count)| (named(&KINDS, kind, chinese), *count));
    let told = counted(of("不相符", "Broken"), [of("什么", "what"), of("次数", "times")], kinds);
    let header = match chinese {
        true => ["什么", "交易", "报文ID", "见到"],
        false => ["what", "infno", "message", "found"],
    };
    let rows = report
        .figures
        .examples
        .iter()
        .take(EXAMPLES)
        .map(|one| vec![named(&KINDS, one.kind, chinese), one.infno.clone(), one.msgid.clone(), one.what.clone()]);
    told + &table(of("例子", "Examples"), &header, 4, rows.collect())
}

/// Microseconds as milliseconds.
fn shown(micros: u32) -> String {
    format!("{}.{:02}", micros / 1_000, micros % 1_000 / 10)
}

/// Thousandths with one decimal.
fn tenths(thousandths: u128) -> String {
    format!("{}.{}", thousandths / 1_000, thousandths % 1_000 / 100)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tally::{Broken, Figures};

    #[test]
    fn the_tables_tell_in_both_languages_what_broke() {
        let mut figures = Figures::default();
        figures.done("2207", Some(1_234));
        figures.fault("answer-lost");
        let (infno, msgid) = ("2207".to_owned(), "m".to_owned());
        figures.broke(Broken { kind: "identity-c", infno, msgid, what: "psn_part_amt …".to_owned() });
        let report = Report { institution: "H1".to_owned(), clients: 1, seed: 1, figures, balance: Vec::new() };
        let (zh, en) = (report.text(true), report.text(false));
        for words in ["门诊结算", "1.23", "丢应答", "个人负担与怎样付", "1 处不相符"] {
            assert!(zh.contains(words), "{zh}");
        }
        for words in ["settle", "answer lost", "own share and how it is paid", "1 broken"] {
            assert!(en.contains(words), "{en}");
        }
        let line = zh.lines().find(|line| line.contains("门诊结算")).unwrap();
        assert!(line.starts_with("2207   门诊结算 "), "{zh}");
    }
}
