//! What may be charged: codes of the three lists with a price that the hospital takes.

use serde::Deserialize;

use crate::Trouble;

/// One item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// National code.
    pub code: String,
    /// The hospital's own code.
    pub own: String,
    /// Name.
    pub name: String,
    /// List: 101 to 105 medicines, 201 services, 301 materials.
    pub list: String,
    /// The hospital's price in fen.
    pub price: i64,
}

impl Item {
    /// An item; the hospital's own code is made from the national one.
    #[must_use]
    pub fn new(code: String, name: String, list: String, price: i64) -> Item {
        Item { own: format!("Y{code}"), code, name, list, price }
    }
}

/// All items.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Items(Vec<Item>);

#[derive(Deserialize)]
struct Row {
    code: String,
    name: String,
    list: String,
    #[serde(default)]
    limit: String,
}

/// The price in fen of what has no limit.
pub(crate) const PRICE: i64 = 3_600;

impl Items {
    /// Reads a list: CSV with the columns `code`, `name`, `list` and, if it likes, `limit`, the price; lines that begin
    /// with `#` are passed over.
    ///
    /// # Errors
    /// When it cannot be read or holds no item.
    pub fn read(text: &str) -> Result<Items, Trouble> {
        let mut reader = csv::ReaderBuilder::new();
        let reader = reader.comment(Some(b'#')).from_reader(text.trim_start_matches('\u{feff}').as_bytes());
        let rows = reader.into_deserialize().collect::<Result<Vec<Row>, csv::Error>>();
        let rows = rows.map_err(|error| Trouble::new(format!("读不懂目录 (list of items): {error}"), CURE))?;
        let items = rows.into_iter().map(|row| {
            let price = wire::amount::fen(&row.limit.into()).filter(|price| *price > 0).unwrap_or(PRICE);
            Item::new(row.code, row.name, row.list, price)
        });
        Items::of(items.collect())
    }

    /// These items.
    ///
    /// # Errors
    /// When there is none.
    pub fn of(items: Vec<Item>) -> Result<Items, Trouble> {
        if items.is_empty() {
            return Err(Trouble::new("目录里没有项目 (no items)", CURE));
        }
        Ok(Items(items))
    }

    /// The items that a pharmacy sells, where there are any: medicines.
    #[must_use]
    pub fn sold(&self) -> Items {
        let medicines: Vec<Item> = self.0.iter().filter(|item| item.list.starts_with('1')).cloned().collect();
        if medicines.is_empty() { self.clone() } else { Items(medicines) }
    }

    /// All of them, at least one.
    pub fn all(&self) -> &[Item] {
        &self.0
    }
}

const CURE: &str = "写 CSV：第一行 code,name,list,limit，以下每项一行（limit 为单价，元）";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_are_read_with_their_price() {
        let items = Items::read("# 自编\ncode,name,list,share,limit\nX1,某药,101,10%,18.5\nS1,某项,201,,\n").unwrap();
        let prices: Vec<i64> = items.all().iter().map(|item| item.price).collect();
        assert_eq!(prices, [1_850, PRICE]);
        assert_eq!(items.sold().all().len(), 1);
        assert!(Items::read("code,name,list\n").is_err() && Items::read("x\n1\n").is_err());
    }
}
