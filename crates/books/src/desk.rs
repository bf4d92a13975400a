//! What a command is decided by, beside the books: the terms, the day, the key, and who asks.

use std::collections::BTreeSet;
use std::sync::Arc;

use domain::{Basis, Date, Group};
use enrolment::InsuredYear;
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::{TimeZone, offset};
use policy::{Library, Memo, Notice, Region, Terms, View};
use settlement::{Engine, Options};

use crate::answer::Refusal;
use crate::vault::Vault;

/// How many years before and after today bills are settled in: late claims come years late, none comes from far ahead.
const YEARS: (i16, i16) = (5, 1);

/// How the notices are looked at beside the drafts adopted, for trials; live books look at all that is known.
#[derive(Clone, Debug, Default)]
pub struct Look {
    /// Only what was known on this day.
    pub known_on: Option<Date>,
    /// Without the region's supplements.
    pub isolated: bool,
    /// Test figures, above everything.
    pub overlay: Option<Arc<Notice>>,
}

/// The terms a region is run by as of a day, and their compiled form.
#[derive(Clone, Debug)]
pub struct Rules {
    /// The notices.
    pub library: Arc<Library>,
    /// Slug of the region.
    pub region: String,
    /// Drafts whose adoption is recorded, by id.
    pub drafts: Vec<String>,
    /// How the notices are looked at otherwise.
    pub look: Look,
    /// Refuse what rests on less than a stated rule or a published statistic.
    pub strict: bool,
    /// The day that the span of years was counted from.
    pub made_on: Date,
    /// Keys that any notice of the region sets.
    keys: BTreeSet<String>,
    /// The plans of the years that bills may be of.
    pub engine: Engine,
    /// Hash of the policy files.
    pub edition: String,
    /// Terms of days that were asked about before.
    memo: Arc<Memo>,
}

impl Rules {
    /// Compiles the terms of a region, for bills of the years around a day. All that the files say counts as known: what was
    /// known earlier is an earlier edition of the files.
    ///
    /// # Errors
    /// When the library does not have the region.
    pub fn new(
        library: Arc<Library>,
        edition: &str,
        region: &str,
        drafts: Vec<String>,
        strict: bool,
        made_on: Date,
    ) -> Result<Rules, Refusal> {
        Rules::looking(library, edition, region, (drafts, Look::default()), strict, made_on)
    }

    /// As [`Rules::new`], with the notices looked at as a trial wants it.
    ///
    /// # Errors
    /// When the library does not have the region.
    pub fn looking(
        library: Arc<Library>,
        edition: &str,
        region: &str,
        (drafts, look): (Vec<String>, Look),
        strict: bool,
        made_on: Date,
    ) -> Result<Rules, Refusal> {
        let known = library.region(region).map_err(|what| {
            Refusal::new("unknown-region", what, "`tongchou policy list` 列出各地区；自己的地区用 --policies 加上")
        })?;
        let slug = known.slug.clone();
        let year = |by: i16| made_on.year().saturating_add(by);
        let first = Date::new(year(-YEARS.0), 1, 1).unwrap_or(made_on);
        let last = Date::new(year(YEARS.1), 12, 31).unwrap_or(made_on);
        let view = view(&drafts, &look);
        let engine = Engine::compile(&library, known, &view, Options { strict }, first, last);
        let folded = library.folded(known, &view).into_iter().flat_map(|(notice, _)| &notice.provisions);
        let keys = folded.map(|provision| provision.key.clone()).collect();
        let edition = edition.to_owned();
        let memo = Arc::new(Memo::of(&view));
        Ok(Rules { region: slug, drafts, look, strict, made_on, keys, engine, edition, memo, library })
    }

    /// The region.
    ///
    /// # Errors
    /// Never, once the rules are made: the library is not changed.
    pub fn region(&self) -> Result<&Region, Refusal> {
        self.library.region(&self.region).map_err(|what| Refusal::new("unknown-region", what, "重新载入政策文件"))
    }

    /// Whether any notice of the region sets a key, on whatever day.
    pub fn sets(&self, key: &str) -> bool {
        self.keys.contains(key)
    }

    /// How the library is looked at: with the drafts adopted.
    pub fn view(&self) -> View<'_> {
        View { memo: Some(&self.memo), ..view(&self.drafts, &self.look) }
    }

    /// The terms of a day.
    ///
    /// # Errors
    /// As [`Rules::region`].
    pub fn terms(&self, day: Date) -> Result<Terms<'_>, Refusal> {
        Ok(self.library.terms(self.region()?, day, &self.view()))
    }

    /// The insured year of a group of persons.
    ///
    /// # Errors
    /// When the year is outside the calendar.
    pub fn year(&self, group: Group, year: i16) -> Result<InsuredYear<'_>, Refusal> {
        Ok(InsuredYear::of(&self.library, self.region()?, &self.view(), group, year)?)
    }

    /// Refuses what rests on too little, where the region's books are strict.
    ///
    /// # Errors
    /// When the basis is weaker than a stated rule and a published statistic.
    pub fn accept(&self, basis: Basis) -> Result<(), Refusal> {
        if !self.strict || basis.holds_when_strict() {
            return Ok(());
        }
        let message = format!("所用数据的依据只是“{}”，严格的账套不用", basis.name());
        Err(Refusal::new("weak-basis", message, "载入写明该数据的文件；`tongchou policy open` 列出缺哪些"))
    }
}

fn view<'l>(drafts: &[String], look: &'l Look) -> View<'l> {
    View {
        known_on: look.known_on,
        drafts: drafts.to_vec(),
        without_supplements: look.isolated,
        overlay: look.overlay.as_deref(),
        ..View::default()
    }
}

/// What a command is decided by.
#[derive(Clone, Copy, Debug)]
pub struct Desk<'a> {
    /// The terms.
    pub rules: &'a Rules,
    /// The key.
    pub vault: &'a Vault,
    /// The moment it is recorded, microseconds since 1970, UTC.
    pub at: i64,
    /// Who asks.
    pub actor: &'a str,
}

impl Desk<'_> {
    /// The day in China.
    pub fn today(&self) -> Date {
        day_of(self.at)
    }
}

/// The day in China of a moment, microseconds since 1970, UTC.
pub(crate) fn day_of(at: i64) -> Date {
    moment_of(at).date()
}

/// Day and time in China of a moment, microseconds since 1970, UTC.
pub(crate) fn moment_of(at: i64) -> DateTime {
    let moment = Timestamp::from_microsecond(at).unwrap_or_default();
    moment.to_zoned(TimeZone::fixed(offset(8))).datetime()
}
