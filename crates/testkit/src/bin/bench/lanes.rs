//! Eight variants of the terms, side by side over the same bills, held against the rules by hand run eight times.

use std::ops::Range;

use domain::Date;
use fearless_simd::{Level, Simd, dispatch};
use policy::set::{Set, overlay};
use policy::{Library, View};
use settlement::{BillSums, Bound, Columns, Eight, Engine, LANES, LaneSink, Lanes, Options, Sink};

use crate::floor::{self, ByLayer};
use crate::population::Population;
use crate::{Line, speeds};

/// Payments by fund, as [`ByLayer`] of each variant.
type ByLane = [Eight; 4];

/// The terms as they are, with another figure in each.
fn variants(library: &Library) -> Vec<Engine> {
    let region = library.region("chongqing").expect("a shipped region");
    let (first, last) = (Date::constant(2022, 1, 1), Date::constant(2022, 12, 31));
    let engine = |step: usize| {
        let sets = [
            format!("stage.inpatient.bands[level=3].ratio=-{step}pt"),
            format!("stage.catastrophic.deductible=+{step}00"),
        ];
        let sets = sets.map(|set| Set::parse(&set).expect("a set"));
        let overlay = overlay(library, region, &View::default(), first, last, &sets[..2 * step.min(1)]);
        let overlay = overlay.unwrap_or_else(|findings| panic!("{findings:#?}"));
        Engine::compile(
            library,
            region,
            &View { overlay: Some(&overlay), ..View::default() },
            Options::default(),
            first,
            last,
        )
    };
    (0..LANES).map(engine).collect()
}

/// Measures, and holds what is paid against what each variant pays by itself.
pub fn measure(library: &Library, population: &Population) -> Vec<Line> {
    let engines = variants(library);
    let mut columns: Vec<Columns<'_>> = engines.iter().map(|engine| Columns::new(engine).expect("few funds")).collect();
    let (leader, followers) = columns.split_first_mut().expect("eight");
    for kind in population.batch.kinds() {
        leader.learn(kind).unwrap_or_else(|unfit| panic!("{unfit:?}"));
    }
    for follower in followers {
        assert!(follower.follows(leader));
        follower.follow(leader);
    }
    let eight: [&Columns<'_>; LANES] = std::array::from_fn(|lane| &columns[lane]);
    let mut lanes = Lanes::default();
    lanes.learn(&eight);
    let bound = columns[0].bind(population.batch.batch());
    let bills = population.visits.len();
    let mut side_by_side = vec![ByLane::default(); bills];
    let mut by_hand = vec![ByLayer::default(); bills];
    let level = Level::new();
    let persons = population.batch.batch().persons();
    let mut settle = || {
        side_by_side[0] = ByLane::default();
        let sink = Kept { paid: &mut side_by_side };
        dispatch!(level, simd => settle_with(simd, &lanes, (&eight, &bound), persons, sink));
    };
    let found = speeds(
        bills * LANES,
        &mut [
            ("floor: by hand, eight times", &mut || {
                (0..LANES).for_each(|_| floor::settle(&population.figures, &mut by_hand))
            }),
            ("eight variants side by side", &mut settle),
        ],
    );
    let mut alone = vec![ByLayer::default(); bills];
    for (lane, columns) in columns.iter().enumerate() {
        alone.fill(ByLayer::default());
        columns.settle(&bound, 0..persons, &mut Alone { paid: &mut alone });
        let of_lane = side_by_side.iter().map(|paid| paid.map(|fund| fund[lane]));
        let differs = alone.iter().zip(of_lane).position(|(alone, of_lane)| *alone != of_lane);
        assert_eq!(differs, None, "lane {lane}");
    }
    found.into_iter().skip(1).collect()
}

#[inline(always)]
fn settle_with<S: Simd>(
    _: S,
    lanes: &Lanes,
    (eight, bound): (&[&Columns<'_>; LANES], &Bound<'_>),
    persons: usize,
    mut sink: Kept<'_>,
) {
    lanes.settle(eight, bound, 0..persons, &mut sink);
}

struct Kept<'p> {
    paid: &'p mut [ByLane],
}

impl LaneSink for Kept<'_> {
    #[inline(always)]
    fn pay(&mut self, bill: usize, fund: usize, fen: &Eight) {
        self.paid[bill][fund % 4] += *fen;
    }

    #[inline(always)]
    fn settled(&mut self, bill: usize) {
        if let Some(next) = self.paid.get_mut(bill + 1) {
            *next = ByLane::default();
        }
    }

    fn end(&mut self, _: usize) {}

    fn refused(&mut self, bill: usize) {
        panic!("bill {bill} is refused");
    }

    fn alone(&mut self, person: usize) {
        panic!("person {person} needs the ordered form");
    }
}

/// What one variant pays.
struct Alone<'p> {
    paid: &'p mut [ByLayer],
}

impl Sink for Alone<'_> {
    fn pay(&mut self, bill: usize, fund: usize, fen: i64) {
        self.paid[bill][fund] += fen;
    }

    fn settled(&mut self, _: usize, _: BillSums) {}

    fn refused(&mut self, bill: usize) {
        panic!("bill {bill} is refused");
    }

    fn end(&mut self, _: usize, _: Range<usize>) {}

    fn ordered(&mut self, person: usize, _: Range<usize>) {
        panic!("person {person} needs the ordered form");
    }
}
