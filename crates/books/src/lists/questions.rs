//! What can be read of settlement sheets: a list without personal data, and a whole sheet by who uploaded it, with a trace.

use domain::Date;
use serde_json::{Value, json};

use super::sheet::{SettlementSheet, SheetState};
use super::upload::{NAMES, of};
use crate::answer::{Answer, Refusal, Stop};
use crate::care::{parse_settlement, person_of};
use crate::codec::Word;
use crate::command;
use crate::command::UseCase;
use crate::desk::Desk;
use crate::people::{self, Ground, Look, looked};
use crate::providers;
use crate::question::{Column, Question, Table, col};
use crate::sheets::{Books, Key};

command! {
    /// Read a settlement sheet as it was uploaded; who and why is recorded
    ReadSheet = "sheet read", "读取已上传的结算清单（留痕）" {
        /// Code of the provider that uploaded it
        provider: String = "上传的机构编码",
        /// Number of the settlement
        settlement: String = "结算编号",
        /// Why
        reason: String = "原因",
        /// Through what: a transaction of an interface, a page
        through: Option<String> = "途径，如接口交易号",
    }
}

command! {
    /// List a provider's settlement sheets and their states
    ListSheets = "sheet list", "列出机构的结算清单及状态" {
        /// Code of the provider
        provider: String = "机构编码",
        /// First day of the end of care
        from: Option<Date> = "就诊结束日期起",
        /// Last day of the end of care
        to: Option<Date> = "就诊结束日期止",
        /// In this state
        state: Option<Word<SheetState>> = "状态",
    }
}

impl UseCase for ReadSheet {
    fn decide(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Answer, Stop> {
        let provider = providers::code(&self.provider);
        let (sheet, state) = of(books, &provider, &self.settlement)?;
        let (person, ..) = parse_settlement(self.settlement.trim())?;
        let reason = people::reason(&self.reason)?;
        let through = self.through.as_deref().map(people::reason).transpose()?.unwrap_or_default();
        let text = sheet.sealed.as_ref().map(|sealed| people::open(desk, "sheet", sealed)).transpose()?;
        let nodes: Value = serde_json::from_str(&text.unwrap_or_default())
            .map_err(|error| Refusal::new("sealed", format!("清单读不懂：{error}"), "运行 tongchou verify 查明"))?;
        let ground = Word(Ground::Visit);
        let look = Look { on: desk.today(), ground, reason, through, provider: Some(provider) };
        looked(desk, books, &person_of(&person), look)?;
        let mut answer = Answer::new("结算清单如下，本次读取已留痕", "the sheet, and that it was read")
            .with("settlement", self.settlement.trim())
            .with("state", state.code());
        answer.shown.insert("nodes".to_owned(), nodes);
        Ok(answer)
    }

    fn keys(&self, _desk: &Desk<'_>) -> Vec<Key> {
        vec![super::sheet::key(&self.settlement)]
    }
}

const SHEETS: &[Column] = &[
    col("settlement", "结算编号", "settlement"),
    col("visit", "就诊号", "visit"),
    col("date", "就诊结束日期", "end of care"),
    col("state", "状态", "state"),
    col("total", "总费用", "total"),
    col("main", "主诊断", "main diagnosis"),
    col("diagnoses", "诊断数", "diagnoses"),
    col("operations", "手术数", "operations"),
    col("unknown", "目录外编码", "codes of no table"),
    col("reason", "原因", "reason"),
];

/// So many sheets of a provider are searched.
const MANY: usize = 1_000_000;

impl Question for ListSheets {
    fn ask(&self, _desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Table, Stop> {
        let provider = providers::code(&self.provider);
        let links = books.names(NAMES, &format!("{provider}|"), MANY)?;
        let within = |name: &str| {
            let day = name.split('|').nth(1).and_then(|day| day.parse::<Date>().ok());
            day.is_some_and(|day| self.from.is_none_or(|from| from <= day) && self.to.is_none_or(|to| day <= to))
        };
        let keys: Vec<Key> =
            links.into_iter().filter(|link| within(&link.name)).map(|link| Key::of(link.subject)).collect();
        books.preload(keys.iter().cloned())?;
        let mut rows: Vec<Vec<Value>> = Vec::new();
        for key in keys {
            let Some(sheet) = books.find::<SettlementSheet>(&key)? else { continue };
            let (Some(state), Some(summary)) = (sheet.state, &sheet.summary) else { continue };
            if self.state.is_some_and(|wanted| wanted != state) {
                continue;
            }
            rows.push(vec![
                json!(key.subject.trim_start_matches("sheet/")),
                json!(summary.visit),
                json!(summary.date.to_string()),
                json!(state),
                json!(summary.total),
                json!(summary.main),
                json!(summary.diagnoses),
                json!(summary.operations),
                json!(summary.unknown.join(" ")),
                json!(sheet.reason),
            ]);
        }
        let foot = format!("{} 份", rows.len());
        Ok(Table { title: format!("{provider} 的结算清单"), columns: SHEETS, rows, foot })
    }
}
