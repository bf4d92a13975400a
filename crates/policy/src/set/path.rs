//! A path to figures: the key of a provision, then fields, with the rows that are meant in brackets.
//!
//! `stage.inpatient.bands[tier=first,level=2].ratio`; rows are named by conditions or by position, from 1. Where a table has
//! one row, or all rows are meant, brackets are left out; so is the name of the decision table itself (`rows`).

use std::ops::Range;

use domain::Categories;

use super::change;
use super::fault::Fault;
use crate::conditions::Conditions;
use crate::notice::nearest_key;
use crate::reader::Reader;
use crate::registry::{self, Field};
use crate::value::{Row, Value};

/// A path, read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Path {
    /// Key of the provision.
    pub key: String,
    /// Rows of its decision table, named right behind the key.
    pub rows: Option<Select>,
    /// Fields below it, outermost first.
    pub steps: Vec<Step>,
    /// Where the key stands in the text.
    pub span: Range<usize>,
}

/// One field of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Step {
    /// Name of the field.
    pub name: String,
    /// The rows or members of it that are meant; all, if none are named.
    pub rows: Option<Select>,
    /// Where it stands in the text.
    pub span: Range<usize>,
}

/// Which rows are meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Select {
    /// How they are named.
    pub by: By,
    /// Where that stands in the text.
    pub span: Range<usize>,
}

/// How rows are named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum By {
    /// By position, from 1.
    Place(usize),
    /// By conditions or values: names, each with its words.
    Facts(Vec<(String, String)>),
}

impl Path {
    /// Reads a path.
    pub fn parse(text: &str) -> Result<Path, Fault> {
        let steps = steps(text)?;
        let names: Vec<&str> = steps.iter().map(|step| step.name.as_str()).collect();
        let known = |length: &usize| registry::part(&names[..*length].join(".")).is_some();
        let Some(length) = (1..=names.len()).find(known) else {
            let near = (2..=names.len().min(4)).rev().find_map(|length| nearest_key(&names[..length].join(".")));
            let cure = match near {
                Some(near) => format!("是否要写 {near}？ (did you mean {near}?)"),
                None => "路径以条款的键开头，如 stage.inpatient.cap；`tongchou policy paths 地区` 列出各条".to_owned(),
            };
            return Err(Fault::new(0..text.len(), format!("不认识的条款 `{text}` (unknown provision)"), cure));
        };
        if let Some(rows) = steps[..length - 1].iter().find_map(|step| step.rows.as_ref()) {
            let what = "方括号写在条款的键之后 (brackets come after the key)";
            return Err(Fault::new(rows.span.clone(), what, "如 stage.inpatient.cap[tier=first]"));
        }
        let span = 0..steps[length - 1].span.end;
        let (key, rows) = (names[..length].join("."), steps[length - 1].rows.clone());
        Ok(Path { key, rows, steps: steps[length..].to_vec(), span })
    }
}

/// The names of a path, between points that stand outside brackets.
fn steps(text: &str) -> Result<Vec<Step>, Fault> {
    let (mut found, mut start, mut depth) = (Vec::new(), 0, 0usize);
    for (at, letter) in text.char_indices().chain([(text.len(), '.')]) {
        match letter {
            '[' => depth += 1,
            ']' => depth = depth.saturating_sub(1),
            '.' if depth == 0 || at == text.len() => {
                found.push(step(text, start..at)?);
                start = at + 1;
            }
            _ => {}
        }
    }
    Ok(found)
}

fn step(text: &str, span: Range<usize>) -> Result<Step, Fault> {
    let cure = "写成 字段 或 字段[条件]，如 bands[level=3].ratio、deductible[2].amount";
    let here = &text[span.clone()];
    let (name, rest) = here.split_at(here.find('[').unwrap_or(here.len()));
    let inside = rest.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    if name.is_empty() || (!rest.is_empty() && inside.is_none_or(|inside| inside.contains(['[', ']']))) {
        return Err(Fault::new(span, format!("路径里的 “{here}” 读不出 (not a step of a path)"), cure));
    }
    let at = span.start + name.len();
    let rows = inside.map(|inside| select(inside, at..span.end)).transpose()?;
    Ok(Step { name: name.to_owned(), rows, span: span.start..at })
}

fn select(inside: &str, span: Range<usize>) -> Result<Select, Fault> {
    if let Ok(place) = inside.trim().parse() {
        return Ok(Select { by: By::Place(place), span });
    }
    let fact = |part: &str| part.split_once('=').map(|(name, words)| (name.trim().to_owned(), words.trim().to_owned()));
    let facts: Option<Vec<_>> = inside.split(',').map(fact).collect();
    let wrong = || Fault::new(span.clone(), format!("“{inside}” 不是行的条件 (not conditions of a row)"), EXAMPLE);
    facts.map(|facts| Select { by: By::Facts(facts), span: span.clone() }).ok_or_else(wrong)
}

const EXAMPLE: &str = "写行的条件，如 [tier=first,level=2]，一个条件有几个词的用 / 分开；或写第几行，如 [2]";

impl Select {
    /// The numbers of the rows that are meant, from 0.
    pub fn chosen(&self, rows: &[Row], fields: &'static [Field]) -> Result<Vec<usize>, Fault> {
        let chosen: Vec<usize> = match &self.by {
            By::Place(place) => place.checked_sub(1).filter(|at| *at < rows.len()).into_iter().collect(),
            By::Facts(facts) => {
                let wanted = self.wanted(facts, fields)?;
                (0..rows.len()).filter(|at| wanted.met(&rows[*at])).collect()
            }
        };
        if chosen.is_empty() {
            let cure = format!("有这些行 (rows there are)：{}", listed(rows));
            return Err(Fault::new(self.span.clone(), "没有这样的行 (no such row)", cure));
        }
        Ok(chosen)
    }

    fn wanted(&self, facts: &[(String, String)], fields: &'static [Field]) -> Result<Wanted, Fault> {
        let mut wanted = Wanted { when: Conditions::default(), values: Vec::new() };
        let mut asked = Vec::new();
        for (name, words) in facts {
            if let Some(field) = fields.iter().find(|field| field.name == name) {
                let value = change::read(field, words).map_err(|fault| fault.at(self.span.clone()))?;
                wanted.values.push((field.name, value));
            } else if Conditions::KEYS.contains(&name.as_str()) || name == "class" || name == "area" {
                let words: Vec<String> = words.split(['/', '|']).map(|word| change::quoted(word.trim())).collect();
                asked.push(format!("{name} = [{}]", words.join(", ")));
            } else {
                let names: Vec<&str> = Conditions::KEYS.iter().copied().chain(fields.iter().map(|f| f.name)).collect();
                let cure = format!("可用的条件 (conditions)：{}", names.join("、"));
                return Err(Fault::new(self.span.clone(), format!("不认识的条件 `{name}` (unknown condition)"), cure));
            }
        }
        let text = format!("when = {{ {} }}", asked.join(", "));
        let mut reader = Reader::new("--set", &text);
        let document = reader.document();
        let when = document.get("when").and_then(|when| reader.when(when));
        if let Some(finding) = reader.findings.into_iter().next() {
            return Err(Fault::new(self.span.clone(), finding.message, finding.cure));
        }
        wanted.when = when.unwrap_or_default();
        Ok(wanted)
    }
}

/// What a row must say of itself.
struct Wanted {
    when: Conditions,
    values: Vec<(&'static str, Value)>,
}

impl Wanted {
    fn met(&self, row: &Row) -> bool {
        names(&row.when, &self.when) && self.values.iter().all(|(name, value)| row.values.get(name) == Some(value))
    }
}

/// Whether a row's conditions name all that is wanted. A row that is silent about a fact is not meant by it.
fn names(row: &Conditions, wanted: &Conditions) -> bool {
    fn all<T: PartialEq>(row: &[T], wanted: &[T]) -> bool {
        wanted.iter().all(|one| row.contains(one))
    }
    fn any_range<T: PartialEq + Copy>(row: Option<T>, wanted: Option<T>) -> bool {
        wanted.is_none() || row == wanted
    }
    let held = |row: Categories, wanted: Categories| row.0 & wanted.0 == wanted.0;
    all(&row.scheme, &wanted.scheme)
        && all(&row.care, &wanted.care)
        && all(&row.level, &wanted.level)
        && all(&row.tier, &wanted.tier)
        && all(&row.group, &wanted.group)
        && held(row.category, wanted.category)
        && held(row.category_also, wanted.category_also)
        && any_range(row.age, wanted.age)
        && any_range(row.admission, wanted.admission)
        && all(&row.filing, &wanted.filing)
        && all(&row.disease, &wanted.disease)
        && row.mark.0 & wanted.mark.0 == wanted.mark.0
        && all(&row.carry, &wanted.carry)
        && all(&row.class, &wanted.class)
        && all(&row.area, &wanted.area)
}

/// How a row is named in a path: not at all where it is the only one, by its conditions where no other row is meant by
/// them, else by its place.
pub(super) fn named(rows: &[Row], at: usize) -> String {
    let [_, _, ..] = rows else { return String::new() };
    let Some(row) = rows.get(at) else { return String::new() };
    let alone = rows.iter().filter(|other| names(&other.when, &row.when)).count() == 1;
    if row.when.is_empty() || !alone { format!("[{}]", at + 1) } else { format!("[{}]", written(&row.when)) }
}

/// The rows of a table, as a path names them.
fn listed(rows: &[Row]) -> String {
    let one = |at: usize| match named(rows, at) {
        name if name.is_empty() => format!("[1] {}", rows[at]),
        name => format!("{name} {}", rows[at].values),
    };
    (0..rows.len()).map(one).collect::<Vec<_>>().join("、")
}

/// Conditions as a path has them: `tier=first,level=3/3p`.
pub(super) fn written(when: &Conditions) -> String {
    condition_words(when)
        .iter()
        .map(|(name, words)| format!("{name}={}", words.join("/")))
        .collect::<Vec<_>>()
        .join(",")
}

/// The conditions that are made, each with its words as files have them.
pub(super) fn condition_words(when: &Conditions) -> Vec<(&'static str, Vec<String>)> {
    let admission = |(low, high): (u8, u8)| match high {
        u8::MAX => format!("{low}+"),
        high if high == low => low.to_string(),
        high => format!("{low}-{high}"),
    };
    macro_rules! codes {
        ($members:expr) => {
            $members.map(|one| one.code().to_owned()).collect()
        };
    }
    let all: Vec<(&'static str, Vec<String>)> = vec![
        ("scheme", codes!(when.scheme.iter())),
        ("care", codes!(when.care.iter())),
        ("level", codes!(when.level.iter())),
        ("tier", when.tier.clone()),
        ("group", codes!(when.group.iter())),
        ("category", codes!(when.category.iter())),
        ("category_also", codes!(when.category_also.iter())),
        ("age", when.age.iter().map(ToString::to_string).collect()),
        ("admission", when.admission.iter().map(|ends| admission(*ends)).collect()),
        ("filing", codes!(when.filing.iter())),
        ("disease", when.disease.clone()),
        ("mark", codes!(when.mark.iter())),
        ("carry", when.carry.clone()),
        ("class", when.class.clone()),
        ("area", when.area.clone()),
    ];
    all.into_iter().filter(|(_, words)| !words.is_empty()).collect()
}
