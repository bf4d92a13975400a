//! Hospitals and pharmacies: as many as the figures say of so many people, at home and elsewhere.

use domain::{Care, Filing, Level};

use super::draw::{Draws, Stream};
use super::figures::Figures;
use super::society::Life;

/// One provider.
#[derive(Clone, Debug)]
pub struct Provider {
    /// Its number, from 1.
    pub hospital: i32,
    /// Its level.
    pub level: Level,
    /// Whether it is a pharmacy.
    pub pharmacy: bool,
    /// Whether it lies outside the region.
    pub elsewhere: bool,
}

/// The providers of a province.
pub struct Hospitals {
    /// All of them, by number.
    pub all: Vec<Provider>,
    /// First number and count: by level at home, by level elsewhere, and pharmacies.
    home: [(i32, u64); Level::ALL.len()],
    elsewhere: [(i32, u64); Level::ALL.len()],
    pharmacies: (i32, u64),
    /// How often one goes to the usual one where none was chosen, parts per million.
    usual: u64,
    seed: u64,
}

impl Hospitals {
    /// As many as the figures say, at least one of each level.
    pub fn of(figures: &Figures, people: i64, seed: u64) -> Hospitals {
        let mut all: Vec<Provider> = Vec::new();
        let mut add = |per_million: u64, level: Level, pharmacy: bool, elsewhere: bool| {
            let count = (u128::from(people.unsigned_abs()) * u128::from(per_million) / 1_000_000).max(1) as u64;
            let first = all.len() as i32 + 1;
            let numbers = (0..count).map(|n| first + n as i32);
            all.extend(numbers.map(|hospital| Provider { hospital, level, pharmacy, elsewhere }));
            (first, count)
        };
        let per_million =
            |level: Level| figures.hospital.iter().find(|row| row.level.0 == level).map_or(0, |row| row.per_million);
        let home = std::array::from_fn(|at| add(per_million(Level::ALL[at]), Level::ALL[at], false, false));
        let pharmacies = add(figures.pharmacies, Level::Primary, true, false);
        let elsewhere_too = |level: Level| per_million(level) * figures.elsewhere.0 / 1_000_000;
        let elsewhere = std::array::from_fn(|at| add(elsewhere_too(Level::ALL[at]), Level::ALL[at], false, true));
        Hospitals { all, home, elsewhere, pharmacies, usual: figures.usual.0, seed }
    }

    /// Where a person goes: mostly to the same one of a level, always so where it was chosen.
    pub fn draw(&self, life: &Life, level: Level, care: Care, filing: Filing, chosen: bool, draws: &mut Draws) -> i32 {
        let (first, count) = match (care, filing) {
            (Care::Pharmacy, _) => self.pharmacies,
            (_, Filing::Local) => self.home[level as usize],
            _ => self.elsewhere[level as usize],
        };
        let other = draws.below(count);
        if !chosen && !draws.chance(self.usual) {
            return first + other as i32;
        }
        let mut usual = Draws::of(self.seed ^ u64::from(first.unsigned_abs()), life.person, Stream::Birth, 0);
        first + usual.below(count) as i32
    }
}

impl Hospitals {
    /// Another provider of the same kind, if there is one.
    pub fn another(&self, hospital: i32, draws: &mut Draws) -> Option<i32> {
        let ranges = self.home.iter().chain(&self.elsewhere).chain([&self.pharmacies]);
        let within = |(first, count): &&(i32, u64)| (*first..*first + *count as i32).contains(&hospital);
        let (first, count) = ranges.into_iter().find(within).copied().filter(|(_, count)| *count > 1)?;
        let other = first + draws.below(count - 1) as i32;
        Some(if other >= hospital { other + 1 } else { other })
    }
}
