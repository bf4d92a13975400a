//! The region's own sheet: how its books were opened, which drafts were adopted, which areas it has and into which fiscal
//! account (财政专户) of each the subsidy is paid.

use std::collections::BTreeMap;

use domain::Date;
use serde::{Deserialize, Serialize};

use crate::answer::{Refusal, Stop};
use crate::fold::{Fold, Stamp};
use crate::sheets::{Books, Key};

/// How the books were opened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opening {
    /// Slug of the region.
    pub region: String,
    /// Its name.
    pub name: String,
    /// Whether what rests on less than a stated rule or a published statistic is refused.
    pub strict: bool,
    /// Hash of the policy files of that day.
    pub edition: String,
    /// The day.
    pub on: Date,
}

/// The adoption of a draft, as an operator recorded it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Adopted {
    /// Id of the draft.
    pub draft: String,
    /// The day it was adopted.
    pub on: Date,
    /// Number of the document that issued it.
    pub document: String,
    /// Why it is held that the issued text is that of the draft.
    pub reason: String,
}

/// A fiscal account, from the day subsidies go into it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FiscalAccount {
    /// Its number.
    pub account: String,
    /// The bank.
    pub bank: String,
    /// First day.
    pub from: Date,
}

/// An area of the region that subsidies are claimed for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Area {
    /// Its name.
    pub name: String,
    /// Its fiscal accounts, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub accounts: Vec<FiscalAccount>,
}

impl Area {
    /// The fiscal account of a day.
    pub fn account_on(&self, day: Date) -> Option<&FiscalAccount> {
        self.accounts.iter().rev().find(|account| account.from <= day)
    }
}

/// What can be recorded of the region.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "kebab-case")]
pub enum RegionEntry {
    /// The books are opened.
    Opened(Opening),
    /// A draft is recorded as adopted.
    DraftAdopted(Adopted),
    /// The record of an adoption was wrong.
    AdoptionWithdrawn {
        /// Id of the draft.
        draft: String,
        /// Why.
        reason: String,
    },
    /// An area is put on the list.
    AreaListed {
        /// Its code.
        area: String,
        /// Its name.
        name: String,
    },
    /// An area has this fiscal account from a day on.
    AccountNamed {
        /// Code of the area.
        area: String,
        /// The account.
        account: FiscalAccount,
    },
    /// The day by which areas report the arrival of a year's subsidy.
    ReportDay {
        /// The year.
        year: i16,
        /// Last day.
        by: Date,
        /// The document that names it.
        document: String,
    },
}

/// What is known of the region.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegionBook {
    /// How the books were opened.
    pub opening: Option<Opening>,
    /// Adopted drafts, by id.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub adopted: BTreeMap<String, Adopted>,
    /// Areas, by code.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub areas: BTreeMap<String, Area>,
    /// Last day of the report on a year's subsidy, by year.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub report_days: BTreeMap<i16, Date>,
}

impl Fold for RegionBook {
    type Entry = RegionEntry;
    const KIND: &'static str = "region";

    fn apply(&mut self, _stamp: &Stamp<'_>, entry: &RegionEntry) {
        match entry {
            RegionEntry::Opened(opening) => self.opening = Some(opening.clone()),
            RegionEntry::DraftAdopted(adopted) => {
                self.adopted.insert(adopted.draft.clone(), adopted.clone());
            }
            RegionEntry::AdoptionWithdrawn { draft, .. } => {
                self.adopted.remove(draft);
            }
            RegionEntry::AreaListed { area, name } => self.areas.entry(area.clone()).or_default().name.clone_from(name),
            RegionEntry::AccountNamed { area, account } => {
                let accounts = &mut self.areas.entry(area.clone()).or_default().accounts;
                accounts.retain(|known| known.from != account.from);
                accounts.push(account.clone());
                accounts.sort_by_key(|known| known.from);
            }
            RegionEntry::ReportDay { year, by, .. } => {
                self.report_days.insert(*year, *by);
            }
        }
    }
}

/// The stream of the region.
pub fn key() -> Key {
    Key::of("region")
}

/// The region's sheet; empty where nothing was recorded yet.
///
/// # Errors
/// When the source fails.
pub fn book(books: &mut Books<'_>) -> Result<RegionBook, Stop> {
    Ok(books.find::<RegionBook>(&key())?.cloned().unwrap_or_default())
}

/// A listed area.
///
/// # Errors
/// When it is not on the list, or the source fails.
pub fn listed(books: &mut Books<'_>, code: &str) -> Result<Area, Stop> {
    let book = book(books)?;
    let known = || book.areas.keys().map(String::as_str).collect::<Vec<_>>().join("、");
    book.areas.get(code).cloned().ok_or_else(|| {
        let message = format!("地区 {code} 不在名单上");
        Refusal::new("unknown-area", message, format!("先用 area open 登记；已登记：{}", known())).into()
    })
}
