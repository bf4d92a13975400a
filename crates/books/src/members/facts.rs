//! What the dossier tells of a person on a day, as the rules on enrolment and cover ask for it.

use domain::{Categories, Date, Group, Person, Scheme};
use enrolment::{Joining, RecordState};

use super::membership::{Capacity, Relation};
use crate::answer::Stop;
use crate::people::{self, Arrangement, Dossier, StudyLevel};
use crate::sheets::{Books, Key};

/// Completed years at which a person is no minor any more (民法典第十七条).
const OF_AGE: u8 = 18;

/// What is known of a person on a day.
#[derive(Clone, Debug, Default)]
pub(crate) struct Facts {
    pub born: Option<Date>,
    pub died: Option<Date>,
    pub area: String,
    pub categories: Categories,
    /// The group that a course of study gives.
    pub study: Option<Group>,
    /// What decides from when somebody is covered who enrols on the day.
    pub joining: Joining,
    /// Whether the employee scheme has the person by the day.
    pub employee: bool,
}

impl Facts {
    /// What a dossier tells for a day.
    pub fn of(dossier: &Dossier, day: Date) -> Facts {
        let employee = |s: &&people::Secured| s.kind.0 == Arrangement::Employee && s.from <= day;
        Facts {
            born: dossier.born,
            died: dossier.died,
            area: dossier.area.clone(),
            categories: dossier.categories_on(day),
            study: dossier.level_on(day).map(|level| match level {
                StudyLevel::School => Group::Student,
                StudyLevel::University => Group::University,
            }),
            joining: dossier.joining(day, day),
            employee: dossier.secured.iter().any(|s| employee(&s)),
        }
    }

    /// What the books tell of a person for a day.
    pub fn on(books: &mut Books<'_>, person: &Key, day: Date) -> Result<Facts, Stop> {
        Ok(Facts::of(people::dossier(books, person)?, day))
    }

    /// The group of who names none: by the course of study, else by age. No notice names an age from which a resident is
    /// elderly, so that this group is given, never derived.
    pub fn group(&self, day: Date) -> Group {
        let age = self.person(Scheme::Resident, None, Group::Adult).age_on(day);
        let by_age = if age.is_some_and(|age| age < OF_AGE) { Group::Minor } else { Group::Adult };
        self.study.unwrap_or(by_age)
    }

    /// The person, as terms ask about one.
    pub fn person(&self, scheme: Scheme, tier: Option<String>, group: Group) -> Person {
        Person { scheme, tier, group, categories: self.categories, born: self.born, insured_since: None }
    }

    /// The person of a relation.
    pub fn in_capacity(&self, capacity: &Capacity) -> Person {
        self.person(capacity.scheme.0, capacity.tier.clone(), capacity.group.0)
    }
}

/// What decides from when a relation gives benefits, for a day asked about: the record is that of the day of enrolment.
pub(super) fn joining(dossier: &Dossier, relation: &Relation, paid: Option<Date>, on: Date) -> Joining {
    let states = relation.capacity.states.iter().filter_map(|word| RecordState::parse(word));
    Joining { paid, states: states.collect(), ..dossier.joining(relation.enrolled, on) }
}
