//! A day from sign-in to sign-out: operators side by side, each with a patient at a time; nobody is treated twice at once.

use std::cell::{Cell, OnceCell, RefCell};
use std::rc::Rc;
use std::time::{Duration, Instant};

use tokio::sync::Mutex;
use tokio::task::{JoinSet, LocalSet};
use wire::gateway::Gateway;
use wire::moment;

use crate::draw::Visit;
use crate::items::Items;
use crate::ledger::Ledger;
use crate::record::Recorder;
use crate::report::Report;
use crate::seat::{No, Seat};
use crate::stamp::Stamps;
use crate::tally::Figures;
use crate::visit::{Card, End, read_card, treat};
use crate::{Plan, Trouble, reconcile};

/// What all operators share.
pub struct Day {
    /// What is played.
    pub plan: Plan,
    /// What may be charged here.
    pub items: Items,
    /// Vouches for messages.
    pub gateway: Box<dyn Gateway>,
    /// Time and ids.
    pub stamps: Stamps,
    /// What happened.
    pub figures: RefCell<Figures>,
    /// What was settled.
    pub ledger: RefCell<Ledger>,
    /// Where messages are written down.
    pub recorder: Option<Recorder>,
    /// When the day began, 14 digits: the hospital's own numbers begin with it.
    begun: OnceCell<String>,
    /// When the first visit was let in.
    opened: OnceCell<tokio::time::Instant>,
    next: Cell<usize>,
    /// One patient each.
    chairs: Vec<Mutex<Chair>>,
}

/// What is known of a patient.
enum Chair {
    Unread,
    Uninsured,
    Read(Card),
}

/// Plays a day to its end.
///
/// # Errors
/// When it cannot begin: nobody to treat, no connection, no sign-in.
pub fn play(plan: Plan, progress: &dyn Fn(usize)) -> Result<Report, Trouble> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Trouble::new(format!("系统不给资源: {error}"), "稍后再试"))?;
    LocalSet::new().block_on(&runtime, run(plan, progress))
}

async fn run(plan: Plan, progress: &dyn Fn(usize)) -> Result<Report, Trouble> {
    let day = Rc::new(Day::new(plan)?);
    let mut seats = vec![signed_in(&day, 0).await?];
    _ = day.begun.set(moment::seconds(day.stamps.local()));
    for nth in 1..day.plan.clients.max(1) {
        seats.push(signed_in(&day, nth).await?);
    }
    if day.plan.habits.bare {
        day.read_all(&mut seats[0]).await;
    }
    let begun = Instant::now();
    _ = day.opened.set(begun.into());
    let mut working = JoinSet::new();
    for seat in seats {
        working.spawn_local(work(seat));
    }
    let mut seats = Vec::new();
    loop {
        let tick = tokio::time::sleep(Duration::from_millis(200));
        tokio::select! {
            ended = working.join_next() => match ended {
                Some(Ok(seat)) => seats.push(seat),
                Some(Err(error)) => return Err(Trouble::new(format!("操作员中断 (operator stopped): {error}"), "请报告这个缺陷")),
                None => break,
            },
            () = tick => progress(day.next.get().min(day.plan.visits)),
        }
    }
    day.figures.borrow_mut().span = begun.elapsed();
    let Some(first) = seats.first_mut() else {
        return Err(Trouble::new("没有操作员 (no operator)", "--clients 至少 1"));
    };
    let balance = reconcile::closing(first).await;
    for seat in &mut seats {
        // Refusals are counted.
        _ = seat.sign_out().await;
    }
    drop(seats);
    Ok(Report::of(&day, balance))
}

async fn signed_in(day: &Rc<Day>, nth: usize) -> Result<Seat, Trouble> {
    let mut seat = Seat::new(day, nth);
    match seat.sign_in().await {
        Ok(()) => Ok(seat),
        Err(No::Failed(why)) => {
            let message = format!("连不上 {}: {why} (no connection)", day.plan.platform.address.host);
            Err(Trouble::new(message, "先启动服务（tongchou serve），核对 --url"))
        }
        Err(No::Refused(why)) => Err(Trouble::new(
            format!("签到被拒绝 (not signed in): {why}"),
            "按提示改正；机构编号用 --institution，账号用 --account",
        )),
    }
}

impl Day {
    fn new(mut plan: Plan) -> Result<Day, Trouble> {
        if plan.town.people.is_empty() {
            return Err(Trouble::new("没有人来看病 (nobody to treat)", "用 --patients 给出名单"));
        }
        let items = if plan.institution.is_pharmacy() { plan.items.sold() } else { plan.items.clone() };
        let recorder = plan.record.take().map(|folder| Recorder::new(folder, plan.clear)).transpose()?;
        // The people come in another order for another seed.
        fastrand::Rng::with_seed(plan.seed).shuffle(&mut plan.town.people);
        Ok(Day {
            items,
            gateway: plan.platform.profile.gateway(),
            stamps: Stamps::default(),
            figures: RefCell::default(),
            ledger: RefCell::default(),
            recorder,
            begun: OnceCell::new(),
            opened: OnceCell::new(),
            next: Cell::new(0),
            chairs: plan.town.people.iter().map(|_| Mutex::new(Chair::Unread)).collect(),
            plan,
        })
    }

    /// When the day began, 14 digits of the platform's clock.
    pub fn begun(&self) -> &str {
        self.begun.get().map_or("", String::as_str)
    }

    /// The next visit that nobody has taken yet.
    fn take(&self) -> Option<Visit> {
        let nth = self.next.get();
        (nth < self.plan.visits).then(|| {
            self.next.set(nth + 1);
            Visit::draw(self.plan.seed, nth, self.plan.institution.is_pharmacy(), &self.plan.habits)
        })
    }

    /// Waits until it is the turn of a visit, where they are to come evenly.
    async fn pace(&self, nth: usize) {
        let (Some(rate), Some(opened)) = (self.plan.rate.filter(|rate| *rate > 0), self.opened.get()) else { return };
        let after = Duration::from_micros(nth as u64 * 1_000_000 / u64::from(rate));
        tokio::time::sleep_until(*opened + after).await;
    }

    /// Reads everybody's card before the visits: load is then measured by visits alone.
    async fn read_all(&self, seat: &mut Seat) {
        for (patient, chair) in self.plan.town.people.iter().zip(&self.chairs) {
            let card = read_card(seat, patient).await;
            *chair.lock().await = card.map_or(Chair::Uninsured, |card| card.map_or(Chair::Uninsured, Chair::Read));
        }
    }

    /// The visit's patient: the next in turn, and, where the day is only for load, the next who is insured.
    fn patient(&self, visit: &Visit) -> usize {
        let people = self.chairs.len();
        let first = visit.nth % people;
        if !self.plan.habits.bare {
            return first;
        }
        let insured = |at: &usize| !matches!(self.chairs[*at].try_lock().as_deref(), Ok(Chair::Uninsured));
        (first..first + people).map(|at| at % people).find(insured).unwrap_or(first)
    }
}

/// Treats patients until there is none left.
async fn work(mut seat: Seat) -> Seat {
    let day = Rc::clone(&seat.day);
    while let Some(visit) = day.take() {
        day.pace(visit.nth).await;
        let at = day.patient(&visit);
        let mut chair = day.chairs[at].lock().await;
        if !day.plan.habits.bare || matches!(*chair, Chair::Unread) {
            match read_card(&mut seat, &day.plan.town.people[at]).await {
                Ok(card) => *chair = card.map_or(Chair::Uninsured, Chair::Read),
                Err(_) => {
                    day.figures.borrow_mut().unsettled += 1;
                    continue;
                }
            }
        }
        let Chair::Read(card) = &*chair else {
            day.figures.borrow_mut().uninsured += 1;
            continue;
        };
        let end = treat(&mut seat, visit, card).await;
        let mut figures = day.figures.borrow_mut();
        match end {
            Ok(End::Settled) => figures.settled += 1,
            Ok(End::Unsettled) | Err(_) => figures.unsettled += 1,
        }
    }
    seat
}
