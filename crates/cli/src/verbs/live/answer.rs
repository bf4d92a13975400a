//! Answers and refusals of the books, in words or as JSON.

use books::{Answer, Refusal, Step};
use policy::Library;
use serde_json::{Value, json};
use service::Failure;

use super::place::stopped;
use crate::answer::{Reply, in_brackets, placed};
use crate::english;
use crate::output::{aside, clauses, put};
use crate::sentences::said;
use crate::session::{Lang, Session, Verdict};

/// Gives what a command came to. A refusal ends in exit code 1.
pub fn give(
    session: &Session,
    reply: &Reply,
    verb: &str,
    request: &str,
    outcome: Result<Answer, Failure>,
) -> anyhow::Result<Verdict> {
    let library = &session.shelf.library;
    match outcome {
        Ok(answer) if reply.is_json() => {
            put(&format!("{:#}\n", record(&answer, request, library)), reply.file())?;
            Ok(Verdict::Good)
        }
        Ok(answer) => {
            let words = in_words(&answer, verb, library, session.lang);
            match (file_of(&answer), reply.file()) {
                // What goes out as a file goes into the file that was named, and what is said of it beside.
                (Some(file), Some(path)) => {
                    aside(words.trim_end());
                    put(file, Some(path))?;
                }
                (Some(file), None) => put(&format!("{words}{file}"), None)?,
                (None, path) => put(&words, path)?,
            }
            Ok(Verdict::Good)
        }
        Err(Failure::Refused(refusal)) if reply.is_json() => {
            put(
                &format!("{:#}\n", json!({ "request": request, "refused": refusal_record(&refusal, library) })),
                reply.file(),
            )?;
            Ok(Verdict::Findings)
        }
        Err(Failure::Operational(mut trouble)) => {
            trouble.message.push_str(&format!("\n  = {}{request}", session.lang.of("请求号 ", "request ")));
            Err(stopped(trouble.into()))
        }
        Err(failure) => refused(session, verb, failure),
    }
}

/// Tells a refusal beside the output; what the machine could not do ends the verb.
pub fn refused(session: &Session, verb: &str, failure: Failure) -> anyhow::Result<Verdict> {
    let Failure::Refused(refusal) = failure else { return Err(stopped(failure)) };
    let places = in_brackets(&placed(&refusal.clauses, &session.shelf.library), session.lang);
    let head = session.lang.of("未办理", "refused");
    let colon = session.lang.of("：", ": ");
    let (what, cure) = english::refusal(session.lang, &refusal.code, &refusal.message, &refusal.cure);
    aside(format!("■ {verb}\n  {head} [{}]{colon}{what}{places}\n  = {cure}", refusal.code));
    Ok(Verdict::Findings)
}

fn in_words(answer: &Answer, verb: &str, library: &Library, lang: Lang) -> String {
    let mut lines = vec![format!("■ {verb}")];
    for (at, step) in answer.steps.iter().enumerate() {
        let text = match step.english.as_str() {
            "" => said(lang, &step.text),
            english => lang.of(&step.text, english).to_owned(),
        };
        lines.push(format!("  {}. {text}", at + 1));
        let mut cites = placed(&step.sources, library);
        if !matches!(step.basis.as_str(), "" | "stated") {
            cites.push(step.basis.clone());
        }
        if !cites.is_empty() {
            lines.push(format!("       {}", cites.join(lang.of("；", "; "))));
        }
    }
    lines.push(format!("  = {}", lang.of(&answer.says, &answer.english)));
    lines.extend(answer.shown.values().flat_map(shown));
    lines.join("\n") + "\n"
}

/// The text of a file to send out, where the answer holds one.
fn file_of(answer: &Answer) -> Option<&str> {
    answer.fields.get("file").and_then(Value::as_str).filter(|text| text.contains('\n'))
}

/// What is shown to who asked alone, one line a record.
fn shown(value: &Value) -> Vec<String> {
    match value {
        Value::Array(list) => list.iter().flat_map(shown).collect(),
        Value::Object(fields) => vec![format!("    {}", fields.values().map(plain).collect::<Vec<_>>().join("  "))],
        other => vec![format!("    {}", plain(other))],
    }
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn record(answer: &Answer, request: &str, library: &Library) -> Value {
    let step = |step: &Step| {
        let Step { text, english, sources, basis } = step;
        json!({ "text": text, "english": english, "sources": clauses(library, sources), "basis": basis })
    };
    let mut record = json!({
        "request": request,
        "says": answer.says,
        "english": answer.english,
        "fields": answer.fields,
        "steps": answer.steps.iter().map(step).collect::<Vec<_>>(),
    });
    if !answer.shown.is_empty() {
        record["shown"] = Value::Object(answer.shown.clone());
    }
    record
}

fn refusal_record(refusal: &Refusal, library: &Library) -> Value {
    json!({
        "code": refusal.code,
        "message": refusal.message,
        "cure": refusal.cure,
        "clauses": clauses(library, &refusal.clauses),
    })
}
