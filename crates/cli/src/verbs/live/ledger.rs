//! `ledger`: what stands on every account, by the lines of all postings.

use books::account_named;
use serde_json::{Value, json};
use store::Balance;

use super::place::{Place, stopped};
use crate::io::out::Output;
use crate::output::{Column, Listing, column};
use crate::session::{Lang, Session, Verdict};

/// Which books, and of which year.
#[derive(clap::Args)]
pub struct Args {
    /// Only lines of this insured or budget year
    #[arg(long, value_name = "YEAR")]
    year: Option<i16>,
    #[command(flatten)]
    place: Place,
    #[command(flatten)]
    output: Output,
}

const COLUMNS: &[Column] = &[
    column("region", "统筹区", "region"),
    column("account", "科目", "account"),
    column("name", "名称", "name"),
    column("party", "对方", "party"),
    column("debit", "借方", "debit"),
    column("credit", "贷方", "credit"),
    column("net", "余额（借正贷负）", "balance (debit positive)"),
];

impl Args {
    /// Lists the balances; debits and credits of all accounts are equal.
    pub fn run(self, session: &Session) -> anyhow::Result<Verdict> {
        self.output.check(&[])?;
        let mut store = self.place.existing(&self.place.url()?)?;
        let mut rows = Vec::new();
        let mut net = 0;
        for region in self.place.regions_of(session, store.as_mut())? {
            for balance in store.balances(&region, self.year).map_err(|error| stopped(error.into()))? {
                net += balance.debit - balance.credit;
                rows.push(row(&region, &balance, session.lang));
            }
        }
        let foot = match session.lang {
            Lang::Zh => format!("借贷相抵 {}", domain::Fen(net)),
            Lang::En => format!("debits less credits {}", domain::Fen(net)),
        };
        let title = session.lang.of("科目余额", "Balances").to_owned();
        Listing { title, columns: COLUMNS, rows, foot }.write(&self.output, session.lang)?;
        Ok(if net == 0 { Verdict::Good } else { Verdict::Findings })
    }
}

fn row(region: &str, balance: &Balance, lang: Lang) -> Vec<Value> {
    let Balance { account, party, debit, credit } = balance;
    let name = account_named(account).map(|account| lang.of(account.zh, account.en));
    let yuan = |fen: i64| json!(domain::Fen(fen).to_string());
    vec![json!(region), json!(account), json!(name), json!(party), yuan(*debit), yuan(*credit), yuan(debit - credit)]
}
