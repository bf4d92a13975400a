//! What sponsors owe for the persons whose contribution they pay, by payer and county, and what of it has arrived.

use std::collections::BTreeMap;

use domain::{Date, Fen};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::sheet::{Dues, county};
use crate::answer::{Answer, Refusal, Stop};
use crate::codec::Yuan;
use crate::command;
use crate::command::UseCase;
use crate::desk::Desk;
use crate::fold::{Fold, Stamp};
use crate::money::{Line, moved};
use crate::question::{Column, Question, Table, col};
use crate::sheets::{Books, Key};

/// Money of a sponsor that arrived.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Arrival {
    /// Number of the document.
    pub document: String,
    /// How much.
    pub amount: Yuan,
    /// The day.
    pub on: Date,
}

/// What can be recorded of a sponsor's year.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "kebab-case")]
pub enum SponsorEntry {
    /// Money arrives.
    Arrived {
        /// Who pays, by the word used in notice files.
        payer: String,
        /// For which county.
        area: String,
        /// The money.
        arrival: Arrival,
    },
}

/// A sponsor's year in a county.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SponsorBook {
    /// What arrived.
    pub arrivals: Vec<Arrival>,
}

impl SponsorBook {
    /// What arrived in all.
    pub fn arrived(&self) -> Fen {
        self.arrivals.iter().map(|arrival| arrival.amount.0).sum()
    }
}

impl Fold for SponsorBook {
    type Entry = SponsorEntry;
    const KIND: &'static str = "sponsor";

    fn apply(&mut self, _stamp: &Stamp<'_>, entry: &SponsorEntry) {
        let SponsorEntry::Arrived { arrival, .. } = entry;
        self.arrivals.push(arrival.clone());
    }

    fn lines(entry: &SponsorEntry) -> Vec<Line> {
        let SponsorEntry::Arrived { payer, area, arrival } = entry;
        moved(("bank/treasury", payer), ("receivable/sponsor", &format!("{payer}/{area}")), arrival.amount.0)
    }
}

/// The stream of a sponsor's year in a county.
fn key(payer: &str, area: &str, year: i16) -> Key {
    Key::in_year(format!("sponsor/{payer}/{area}"), year)
}

/// What is claimed from a sponsor for a county.
#[derive(Clone, Copy, Debug, Default)]
struct Claimed {
    persons: i64,
    amount: Fen,
    /// Persons for whom the amount is not known.
    unknown: i64,
}

/// What is claimed for a year, by payer and county.
fn claimed(books: &mut Books<'_>, year: i16) -> Result<BTreeMap<(String, String), Claimed>, Stop> {
    let mut claims: BTreeMap<(String, String), Claimed> = BTreeMap::new();
    books.each::<Dues>(Some(year), |_, dues| {
        if let Some(billing) = dues.standing() {
            for share in &billing.bill.sponsored {
                let at = (share.payer.clone(), county(&billing.bill.area).to_owned());
                let claim = claims.entry(at).or_default();
                claim.persons += 1;
                match share.amount {
                    Some(amount) => claim.amount += amount.0,
                    None => claim.unknown += 1,
                }
            }
        }
        Ok(())
    })?;
    Ok(claims)
}

command! {
    /// Record money of a sponsor that arrived for a year and county
    Arrive = "dues sponsor-arrive", "登记资助资金到账" {
        /// Who pays, by the word of the notices, as `finance` or `assistance`
        payer: String = "资助方，如 finance、assistance",
        /// Code of the county
        area: String = "县区代码",
        /// Insured year
        year: i16 = "参保年度",
        /// How much
        amount: Yuan = "金额",
        /// Number of the transfer's document
        document: String = "拨款凭证号",
        /// Day of arrival; today, if left out
        on: Option<Date> = "到账日，不写为今天",
    }
}

impl UseCase for Arrive {
    fn decide(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Answer, Stop> {
        if self.amount.0 <= Fen::ZERO {
            return Err(Refusal::new("bad-amount", format!("金额 {} 不是正数", self.amount), "照凭证填写").into());
        }
        let on = self.on.unwrap_or(desk.today());
        if on > desk.today() {
            return Err(Refusal::new("future-day", format!("到账日 {on} 在今天之后"), "照凭证填写").into());
        }
        let area = county(&self.area);
        let claims = claimed(books, self.year)?;
        let claim = claims.get(&(self.payer.clone(), area.to_owned())).copied().ok_or_else(|| {
            let payer = enrolment::due::payer_name(&self.payer);
            let message = format!("{} 年度没有向{payer}（{area}）申请的资助", self.year);
            Refusal::new("no-claim", message, "用 sponsor list 查看各方应付；核对资助方、县区和年度")
        })?;
        let key = key(&self.payer, area, self.year);
        let book = books.find::<SponsorBook>(&key)?.cloned().unwrap_or_default();
        let arrival = Arrival { document: self.document.trim().to_owned(), amount: self.amount, on };
        let before = book.arrivals.iter().find(|known| known.document == arrival.document);
        let already = match before {
            Some(known) if known.amount == arrival.amount => true,
            Some(known) => {
                let message = format!("凭证 {} 已登记为 {} 元", known.document, known.amount);
                return Err(Refusal::new("document-used", message, "核对凭证号和金额").into());
            }
            None => false,
        };
        let mut arrived = book.arrived();
        if !already {
            arrived += arrival.amount.0;
            let entry = SponsorEntry::Arrived { payer: self.payer.clone(), area: area.to_owned(), arrival };
            books.post::<SponsorBook>(&key, &entry)?;
        }
        let rest = claim.amount - arrived;
        let says = if already { "已经登记，不重复入账" } else { "已登记到账" };
        Ok(Answer::new(format!("{says}；应付 {} 元，累计到账 {arrived} 元，尚欠 {rest} 元", claim.amount), "arrived")
            .with("claimed", claim.amount.to_string())
            .with("arrived", arrived.to_string())
            .with("outstanding", rest.to_string())
            .with("state", if already { "already" } else { "booked" }))
    }
}

command! {
    /// List what sponsors owe for a year, what arrived, and what is outstanding
    ListSponsors = "sponsor list", "列出资助参保应付和到账" {
        /// Insured year
        year: i16 = "参保年度",
    }
}

const COLUMNS: &[Column] = &[
    col("payer", "资助方", "payer"),
    col("area", "县区", "county"),
    col("persons", "人数", "persons"),
    col("claimed", "应付", "claimed"),
    col("arrived", "到账", "arrived"),
    col("outstanding", "尚欠", "outstanding"),
    col("unknown", "金额未定人数", "persons without an amount"),
];

impl Question for ListSponsors {
    fn ask(&self, _desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Table, Stop> {
        let mut claims = claimed(books, self.year)?;
        let mut arrived: BTreeMap<(String, String), Fen> = BTreeMap::new();
        books.each::<SponsorBook>(Some(self.year), |key, book| {
            let mut parts = key.subject.splitn(3, '/').skip(1).map(str::to_owned);
            if let (Some(payer), Some(area)) = (parts.next(), parts.next()) {
                claims.entry((payer.clone(), area.clone())).or_default();
                arrived.insert((payer, area), book.arrived());
            }
            Ok(())
        })?;
        let mut outstanding = Fen::ZERO;
        let rows = claims.into_iter().map(|(at, claim)| {
            let came = arrived.get(&at).copied().unwrap_or_default();
            outstanding += claim.amount - came;
            let (payer, area) = at;
            let rest = (claim.amount - came).to_string();
            let (amount, came) = (claim.amount.to_string(), came.to_string());
            vec![
                json!(payer),
                json!(area),
                json!(claim.persons),
                json!(amount),
                json!(came),
                json!(rest),
                json!(claim.unknown),
            ]
        });
        let rows = rows.collect();
        Ok(Table {
            title: format!("{} 年度资助参保", self.year),
            columns: COLUMNS,
            rows,
            foot: format!("尚欠 {outstanding} 元"),
        })
    }
}
