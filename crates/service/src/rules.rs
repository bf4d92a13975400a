//! The rules in force: compiled once for the settings of the region's books and the year, and again when either changes.

use std::sync::{Arc, Mutex, PoisonError};

use books::{Books, Refusal, Rules, Stop};
use domain::Date;

use crate::edition::{Edition, Policies};

/// How the region's books are run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Settings {
    /// Drafts whose adoption is recorded.
    pub drafts: Vec<String>,
    /// Refuse what rests on too little.
    pub strict: bool,
}

impl Settings {
    /// As the region's own sheet has them.
    pub fn read(_books: &mut Books<'_>) -> Result<Settings, Stop> {
        Ok(Settings::default())
    }
}

/// The stream whose entries change how the books are run.
pub(crate) fn region_key() -> books::Key {
    books::Key::of("region")
}

/// The rules last made, and what others are made of.
pub(crate) struct RuleShelf {
    policies: Policies,
    region: String,
    pub edition: Edition,
    last: Mutex<Option<(Settings, Arc<Rules>)>>,
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

    /// The rules of some settings on a day.
    pub fn of(&self, settings: &Settings, today: Date) -> Result<Arc<Rules>, Refusal> {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((known, rules)) = &*last
            && known == settings
            && rules.made_on.year() == today.year()
        {
            return Ok(Arc::clone(rules));
        }
        let Settings { drafts, strict } = settings.clone();
        let library = Arc::clone(&self.policies.library);
        let rules = Arc::new(Rules::new(library, &self.edition.hash, &self.region, drafts, strict, today)?);
        *last = Some((settings.clone(), Arc::clone(&rules)));
        Ok(rules)
    }
}
