//! Which items a list holds, kept between the pages that are asked of it: the first page reads the catalogue through, the others
//! read their own rows. Of matchings the row is kept with which each page ended: the next one goes on behind it.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

use books::catalogue::{Item, ListType};
use books::matching::{self, Match};
use books::{Books, Stop};
use domain::{Date, Level};

/// Lists that are kept at most; the oldest goes.
const KEPT: usize = 16;

/// What a list holds: items on a day at a level, recorded since a moment. Loading a file makes another edition of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Asked {
    pub edition: u32,
    pub day: Date,
    pub level: Level,
    /// Only of this list.
    pub list: Option<ListType>,
    /// Only what has a price limit.
    pub limited: bool,
    /// Microseconds since 1970.
    pub since: i64,
}

impl Asked {
    /// Whether an item is on the list.
    pub fn has(&self, item: &Item) -> bool {
        item.on(self.day).is_some_and(|listing| {
            self.list.is_none_or(|list| list == listing.list.0)
                && (!self.limited || listing.limit_at(self.level).is_some())
                // What was recorded before the moment was kept counts as new.
                && (listing.told == 0 || self.since <= listing.told)
        })
    }
}

/// Which matchings are asked for, and so many a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Matchings {
    pub provider: String,
    pub day: Date,
    /// Only of this code of the catalogue.
    pub code: Option<String>,
    /// Only of this list, by its code.
    pub list: Option<String>,
    /// Microseconds since 1970.
    pub since: i64,
    /// Rows of a page.
    pub size: usize,
}

impl Matchings {
    /// Whether a matching is asked for. What was recorded before the moment was kept counts as new.
    pub fn has(&self, one: &Match) -> bool {
        self.code.as_ref().is_none_or(|code| *code == one.code)
            && self.list.as_ref().is_none_or(|list| list == one.list.0.code())
            && (one.told == 0 || self.since <= one.told)
    }
}

/// The own code with which each page ended, by the number of the page.
type Ends = BTreeMap<usize, String>;

/// The lists that were asked for last.
#[derive(Default)]
pub(crate) struct Pages {
    kept: Mutex<VecDeque<(Asked, Arc<[String]>)>>,
    matchings: Mutex<VecDeque<(Matchings, Ends)>>,
}

impl Pages {
    /// The codes of a list, in order.
    pub fn codes(&self, asked: Asked, books: &mut Books<'_>) -> Result<Arc<[String]>, Stop> {
        let known = self.lock().iter().find(|(known, _)| *known == asked).map(|(_, codes)| Arc::clone(codes));
        if let Some(known) = known {
            return Ok(known);
        }
        let mut codes = Vec::new();
        books.each_under::<Item>("item/", None, |key, item| {
            if asked.has(item) {
                codes.push(key.subject.trim_start_matches("item/").to_owned());
            }
            Ok(())
        })?;
        let codes: Arc<[String]> = codes.into();
        let mut kept = self.lock();
        kept.retain(|(known, _)| known.edition == asked.edition);
        kept.push_back((asked, Arc::clone(&codes)));
        if kept.len() > KEPT {
            kept.pop_front();
        }
        Ok(codes)
    }

    /// A page of the matchings, counted from 1. It goes on behind the row with which the page before it ended, whatever was matched
    /// since; where that is not known any more, the rows before it are read again.
    pub fn matchings(
        &self,
        asked: &Matchings,
        page: usize,
        books: &mut Books<'_>,
    ) -> Result<Vec<(String, Match)>, Stop> {
        let before = self.before(asked, page);
        let (known, after) = before.map_or((0, None), |(known, own)| (known, Some(own)));
        let skip = (page - 1 - known).saturating_mul(asked.size);
        let most = skip.saturating_add(asked.size);
        let found =
            matching::holding(books, &asked.provider, asked.day, (after.as_deref(), most), |_, one| asked.has(one))?;
        let rows: Vec<_> = found.into_iter().skip(skip).collect();
        if let Some((own, _)) = rows.last().filter(|_| rows.len() == asked.size) {
            self.ended(asked, page, own);
        }
        Ok(rows)
    }

    /// The last page before one of which the end is known, with that. The first page begins anew.
    fn before(&self, asked: &Matchings, page: usize) -> Option<(usize, String)> {
        let mut kept = self.matchings.lock().unwrap_or_else(PoisonError::into_inner);
        if page == 1 {
            kept.retain(|(known, _)| known != asked);
            return None;
        }
        let (_, ends) = kept.iter().find(|(known, _)| known == asked)?;
        ends.range(..page).next_back().map(|(page, own)| (*page, own.clone()))
    }

    fn ended(&self, asked: &Matchings, page: usize, own: &str) {
        let mut kept = self.matchings.lock().unwrap_or_else(PoisonError::into_inner);
        match kept.iter_mut().find(|(known, _)| known == asked) {
            Some((_, ends)) => _ = ends.insert(page, own.to_owned()),
            None => kept.push_back((asked.clone(), Ends::from([(page, own.to_owned())]))),
        }
        if kept.len() > KEPT {
            kept.pop_front();
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, VecDeque<(Asked, Arc<[String]>)>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
