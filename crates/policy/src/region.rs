//! A pooling region and its published statistics.

use domain::{Date, Diagnostic, Fen, Place, Rounding};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::reader::Reader;
use crate::registry::{Field, Kind};
use crate::value::{Amount, Value};

/// A pooling region, or a region above one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Region {
    /// Administrative code (admdvs), six digits.
    pub code: String,
    /// Name in commands.
    pub slug: String,
    /// Chinese name.
    pub name: String,
    /// Other names.
    pub aliases: Vec<String>,
    /// Slug of the region whose notices hold here too.
    pub parent: Option<String>,
    /// How a payment becomes whole fen.
    pub rounding: Rounding,
    /// Pooling level of the basic and the assistance fund.
    pub pooling: (Option<String>, Option<String>),
    /// Tiers of contribution and benefit: id and Chinese name.
    pub tiers: Vec<(String, String)>,
    /// Areas that differ in subsidy.
    pub areas: Vec<Area>,
    /// Where it is written.
    pub place: Place,
}

/// An area that differs in subsidy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Area {
    /// Id in subsidy tables.
    pub id: String,
    /// Chinese name.
    pub name: String,
    /// Code prefixes; the longest that fits a person's code decides.
    pub codes: Vec<String>,
}

/// A published figure that derived amounts use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statistic {
    /// Slug of the region it is about.
    pub region: String,
    /// What it is, as `disposable-income`.
    pub id: String,
    /// The year it describes.
    pub year: i16,
    /// Yuan.
    pub value: Fen,
    /// Known from this day on; always, if not given.
    pub published: Option<Date>,
    /// Where it comes from.
    pub source: String,
    /// Where it is written.
    pub place: Place,
}

const fn field(name: &'static str, kind: Kind, required: bool, doc: &'static str) -> Field {
    Field { name, kind, required, doc }
}

/// Fields of `[region]`.
pub const REGION: &[Field] = &[
    field("code", Kind::Text, true, "行政区划代码 administrative code, six digits"),
    field("slug", Kind::Text, true, "name in commands"),
    field("name", Kind::Text, true, "中文名称"),
    field("aliases", Kind::Texts, false, "other names"),
    field("parent", Kind::Text, false, "slug of the region whose notices hold here too"),
    field(
        "rounding",
        Kind::Word(&["half-up", "down", "half-even"]),
        false,
        "how a payment becomes whole fen; half-up if left out",
    ),
    field("pooling", Kind::Table(POOLING), false, "pooling level of each fund"),
];

/// Fields of `pooling`.
pub const POOLING: &[Field] = &[
    field("basic", Kind::Word(&["county", "city", "province"]), true, "basic fund"),
    field("assistance", Kind::Word(&["county", "city", "province"]), true, "assistance fund"),
];

/// Fields of `[[tier]]`.
pub const TIER: &[Field] =
    &[field("id", Kind::Text, true, "id in tables"), field("name", Kind::Text, true, "中文名称")];

/// Fields of `[[area]]`.
pub const AREA: &[Field] = &[
    field("id", Kind::Text, true, "id in tables"),
    field("name", Kind::Text, true, "中文名称"),
    field("codes", Kind::Texts, true, "code prefixes"),
];

/// Fields of `[[statistic]]`.
pub const STATISTIC: &[Field] = &[
    field("id", Kind::Text, true, "what it is, as disposable-income"),
    field("year", Kind::Integer, true, "the year it describes"),
    field("value", Kind::Amount, true, "yuan"),
    field("published", Kind::Date, false, "known from this day on"),
    field("source", Kind::Text, true, "where it comes from"),
    field("note", Kind::Text, false, "anything else"),
];

impl Region {
    /// Reads `region.toml`.
    pub fn read(file: &str, text: &str) -> (Option<Region>, Vec<Diagnostic>) {
        let mut reader = Reader::new(file, text);
        let document = reader.document();
        let region = Region::from_document(&mut reader, &document);
        (region, reader.findings)
    }

    fn from_document(reader: &mut Reader<'_>, document: &DeTable<'_>) -> Option<Region> {
        let (mut region, mut tiers, mut areas) = (None, Vec::new(), Vec::new());
        for (key, value) in document {
            match key.get_ref().as_ref() {
                "region" => region = header(reader, value),
                "tier" => {
                    tiers = tables(reader, value, TIER)
                        .iter()
                        .filter_map(|tier| Some((tier.text("id")?.to_owned(), tier.text("name")?.to_owned())))
                        .collect();
                }
                "area" => {
                    areas = tables(reader, value, AREA)
                        .iter()
                        .filter_map(|area| {
                            let codes = area.texts("codes").into_iter().map(str::to_owned).collect();
                            Some(Area { id: area.text("id")?.to_owned(), name: area.text("name")?.to_owned(), codes })
                        })
                        .collect();
                }
                other => reader.unknown_key(other, key.span(), &["region", "tier", "area"]),
            }
        }
        let mut region = region?;
        region.tiers = tiers;
        region.areas = areas;
        Some(region)
    }

    /// Whether a user's word names this region.
    pub fn is_called(&self, name: &str) -> bool {
        self.slug == name || self.code == name || self.name == name || self.aliases.iter().any(|alias| alias == name)
    }

    /// The area that a six-digit code lies in: the one with the longest fitting prefix.
    pub fn area_of(&self, code: &str) -> Option<&Area> {
        let fit = |area: &Area| {
            area.codes.iter().filter(|prefix| code.starts_with(prefix.as_str())).map(|p| p.len() + 1).max().unwrap_or(0)
        };
        self.areas.iter().filter(|area| fit(area) > 0).max_by_key(|area| fit(area))
    }
}

fn header(reader: &mut Reader<'_>, value: &Spanned<DeValue<'_>>) -> Option<Region> {
    let table = reader.only_table(value, "region")?;
    let (record, _) = reader.record(table, value.span(), &[REGION], false);
    let pooling = match record.get("pooling") {
        Some(Value::Table(pooling)) => {
            (pooling.text("basic").map(str::to_owned), pooling.text("assistance").map(str::to_owned))
        }
        _ => (None, None),
    };
    let code = record.text("code")?.to_owned();
    if code.len() != 6 || !code.bytes().all(|b| b.is_ascii_digit()) {
        let span = record.span("code").unwrap_or(value.span());
        reader.error("wrong-unit", span, format!("区划代码 “{code}” 不是六位数字"), "写六位数字，如 \"500000\"");
    }
    Some(Region {
        code,
        slug: record.text("slug")?.to_owned(),
        name: record.text("name")?.to_owned(),
        aliases: record.texts("aliases").into_iter().map(str::to_owned).collect(),
        parent: record.text("parent").map(str::to_owned),
        rounding: record.text("rounding").and_then(Rounding::parse).unwrap_or_default(),
        pooling,
        tiers: Vec::new(),
        areas: Vec::new(),
        place: reader.place(value.span()),
    })
}

/// The records of an array of tables.
pub fn tables(reader: &mut Reader<'_>, value: &Spanned<DeValue<'_>>, fields: &[Field]) -> Vec<crate::value::Record> {
    let Some(array) = value.get_ref().as_array() else {
        reader.error("wrong-type", value.span(), "应写成 [[…]] (an array of tables)", "用双方括号");
        return Vec::new();
    };
    let read = |entry: &Spanned<DeValue<'_>>| {
        let Some(table) = entry.get_ref().as_table() else {
            reader.error("wrong-type", entry.span(), "应写成 [[…]] (an array of tables)", "用双方括号");
            return None;
        };
        Some(reader.record(table, entry.span(), &[fields], false).0)
    };
    array.iter().filter_map(read).collect()
}

impl Statistic {
    /// Reads `statistics.toml` of a region.
    pub fn read(file: &str, text: &str, region: &str) -> (Vec<Statistic>, Vec<Diagnostic>) {
        let mut reader = Reader::new(file, text);
        let document = reader.document();
        let mut statistics = Vec::new();
        for (key, value) in &document {
            if key.get_ref().as_ref() != "statistic" {
                reader.unknown_key(key.get_ref(), key.span(), &["statistic"]);
                continue;
            }
            let place = reader.place(value.span());
            for record in tables(&mut reader, value, STATISTIC) {
                let place = record.span("id").map_or_else(|| place.clone(), |span| reader.place(span));
                if let Some(written) = record.amount("value").filter(|value| !matches!(value, Amount::Figure(_))) {
                    let message = format!("统计数的值 {written} 不是数额 (not a figure)");
                    let at = record.span("value").unwrap_or(value.span());
                    reader.error("wrong-unit", at, message, "写元，如 \"30823.93\"；没有公布的不写");
                }
                let statistic = (|| {
                    Some(Statistic {
                        region: region.to_owned(),
                        id: record.text("id")?.to_owned(),
                        year: i16::try_from(record.integer("year")?).ok()?,
                        value: match record.amount("value")? {
                            Amount::Figure(fen) => *fen,
                            _ => return None,
                        },
                        published: record.date("published"),
                        source: record.text("source")?.to_owned(),
                        place,
                    })
                })();
                statistics.extend(statistic);
            }
        }
        (statistics, reader.findings)
    }
}
