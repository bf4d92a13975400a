//! What the dossier tells of a person on a day, as the rules on enrolment and cover ask for it.

use domain::{Categories, Date, Group, Person, Scheme};
use enrolment::{Joining, RecordState};

use super::membership::{Capacity, Relation};
use crate::answer::Stop;
use crate::people::{self, Dossier};
use crate::sheets::{Books, Key};

/// Completed years at which a person is no minor any more (民法典第十七条).
const OF_AGE: u8 = 18;

/// What is known of a person on a day.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Facts {
    pub born: Option<Date>,
    pub died: Option<Date>,
    pub area: String,
    pub categories: Categories,
    /// The group that a course of study gives.
    pub study: Option<Group>,
    pub graduated: Option<Date>,
    /// Whether the person has an employer.
    pub employed: bool,
    pub employee_last_paid: Option<Date>,
    pub moved_to_employee: Option<Date>,
    pub employee_wait_until: Option<Date>,
    /// Another arrangement by which the person is secured, by name.
    pub other: Option<String>,
    /// States of the record that rules on who may join ask about.
    pub states: Vec<RecordState>,
}

impl Facts {
    /// What a dossier tells for a day.
    pub fn of(dossier: &Dossier, day: Date) -> Facts {
        Facts {
            born: dossier.born,
            died: dossier.died,
            area: dossier.area.clone(),
            categories: dossier.categories_on(day),
            ..Facts::default()
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

    /// What decides from when a relation gives benefits.
    pub fn joining(&self, relation: &Relation, paid: Option<Date>, on: Option<Date>) -> Joining {
        let states = relation.capacity.states.iter().filter_map(|word| RecordState::parse(word));
        Joining {
            enrolled: Some(relation.enrolled),
            paid,
            employee_last_paid: self.employee_last_paid,
            graduated: self.graduated,
            moved_to_employee: self.moved_to_employee,
            employee_wait_until: self.employee_wait_until,
            states: states.collect(),
            other_scheme: self.other.clone(),
            on,
        }
    }
}
