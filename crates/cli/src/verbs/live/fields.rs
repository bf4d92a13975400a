//! Fields of declared verbs as arguments, and arguments as fields.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use books::{FieldForm, InputKind};
use clap::builder::PossibleValue;
use clap::{Arg, ArgAction, ArgMatches, value_parser};
use domain::Fen;
use serde_json::{Map, Value};
use server::access::secret;

use super::value_name;
use claims::text;

use crate::io::findings;
use crate::session::Lang;
use crate::stop::Stop;
use crate::verbs::policy::day;

/// The field whose value is the text of a file.
pub const TEXT: &str = "text";
/// The argument that names that file.
const FILE: &str = "file";

/// What every declared verb takes; a field of such a name is written `--for-NAME`.
const TAKEN: &[&str] = &[
    "actor", "bom", "db", "file", "format", "help", "key", "lang", "output", "policies", "region", "request", "today",
];

/// The field that keeps a password's hash; the password comes from a file, since a command line is seen by others.
pub const PASSWORD: &str = "password_hash";
/// The field that keeps a secret's hash; the secret is made here.
pub const SECRET: &str = "secret_hash";
/// The field that takes the secret itself, to be sealed; made here too.
pub const CLEAR: &str = "secret";

/// The long name of a field's argument.
pub fn long(field: &FieldForm) -> String {
    match field.name {
        PASSWORD => "password-file".to_owned(),
        _ if from_file(field) => FILE.to_owned(),
        name if TAKEN.contains(&name) => format!("for-{name}"),
        name => name.replace('_', "-"),
    }
}

/// The name of a field among the arguments.
pub fn id(field: &FieldForm) -> String {
    format!("field {}", field.name)
}

fn from_file(field: &FieldForm) -> bool {
    [TEXT, PASSWORD].contains(&field.name) && matches!(field.kind, InputKind::Text)
}

/// The arguments of fields.
pub fn args(fields: &[FieldForm]) -> impl Iterator<Item = Arg> + '_ {
    fields.iter().filter(|field| ![SECRET, CLEAR].contains(&field.name)).map(arg)
}

/// The argument of a field.
fn arg(field: &FieldForm) -> Arg {
    let arg = Arg::new(id(field)).long(long(field)).help(english(field)).required(field.required);
    if from_file(field) {
        return arg.value_name("FILE").value_parser(value_parser!(PathBuf));
    }
    let arg = match field.kind {
        InputKind::Flag => return arg.action(ArgAction::SetTrue).required(false),
        InputKind::Text | InputKind::Moment | InputKind::Number | InputKind::Share => arg,
        InputKind::Record(_) => return arg.value_name(value_name(field.kind)).value_parser(value_parser!(PathBuf)),
        InputKind::Day => arg.value_parser(|text: &str| day(text).map(|day| day.to_string())),
        InputKind::Money => arg.value_parser(|text: &str| yuan(text)),
        InputKind::Integer => arg.value_parser(value_parser!(i64)).allow_negative_numbers(true),
        InputKind::Word(words) => arg.value_parser(
            words().into_iter().map(|(code, zh, _)| PossibleValue::new(code).alias(zh)).collect::<Vec<_>>(),
        ),
    };
    let arg = arg.value_name(value_name(field.kind));
    if field.many { arg.action(ArgAction::Append) } else { arg }
}

/// An amount, kept as it is written.
fn yuan(text: &str) -> Result<String, String> {
    match Fen::parse_yuan(text) {
        Ok(_) => Ok(text.to_owned()),
        Err(_) => Err("金额写元，至多两位小数，如 146.40 (yuan, as 146.40)".to_owned()),
    }
}

fn english(field: &FieldForm) -> String {
    let words = words(field).into_iter().map(|(code, _)| code).collect::<Vec<_>>().join(", ");
    let many = match field.kind {
        InputKind::Record(inner) => return format!("{}; a JSON or CSV file of {}", field.en.trim(), names(inner)),
        _ if field.many => "; may be repeated",
        _ => "",
    };
    let words = if words.is_empty() { words } else { format!(": {words}") };
    format!("{}{}{words}", field.en.trim(), many)
}

/// What a field is, in Chinese, with the words it may be.
pub fn chinese(field: &FieldForm) -> String {
    let words: Vec<String> = words(field).into_iter().map(|(code, zh)| format!("{code} {zh}")).collect();
    if let InputKind::Record(inner) = field.kind {
        return format!("{}（JSON 或 CSV 文件，各项：{}）", field.zh, names(inner));
    }
    let many = if field.many { "；可写多次" } else { "" };
    let file = if from_file(field) { "（文件；- 读标准输入）" } else { "" };
    let words = if words.is_empty() { String::new() } else { format!("：{}", words.join("、")) };
    format!("{}{file}{many}{words}", field.zh)
}

/// The fields of a record; those that may be left out in brackets.
fn names(inner: &[FieldForm]) -> String {
    let name = |field: &FieldForm| if field.required { field.name.to_owned() } else { format!("[{}]", field.name) };
    inner.iter().map(name).collect::<Vec<_>>().join(", ")
}

fn words(field: &FieldForm) -> Vec<(&'static str, &'static str)> {
    let InputKind::Word(words) = field.kind else { return Vec::new() };
    words().into_iter().map(|(code, zh, _)| (code, zh)).collect()
}

/// The fields that were given.
pub fn given(fields: &[FieldForm], matches: &ArgMatches) -> Map<String, Value> {
    let value = |field: &FieldForm| -> Option<Value> {
        let name = &id(field);
        let many = |mut values: Vec<Value>| if field.many { Some(Value::Array(values)) } else { values.pop() };
        match field.kind {
            _ if from_file(field) || [SECRET, CLEAR].contains(&field.name) => None,
            InputKind::Record(_) => None,
            InputKind::Flag => matches.get_flag(name).then_some(Value::Bool(true)),
            InputKind::Integer => many(matches.get_many::<i64>(name)?.map(|n| Value::from(*n)).collect()),
            _ => many(matches.get_many::<String>(name)?.map(|text| Value::from(text.as_str())).collect()),
        }
    };
    fields.iter().filter_map(|field| Some((field.name.to_owned(), value(field)?))).collect()
}

/// The field that comes from a file, and the file that was named for it.
pub fn file(fields: &[FieldForm], matches: &ArgMatches) -> Option<(&'static str, PathBuf)> {
    let field = fields.iter().find(|field| from_file(field))?;
    Some((field.name, matches.get_one::<PathBuf>(&id(field)).cloned()?))
}

/// What a file says for a field: its text, or the hash of the password in it.
///
/// # Errors
/// When it cannot be read, or the password is too short.
pub fn from(name: &str, path: &Path, lang: Lang) -> anyhow::Result<String> {
    let text = text_of(path, lang)?;
    if name != PASSWORD {
        return Ok(text);
    }
    let hash = secret::password(text.trim_end_matches(['\r', '\n']));
    hash.map_err(|refusal| Stop::usage(refusal.to_string(), refusal.cure).into())
}

/// The text of a file, in whatever encoding desktops here write; `-` is standard input.
///
/// # Errors
/// When it cannot be read, or is no text.
pub(super) fn text_of(path: &Path, lang: Lang) -> anyhow::Result<String> {
    let shown = path.display().to_string();
    let mut bytes = Vec::new();
    let read = if shown == "-" {
        std::io::stdin().lock().read_to_end(&mut bytes).map(drop)
    } else {
        std::fs::read(path).map(|read| bytes = read)
    };
    read.map_err(|error| Stop::usage(format!("读不了 {shown}：{error}"), "核对路径与读取权限"))?;
    if bytes.starts_with(b"PK\x03\x04") {
        return Err(Stop::usage(format!("{shown} 是 Excel 工作簿"), "在 Excel 或 WPS 中另存为“CSV UTF-8”后再试").into());
    }
    match text::decode(&shown, bytes) {
        Ok(decoded) => {
            let noted: Vec<_> = decoded.assumed.into_iter().collect();
            findings::tell(&noted, &findings::Texts::new(), lang)?;
            Ok(decoded.text)
        }
        Err(finding) => {
            findings::tell(std::slice::from_ref(&*finding), &findings::Texts::new(), lang)?;
            Err(Stop::Refused(format!("{shown} 没有载入")).into())
        }
    }
}
