//! A sheet comes in, and goes from state to state.

use super::check::check;
use super::nodes::{Nodes, field};
use super::sheet::{SettlementSheet, SheetEntry, SheetState, Summary, key};
use crate::answer::{Answer, Refusal, Stop};
use crate::care::{Active, active, parse_settlement, person_of};
use crate::codec::Word;
use crate::command;
use crate::command::UseCase;
use crate::desk::Desk;
use crate::people;
use crate::providers;
use crate::sheets::{Books, Key};

command! {
    /// Upload the settlement sheet of a settlement; what is wrong is told all at once
    UploadSheet = "sheet upload", "上传结算清单" {
        /// Code of the provider
        provider: String = "机构编码",
        /// Number of the settlement
        settlement: String = "结算编号",
        /// The sheet: the nodes setlinfo, payinfo, opspdiseinfo, diseinfo, iteminfo, oprninfo, icuinfo, bldinfo as JSON
        text: String = "清单：JSON，节点 setlinfo、payinfo、diseinfo、iteminfo 等",
    }
}

command! {
    /// Move a settlement sheet to another state: submit it, take it back, return it, accept it
    MoveSheet = "sheet state", "变更结算清单状态" {
        /// Code of the provider
        provider: String = "机构编码",
        /// Number of the settlement
        settlement: String = "结算编号",
        /// To which state
        to: Word<SheetState> = "状态",
        /// Why; needed to return it
        reason: Option<String> = "原因，退回时必写",
    }
}

command! {
    /// Move several settlement sheets to another state; all are moved or none
    MoveSheets = "sheet states", "一次变更多份结算清单的状态，全部变更或全部不变" {
        /// Code of the provider
        provider: String = "机构编码",
        /// Numbers of the settlements
        settlements: Vec<String> = "结算编号",
        /// To which state
        to: Word<SheetState> = "状态",
    }
}

/// Names by which the sheets of a provider are found: provider and day, then settlement.
pub(super) const NAMES: &str = "sheet";

/// The settlement of a provider that stands.
fn standing(books: &mut Books<'_>, provider: &str, settlement: &str) -> Result<(Key, Active), Stop> {
    let (person, year, number) = parse_settlement(settlement.trim())?;
    let person = person_of(&person);
    let found = active(books, &person, year)?.into_iter().find(|one| (one.year, one.number) == (year, number));
    let found = found.filter(|one| one.bill.provider == provider);
    let Some(settled) = found else {
        let message = format!("{settlement} 不是 {provider} 的有效结算，或已撤销");
        return Err(Refusal::new("not-standing", message, "核对结算编号和机构编码").into());
    };
    Ok((person, settled))
}

/// A provider's sheet, with where it stands.
pub(super) fn of(
    books: &mut Books<'_>,
    provider: &str,
    settlement: &str,
) -> Result<(SettlementSheet, SheetState), Stop> {
    let sheet = books.find::<SettlementSheet>(&key(settlement))?;
    let own = sheet.filter(|sheet| sheet.summary.as_ref().is_some_and(|summary| summary.provider == provider));
    let found = own.and_then(|sheet| Some((sheet.clone(), sheet.state?.0)));
    found.ok_or_else(|| {
        let message = format!("{provider} 没有上传过 {settlement} 的结算清单");
        Refusal::new("unknown-sheet", message, "先用 sheet upload 上传").into()
    })
}

fn may(from: SheetState, to: SheetState) -> Result<(), Refusal> {
    if from.may_become(to) {
        return Ok(());
    }
    let message = format!("结算清单{}，不能改为“{}”", from.name(), to.name());
    Err(Refusal::new("wrong-state", message, "已提交的先撤回；已接收的由经办机构退回后再改"))
}

impl UseCase for UploadSheet {
    fn decide(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Answer, Stop> {
        let provider = providers::code(&self.provider);
        let nodes = Nodes::read(&self.text)?;
        let (person, settled) = standing(books, &provider, &self.settlement)?;
        if let Some(state) = books.find::<SettlementSheet>(&key(&self.settlement))?.and_then(|sheet| sheet.state) {
            may(state.0, SheetState::Uploaded)?;
        }
        let sex = people::dossier(books, &person)?.sex.map(|sex| sex.0);
        let findings = check(books, &nodes, self.settlement.trim(), &settled, sex)?;
        if !findings.wrong.is_empty() {
            let message = format!("结算清单有 {} 处不符：{}", findings.wrong.len(), findings.wrong.join("；"));
            return Err(Refusal::new("sheet-differs", message, "按结算结果和病案首页改正后重新上传").into());
        }
        let summary = summary(&nodes, &settled, findings.unknown);
        let (day, unknown) = (summary.date, summary.unknown.clone());
        let sealed = desk.vault.seal("sheet", &nodes.canonical());
        let key = key(&self.settlement);
        books.post::<SettlementSheet>(&key, &SheetEntry::Uploaded { summary, sealed })?;
        books.link(NAMES, &format!("{provider}|{day}|{}", self.settlement.trim()), &key.subject)?;
        let says = match unknown.len() {
            0 => "结算清单已上传".to_owned(),
            many => format!("结算清单已上传；{many} 个编码目录里没有，未作核对"),
        };
        let answer = Answer::new(says, "the settlement sheet is uploaded");
        Ok(answer
            .with("sheet", format!("L{}", self.settlement.trim()))
            .with("state", "uploaded")
            .with("unknown", unknown))
    }

    fn keys(&self, _desk: &Desk<'_>) -> Vec<Key> {
        let person = parse_settlement(self.settlement.trim()).ok().map(|(person, ..)| person_of(&person));
        person.into_iter().chain([key(&self.settlement)]).collect()
    }
}

fn summary(nodes: &Nodes, settled: &Active, unknown: Vec<String>) -> Summary {
    let count = |node: &str| u32::try_from(nodes.list(node).len()).unwrap_or(u32::MAX);
    let main = nodes.list("diseinfo").iter().find(|one| field(one, "maindiag_flag").as_deref() == Some("1"));
    Summary {
        provider: settled.bill.provider.clone(),
        visit: settled.bill.visit.clone(),
        date: settled.bill.date,
        total: settled.paid.total,
        main: main.and_then(|one| field(one, "diag_code")),
        diagnoses: count("diseinfo") + count("opspdiseinfo"),
        operations: count("oprninfo"),
        unknown,
    }
}

impl UseCase for MoveSheet {
    fn decide(&self, _desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Answer, Stop> {
        let provider = providers::code(&self.provider);
        let (_, state) = of(books, &provider, &self.settlement)?;
        let to = self.to.0;
        if to == state {
            return Ok(Answer::new(format!("已是“{}”", to.name()), "already so").with("state", to.code()));
        }
        may(state, to)?;
        if to == SheetState::Submitted {
            standing(books, &provider, &self.settlement)?;
        }
        let reason = self.reason.as_deref().map(people::reason).transpose()?.unwrap_or_default();
        if to == SheetState::Returned && reason.is_empty() {
            return Err(Refusal::new("no-reason", "退回没有写原因", "写明 reason：哪里要改").into());
        }
        books.post::<SettlementSheet>(&key(&self.settlement), &SheetEntry::Moved { to: self.to, reason })?;
        Ok(Answer::new(format!("结算清单改为“{}”", to.name()), format!("the sheet is {}", to.english()))
            .with("state", to.code()))
    }

    fn keys(&self, _desk: &Desk<'_>) -> Vec<Key> {
        vec![key(&self.settlement)]
    }
}

impl UseCase for MoveSheets {
    fn decide(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Answer, Stop> {
        for settlement in &self.settlements {
            let (provider, settlement) = (self.provider.clone(), settlement.clone());
            let one = MoveSheet { provider, settlement, to: self.to, reason: None };
            one.decide(desk, books).map_err(|stop| match stop {
                Stop::Refused(refusal) => {
                    let message = format!("结算 {}：{}", one.settlement, refusal.message);
                    Stop::Refused(Refusal { message, ..refusal })
                }
                other => other,
            })?;
        }
        let (many, state) = (self.settlements.len(), self.to.0);
        Ok(Answer::new(format!("{many} 份结算清单改为“{}”", state.name()), format!("{many} are {}", state.english()))
            .with("state", state.code()))
    }

    fn keys(&self, _desk: &Desk<'_>) -> Vec<Key> {
        self.settlements.iter().map(|settlement| key(settlement)).collect()
    }
}
