//! What a report means beside what was reported before, whatever the order of arrival: the later report wins, an older one only
//! fills the time before.

use domain::Date;

/// What a register said of one beginning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// First day.
    pub from: Date,
    /// First day on which it no longer holds.
    pub end: Option<Date>,
    /// As of which day the register says so.
    pub reported: Date,
    /// It never held.
    pub withdrawn: bool,
    /// What else is said: a grade, a day of graduation.
    pub rest: String,
}

impl Said {
    pub(super) fn holds(&self, day: Date) -> bool {
        !self.withdrawn && self.from <= day && self.end.is_none_or(|end| day < end)
    }
}

/// What becomes of a report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is known.
    Unchanged,
    /// It is known from an older report: only the day of the report is new.
    Confirmed,
    /// A later report says otherwise of the same time.
    Superseded,
    /// The same register said otherwise as of the same day.
    Contradiction(Option<Date>),
    /// It is taken, with this end.
    Taken(Option<Date>),
}

/// Judges a report beside those of the same register and category. `listed` is the day of the first full list after the report:
/// whoever holds the category on that day was on it, and whoever does not was not.
pub fn judge(known: &[Said], said: &Said, listed: Option<Date>) -> Verdict {
    if let Some(same) = known.iter().find(|other| other.from == said.from) {
        if same.reported > said.reported {
            return Verdict::Superseded;
        }
        let alike = (same.end, same.withdrawn, &same.rest) == (said.end, said.withdrawn, &said.rest);
        match (alike, same.reported == said.reported) {
            (true, true) => return Verdict::Unchanged,
            (true, false) => return Verdict::Confirmed,
            (false, true) => return Verdict::Contradiction(same.end),
            (false, false) => {}
        }
    }
    let end =
        match listed.map(|day| (day, known.iter().filter(|other| other.holds(day)).max_by_key(|other| other.from))) {
            // The list confirmed what was known of this time.
            Some((_, Some(on_list))) if on_list.from <= said.from => return Verdict::Superseded,
            Some((_, Some(on_list))) => earlier(said.end, on_list.from),
            Some((day, None)) => earlier(said.end, day),
            None => said.end,
        };
    let later = |other: &&Said| !other.withdrawn && other.reported > said.reported;
    let covered = known.iter().filter(later).any(|other| other.holds(said.from));
    if covered || !said.withdrawn && end.is_some_and(|end| end <= said.from) {
        return Verdict::Superseded;
    }
    Verdict::Taken(end)
}

fn earlier(end: Option<Date>, day: Date) -> Option<Date> {
    Some(end.map_or(day, |end| end.min(day)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn said(from: Date, end: Option<Date>, reported: Date) -> Said {
        Said { from, end, reported, withdrawn: false, rest: String::new() }
    }

    #[test]
    fn the_later_report_of_the_same_beginning_wins() {
        let (jan, apr) = (date(2022, 1, 1), date(2022, 4, 1));
        let known = [said(jan, Some(apr), date(2022, 4, 30))];
        assert_eq!(judge(&known, &said(jan, None, date(2022, 1, 31)), None), Verdict::Superseded);
        assert_eq!(judge(&known, &said(jan, None, date(2022, 5, 31)), None), Verdict::Taken(None));
        assert_eq!(judge(&known, &known[0], None), Verdict::Unchanged);
        assert_eq!(judge(&known, &said(jan, Some(apr), date(2022, 5, 31)), None), Verdict::Confirmed);
        assert_eq!(judge(&known, &said(jan, None, date(2022, 4, 30)), None), Verdict::Contradiction(Some(apr)));
    }

    #[test]
    fn an_older_report_fills_the_time_before() {
        let known = [said(date(2022, 5, 1), None, date(2022, 5, 31))];
        let old = said(date(2022, 1, 1), None, date(2022, 1, 31));
        assert_eq!(judge(&known, &old, None), Verdict::Taken(None));
        let inside = said(date(2022, 5, 15), None, date(2022, 5, 20));
        assert_eq!(judge(&known, &inside, None), Verdict::Superseded);
    }

    #[test]
    fn a_full_list_after_it_tells_how_an_older_report_went_on() {
        let (list, jan) = (date(2022, 3, 31), date(2022, 1, 1));
        let late = said(date(2022, 2, 1), None, date(2022, 2, 28));
        // Not on the list of March: it had ended by then.
        assert_eq!(judge(&[], &late, Some(list)), Verdict::Taken(Some(list)));
        assert_eq!(judge(&[], &said(list, None, date(2022, 3, 15)), Some(list)), Verdict::Superseded);
        // On the list: what was known was confirmed.
        let known = [said(jan, None, date(2022, 1, 31))];
        assert_eq!(judge(&known, &late, Some(list)), Verdict::Superseded);
        let ended = said(jan, Some(date(2022, 2, 15)), date(2022, 2, 28));
        assert_eq!(judge(&known, &ended, Some(list)), Verdict::Superseded);
        let before = said(date(2021, 6, 1), None, date(2022, 2, 28));
        assert_eq!(judge(&known, &before, Some(list)), Verdict::Taken(Some(jan)));
    }
}
