//! A whole number between two others, both of them among it.

use std::fmt::{self, Display, Formatter};

use serde::Deserialize;

use super::Draws;

/// From one whole number to another.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct Between {
    /// The least.
    pub from: u64,
    /// The most.
    pub to: u64,
}

impl Between {
    /// One of them, all with the same chance; the figures have been checked to ascend.
    pub fn draw(self, draws: &mut Draws) -> u64 {
        self.from + draws.below((self.to - self.from).saturating_add(1))
    }
}

impl Display for Between {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if self.from == self.to { write!(f, "{}", self.from) } else { write!(f, "{} 到 {}", self.from, self.to) }
    }
}
