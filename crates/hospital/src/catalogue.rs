//! What a hospital fetches before its day begins: the lists (1301–1320) as files, price limits and shares (1318, 1319), code
//! tables (1901); and its own items matched to the lists (1317, 3301).
//!
//! What it charges is taken from what came and was matched. What came later, a split line or a settlement, is held against it.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use wire::amount;
use wire::dictionary::{columns, rows};
use wire::moment;

use crate::Trouble;
use crate::check::Found;
use crate::files;
use crate::items::{Item, Items, PRICE};
use crate::seat::{No, Seat, text};

/// The lists of items: transaction, `list_type`, and the columns that may hold the name, the best first.
const LISTS: [(&str, &str, &[&str]); 6] = [
    ("1301", "101", &["注册名称", "药品通用名", "药品商品名"]),
    ("1302", "102", &["单味药名称", "标准名称"]),
    ("1303", "103", &["注册名称", "药品商品名"]),
    ("1305", "201", &["医疗服务项目名称"]),
    ("1306", "301", &["耗材名称", "医保通用名"]),
    ("1320", "105", &["注册名称"]),
];

/// The lists of terms that a hospital writes with, by the columns of code and name.
const TERMS: [(&str, &str, &str); 3] = [
    ("1307", "诊断代码", "诊断名称"),
    ("1309", "门慢门特病种目录代码", "门慢门特病种名称"),
    ("1311", "日间手术病种目录代码", "日间手术病种名称"),
];

/// The code tables whose codes stand in what comes back.
const TABLES: [&str; 5] = ["insutype", "med_type", "clr_type", "fund_pay_type", "chrgitm_lv"];

/// How many items the hospital stocks at most.
const STOCK: usize = 300;
/// How many rows are asked for at once.
const PAGE: usize = 500;
/// How many items are matched in a message.
const MATCHED: usize = 50;
/// Whose file a list is, to 9102.
const PUBLIC: &str = "plc";

/// A disease of a list.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Term {
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
}

/// What the platform told before the day began.
#[derive(Clone, Debug, Default)]
pub struct Catalogue {
    /// What may be charged.
    pub items: Items,
    /// Diagnoses.
    pub diagnoses: Vec<Term>,
    /// Chronic and special diseases.
    pub chronic: Vec<Term>,
    /// Operations of a day.
    pub day_surgery: Vec<Term>,
    /// Price limits in fen and first self-pay shares, by national code.
    terms: BTreeMap<String, Terms>,
    /// Codes by table; a table that the platform does not have is not there.
    tables: BTreeMap<&'static str, BTreeSet<String>>,
}

/// How an item is paid, as far as it was told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Terms {
    limit: Option<i64>,
    share: Option<String>,
}

impl Catalogue {
    /// Fetches what the day needs; with items of the hospital's own, only what describes visits.
    pub async fn fetch(seat: &mut Seat) -> Result<Catalogue, Trouble> {
        let mut catalogue = Catalogue::default();
        // What the platform does not offer is counted as refused; the day goes on with what there is.
        _ = catalogue.terms(seat).await;
        if !seat.day.plan.habits.bare {
            catalogue.diseases(seat).await;
            catalogue.tables(seat).await;
            if catalogue.diagnoses.is_empty() {
                let message = "平台没有下发疾病诊断目录 (1307 brought no diagnoses)";
                return Err(Trouble::new(message, "由经办机构装入术语（tongchou term load）"));
            }
        }
        let stocked = match seat.day.plan.items.clone() {
            Some(items) => items,
            None => catalogue.stocked(seat).await?,
        };
        matched(seat, &stocked).await;
        catalogue.items = if seat.day.plan.institution.is_pharmacy() { stocked.sold() } else { stocked };
        Ok(catalogue)
    }

    /// Some items of every list, with the price limit as price.
    async fn stocked(&self, seat: &mut Seat) -> Result<Items, Trouble> {
        let mut items = Vec::new();
        for (infno, list, names) in LISTS {
            for row in downloaded(seat, infno).await.unwrap_or_default() {
                let Some(code) = row.get("医疗目录编码").filter(|code| !code.is_empty()) else { continue };
                let name = names.iter().find_map(|name| row.get(*name).filter(|name| !name.is_empty()));
                let limit = self.terms.get(code).and_then(|terms| terms.limit).filter(|limit| *limit > 0);
                let name = name.cloned().unwrap_or_default();
                items.push(Item::new(code.clone(), name, list.to_owned(), limit.unwrap_or(PRICE)));
            }
        }
        fastrand::Rng::with_seed(seat.day.plan.seed).shuffle(&mut items);
        items.truncate(STOCK);
        Items::of(items).map_err(|_| {
            let message = "平台没有下发目录 (1301–1320 brought no items)";
            Trouble::new(message, "由经办机构装入目录（tongchou catalogue load），或用 --items 写自己的目录")
        })
    }

    async fn diseases(&mut self, seat: &mut Seat) {
        for (infno, code, name) in TERMS {
            let rows = downloaded(seat, infno).await.unwrap_or_default();
            let of = |row: &BTreeMap<&str, String>, name: &str| row.get(name).cloned().unwrap_or_default();
            let terms = rows.iter().map(|row| Term { code: of(row, code), name: of(row, name) });
            let terms = terms.filter(|term| !term.code.is_empty()).collect();
            match infno {
                "1307" => self.diagnoses = terms,
                "1309" => self.chronic = terms,
                _ => self.day_surgery = terms,
            }
        }
    }

    async fn tables(&mut self, seat: &mut Seat) {
        let today = seat.day.stamps.local().date().to_string();
        for name in TABLES {
            let input = json!({ "data": { "type": name, "date": today, "valiFlag": "1" } });
            let Ok((_, output)) = seat.ask("1901", input).await else { continue };
            self.tables.insert(name, rows(&output, "list").into_iter().map(|row| text(row, "value")).collect());
        }
    }

    async fn terms(&mut self, seat: &mut Seat) -> Result<(), No> {
        for row in pages(seat, "1318", "hilist_code").await? {
            let terms = self.terms.entry(text(&row, "hilist_code")).or_default();
            terms.limit = amount::field(&row, "hilist_pric_uplmt_amt");
        }
        for row in pages(seat, "1319", "hilist_code").await? {
            self.terms.entry(text(&row, "hilist_code")).or_default().share = share(&row["hilist_selfpay_prop"]);
        }
        Ok(())
    }

    /// Whether split lines keep to the price limits and shares of the lists.
    pub fn holds_lines(&self, sent: &[Value], came: &[Value]) -> Vec<Found> {
        let line = |(sent, came): (&Value, &Value)| {
            let code = text(sent, "med_list_codg");
            let terms = self.terms.get(&code)?;
            let limit = amount::field(came, "pric_uplmt_amt").filter(|limit| *limit > 0);
            let of = |share: &Option<String>| share.clone().unwrap_or_default();
            let told = share(&came["selfpay_prop"]);
            // What is paid by the person alone, by the hospital's approval or for want of it, has no share of the list.
            let own = amount::field(came, "fulamt_ownpay_amt") == amount::field(came, "det_item_fee_sumamt");
            (limit != terms.limit || (told != terms.share && !own)).then(|| {
                let limits = [terms.limit, limit].map(|limit| limit.map(amount::text).unwrap_or_default());
                let (listed, told) = (of(&terms.share), of(&told));
                let what = format!(
                    "{code}: 目录 {} / {listed}, 明细 {} / {told} (limit and share of list and line)",
                    limits[0], limits[1]
                );
                ("listed", what)
            })
        };
        sent.iter().zip(came).filter_map(line).collect()
    }

    /// Whether codes of a row stand in the tables that came; a region may lengthen a code.
    pub fn holds_codes(&self, row: &Value) -> Vec<Found> {
        let unknown = |(table, codes): (&&'static str, &BTreeSet<String>)| {
            let code = text(row, table);
            let known = code.is_empty() || codes.iter().any(|known| code.starts_with(known.as_str()));
            (!known).then(|| ("code", format!("{table}: {code} 不在平台下发的字典里 (not in the platform's table)")))
        };
        self.tables.iter().filter_map(unknown).collect()
    }
}

/// A ratio without zeros at its end, as text: systems write 0.1 and 0.1000.
fn share(value: &Value) -> Option<String> {
    let text = match value {
        Value::Number(number) => number.to_string(),
        Value::String(text) => text.clone(),
        _ => return None,
    };
    let short = if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text };
    Some(short).filter(|text| !text.is_empty())
}

/// The valid rows of a list, by column; the file is held against what was said of it.
async fn downloaded(seat: &mut Seat, infno: &'static str) -> Result<Vec<BTreeMap<&'static str, String>>, No> {
    let (msgid, output) = seat.ask(infno, json!({ "data": { "ver": "0" } })).await?;
    let told = &output["data"];
    let file = files::fetch(seat, told, PUBLIC).await?;
    let columns = columns(infno);
    let lines: Vec<Vec<&str>> = file.lines().map(|line| line.split('\t').collect()).collect();
    let mut found = Vec::new();
    if text(told, "data_cnt") != lines.len().to_string() {
        let what = format!("data_cnt {}, 文件 {} 行 (rows told and sent)", told["data_cnt"], lines.len());
        found.push(("file", what));
    }
    if let Some(odd) = lines.iter().find(|line| line.len() != columns.len()) {
        found.push(("file", format!("{infno}: 一行有 {} 列，应为 {} (columns)", odd.len(), columns.len())));
    }
    seat.held(infno, &msgid, found);
    let lines = lines.into_iter().filter(|line| line.len() == columns.len());
    let named = lines.map(|line| columns.iter().copied().zip(line.into_iter().map(str::to_owned)).collect());
    Ok(named.filter(|row: &BTreeMap<_, String>| row.get("有效标志").is_none_or(|flag| flag != "0")).collect())
}

/// Recorded since then: all.
const EVER: &str = "1990-01-01 00:00:00";

/// All rows of a list that comes page by page. A page that brings nothing new ends it.
async fn pages(seat: &mut Seat, infno: &'static str, key: &str) -> Result<Vec<Value>, No> {
    let today = moment::spoken(seat.day.stamps.local());
    let (mut all, mut seen) = (Vec::new(), BTreeSet::new());
    for page in 1.. {
        let asked = json!({ "data": {
            "updt_time": EVER, "query_date": today.get(..10), "page_num": page, "page_size": PAGE,
        } });
        let (_, output) = seat.ask(infno, asked).await?;
        let came = rows(&output, "data");
        let fresh: Vec<Value> =
            came.iter().filter(|row| seen.insert(text(row, key))).map(|row| (*row).clone()).collect();
        let last = came.len() < PAGE || fresh.is_empty();
        all.extend(fresh);
        if last {
            break;
        }
    }
    Ok(all)
}

/// Matches the hospital's own items to the lists (3301), as far as they are not (1317), and looks whether they then are.
async fn matched(seat: &mut Seat, items: &Items) {
    let Ok(missing) = unmatched(seat, items).await else { return };
    let today = seat.day.stamps.local().date().to_string();
    for some in missing.chunks(MATCHED) {
        let rows = some.iter().map(|item| {
            json!({
                "fixmedins_hilist_id": item.own, "fixmedins_hilist_name": item.name, "list_type": item.list,
                "med_list_codg": item.code, "begndate": today,
            })
        });
        if seat.ask("3301", json!({ "data": rows.collect::<Vec<_>>() })).await.is_err() {
            return;
        }
    }
    if missing.is_empty() {
        return;
    }
    let Ok(still) = unmatched(seat, items).await else { return };
    let found = still.first().map(|item| ("matching", format!("{} 对照后查不到 ({} missing)", item.own, still.len())));
    seat.held("1317", "", found.into_iter().collect());
}

/// The items that the platform does not know as matched to their code.
async fn unmatched(seat: &mut Seat, items: &Items) -> Result<Vec<Item>, No> {
    let known = pages(seat, "1317", "medins_list_codg").await?;
    let known: BTreeMap<String, String> =
        known.iter().map(|row| (text(row, "medins_list_codg"), text(row, "med_list_codg"))).collect();
    Ok(items.all().iter().filter(|item| known.get(&item.own) != Some(&item.code)).cloned().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_codes_are_held_against_what_was_fetched() {
        let terms = Terms { limit: Some(1_000), share: Some("0.1".to_owned()) };
        let catalogue = Catalogue {
            terms: [("X1".to_owned(), terms)].into(),
            tables: [("med_type", ["11".to_owned()].into())].into(),
            ..Catalogue::default()
        };
        let sent = [json!({ "med_list_codg": "X1" })];
        let line = |limit: &str, share: &str| {
            [
                json!({ "pric_uplmt_amt": limit, "selfpay_prop": share, "det_item_fee_sumamt": 5, "fulamt_ownpay_amt": 0 }),
            ]
        };
        assert!(catalogue.holds_lines(&sent, &line("10.00", "0.1000")).is_empty());
        assert_eq!(catalogue.holds_lines(&sent, &line("10.01", "0.1"))[0].0, "listed");
        assert_eq!(catalogue.holds_lines(&sent, &line("10.00", "0.2"))[0].0, "listed");
        let [mut own] = line("10.00", "1");
        own["fulamt_ownpay_amt"] = json!("5.00");
        assert!(catalogue.holds_lines(&sent, &[own]).is_empty());
        assert!(catalogue.holds_codes(&json!({ "med_type": "1101", "insutype": "390" })).is_empty());
        assert_eq!(catalogue.holds_codes(&json!({ "med_type": "21" }))[0].0, "code");
    }

    #[test]
    fn a_share_is_the_same_however_long_it_is_written() {
        for (value, short) in [(json!(0.1), "0.1"), (json!("0.1000"), "0.1"), (json!("1.0000"), "1"), (json!(10), "10")]
        {
            assert_eq!(share(&value).as_deref(), Some(short));
        }
        assert_eq!(share(&Value::Null), None);
    }
}
