//! Reads TOML by the field registry: every finding at once, each with its place and cure.

use std::ops::Range;

use domain::{AgeBand, Care, Category, Date, Diagnostic, Fen, Filing, Group, Level, Mark, Place, Rate, Scheme};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::conditions::Conditions;
use crate::registry::{Field, Kind, RULE};
use crate::value::{Amount, Derivation, Record, RoundTo, Row, Value};

/// Years that a day may lie in: births of the oldest insured up to far ends of validity.
const YEARS: std::ops::RangeInclusive<i16> = 1850..=2200;

/// Fields of whole numbers that have ends beyond which they are a slip of the pen.
const RANGES: &[(&str, i64, i64)] = &[
    ("year", 1949, 2200),
    ("valid_years", 1, 100),
    ("years_before", -50, 50),
    ("in_year", -10, 10),
    ("times", 0, 100),
    ("months", 0, 1_200),
    ("days", 0, 36_500),
    ("counts", 0, 1),
];

/// One file being read, and what was found wrong in it.
pub struct Reader<'t> {
    file: &'t str,
    text: &'t str,
    /// What was found so far.
    pub findings: Vec<Diagnostic>,
}

impl<'t> Reader<'t> {
    /// Over a file's text.
    pub fn new(file: &'t str, text: &'t str) -> Reader<'t> {
        Reader { file, text, findings: Vec::new() }
    }

    /// The document; syntax errors become findings and what could be read is kept.
    pub fn document(&mut self) -> DeTable<'t> {
        let (table, errors) = DeTable::parse_recoverable(self.text);
        for error in errors {
            let span = error.span().unwrap_or(0..0);
            self.error(
                "toml-syntax",
                span,
                format!("TOML 语法错误：{}", error.message()),
                "按 TOML 语法改正 (fix the TOML syntax)",
            );
        }
        table.into_inner()
    }

    /// The place of a byte range.
    pub fn place(&self, span: Range<usize>) -> Place {
        Place::in_text(self.file, self.text, span)
    }

    /// Notes an error.
    pub fn error(
        &mut self,
        code: &'static str,
        span: Range<usize>,
        message: impl Into<String>,
        cure: impl Into<String>,
    ) {
        let place = self.place(span);
        self.findings.push(Diagnostic::error(code, place, message, cure));
    }

    /// Reads a table by its fields. With `conditions`, the keys of the vocabulary are taken into the second result.
    pub fn record(
        &mut self,
        table: &DeTable<'_>,
        span: Range<usize>,
        fields: &[&[Field]],
        conditions: bool,
    ) -> (Record, Conditions) {
        let mut record = Record::default();
        let mut when = Conditions::default();
        for (key, value) in table {
            let name = key.get_ref().as_ref();
            let known = fields.iter().flat_map(|list| list.iter()).find(|field| field.name == name);
            if let Some(field) = known {
                if let Some(read) = self.value(field, value) {
                    record.insert(field.name, read, value.span());
                }
            } else if conditions && (Conditions::KEYS.contains(&name) || name == "class" || name == "area") {
                self.condition(&mut when, name, value);
            } else {
                let mut words: Vec<&str> = fields.iter().flat_map(|list| list.iter().map(|f| f.name)).collect();
                if conditions {
                    words.extend(Conditions::KEYS);
                }
                self.unknown_key(name, key.span(), &words);
            }
        }
        for field in fields.iter().flat_map(|list| list.iter()).filter(|f| f.required) {
            if !table.keys().any(|key| key.get_ref().as_ref() == field.name) {
                self.error(
                    "missing-key",
                    span.clone(),
                    format!("缺少 `{}`", field.name),
                    format!("补上 `{}`：{}", field.name, field.doc),
                );
            }
        }
        (record, when)
    }

    /// A table that a file has once, or the finding that it is written otherwise.
    pub fn only_table<'v, 'd>(&mut self, value: &'v Spanned<DeValue<'d>>, name: &str) -> Option<&'v DeTable<'d>> {
        let table = value.get_ref().as_table();
        if table.is_none() {
            let message = format!("`{name}` 应写成 [{name}]，一个文件一个");
            self.error("wrong-type", value.span(), message, format!("用单方括号：写 [{name}]"));
        }
        table
    }

    /// Notes an unknown key, with the nearest known one.
    pub fn unknown_key(&mut self, name: &str, span: Range<usize>, known: &[&str]) {
        let cure = match nearest(name, known) {
            Some(near) => format!("是否要写 `{near}`？ (did you mean `{near}`?)"),
            None => format!("可用的键：{}", known.join("、")),
        };
        self.error("unknown-key", span, format!("不认识的键 `{name}` (unknown key)"), cure);
    }

    /// A value of a field.
    pub(crate) fn value(&mut self, field: &Field, value: &Spanned<DeValue<'_>>) -> Option<Value> {
        let span = value.span();
        match field.kind {
            Kind::Text => self.text(value).map(Value::Text),
            Kind::Texts => self.list(value, |r, v| r.text(v).map(Value::Text)),
            Kind::Bool => self.bool(value).map(Value::Bool),
            Kind::Integer => self.whole_number(field.name, value).map(Value::Integer),
            Kind::Date => self.date(value).map(Value::Date),
            Kind::MonthDay => self.month_day(value).map(Value::Text),
            Kind::Amount => self.amount(value).map(Value::Amount),
            Kind::Amounts => self.list(value, |r, v| r.amount(v).map(Value::Amount)),
            Kind::Rate => self.rate(value, 100).map(Value::Rate),
            Kind::Factor => self.rate(value, 1_000).map(Value::Rate),
            Kind::Points => self.points(value).map(Value::Rate),
            Kind::Rule => self.rule(value).map(Value::Rule),
            Kind::Word(words) => self.word(value, words).map(Value::Word),
            Kind::Words(words) => self.list(value, |r, v| r.word(v, words).map(Value::Word)),
            Kind::When => self.when(value).map(Value::When),
            Kind::Table(fields) => {
                let Some(table) = value.get_ref().as_table() else {
                    self.wrong_type(value, "表 (a table)", "写成 { … }");
                    return None;
                };
                Some(Value::Table(self.record(table, span, &[fields], false).0))
            }
            Kind::Rows(fields, conditions) => {
                let Some(rows) = value.get_ref().as_array() else {
                    self.error(
                        "wrong-type",
                        span,
                        format!("`{}` 应为表的列表 (a list of tables)", field.name),
                        "写成 [{ … }, { … }]",
                    );
                    return None;
                };
                if rows.iter().next().is_none() {
                    self.error("empty-table", span, format!("`{}` 没有一行 (no rows)", field.name), "至少写一行");
                    return None;
                }
                Some(Value::Rows(rows.iter().filter_map(|row| self.row(row, fields, conditions)).collect()))
            }
        }
    }

    fn row(&mut self, value: &Spanned<DeValue<'_>>, fields: &'static [Field], conditions: bool) -> Option<Row> {
        let Some(table) = value.get_ref().as_table() else {
            self.error("wrong-type", value.span(), "表行应写成 { … } (a row is a table)", "写成 { 条件, 值 }");
            return None;
        };
        let (values, when) = self.record(table, value.span(), &[fields], conditions);
        Some(Row { when, values, place: self.place(value.span()) })
    }

    /// One value or a list of them.
    fn list(
        &mut self,
        value: &Spanned<DeValue<'_>>,
        mut one: impl FnMut(&mut Self, &Spanned<DeValue<'_>>) -> Option<Value>,
    ) -> Option<Value> {
        let values: Vec<Value> = match value.get_ref().as_array() {
            Some(array) => array.iter().filter_map(|v| one(self, v)).collect(),
            None => one(self, value).into_iter().collect(),
        };
        Some(Value::List(values))
    }

    /// A text.
    pub fn text(&mut self, value: &Spanned<DeValue<'_>>) -> Option<String> {
        let text = value.get_ref().as_str().map(str::to_owned);
        if text.is_none() {
            self.wrong_type(value, "文字 (text)", "加上引号 (put it in quotes)");
        }
        text
    }

    /// A yes or no.
    pub fn bool(&mut self, value: &Spanned<DeValue<'_>>) -> Option<bool> {
        let flag = value.get_ref().as_bool();
        if flag.is_none() {
            self.wrong_type(value, "true 或 false", "写 true 或 false，不加引号");
        }
        flag
    }

    /// A whole number.
    pub fn integer(&mut self, value: &Spanned<DeValue<'_>>) -> Option<i64> {
        let number = value.get_ref().as_integer().and_then(|i| i64::from_str_radix(i.as_str(), i.radix()).ok());
        if number.is_none() {
            self.wrong_type(value, "整数 (a whole number)", "写不带小数和引号的数");
        }
        number
    }

    /// A whole number that a field of this name may hold.
    fn whole_number(&mut self, name: &str, value: &Spanned<DeValue<'_>>) -> Option<i64> {
        let number = self.integer(value)?;
        let (_, low, high) =
            RANGES.iter().find(|(field, ..)| *field == name).copied().unwrap_or(("", i64::MIN, i64::MAX));
        if !(low..=high).contains(&number) {
            let message = format!("`{name}` 为 {number}，不在 {low} 到 {high} 之内 (out of range)");
            self.error("out-of-range", value.span(), message, "核对这个数");
            return None;
        }
        Some(number)
    }

    /// A day.
    pub fn date(&mut self, value: &Spanned<DeValue<'_>>) -> Option<Date> {
        let written = value.get_ref().as_datetime().filter(|d| d.time.is_none()).and_then(|d| d.date);
        let date = written.and_then(|d| Date::new(d.year as i16, d.month as i8, d.day as i8).ok());
        if let Some(date) = date.filter(|date| !YEARS.contains(&date.year())) {
            let message = format!("{date} 不在 {} 到 {} 年之内 (out of range)", YEARS.start(), YEARS.end());
            self.error("out-of-range", value.span(), message, "核对年份；没有期限的不写");
            return None;
        }
        if date.is_none() {
            self.wrong_type(value, "日期 (a date)", "写成 2022-01-31，不加引号");
        }
        date
    }

    fn month_day(&mut self, value: &Spanned<DeValue<'_>>) -> Option<String> {
        let text = self.text(value)?;
        if format!("2024-{text}").parse::<Date>().is_err() || text.len() != 5 {
            self.error(
                "wrong-unit",
                value.span(),
                format!("“{text}” 不是月-日 (not a month and day)"),
                "写成 \"10-01\"",
            );
            return None;
        }
        Some(text)
    }

    /// An amount: yuan, a derivation, `"open"` or `"none"`.
    pub fn amount(&mut self, value: &Spanned<DeValue<'_>>) -> Option<Amount> {
        match value.get_ref() {
            DeValue::Integer(_) => {
                let yuan = self.integer(value)?;
                self.figure(&yuan.to_string(), value.span())
            }
            DeValue::String(text) => match text.as_ref() {
                "open" => Some(Amount::Open),
                "none" => Some(Amount::Unlimited),
                text if text.trim().ends_with('%') => {
                    let cure = "金额写元，如 500 或 \"146.40\"；与统计数挂钩写 { share = \"50%\", of = … }";
                    self.error(
                        "wrong-unit",
                        value.span(),
                        format!("此处要金额，写的是比例 “{text}” (an amount, not a ratio)"),
                        cure,
                    );
                    None
                }
                text => self.figure(text, value.span()),
            },
            DeValue::Table(_) => self.rule(value).map(Amount::Derived),
            DeValue::Float(_) => {
                self.error(
                    "float",
                    value.span(),
                    "金额不得写成浮点数 (no floats in money)",
                    "加引号写成文字，如 \"146.40\"",
                );
                None
            }
            _ => {
                self.wrong_type(value, "金额 (an amount)", "写元，如 500 或 \"146.40\"");
                None
            }
        }
    }

    fn figure(&mut self, text: &str, span: Range<usize>) -> Option<Amount> {
        match Fen::parse_yuan(text) {
            Ok(fen) if fen >= Fen::ZERO => Some(Amount::Figure(fen)),
            Ok(_) => {
                self.error("negative-amount", span, "金额不得为负 (negative amount)", "写不小于零的数");
                None
            }
            Err(why) => {
                self.error(
                    "wrong-unit",
                    span,
                    format!("“{text}” 不是金额：{why}"),
                    "写元，至多两位小数，如 \"146.40\"",
                );
                None
            }
        }
    }

    fn rate(&mut self, value: &Spanned<DeValue<'_>>, most: i64) -> Option<Rate> {
        let cure = "写带百分号的文字，如 \"70%\"";
        let Some(text) = value.get_ref().as_str() else {
            self.error("wrong-unit", value.span(), "此处要比例 (a ratio)", cure);
            return None;
        };
        match Rate::parse_percent(text) {
            Ok(rate) if (Rate::ZERO..=Rate::percent(most)).contains(&rate) => Some(rate),
            Ok(_) => {
                self.error("wrong-unit", value.span(), format!("比例 {text} 不在 0 到 {most}% 之内"), cure);
                None
            }
            Err(why) => {
                self.error("wrong-unit", value.span(), format!("“{text}” 不是比例：{why}"), cure);
                None
            }
        }
    }

    fn points(&mut self, value: &Spanned<DeValue<'_>>) -> Option<Rate> {
        let text = match value.get_ref() {
            DeValue::Integer(_) => self.integer(value)?.to_string(),
            DeValue::String(text) => text.to_string(),
            _ => String::new(),
        };
        let points = Rate::parse_points(&text);
        if points.is_err() {
            let cure = "写百分点数，如 5 或 \"-2.5\"，不带百分号";
            self.error("wrong-unit", value.span(), "此处要百分点 (percentage points)", cure);
        }
        points.ok()
    }

    fn rule(&mut self, value: &Spanned<DeValue<'_>>) -> Option<Derivation> {
        let Some(table) = value.get_ref().as_table() else {
            self.wrong_type(
                value,
                "推算规则 (a rule)",
                "写成 { share = \"50%\", of = \"disposable-income\", years_before = 2, round = \"yuan\" }",
            );
            return None;
        };
        let (record, _) = self.record(table, value.span(), &[RULE], false);
        let factor = match (record.rate("share"), record.integer("times")) {
            (Some(share), None) => share,
            (None, Some(times)) if (0..=100).contains(&times) => Rate::percent(times * 100),
            _ => {
                self.error(
                    "missing-key",
                    value.span(),
                    "推算规则要有 `share` 或 `times` 其一",
                    "写 share = \"50%\" 或 times = 6",
                );
                return None;
            }
        };
        Some(Derivation {
            of: record.text("of")?.to_owned(),
            factor,
            years_before: i16::try_from(record.integer("years_before")?).ok()?,
            round: RoundTo::parse(record.text("round")?)?,
            region: record.text("region").map(str::to_owned),
        })
    }

    fn word(&mut self, value: &Spanned<DeValue<'_>>, words: &'static [&'static str]) -> Option<&'static str> {
        let text = self.text(value)?;
        let word = words.iter().find(|word| **word == text).copied();
        if word.is_none() {
            self.unknown_word(&text, value.span(), words);
        }
        word
    }

    /// Notes an unknown word, with the nearest known one.
    pub fn unknown_word(&mut self, text: &str, span: Range<usize>, words: &[&str]) {
        let cure = match nearest(text, words) {
            Some(near) => format!("是否要写 \"{near}\"？可用：{}", words.join("、")),
            None => format!("可用：{}", words.join("、")),
        };
        self.error("unknown-word", span, format!("不认识的词 “{text}” (unknown word)"), cure);
    }

    /// A table of conditions.
    pub fn when(&mut self, value: &Spanned<DeValue<'_>>) -> Option<Conditions> {
        let Some(table) = value.get_ref().as_table() else {
            self.wrong_type(value, "条件表 (conditions)", "写成 { care = \"inpatient\", level = [\"3\"] }");
            return None;
        };
        let (_, when) = self.record(table, value.span(), &[], true);
        Some(when)
    }

    fn condition(&mut self, when: &mut Conditions, name: &str, value: &Spanned<DeValue<'_>>) {
        let words: Vec<(String, Range<usize>)> = match value.get_ref() {
            DeValue::Array(array) => array.iter().filter_map(|v| Some((self.condition_word(v)?, v.span()))).collect(),
            _ => self.condition_word(value).map(|word| (word, value.span())).into_iter().collect(),
        };
        let before = self.findings.len();
        let given = value.get_ref().as_array().map_or(1, |array| array.iter().count());
        if given == 0 {
            let message = format!("`{name}` 没有一个值 (an empty list)");
            self.error("empty-condition", value.span(), message, "写出值；不限就不写这个键");
        } else if given > 1 && (name == "age" || name == "admission") {
            let message = format!("`{name}` 只能写一段 (one range only)");
            self.error("one-range", value.span(), message, "每段写一行 (write a row each)");
        }
        for (word, span) in words {
            self.condition_value(when, name, &word, span);
        }
        if self.findings.len() > before {
            // A condition that could not be read holds for nobody: "any" would make the table say more than is wrong.
            when.age = Some(AgeBand { low: u8::MAX, high: 0 });
        }
    }

    fn condition_word(&mut self, value: &Spanned<DeValue<'_>>) -> Option<String> {
        match value.get_ref() {
            DeValue::Integer(_) => self.integer(value).map(|n| n.to_string()),
            _ => self.text(value),
        }
    }

    fn condition_value(&mut self, when: &mut Conditions, name: &str, word: &str, span: Range<usize>) {
        macro_rules! closed {
            ($type:ident, |$v:ident| $put:expr) => {
                match $type::ALL.iter().copied().find(|v| v.code() == word) {
                    Some($v) => $put,
                    None => {
                        let words: Vec<&str> = $type::ALL.iter().map(|v| v.code()).collect();
                        self.unknown_word(word, span, &words);
                    }
                }
            };
        }
        match name {
            "scheme" => closed!(Scheme, |v| when.scheme.push(v)),
            "care" => closed!(Care, |v| when.care.push(v)),
            "level" => closed!(Level, |v| when.level.push(v)),
            "group" => closed!(Group, |v| when.group.push(v)),
            "filing" => closed!(Filing, |v| when.filing.push(v)),
            "category" => closed!(Category, |v| when.category = when.category.with(v)),
            "category_also" => closed!(Category, |v| when.category_also = when.category_also.with(v)),
            "mark" => closed!(Mark, |v| when.mark = when.mark.with(v)),
            "tier" => when.tier.push(word.to_owned()),
            "disease" => when.disease.push(word.to_owned()),
            "carry" => when.carry.push(word.to_owned()),
            "area" => when.area.push(word.to_owned()),
            "class" if ["A", "B", "C"].contains(&word) => when.class.push(word.to_owned()),
            "class" => self.unknown_word(word, span, &["A", "B", "C"]),
            "age" => match AgeBand::parse(word) {
                Some(band) => when.age = Some(band),
                None => self.error("wrong-unit", span, format!("“{word}” 不是年龄段"), "写成 \"0-17\" 或 \"60+\""),
            },
            "admission" => match admission(word) {
                Some(range) => when.admission = Some(range),
                None => {
                    self.error("wrong-unit", span, format!("“{word}” 不是住院次数"), "写成 \"1\"、\"2+\" 或 \"2-3\"")
                }
            },
            _ => {}
        }
    }

    fn wrong_type(&mut self, value: &Spanned<DeValue<'_>>, wanted: &str, cure: &str) {
        let given = value.get_ref().type_str();
        self.error("wrong-type", value.span(), format!("此处要{wanted}，写的是 {given}"), cure);
    }
}

fn admission(word: &str) -> Option<(u8, u8)> {
    if let Some(low) = word.strip_suffix('+') {
        return Some((low.parse().ok()?, u8::MAX));
    }
    let (low, high) = word.split_once('-').unwrap_or((word, word));
    let (low, high) = (low.parse().ok()?, high.parse().ok()?);
    (low <= high).then_some((low, high))
}

/// The known word that differs least, if it is near.
pub fn nearest<'w>(name: &str, known: &[&'w str]) -> Option<&'w str> {
    let distance = |word: &'w str| (strsim::damerau_levenshtein(name, word), word);
    known.iter().copied().map(distance).filter(|(d, word)| *d <= 1 + word.len() / 4).min().map(|(_, word)| word)
}
