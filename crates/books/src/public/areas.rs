//! The list of areas, and the fiscal account of each.

use domain::Date;
use serde_json::json;

use super::region::{FiscalAccount, RegionBook, RegionEntry, book, key, listed};
use crate::answer::{Answer, Refusal, Stop};
use crate::command;
use crate::command::UseCase;
use crate::desk::Desk;
use crate::question::{Column, Question, Table, col};
use crate::sheets::Books;

command! {
    /// Put an area on the list of those that subsidies are claimed for
    OpenArea = "area open", "登记申报补助的地区（统筹地区、区县）" {
        /// Code of the area
        area: String = "区划代码",
        /// Name of the area
        name: String = "名称",
    }
}

command! {
    /// Name the fiscal account that an area's subsidy is paid into
    NameAccount = "area account", "登记地区的社会保险基金财政专户" {
        /// Code of the area
        area: String = "区划代码",
        /// Number of the account
        account: String = "账号",
        /// The bank
        bank: String = "开户银行",
        /// First day on which subsidies go there
        from: Date = "启用之日",
    }
}

impl UseCase for OpenArea {
    fn decide(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Answer, Stop> {
        let region = desk.rules.region()?;
        let prefix = region.code.as_str();
        let prefix = prefix.strip_suffix("0000").or(prefix.strip_suffix("00")).unwrap_or(prefix);
        let digits = self.area.bytes().all(|byte| byte.is_ascii_digit());
        if !digits || self.area.len() < 6 || !self.area.starts_with(prefix.trim_end_matches("0000")) {
            let message = format!("“{}” 不是{}内的区划代码", self.area, region.name);
            return Err(Refusal::new("bad-area", message, format!("写 {prefix} 开头的六位以上代码")).into());
        }
        let answer = Answer::new(format!("{}（{}）在名单上", self.name, self.area), format!("{} is listed", self.area));
        let answer = answer.with("area", self.area.clone());
        if book(books)?.areas.get(&self.area).is_some_and(|known| known.name == self.name) {
            return Ok(answer.with("already", true));
        }
        let entry = RegionEntry::AreaListed { area: self.area.clone(), name: self.name.clone() };
        books.post::<RegionBook>(&key(), &entry)?;
        Ok(answer)
    }
}

impl UseCase for NameAccount {
    fn decide(&self, _desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Answer, Stop> {
        let area = listed(books, &self.area)?;
        let account = FiscalAccount {
            account: self.account.chars().filter(|c| !c.is_whitespace()).collect(),
            bank: self.bank.clone(),
            from: self.from,
        };
        let says = format!("{} 自 {} 起的财政专户为 {}", area.name, self.from, account.account);
        let answer = Answer::new(says, format!("the fiscal account of {} is recorded", self.area))
            .with("area", self.area.clone())
            .with("account", account.account.clone());
        if area.accounts.contains(&account) {
            return Ok(answer.with("already", true));
        }
        let other = book(books)?
            .areas
            .into_iter()
            .find(|(code, of)| *code != self.area && of.accounts.iter().any(|known| known.account == account.account));
        if let Some((code, of)) = other {
            let message = format!("账号 {} 已是{}（{code}）的财政专户", account.account, of.name);
            return Err(Refusal::new("account-taken", message, "核对账号").into());
        }
        let entry = RegionEntry::AccountNamed { area: self.area.clone(), account };
        books.post::<RegionBook>(&key(), &entry)?;
        Ok(answer)
    }
}

command! {
    /// List the areas and their fiscal accounts
    ListAreas = "area list", "列出地区及其财政专户" {
    }
}

const COLUMNS: &[Column] = &[
    col("area", "区划", "area"),
    col("name", "名称", "name"),
    col("account", "财政专户", "fiscal account"),
    col("bank", "开户银行", "bank"),
    col("from", "启用", "from"),
];

impl Question for ListAreas {
    fn ask(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Table, Stop> {
        let areas = book(books)?.areas;
        let rows = areas.iter().map(|(code, area)| {
            let account = area.account_on(desk.today());
            vec![
                json!(code),
                json!(area.name),
                json!(account.map(|account| &account.account)),
                json!(account.map(|account| &account.bank)),
                json!(account.map(|account| account.from.to_string())),
            ]
        });
        let rows: Vec<_> = rows.collect();
        let foot = format!("{} 个地区", rows.len());
        Ok(Table { title: "地区与财政专户".to_owned(), columns: COLUMNS, rows, foot })
    }
}
