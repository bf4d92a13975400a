//! An item of the drug, service or consumable lists: what is told of it, from which day.

use std::collections::BTreeMap;

use domain::{Basis, Date, Fen, Level, Rate};
use serde::{Deserialize, Serialize};

use super::dated::{Dated, Recorded, as_kept, on, put};
use super::file::{Cells, ColumnName, Source};
use super::load::{Loaded, days, version};
use super::words::{ChargeType, Class, ItemFlag, ListType};
use super::{Judged, key};
use crate::answer::Refusal;
use crate::codec::{Percent, Word, Yuan};
use crate::fold::{Fold, Stamp};
use crate::sheets::Key;

/// What is told of an item from a day on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listing {
    /// Name.
    pub name: String,
    /// The list it stands on.
    pub list: Word<ListType>,
    /// The class it is charged under.
    pub charge: Word<ChargeType>,
    /// How it is paid.
    pub class: Word<Class>,
    /// What the person pays of it first: nothing of class A, all of class C.
    pub share: Percent,
    /// Highest price paid for a unit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<Yuan>,
    /// The same, where it differs by the level of the provider.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub limits: BTreeMap<Word<Level>, Yuan>,
    /// What else is marked on it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub flags: Vec<Word<ItemFlag>>,
    /// Under which conditions a limited item is paid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub condition: Option<String>,
    /// What else the list tells.
    #[serde(default, skip_serializing_if = "Make::is_empty")]
    pub make: Make,
    /// First day.
    pub from: Date,
    /// First day on which it no longer holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end: Option<Date>,
    /// Version of the list that told it.
    pub version: String,
    /// The publisher's number of the record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record: Option<String>,
    /// On what it rests.
    pub basis: String,
    /// When it was recorded, microseconds since 1970: the sheet has it of its entry.
    #[serde(default, skip_serializing_if = "is_nothing")]
    pub told: i64,
}

pub(crate) fn is_nothing(number: &i64) -> bool {
    *number == 0
}

/// How an item is made and sold.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Make {
    /// Specification.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spec: Option<String>,
    /// Dosage form.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub form: Option<String>,
    /// Unit of the price.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// Manufacturer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub maker: Option<String>,
    /// Number of the approval.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approval: Option<String>,
}

impl Make {
    fn is_empty(&self) -> bool {
        *self == Make::default()
    }
}

/// What can be recorded of an item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "kebab-case")]
pub enum ItemEntry {
    /// A list tells this of it; what was told from the same day is corrected.
    Listed(Listing),
}

/// An item: what was told of it, by first day.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// Oldest first.
    pub listings: Vec<Listing>,
}

impl Dated for Listing {
    fn from(&self) -> Date {
        self.from
    }
    fn end(&self) -> Option<Date> {
        self.end
    }
}

impl Recorded for Listing {
    fn told(&self) -> i64 {
        self.told
    }
    fn untold(&mut self) {
        self.told = 0;
    }
}

impl Fold for Item {
    type Entry = ItemEntry;
    const KIND: &'static str = "item";

    fn as_kept(&mut self, kept: &Item) {
        as_kept(&mut self.listings, &kept.listings);
    }

    fn apply(&mut self, stamp: &Stamp<'_>, entry: &ItemEntry) {
        let ItemEntry::Listed(listing) = entry;
        put(&mut self.listings, Listing { told: stamp.at, ..listing.clone() });
    }
}

impl Item {
    /// What holds on a day.
    pub fn on(&self, day: Date) -> Option<&Listing> {
        on(&self.listings, day)
    }
}

impl Listing {
    /// Whether something is marked on it.
    pub fn has(&self, flag: ItemFlag) -> bool {
        self.flags.contains(&Word(flag))
    }

    /// The highest price paid for a unit at a provider of a level: of the level itself, of level 3 for a provincial hospital,
    /// else of all.
    pub fn limit_at(&self, level: Level) -> Option<Fen> {
        let at = |level| self.limits.get(&Word(level));
        let level_three = || (level == Level::Provincial).then(|| at(Level::Three)).flatten();
        at(level).or_else(level_three).or(self.limit.as_ref()).map(|yuan| yuan.0)
    }

    /// As it counts for a line at a provider of a level.
    pub fn judged(&self, level: Level) -> Judged {
        Judged {
            name: self.name.clone(),
            list: self.list.0,
            charge: self.charge.0,
            class: self.class.0,
            share: self.share.0,
            limit: self.limit_at(level),
            limited_use: self.has(ItemFlag::Limited),
            condition: self.condition.clone(),
            flags: self.flags.iter().map(|flag| flag.0).collect(),
            version: self.version.clone(),
            basis: Basis::parse(&self.basis).unwrap_or(Basis::Illustrative),
        }
    }
}

/// Columns of limits by level.
pub(super) const LIMITS: &[(&str, Level)] = &[
    ("limit_primary", Level::Primary),
    ("limit_1", Level::One),
    ("limit_2", Level::Two),
    ("limit_3", Level::Three),
    ("limit_3p", Level::Provincial),
];

impl Loaded for Item {
    type Row = Listing;
    const SUBJECT: &'static str = "items";
    const COLUMNS: &'static [ColumnName] = &[
        ("code", "编码"),
        ("name", "名称"),
        ("list", "目录类别"),
        ("charge", "收费类别"),
        ("class", "甲乙类"),
        ("share", "先行自付比例"),
        ("limit", "限价"),
        ("limit_primary", "基层限价"),
        ("limit_1", "一级限价"),
        ("limit_2", "二级限价"),
        ("limit_3", "三级限价"),
        ("limit_3p", "省级三级限价"),
        ("limited", "限定支付"),
        ("condition", "限定支付范围"),
        ("essential", "基本药物"),
        ("negotiated", "国家谈判药品"),
        ("child", "儿童用药"),
        ("special", "特殊项目"),
        ("direct", "直接报销"),
        ("spec", "规格"),
        ("form", "剂型"),
        ("unit", "计价单位"),
        ("maker", "生产企业"),
        ("approval", "批准文号"),
        ("from", "生效日期"),
        ("end", "失效日期"),
        ("version", "版本号"),
        ("record", "唯一记录号"),
    ];

    fn key(code: &str) -> Key {
        key(code)
    }
    fn rows(&self) -> &[Listing] {
        &self.listings
    }
    fn entry(row: Listing) -> ItemEntry {
        ItemEntry::Listed(row)
    }
    fn same(one: &Listing, other: &Listing) -> bool {
        *one == Listing { version: one.version.clone(), told: one.told, ..other.clone() }
    }

    fn row(cells: &Cells<'_>, source: &Source) -> Result<Listing, Refusal> {
        let must =
            |column: &str| Refusal::new("missing-field", format!("缺少 {column}"), format!("写上 {column} 一列"));
        let class: Word<Class> = cells.word("class")?.ok_or_else(|| must("class"))?;
        let (from, end) = days(cells)?;
        let limits = LIMITS.iter().filter_map(|(column, level)| {
            let limit = cells.yuan(column).transpose()?;
            Some(limit.map(|limit| (Word(*level), Yuan(limit))))
        });
        let condition = cells.text("condition");
        let marked = ItemFlag::ALL.iter().filter_map(|flag| match cells.flag(flag.code()) {
            Ok(told) => (told || (*flag == ItemFlag::Limited && condition.is_some())).then_some(Ok(Word(*flag))),
            Err(refusal) => Some(Err(refusal)),
        });
        Ok(Listing {
            name: cells.must("name")?.to_owned(),
            list: cells.word("list")?.ok_or_else(|| must("list"))?,
            charge: cells.word("charge")?.ok_or_else(|| must("charge"))?,
            class,
            share: Percent(share(class.0, cells.share("share")?)?),
            limit: cells.yuan("limit")?.map(Yuan),
            limits: limits.collect::<Result<_, _>>()?,
            flags: marked.collect::<Result<_, _>>()?,
            make: Make {
                spec: cells.text("spec"),
                form: cells.text("form"),
                unit: cells.text("unit"),
                maker: cells.text("maker"),
                approval: cells.text("approval"),
            },
            condition,
            from,
            end,
            version: version(cells, source)?,
            record: cells.text("record"),
            basis: source.basis.clone(),
            told: 0,
        })
    }
}

/// The first self-pay share that goes with a class.
fn share(class: Class, told: Option<Rate>) -> Result<Rate, Refusal> {
    match (class, told) {
        (Class::A, None | Some(Rate::ZERO)) => Ok(Rate::ZERO),
        (Class::C, None | Some(Rate::ONE)) => Ok(Rate::ONE),
        (Class::B, Some(share)) if share < Rate::ONE => Ok(share),
        (Class::B, None) => Err(Refusal::new(
            "missing-share",
            "乙类没有写先行自付比例",
            "写 share；不先自付的写 0%，没有比例的先查清，不要估",
        )),
        (class, Some(share)) => {
            let message = format!("{}的先行自付比例不会是 {share}", class.name());
            Err(Refusal::new("bad-share", message, "甲类 0%，乙类小于 100%，丙类 100%；核对类别和比例"))
        }
    }
}
