//! `policy coverage`: what of the clause register runs. A clause counts when a passing case names it, never by being asserted.

use cases::{ClauseCoverage, CoverageRow, State, coverage, summary};
use policy::Library;
use serde_json::{Value, json};

use crate::io::out::Output;
use crate::output::{Column, Listing, column, hidden, shown};
use crate::sentences::said;
use crate::session::{Lang, Session, Verdict};

/// Asks how the clauses stand.
#[derive(clap::Args)]
pub struct Args {
    /// Each clause with its state and why
    #[arg(long)]
    clauses: bool,
    /// Only clauses whose id begins so, as CQ21 or CQ21-02
    #[arg(long, value_name = "PREFIX")]
    of: Option<String>,
    #[command(flatten)]
    output: Output,
}

const SUMS: &[Column] = &[
    hidden("notice"),
    shown("文件", "notice"),
    shown("种类", "kind"),
    column("clauses", "条文", "clauses"),
    column("executed", "已执行", "executed"),
    column("shown", "已演示", "shown"),
    column("open", "未做", "open"),
    column("not_executable", "不可执行", "not executable"),
];

const CLAUSES: &[Column] = &[
    column("clause", "条文", "clause"),
    column("where", "位置", "where"),
    hidden("notice"),
    column("kind", "种类", "kind"),
    column("capability", "能力", "capability"),
    hidden("state"),
    shown("状态", "state"),
    column("why", "为什么", "why"),
    column("cases", "案例", "cases"),
];

impl Args {
    /// Counts them.
    pub fn run(self, session: &Session) -> anyhow::Result<Verdict> {
        let library = session.library()?;
        let mut clauses = coverage(library, &cases::run(library));
        if let Some(prefix) = &self.of {
            clauses.retain(|clause| clause.clause.starts_with(prefix.as_str()));
        }
        let sums = summary(&clauses);
        let foot = foot(&sums, session.lang);
        let (columns, rows) = if self.clauses {
            (CLAUSES, clauses.iter().map(|clause| clause_row(library, clause, session.lang)).collect())
        } else {
            // Programs are given the notices, people the kinds of clause in each as well.
            let people = self.output.check(&[])? == crate::io::out::Format::Table;
            let wanted = sums.iter().filter(|row| people || row.kind.is_none());
            (SUMS, wanted.map(|row| sum_row(row, session.lang)).collect())
        };
        Listing { title: String::new(), columns, rows, foot }.write(&self.output, session.lang)?;
        Ok(Verdict::Good)
    }
}

fn sum_row(row: &CoverageRow, lang: Lang) -> Vec<Value> {
    vec![
        json!(row.notice),
        json!(if row.kind.is_none() { row.notice.as_str() } else { "" }),
        json!(row.kind.as_deref().map_or("", |kind| kind_name(kind, lang))),
        json!(row.clauses),
        json!(row.executed),
        json!(row.shown),
        json!(row.open),
        json!(row.not_executable),
    ]
}

fn kind_name(kind: &str, lang: Lang) -> &str {
    match kind {
        "rule" => lang.of("规则", kind),
        "parameter" => lang.of("参数", kind),
        "process" => lang.of("流程", kind),
        "record" => lang.of("记录", kind),
        "indicator" => lang.of("指标", kind),
        "exhortation" => lang.of("倡导", kind),
        other => other,
    }
}

fn clause_row(library: &Library, clause: &ClauseCoverage, lang: Lang) -> Vec<Value> {
    let place = library.register.get(&clause.clause).map(|clause| clause.location.as_str());
    let state = match clause.state {
        State::Executed => lang.of("已执行", "executed"),
        State::Shown => lang.of("已演示", "shown"),
        State::Open => lang.of("未做", "open"),
        State::NotExecutable => lang.of("不可执行", "not executable"),
    };
    vec![
        json!(clause.clause),
        json!(place),
        json!(clause.notice),
        json!(clause.kind),
        json!(clause.capability),
        json!(clause.state.code()),
        json!(state),
        json!(said(lang, &clause.why)),
        json!(clause.cases),
    ]
}

fn foot(sums: &[CoverageRow], lang: Lang) -> String {
    let sum = |of: fn(&CoverageRow) -> usize| sums.iter().filter(|row| row.kind.is_none()).map(of).sum::<usize>();
    let (all, executed, shown) = (sum(|row| row.clauses), sum(|row| row.executed), sum(|row| row.shown));
    let (open, never) = (sum(|row| row.open), sum(|row| row.not_executable));
    match lang {
        Lang::Zh => format!("{all} 条：{executed} 已执行，{shown} 已演示，{open} 未做，{never} 不可执行"),
        Lang::En => format!("{all} clauses: {executed} executed, {shown} shown, {open} open, {never} not executable"),
    }
}
