//! A day from sign-in to sign-out: operators side by side, each with a patient at a time; nobody is treated twice at once.

use std::cell::{Cell, OnceCell, RefCell};
use std::rc::Rc;
use std::time::{Duration, Instant};

use tokio::sync::Mutex;
use tokio::task::{JoinSet, LocalSet};
use wire::gateway::Gateway;
use wire::moment;

use crate::catalogue::Catalogue;
use crate::draw::Visit;
use crate::ledger::Ledger;
use crate::record::Recorder;
use crate::report::Report;
use crate::seat::{No, Seat};
use crate::stamp::Stamps;
use crate::tally::Figures;
use crate::visit::{Card, End, read_card, treat};
use crate::ward::{self, Ward};
use crate::{Plan, Trouble, reconcile};

/// What all operators share.
pub struct Day {
    /// What is played.
    pub plan: Plan,
    /// What was fetched from the platform before the first visit.
    catalogue: OnceCell<Catalogue>,
    /// Vouches for messages.
    pub gateway: Box<dyn Gateway>,
    /// Time and ids.
    pub stamps: Stamps,
    /// What happened.
    pub figures: RefCell<Figures>,
    /// What was settled.
    pub ledger: RefCell<Ledger>,
    /// The hospital's own books from day to day.
    pub ward: RefCell<Ward>,
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
    Read(Box<Card>),
    /// Died, or in bed until tomorrow.
    Gone,
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
    plan.platform.check()?;
    let day = Rc::new(Day::new(plan)?);
    let mut seats = vec![signed_in(&day, 0).await?];
    _ = day.begun.set(moment::seconds(day.stamps.local()));
    let catalogue = Catalogue::fetch(&mut seats[0]).await?;
    _ = day.catalogue.set(catalogue);
    for nth in 1..day.plan.clients.max(1) {
        seats.push(signed_in(&day, nth).await?);
    }
    if day.plan.habits.bare {
        day.read_all(&mut seats[0]).await;
    } else {
        ward::round(&mut seats[0]).await;
        day.seat_who_is_in_bed().await;
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
    day.ward.borrow_mut().even = reconcile::even(&balance);
    for seat in &mut seats {
        // Refusals are counted.
        _ = seat.sign_out().await;
    }
    drop(seats);
    day.close_books()?;
    Ok(Report::of(&day, balance))
}

async fn signed_in(day: &Rc<Day>, nth: usize) -> Result<Seat, Trouble> {
    let mut seat = Seat::new(day, nth);
    let unreached = |why: String| {
        let message = format!("连不上 {}: {why} (no connection)", day.plan.platform.address.host);
        Trouble::new(message, "先启动服务（tongchou serve），核对 --url；https 的核对 --ca")
    };
    // A wrong address is told at once; later a lost line is tried again.
    seat.line.reach().await.map_err(|cut| unreached(cut.0))?;
    match seat.sign_in().await {
        Ok(()) => Ok(seat),
        Err(No::Failed(why)) => Err(unreached(why)),
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
        let ward = plan.books.as_deref().map(|file| Ward::open(file, &plan.institution.code)).transpose()?;
        let recorder = plan.record.take().map(|folder| Recorder::new(folder, plan.clear)).transpose()?;
        // The people come in another order for another seed.
        fastrand::Rng::with_seed(plan.seed).shuffle(&mut plan.town.people);
        Ok(Day {
            catalogue: OnceCell::new(),
            gateway: plan.platform.profile.gateway(),
            stamps: Stamps::default(),
            figures: RefCell::default(),
            ledger: RefCell::default(),
            ward: RefCell::new(ward.unwrap_or_default()),
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

    /// What was fetched from the platform.
    pub fn catalogue(&self) -> &Catalogue {
        self.catalogue.get_or_init(Catalogue::default)
    }

    /// The next visit that nobody has taken yet.
    fn take(&self) -> Option<Visit> {
        let nth = self.next.get();
        (nth < self.plan.visits).then(|| {
            self.next.set(nth + 1);
            Visit::draw(self.plan.seed, nth, self.plan.institution.is_pharmacy(), &self.plan.habits)
        })
    }

    /// Whether the hospital keeps books of its own from day to day.
    pub fn keeps_books(&self) -> bool {
        self.plan.books.is_some()
    }

    /// Writes the hospital's own books, where it keeps any: what stands of today, and who is in bed.
    fn close_books(&self) -> Result<(), Trouble> {
        let Some(file) = &self.plan.books else { return Ok(()) };
        let mut ward = self.ward.borrow_mut();
        ward.day = self.stamps.local().date().to_string();
        let ledger = self.ledger.borrow();
        ward.settled.retain(|(.., output)| {
            let setl_id = output["setlinfo"]["setl_id"].as_str().unwrap_or_default();
            ledger.get(setl_id).is_none_or(|settled| !settled.undone)
        });
        ward.close(file)
    }

    /// Who is in bed from yesterday does not come to the counter.
    async fn seat_who_is_in_bed(&self) {
        for (patient, chair) in self.plan.town.people.iter().zip(&self.chairs) {
            let in_bed = self.ward.borrow().stays.iter().any(|stay| stay.card.number == patient.number);
            if in_bed {
                *chair.lock().await = Chair::Gone;
            }
        }
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
            *chair.lock().await =
                card.map_or(Chair::Uninsured, |card| card.map_or(Chair::Uninsured, |card| Chair::Read(Box::new(card))));
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
        if matches!(*chair, Chair::Gone) {
            day.figures.borrow_mut().absent += 1;
            continue;
        }
        if !day.plan.habits.bare || matches!(*chair, Chair::Unread) {
            match read_card(&mut seat, &day.plan.town.people[at]).await {
                Ok(card) => *chair = card.map_or(Chair::Uninsured, |card| Chair::Read(Box::new(card))),
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
        if matches!(end, Ok(End::Died | End::Overnight)) {
            *chair = Chair::Gone;
        }
        let mut figures = day.figures.borrow_mut();
        match end {
            Ok(End::Settled | End::Died) => figures.settled += 1,
            Ok(End::Overnight) => figures.overnight += 1,
            Ok(End::Unsettled) | Err(_) => figures.unsettled += 1,
        }
    }
    seat
}
