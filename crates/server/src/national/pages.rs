//! Which items a list holds, kept between the pages that are asked of it: the first page reads the catalogue through, the others
//! read their own rows.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use books::catalogue::{Item, ListType};
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

/// The lists that were asked for last.
#[derive(Default)]
pub(crate) struct Pages {
    kept: Mutex<VecDeque<(Asked, Arc<[String]>)>>,
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

    fn lock(&self) -> std::sync::MutexGuard<'_, VecDeque<(Asked, Arc<[String]>)>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
