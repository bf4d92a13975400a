//! A year's settled visits under other terms, without effect: what each fund would have paid of the same bills in the same order,
//! who gains and who loses. Both sides are settled here, by the terms in force and by the others, so that what differs is the
//! terms' doing alone; where the books themselves stand otherwise than the terms in force give, it is counted.
//!
//! Deliberately absent: names, and any write. A person is told by his key, for who may see it to hide or to show.

use std::collections::BTreeMap;

use domain::{Basis, Fen, Payer};
use settlement::{Engine, Entry, PersonRun, Standing};

use super::book::CareYear;
use super::record::Paid;
use super::restate::{Active, active};
use super::settle::standing_before;
use super::{number_of, person_of};
use crate::answer::Stop;
use crate::desk::{Desk, Rules};
use crate::sheets::{Books, Key};

/// So many of those whose own cost changes most are told by name.
const LARGEST: usize = 10;

/// What a year would have come to under other terms. Amounts are of the visits that both sides settle.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trial {
    /// Persons with visits that stand.
    pub persons: usize,
    /// Whether there are more persons, who were not looked at.
    pub is_part: bool,
    /// Visits that both sides settle.
    pub visits: usize,
    /// Visits that the terms in force refuse now, or the others would.
    pub refused: [usize; 2],
    /// Visits that stand in the books otherwise than the terms in force give them now.
    pub otherwise: usize,
    /// What each fund pays: by the terms in force, and by the others.
    pub funds: BTreeMap<Payer, [Fen; 2]>,
    /// What persons bear: by the terms in force, and by the others.
    pub own: [Fen; 2],
    /// How many bear less, and how many more.
    pub gain_lose: [usize; 2],
    /// The persons whose own cost changes most, with the change, the largest first.
    pub largest: Vec<(String, Fen)>,
    /// The weakest basis that any of it rests on.
    pub basis: Basis,
}

/// Settles a year's standing visits anew, by the terms in force and by others, of at most so many persons. Before each, `go_on` may
/// end it.
///
/// # Errors
/// When the source fails; and what `go_on` ends it with.
pub fn trial(
    desk: &Desk<'_>,
    books: &mut Books<'_>,
    others: &Rules,
    year: i16,
    most: usize,
    go_on: &dyn Fn() -> Result<(), Stop>,
) -> Result<Trial, Stop> {
    let mut persons: Vec<Key> = Vec::new();
    books.each::<CareYear>(Some(year), |key, book| {
        go_on()?;
        if !book.visits.is_empty() {
            persons.push(person_of(number_of(key)));
        }
        Ok(())
    })?;
    let mut trial = Trial { is_part: persons.len() > most, ..Trial::default() };
    for person in persons.iter().take(most) {
        go_on()?;
        let bills: Vec<Active> = active(books, person, year)?.into_iter().filter(|one| one.year == year).collect();
        let before = standing_before(books, person, year)?;
        let [now, then] = [&desk.rules.engine, &others.engine].map(|engine| settled(engine, &before, &bills));
        trial.add(person, &bills, &now, &then);
    }
    trial.largest.sort_by_key(|(person, change)| (std::cmp::Reverse(change.0.abs()), person.clone()));
    trial.largest.truncate(LARGEST);
    Ok(trial)
}

/// What came of a bill: what was paid and on what basis, or nothing where it was refused.
type Outcome = Option<(Paid, Basis)>;

/// A person's bills in order; one that is refused leaves the person as before it. Where the terms cannot go on from what is known
/// of the person, all are refused.
fn settled(engine: &Engine, before: &Standing, bills: &[Active]) -> Vec<Outcome> {
    let mut standing = before.clone();
    let mut settle = |one: &Active| {
        let mut run = PersonRun::resume(engine, &standing).ok()?;
        let entry: Entry = run.settle(&one.bill.bill()).ok()?;
        standing = run.standing();
        Some((Paid::of(engine.plan(entry.plan), &entry), entry.basis))
    };
    bills.iter().map(&mut settle).collect()
}

impl Trial {
    fn add(&mut self, person: &Key, bills: &[Active], now: &[Outcome], then: &[Outcome]) {
        let mut change = Fen::ZERO;
        for ((one, now), then) in bills.iter().zip(now).zip(then) {
            self.refused[0] += usize::from(now.is_none());
            self.refused[1] += usize::from(then.is_none());
            self.otherwise += usize::from(now.as_ref().is_none_or(|(now, _)| now.since(&one.paid).is_some()));
            let (Some(now), Some(then)) = (now, then) else { continue };
            self.visits += 1;
            for (side, (paid, basis)) in [now, then].into_iter().enumerate() {
                for (payer, amount) in paid.by_payer() {
                    self.funds.entry(payer).or_default()[side] += amount;
                }
                self.own[side] += paid.person.0;
                self.basis = self.basis.max(*basis);
            }
            change += then.0.person.0 - now.0.person.0;
        }
        self.persons += 1;
        self.gain_lose[0] += usize::from(change < Fen::ZERO);
        self.gain_lose[1] += usize::from(change > Fen::ZERO);
        if change != Fen::ZERO {
            self.largest.push((number_of(person).to_owned(), change));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use jiff::civil::date;

    use super::*;
    use crate::answer::Refusal;
    use crate::care::tests::{RULES, settle, town_by};
    use crate::testing::Town;

    fn under(town: &mut Town, rules: &str, year: i16, most: usize) -> Trial {
        let others = town_by(rules).0.rules;
        let desk = Desk { rules: &town.rules, vault: &town.vault, at: 0, actor: "tester" };
        trial(&desk, &mut Books::new(&mut town.memory), &others, year, most, &|| Ok(())).unwrap()
    }

    #[test]
    fn a_trial_is_ended_by_who_asked_for_it() {
        let (mut town, person) = town_by(RULES);
        settle(&mut town, &person, "1", date(2022, 3, 1), 3_000).unwrap();
        let desk = Desk { rules: &town.rules, vault: &town.vault, at: 0, actor: "tester" };
        let others = town_by(RULES).0.rules;
        for looks in [0, 1] {
            // Once where a person is looked for, and once before he is settled.
            let left = Cell::new(looks);
            let go_on = || match left.replace(left.get().max(1) - 1) {
                0 => Err(Refusal::new("too-many", "", "").into()),
                _ => Ok(()),
            };
            let ended = trial(&desk, &mut Books::new(&mut town.memory), &others, 2022, 10, &go_on);
            assert!(matches!(ended, Err(Stop::Refused(refusal)) if refusal.code == "too-many"), "{looks}");
        }
    }

    #[test]
    fn a_year_under_other_terms_is_told_by_fund_and_by_person_and_changes_nothing() {
        let (mut town, person) = town_by(RULES);
        settle(&mut town, &person, "1", date(2022, 3, 1), 3_000).unwrap();
        settle(&mut town, &person, "2", date(2022, 4, 1), 3_000).unwrap();
        let held = (town.balance("payable/provider"), town.memory.journal.len());
        let same = under(&mut town, RULES, 2022, 10);
        assert_eq!((same.persons, same.visits, same.otherwise, same.gain_lose), (1, 2, 0, [0, 0]));
        assert_eq!((same.own, same.funds[&Payer::Basic]), ([Fen::yuan(3_500); 2], [Fen::yuan(2_500); 2]));

        let more = RULES.replace("{ ratio = '50%' }", "{ ratio = '60%' }");
        let trial = under(&mut town, &more, 2022, 10);
        assert_eq!(trial.funds[&Payer::Basic], [Fen::yuan(2_500), Fen::yuan(3_000)]);
        assert_eq!(trial.own, [Fen::yuan(3_500), Fen::yuan(3_000)], "what the fund pays more, persons bear less");
        assert_eq!((trial.gain_lose, trial.largest), ([1, 0], vec![(person.clone(), Fen::yuan(-500))]));
        assert_eq!((town.balance("payable/provider"), town.memory.journal.len()), held);

        let none = under(&mut town, &more, 2022, 0);
        assert!(none.is_part && none.persons == 0);
        assert_eq!(under(&mut town, &more, 2021, 10), Trial::default());
    }

    #[test]
    fn what_other_terms_refuse_is_counted_and_in_no_sum() {
        let (mut town, person) = town_by(RULES);
        settle(&mut town, &person, "1", date(2022, 3, 1), 3_000).unwrap();
        settle(&mut town, &person, "2", date(2022, 4, 1), 3_000).unwrap();
        let open = RULES.replace("{ ratio = '50%' }", "{ age = '0-3', ratio = '50%' }, { open = true }");
        let trial = under(&mut town, &open, 2022, 10);
        assert_eq!((trial.visits, trial.refused, trial.gain_lose), (0, [0, 2], [0, 0]));
        assert_eq!((trial.own, trial.funds.len()), ([Fen::ZERO; 2], 0));
    }
}
