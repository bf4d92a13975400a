//! Whom a full list does not have any more: what its sender said of them ends on the day of the list.

use std::collections::BTreeSet;

use domain::Date;

use super::fact::Fact;
use super::load::{Feed, PAGE};
use crate::answer::Stop;
use crate::desk::Desk;
use crate::people::{Dossier, DossierEntry, Holding, Secured, Study, follow};
use crate::sheets::{Books, Key};

/// Ends what the sender said of persons who are not on the list; each end is told, with its beginning and what followed.
pub(super) fn end(
    desk: &Desk<'_>,
    books: &mut Books<'_>,
    feed: &Feed<'_>,
    fact: Fact,
    on_list: &BTreeSet<Key>,
    tell: &mut dyn FnMut(Key, Date, Vec<String>),
) -> Result<(), Stop> {
    let gone = |dossier: &Dossier| dossier.alive_on(feed.reported) && !ends(dossier, feed, fact).is_empty();
    let mut absent: Vec<Key> = Vec::new();
    books.each::<Dossier>(None, |key, dossier| {
        absent.extend(Some(key).filter(|key| !on_list.contains(key) && gone(dossier)).cloned());
        Ok(())
    })?;
    for page in absent.chunks(PAGE) {
        let asked = |person: &Key| [follow::keys(desk, person, feed.reported), vec![person.clone()]].concat();
        let ahead: Vec<Key> = page.iter().flat_map(asked).collect();
        let read = books.preload(ahead.iter().cloned())?;
        follow::preload(books, &ahead)?;
        for person in page {
            let entries = books.find::<Dossier>(person)?.map(|dossier| ends(dossier, feed, fact));
            for (from, entry) in entries.unwrap_or_default() {
                let followed = books.attempt(|books| {
                    books.post::<Dossier>(person, &entry)?;
                    follow::changed(desk, books, person, feed.reported)
                })?;
                tell(person.clone(), from, followed);
            }
        }
        books.let_go(&read, "document", Vec::new());
        books.ease()?;
    }
    Ok(())
}

/// What the sender said and that still ran on the day of the list, ended on it.
fn ends(dossier: &Dossier, feed: &Feed<'_>, fact: Fact) -> Vec<(Date, DossierEntry)> {
    let day = feed.reported;
    let runs = |source: &str, from: Date, end: Option<Date>, reported: Option<Date>| {
        source == feed.source
            && from < day
            && end.is_none_or(|end| day < end)
            && reported.is_none_or(|told| told <= day)
    };
    let (end, reported) = (Some(day), Some(day));
    match fact {
        Fact::Category(kind) => {
            let held = dossier.categories.iter().filter(|h| h.category.0 == kind && !h.withdrawn);
            let held = held.filter(|h| runs(&h.source, h.from, h.end, h.reported) && dossier.days_of(h).is_some());
            held.map(|h| (h.from, DossierEntry::Category(Holding { end, reported, ..h.clone() }))).collect()
        }
        Fact::Study(level) => {
            let studies = dossier.studies.iter().filter(|s| s.level.0 == level && !s.withdrawn);
            let studies = studies.filter(|s| runs(&s.source, s.from, s.end, s.reported));
            studies.map(|s| (s.from, DossierEntry::Study(Study { end, reported, ..s.clone() }))).collect()
        }
        Fact::Secured(kind) => {
            let secured = dossier.secured.iter().filter(|s| s.kind.0 == kind && !s.withdrawn);
            let secured = secured.filter(|s| runs(&s.source, s.from, s.end, s.reported));
            secured.map(|s| (s.from, DossierEntry::Secured(Secured { end, reported, ..s.clone() }))).collect()
        }
        // Nobody comes back by not being on a list of the dead.
        Fact::Death => Vec::new(),
    }
}
