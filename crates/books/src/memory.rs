//! Books in memory, for cases and trials: the same commands, nothing on a disk.

use std::collections::BTreeMap;
use std::ops::Bound;

use domain::Fen;

use crate::answer::{Answer, Refusal, Stop};
use crate::command::Request;
use crate::desk::Desk;
use crate::fold::{Entry, StreamKind};
use crate::money::account_named;
use crate::sheets::{Books, Done, Key, Link, Posted, Raw, Source};

/// A region's books in memory.
#[derive(Clone, Debug, Default)]
pub struct Memory {
    sheets: BTreeMap<Key, Raw>,
    links: BTreeMap<(String, String), String>,
    /// What was answered to which input, by idempotency key.
    answers: BTreeMap<String, (String, Answer)>,
    /// The journal, in the order it was written.
    pub journal: Vec<Posted>,
}

impl Memory {
    /// Runs a command; a refused one leaves no trace. The same request again is answered as the first time.
    ///
    /// # Errors
    /// When it is refused, or its key was used for another input.
    pub fn run(&mut self, desk: &Desk<'_>, request: &Request) -> Result<Answer, Stop> {
        if let Some((input, answer)) = self.answers.get(&request.id) {
            return if *input == request.input { Ok(answer.clone()) } else { Err(key_conflict(&request.id).into()) };
        }
        let mut books = Books::new(self);
        let answer = request.run(desk, &mut books)?;
        let Done { outbox, sheets, .. } = books.finish();
        self.sheets.extend(sheets.into_iter().map(|raw| (raw.key.clone(), raw)));
        self.links.extend(outbox.links.into_iter().map(|link| ((link.kind, link.name), link.subject)));
        self.journal.extend(outbox.posted);
        let kept = Answer { shown: serde_json::Map::new(), ..answer.clone() };
        self.answers.insert(request.id.clone(), (request.input.clone(), kept));
        Ok(answer)
    }

    /// What does not hold that always must: every stream folds to its sheet again, and the lines of every entry sum to nothing.
    pub fn verify(&self) -> Vec<String> {
        let mut wrong = Vec::new();
        let mut streams: BTreeMap<&Key, Vec<Entry>> = BTreeMap::new();
        for Posted { key, entry, lines } in &self.journal {
            streams.entry(key).or_default().push(entry.clone());
            for line in lines.iter().filter(|line| account_named(&line.account).is_none()) {
                wrong.push(format!(
                    "{}（{}）第 {} 笔过入没有的科目 {} (unknown account)",
                    key.subject, key.year, entry.number, line.account
                ));
            }
            let sum: Fen = lines.iter().map(|line| line.amount).sum();
            if sum != Fen::ZERO {
                wrong.push(format!(
                    "{}（{}）第 {} 笔的过账不平，差 {sum} 元 (unbalanced)",
                    key.subject, key.year, entry.number
                ));
            }
        }
        for (key, entries) in &streams {
            let kind = StreamKind::named(&key.subject);
            let refolded = kind.map(|stream| (stream.refold)(entries));
            let agrees = |kept: &str, made: &str| kind.is_some_and(|stream| (stream.agrees)(kept, made));
            let at = format!("{}（{}）", key.subject, key.year);
            match (refolded, self.sheets.get(*key)) {
                (Some(Ok(body)), Some(sheet))
                    if agrees(&sheet.body, &body) && sheet.entries as usize == entries.len() => {}
                (Some(Ok(body)), sheet) => {
                    let stored = sheet.map_or("没有", |sheet| &sheet.body);
                    wrong.push(format!("{at}由流水重算与账页不符 (refolds otherwise)：账页 {stored}，重算 {body}"));
                }
                (Some(Err(what)), _) => wrong.push(format!("{at}：{what}")),
                (None, _) => wrong.push(format!("{at}：没有登记这类账 (unknown stream)")),
            }
        }
        wrong.extend(
            self.sheets
                .keys()
                .filter(|key| !streams.contains_key(key))
                .map(|key| format!("{}（{}）有账页而没有流水 (a sheet without entries)", key.subject, key.year)),
        );
        wrong
    }

    /// Every text that is kept: sheets, entries and names, as a thief of the database would read them.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        let sheets = self.sheets.iter().flat_map(|(key, raw)| [key.subject.as_str(), raw.body.as_str()]);
        let entries = self.journal.iter().map(|posted| posted.entry.body.as_str());
        sheets.chain(entries).chain(self.links.keys().map(|(_, name)| name.as_str()))
    }
}

/// The refusal of a key that was used for another input.
pub(crate) fn key_conflict(key: &str) -> Refusal {
    let message = format!("请求号 {key} 已用于另一项内容 (key used for another input)");
    Refusal::new("key-conflict", message, "换一个请求号；要重发原请求，内容不要改")
}

impl Source for Memory {
    fn sheets(&mut self, keys: &[Key]) -> Result<Vec<Raw>, String> {
        Ok(keys.iter().filter_map(|key| self.sheets.get(key).cloned()).collect())
    }

    fn linked(&mut self, names: &[(&str, &str)]) -> Result<Vec<Link>, String> {
        let found = names.iter().filter_map(|(kind, name)| {
            let at = ((*kind).to_owned(), (*name).to_owned());
            let subject = self.links.get(&at)?.clone();
            Some(Link { kind: at.0, name: at.1, subject })
        });
        Ok(found.collect())
    }

    fn names(&mut self, kind: &str, prefix: &str, limit: usize) -> Result<Vec<Link>, String> {
        let from = (kind.to_owned(), prefix.to_owned());
        let named = self.links.range(from..).take_while(|((k, name), _)| k == kind && name.starts_with(prefix));
        let links = named.map(|((kind, name), subject)| Link {
            kind: kind.clone(),
            name: name.clone(),
            subject: subject.clone(),
        });
        Ok(links.take(limit).collect())
    }

    fn history(&mut self, subject: &str) -> Result<Vec<(Key, Entry)>, String> {
        let of = self.journal.iter().filter(|posted| posted.key.subject == subject);
        let mut entries: Vec<_> = of.map(|posted| (posted.key.clone(), posted.entry.clone())).collect();
        entries.sort_by_key(|(key, entry)| (key.year, entry.number));
        Ok(entries)
    }

    fn scan(&mut self, prefix: &str, year: Option<i16>, after: Option<&Key>, limit: usize) -> Result<Vec<Raw>, String> {
        let start = match after {
            Some(key) => Bound::Excluded(key.clone()),
            None => Bound::Included(Key { subject: prefix.to_owned(), year: i16::MIN }),
        };
        let of = self.sheets.range((start, Bound::Unbounded)).take_while(|(key, _)| key.subject.starts_with(prefix));
        let of = of.filter(|(key, _)| year.is_none_or(|year| key.year == year));
        Ok(of.take(limit).map(|(_, raw)| raw.clone()).collect())
    }
}
