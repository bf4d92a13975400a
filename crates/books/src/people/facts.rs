//! What a dossier means on a day: the facts that rules ask about.

use domain::{Categories, Date, Period};
use enrolment::{Joining, RecordState};

use super::documents::DocumentKind;
use super::dossier::Dossier;
use super::record::{Arrangement, Document, Holding, Membership, Registration, Secured, Study, StudyLevel, Work};

impl Dossier {
    /// The document in use: the last ID card, or else the last of all.
    pub fn document(&self) -> Option<&Document> {
        let card = self.documents.iter().rev().find(|document| document.kind.0 == DocumentKind::IdCard);
        card.or_else(|| self.documents.last())
    }

    /// Whether the person is alive on a day, the day of death included.
    pub fn alive_on(&self, day: Date) -> bool {
        self.died.is_none_or(|died| day <= died)
    }

    /// The categories held on a day: what any register says. After death there is none.
    pub fn categories_on(&self, day: Date) -> Categories {
        self.holdings_on(day).filter(|holding| holding.in_grade()).map(|holding| holding.category.0).collect()
    }

    /// What the registers say of a day.
    pub fn holdings_on(&self, day: Date) -> impl Iterator<Item = &Holding> {
        let holds = move |h: &&Holding| self.days_of(h).is_some_and(|days| days.contains(day));
        self.categories.iter().filter(holds).filter(move |_| self.alive_on(day))
    }

    /// The days for which a holding stands, beside what its register says of other beginnings: for the time that two of them
    /// speak of, the later report holds. One whose beginning lies in the time of a later report does not stand at all; else it
    /// ends where a later report begins. It does not matter in which order they arrived.
    pub fn days_of(&self, holding: &Holding) -> Option<Period> {
        let later = |other: &&Holding| {
            !other.withdrawn
                && other.category == holding.category
                && other.source == holding.source
                && other.told_on() > holding.told_on()
        };
        let mut end = holding.end;
        for other in self.categories.iter().filter(later) {
            if other.from > holding.from {
                end = Some(end.map_or(other.from, |end| end.min(other.from)));
            } else if other.end.is_none_or(|end| holding.from < end) {
                return None;
            }
        }
        (!holding.withdrawn).then_some(Period { from: holding.from, end })
    }

    /// The states of the record that rules on who may join ask about. Nothing follows from a registration that is not known;
    /// `Duplicate` is for who knows the memberships to say.
    pub fn record_states(&self, day: Date) -> Vec<RecordState> {
        let mut states = Vec::new();
        if self.secured_on(day).is_some() {
            states.push(RecordState::OtherScheme);
        }
        if self.registration.is_some_and(|at| at.0 == Registration::Elsewhere) {
            states.extend(self.grounds(day));
        }
        states
    }

    /// On what somebody without local household may join.
    fn grounds(&self, day: Date) -> Vec<RecordState> {
        let permits = self.permits.iter().map(|permit| (permit.from, Some(permit.valid_until)));
        // The permit of a Hong Kong, Macao or Taiwan resident is a document and a ground in one.
        let residence = self.documents.iter().filter(|document| document.kind.0 == DocumentKind::Residence);
        let residence = residence.map(|document| (Date::MIN, document.valid_until));
        let known: Vec<_> = permits.chain(residence).filter(|(from, _)| *from <= day).collect();
        let mut states = Vec::new();
        if known.iter().any(|(_, until)| until.is_none_or(|until| day <= until)) {
            states.push(RecordState::ResidencePermit);
        } else if !known.is_empty() {
            states.push(RecordState::PermitExpired);
        }
        if self.work.is_some_and(|work| work.0 == Work::Flexible) {
            states.push(RecordState::FlexibleWorker);
        }
        if states.is_empty() {
            states.push(RecordState::NoHousehold);
        }
        states
    }

    /// The other arrangement by which the person is secured on a day.
    pub fn secured_on(&self, day: Date) -> Option<&Secured> {
        self.secured
            .iter()
            .find(|secured| !secured.withdrawn && secured.from <= day && secured.end.is_none_or(|end| day < end))
    }

    /// What is known, for a day of enrolment and a day asked about, of what decides from when the person is covered. The payment
    /// and a duplicate membership are for others to add.
    pub fn joining(&self, enrolled: Date, on: Date) -> Joining {
        let other = self.secured_on(enrolled);
        let employee = || self.secured.iter().filter(|s| !s.withdrawn && s.kind.0 == Arrangement::Employee);
        // Moved: the employee scheme began after the person enrolled here, and lasts.
        let moved = employee().find(|s| s.from > enrolled && s.from <= on && s.end.is_none_or(|end| on < end));
        Joining {
            enrolled: Some(enrolled),
            paid: None,
            employee_last_paid: employee().filter(|s| s.from <= enrolled).filter_map(Dossier::last_paid).max(),
            graduated: self
                .studies
                .iter()
                .filter(|study| !study.withdrawn)
                .filter_map(|study| study.graduated)
                .filter(|day| *day <= on)
                .max(),
            moved_to_employee: moved.map(|secured| secured.from),
            employee_wait_until: moved.and_then(|secured| secured.wait_until),
            states: self.record_states(enrolled),
            other_scheme: other.map(|secured| secured.name.clone()),
            on: Some(on),
        }
    }

    fn last_paid(secured: &Secured) -> Option<Date> {
        secured.last_paid.or_else(|| secured.end.and_then(|end| end.yesterday().ok()))
    }

    /// Where the person studies on a day.
    pub fn study_on(&self, day: Date) -> Option<&Study> {
        self.studies
            .iter()
            .rev()
            .find(|study| !study.withdrawn && study.from <= day && study.end.is_none_or(|end| day < end))
    }

    /// At what kind of school the person is on a day.
    pub fn level_on(&self, day: Date) -> Option<StudyLevel> {
        self.study_on(day).map(|study| study.level.0)
    }

    /// The household of a day.
    pub fn household_on(&self, day: Date) -> Option<&Membership> {
        self.households.iter().rev().find(|time| time.from <= day && time.end.is_none_or(|end| day < end))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::Word;
    use crate::people::Permit;
    use jiff::civil::date;

    fn without_household() -> Dossier {
        Dossier { registration: Some(Word(Registration::Elsewhere)), ..Dossier::default() }
    }

    #[test]
    fn a_permit_is_a_ground_through_its_last_day() {
        let permit = Permit { from: date(2021, 1, 1), valid_until: date(2021, 12, 31) };
        let dossier = Dossier { permits: vec![permit], ..without_household() };
        assert_eq!(dossier.record_states(date(2021, 12, 31)), [RecordState::ResidencePermit]);
        assert_eq!(dossier.record_states(date(2022, 1, 1)), [RecordState::PermitExpired]);
        assert_eq!(dossier.record_states(date(2020, 12, 31)), [RecordState::NoHousehold]);
        let local = Dossier { registration: None, ..dossier };
        assert_eq!(local.record_states(date(2022, 1, 1)), []);
    }

    #[test]
    fn a_flexible_worker_needs_no_permit() {
        let dossier = Dossier { work: Some(Word(Work::Flexible)), ..without_household() };
        assert_eq!(dossier.record_states(date(2022, 1, 1)), [RecordState::FlexibleWorker]);
    }

    #[test]
    fn the_employee_scheme_bars_before_enrolment_and_bridges_after() {
        let secured = Secured {
            kind: Word(Arrangement::Employee),
            name: "职工医保".to_owned(),
            region: None,
            from: date(2022, 5, 1),
            end: None,
            last_paid: None,
            wait_until: Some(date(2022, 10, 31)),
            source: "x".to_owned(),
            reported: None,
            withdrawn: false,
        };
        let dossier = Dossier { secured: vec![secured], ..Dossier::default() };
        let before = dossier.joining(date(2022, 1, 10), date(2022, 7, 1));
        assert_eq!((before.moved_to_employee, before.states), (Some(date(2022, 5, 1)), vec![]));
        let after = dossier.joining(date(2022, 6, 1), date(2022, 7, 1));
        assert_eq!((after.moved_to_employee, after.states), (None, vec![RecordState::OtherScheme]));
        assert_eq!(after.other_scheme.as_deref(), Some("职工医保"));
    }
}
