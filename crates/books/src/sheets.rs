//! The working set of a transaction: sheets read when asked for, entries posted, and both undone when a command is refused.
//!
//! Commands of one transaction run one after the other over the same set, so that each sees what those before it did.

mod ahead;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;
use std::sync::atomic::AtomicU64;

use crate::answer::{Refusal, Stop};
use crate::fold::{Entry, Fold, Stamp, kind_of, read, write};
use crate::past::Past;
use crate::source::Body;
pub use crate::source::{Done, Key, Leaf, Link, Outbox, Posted, Raw, Shelf, Source};

/// By whom and when the running command's entries are recorded.
#[derive(Clone, Debug, Default)]
struct Now {
    at: i64,
    request: String,
    actor: String,
}

/// The working set of a transaction.
pub struct Books<'s> {
    source: &'s mut dyn Source,
    shelf: Held<'s>,
    linked: BTreeMap<(String, String), Option<String>>,
    /// What the source has of some subjects, read ahead.
    histories: BTreeMap<String, Vec<(Key, Entry)>>,
    outbox: Outbox,
    /// Whatever was posted to, if only by a command that was refused: a long transaction has posted too much to be looked
    /// through for each person.
    subjects: BTreeSet<String>,
    now: Now,
    /// What the running command has changed, as it was before.
    undo: Undo,
    /// So many parts of the running command, one in the other, may still be refused by themselves.
    attempts: u32,
    /// A part of what was posted has been written.
    in_parts: bool,
    /// Where it is told how far the running command has come.
    passed: Option<&'s AtomicU64>,
}

/// Where the sheets are held: here, or by who wants them afterwards.
enum Held<'s> {
    Own(BTreeMap<Key, Leaf>),
    Lent(&'s mut dyn Shelf),
}

impl Held<'_> {
    fn leaf(&mut self, key: &Key) -> Option<&mut Leaf> {
        match self {
            Held::Own(leaves) => leaves.get_mut(key),
            Held::Lent(shelf) => shelf.leaf(key),
        }
    }

    fn put(&mut self, key: Key, leaf: Leaf) {
        match self {
            Held::Own(leaves) => _ = leaves.insert(key, leaf),
            Held::Lent(shelf) => shelf.put(key, leaf),
        }
    }

    fn let_go(&mut self, key: &Key) {
        match self {
            Held::Own(leaves) => _ = leaves.remove(key),
            Held::Lent(shelf) => shelf.let_go(key),
        }
    }
}

#[derive(Default)]
struct Undo {
    leaves: BTreeMap<Key, Leaf>,
    posted: usize,
    links: usize,
}

const PAGE: usize = 1_000;

impl<'s> Books<'s> {
    /// An empty working set over a source.
    pub fn new(source: &'s mut dyn Source) -> Books<'s> {
        Books::holding(source, Held::Own(BTreeMap::new()))
    }

    /// A working set over a source, with the sheets that a shelf holds: they are as the source has them.
    pub fn on(source: &'s mut dyn Source, shelf: &'s mut dyn Shelf) -> Books<'s> {
        Books::holding(source, Held::Lent(shelf))
    }

    fn holding(source: &'s mut dyn Source, shelf: Held<'s>) -> Books<'s> {
        Books {
            source,
            shelf,
            linked: BTreeMap::new(),
            histories: BTreeMap::new(),
            outbox: Outbox::default(),
            subjects: BTreeSet::new(),
            now: Now::default(),
            undo: Undo::default(),
            attempts: 0,
            in_parts: false,
            passed: None,
        }
    }

    /// Begins a command: what follows is recorded under this request.
    pub(crate) fn begin(&mut self, at: i64, request: &str, actor: &str) {
        self.now = Now { at, request: request.to_owned(), actor: actor.to_owned() };
        let Outbox { posted, links } = &self.outbox;
        self.undo = Undo { leaves: BTreeMap::new(), posted: posted.len(), links: links.len() };
    }

    /// The idempotency key of the running command.
    pub fn request(&self) -> &str {
        &self.now.request
    }

    /// Takes back whatever the running command did.
    pub(crate) fn undo(&mut self) {
        let Undo { leaves, posted, links } = std::mem::take(&mut self.undo);
        for (key, before) in leaves {
            self.shelf.put(key, before);
        }
        for link in self.outbox.links.split_off(links) {
            self.linked.remove(&(link.kind, link.name));
        }
        self.outbox.posted.truncate(posted);
    }

    /// Does a part of the running command that may be refused by itself: what it did is then taken back, and the rest stays.
    ///
    /// # Errors
    /// What the part gives.
    pub fn attempt<T>(&mut self, part: impl FnOnce(&mut Self) -> Result<T, Stop>) -> Result<T, Stop> {
        let Outbox { posted, links } = &self.outbox;
        let inner = Undo { leaves: BTreeMap::new(), posted: posted.len(), links: links.len() };
        let mut outer = std::mem::replace(&mut self.undo, inner);
        self.attempts += 1;
        let result = part(self);
        self.attempts -= 1;
        match result {
            Err(_) => self.undo(),
            Ok(_) => {
                for (key, before) in std::mem::take(&mut self.undo.leaves) {
                    outer.leaves.entry(key).or_insert(before);
                }
            }
        }
        self.undo = outer;
        result
    }

    /// The sheet of a stream, if it has entries.
    ///
    /// # Errors
    /// When the source fails, or the sheet is of another kind.
    pub fn find<F: Fold>(&mut self, key: &Key) -> Result<Option<&F>, Stop> {
        let leaf = self.leaf::<F>(key)?;
        match &leaf.sheet {
            Body::Open(fold) if leaf.entries > 0 => Ok(fold.as_any().downcast_ref::<F>()),
            _ => Ok(None),
        }
    }

    /// How many entries a stream has.
    ///
    /// # Errors
    /// When the source fails.
    pub fn entries(&mut self, key: &Key) -> Result<u32, Stop> {
        Ok(self.read(key)?.entries)
    }

    /// Posts an entry: it is numbered, folded in at once, and written with the transaction. Gives its number.
    ///
    /// # Errors
    /// When the source fails.
    pub fn post<F: Fold>(&mut self, key: &Key, entry: &F::Entry) -> Result<u32, Stop> {
        self.leaf::<F>(key)?;
        let Some(leaf) = self.shelf.leaf(key) else { return Err(lost(key)) };
        self.undo.leaves.entry(key.clone()).or_insert_with(|| leaf.copy());
        let Body::Open(fold) = &mut leaf.sheet else { return Err(lost(key)) };
        let Some(fold) = fold.as_any_mut().downcast_mut::<F>() else { return Err(lost(key)) };
        leaf.entries += 1;
        let number = leaf.entries;
        let Now { at, request, actor } = self.now.clone();
        fold.apply(&Stamp { number, at, request: &request, actor: &actor }, entry);
        let body = write(entry);
        let entry_record = Entry { number, at, request, actor, kind: kind_of(&body).to_owned(), body };
        if !self.subjects.contains(&key.subject) {
            self.subjects.insert(key.subject.clone());
        }
        self.outbox.posted.push(Posted { key: key.clone(), entry: entry_record, lines: F::lines(entry) });
        Ok(number)
    }

    /// Where a name leads.
    ///
    /// # Errors
    /// When the source fails.
    pub fn linked(&mut self, kind: &str, name: &str) -> Result<Option<String>, Stop> {
        let at = (kind.to_owned(), name.to_owned());
        if let Some(known) = self.linked.get(&at) {
            return Ok(known.clone());
        }
        let found = self.source.linked(&[(kind, name)]).map_err(Stop::Source)?;
        let subject = found.into_iter().next().map(|link| link.subject);
        self.linked.insert(at, subject.clone());
        Ok(subject)
    }

    /// Gives a subject a name. A name leads to one subject for good.
    ///
    /// # Errors
    /// When the name leads to another subject already, or the source fails.
    pub fn link(&mut self, kind: &str, name: &str, subject: &str) -> Result<(), Stop> {
        match self.linked(kind, name)? {
            Some(known) if known == subject => Ok(()),
            Some(_) => {
                Err(Refusal::new("name-taken", format!("{kind} {name} 已用于另一主体"), "核对号码，或先查询原记录")
                    .into())
            }
            None => {
                let link = Link { kind: kind.to_owned(), name: name.to_owned(), subject: subject.to_owned() };
                self.linked.insert((link.kind.clone(), link.name.clone()), Some(link.subject.clone()));
                self.outbox.links.push(link);
                Ok(())
            }
        }
    }

    /// The names of a kind that begin so, in order, those of this transaction among them.
    ///
    /// # Errors
    /// When the source fails.
    pub fn names(&mut self, kind: &str, prefix: &str, limit: usize) -> Result<Vec<Link>, Stop> {
        let mut found = self.source.names(kind, prefix, limit).map_err(Stop::Source)?;
        let new = self.outbox.links.iter().filter(|link| link.kind == kind && link.name.starts_with(prefix));
        found.extend(new.cloned());
        found.sort();
        found.truncate(limit);
        Ok(found)
    }

    /// The entries of a subject over all years, those of this transaction last.
    ///
    /// # Errors
    /// When the source fails, or an entry is of another kind.
    pub fn history<F: Fold>(&mut self, subject: &str) -> Result<Vec<(Key, Entry, F::Entry)>, Stop> {
        let mut entries = match self.histories.get(subject) {
            Some(known) => known.clone(),
            None => self.source.history(subject).map_err(Stop::Source)?,
        };
        if self.subjects.contains(subject) {
            let new = self.outbox.posted.iter().filter(|posted| posted.key.subject == subject);
            entries.extend(new.map(|posted| (posted.key.clone(), posted.entry.clone())));
        }
        let typed = entries.into_iter().map(|(key, entry)| {
            let body = read::<F::Entry>(&entry.body).map_err(Stop::Source)?;
            Ok((key, entry, body))
        });
        typed.collect()
    }

    /// Every sheet of a kind, of one year or all, in the order of keys, as this transaction has it.
    ///
    /// # Errors
    /// When the source or `each` fails.
    pub fn each<F: Fold>(
        &mut self,
        year: Option<i16>,
        each: impl FnMut(&Key, &F) -> Result<(), Stop>,
    ) -> Result<(), Stop> {
        self.each_under(&format!("{}/", F::KIND), year, each)
    }

    /// Every sheet of a kind whose subject begins so, as [`Books::each`] gives them.
    ///
    /// # Errors
    /// When the source or `each` fails.
    pub fn each_under<F: Fold>(
        &mut self,
        prefix: &str,
        year: Option<i16>,
        mut each: impl FnMut(&Key, &F) -> Result<(), Stop>,
    ) -> Result<(), Stop> {
        self.each_after::<F>(prefix, year, None, |key, fold| each(key, fold).map(ControlFlow::Continue))
    }

    /// Every sheet of a kind whose subject begins so and that comes after a key, in the order of keys, until `each` breaks: a page of a
    /// list costs its own rows and not those before it.
    ///
    /// # Errors
    /// When the source or `each` fails.
    pub fn each_after<F: Fold>(
        &mut self,
        prefix: &str,
        year: Option<i16>,
        mut after: Option<Key>,
        mut each: impl FnMut(&Key, &F) -> Result<ControlFlow<()>, Stop>,
    ) -> Result<(), Stop> {
        let here = |key: &Key| {
            let within = key.subject.starts_with(prefix) && year.is_none_or(|year| key.year == year);
            within && after.as_ref().is_none_or(|after| key > after)
        };
        // What this transaction wrote anew stands between what the source has.
        let mut fresh: Vec<Key> = self.changed().into_iter().filter(|key| here(key)).cloned().collect();
        fresh.reverse();
        loop {
            let page = self.source.scan(prefix, year, after.as_ref(), PAGE).map_err(Stop::Source)?;
            let last = page.len() < PAGE;
            for raw in &page {
                while fresh.last().is_some_and(|key| *key < raw.key) {
                    let Some(key) = fresh.pop() else { break };
                    if self.visit(&key, &mut each)?.is_break() {
                        return Ok(());
                    }
                }
                let flow = if fresh.last() == Some(&raw.key) {
                    fresh.pop();
                    self.visit(&raw.key, &mut each)?
                } else {
                    each(&raw.key, &read::<F>(&raw.body).map_err(Stop::Source)?)?
                };
                if flow.is_break() {
                    return Ok(());
                }
            }
            after = page.last().map(|raw| raw.key.clone()).or(after);
            if last {
                break;
            }
        }
        while let Some(key) = fresh.pop() {
            if self.visit(&key, &mut each)?.is_break() {
                break;
            }
        }
        Ok(())
    }

    /// What the books are read from, as it was at a moment (microseconds since 1970, UTC): as far as it is written.
    pub fn past(&mut self, at: i64) -> Past<'_> {
        Past::new(self.source, at)
    }

    /// What is to be written. The shelf holds all that was read, as it is when that stands.
    pub fn finish(mut self) -> Done {
        self.take()
    }

    /// What was posted, with the sheets as it left them.
    fn take(&mut self) -> Done {
        let changed: Vec<Key> = self.changed().into_iter().cloned().collect();
        let sheets = changed.into_iter().filter_map(|key| {
            let leaf = self.shelf.leaf(&key)?;
            Some(Raw { key, entries: leaf.entries, body: leaf.text(), head: leaf.head })
        });
        let sheets = sheets.collect();
        Done { sheets, outbox: std::mem::take(&mut self.outbox), in_parts: self.in_parts }
    }

    /// The streams that this transaction posted to.
    fn changed(&self) -> BTreeSet<&Key> {
        self.outbox.posted.iter().map(|posted| &posted.key).collect()
    }

    fn read(&mut self, key: &Key) -> Result<&mut Leaf, Stop> {
        if self.shelf.leaf(key).is_none() {
            self.preload([key.clone()])?;
        }
        self.shelf.leaf(key).ok_or_else(|| lost(key))
    }

    fn visit<F: Fold>(
        &mut self,
        key: &Key,
        each: &mut impl FnMut(&Key, &F) -> Result<ControlFlow<()>, Stop>,
    ) -> Result<ControlFlow<()>, Stop> {
        match self.find::<F>(key)? {
            Some(fold) => each(key, fold),
            None => Ok(ControlFlow::Continue(())),
        }
    }

    fn leaf<F: Fold>(&mut self, key: &Key) -> Result<&Leaf, Stop> {
        debug_assert!(key.subject.split('/').next() == Some(F::KIND), "{key:?} is no {}", F::KIND);
        let leaf = self.read(key)?;
        if let Body::Text(text) = &leaf.sheet {
            let fold = if leaf.entries == 0 { F::default() } else { read::<F>(text).map_err(Stop::Source)? };
            leaf.sheet = Body::Open(Box::new(fold));
        }
        Ok(leaf)
    }
}

fn lost(key: &Key) -> Stop {
    Stop::Source(format!("{}（{}）的账页不是所要的种类 (a sheet of another kind)", key.subject, key.year))
}
