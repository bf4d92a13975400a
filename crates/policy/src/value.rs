//! Values as a notice file may write them, after reading: typed, with their byte range.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;

use domain::{Date, Fen, Place, Rate};

use crate::conditions::Conditions;

/// An amount as written: a figure, a rule that gives one, or the statement that there is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Amount {
    /// A figure in yuan.
    Figure(Fen),
    /// No limit (caps only).
    Unlimited,
    /// The notice leaves it to another text.
    Open,
    /// Computed from a statistic of the region.
    Derived(Derivation),
}

/// How a figure follows from a statistic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Derivation {
    /// Id of the statistic.
    pub of: String,
    /// The factor on it.
    pub factor: Rate,
    /// The statistic's year is the year of the day less this.
    pub years_before: i16,
    /// The unit it is rounded to.
    pub round: RoundTo,
    /// Another region's statistic, by slug or code.
    pub region: Option<String>,
}

/// The unit a derived figure is rounded to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RoundTo {
    /// Half-up to the fen.
    Fen,
    /// Half-up to the yuan.
    Yuan,
    /// Down to the yuan.
    YuanDown,
    /// Half-up to ten yuan.
    TenYuan,
    /// Half-up to a hundred yuan.
    HundredYuan,
}

impl RoundTo {
    /// Words used in files.
    pub const WORDS: &'static [&'static str] = &["fen", "yuan", "yuan-down", "ten-yuan", "hundred-yuan"];

    /// Reads the word used in files.
    pub fn parse(word: &str) -> Option<RoundTo> {
        Some(match word {
            "fen" => RoundTo::Fen,
            "yuan" => RoundTo::Yuan,
            "yuan-down" => RoundTo::YuanDown,
            "ten-yuan" => RoundTo::TenYuan,
            "hundred-yuan" => RoundTo::HundredYuan,
            _ => return None,
        })
    }

    /// A statistic times a factor, in this unit; nothing if beyond [`Fen::BILL_LIMIT`].
    pub fn apply(self, statistic: Fen, factor: Rate) -> Option<Fen> {
        let micro = i128::from(statistic.0) * i128::from(factor.ppm());
        let (unit, up) = match self {
            RoundTo::Fen => (1, true),
            RoundTo::Yuan => (100, true),
            RoundTo::YuanDown => (100, false),
            RoundTo::TenYuan => (1_000, true),
            RoundTo::HundredYuan => (10_000, true),
        };
        let step = unit * 1_000_000;
        let shift = if up { step / 2 } else { 0 };
        let fen = i64::try_from((micro + shift) / step * unit).ok().map(Fen);
        fen.filter(|fen| *fen <= Fen::BILL_LIMIT)
    }
}

/// One value of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// Free text or a reference.
    Text(String),
    /// A word of a closed list.
    Word(&'static str),
    /// Yes or no.
    Bool(bool),
    /// A whole number.
    Integer(i64),
    /// A day.
    Date(Date),
    /// An amount of money.
    Amount(Amount),
    /// A ratio or percentage points.
    Rate(Rate),
    /// A rule on a statistic.
    Rule(Derivation),
    /// Facts that must hold.
    When(Conditions),
    /// Several values of one kind.
    List(Vec<Value>),
    /// A table of fields.
    Table(Record),
    /// A decision table.
    Rows(Vec<Row>),
}

/// A row of a decision table: conditions and values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// When the row applies.
    pub when: Conditions,
    /// What it gives.
    pub values: Record,
    /// Where it stands.
    pub place: Place,
}

/// Named values, each with the place it stands at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Record {
    fields: BTreeMap<&'static str, (Value, Range<usize>)>,
}

impl Record {
    /// Puts a value in.
    pub fn insert(&mut self, name: &'static str, value: Value, span: Range<usize>) {
        self.fields.insert(name, (value, span));
    }

    /// Takes a value out.
    pub fn remove(&mut self, name: &str) {
        self.fields.remove(name);
    }

    /// The value of a field, to be changed.
    pub fn get_mut(&mut self, name: &str) -> Option<&mut Value> {
        self.fields.get_mut(name).map(|(value, _)| value)
    }

    /// The value of a field.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.fields.get(name).map(|(value, _)| value)
    }

    /// The place of a field.
    pub fn span(&self, name: &str) -> Option<Range<usize>> {
        self.fields.get(name).map(|(_, span)| span.clone())
    }

    /// All fields, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, &Value)> {
        self.fields.iter().map(|(name, (value, _))| (*name, value))
    }

    /// A text, or a word of a closed list.
    pub fn text(&self, name: &str) -> Option<&str> {
        match self.get(name)? {
            Value::Text(text) => Some(text),
            Value::Word(word) => Some(word),
            _ => None,
        }
    }

    /// Texts or words; a single one counts as a list of one.
    pub fn texts(&self, name: &str) -> Vec<&str> {
        fn text(value: &Value) -> Option<&str> {
            match value {
                Value::Text(text) => Some(text.as_str()),
                Value::Word(word) => Some(word),
                _ => None,
            }
        }
        match self.get(name) {
            Some(Value::List(list)) => list.iter().filter_map(text).collect(),
            Some(one) => text(one).into_iter().collect(),
            None => Vec::new(),
        }
    }

    /// A yes or no.
    pub fn flag(&self, name: &str) -> Option<bool> {
        match self.get(name)? {
            Value::Bool(flag) => Some(*flag),
            _ => None,
        }
    }

    /// A whole number.
    pub fn integer(&self, name: &str) -> Option<i64> {
        match self.get(name)? {
            Value::Integer(number) => Some(*number),
            _ => None,
        }
    }

    /// A day.
    pub fn date(&self, name: &str) -> Option<Date> {
        match self.get(name)? {
            Value::Date(date) => Some(*date),
            _ => None,
        }
    }

    /// An amount.
    pub fn amount(&self, name: &str) -> Option<&Amount> {
        match self.get(name)? {
            Value::Amount(amount) => Some(amount),
            _ => None,
        }
    }

    /// Several amounts.
    pub fn amounts(&self, name: &str) -> Vec<&Amount> {
        let amount = |value: &'_ Value| matches!(value, Value::Amount(_));
        match self.get(name) {
            Some(Value::List(list)) => list
                .iter()
                .filter(|v| amount(v))
                .filter_map(|v| if let Value::Amount(a) = v { Some(a) } else { None })
                .collect(),
            Some(Value::Amount(one)) => vec![one],
            _ => Vec::new(),
        }
    }

    /// A ratio.
    pub fn rate(&self, name: &str) -> Option<Rate> {
        match self.get(name)? {
            Value::Rate(rate) => Some(*rate),
            _ => None,
        }
    }

    /// A rule on a statistic.
    pub fn rule(&self, name: &str) -> Option<&Derivation> {
        match self.get(name)? {
            Value::Rule(rule) => Some(rule),
            _ => None,
        }
    }

    /// Conditions; none if the field is absent.
    pub fn when(&self, name: &str) -> Conditions {
        match self.get(name) {
            Some(Value::When(when)) => when.clone(),
            _ => Conditions::default(),
        }
    }

    /// The rows of a decision table.
    pub fn rows(&self, name: &str) -> &[Row] {
        match self.get(name) {
            Some(Value::Rows(rows)) => rows,
            _ => &[],
        }
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Amount::Figure(fen) => write!(f, "{fen}"),
            Amount::Unlimited => f.write_str("none"),
            Amount::Open => f.write_str("open"),
            Amount::Derived(rule) => write!(f, "{rule}"),
        }
    }
}

impl fmt::Display for Derivation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} × {}[{} years before]", self.factor, self.of, self.years_before)
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Text(text) => f.write_str(text),
            Value::Word(word) => f.write_str(word),
            Value::Bool(flag) => write!(f, "{flag}"),
            Value::Integer(number) => write!(f, "{number}"),
            Value::Date(date) => write!(f, "{date}"),
            Value::Amount(amount) => write!(f, "{amount}"),
            Value::Rate(rate) => write!(f, "{rate}"),
            Value::Rule(rule) => write!(f, "{rule}"),
            Value::When(when) => write!(f, "{when}"),
            Value::List(list) => join(f, list, "、"),
            Value::Table(record) => write!(f, "{record}"),
            Value::Rows(rows) => join(f, rows, "；"),
        }
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.when.is_empty() {
            write!(f, "{} → ", self.when)?;
        }
        write!(f, "{}", self.values)
    }
}

impl fmt::Display for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, (name, value)) in self.iter().enumerate() {
            let gap = if at == 0 { "" } else { ", " };
            write!(f, "{gap}{name}={value}")?;
        }
        Ok(())
    }
}

fn join<T: fmt::Display>(f: &mut fmt::Formatter<'_>, items: &[T], gap: &str) -> fmt::Result {
    for (at, item) in items.iter().enumerate() {
        if at > 0 {
            f.write_str(gap)?;
        }
        write!(f, "{item}")?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_of_an_income_is_rounded_as_named() {
        let income = Fen::parse_yuan("30823.93").unwrap();
        assert_eq!(RoundTo::Yuan.apply(income, Rate::percent(50)), Some(Fen::yuan(15_412)));
        assert_eq!(RoundTo::YuanDown.apply(income, Rate::percent(50)), Some(Fen::yuan(15_411)));
        assert_eq!(RoundTo::Fen.apply(income, Rate::percent(50)), Some(Fen(1_541_197)));
        assert_eq!(RoundTo::Yuan.apply(Fen::BILL_LIMIT, Rate::percent(1_000)), None);
        assert_eq!(RoundTo::HundredYuan.apply(income, Rate::percent(50)), Some(Fen::yuan(15_400)));
    }
}
