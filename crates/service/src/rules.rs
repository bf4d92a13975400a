//! The rules in force: compiled once for the settings of the region's books and the year, and again when either changes.

use std::sync::{Arc, Mutex, PoisonError};

use books::public::Settings;
use books::{Refusal, Rules};
use domain::Date;

use crate::edition::{Edition, Policies};

/// The stream whose entries change how the books are run.
pub(crate) fn region_key() -> books::Key {
    books::Key::of("region")
}

/// The rules last made, and what others are made of.
pub(crate) struct RuleShelf {
    policies: Policies,
    region: String,
    pub edition: Edition,
    last: Mutex<Option<(Option<Settings>, Arc<Rules>)>>,
}

impl RuleShelf {
    /// Of the policies of a region.
    pub fn new(policies: Policies, region: &str) -> Result<RuleShelf, Refusal> {
        let edition = Edition::of(&policies, region)?;
        Ok(RuleShelf { policies, region: region.to_owned(), edition, last: Mutex::new(None) })
    }

    /// The rules last used, if they are of the year of a day.
    pub fn last(&self, today: Date) -> Option<Arc<Rules>> {
        let last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        last.as_ref().map(|(_, rules)| rules).filter(|rules| rules.made_on.year() == today.year()).cloned()
    }

    /// The rules of some settings on a day; without settings, those of books that are not open yet.
    pub fn of(&self, settings: Option<Settings>, today: Date) -> Result<Arc<Rules>, Refusal> {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((known, rules)) = &*last
            && *known == settings
            && rules.made_on.year() == today.year()
        {
            return Ok(Arc::clone(rules));
        }
        let Policies { library, .. } = &self.policies;
        let edition = self.edition.hash.as_str();
        let rules = match &settings {
            Some(settings) => settings.rules(library, edition, today)?,
            None => Rules::new(Arc::clone(library), edition, &self.region, Vec::new(), false, today)?,
        };
        let rules = Arc::new(rules);
        *last = Some((settings, Arc::clone(&rules)));
        Ok(rules)
    }
}
