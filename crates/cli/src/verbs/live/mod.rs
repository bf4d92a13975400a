//! The verbs of the books. Those that change or read a region's books are declared in `books`, each with its fields and what
//! they are in two languages; here they become commands of the command line, and their answers are printed.

mod answer;
pub mod demo;
pub mod export;
mod fields;
pub mod keep;
pub mod ledger;
mod nouns;
pub mod open;
pub mod place;
mod records;
pub mod seal;
pub mod uptime;
pub mod verify;

use books::{Command as BookCommand, FieldForm, InputKind, Query};
use clap::{Arg, ArgMatches, Args as _, Command, FromArgMatches as _};
use serde_json::{Map, Value};

use crate::answer::Reply;
use crate::io::out::Output;
use crate::io::progress;
use crate::output::{Column, Listing, column};
use crate::sentences::said;
use crate::session::{Session, Verdict};

use place::At;

/// Declared verbs that have a verb of their own written by hand: `tongchou open` makes the database too.
const BY_HAND: &[&str] = &["region open"];

/// Verbs written by hand that are groups of declared verbs too.
const OWN: &[&str] = &["account", "cover", "due", "subsidy"];

/// A verb that the books declare.
#[derive(Clone, Copy)]
enum Form {
    Command(&'static BookCommand),
    Query(&'static Query),
}

impl Form {
    /// All of them.
    fn all() -> impl Iterator<Item = Form> {
        let commands = books::COMMANDS.iter().copied().flatten().map(Form::Command);
        let queries = books::QUERIES.iter().copied().flatten().map(Form::Query);
        commands.chain(queries).filter(|form| !BY_HAND.contains(&form.verb()))
    }

    fn named(verb: &str) -> Option<Form> {
        Form::all().find(|form| form.verb() == verb)
    }

    fn verb(self) -> &'static str {
        match self {
            Form::Command(command) => command.verb,
            Form::Query(query) => query.verb,
        }
    }

    fn texts(self) -> (&'static str, &'static str) {
        match self {
            Form::Command(command) => (command.zh, command.en),
            Form::Query(query) => (query.zh, query.en),
        }
    }

    fn fields(self) -> &'static [FieldForm] {
        match self {
            Form::Command(command) => command.fields,
            Form::Query(query) => query.fields,
        }
    }

    /// As a command of the command line, under the last of its words.
    fn command(self, name: &'static str) -> Command {
        let fields = fields::args(self.fields());
        let command = At::augment_args(Command::new(name).args(fields));
        let command = match self {
            Form::Command(_) => Reply::augment_args(command).args([request(), estimate()]),
            Form::Query(_) => Output::augment_args(command),
        };
        // Last, for shared arguments bring a text of their own.
        command.about(self.texts().1.trim())
    }
}

/// The key of the request, for one that may be sent again.
fn request() -> Arg {
    Arg::new("request")
        .long("request")
        .value_name("KEY")
        .help("Key of the request: sent again with the same key and content, it takes effect once; made up if left out")
}

/// Asks what a command would answer.
fn estimate() -> Arg {
    Arg::new("estimate")
        .long("estimate")
        .action(clap::ArgAction::SetTrue)
        .help("Only what it would answer now: nothing is recorded")
}

/// The command line with the declared verbs laid into it: words that verbs share become groups.
pub fn declared(mut root: Command) -> Command {
    for form in Form::all() {
        let words: Vec<&'static str> = form.verb().split(' ').collect();
        root = laid(root, &words, form);
    }
    root
}

fn laid(above: Command, words: &[&'static str], form: Form) -> Command {
    let Some((word, rest)) = words.split_first() else { return above };
    if rest.is_empty() {
        return above.subcommand(form.command(word));
    }
    match above.find_subcommand(word) {
        // A verb of its own that is a group too: with a word after it, it is the group.
        Some(known) if !known.has_subcommands() => above.mut_subcommand(word, |known| {
            laid(known.args_conflicts_with_subcommands(true).subcommand_negates_reqs(true), rest, form)
        }),
        Some(_) => above.mut_subcommand(word, |known| laid(known, rest, form)),
        None => {
            let group = Command::new(*word).about(group(word).map_or(String::new(), |(_, en)| en));
            let group = group.subcommand_required(true).arg_required_else_help(true);
            above.subcommand(laid(group, rest, form))
        }
    }
}

/// The Chinese of a declared verb, of a group of them, or of a field.
pub fn chinese(path: &str) -> Option<String> {
    if let Some((verb, field)) = path.rsplit_once(" --") {
        let form = Form::named(verb)?;
        if field == "format" && matches!(form, Form::Command(_)) {
            return Some("输出格式：text（默认）或 json".to_owned());
        }
        return form.fields().iter().find(|known| fields::long(known) == field).map(fields::chinese);
    }
    if let Some(form) = Form::named(path) {
        return Some(form.texts().0.to_owned());
    }
    // A group that is a verb of its own too keeps what it says as that.
    group(path).filter(|_| !OWN.contains(&path)).map(|(zh, _)| zh)
}

/// What a group of verbs is about; of one that is not listed, what its first verb does.
fn group(word: &str) -> Option<(String, String)> {
    if let Some((zh, en)) = nouns::of(word) {
        return Some((zh.to_owned(), en.to_owned()));
    }
    let of_group = |form: &Form| form.verb().split_once(' ').is_some_and(|(group, _)| group == word);
    let (zh, en) = Form::all().find(of_group)?.texts();
    Some((format!("{zh}……"), format!("{} …", en.trim())))
}

/// A declared verb as it was asked on the command line.
pub struct Declared {
    form: Form,
    fields: Map<String, Value>,
    /// A field that comes from a file, and the file.
    file: Option<(&'static str, std::path::PathBuf)>,
    /// Files of records.
    lists: Vec<records::List>,
    at: At,
    reply: Option<Reply>,
    request: Option<String>,
    /// Only what it would answer.
    estimate: bool,
    output: Option<Output>,
}

impl Declared {
    /// The declared verb that was asked, if it was one.
    ///
    /// # Errors
    /// When an argument cannot be read.
    pub fn read(matches: &ArgMatches) -> Result<Option<Declared>, clap::Error> {
        let (mut verb, mut below) = (String::new(), matches);
        while let Some((word, next)) = below.subcommand() {
            verb = format!("{verb} {word}").trim_start().to_owned();
            below = next;
        }
        let Some(form) = Form::named(&verb) else { return Ok(None) };
        let command = matches!(form, Form::Command(_));
        Ok(Some(Declared {
            form,
            fields: fields::given(form.fields(), below),
            file: fields::file(form.fields(), below),
            lists: records::named(form.fields(), below),
            at: At::from_arg_matches(below)?,
            reply: command.then(|| Reply::from_arg_matches(below)).transpose()?,
            estimate: command && below.get_flag("estimate"),
            request: if command { below.get_one::<String>("request").cloned() } else { None },
            output: (!command).then(|| Output::from_arg_matches(below)).transpose()?,
        }))
    }

    /// Does what was asked.
    ///
    /// # Errors
    /// When the database cannot be used, or the answer not be written.
    pub fn run(mut self, session: &Session) -> anyhow::Result<Verdict> {
        if let Some((name, path)) = &self.file {
            self.fields.insert((*name).to_owned(), Value::String(fields::from(name, path, session.lang)?));
        }
        for list in &self.lists {
            let (name, records) = list.read(session.lang)?;
            self.fields.insert(name, records);
        }
        if let Some(output) = &self.output {
            output.check(&[])?;
        }
        let live = self.at.open(session)?;
        let verb = self.form.verb();
        if let (Form::Command(_), Some(reply)) = (self.form, &self.reply) {
            let request = self.request.unwrap_or_else(service::request_id);
            if self.estimate {
                let outcome = live.service.estimate(verb, self.fields, &live.actor);
                return answer::give(session, reply, verb, "", outcome);
            }
            let secret = secret(self.form, &mut self.fields)?;
            let lines = self.fields.get(fields::TEXT).and_then(Value::as_str).map_or(0, |text| text.lines().count());
            // The first line is the heading.
            let (service, rows) = (&live.service, lines.saturating_sub(1) as u64);
            let submit = || service.submit(verb, self.fields, Some(request.clone()), &live.actor);
            let mut outcome = progress::over_request(verb, rows, || service.passed(), submit);
            if let (Ok(answer), Some(secret)) = (&mut outcome, secret) {
                answer.shown.insert("secret".to_owned(), Value::String(secret));
            }
            return answer::give(session, reply, verb, &request, outcome);
        }
        match live.service.ask(verb, self.fields, &live.actor) {
            Ok(table) => {
                let columns: Vec<Column> = table.columns.iter().map(|c| column(c.name, c.zh, c.en)).collect();
                let books::Table { title, rows, foot, .. } = table;
                let title = session.lang.of(&title, self.form.texts().1.trim()).to_owned();
                let foot = said(session.lang, &foot);
                let listing = Listing { title, columns: &columns, rows, foot };
                listing.write(&self.output.unwrap_or_default(), session.lang)?;
                Ok(Verdict::Good)
            }
            Err(failure) => answer::refused(session, verb, failure),
        }
    }
}

/// A new secret, where a verb keeps the hash of one; it is shown once.
fn secret(form: Form, fields: &mut Map<String, Value>) -> anyhow::Result<Option<String>> {
    if !form.fields().iter().any(|field| field.name == fields::SECRET) {
        return Ok(None);
    }
    let id = fields.get("id").and_then(Value::as_str).unwrap_or_default();
    let (secret, hash) = server::access::new_key(id).map_err(|trouble| place::stopped(trouble.into()))?;
    fields.insert(fields::SECRET.to_owned(), Value::String(hash));
    if fields.get("gateway") == Some(&Value::Bool(true)) {
        fields.insert(fields::CLEAR.to_owned(), Value::String(secret.clone()));
    }
    Ok(Some(secret))
}

/// How a value is named in usage.
fn value_name(kind: InputKind) -> &'static str {
    match kind {
        InputKind::Text | InputKind::Flag => "TEXT",
        InputKind::Day => "DAY",
        InputKind::Money => "YUAN",
        InputKind::Integer => "N",
        InputKind::Word(_) => "WORD",
        InputKind::Moment => "MOMENT",
        InputKind::Number => "NUMBER",
        InputKind::Share => "SHARE",
        InputKind::Record(_) => "FILE",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_declared_verb_is_on_the_command_line() {
        let root = crate::help::command(crate::session::Lang::Zh);
        for form in Form::all() {
            let found = form.verb().split(' ').try_fold(&root, |above, word| above.find_subcommand(word));
            let command = found.unwrap_or_else(|| panic!("{}", form.verb()));
            let has = |long: &str| command.get_arguments().any(|arg| arg.get_long() == Some(long));
            assert!(has("db"), "{} is a verb of another kind already", form.verb());
            // A key's secret is made, not given.
            for field in form.fields().iter().filter(|field| ![fields::SECRET, fields::CLEAR].contains(&field.name)) {
                assert!(has(&fields::long(field)), "{} --{}", form.verb(), fields::long(field));
            }
        }
    }
}
