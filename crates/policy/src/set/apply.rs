//! One change carried out in a record: down the path, row by row.

use super::change::{Change, Derive};
use super::fault::Fault;
use super::path::{By, Path, Select, Step, named};
use crate::registry::{Field, Kind};
use crate::value::{Amount, Record, Row, Value};

/// Fields that are meant where a path ends above them.
const MAIN: &[&str] = &["amount", "ratio", "share", "line", "value"];

/// A change on its way through a record. Spans of its faults are of the path; of the value where it is wrong.
pub(super) struct Applied<'s> {
    path: &'s Path,
    value: &'s str,
    value_at: usize,
    derive: Derive<'s>,
}

impl<'s> Applied<'s> {
    /// Of a path and the value behind it, which begins at `value_at` in the text.
    pub fn new(path: &'s Path, value: &'s str, value_at: usize, derive: Derive<'s>) -> Applied<'s> {
        Applied { path, value, value_at, derive }
    }

    /// Changes all that the path means in a record of these fields.
    pub fn to(&self, fields: &'static [Field], record: &mut Record) -> Result<(), Fault> {
        let Some(select) = &self.path.rows else { return self.field(fields, record, &self.path.steps) };
        match tables(fields).next() {
            Some((name, inner)) => self.rows(name, inner, record, Some(select), &self.path.steps),
            None => Err(Fault::new(select.span.clone(), "这里没有表 (no table here)", there(fields, record))),
        }
    }

    fn field(&self, fields: &'static [Field], record: &mut Record, steps: &[Step]) -> Result<(), Fault> {
        let Some((step, rest)) = steps.split_first() else { return self.main(fields, record) };
        // What a record does not say itself may stand in its table: `cap.amount`, `bands.ratio` where there are bands.
        if record.get(&step.name).is_none()
            && let Some((table, inner)) = tables(fields).find(|(table, inner)| {
                record.get(table).is_some()
                    && (holds(inner, &step.name) || tables(inner).any(|(_, f)| holds(f, &step.name)))
            })
        {
            return self.rows(table, inner, record, None, steps);
        }
        let Some(field) = fields.iter().find(|field| field.name == step.name) else {
            let message = format!("没有字段 `{}` (no such field)", step.name);
            return Err(Fault::new(step.span.clone(), message, there(fields, record)));
        };
        match field.kind {
            Kind::Rows(inner, _) if !rest.is_empty() || step.rows.is_some() || !self.value.starts_with('[') => {
                self.rows(field.name, inner, record, step.rows.as_ref(), rest)
            }
            _ => match rest.first() {
                Some(deeper) => {
                    let message = format!("`{}` 之下没有字段 (nothing below)", step.name);
                    Err(Fault::new(deeper.span.clone(), message, there(fields, record)))
                }
                None => self.leaf(field, record, step.rows.as_ref()),
            },
        }
    }

    fn rows(
        &self,
        name: &str,
        fields: &'static [Field],
        record: &mut Record,
        select: Option<&Select>,
        rest: &[Step],
    ) -> Result<(), Fault> {
        let Some(Value::Rows(rows)) = record.get_mut(name) else {
            let message = format!("这里没有写 `{name}` (no `{name}` here)");
            return Err(Fault::new(self.path.span.clone(), message, self.path.key.clone()));
        };
        let chosen = match select {
            Some(select) => select.chosen(rows, fields)?,
            None => (0..rows.len()).collect(),
        };
        for at in chosen {
            if let Some(row) = rows.get_mut(at) {
                self.field(fields, &mut row.values, rest)?;
            }
        }
        Ok(())
    }

    /// The figure that is meant where the path ends at a provision or a row.
    fn main(&self, fields: &'static [Field], record: &mut Record) -> Result<(), Fault> {
        if let Some((table, inner)) = tables(fields).find(|(table, _)| record.get(table).is_some()) {
            return self.rows(table, inner, record, None, &[]);
        }
        let mains: Vec<&Field> = fields.iter().filter(|field| MAIN.contains(&field.name)).collect();
        let there_is = mains.iter().find(|field| record.get(field.name).is_some());
        match there_is.or(mains.first()) {
            Some(field) => self.leaf(field, record, None),
            None => {
                let message = "路径还没有写到一个数字 (the path ends above a figure)";
                Err(Fault::new(self.path.span.clone(), message, there(fields, record)))
            }
        }
    }

    fn leaf(&self, field: &Field, record: &mut Record, select: Option<&Select>) -> Result<(), Fault> {
        let at_value = |fault: Fault| fault.at(self.value_at..self.value_at + self.value.len());
        let wrong = |message: String| {
            let message = format!("`{}`：{message}", field.name);
            at_value(Fault::new(0..0, message, format!("{} ({})", field.name, field.doc)))
        };
        let new = match select {
            None => {
                let change = Change::parse(field, self.value).map_err(at_value)?;
                change.of(field, record.get(field.name), self.derive).map_err(wrong)?
            }
            Some(select) => {
                let Some(Value::List(list)) = record.get(field.name) else {
                    return Err(Fault::new(select.span.clone(), "这不是列表 (not a list)", field.doc));
                };
                let mut list = list.clone();
                let place = match &select.by {
                    By::Place(place) => place.checked_sub(1),
                    By::Facts(_) => None,
                };
                let Some(one) = place.and_then(|at| list.get_mut(at)) else {
                    let values: Vec<String> = list.iter().map(ToString::to_string).collect();
                    let cure = format!("有 (there are) {} 个：{}", values.len(), values.join("、"));
                    return Err(Fault::new(select.span.clone(), "没有这一个 (no such member)", cure));
                };
                let member = Field { kind: member(field.kind), ..*field };
                let change = Change::parse(&member, self.value).map_err(at_value)?;
                *one = change.of(&member, Some(one), self.derive).map_err(wrong)?;
                Value::List(list)
            }
        };
        // A figure that is given is no longer left to another text.
        let figure = matches!(new, Value::Amount(_) | Value::Rate(_) | Value::Integer(_));
        if figure && new != Value::Amount(Amount::Open) && record.flag("open") == Some(true) {
            record.remove("open");
        }
        let span = record.span(field.name).unwrap_or(0..0);
        record.insert(field.name, new, span);
        Ok(())
    }
}

/// The tables among fields.
pub(super) fn tables(fields: &'static [Field]) -> impl Iterator<Item = (&'static str, &'static [Field])> {
    fields.iter().filter_map(|field| match field.kind {
        Kind::Rows(inner, _) => Some((field.name, inner)),
        _ => None,
    })
}

fn holds(fields: &[Field], name: &str) -> bool {
    fields.iter().any(|field| field.name == name)
}

/// What one member of a list holds.
pub(super) fn member(kind: Kind) -> Kind {
    match kind {
        Kind::Amounts => Kind::Amount,
        Kind::Texts => Kind::Text,
        Kind::Words(words) => Kind::Word(words),
        other => other,
    }
}

/// What there is to be set: the values that stand, and the fields that may be added.
fn there(fields: &'static [Field], record: &Record) -> String {
    let stands = |field: &Field| {
        Some(match record.get(field.name)? {
            Value::Rows(rows) => {
                let rows: Vec<String> = (0..rows.len()).map(|at| row_there(field.name, rows, at)).collect();
                rows.join("、")
            }
            value => format!("{}={value}", field.name),
        })
    };
    let values: Vec<String> = fields.iter().filter_map(stands).collect();
    let more: Vec<&str> =
        fields.iter().filter(|field| record.get(field.name).is_none()).map(|field| field.name).collect();
    let more = if more.is_empty() { String::new() } else { format!("；还可写 (also) {}", more.join("、")) };
    format!("有 (there are)：{}{more}", values.join("、"))
}

fn row_there(name: &str, rows: &[Row], at: usize) -> String {
    format!("{name}{}：{}", named(rows, at), rows[at].values)
}
