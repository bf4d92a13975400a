//! `account`: the personal account's monthly share on the card, and its withdrawal after heavy in-patient costs.

use clap::Subcommand;
use domain::{Date, Fen};
use enrolment::{Costs, account_transfer, account_withdrawal};
use serde_json::json;

use super::person::yuan;
use super::policy::{Seen, day};
use crate::answer::{Answer, Reply};
use crate::session::{Session, Verdict};

/// What can be asked of an account.
#[derive(Subcommand)]
pub enum Verb {
    /// How much of a month's credit moves to the card
    Transfer(Transfer),
    /// How much of the balance may be drawn after the year's in-patient costs
    Withdraw(Withdraw),
}

impl Verb {
    /// Answers.
    pub fn run(self, session: &Session) -> anyhow::Result<Verdict> {
        match self {
            Verb::Transfer(args) => args.run(session),
            Verb::Withdraw(args) => args.run(session),
        }
    }
}

/// Asks for a month's transfer.
#[derive(clap::Args)]
pub struct Transfer {
    /// Slug, code, Chinese name or alias
    region: String,
    /// The month, as 2022-03
    #[arg(long, value_parser = month)]
    month: Date,
    /// The month's credit in yuan
    #[arg(long, value_name = "YUAN", value_parser = yuan)]
    credit: Fen,
    #[command(flatten)]
    seen: Seen,
    #[command(flatten)]
    reply: Reply,
}

fn month(text: &str) -> Result<Date, String> {
    format!("{text}-01").parse().map_err(|_| "月份写成 2022-03 (a month as 2022-03)".to_owned())
}

impl Transfer {
    fn run(self, session: &Session) -> anyhow::Result<Verdict> {
        let library = session.library()?;
        let region = session.region(library, &self.region)?;
        let terms = library.terms(region, self.month, &self.seen.view(library)?);
        let outcome = account_transfer(&terms, self.credit);
        let lang = session.lang;
        let month = self.month.strftime("%Y-%m").to_string();
        let asked = vec![lang.of(&region.name, &region.slug).to_owned(), month.clone()];
        let answer = outcome.as_ref().map(|transfer| Answer {
            asked: asked.clone(),
            says: format!(
                "{} {}{} {}",
                lang.of("划入卡", "to the card"),
                transfer.transfer,
                lang.of("，留在账户", ", stays"),
                transfer.stays
            ),
            fields: json!({
                "region": region.slug,
                "month": month,
                "credit": self.credit.to_string(),
                "transfer": transfer.transfer.to_string(),
                "stays": transfer.stays.to_string(),
                "ledger": transfer.ledger.to_string(),
            }),
            steps: std::slice::from_ref(&transfer.step),
            basis: transfer.basis,
            lacks: Vec::new(),
        });
        self.reply.give(session, library, &asked, answer)
    }
}

/// Asks for a withdrawal.
#[derive(clap::Args)]
pub struct Withdraw {
    /// Slug, code, Chinese name or alias
    region: String,
    /// The day
    #[arg(long, value_name = "DAY", value_parser = day)]
    on: Date,
    /// Balance of the account in yuan
    #[arg(long, value_name = "YUAN", value_parser = yuan)]
    balance: Fen,
    /// The year's in-patient costs in yuan
    #[arg(long, value_name = "YUAN", value_parser = yuan)]
    total: Option<Fen>,
    /// Of these, in scope
    #[arg(long, value_name = "YUAN", value_parser = yuan)]
    in_scope: Option<Fen>,
    /// Of these, borne by the person
    #[arg(long, value_name = "YUAN", value_parser = yuan)]
    own: Option<Fen>,
    #[command(flatten)]
    seen: Seen,
    #[command(flatten)]
    reply: Reply,
}

impl Withdraw {
    fn run(self, session: &Session) -> anyhow::Result<Verdict> {
        let library = session.library()?;
        let region = session.region(library, &self.region)?;
        let terms = library.terms(region, self.on, &self.seen.view(library)?);
        let costs = Costs { total: self.total, in_scope: self.in_scope, own: self.own };
        let outcome = account_withdrawal(&terms, &costs, self.balance);
        let lang = session.lang;
        let asked = vec![lang.of(&region.name, &region.slug).to_owned(), self.on.to_string()];
        let answer = outcome.as_ref().map(|withdrawal| Answer {
            asked: asked.clone(),
            says: match withdrawal.open {
                true => format!("{} {}", lang.of("可提", "may draw"), withdrawal.withdraw),
                false => lang.of("不可提", "nothing may be drawn").to_owned(),
            },
            fields: json!({
                "region": region.slug,
                "on": self.on.to_string(),
                "balance": self.balance.to_string(),
                "open": withdrawal.open,
                "withdraw": withdrawal.withdraw.to_string(),
            }),
            steps: std::slice::from_ref(&withdrawal.step),
            basis: withdrawal.basis,
            lacks: Vec::new(),
        });
        self.reply.give(session, library, &asked, answer)
    }
}
