//! Commands: what can be asked of the books. One declaration and one line in [`COMMANDS`] give a use case its verb on the command
//! line, its help in both languages, its JSON form, and its place in reports.

use serde_json::{Map, Value};

use crate::answer::{Answer, Refusal, Stop};
use crate::codec::{Decimal, Percent, Word, Yuan};
use crate::desk::Desk;
use crate::sheets::{Books, Key};
use crate::visits;
use domain::{Date, Vocabulary};
use jiff::civil::DateTime;

/// What a value of a field looks like.
#[derive(Clone, Copy, Debug)]
pub enum InputKind {
    /// Any text.
    Text,
    /// A day, `2022-03-01`.
    Day,
    /// An amount in yuan.
    Money,
    /// A whole number.
    Integer,
    /// Yes or no; no, if left out.
    Flag,
    /// A moment in China, `2022-03-01 09:30:00`; a day alone is its first moment.
    Moment,
    /// An exact number that is not an amount, `1.5`.
    Number,
    /// A share of a whole, `98%`.
    Share,
    /// One of some words: code, Chinese and English name.
    Word(fn() -> Vec<(&'static str, &'static str, &'static str)>),
    /// Fields of its own; there may always be several. See [`record!`].
    Record(&'static [FieldForm]),
}

/// A type that a field of a command may have.
pub trait Input {
    /// What a value looks like.
    const KIND: InputKind;
    /// Whether it must be given.
    const REQUIRED: bool = true;
    /// Whether there may be several.
    const MANY: bool = false;
}

impl Input for String {
    const KIND: InputKind = InputKind::Text;
}
impl Input for Date {
    const KIND: InputKind = InputKind::Day;
}
impl Input for DateTime {
    const KIND: InputKind = InputKind::Moment;
}
impl Input for Decimal {
    const KIND: InputKind = InputKind::Number;
}
impl Input for Percent {
    const KIND: InputKind = InputKind::Share;
}
impl Input for Yuan {
    const KIND: InputKind = InputKind::Money;
}
impl Input for i64 {
    const KIND: InputKind = InputKind::Integer;
}
impl Input for i16 {
    const KIND: InputKind = InputKind::Integer;
}
impl Input for bool {
    const KIND: InputKind = InputKind::Flag;
    const REQUIRED: bool = false;
}
impl<V: Vocabulary> Input for Word<V> {
    const KIND: InputKind =
        InputKind::Word(|| V::all().iter().map(|v| (v.word(), v.chinese(), v.in_english())).collect());
}
impl<T: Input> Input for Option<T> {
    const KIND: InputKind = T::KIND;
    const REQUIRED: bool = false;
}
impl<T: Input> Input for Vec<T> {
    const KIND: InputKind = T::KIND;
    const REQUIRED: bool = false;
    const MANY: bool = true;
}

/// A field of a command.
#[derive(Clone, Copy, Debug)]
pub struct FieldForm {
    /// Its name in JSON; with dashes on the command line.
    pub name: &'static str,
    /// What it is, in Chinese.
    pub zh: &'static str,
    /// What it is, in English.
    pub en: &'static str,
    /// What a value looks like.
    pub kind: InputKind,
    /// Whether it must be given.
    pub required: bool,
    /// Whether there may be several.
    pub many: bool,
}

/// How a command is written; see [`command!`].
pub trait Form {
    /// Its words on the command line, as `person register`.
    const VERB: &'static str;
    /// What it does, in Chinese.
    const ZH: &'static str;
    /// What it does, in English.
    const EN: &'static str;
    /// Its fields, in order.
    const FIELDS: &'static [FieldForm];
}

/// A command that can be carried out.
pub trait UseCase {
    /// Carries it out: posts entries, and answers; a refusal takes back whatever was posted.
    fn decide(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Answer, Stop>;

    /// Streams that it will read, as far as its fields tell: they are read together with those of other commands.
    fn keys(&self, _desk: &Desk<'_>) -> Vec<Key> {
        Vec::new()
    }

    /// Whether its sender may recall it before it has arrived: it is then never carried out.
    fn recallable(&self) -> bool {
        false
    }
}

/// Declares a command: its verb, and its fields with what they are in English (the doc comment) and Chinese.
#[macro_export]
macro_rules! command {
    ($(#[doc = $en:literal])+ $name:ident = $verb:literal, $zh:literal { $($(#[doc = $fen:literal])+ $field:ident: $ty:ty = $fzh:literal,)* }) => {
        $(#[doc = $en])+
        #[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
        #[serde(deny_unknown_fields)]
        pub struct $name { $($(#[doc = $fen])+ pub $field: $ty,)* }

        impl $crate::Form for $name {
            const VERB: &'static str = $verb;
            const ZH: &'static str = $zh;
            const EN: &'static str = concat!($($en),+);
            const FIELDS: &'static [$crate::FieldForm] = &[$($crate::FieldForm {
                name: stringify!($field),
                zh: $fzh,
                en: concat!($($fen),+),
                kind: <$ty as $crate::Input>::KIND,
                required: <$ty as $crate::Input>::REQUIRED,
                many: <$ty as $crate::Input>::MANY,
            },)*];
        }
    };
}

/// Declares a record that a command takes a list of: like a command, without a verb.
#[macro_export]
macro_rules! record {
    ($(#[doc = $en:literal])+ $name:ident { $($(#[doc = $fen:literal])+ $field:ident: $ty:ty = $fzh:literal,)* }) => {
        $(#[doc = $en])+
        #[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
        #[serde(deny_unknown_fields)]
        pub struct $name { $($(#[doc = $fen])+ pub $field: $ty,)* }

        impl $crate::Input for $name {
            const KIND: $crate::InputKind = $crate::InputKind::Record(&[$($crate::FieldForm {
                name: stringify!($field),
                zh: $fzh,
                en: concat!($($fen),+),
                kind: <$ty as $crate::Input>::KIND,
                required: <$ty as $crate::Input>::REQUIRED,
                many: <$ty as $crate::Input>::MANY,
            },)*]);
        }
    };
}

/// A command in the list of all.
pub struct Command {
    /// Its words on the command line.
    pub verb: &'static str,
    /// What it does, in Chinese.
    pub zh: &'static str,
    /// What it does, in English.
    pub en: &'static str,
    /// Its fields.
    pub fields: &'static [FieldForm],
    read: fn(Value) -> Result<Box<dyn UseCase + Send>, String>,
}

impl Command {
    /// The entry of a command.
    pub const fn of<C>() -> Command
    where
        C: Form + UseCase + serde::de::DeserializeOwned + Send + 'static,
    {
        Command {
            verb: C::VERB,
            zh: C::ZH,
            en: C::EN,
            fields: C::FIELDS,
            read: |value| match serde_json::from_value::<C>(value) {
                Ok(command) => Ok(Box::new(command)),
                Err(error) => Err(error.to_string()),
            },
        }
    }

    /// The command of a verb.
    pub fn named(verb: &str) -> Option<&'static Command> {
        COMMANDS.iter().copied().flatten().find(|command| command.verb == verb)
    }

    /// Reads a command from its fields, and keeps them in canonical form.
    ///
    /// # Errors
    /// When a field is missing, unknown or not what it must be.
    pub fn read(&'static self, id: &str, fields: Map<String, Value>) -> Result<Request, Refusal> {
        let shape = Shape { verb: self.verb, fields: self.fields };
        let (whole, input) = shape.complete(fields)?;
        let command = (self.read)(whole).map_err(|what| shape.bad(&what))?;
        Ok(Request { id: id.to_owned(), verb: self.verb, input: format!("{} {input}", self.verb), command })
    }
}

/// The fields that a command or a question takes.
pub(crate) struct Shape {
    pub verb: &'static str,
    pub fields: &'static [FieldForm],
}

impl Shape {
    /// The fields with what may be left out filled in; and as they were given, in canonical form.
    pub fn complete(&self, mut fields: Map<String, Value>) -> Result<(Value, String), Refusal> {
        self.check(&mut fields, self.fields, self.verb)?;
        // Without a copy of the fields: one of them may be a long file.
        let given = serde_json::to_string(&fields).map_err(|error| self.bad(&error.to_string()))?;
        fill(&mut fields, self.fields);
        Ok((Value::Object(fields), given))
    }

    /// Checks that the fields at a place are those that there are, and puts them in order.
    fn check(&self, fields: &mut Map<String, Value>, forms: &[FieldForm], place: &str) -> Result<(), Refusal> {
        fields.retain(|_, value| !value.is_null());
        fields.sort_keys();
        for field in forms {
            if field.required && !fields.contains_key(field.name) {
                let message = format!("{place}：缺少 {}（{}）", field.name, field.zh);
                return Err(Refusal::new("missing-field", message, format!("给出 {}", field.name)));
            }
        }
        if let Some(unknown) = fields.keys().find(|name| !forms.iter().any(|field| field.name == *name)) {
            let known: Vec<&str> = forms.iter().map(|field| field.name).collect();
            let message = format!("{place}：没有 {unknown} 这一项");
            return Err(Refusal::new("unknown-field", message, format!("可用：{}", known.join("、"))));
        }
        for (field, inner) in records(forms) {
            let Some(Value::Array(list)) = fields.get_mut(field.name) else { continue };
            for (at, one) in list.iter_mut().enumerate() {
                let place = format!("{place} {} 第 {} 条", field.name, at + 1);
                match one {
                    Value::Object(one) => self.check(one, inner, &place)?,
                    _ => return Err(self.bad(&format!("{place} 应写成各项（键和值）"))),
                }
            }
        }
        Ok(())
    }

    /// The refusal of a field that is not what it must be.
    pub fn bad(&self, what: &str) -> Refusal {
        Refusal::new("bad-field", format!("{}：{what}", self.verb), "按说明改正；`--help` 列出各项")
    }
}

/// The fields that are lists of records, with the fields of a record.
fn records(forms: &[FieldForm]) -> impl Iterator<Item = (&FieldForm, &'static [FieldForm])> {
    forms.iter().filter_map(|field| if let InputKind::Record(inner) = field.kind { Some((field, inner)) } else { None })
}

/// Fills in what may be left out.
fn fill(fields: &mut Map<String, Value>, forms: &[FieldForm]) {
    for field in forms {
        if field.many || matches!(field.kind, InputKind::Flag) {
            let none = if field.many { Value::Array(Vec::new()) } else { Value::Bool(false) };
            fields.entry(field.name).or_insert(none);
        }
    }
    for (field, inner) in records(forms) {
        let list = fields.get_mut(field.name).and_then(Value::as_array_mut);
        for one in list.into_iter().flatten().filter_map(Value::as_object_mut) {
            fill(one, inner);
        }
    }
}

/// A command with its idempotency key: the same key with the same input is the same request.
pub struct Request {
    /// The idempotency key.
    pub id: String,
    /// The verb.
    pub verb: &'static str,
    /// What is asked, in canonical form; holds personal data in clear.
    pub input: String,
    command: Box<dyn UseCase + Send>,
}

impl Request {
    /// Carries the command out in a working set; a refused one leaves no trace in it.
    ///
    /// # Errors
    /// When it is refused, or the source of the books fails.
    pub fn run(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Answer, Stop> {
        books.begin(desk.at, &self.id, desk.actor);
        let outcome = match self.command.recallable() {
            true => visits::recalled(desk, books, &self.id).and_then(|()| self.command.decide(desk, books)),
            false => self.command.decide(desk, books),
        };
        outcome.inspect_err(|_| books.undo())
    }

    /// Refuses a repeat of a request that was recalled since it was carried out.
    ///
    /// # Errors
    /// When it was recalled, or the source of the books fails.
    pub fn still_stands(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<(), Stop> {
        if self.command.recallable() { visits::recalled(desk, books, &self.id) } else { Ok(()) }
    }

    /// Carries the command out as a part of the running one.
    pub(crate) fn decide(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Answer, Stop> {
        self.command.decide(desk, books)
    }

    /// Streams that it will read, as far as its fields tell.
    pub fn keys(&self, desk: &Desk<'_>) -> Vec<Key> {
        let recall = self.command.recallable().then(|| visits::recall_key(desk, &self.id));
        self.command.keys(desk).into_iter().chain(recall).collect()
    }
}

/// Every command, by the part of the books it belongs to.
pub const COMMANDS: &[&[Command]] = &[
    crate::account::COMMANDS,
    crate::care::COMMANDS,
    crate::catalogue::COMMANDS,
    crate::clearing::COMMANDS,
    crate::desks::COMMANDS,
    crate::dues::COMMANDS,
    crate::filings::COMMANDS,
    crate::lists::COMMANDS,
    crate::matching::COMMANDS,
    crate::matters::COMMANDS,
    crate::members::COMMANDS,
    crate::people::COMMANDS,
    crate::providers::COMMANDS,
    crate::public::COMMANDS,
    crate::visits::COMMANDS,
    crate::users::COMMANDS,
];
