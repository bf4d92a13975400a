//! What commands that bring long files do beside deciding: read ahead for many rows at once, let go of it, write in parts, and tell
//! how far they are.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU64, Ordering};

use super::{Books, Undo};
use crate::answer::Stop;
use crate::fold::Fold;
use crate::source::{Key, Leaf};

impl<'s> Books<'s> {
    /// Tells somebody how many rows of its file a command has dealt with. Nothing is decided by it.
    pub fn telling(self, passed: &'s AtomicU64) -> Books<'s> {
        Books { passed: Some(passed), ..self }
    }

    /// The running command has dealt with so many rows of its file, and all that it posted may be written.
    ///
    /// # Errors
    /// When the source fails.
    pub(crate) fn passed(&mut self, rows: usize) -> Result<(), Stop> {
        if let Some(passed) = self.passed {
            passed.store(rows as u64, Ordering::Relaxed);
        }
        self.ease()
    }

    /// Writes what was posted, where it is more than the source wants to be held, and lets go of it: a file of any length is one
    /// transaction. The command can still be refused; then the transaction comes to nothing.
    ///
    /// # Errors
    /// When the source fails.
    pub(crate) fn ease(&mut self) -> Result<(), Stop> {
        let most = self.source.holds().unwrap_or(usize::MAX);
        if self.attempts > 0 || self.outbox.posted.len() < most {
            return Ok(());
        }
        let part = self.take();
        part.sheets.iter().for_each(|sheet| self.shelf.let_go(&sheet.key));
        (self.in_parts, self.undo) = (true, Undo::default());
        self.linked.clear();
        self.histories.clear();
        self.subjects.clear();
        self.source.write(part).map_err(Stop::Source)
    }

    /// Reads the sheets of many streams at once, ahead of the commands that will ask for them. Gives those that were not held.
    ///
    /// # Errors
    /// When the source fails.
    pub fn preload(&mut self, keys: impl IntoIterator<Item = Key>) -> Result<Vec<Key>, Stop> {
        let mut wanted: Vec<Key> = keys.into_iter().filter(|key| self.shelf.leaf(key).is_none()).collect();
        if wanted.is_empty() {
            return Ok(wanted);
        }
        wanted.sort();
        wanted.dedup();
        let found = self.source.sheets(&wanted).map_err(Stop::Source)?;
        for key in &wanted {
            self.shelf.put(key.clone(), Leaf::none());
        }
        for raw in found {
            let (key, leaf) = Leaf::read(raw);
            self.shelf.put(key, leaf);
        }
        Ok(wanted)
    }

    /// Reads where many names of a kind lead at once, ahead of the commands that will ask for them.
    ///
    /// # Errors
    /// When the source fails.
    pub fn preload_links(&mut self, kind: &str, names: impl IntoIterator<Item = String>) -> Result<(), Stop> {
        let wanted = names.into_iter().map(|name| (kind.to_owned(), name));
        let wanted: Vec<(String, String)> = wanted.filter(|at| !self.linked.contains_key(at)).collect();
        let asked: Vec<(&str, &str)> = wanted.iter().map(|(kind, name)| (kind.as_str(), name.as_str())).collect();
        let found = if asked.is_empty() { Vec::new() } else { self.source.linked(&asked).map_err(Stop::Source)? };
        self.linked.extend(wanted.into_iter().map(|at| (at, None)));
        self.linked.extend(found.into_iter().map(|link| ((link.kind, link.name), Some(link.subject))));
        Ok(())
    }

    /// Reads the histories of those of some subjects that have entries of a kind at once, ahead of the commands that will ask
    /// for them, and lets go of those read before.
    ///
    /// # Errors
    /// When the source fails.
    pub(crate) fn preload_histories<F: Fold>(&mut self, keys: &[Key]) -> Result<(), Stop> {
        let mut subjects = BTreeSet::new();
        for key in keys.iter().filter(|key| key.subject.split('/').next() == Some(F::KIND)) {
            if self.entries(key)? > 0 {
                subjects.insert(key.subject.as_str());
            }
        }
        let asked: Vec<&str> = subjects.iter().copied().collect();
        let found = if asked.is_empty() { Vec::new() } else { self.source.histories(&asked).map_err(Stop::Source)? };
        self.histories = subjects.into_iter().map(|subject| (subject.to_owned(), Vec::new())).collect();
        for (key, entry) in found {
            self.histories.entry(key.subject.clone()).or_default().push((key, entry));
        }
        Ok(())
    }

    /// Lets go of sheets that this transaction read ahead and has posted nothing to, and of names of a kind that lead nowhere.
    pub(crate) fn let_go(&mut self, ahead: &[Key], kind: &str, names: Vec<String>) {
        for key in ahead {
            if !self.subjects.contains(&key.subject) || self.shelf.leaf(key).is_some_and(|leaf| leaf.entries == 0) {
                self.shelf.let_go(key);
            }
        }
        for name in names {
            let at = (kind.to_owned(), name);
            if self.linked.get(&at).is_some_and(Option::is_none) {
                self.linked.remove(&at);
            }
        }
    }
}
