//! Reads the steps of a story, with findings for what is not understood.

use std::collections::BTreeSet;

use books::{COMMANDS, Command, FieldForm, InputKind, QUERIES, Query};
use domain::{Date, Place};
use jiff::civil::Time;
use jiff::tz::{TimeZone, offset};
use policy::reader::Reader;
use policy::value::Record;
use serde_json::{Map, Value};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::{STEP, json};

/// Hours by which China is ahead of UTC.
const CHINA: i8 = 8;

/// What a step does.
#[derive(Clone, Copy)]
pub(crate) enum Verb {
    Run(&'static Command),
    Ask(&'static Query),
}

impl Verb {
    pub(super) fn words(self) -> &'static str {
        match self {
            Verb::Run(command) => command.verb,
            Verb::Ask(query) => query.verb,
        }
    }

    fn fields(self) -> &'static [FieldForm] {
        match self {
            Verb::Run(command) => command.fields,
            Verb::Ask(query) => query.fields,
        }
    }
}

/// One step, read.
pub(crate) struct Step {
    pub(super) verb: Verb,
    pub(super) day: Date,
    /// Microseconds since 1970, UTC.
    pub(super) at: i64,
    pub(super) input: Map<String, Value>,
    /// By path.
    pub(super) expect: Vec<(String, Value)>,
    /// Its other fields.
    pub(super) record: Record,
    pub(super) place: Place,
}

impl Step {
    /// Whether the step compares nothing.
    pub(crate) fn expects_nothing(&self) -> bool {
        let compared = ["refused", "clauses", "expect_rows", "absent", "hides"];
        self.expect.is_empty() && compared.iter().all(|name| self.record.get(name).is_none())
    }

    /// Takes `do` out of a case's table.
    pub(crate) fn take(reader: &mut Reader<'_>, table: &mut DeTable<'_>) -> Vec<Step> {
        let Some(steps) = table.remove("do") else {
            reader.error("missing-key", 0..0, "故事没有写 do", "写 do = [{ on = …, run = \"…\", with = { … } }]");
            return Vec::new();
        };
        let Some(entries) = steps.get_ref().as_array() else {
            reader.error("wrong-type", steps.span(), "do 应为表的列表", "写成 do = [{ … }, { … }]");
            return Vec::new();
        };
        let mut story = Story { named: BTreeSet::new(), before: None };
        entries.iter().filter_map(|entry| story.step(reader, entry)).collect()
    }
}

/// What the steps read so far leave to the next.
struct Story {
    named: BTreeSet<String>,
    /// Day and moment of the step before.
    before: Option<(Date, i64)>,
}

impl Story {
    fn step(&mut self, reader: &mut Reader<'_>, entry: &Spanned<DeValue<'_>>) -> Option<Step> {
        let Some(table) = entry.get_ref().as_table() else {
            reader.error("wrong-type", entry.span(), "步骤应为表", "写成 { on = …, run = \"…\", with = { … } }");
            return None;
        };
        let mut plain = table.clone();
        let with = plain.remove("with");
        let expect = plain.remove("expect");
        let (record, _) = reader.record(&plain, entry.span(), &[STEP], false);
        let input = fields(reader, with.as_ref(), "with");
        let expect = json::paths(fields(reader, expect.as_ref(), "expect"));
        let moment = self.moment(reader, &record, entry);
        let verb = verb(reader, &record, entry);
        let wanted = expect
            .iter()
            .flat_map(|(path, value)| json::names(value).into_iter().chain(json::names(&Value::from(path.as_str()))));
        let hidden = record.texts("hides").into_iter().flat_map(|text| json::names(&Value::from(text)));
        for name in input.values().flat_map(json::names).chain(wanted).chain(hidden) {
            if !self.named.contains(&name) {
                let known: Vec<&str> = self.named.iter().map(String::as_str).collect();
                let cure = format!("在前面的步骤写 as = \"{name}\"；已有：{}", known.join("、"));
                reader.error("dangling", entry.span(), format!("前面没有名为“{name}”的答复 (unknown answer)"), cure);
            }
        }
        self.named.extend(record.text("as").map(str::to_owned));
        let (verb, (day, at)) = (verb?, moment?);
        let (input, span) = (amounts(verb.fields(), input), with.as_ref().map_or(entry.span(), Spanned::span));
        if record.text("refused") != Some("unknown-field") {
            let known: Vec<&str> = verb.fields().iter().map(|field| field.name).collect();
            for unknown in input.keys().filter(|name| !known.contains(&name.as_str())) {
                reader.unknown_key(unknown, span.clone(), &known);
            }
        }
        Some(Step { verb, day, at, input, expect, record, place: reader.place(entry.span()) })
    }

    /// When the step is: a story never goes back.
    fn moment(
        &mut self,
        reader: &mut Reader<'_>,
        record: &Record,
        entry: &Spanned<DeValue<'_>>,
    ) -> Option<(Date, i64)> {
        let Some(day) = record.date("on").or(self.before.map(|(day, _)| day)) else {
            reader.error("missing-key", entry.span(), "第一步没有写日期", "写 on = 2023-01-05");
            return None;
        };
        let time = match record.text("at").map(str::parse::<Time>) {
            // A step that says nothing comes right after the one before on the same day.
            None if self.before.is_some_and(|(before, _)| before == day) => return self.before,
            None => Time::constant(12, 0, 0, 0),
            Some(Ok(time)) => time,
            Some(Err(_)) => {
                reader.error("wrong-unit", entry.span(), "at 不是时刻 (not a time)", "写成 \"09:30\"");
                return None;
            }
        };
        let zoned = day.to_datetime(time).to_zoned(TimeZone::fixed(offset(CHINA))).ok()?;
        let at = zoned.timestamp().as_microsecond();
        if let Some((before, _)) = self.before.filter(|(_, before)| *before > at) {
            let message = format!("{day} {time} 在前一步（{before}）之前：故事不能倒着讲 (goes back in time)");
            reader.error("wrong-order", entry.span(), message, "按先后写步骤；一天的第一步不写 at 就是正午");
        }
        self.before = Some((day, at));
        Some((day, at))
    }
}

fn fields(reader: &mut Reader<'_>, value: Option<&Spanned<DeValue<'_>>>, name: &str) -> Map<String, Value> {
    let Some(value) = value else { return Map::new() };
    match value.get_ref().as_table() {
        Some(table) => json::object(reader, table),
        None => {
            reader.error("wrong-type", value.span(), format!("{name} 应为表"), format!("写成 {name} = {{ … }}"));
            Map::new()
        }
    }
}

fn verb(reader: &mut Reader<'_>, record: &Record, entry: &Spanned<DeValue<'_>>) -> Option<Verb> {
    let span = entry.span();
    let (found, words, known): (Option<Verb>, &str, Vec<&str>) = match (record.text("run"), record.text("ask")) {
        (Some(words), None) => {
            let known = COMMANDS.iter().copied().flatten().map(|command| command.verb);
            (Command::named(words).map(Verb::Run), words, known.collect())
        }
        (None, Some(words)) => {
            let known = QUERIES.iter().copied().flatten().map(|query| query.verb);
            (Query::named(words).map(Verb::Ask), words, known.collect())
        }
        _ => {
            reader.error("missing-key", span, "步骤要有 run 或 ask 其一", "写 run = \"person register\" 这样的命令");
            return None;
        }
    };
    if found.is_none() {
        reader.unknown_word(words, span, &known);
        return None;
    }
    let only = |name: &str, verb: Option<&str>| verb.is_some() && record.get(name).is_some();
    if only("key", record.text("ask")) || only("expect_rows", record.text("run")) {
        reader.error("wrong-key", span, "key 只用于命令（run），expect_rows 只用于查询（ask）", "去掉这一项");
    }
    found
}

/// The input with the amounts of money fields written as the commands read them.
fn amounts(fields: &[FieldForm], mut input: Map<String, Value>) -> Map<String, Value> {
    for field in fields {
        let Some(value) = input.get_mut(field.name) else { continue };
        match field.kind {
            InputKind::Money | InputKind::Number => *value = in_yuan(value),
            InputKind::Record(inner) => {
                for one in value.as_array_mut().into_iter().flatten().filter_map(Value::as_object_mut) {
                    *one = amounts(inner, std::mem::take(one));
                }
            }
            _ => {}
        }
    }
    input
}

fn in_yuan(value: &Value) -> Value {
    match value {
        Value::Number(yuan) => Value::from(yuan.to_string()),
        Value::Array(values) => values.iter().map(in_yuan).collect(),
        other => other.clone(),
    }
}
