//! Providers from a file: one line a provider, with all its facts from a day on. The same file is taken once.
//!
//! A new code is registered and designated; one that is known is amended where the line says something else. Agreements of
//! known providers are not changed by a file: they are decided one by one.

use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::amend::{Amend, Line};
use super::register::Register;
use super::{Provider, ProviderEntry, checked};
use crate::answer::{Answer, Refusal, Stop};
use crate::codec::Word;
use crate::command;
use crate::command::{Form, Shape, UseCase};
use crate::desk::Desk;
use crate::sheets::{Books, Key};
use crate::vault::hex;

command! {
    /// Load providers from a file of comma-separated values
    Load = "provider load", "载入机构清单" {
        /// The text of the file: a heading, then a line a provider
        text: String = "文件内容：首行为列名，一行一家",
        /// Take nothing if any line is rejected
        whole: bool = "有一行不合格就全部不收",
    }
}

/// Columns: the field of `provider register`, and how a Chinese file may head it.
const COLUMNS: &[(&str, &str)] = &[
    ("provider", "机构编码"),
    ("name", "机构名称"),
    ("area", "区划"),
    ("level", "级别"),
    ("care", "医疗类别"),
    ("mark", "标记"),
    ("connected", "异地联网类别"),
    ("disease", "异地联网病种"),
    ("online", "联网"),
    ("from", "起始日期"),
    ("until", "协议截止日期"),
    ("agreement", "协议编号"),
    ("by", "定点方"),
    ("uscc", "统一社会信用代码"),
    ("grade", "医院等级"),
];

/// A line that is not taken.
struct Reject {
    line: u64,
    refusal: Refusal,
}

/// What became of a line.
enum Taken {
    New,
    Amended,
    Same,
}

impl UseCase for Load {
    fn decide(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Answer, Stop> {
        let hash = hex(&Sha256::digest(self.text.as_bytes()));
        if books.linked("provider-file", &hash)?.is_some() {
            let answer = Answer::new("这份文件已载入过，没有再记", "this file was loaded before; nothing was recorded");
            return Ok(answer.with("file", hash).with("repeated", true));
        }
        let (rows, mut rejects) = rows(&self.text)?;
        let (mut new, mut amended, mut same) = (0_u32, 0_u32, 0_u32);
        for (line, register) in rows {
            match register.and_then(|register| take(desk, books, &register)) {
                Ok(Taken::New) => new += 1,
                Ok(Taken::Amended) => amended += 1,
                Ok(Taken::Same) => same += 1,
                Err(Stop::Refused(refusal)) => rejects.push(Reject { line, refusal }),
                Err(other) => return Err(other),
            }
        }
        rejects.sort_by_key(|reject| reject.line);
        if self.whole && !rejects.is_empty() {
            let told: Vec<String> = rejects.iter().map(Reject::told).collect();
            let message = format!("{} 行不合格，全部未收：{}", rejects.len(), told.join("；"));
            return Err(
                Refusal::new("rejected-lines", message, "改正这些行后重新载入，或不写 whole 只收合格的行").into()
            );
        }
        books.link("provider-file", &hash, &format!("provider-file/{}", &hash[..16]))?;
        let says = format!("新登记 {new} 家，变更 {amended} 家，相同 {same} 家，不合格 {} 行", rejects.len());
        let english = format!("{new} new, {amended} amended, {same} the same, {} rejected", rejects.len());
        let listed: Vec<Value> = rejects.iter().map(Reject::json).collect();
        Ok(Answer::new(says, english)
            .with("file", hash)
            .with("new", new)
            .with("amended", amended)
            .with("same", same)
            .with("rejects", listed))
    }
}

impl Reject {
    fn told(&self) -> String {
        format!("第 {} 行：{}（{}）", self.line, self.refusal.message, self.refusal.cure)
    }

    fn json(&self) -> Value {
        let Refusal { code, message, cure, .. } = &self.refusal;
        json!({ "line": self.line, "code": code, "message": message, "cure": cure })
    }
}

/// Registers or amends a provider. A line is taken whole or not at all: all is checked before anything is posted.
fn take(desk: &Desk<'_>, books: &mut Books<'_>, register: &Register) -> Result<Taken, Stop> {
    let code = checked(&register.provider)?;
    let key = Key::of(format!("provider/{code}"));
    let known = books.find::<Provider>(&key)?.is_some();
    let (change, agreement) = register.entries(desk)?;
    if !known {
        books.post::<Provider>(&key, &ProviderEntry::Changed(change))?;
        books.post::<Provider>(&key, &ProviderEntry::Agreed(agreement))?;
        return Ok(Taken::New);
    }
    let line = if register.online { Line::Online } else { Line::Offline };
    let amend = Amend {
        provider: code,
        from: register.from,
        name: Some(register.name.clone()),
        area: Some(register.area.clone()),
        level: Some(register.level),
        care: register.care.clone(),
        mark: register.mark.clone(),
        no_mark: register.mark.is_empty(),
        connected: register.connected.clone(),
        no_connection: register.connected.is_empty(),
        disease: register.disease.clone(),
        line: Some(Word(line)),
        uscc: register.uscc.clone(),
        grade: register.grade,
        reason: None,
    };
    let answer = amend.decide(desk, books)?;
    Ok(if answer.fields.get("changed") == Some(&Value::Bool(true)) { Taken::Amended } else { Taken::Same })
}

type Row = (u64, Result<Register, Stop>);

/// The lines of a file, and those that cannot be read at all.
fn rows(text: &str) -> Result<(Vec<Row>, Vec<Reject>), Refusal> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(text.as_bytes());
    let bad = |what: String| Refusal::new("bad-file", what, "首行写列名，用逗号分隔，编码 UTF-8");
    let heads = reader.headers().map_err(|error| bad(error.to_string()))?.clone();
    let columns: Vec<&str> = heads.iter().map(column).collect::<Result<_, _>>()?;
    let (mut rows, mut rejects) = (Vec::new(), Vec::new());
    for record in reader.records() {
        match record {
            Ok(record) => {
                let line = record.position().map_or(0, csv::Position::line);
                rows.push((line, register(&columns, &record).map_err(Stop::from)));
            }
            Err(error) => {
                let line = error.position().map_or(0, csv::Position::line);
                rejects.push(Reject { line, refusal: bad(format!("这一行读不懂：{error}")) });
            }
        }
    }
    Ok((rows, rejects))
}

fn column(head: &str) -> Result<&'static str, Refusal> {
    let found = COLUMNS.iter().find(|(field, chinese)| *field == head || *chinese == head);
    found.map(|(field, _)| *field).ok_or_else(|| {
        let known: Vec<String> = COLUMNS.iter().map(|(field, chinese)| format!("{field}（{chinese}）")).collect();
        Refusal::new("unknown-column", format!("没有 “{head}” 这一列"), format!("可用：{}", known.join("、")))
    })
}

/// A line as the registration of a provider.
fn register(columns: &[&str], record: &csv::StringRecord) -> Result<Register, Refusal> {
    let shape = Shape { verb: Register::VERB, fields: Register::FIELDS };
    let mut fields = Map::new();
    for (name, cell) in columns.iter().zip(record).filter(|(_, cell)| !cell.is_empty()) {
        let value = match *name {
            "care" | "mark" | "connected" | "disease" => {
                cell.split([' ', '、', ';', '；']).filter(|word| !word.is_empty()).collect()
            }
            "online" => Value::Bool(yes(cell)?),
            _ => Value::from(cell),
        };
        fields.insert((*name).to_owned(), value);
    }
    let (whole, _) = shape.complete(fields)?;
    serde_json::from_value(whole).map_err(|error| shape.bad(&error.to_string()))
}

fn yes(cell: &str) -> Result<bool, Refusal> {
    match cell {
        "是" | "true" | "1" | "online" | "联网" => Ok(true),
        "否" | "false" | "0" | "offline" | "未联网" => Ok(false),
        other => Err(Refusal::new("bad-field", format!("联网：“{other}” 不是是或否"), "写 是 或 否")),
    }
}
