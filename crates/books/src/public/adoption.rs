//! Drafts: a text for public comment is not run by until an operator records that it was adopted, by which document (TJ22-00a).
//!
//! The record leaves the draft's figures and days as they stand in its file. A notice that was issued with changes is a file of
//! its own, not an adopted draft.

use domain::Date;
use policy::notice::{Notice, NoticeKind};
use serde_json::json;

use super::region::{Adopted, RegionBook, RegionEntry, book, key};
use crate::answer::{Answer, Refusal, Stop};
use crate::command;
use crate::command::UseCase;
use crate::desk::{Desk, day_of};
use crate::question::{Column, Question, Table, col};
use crate::sheets::Books;

command! {
    /// Record that a draft was adopted: from then on the books are run by it
    Adopt = "notice adopt", "记录草案已正式采纳，此后按它办理" {
        /// Id of the draft
        draft: String = "草案的编号 (id)",
        /// Day on which it was adopted
        on: Date = "采纳（正式印发）之日",
        /// Number of the document that issued it
        document: String = "正式印发的文号",
        /// Who compared the texts, and what was found
        reason: String = "依据：由谁核对、有无改动",
    }
}

command! {
    /// Take back a wrong record of an adoption
    Withdraw = "notice withdraw-adoption", "撤回错记的采纳" {
        /// Id of the draft
        draft: String = "草案的编号 (id)",
        /// Why the record was wrong
        reason: String = "撤回原因",
    }
}

impl UseCase for Adopt {
    fn decide(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Answer, Stop> {
        let drafts = drafts(desk)?;
        let Some(draft) = drafts.iter().find(|notice| notice.id == self.draft) else {
            let known: Vec<&str> = drafts.iter().map(|notice| notice.id.as_str()).collect();
            let message = format!("没有编号为 {} 的草案", self.draft);
            return Err(Refusal::new("unknown-draft", message, format!("可用：{}", known.join("、"))).into());
        };
        if let Some(known) = book(books)?.adopted.get(&self.draft) {
            let message = format!("{} 已记录为 {} 采纳（{}）", self.draft, known.on, known.document);
            return Err(Refusal::new("already-adopted", message, "记错了先用 notice withdraw-adoption 撤回").into());
        }
        if self.on < draft.issued || self.on > desk.today() {
            let message = format!("采纳日 {} 不在草案 {} 与今天之间", self.on, draft.issued);
            return Err(Refusal::new("impossible-date", message, "写正式印发之日").into());
        }
        if self.document.trim().is_empty() || self.reason.trim().is_empty() {
            return Err(Refusal::new("no-document", "没有写文号或依据", "写正式印发的文号，以及由谁核对").into());
        }
        let adopted = Adopted {
            draft: self.draft.clone(),
            on: self.on,
            document: self.document.trim().to_owned(),
            reason: self.reason.trim().to_owned(),
        };
        books.post::<RegionBook>(&key(), &RegionEntry::DraftAdopted(adopted))?;
        let says = format!("已记录：《{}》{} 采纳，文号 {}", draft.title, self.on, self.document);
        Ok(Answer::new(says, format!("recorded: {} adopted on {}", self.draft, self.on))
            .with("draft", self.draft.clone())
            .with("on", self.on.to_string())
            .with("provisions", draft.provisions.len()))
    }
}

impl UseCase for Withdraw {
    fn decide(&self, _desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Answer, Stop> {
        if !book(books)?.adopted.contains_key(&self.draft) {
            let message = format!("{} 没有采纳的记录", self.draft);
            return Err(Refusal::new("not-adopted", message, "用 notice list 查看").into());
        }
        let entry = RegionEntry::AdoptionWithdrawn { draft: self.draft.clone(), reason: self.reason.clone() };
        books.post::<RegionBook>(&key(), &entry)?;
        let says = format!("已撤回 {} 的采纳；已按它结算的，由 care 的差额办理", self.draft);
        Ok(Answer::new(says, format!("the adoption of {} is withdrawn", self.draft)).with("draft", self.draft.clone()))
    }
}

/// The drafts of the region.
fn drafts<'d>(desk: &'d Desk<'_>) -> Result<Vec<&'d Notice>, Refusal> {
    let region = desk.rules.region()?;
    let notices = desk.rules.library.notices_of(region);
    Ok(notices.into_iter().filter(|notice| notice.kind == NoticeKind::Draft).collect())
}

command! {
    /// List the notices of the region and how each stands: in force, a draft, or a draft that was adopted
    ListNotices = "notice list", "列出通知及其状态：有效、草案、已采纳的草案" {
    }
}

const COLUMNS: &[Column] = &[
    col("notice", "编号", "notice"),
    col("title", "名称", "title"),
    col("issued", "印发", "issued"),
    col("state", "状态", "state"),
    col("adopted", "采纳日", "adopted on"),
    col("document", "文号", "document"),
    col("provisions", "规定数", "provisions"),
    col("run_by", "账套是否按它办理", "run by"),
];

impl Question for ListNotices {
    fn ask(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Table, Stop> {
        let adopted = book(books)?.adopted;
        let region = desk.rules.region()?;
        let folded = desk.rules.library.folded(region, &desk.rules.view());
        let row = |notice: &Notice| {
            let known = adopted.get(&notice.id);
            let state = match (notice.kind, known) {
                (NoticeKind::Draft, None) => "draft",
                (NoticeKind::Draft, Some(_)) => "adopted",
                (NoticeKind::Supplement, _) => "supplement",
                _ => "issued",
            };
            let document = known.map(|adopted| adopted.document.clone()).or_else(|| notice.number.clone());
            vec![
                json!(notice.id),
                json!(notice.title),
                json!(notice.issued.to_string()),
                json!(state),
                json!(known.map(|adopted| adopted.on.to_string())),
                json!(document),
                json!(notice.provisions.len()),
                json!(folded.iter().any(|(of, _)| of.id == notice.id)),
            ]
        };
        let rows: Vec<_> = desk.rules.library.notices_of(region).into_iter().map(row).collect();
        let foot = "草案的全部规定都只是草案；记录采纳（notice adopt）之前，账套不按它办理".to_owned();
        Ok(Table { title: format!("{}的通知", region.name), columns: COLUMNS, rows, foot })
    }
}

command! {
    /// List every record of an adoption and of its taking back: when, by whom, on what it rests
    AdoptionLog = "notice log", "列出采纳与撤回的全部记录：何时、何人、依据" {
    }
}

const LOG: &[Column] = &[
    col("at", "记录日", "recorded on"),
    col("actor", "操作人", "by"),
    col("what", "事项", "what"),
    col("draft", "草案", "draft"),
    col("on", "采纳日", "adopted on"),
    col("document", "文号", "document"),
    col("reason", "依据或原因", "reason"),
];

impl Question for AdoptionLog {
    fn ask(&self, _desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Table, Stop> {
        let mut rows = Vec::new();
        for (_, entry, body) in books.history::<RegionBook>(&key().subject)? {
            let (draft, on, document, reason) = match body {
                RegionEntry::DraftAdopted(Adopted { draft, on, document, reason }) => {
                    (draft, Some(on.to_string()), Some(document), reason)
                }
                RegionEntry::AdoptionWithdrawn { draft, reason } => (draft, None, None, reason),
                _ => continue,
            };
            rows.push(vec![
                json!(day_of(entry.at).to_string()),
                json!(entry.actor),
                json!(entry.kind),
                json!(draft),
                json!(on),
                json!(document),
                json!(reason),
            ]);
        }
        let foot = format!("{} 条", rows.len());
        Ok(Table { title: "草案采纳记录".to_owned(), columns: LOG, rows, foot })
    }
}
