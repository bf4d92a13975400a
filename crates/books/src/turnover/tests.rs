//! Days and periods of turnover; what it adds up to is tested with visits.

use domain::Fen;
use jiff::civil::date;
use serde_json::json;

use super::book::{Day, Group, Taken, TurnoverEntry};
use super::{Clearing, Move, key};
use crate::codec::{Word, Yuan};
use crate::fold::{Fold, Stamp};
use crate::testing::Town;

#[test]
fn corrections_are_summed_apart_from_what_the_provider_asked_for() {
    let group =
        |clearing| Group { scheme: Word(domain::Scheme::Resident), clearing: Word(clearing), office: "990100".into() };
    let taken = |what, clearing, total: i64, funds: i64| {
        TurnoverEntry::Taken(Taken {
            what: Word(what),
            settlement: "s".into(),
            visit: "v".into(),
            group: group(clearing),
            total: Yuan(Fen::yuan(total)),
            funds: Yuan(Fen::yuan(funds)),
            account: Yuan(Fen::ZERO),
            person: Yuan(Fen::yuan(total - funds)),
        })
    };
    let mut day = Day::default();
    let stamp = Stamp { number: 1, at: 0, request: "r", actor: "a" };
    for entry in [
        taken(Move::Settled, Clearing::Inpatient, 100, 60),
        taken(Move::Settled, Clearing::Outpatient, 10, 5),
        taken(Move::Corrected, Clearing::Inpatient, 0, -7),
        taken(Move::Reversed, Clearing::Inpatient, -100, -53),
    ] {
        day.apply(&stamp, &entry);
    }
    assert_eq!(day.sums.len(), 2);
    assert_eq!(day.sums[0].0, group(Clearing::Outpatient));
    let stays = day.of(&group(Clearing::Inpatient)).clone();
    assert_eq!((stays.settled, stays.reversed, stays.corrected), (1, 1, 1));
    assert_eq!((stays.total.0, stays.funds.0, stays.corrected_funds.0), (Fen::ZERO, Fen::yuan(7), Fen::yuan(-7)));
}

#[test]
fn a_period_is_asked_for_in_order_and_not_for_ever() {
    assert_eq!(key(" h99010100001", date(2022, 3, 1)).subject, "turnover/H99010100001-20220301");
    let mut town = Town::new("", date(2022, 3, 1));
    let period = |from: &str, to: &str| json!({ "provider": "H1", "from": from, "to": to });
    assert_eq!(town.ask("turnover totals", period("2021-01-01", "2021-12-31")).rows.len(), 0);
    for (from, to) in [("2021-02-01", "2021-01-31"), ("2021-01-01", "2022-01-02")] {
        assert_eq!(town.refused("turnover totals", period(from, to)).code, "bad-period");
    }
}
