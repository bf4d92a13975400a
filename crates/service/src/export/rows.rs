//! The rows of the files, each as one line of JSON; see `schema.json`.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;
use store::{Answered, Hash, Key, Link, Posting, Record, Run, Seal, Sheet};

/// Bytes of a line at most. The longest entry lists the rows of a file that were sent back: as many as this holds, some eight
/// hundred thousand, come from a file some times longer than a request may bring.
pub const LONGEST: usize = 256 * 1024 * 1024;

/// A hash, written in hex.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hex(pub Hash);

impl Serialize for Hex {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("{self}"))
    }
}

impl std::fmt::Display for Hex {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl<'de> Deserialize<'de> for Hex {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Hex, D::Error> {
        let text = String::deserialize(deserializer)?;
        let wrong = || D::Error::custom("a hash is 64 digits of 0-9 and a-f");
        if text.len() != 64 || !text.bytes().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f')) {
            return Err(wrong());
        }
        let mut hash = [0; 32];
        for (byte, at) in hash.iter_mut().zip((0..).step_by(2)) {
            *byte = text.get(at..at + 2).and_then(|pair| u8::from_str_radix(pair, 16).ok()).ok_or_else(wrong)?;
        }
        Ok(Hex(hash))
    }
}

/// What stands as one line of a file, and comes back from it.
pub trait Row: Sized {
    type Line: Serialize + for<'de> Deserialize<'de>;
    /// The line; nothing where a body is no JSON on one line, which then cannot stand in one.
    fn line(&self) -> Option<Self::Line>;
    fn of(line: Self::Line) -> Self;
}

/// A body as it is, to the byte.
fn raw(body: &str) -> Option<Box<RawValue>> {
    let raw = RawValue::from_string(body.to_owned()).ok()?;
    (raw.get() == body && !body.contains('\n')).then_some(raw)
}

macro_rules! rows {
    ($($(#[$doc:meta])* $line:ident { $($field:ident: $kind:ty),+ $(,)? })+) => {
        $($(#[$doc])*
        #[derive(Serialize, Deserialize)]
        #[serde(deny_unknown_fields)]
        pub struct $line { $($field: $kind),+ })+
    };
}

rows! {
    /// A text beside the books.
    NoteLine { name: String, text: String }
    /// An entry of the journal.
    RecordLine {
        subject: String, year: i16, number: u32, at: i64, request: String, actor: String, kind: String, body: Box<RawValue>, hash: Hex,
    }
    /// The fold of a stream.
    SheetLine { subject: String, year: i16, entries: u32, head: Hex, body: Box<RawValue> }
    /// A line of a posting.
    PostingLine { subject: String, year: i16, number: u32, line: u16, account: String, party: String, amount: i64 }
    /// A name.
    LinkLine { kind: String, name: String, subject: String }
    /// An answer given.
    AnswerLine { request: String, input: Hex, answer: Box<RawValue>, at: i64 }
    /// A seal.
    SealLine { number: u32, before: i64, entries: u64, root: Hex, hash: Hex }
    /// A time in which a server was up.
    RunLine { run: String, begun: i64, seen: i64, stopped: bool }
}

/// A name and its text.
impl Row for (String, String) {
    type Line = NoteLine;

    fn line(&self) -> Option<NoteLine> {
        let (name, text) = self.clone();
        Some(NoteLine { name, text })
    }

    fn of(NoteLine { name, text }: NoteLine) -> Self {
        (name, text)
    }
}

impl Row for Record {
    type Line = RecordLine;

    fn line(&self) -> Option<RecordLine> {
        let Record { key: Key { subject, year }, number, at, request, actor, kind, body, hash } = self.clone();
        Some(RecordLine { subject, year, number, at, request, actor, kind, body: raw(&body)?, hash: Hex(hash) })
    }

    fn of(line: RecordLine) -> Record {
        let RecordLine { subject, year, number, at, request, actor, kind, body, hash } = line;
        Record {
            key: Key { subject, year },
            number,
            at,
            request,
            actor,
            kind,
            body: body.get().to_owned(),
            hash: hash.0,
        }
    }
}

impl Row for Sheet {
    type Line = SheetLine;

    fn line(&self) -> Option<SheetLine> {
        let Sheet { key: Key { subject, year }, entries, head, body } = self.clone();
        Some(SheetLine { subject, year, entries, head: Hex(head), body: raw(&body)? })
    }

    fn of(SheetLine { subject, year, entries, head, body }: SheetLine) -> Sheet {
        Sheet { key: Key { subject, year }, entries, head: head.0, body: body.get().to_owned() }
    }
}

impl Row for Posting {
    type Line = PostingLine;

    fn line(&self) -> Option<PostingLine> {
        let Posting { key: Key { subject, year }, number, line, account, party, amount } = self.clone();
        Some(PostingLine { subject, year, number, line, account, party, amount })
    }

    fn of(PostingLine { subject, year, number, line, account, party, amount }: PostingLine) -> Posting {
        Posting { key: Key { subject, year }, number, line, account, party, amount }
    }
}

impl Row for Link {
    type Line = LinkLine;

    fn line(&self) -> Option<LinkLine> {
        let Link { kind, name, subject } = self.clone();
        Some(LinkLine { kind, name, subject })
    }

    fn of(LinkLine { kind, name, subject }: LinkLine) -> Link {
        Link { kind, name, subject }
    }
}

impl Row for Answered {
    type Line = AnswerLine;

    fn line(&self) -> Option<AnswerLine> {
        let Answered { request, input, answer, at } = self.clone();
        Some(AnswerLine { request, input: Hex(input), answer: raw(&answer)?, at })
    }

    fn of(AnswerLine { request, input, answer, at }: AnswerLine) -> Answered {
        Answered { request, input: input.0, answer: answer.get().to_owned(), at }
    }
}

impl Row for Seal {
    type Line = SealLine;

    fn line(&self) -> Option<SealLine> {
        let Seal { number, before, entries, root, hash } = self.clone();
        Some(SealLine { number, before, entries, root: Hex(root), hash: Hex(hash) })
    }

    fn of(SealLine { number, before, entries, root, hash }: SealLine) -> Seal {
        Seal { number, before, entries, root: root.0, hash: hash.0 }
    }
}

impl Row for Run {
    type Line = RunLine;

    fn line(&self) -> Option<RunLine> {
        let Run { id, begun, seen, stopped } = self.clone();
        Some(RunLine { run: id, begun, seen, stopped })
    }

    fn of(RunLine { run, begun, seen, stopped }: RunLine) -> Run {
        Run { id: run, begun, seen, stopped }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_comes_back_to_the_byte_or_cannot_stand_in_a_line() {
        let bodies = ["{}", r#"{"b":1,"a":1.50,"b2":"\u4eba 人 \n","n":12345678901234567890}"#, "[1, 2]", "null"];
        for body in bodies {
            let given = Answered { request: "r\t\"人\"".to_owned(), input: [7; 32], answer: body.to_owned(), at: -1 };
            let line = serde_json::to_string(&given.line().unwrap()).unwrap();
            assert!(!line.contains('\n'), "{line}");
            assert_eq!(Answered::of(serde_json::from_str(&line).unwrap()), given);
        }
        assert!(["", " {}", "{} ", "{\n}", "{", "no"].iter().all(|body| raw(body).is_none()));
    }

    #[test]
    fn a_line_holds_what_it_must_and_nothing_else() {
        let read = serde_json::from_str::<LinkLine>;
        assert!(read(r#"{"kind":"document","name":"n","subject":"person/1"}"#).is_ok());
        assert!(read(r#"{"kind":"document","name":"n"}"#).is_err());
        assert!(read(r#"{"kind":"document","name":"n","subject":"person/1","more":1}"#).is_err());
        let hash = |text: &str| serde_json::from_str::<Hex>(&format!("{text:?}"));
        assert_eq!(hash(&"0a".repeat(32)).unwrap(), Hex([10; 32]));
        for wrong in ["", "0a", &"0A".repeat(32), &"0g".repeat(32), &"人".repeat(21)] {
            assert!(hash(wrong).is_err(), "{wrong}");
        }
    }
}
