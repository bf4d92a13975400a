//! The form of a command, made from the registry: each field with its label and a control by what it may hold; and what a filled-in
//! form says, as the fields of the command.

use axum::http::StatusCode;
use books::{Command, FieldForm, InputKind, Refusal};
use maud::{Markup, html};
use policy::View;
use serde_json::{Map, Value};
use server::access::Caller;
use server::{Pairs, Problem};

use super::ask;
use super::task::Task;
use crate::asked::Asked;
use crate::fields::{Options, areas, number, tiers};
use crate::list::Row;

/// What may be chosen where any text may be written, by field.
pub struct Choices {
    providers: Options,
    tiers: Options,
    diseases: Options,
    areas: Options,
}

impl Choices {
    /// Of the region of the books, as far as the task asks for them.
    pub async fn of(asked: &Asked, caller: &Caller, task: &Task) -> Choices {
        let wants = |name: &str| task.fields.iter().chain(task.more).any(|field| *field == name);
        let mut choices = Choices { providers: Vec::new(), tiers: Vec::new(), diseases: Vec::new(), areas: Vec::new() };
        if wants("provider") || wants("from_provider") {
            let only = serde_json::json!({ "designated": true });
            // Without the list, a code can still be written.
            if let Ok(table) = ask(asked, caller, "provider list", only).await {
                choices.providers = Row::all(&table).map(|row| (row.text("provider"), row.text("name"))).collect();
            }
        }
        let Ok(region) = asked.pages.library.region(asked.app.bridge.region()) else { return choices };
        if wants("tier") {
            choices.tiers = tiers(asked, region);
        }
        if wants("area") {
            choices.areas = areas(asked, region);
        }
        if wants("disease") {
            let terms = asked.pages.library.terms(region, asked.today(), &View::default());
            let family = if task.set.contains(&("kind", "special")) { "disease.special." } else { "disease." };
            let named = terms.family(family).filter_map(|(rest, cited)| {
                let name = cited.provision.record.text("name").unwrap_or_default();
                Some((rest.rsplit('.').next()?.to_owned(), name.to_owned()))
            });
            choices.diseases = named.collect();
            choices.diseases.sort();
            choices.diseases.dedup();
        }
        choices
    }

    fn of_field(&self, name: &str) -> &[(String, String)] {
        match name {
            "provider" | "from_provider" => &self.providers,
            "tier" => &self.tiers,
            "disease" => &self.diseases,
            "area" => &self.areas,
            _ => &[],
        }
    }
}

/// What stands in a form: what was filled in, or what is taken to be meant at first.
pub struct Filled<'a> {
    /// What was filled in.
    pub said: Option<&'a Pairs>,
    /// The field that was found wrong.
    pub wrong: Option<&'static str>,
}

/// All controls of a task's form.
pub fn controls(asked: &Asked, task: &Task, command: &Command, choices: &Choices, filled: &Filled<'_>) -> Markup {
    let of = |names: &[&str]| -> Vec<&FieldForm> { names.iter().filter_map(form_of(command)).collect() };
    let more = of(task.more);
    let is_used = more.iter().any(|field| !values(asked, field, filled).is_empty() || filled.wrong == Some(field.name));
    html! {
        div.grid { @for field in of(task.fields) { (control(asked, field, choices, filled)) } }
        @if !more.is_empty() {
            details open[is_used] {
                summary { (asked.of("不常用的项", "Rarely needed")) }
                div.grid { @for field in more { (control(asked, field, choices, filled)) } }
            }
        }
    }
}

fn form_of(command: &Command) -> impl Fn(&&str) -> Option<&'static FieldForm> {
    let fields = command.fields;
    move |name| fields.iter().find(|field| field.name == *name)
}

/// What stands in a field.
fn values(asked: &Asked, field: &FieldForm, filled: &Filled<'_>) -> Vec<String> {
    if let Some(said) = filled.said {
        let of = said.iter().filter(|(name, text)| name == field.name && !text.trim().is_empty());
        return of.map(|(_, text)| text.clone()).collect();
    }
    let first = asked.one(field.name).map(str::to_owned);
    let today = |name: &str| name == "date" || name == "from" && field.required;
    let otherwise = || match field.kind {
        InputKind::Integer if field.name == "year" => Some(asked.today().year().to_string()),
        InputKind::Day if today(field.name) => Some(asked.today().to_string()),
        _ => None,
    };
    first.or_else(otherwise).into_iter().collect()
}

fn control(asked: &Asked, field: &FieldForm, choices: &Choices, filled: &Filled<'_>) -> Markup {
    let name = field.name;
    let held = values(asked, field, filled);
    let one = held.first().map(String::as_str).unwrap_or_default();
    let wrong = (filled.wrong == Some(name)).then_some("trouble");
    let known = choices.of_field(name);
    let invalid = wrong.map(|_| "true");
    let label = html! {
        (asked.of(field.zh, field.en.trim()))
        @if field.required { span.must aria-hidden="true" { " *" } }
    };
    match field.kind {
        InputKind::Flag => html! {
            div.tick {
                input id=(name) name=(name) type="checkbox" value="true" checked[one == "true"];
                label for=(name) { (label) }
            }
        },
        InputKind::Word(words) if field.many => html! {
            fieldset.ticks {
                legend { (label) }
                @for (code, zh, en) in words() {
                    div.tick {
                        input id=(format!("{name}-{code}")) name=(name) type="checkbox" value=(code) checked[held.iter().any(|held| held == code)];
                        label for=(format!("{name}-{code}")) { (asked.of(zh, en)) }
                    }
                }
            }
        },
        InputKind::Word(words) => {
            let options = words().into_iter().map(|(code, zh, en)| (code.to_owned(), asked.of(zh, en).to_owned(), zh));
            html! {
                div {
                    label for=(name) { (label) }
                    select id=(name) name=(name) required[field.required] aria-invalid=[invalid] aria-describedby=[wrong] {
                        option value="" { @if field.required { (asked.of("请选择", "choose")) } }
                        @for (code, says, zh) in options { option value=(code) selected[one == code || one == zh] { (says) } }
                    }
                }
            }
        }
        _ if field.many => html! {
            div {
                label for=(name) { (label) (asked.of("，一行一个", ", one a line")) }
                textarea id=(name) name=(name) rows="2" required[field.required] aria-invalid=[invalid] aria-describedby=[wrong] { (held.join("\n")) }
                (known_words(asked, name, known))
            }
        },
        _ if name == "tier" && !known.is_empty() => html! {
            div {
                label for=(name) { (label) }
                select id=(name) name=(name) required[field.required] aria-invalid=[invalid] aria-describedby=[wrong] {
                    @if !field.required { option value="" {} }
                    @for (code, says) in known { option value=(code) selected[one == code] { (says) } }
                }
            }
        },
        kind => html! {
            div {
                label for=(name) { (label) }
                input id=(name) name=(name) type=(input_type(kind)) inputmode=[input_mode(kind)] autocomplete="off" value=(one)
                    required[field.required] list=[(!known.is_empty()).then(|| format!("{name}-known"))]
                    aria-invalid=[invalid] aria-describedby=[wrong];
                @if !known.is_empty() {
                    datalist id=(format!("{name}-known")) {
                        @for (code, says) in known { option value=(code) { (says) } }
                    }
                }
            }
        },
    }
}

/// Codes to choose from, where a field of several lines can have no list of its own.
fn known_words(asked: &Asked, name: &str, known: &[(String, String)]) -> Markup {
    html! {
        @if !known.is_empty() && known.len() <= 40 {
            details {
                summary.hint { (asked.of("可写的编码", "Codes")) }
                ul.cites id=(format!("{name}-codes")) { @for (code, says) in known { li { code { (code) } " " (says) } } }
            }
        }
    }
}

fn input_type(kind: InputKind) -> &'static str {
    if matches!(kind, InputKind::Day) { "date" } else { "text" }
}

fn input_mode(kind: InputKind) -> Option<&'static str> {
    match kind {
        InputKind::Money | InputKind::Number => Some("decimal"),
        InputKind::Integer => Some("numeric"),
        _ => None,
    }
}

/// What a filled-in form says, as the fields of the command.
///
/// # Errors
/// When a number is none; all else is the command's to judge.
pub fn read(asked: &Asked, task: &Task, command: &Command, said: &Pairs) -> Result<Map<String, Value>, Problem> {
    let mut fields = Map::new();
    for field in task.fields.iter().chain(task.more).filter_map(form_of(command)) {
        let texts: Vec<&str> =
            said.iter().filter(|(name, _)| name == field.name).flat_map(|(_, text)| lines(field, text)).collect();
        if field.many && !texts.is_empty() {
            let several = texts.iter().map(|text| Value::from(*text)).collect();
            fields.insert(field.name.to_owned(), Value::Array(several));
        } else if let Some(text) = texts.first() {
            fields.insert(field.name.to_owned(), value(asked, field, text)?);
        }
    }
    for (name, text) in task.set {
        let value = if *text == "true" { Value::Bool(true) } else { Value::from(*text) };
        fields.insert((*name).to_owned(), value);
    }
    Ok(fields)
}

/// The texts that a field of a form holds: one, or one a line where there may be several.
fn lines<'t>(field: &FieldForm, text: &'t str) -> Vec<&'t str> {
    let parts: Vec<&str> = if field.many { text.lines().collect() } else { vec![text] };
    parts.into_iter().map(str::trim).filter(|text| !text.is_empty()).collect()
}

fn value(asked: &Asked, field: &FieldForm, text: &str) -> Result<Value, Problem> {
    match field.kind {
        InputKind::Flag => Ok(Value::Bool(text == "true")),
        InputKind::Money => Ok(Value::from(number(text))),
        InputKind::Integer => number(text).parse::<i64>().map(Value::from).map_err(|_| {
            let message =
                format!("{}（{}）：{}", field.name, field.zh, asked.of("应为整数", "should be a whole number"));
            let cure = asked.of("写数字，如 2022", "write digits, as 2022");
            Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "bad-field", message, cure)
        }),
        _ => Ok(Value::from(text)),
    }
}

/// Codes of refusals, and the fields that they are about.
const ABOUT: &[(&str, &[&str])] = &[
    ("wrong-check-digit", &["number"]),
    ("bad-number", &["number"]),
    ("already-registered", &["number"]),
    ("unknown-area", &["area"]),
    ("unknown-provider", &["provider", "from_provider"]),
    ("unknown-tier", &["tier"]),
    ("unknown-disease", &["disease"]),
    ("impossible-date", &["date", "from", "on"]),
    ("already-settled", &["visit"]),
    ("missing-reason", &["reason"]),
];

/// The field of a task that a refusal is about, as far as it tells.
pub fn wrong(task: &Task, refusal: &Refusal) -> Option<&'static str> {
    let all = || task.fields.iter().chain(task.more).copied();
    let known = ABOUT.iter().find(|(code, _)| *code == refusal.code).map_or(&[][..], |(_, fields)| fields);
    let by_code = all().find(|name| known.contains(name));
    let of_form = ["missing-field", "bad-field", "field-not-taken"].contains(&refusal.code.as_str());
    let named = |name: &&str| {
        words(&refusal.message).any(|word| word == *name) || words(&refusal.cure).any(|word| word == *name)
    };
    by_code.or_else(|| all().find(|name| of_form && named(name)))
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_')
}

#[cfg(test)]
mod tests {
    use super::super::task::named;
    use super::*;

    fn check(task: &str, code: &str, message: &str, expected: Option<&str>) {
        assert_eq!(wrong(named(task).unwrap(), &Refusal::new(code, message, "")), expected);
    }

    #[test]
    fn a_refusal_is_shown_at_its_field() {
        check("register", "wrong-check-digit", "居民身份证 1101：校验位不对", Some("number"));
        check("settle", "missing-field", "care settle：缺少 visit（就诊号）", Some("visit"));
        check("settle", "already-settled", "就诊 1 已经结算", Some("visit"));
        check("pay", "no-bill", "没有缴费单", None);
    }
}
