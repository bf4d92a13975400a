//! The terms in force for a region and a day, as known on a day: notices folded in order.
//!
//! For each key, the latest-issued notice that has a provision for the day wins (supplements rank below notices, a test's
//! overlay above). What has ended is never replaced by something that started before the end: it is named as ended.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::{Arc, Mutex, PoisonError};

use domain::{Basis, Date, Fen};
use sha2::{Digest, Sha256};

use crate::conditions::Names;
use crate::library::Library;
use crate::notice::{Notice, NoticeKind, Provision};
use crate::region::Region;
use crate::value::{Amount, Derivation};

/// What is asked of the library beside region and day.
#[derive(Clone, Debug, Default)]
pub struct View<'l> {
    /// Only what was known on this day; everything known, if not given.
    pub known_on: Option<Date>,
    /// Drafts folded on top, by id.
    pub drafts: Vec<String>,
    /// Notices left out, by id: what would hold without them.
    pub without: Vec<String>,
    /// Leave supplements out.
    pub without_supplements: bool,
    /// Figures of a test, above everything.
    pub overlay: Option<&'l Notice>,
    /// Where terms that were folded before are kept.
    pub memo: Option<&'l Memo>,
}

/// A provision and the notice it stands in.
#[derive(Clone, Copy, Debug)]
pub struct Cited<'l> {
    /// The provision.
    pub provision: &'l Provision,
    /// Its notice.
    pub notice: &'l Notice,
}

/// What holds for a key.
#[derive(Clone, Copy, Debug)]
pub enum Held<'l> {
    /// This provision.
    InForce(Cited<'l>),
    /// Nothing any more: this provision ended on the day.
    Ended(Cited<'l>, Date),
}

/// The terms in force for a region and a day.
#[derive(Clone, Debug)]
pub struct Terms<'l> {
    /// Where they come from.
    pub library: &'l Library,
    /// The region.
    pub region: &'l Region,
    /// The day.
    pub day: Date,
    /// What was asked.
    pub view: View<'l>,
    /// By key, in order.
    held: Arc<[Slot]>,
}

/// Why a figure cannot be had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Missing {
    /// No notice sets it.
    Absent,
    /// A notice leaves it to another text.
    Open,
    /// It ended on the day.
    Ended(Date),
    /// The statistic of the year is not loaded (or not yet published).
    Statistic(String, i16),
}

impl Library {
    /// The terms in force for a region and a day.
    pub fn terms<'l>(&'l self, region: &'l Region, day: Date, view: &View<'l>) -> Terms<'l> {
        let held = match view.memo.filter(|memo| memo.fits(view)) {
            Some(memo) => memo.held(region, day, || self.fold(region, day, view)),
            None => self.fold(region, day, view),
        };
        Terms { library: self, region, day, view: view.clone(), held }
    }

    /// What holds for each key, in the order of the keys.
    fn fold(&self, region: &Region, day: Date, view: &View<'_>) -> Arc<[Slot]> {
        let folded = self.folded(region, view);
        let mut by_key: BTreeMap<&str, Vec<Candidate<'_>>> = BTreeMap::new();
        for (notice, notice_end) in &folded {
            let standing = self.standing(notice, view);
            let nearness = self.nearness(region, notice);
            for provision in notice.provisions.iter().filter(|p| p.period.from <= day) {
                let end = earliest(provision.period.end, *notice_end);
                let candidate = Candidate { cited: Cited { provision, notice }, end, standing, nearness };
                by_key.entry(&provision.key).or_default().push(candidate);
            }
        }
        by_key.into_values().filter_map(|candidates| self.slot(fill(candidates, day)?, view)).collect()
    }

    /// Where a provision stands that was found in the library or the overlay.
    fn slot(&self, held: Held<'_>, view: &View<'_>) -> Option<Slot> {
        let (cited, ended) = match held {
            Held::InForce(cited) => (cited, None),
            Held::Ended(cited, on) => (cited, Some(on)),
        };
        let provision =
            cited.notice.provisions.iter().position(|provision| std::ptr::eq(provision, cited.provision))?;
        let overlaid = view.overlay.is_some_and(|overlay| std::ptr::eq(overlay, cited.notice));
        let notice = || self.notices.iter().position(|notice| std::ptr::eq(notice, cited.notice));
        Some(Slot { notice: if overlaid { None } else { Some(notice()?) }, provision, ended })
    }

    /// The days on which the terms of a region may change, in order.
    pub fn change_days(&self, region: &Region, view: &View<'_>) -> Vec<Date> {
        let mut days: Vec<Date> = Vec::new();
        for (notice, end) in self.folded(region, view) {
            days.extend(end);
            for provision in &notice.provisions {
                days.push(provision.period.from);
                days.extend(provision.period.end);
            }
        }
        days.sort_unstable();
        days.dedup();
        days
    }

    /// The notices that fold for a region, lowest rank first, each with the day it ends.
    pub fn folded<'l>(&'l self, region: &'l Region, view: &View<'l>) -> Vec<(&'l Notice, Option<Date>)> {
        let known = |notice: &Notice| view.known_on.is_none_or(|known_on| notice.issued <= known_on);
        let drafted =
            |id: &String| (view.drafts.contains(id) || self.adopted(id, view).is_some()) && !view.without.contains(id);
        let wanted = |notice: &&Notice| match notice.kind {
            NoticeKind::Supplement => {
                !view.without_supplements && known(notice) && notice.accompanies.as_ref().is_none_or(drafted)
            }
            NoticeKind::Frame => false,
            NoticeKind::Notice | NoticeKind::Overlay => known(notice),
            NoticeKind::Draft => drafted(&notice.id),
        };
        let kept = |notice: &&Notice| !view.without.contains(&notice.id) && wanted(notice);
        let mut notices: Vec<&Notice> = self.notices_of(region).into_iter().filter(kept).collect();
        notices.extend(view.overlay);
        notices.sort_by_key(|notice| (self.standing(notice, view), self.nearness(region, notice)));
        let ends: Vec<Option<Date>> = notices
            .iter()
            .map(|notice| {
                let names_it = |other: &&&Notice| {
                    other.repeals.iter().any(|r| *r == notice.id || Some(r) == notice.number.as_ref())
                };
                let repealed = notices.iter().filter(names_it).map(|other| other.effective).min();
                earliest(notice.expires, repealed)
            })
            .collect();
        notices.into_iter().zip(ends).collect()
    }

    /// The day a draft was adopted, as far as that is known.
    fn adopted(&self, draft: &str, view: &View<'_>) -> Option<Date> {
        let days = self.adoptions.iter().filter(|adoption| adoption.notice == draft).map(|adoption| adoption.on);
        days.filter(|on| view.known_on.is_none_or(|known_on| *on <= known_on)).min()
    }

    /// What a notice yields to: a higher rank, and within a rank a later day. An adopted draft counts from its adoption; one
    /// that is only asked for shows what would hold if it came last.
    fn standing(&self, notice: &Notice, view: &View<'_>) -> (u8, Date) {
        let adopted = || self.adopted(&notice.id, view);
        match notice.kind {
            NoticeKind::Supplement => (0, notice.issued),
            NoticeKind::Notice | NoticeKind::Frame => (1, notice.issued),
            NoticeKind::Draft => adopted().map_or((2, notice.issued), |on| (1, on)),
            NoticeKind::Overlay => (3, notice.issued),
        }
    }

    /// How near the region a notice is made for: of two notices of one day, the nearer wins.
    fn nearness(&self, region: &Region, notice: &Notice) -> Reverse<usize> {
        Reverse(self.chain(region).iter().position(|r| r.slug == notice.region).unwrap_or(0))
    }
}

/// Where what holds for a key stands: numbers, not references, so that it can be kept beside the library.
#[derive(Clone, Copy, Debug)]
struct Slot {
    /// Number of the notice in the library; none for the overlay.
    notice: Option<usize>,
    /// Number of the provision in the notice.
    provision: usize,
    /// The day on which it ended, if it did.
    ended: Option<Date>,
}

/// How many days are kept at most.
const DAYS: usize = 4_096;

/// Terms that were folded before, for who asks often: of one library that does not change, looked at in one way. A view that
/// asks otherwise folds anew.
#[derive(Debug)]
pub struct Memo {
    known_on: Option<Date>,
    drafts: Vec<String>,
    without: Vec<String>,
    without_supplements: bool,
    folded: Mutex<Folded>,
}

/// What holds for each key, by the slug of the region and the day.
type Folded = BTreeMap<(String, Date), Arc<[Slot]>>;

impl Memo {
    /// An empty one for such a view.
    pub fn of(view: &View<'_>) -> Memo {
        let View { known_on, drafts, without, without_supplements, .. } = view.clone();
        Memo { known_on, drafts, without, without_supplements, folded: Mutex::default() }
    }

    /// Whether a view asks in the way this one is for.
    fn fits(&self, view: &View<'_>) -> bool {
        let mine = (self.known_on, &self.drafts, &self.without, self.without_supplements);
        view.overlay.is_none() && mine == (view.known_on, &view.drafts, &view.without, view.without_supplements)
    }

    fn held(&self, region: &Region, day: Date, fold: impl FnOnce() -> Arc<[Slot]>) -> Arc<[Slot]> {
        let at = (region.slug.clone(), day);
        if let Some(held) = self.folded.lock().unwrap_or_else(PoisonError::into_inner).get(&at) {
            return Arc::clone(held);
        }
        let held = fold();
        let mut folded = self.folded.lock().unwrap_or_else(PoisonError::into_inner);
        if folded.len() >= DAYS {
            folded.clear();
        }
        folded.insert(at, Arc::clone(&held));
        held
    }
}

/// A provision that has started, when it ends, and how it stands against others of its key.
#[derive(Clone, Copy)]
struct Candidate<'l> {
    cited: Cited<'l>,
    end: Option<Date>,
    standing: (u8, Date),
    nearness: Reverse<usize>,
}

fn earliest(a: Option<Date>, b: Option<Date>) -> Option<Date> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    }
}

/// The provision that holds on a day; where a notice leaves its figures to another text, the supplement that gives them. What
/// a test lays over as open stays open.
fn fill(candidates: Vec<Candidate<'_>>, day: Date) -> Option<Held<'_>> {
    let held = pick(candidates.clone(), day)?;
    let Held::InForce(cited) = held else { return Some(held) };
    if !cited.provision.leaves_open() || cited.notice.kind == NoticeKind::Overlay {
        return Some(held);
    }
    let supplements = candidates.into_iter().filter(|c| c.cited.notice.kind == NoticeKind::Supplement).collect();
    match pick(supplements, day) {
        Some(Held::InForce(given)) => Some(Held::InForce(given)),
        _ => Some(held),
    }
}

/// The provision that holds on a day. Candidates come lowest rank first and all start on or before the day.
fn pick(mut candidates: Vec<Candidate<'_>>, day: Date) -> Option<Held<'_>> {
    candidates.sort_by_key(|c| (c.standing, c.cited.provision.period.from, c.nearness));
    let mut ended: Option<(Cited<'_>, Date)> = None;
    for Candidate { cited, end, .. } in candidates.into_iter().rev() {
        let starts_in_time = ended.is_none_or(|(_, barrier)| cited.provision.period.from >= barrier);
        if let Some(end) = end.filter(|end| *end <= day) {
            ended = Some(ended.filter(|(_, barrier)| *barrier >= end).unwrap_or((cited, end)));
        } else if starts_in_time {
            let on = cited.provision.period.from;
            return Some(if cited.provision.ends { Held::Ended(cited, on) } else { Held::InForce(cited) });
        }
    }
    ended.map(|(cited, on)| Held::Ended(cited, on))
}

impl<'l> Terms<'l> {
    /// What holds for a key.
    pub fn held(&self, key: &str) -> Option<Held<'l>> {
        let at = self.held.binary_search_by(|slot| self.key(slot).cmp(key)).ok()?;
        self.at(self.held.get(at)?)
    }

    fn cited(&self, slot: &Slot) -> Option<Cited<'l>> {
        let notice = slot.notice.map_or(self.view.overlay, |at| self.library.notices.get(at))?;
        Some(Cited { provision: notice.provisions.get(slot.provision)?, notice })
    }

    fn key(&self, slot: &Slot) -> &'l str {
        self.cited(slot).map_or("", |cited| &cited.provision.key)
    }

    fn at(&self, slot: &Slot) -> Option<Held<'l>> {
        let cited = self.cited(slot)?;
        Some(slot.ended.map_or(Held::InForce(cited), |on| Held::Ended(cited, on)))
    }

    /// The provision in force for a key.
    ///
    /// # Errors
    /// When nothing sets it, or what set it has ended.
    pub fn get(&self, key: &str) -> Result<Cited<'l>, Missing> {
        match self.held(key) {
            Some(Held::InForce(cited)) => Ok(cited),
            Some(Held::Ended(_, on)) => Err(Missing::Ended(on)),
            None => Err(Missing::Absent),
        }
    }

    /// The notice that ended last and the day, when notices have ended and none is in force any more.
    pub fn ended(&self) -> Option<(&'l Notice, Date)> {
        let folded = self.library.folded(self.region, &self.view).into_iter();
        let begun = folded.filter(|(notice, _)| {
            notice.effective <= self.day && matches!(notice.kind, NoticeKind::Notice | NoticeKind::Draft)
        });
        let ended: Option<Vec<_>> =
            begun.map(|(notice, end)| Some((notice, end.filter(|end| *end <= self.day)?))).collect();
        ended?.into_iter().max_by_key(|(_, end)| *end)
    }

    /// All keys that something is held for, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&'l str, Held<'l>)> {
        self.held.iter().filter_map(|slot| Some((self.key(slot), self.at(slot)?)))
    }

    /// The provisions in force below a family, as `stage.` or `carry.`, with the rest of their keys.
    pub fn family<'t>(&'t self, family: &'t str) -> impl Iterator<Item = (&'l str, Cited<'l>)> + 't {
        let first = self.held.partition_point(|slot| self.key(slot) < family);
        let below =
            self.held.iter().skip(first).map_while(move |slot| Some((self.key(slot).strip_prefix(family)?, slot)));
        below.filter(|(_, slot)| slot.ended.is_none()).filter_map(|(rest, slot)| Some((rest, self.cited(slot)?)))
    }

    /// The names that conditions may use.
    pub fn names(&self) -> Names {
        self.library.names(self.region, self.view.overlay)
    }

    /// An amount in fen and the weaker of its basis and the rule's.
    ///
    /// # Errors
    /// When the notice leaves it open or the statistic is missing.
    pub fn fen(&self, amount: &Amount, basis: Basis) -> Result<(Fen, Basis), Missing> {
        match amount {
            Amount::Figure(fen) => Ok((*fen, basis)),
            Amount::Unlimited => Ok((Fen::UNLIMITED, basis)),
            Amount::Open => Err(Missing::Open),
            Amount::Derived(rule) => Ok((self.derive(rule)?, basis.max(Basis::Derived))),
        }
    }

    /// The figure a rule gives on the day.
    ///
    /// # Errors
    /// When the statistic of its year is not loaded, was not yet published on the day of knowledge, or gives more than any bill.
    pub fn derive(&self, rule: &Derivation) -> Result<Fen, Missing> {
        let year = self.day.year().saturating_sub(rule.years_before);
        let missing = || Missing::Statistic(rule.of.clone(), year);
        let region = match &rule.region {
            Some(name) => self.library.region(name).map_err(|_| missing())?,
            None => self.region,
        };
        let known = |published: Option<Date>| match (published, self.view.known_on) {
            (Some(published), Some(known_on)) => published <= known_on,
            _ => true,
        };
        let overlaid = self.view.overlay.and_then(|overlay| overlay_statistic(overlay, &rule.of, year));
        if let Some(value) = overlaid {
            return rule.round.apply(value, rule.factor).ok_or_else(missing);
        }
        for region in self.library.chain(region) {
            let fits = |s: &&crate::region::Statistic| {
                s.region == region.slug && s.id == rule.of && s.year == year && known(s.published)
            };
            if let Some(statistic) = self.library.statistics.iter().find(fits) {
                return rule.round.apply(statistic.value, rule.factor).ok_or_else(missing);
            }
        }
        Err(missing())
    }

    /// A hash of all that holds: same hash, same terms.
    pub fn hash(&self) -> String {
        let mut canonical = format!("{}|{:?}\n", self.region.code, self.region.rounding);
        for (key, held) in self.iter() {
            let Held::InForce(cited) = held else { continue };
            let _ = writeln!(
                canonical,
                "{key}|{}|{}|{}",
                cited.notice.id,
                cited.provision.clauses.join(","),
                cited.provision.record
            );
        }
        // Of the region and those above it: no other region's statistics can change what holds here.
        let chain = self.library.chain(self.region);
        let here = |statistic: &&crate::region::Statistic| chain.iter().any(|region| region.slug == statistic.region);
        for statistic in self.library.statistics.iter().filter(here) {
            let _ = writeln!(canonical, "{}|{}|{}|{}", statistic.region, statistic.id, statistic.year, statistic.value);
        }
        // A statistic laid over counts for its own years, whether or not it is in force on the day.
        let overlaid = self.view.overlay.into_iter().flat_map(|overlay| &overlay.provisions);
        for statistic in overlaid.filter(|provision| provision.key.starts_with("statistic.")) {
            let _ = writeln!(canonical, "{}|{}|{}", statistic.key, statistic.period.from, statistic.record);
        }
        Sha256::digest(canonical.as_bytes()).iter().fold(String::new(), |mut hex, byte| {
            let _ = write!(hex, "{byte:02x}");
            hex
        })
    }
}

/// A statistic of a test or a trial, written as a provision `[[statistic.<id>]]`: of the years whose first day its period
/// holds, the first such provision.
fn overlay_statistic(overlay: &Notice, id: &str, year: i16) -> Option<Fen> {
    let key = format!("statistic.{id}");
    let day = Date::new(year, 1, 1).ok()?;
    let provision = overlay.provisions.iter().find(|p| p.key == key && p.period.contains(day))?;
    match provision.record.amount("value")? {
        Amount::Figure(fen) => Some(*fen),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::library::SourceFile;
    use jiff::civil::date;

    fn library(files: &[(&str, &str)]) -> Library {
        let file = |(path, text): &(&str, &str)| SourceFile {
            path: (*path).into(),
            shown: (*path).into(),
            text: (*text).into(),
        };
        let region = SourceFile {
            path: "100000-town/region.toml".into(),
            shown: "region.toml".into(),
            text: "[region]\ncode='100000'\nslug='town'\nname='某市'\n".into(),
        };
        let register = SourceFile {
            path: "clauses.tsv".into(),
            shown: "clauses.tsv".into(),
            text: "id\twhere\twhat\tkind\tcapability\tnumbers\teffective\tneeds\tdone-when\nT-1\t一\tx\trule\tsubsidy\t-\t-\t-\t-\n".into(),
        };
        let library = Library::read([region, register].into_iter().chain(files.iter().map(file)));
        assert_eq!(library.findings, vec![]);
        library
    }

    fn subsidy(library: &Library, day: Date, view: &View<'_>) -> Result<String, Missing> {
        let region = library.region("某市").unwrap();
        let terms = library.terms(region, day, view);
        terms.get("subsidy.standard").map(|cited| cited.provision.record.amount("amount").unwrap().to_string())
    }

    const OLD: &str = "[notice]\nid='old'\nkind='notice'\ntitle='x'\nissued=2016-06-01\nvalid_years=5\n
        [[subsidy.standard]]\nclause='T-1'\namount=100\n";
    const SUPPLEMENT: &str = "[notice]\nid='guess'\nkind='supplement'\ntitle='x'\nissued=2015-01-01\n
        [[subsidy.standard]]\namount=1\nbasis='illustrative'\nsource='s'\n";

    #[test]
    fn what_has_expired_does_not_fall_back_to_what_began_before() {
        let library = library(&[("100000-town/a.toml", OLD), ("100000-town/b.toml", SUPPLEMENT)]);
        let view = View::default();
        assert_eq!(subsidy(&library, date(2015, 6, 1), &view), Ok("1.00".into()));
        assert_eq!(subsidy(&library, date(2021, 5, 31), &view), Ok("100.00".into()));
        assert_eq!(subsidy(&library, date(2021, 6, 1), &view), Err(Missing::Ended(date(2021, 6, 1))));
    }

    #[test]
    fn a_later_notice_reaches_back_and_knowledge_has_its_own_axis() {
        let late = "[notice]\nid='late'\nkind='notice'\ntitle='x'\nissued=2017-06-01\neffective=2017-01-01\n
            [[subsidy.standard]]\nclause='T-1'\namount=200\n";
        let library = library(&[("100000-town/a.toml", OLD), ("100000-town/b.toml", late)]);
        assert_eq!(subsidy(&library, date(2017, 2, 1), &View::default()), Ok("200.00".into()));
        let then = View { known_on: Some(date(2017, 3, 1)), ..View::default() };
        assert_eq!(subsidy(&library, date(2017, 2, 1), &then), Ok("100.00".into()));
    }

    #[test]
    fn a_draft_folds_only_when_asked_for_or_adopted() {
        let draft = "[notice]\nid='draft'\nkind='draft'\ntitle='x'\nissued=2018-01-01\n
            [[subsidy.standard]]\nclause='T-1'\namount=300\n";
        let adoption = "[[adoption]]\nnotice='draft'\non=2018-06-01\nsource='s'\n";
        let day = date(2018, 7, 1);
        let plain = library(&[("100000-town/a.toml", OLD), ("100000-town/d.toml", draft)]);
        assert_eq!(subsidy(&plain, day, &View::default()), Ok("100.00".into()));
        let asked = View { drafts: vec!["draft".into()], ..View::default() };
        assert_eq!(subsidy(&plain, day, &asked), Ok("300.00".into()));
        let adopted =
            library(&[("100000-town/a.toml", OLD), ("100000-town/d.toml", draft), ("100000-town/e.toml", adoption)]);
        assert_eq!(subsidy(&adopted, day, &View::default()), Ok("300.00".into()));
    }

    #[test]
    fn what_is_kept_answers_its_own_view_alone() {
        let draft = "[notice]\nid='draft'\nkind='draft'\ntitle='x'\nissued=2018-01-01\n
            [[subsidy.standard]]\nclause='T-1'\namount=300\n";
        let library = library(&[("100000-town/a.toml", OLD), ("100000-town/d.toml", draft)]);
        let memo = Memo::of(&View::default());
        let kept = View { memo: Some(&memo), ..View::default() };
        for _ in 0..2 {
            assert_eq!(subsidy(&library, date(2018, 7, 1), &kept), Ok("100.00".into()));
            assert_eq!(subsidy(&library, date(2016, 5, 31), &kept), Err(Missing::Absent));
            let asked = View { drafts: vec!["draft".into()], ..kept.clone() };
            assert_eq!(subsidy(&library, date(2018, 7, 1), &asked), Ok("300.00".into()));
        }
    }

    #[test]
    fn what_ends_a_key_sets_nothing() {
        let end = "[notice]\nid='end'\nkind='notice'\ntitle='x'\nissued=2018-01-01\n
            [[subsidy.standard]]\nclause='T-1'\nends=true\n";
        let library = library(&[("100000-town/a.toml", OLD), ("100000-town/b.toml", end)]);
        assert_eq!(subsidy(&library, date(2017, 12, 31), &View::default()), Ok("100.00".into()));
        assert_eq!(subsidy(&library, date(2018, 1, 1), &View::default()), Err(Missing::Ended(date(2018, 1, 1))));
    }

    #[test]
    fn a_supplement_gives_what_a_notice_leaves_open() {
        let open = OLD.replace("amount=100", "amount='open'");
        let alone = library(&[("100000-town/a.toml", &open)]);
        let day = date(2018, 7, 1);
        assert_eq!(subsidy(&alone, day, &View::default()), Ok("open".into()));
        let both = library(&[("100000-town/a.toml", &open), ("100000-town/b.toml", SUPPLEMENT)]);
        assert_eq!(subsidy(&both, day, &View::default()), Ok("1.00".into()));
        let bare = View { without_supplements: true, ..View::default() };
        assert_eq!(subsidy(&both, day, &bare), Ok("open".into()));
    }

    #[test]
    fn a_repeal_ends_a_notice() {
        let repeal = "[notice]\nid='r'\nkind='notice'\ntitle='x'\nissued=2019-01-01\nrepeals=['old']\n";
        let library = library(&[("100000-town/a.toml", OLD), ("100000-town/b.toml", repeal)]);
        assert_eq!(subsidy(&library, date(2019, 1, 1), &View::default()), Err(Missing::Ended(date(2019, 1, 1))));
    }
}
