//! Drawing a sample of claims for audit (JS22-08.3g). Which are drawn follows from the region's key and a seed: nobody can tell
//! beforehand, and the draw can be repeated.

use std::collections::BTreeSet;

use serde_json::Value;

use super::open::{self, Asked};
use crate::answer::{Answer, Refusal, Stop};
use crate::command;
use crate::command::UseCase;
use crate::desk::Desk;
use crate::sheets::Books;

command! {
    /// Draw a sample of claims for audit, each under a tracking number of its own
    Draw = "claim sample", "抽取费用稽核样本" {
        /// The claims to draw from
        claim: Vec<String> = "待抽的结算编号",
        /// How many
        count: i64 = "抽几件",
        /// What the draw is for: the same seed draws the same claims
        seed: String = "抽取批次",
        /// Where it is handled: code of an area
        at: String = "经办机构区划代码",
    }
}

impl UseCase for Draw {
    fn decide(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Answer, Stop> {
        let claims: BTreeSet<&str> = self.claim.iter().map(|claim| claim.trim()).collect();
        let count = usize::try_from(self.count).unwrap_or(0);
        if count == 0 || count > claims.len() {
            let message = format!("从 {} 件里抽 {} 件", claims.len(), self.count);
            return Err(Refusal::new("bad-count", message, "抽的件数在 1 和总数之间").into());
        }
        let mut drawn: Vec<(String, &str)> = claims
            .iter()
            .map(|claim| (desk.vault.index("sample", &format!("{} {claim}", self.seed)), *claim))
            .collect();
        drawn.sort();
        drawn.truncate(count);
        let mut matters = Vec::new();
        for (_, claim) in &drawn {
            if books.linked("claim-audit", claim)?.is_some() {
                let message = format!("{claim} 已在稽核");
                return Err(Refusal::new("already-drawn", message, "从还没有稽核的结算里抽").into());
            }
            let facts = [("claim", (*claim).to_owned()), ("seed", self.seed.clone())];
            let asked = Asked {
                item: "claim-audit".to_owned(),
                at: self.at.clone(),
                facts: facts.map(|(name, value)| (name.to_owned(), value)).into(),
                ..Asked::nobody()
            };
            let number = open::open(desk, books, &asked)?;
            books.link("claim-audit", claim, &open::key(&number).subject)?;
            matters.push(Value::from(number));
        }
        let of = claims.len();
        Ok(Answer::new(format!("从 {of} 件里抽取 {count} 件稽核"), format!("{count} of {of} drawn"))
            .with("drawn", count)
            .with("of", of)
            .with("matters", matters))
    }
}
