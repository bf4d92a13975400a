//! Short answers with their reasons, of the verbs that answer one question.

use std::path::{Path, PathBuf};

use domain::Basis;
use enrolment::{Refusal, Step};
use policy::Library;
use serde_json::{Value, json};

use crate::english;
use crate::output::{aside, clauses, put};
use crate::sentences::said;
use crate::session::{Lang, Session, Verdict};

/// Where an answer goes, and how.
#[derive(clap::Args)]
pub struct Reply {
    /// Format: text (default) or json
    #[arg(long, value_enum, default_value_t)]
    format: Form,
    /// Write to a file, whole or not at all
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
enum Form {
    #[default]
    Text,
    Json,
}

/// An answer.
pub struct Answer<'a> {
    /// What was asked, in words.
    pub asked: Vec<String>,
    /// The answer in words.
    pub says: String,
    /// The same for programs.
    pub fields: Value,
    /// The reasons, in order.
    pub steps: &'a [Step],
    /// The weakest basis used.
    pub basis: Basis,
    /// What the answer lacks, and why.
    pub lacks: Vec<&'a Refusal>,
}

impl Reply {
    /// Whether it is for a program.
    pub fn is_json(&self) -> bool {
        self.format == Form::Json
    }

    /// The file it goes to, if not to standard output.
    pub fn file(&self) -> Option<&Path> {
        self.output.as_deref()
    }

    /// Gives an answer, or the refusal in its place. A refusal ends in exit code 1.
    pub fn give(
        &self,
        session: &Session,
        library: &Library,
        asked: &[String],
        outcome: Result<Answer<'_>, &Refusal>,
    ) -> anyhow::Result<Verdict> {
        let verdict = if outcome.is_ok() { Verdict::Good } else { Verdict::Findings };
        let text = match (self.format, outcome) {
            (Form::Text, Ok(answer)) => in_words(&answer, library, session.lang),
            (Form::Text, Err(refusal)) => {
                // As with any other finding, what is refused is told beside the output and not in it.
                aside(format!(
                    "■ {}\n  {}",
                    asked.join("  "),
                    refused(refusal, library, session.lang).replace('\n', "\n  ")
                ));
                return Ok(verdict);
            }
            (Form::Json, Ok(answer)) => format!("{:#}\n", record(&answer, library)),
            (Form::Json, Err(refusal)) => format!("{:#}\n", json!({ "refused": refusal_record(refusal, library) })),
        };
        put(&text, self.output.as_deref())?;
        Ok(verdict)
    }
}

fn in_words(answer: &Answer<'_>, library: &Library, lang: Lang) -> String {
    let mut lines = vec![format!("■ {}", answer.asked.join("  "))];
    for (at, step) in answer.steps.iter().enumerate() {
        lines.push(format!("  {}. {}", at + 1, said(lang, &step.text)));
        let places = placed(&step.clauses, library);
        let weak = step.basis > Basis::Stated;
        let basis = weak.then(|| lang.of(step.basis.name(), step.basis.code()).to_owned());
        let cites: Vec<String> = places.into_iter().chain(basis).collect();
        if !cites.is_empty() {
            lines.push(format!("       {}", cites.join(lang.of("；", "; "))));
        }
    }
    for lack in &answer.lacks {
        lines.push(format!("  {}", refused(lack, library, lang).replace('\n', "\n  ")));
    }
    let basis = lang.of(answer.basis.name(), answer.basis.code());
    lines.push(format!(
        "  = {}{}{basis}{}",
        answer.says,
        lang.of("（最弱依据：", " (weakest basis: "),
        lang.of("）", ")")
    ));
    lines.join("\n") + "\n"
}

/// Clause ids after their place in the notice, each place named once.
pub fn placed(clauses: &[String], library: &Library) -> Vec<String> {
    let mut places: Vec<(&str, Vec<&str>)> = Vec::new();
    for id in clauses {
        let place = library.register.get(id).map_or("", |clause| clause.location.as_str());
        match places.last_mut().filter(|(last, _)| *last == place) {
            Some((_, ids)) => ids.push(id),
            None => places.push((place, vec![id])),
        }
    }
    places.into_iter().map(|(place, ids)| format!("{place} {}", ids.join(" ")).trim_start().to_owned()).collect()
}

/// Places in the notices behind a sentence; nothing, where there are none.
pub fn in_brackets(places: &[String], lang: Lang) -> String {
    match (places, lang) {
        ([], _) => String::new(),
        (_, Lang::Zh) => format!("（{}）", places.join("；")),
        (_, Lang::En) => format!(" ({})", places.join("; ")),
    }
}

fn refused(refusal: &Refusal, library: &Library, lang: Lang) -> String {
    let places = in_brackets(&placed(&refusal.clauses, library), lang);
    let (head, colon) = (lang.of("未能算出", "refused"), lang.of("：", ": "));
    let (what, cure) = english::refusal(lang, &refusal.key, &refusal.message, &refusal.cure);
    format!("{head} [{}]{colon}{what}{places}\n  = {cure}", refusal.key)
}

fn record(answer: &Answer<'_>, library: &Library) -> Value {
    let step = |step: &Step| {
        json!({
            "key": step.key,
            "text": step.text,
            "clauses": clauses(library, &step.clauses),
            "basis": step.basis.code(),
        })
    };
    let mut record = answer.fields.clone();
    record["basis"] = json!(answer.basis.code());
    record["steps"] = answer.steps.iter().map(step).collect();
    record
}

/// A refusal for programs.
pub fn refusal_record(refusal: &Refusal, library: &Library) -> Value {
    json!({
        "key": refusal.key,
        "message": refusal.message,
        "cure": refusal.cure,
        "clauses": clauses(library, &refusal.clauses),
    })
}
