//! The right side of `path=value`: a new value, read as a notice's own, or a change of the one that stands.
//!
//! A sign or `*` before an amount makes it a change (`+1000`, `-5%`, `*0.9`); a ratio is changed by points or a factor
//! (`+5pt`, `*0.9`), never by a bare sign, which could mean either.

use domain::{Fen, Rate, Rounding};
use toml::de::DeTable;

use super::fault::Fault;
use super::path::condition_words;
use crate::reader::Reader;
use crate::registry::{Field, Kind};
use crate::value::{Amount, Derivation, RoundTo, Value};

/// What is done to a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Change {
    /// It becomes this.
    To(Box<Value>),
    /// An amount more, or less.
    Plus(Fen),
    /// Percentage points more, or less.
    Points(Rate),
    /// Times a factor.
    Times(Rate),
}

/// What a rule on a statistic gives on the day.
pub(super) type Derive<'d> = &'d dyn Fn(&Derivation) -> Option<Fen>;

impl Change {
    fn to(value: Value) -> Change {
        Change::To(Box::new(value))
    }

    /// Reads what is to be done to a field.
    pub fn parse(field: &Field, text: &str) -> Result<Change, Fault> {
        let signed = text.starts_with(SIGNS);
        let wrong = |message: String, cure: &str| Fault::new(0..text.len(), message, cure);
        let scaled = matches!(field.kind, Kind::Amount | Kind::Amounts | Kind::Rate | Kind::Factor | Kind::Points);
        match field.kind {
            _ if scaled && text.starts_with(['*', '×']) => {
                let text = text.trim_start_matches(['*', '×']).trim();
                let cure = "写成 *0.9 或 *90%";
                let factor = factor(text).ok_or_else(|| wrong(format!("“{text}” 不是倍数 (not a factor)"), cure))?;
                Ok(Change::Times(factor))
            }
            Kind::Amount | Kind::Amounts if signed => {
                let text = text.replace('−', "-");
                let percent = |rate: Rate| Rate::from_ppm(Rate::ONE.ppm() + rate.ppm());
                if text.ends_with('%') {
                    let rate = Rate::parse_percent(&text).map(percent).ok().filter(|rate| *rate >= Rate::ZERO);
                    let cure = "写成 +5% 或 -5%";
                    return rate.map(Change::Times).ok_or_else(|| wrong(format!("“{text}” 不是百分比"), cure));
                }
                let plus = Fen::parse_yuan(text.strip_prefix('+').unwrap_or(&text)).map(Change::Plus);
                plus.map_err(|why| wrong(format!("“{text}” 不是金额：{why}"), "写成 +1000 或 -1000（元）"))
            }
            Kind::Rate | Kind::Factor | Kind::Points if signed => match text.strip_suffix("pt") {
                Some(points) => {
                    let points = Rate::parse_points(points.replace('−', "-").trim());
                    points.map(Change::Points).map_err(|why| wrong(format!("“{text}” 不是百分点：{why}"), POINTS))
                }
                // Points may be negative by themselves: a bare sign is theirs.
                None if matches!(field.kind, Kind::Points) => read(field, text).map(Change::to),
                None => Err(wrong(format!("“{text}” 是加减还是倍数，没有写明 (points or a factor?)"), POINTS)),
            },
            _ => read(field, text).map(Change::to),
        }
    }

    /// The value after the change, or why there is none.
    pub fn of(&self, field: &Field, current: Option<&Value>, derive: Derive<'_>) -> Result<Value, String> {
        match (self, current) {
            (Change::To(value), _) => Ok((**value).clone()),
            (_, None) => Err("这里没有写值，不能在其上加减 (nothing to change)".to_owned()),
            (_, Some(Value::List(list))) => {
                list.iter().map(|one| self.of(field, Some(one), derive)).collect::<Result<_, _>>().map(Value::List)
            }
            (_, Some(Value::Amount(amount))) => self.of_amount(amount, derive).map(Value::Amount),
            (_, Some(Value::Rate(rate))) => self.of_rate(*rate, field.kind).map(Value::Rate),
            (_, Some(other)) => Err(format!("“{other}” 不是可以加减的数 (not a figure)")),
        }
    }

    fn of_amount(&self, amount: &Amount, derive: Derive<'_>) -> Result<Amount, String> {
        let result = match (self, amount) {
            (_, Amount::Open) => return Err("原值待定，不能在其上加减 (open)；直接写数额".to_owned()),
            (_, Amount::Unlimited) => return Err("原为不限，不能在其上加减 (no limit)；直接写数额".to_owned()),
            (Change::Plus(plus), Amount::Figure(fen)) => *fen + *plus,
            (Change::Plus(plus), Amount::Derived(rule)) => {
                derive(rule).ok_or_else(|| format!("算不出原值：缺统计数 {} (no statistic)", rule.of))? + *plus
            }
            (Change::Times(factor), Amount::Figure(fen)) => fen.times(*factor, Rounding::HalfUp),
            (Change::Times(times), Amount::Derived(rule)) => {
                let factor = rule.factor.times(*times).filter(|factor| *factor <= Rate::percent(1_000));
                let factor = factor.ok_or_else(|| format!("{} × {times} 写不成比例 (not exact)", rule.factor))?;
                return Ok(Amount::Derived(Derivation { factor, ..rule.clone() }));
            }
            _ => return Err("金额不按百分点加减 (points of an amount)；写 +1000、+5% 或 *1.05".to_owned()),
        };
        let fits = (Fen::ZERO..=Fen::BILL_LIMIT).contains(&result);
        fits.then_some(Amount::Figure(result)).ok_or_else(|| format!("{amount} 变为 {result}，超出范围 (out of range)"))
    }

    fn of_rate(&self, rate: Rate, kind: Kind) -> Result<Rate, String> {
        let result = match self {
            Change::Points(points) => Rate::from_ppm(rate.ppm() + points.ppm()),
            Change::Times(times) => {
                rate.times(*times).ok_or_else(|| format!("{rate} × {times} 除不尽 (not exact)；直接写比例"))?
            }
            _ => return Err("比例不按金额加减 (an amount added to a ratio)".to_owned()),
        };
        let most = match kind {
            Kind::Rate => Rate::ONE,
            Kind::Factor => Rate::percent(1_000),
            _ => return Ok(result),
        };
        let fits = (Rate::ZERO..=most).contains(&result);
        fits.then_some(result).ok_or_else(|| format!("{rate} 变为 {result}，不在 0 到 {most} 之内 (out of range)"))
    }
}

/// The signs by which a figure is added to.
pub(super) const SIGNS: [char; 3] = ['+', '-', '−'];

const POINTS: &str = "加减百分点写 +5pt、-5pt，乘倍数写 *1.05，改成某数写 70%";

/// `0.9` or `90%`.
fn factor(text: &str) -> Option<Rate> {
    let factor = match text.strip_suffix('%') {
        Some(_) => Rate::parse_percent(text).ok()?,
        None => Rate::from_ppm(Rate::parse_points(text).ok()?.ppm().checked_mul(100)?),
    };
    (Rate::ZERO..=Rate::percent(10_000)).contains(&factor).then_some(factor)
}

/// Reads a value as a notice file would, with what is wrong if it is not one.
pub(super) fn read(field: &Field, text: &str) -> Result<Value, Fault> {
    let document = format!("value = {}", as_toml(field.kind, text));
    let mut reader = Reader::new("--set", &document);
    let table = reader.document();
    let value = table.get("value").and_then(|value| reader.value(field, value));
    match (reader.findings.into_iter().next(), value) {
        (None, Some(value)) => Ok(value),
        (Some(finding), _) => Err(Fault::new(0..text.len(), finding.message, finding.cure)),
        (None, None) => Err(Fault::new(0..text.len(), format!("“{text}” 读不出"), field.doc)),
    }
}

/// A value as a file has it: on the command line, quotes and brackets of lists are left out.
fn as_toml(kind: Kind, text: &str) -> String {
    let whole = |text: &str| DeTable::parse(&format!("value = {text}")).is_ok();
    match kind {
        _ if text.starts_with(['{', '[', '"']) => text.to_owned(),
        Kind::Bool | Kind::Integer | Kind::Date if whole(text) => text.to_owned(),
        Kind::Amounts | Kind::Texts | Kind::Words(_) => {
            let list: Vec<String> = text.split('/').map(|one| quoted(one.trim())).collect();
            format!("[{}]", list.join(", "))
        }
        _ => quoted(text),
    }
}

/// A text in quotes.
pub(super) fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// A value as it is written behind `=`: what [`read`] reads back.
pub(super) fn written(value: &Value, kind: Kind) -> Option<String> {
    Some(match value {
        Value::Text(text) => text.clone(),
        Value::Word(word) => (*word).to_owned(),
        Value::Bool(flag) => flag.to_string(),
        Value::Integer(number) => number.to_string(),
        Value::Date(date) => date.to_string(),
        Value::Amount(Amount::Derived(rule)) | Value::Rule(rule) => rule_written(rule),
        Value::Amount(Amount::Figure(fen)) => {
            let text = fen.to_string();
            text.strip_suffix(".00").unwrap_or(&text).to_owned()
        }
        Value::Amount(amount) => amount.to_string(),
        Value::Rate(points) if matches!(kind, Kind::Points) => points.to_string().replace('%', ""),
        Value::Rate(rate) => rate.to_string(),
        Value::When(when) => {
            let list = |words: &[String]| words.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(", ");
            let facts = condition_words(when);
            let facts: Vec<String> = facts.iter().map(|(name, words)| format!("{name} = [{}]", list(words))).collect();
            format!("{{ {} }}", facts.join(", "))
        }
        Value::List(list) => {
            let words: Option<Vec<String>> = list.iter().map(|one| written(one, kind)).collect();
            words?.join("/")
        }
        Value::Table(_) | Value::Rows(_) => return None,
    })
}

fn rule_written(rule: &Derivation) -> String {
    let round =
        RoundTo::WORDS.iter().find(|word| RoundTo::parse(word) == Some(rule.round)).copied().unwrap_or_default();
    let region = rule.region.as_ref().map(|region| format!(", region = {}", quoted(region))).unwrap_or_default();
    let (factor, of, years_before) = (rule.factor, quoted(&rule.of), rule.years_before);
    format!("{{ share = \"{factor}\", of = {of}, years_before = {years_before}, round = \"{round}\"{region} }}")
}
