//! The floor: Chongqing's rules of 2022 written out by hand over plain columns, for the speed that this machine gives to the
//! arithmetic alone. No terms, no refusals, no reasons; the figures of the notice and its supplement stand in the code.

use domain::{Bill, Care, Filing, Layer, Level};

/// Payments by layer, as the engine's columns give them.
pub type ByLayer = [i64; Layer::ALL.len()];

/// Which cover pays a bill.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Cover {
    Stay,
    SingleDisease,
    Special,
    TwoDisease,
    Outpatient,
}

impl Cover {
    pub fn of(care: Care) -> Cover {
        match care {
            Care::SingleDisease => Cover::SingleDisease,
            Care::Special => Cover::Special,
            Care::TwoDisease => Cover::TwoDisease,
            Care::Outpatient | Care::Emergency => Cover::Outpatient,
            _ => Cover::Stay,
        }
    }
}

/// How assistance and catastrophic cover favour a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Favour {
    None,
    Favoured,
    Edge,
    Monitored,
    Lifted,
}

/// The bills in columns.
#[derive(Default)]
pub struct Figures {
    // By bill.
    cover: Vec<Cover>,
    level: Vec<u8>,
    away: Vec<u8>,
    minor: Vec<bool>,
    in_scope: Vec<i64>,
    // By person.
    end: Vec<u32>,
    second_tier: Vec<bool>,
    favour: Vec<Favour>,
}

impl Figures {
    pub fn push(&mut self, bill: &Bill, in_scope: i64) {
        self.cover.push(Cover::of(bill.care));
        self.level.push(match bill.level {
            Level::Primary | Level::One => 0,
            Level::Two => 1,
            Level::Three | Level::Provincial => 2,
        });
        self.away.push(match bill.filing {
            Filing::Local | Filing::Filed => 0,
            Filing::Referred | Filing::Emergency => 1,
            Filing::Unfiled => 2,
        });
        self.minor.push(bill.person.age_on(bill.date).is_some_and(|age| age <= 17));
        self.in_scope.push(in_scope);
    }

    pub fn end_person(&mut self, second_tier: bool, favour: Favour) {
        self.end.push(self.cover.len() as u32);
        self.second_tier.push(second_tier);
        self.favour.push(favour);
    }
}

fn part(amount: i64, hundredths: i64) -> i64 {
    (amount * hundredths + 5_000) / 10_000
}

/// Settles all bills.
pub fn settle(figures: &Figures, paid: &mut [ByLayer]) {
    let mut start = 0;
    for (person, end) in figures.end.iter().enumerate() {
        let end = *end as usize;
        let (second, favour) = (figures.second_tier[person], figures.favour[person]);
        let ceiling = if second { 12_000_000 } else { 8_000_000 };
        let visits_limit = if second { 50_000 } else { 30_000 };
        let points = if second { 500 } else { 0 };
        let favoured = favour == Favour::Favoured;
        let line = if favoured { 770_600 } else { 1_541_200 };
        let (catastrophic_ratio, catastrophic_cap) = if favoured { (6_500, i64::MAX) } else { (6_000, 20_000_000) };
        let (assisted, assistance_line, assistance_ratio) = match favour {
            Favour::None => (false, 0, 0),
            Favour::Favoured => (true, 0, 7_000),
            Favour::Edge => (true, 308_200, 6_000),
            Favour::Monitored => (true, 0, 6_000),
            Favour::Lifted => (true, 0, 5_000),
        };
        let (mut used, mut visits, mut met, mut position, mut catastrophic_used, mut assistance_met) =
            (0, 0, 0, 0, 0, 0);
        for at in start..end {
            let in_scope = figures.in_scope[at];
            let level = figures.level[at] as usize % 3;
            let basic = match figures.cover[at] {
                Cover::Outpatient => {
                    let paid = part(in_scope, [6_000, 4_000, 0][level]).min(visits_limit - visits);
                    visits += paid;
                    paid
                }
                Cover::TwoDisease => part(in_scope, 5_000),
                cover => {
                    let entitled = match cover {
                        Cover::Stay => {
                            let ratio = [8_000, 6_000, 4_000][level] + points + if figures.minor[at] { 500 } else { 0 };
                            let ratio = ratio * [10, 9, 7][figures.away[at] as usize % 3] / 10;
                            part((in_scope - [10_000, 30_000, 80_000][level]).max(0), ratio)
                        }
                        Cover::SingleDisease => part(in_scope, 7_000),
                        _ => part(in_scope, [8_000, 6_000, 4_000][level]),
                    };
                    let paid = entitled.min(ceiling - used);
                    used += paid;
                    paid
                }
            };
            let (mut catastrophic, mut assistance) = (0, 0);
            if (figures.cover[at] as u8) < Cover::TwoDisease as u8 {
                let burden = in_scope - basic;
                let deductible = burden.min(line - met);
                met += deductible;
                let reached = position + burden - deductible;
                let entitled = part(reached, catastrophic_ratio) - part(position, catastrophic_ratio);
                position = reached;
                catastrophic = entitled.min(catastrophic_cap - catastrophic_used);
                catastrophic_used += catastrophic;
                if assisted {
                    let burden = burden - catastrophic;
                    let deductible = burden.min(assistance_line - assistance_met);
                    assistance_met += deductible;
                    assistance = part(burden - deductible, assistance_ratio);
                }
            }
            paid[at] = [basic, catastrophic, assistance, 0];
        }
        start = end;
    }
}
