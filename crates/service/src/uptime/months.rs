//! Minutes up and down by calendar month in China, from the times in which servers were up.
//!
//! Times that touch or overlap are one, whichever server it was: with several over one database the platform is up while one is.
//! What lies before the first beginning is not counted.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::{TimeZone, offset};
use store::Run;

use super::SILENCE;

const MINUTE: i64 = 60_000_000;

/// What is known of how a platform was up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Uptime {
    /// The first beginning, microseconds since 1970, UTC.
    pub since: i64,
    /// How it is now.
    pub now: Now,
    /// The months since then, without a gap.
    pub months: Vec<Month>,
}

/// How a platform is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Now {
    /// A server was seen a moment ago.
    Up,
    /// The last one stopped in order.
    Stopped,
    /// The last one was not seen any more.
    Died,
}

/// A calendar month, in minutes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Month {
    /// Its first day.
    pub first: Date,
    /// Up.
    pub up: i64,
    /// Down after a server had stopped in order.
    pub stopped: i64,
    /// Down after a server had died, was frozen or had lost its database.
    pub died: i64,
    /// How often it ended in order.
    pub stops: u32,
    /// How often it ended otherwise.
    pub deaths: u32,
}

impl Month {
    /// All that are counted.
    pub fn minutes(&self) -> i64 {
        self.up + self.stopped + self.died
    }
}

/// From one moment until before another, microseconds since 1970, and how it was then or how it ended.
#[derive(Clone, Copy)]
struct Span {
    from: i64,
    to: i64,
    how: Now,
}

impl Uptime {
    /// Of times in the order of their beginnings, as of a moment; nothing, where there was none.
    pub fn of(runs: &[Run], now: i64) -> Option<Uptime> {
        let since = runs.first()?.begun;
        let ups = united(runs, now);
        let mut months: Vec<Month> = Vec::new();
        for (nth, up) in ups.iter().enumerate() {
            let next = ups.get(nth + 1).map_or(now, |next| next.from);
            count(&mut months, Span { how: Now::Up, ..*up });
            let month = month_at(&mut months, up.to / MINUTE);
            match up.how {
                Now::Up => {}
                Now::Stopped => month.stops += 1,
                Now::Died => month.deaths += 1,
            }
            count(&mut months, Span { from: up.to, to: next, how: up.how });
        }
        Some(Uptime { since, now: ups.last()?.how, months })
    }
}

/// Times that touch or overlap as one, each with how it ended.
fn united(runs: &[Run], now: i64) -> Vec<Span> {
    let mut ups: Vec<Span> = Vec::new();
    for run in runs {
        let silent = now - run.seen > SILENCE;
        let (end, how) = match run.stopped {
            true => (run.seen, Now::Stopped),
            false if silent => (run.seen, Now::Died),
            false => (now, Now::Up),
        };
        match ups.last_mut().filter(|last| run.begun <= last.to) {
            Some(last) if end >= last.to => (last.to, last.how) = (end, how),
            Some(_) => {}
            None => ups.push(Span { from: run.begun, to: end.max(run.begun), how }),
        }
    }
    ups
}

/// Counts whole minutes; those that begin within a span are of it.
fn count(months: &mut Vec<Month>, span: Span) {
    let (mut from, end) = (span.from / MINUTE, span.to / MINUTE);
    while from < end {
        let month = month_at(months, from);
        let to = next_month(month.first).min(end);
        let minutes = match span.how {
            Now::Up => &mut month.up,
            Now::Stopped => &mut month.stopped,
            Now::Died => &mut month.died,
        };
        *minutes += to - from;
        from = to;
    }
}

/// The month of a minute, which is the last one so far or follows it.
fn month_at(months: &mut Vec<Month>, minute: i64) -> &mut Month {
    let moment = Timestamp::from_second(minute.saturating_mul(60)).unwrap_or_default();
    let first = moment.to_zoned(TimeZone::fixed(offset(8))).date().first_of_month();
    if months.last().is_none_or(|last| last.first < first) {
        months.push(Month { first, up: 0, stopped: 0, died: 0, stops: 0, deaths: 0 });
    }
    let last = months.len() - 1;
    &mut months[last]
}

/// The minute in which the month after one begins.
fn next_month(first: Date) -> i64 {
    let next = first.last_of_month().tomorrow().unwrap_or(Date::MAX).at(0, 0, 0, 0);
    next.to_zoned(TimeZone::fixed(offset(8))).map_or(i64::MAX, |moment| moment.timestamp().as_second() / 60)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::{DateTime, date};

    fn at(text: &str) -> i64 {
        let moment: DateTime = text.parse().unwrap();
        moment.to_zoned(TimeZone::fixed(offset(8))).unwrap().timestamp().as_microsecond()
    }

    fn run(begun: &str, seen: &str, stopped: bool) -> Run {
        Run { id: begun.to_owned(), begun: at(begun), seen: at(seen), stopped }
    }

    fn told(runs: &[Run], now: &str) -> (Now, Vec<[i64; 6]>) {
        let uptime = Uptime::of(runs, at(now)).unwrap();
        let row =
            |m: &Month| [i64::from(m.first.month()), m.up, m.stopped, m.died, i64::from(m.stops), i64::from(m.deaths)];
        (uptime.now, uptime.months.iter().map(row).collect())
    }

    #[test]
    fn minutes_are_counted_by_the_month_from_the_first_beginning() {
        assert_eq!(Uptime::of(&[], 0), None);
        let runs = [
            run("2026-01-31T20:00:20", "2026-01-31T22:00:00", true),
            // Died in the night of the month's end, found two hours later.
            run("2026-01-31T22:10:00", "2026-01-31T23:00:59", false),
            run("2026-02-01T01:00:00", "2026-02-01T02:00:00", false),
        ];
        let (now, months) = told(&runs, "2026-02-01T02:01:10");
        assert_eq!(now, Now::Up, "seen a minute ago");
        assert_eq!(months, [[1, 170, 10, 60, 1, 1], [2, 61, 0, 60, 0, 0]]);
        // Half an hour later nobody has seen it.
        let (now, months) = told(&runs, "2026-02-01T02:30:00");
        assert_eq!((now, months[1]), (Now::Died, [2, 60, 0, 90, 0, 1]));
        // What is down over months counts in each.
        let (_, months) = told(&runs[..1], "2026-03-02T00:00:00");
        assert_eq!(months, [[1, 120, 120, 0, 1, 0], [2, 0, 28 * 1_440, 0, 0, 0], [3, 0, 1_440, 0, 0, 0]]);
        assert_eq!(Uptime::of(&runs, at("2026-02-01T02:01:10")).unwrap().months[0].first, date(2026, 1, 1));
    }

    #[test]
    fn with_several_servers_it_is_up_while_one_is() {
        let runs = [
            run("2026-01-10T08:00:00", "2026-01-10T11:59:59", true),
            // Died within the time of the other, and one that took over before that stopped.
            run("2026-01-10T09:00:00", "2026-01-10T10:00:00", false),
            run("2026-01-10T11:59:50", "2026-01-10T13:00:00", true),
        ];
        assert_eq!(told(&runs, "2026-01-10T13:30:00"), (Now::Stopped, vec![[1, 300, 30, 0, 1, 0]]));
    }

    #[test]
    fn a_restart_within_the_minute_is_counted_as_an_end_and_costs_no_minute() {
        let runs = [
            run("2026-01-10T08:00:00", "2026-01-10T08:10:20", false),
            run("2026-01-10T08:10:40", "2026-01-10T08:20:00", false),
        ];
        assert_eq!(told(&runs, "2026-01-10T08:20:30"), (Now::Up, vec![[1, 20, 0, 0, 0, 1]]));
    }
}
