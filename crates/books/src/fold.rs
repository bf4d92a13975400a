//! Streams and their folds: what an entry means is what it does to its sheet.

use std::any::Any;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::money::Line;

/// An entry as it stands in the journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its number in the stream, from 1.
    pub number: u32,
    /// When it was recorded, microseconds since 1970, UTC.
    pub at: i64,
    /// The request that made it.
    pub request: String,
    /// Who asked for it.
    pub actor: String,
    /// What kind of entry it is: the tag of its body.
    pub kind: String,
    /// As canonical JSON.
    pub body: String,
}

/// What the entries of a stream add up to. A fold is the whole of what later commands may read.
///
/// The body of an entry is an enumeration tagged `is` (`#[serde(tag = "is", rename_all = "kebab-case")]`). Maps are ordered, so
/// that the same entries give the same text. A field may be added with a default; none may change its meaning, for the
/// journal is never rewritten.
pub trait Fold: Clone + Default + Serialize + DeserializeOwned + Send + 'static {
    /// What may be posted.
    type Entry: Serialize + DeserializeOwned;
    /// The kind of its subjects: what stands before the stroke, as `person` in `person/7f…`.
    const KIND: &'static str;
    /// Takes an entry in. Entries are facts: this cannot fail, and what makes no sense must not have been posted.
    fn apply(&mut self, stamp: &Stamp<'_>, entry: &Self::Entry);
    /// Leaves out of a fold made anew what a kept one has not, because it was kept before its version of the program knew of it. Only
    /// what nothing but a list tells may be left out so; in most folds there is nothing.
    fn as_kept(&mut self, _kept: &Self) {}
    /// The balanced lines that an entry posts.
    fn lines(_entry: &Self::Entry) -> Vec<Line> {
        Vec::new()
    }
}

/// When and by whom an entry was recorded.
#[derive(Clone, Copy, Debug)]
pub struct Stamp<'e> {
    /// Its number in the stream, from 1.
    pub number: u32,
    /// Microseconds since 1970, UTC.
    pub at: i64,
    /// The request that made it.
    pub request: &'e str,
    /// Who asked for it.
    pub actor: &'e str,
}

/// A kind of stream, for what must treat all alike: verification, posting, reports.
pub struct StreamKind {
    /// What stands before the stroke of its subjects.
    pub kind: &'static str,
    /// Folds entries anew, from the first, into the text of the sheet.
    pub refold: fn(&[Entry]) -> Result<String, String>,
    /// Whether a kept sheet is what was made anew, as its version of the program would have kept it.
    pub agrees: fn(kept: &str, made: &str) -> bool,
    /// The lines that an entry posts.
    pub lines: fn(&str) -> Result<Vec<Line>, String>,
}

impl StreamKind {
    /// The kind of a fold.
    pub const fn of<F: Fold>() -> StreamKind {
        StreamKind {
            kind: F::KIND,
            refold: |entries| {
                let mut fold = F::default();
                for entry in entries {
                    let body = read::<F::Entry>(&entry.body)?;
                    let Entry { number, at, request, actor, .. } = entry;
                    fold.apply(&Stamp { number: *number, at: *at, request, actor }, &body);
                }
                Ok(write(&fold))
            },
            agrees: |kept, made| {
                kept == made
                    || read::<F>(kept).and_then(|old| Ok((old, read::<F>(made)?))).is_ok_and(|(old, mut new)| {
                        new.as_kept(&old);
                        write(&new) == kept
                    })
            },
            lines: |body| Ok(F::lines(&read::<F::Entry>(body)?)),
        }
    }

    /// The kind of a subject.
    pub fn named(subject: &str) -> Option<&'static StreamKind> {
        let kind = subject.split('/').next()?;
        STREAMS.iter().find(|stream| stream.kind == kind)
    }
}

/// All kinds of streams.
pub const STREAMS: &[StreamKind] = &[
    StreamKind::of::<crate::account::AccountBook>(),
    StreamKind::of::<crate::account::Batch>(),
    StreamKind::of::<crate::care::CareYear>(),
    StreamKind::of::<crate::catalogue::Item>(),
    StreamKind::of::<crate::catalogue::Loads>(),
    StreamKind::of::<crate::catalogue::Term>(),
    StreamKind::of::<crate::clearing::ApplicationBook>(),
    StreamKind::of::<crate::clearing::CovidBook>(),
    StreamKind::of::<crate::clearing::ProvinceBook>(),
    StreamKind::of::<crate::desks::Desks>(),
    StreamKind::of::<crate::dues::Agreement>(),
    StreamKind::of::<crate::dues::Campaign>(),
    StreamKind::of::<crate::dues::Debit>(),
    StreamKind::of::<crate::dues::Dues>(),
    StreamKind::of::<crate::dues::Held>(),
    StreamKind::of::<crate::dues::SponsorBook>(),
    StreamKind::of::<crate::dues::TaxFile>(),
    StreamKind::of::<crate::filings::Filings>(),
    StreamKind::of::<crate::lists::Feedback>(),
    StreamKind::of::<crate::lists::SettlementSheet>(),
    StreamKind::of::<crate::matching::Matching>(),
    StreamKind::of::<crate::matters::Matter>(),
    StreamKind::of::<crate::matters::Point>(),
    StreamKind::of::<crate::matters::credentials::Credentials>(),
    StreamKind::of::<crate::matters::platform::Indicator>(),
    StreamKind::of::<crate::matters::rights::Rights>(),
    StreamKind::of::<crate::members::Membership>(),
    StreamKind::of::<crate::members::Snapshot>(),
    StreamKind::of::<crate::members::Target>(),
    StreamKind::of::<crate::members::Transfer>(),
    StreamKind::of::<crate::people::Access>(),
    StreamKind::of::<crate::people::Dossier>(),
    StreamKind::of::<crate::people::feed::FeedBook>(),
    StreamKind::of::<crate::providers::Provider>(),
    StreamKind::of::<crate::providers::Uploads>(),
    StreamKind::of::<crate::public::AreaYear>(),
    StreamKind::of::<crate::public::CodeSet>(),
    StreamKind::of::<crate::public::RegionBook>(),
    StreamKind::of::<crate::turnover::Day>(),
    StreamKind::of::<crate::visits::Recalls>(),
    StreamKind::of::<crate::visits::Visit>(),
    StreamKind::of::<crate::users::ApiKey>(),
    StreamKind::of::<crate::users::Proposal>(),
    StreamKind::of::<crate::users::SubjectBook>(),
    StreamKind::of::<crate::users::UserBook>(),
];

/// Reads a body.
pub(crate) fn read<T: DeserializeOwned>(body: &str) -> Result<T, String> {
    serde_json::from_str(body).map_err(|error| format!("读不懂的记录 (unreadable entry): {error}"))
}

/// Writes a body. The types of the books are made of what JSON can say.
pub(crate) fn write<T: Serialize>(value: &T) -> String {
    let mut text = Vec::with_capacity(1_024);
    match serde_json::to_writer(&mut text, value) {
        Ok(()) => String::from_utf8(text).unwrap_or_default(),
        Err(_) => String::new(),
    }
}

/// The tag of a body, which the writer puts first.
pub(crate) fn kind_of(body: &str) -> &str {
    body.strip_prefix("{\"is\":\"").and_then(|rest| rest.split('"').next()).unwrap_or_default()
}

/// A fold of any kind, as the working set holds it.
pub(crate) trait AnyFold: Any + Send {
    fn json(&self) -> String;
    fn boxed(&self) -> Box<dyn AnyFold>;
    fn as_any(&self) -> &dyn Any;
    fn as_any_mut(&mut self) -> &mut dyn Any;
}

impl<F: Fold> AnyFold for F {
    fn json(&self) -> String {
        write(self)
    }
    fn boxed(&self) -> Box<dyn AnyFold> {
        Box::new(self.clone())
    }
    fn as_any(&self) -> &dyn Any {
        self
    }
    fn as_any_mut(&mut self) -> &mut dyn Any {
        self
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::STREAMS;

    #[test]
    fn no_two_streams_share_a_kind() {
        let kinds: BTreeSet<&str> = STREAMS.iter().map(|stream| stream.kind).collect();
        assert_eq!(kinds.len(), STREAMS.len());
    }
}
