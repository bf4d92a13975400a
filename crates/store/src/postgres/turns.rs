//! Whose turn it is to write to a region: a row of the region counts the turns, and is locked by who has one.

/// What this connection knows of the turns of the region where it had its last one.
#[derive(Debug, Default)]
pub(super) struct Turns {
    region: String,
    /// How many turns stood when this connection last looked, its own among them; nothing before its first.
    standing: Option<i64>,
    /// How often the running transaction has counted on.
    own: i64,
}

impl Turns {
    /// Whether the running transaction has the region's turn.
    pub fn has(&self, region: &str) -> bool {
        self.own > 0 && self.region == region
    }

    /// The running transaction has counted on to a number. Gives whether nobody else had a turn since this connection's last.
    pub fn took(&mut self, region: &str, number: i64) -> bool {
        if self.region != region {
            *self = Turns { region: region.to_string(), ..Turns::default() };
        }
        self.own += 1;
        let before = number - self.own;
        self.standing.replace(before) == Some(before)
    }

    /// The transaction stands, and so do its turns.
    pub fn kept(&mut self) {
        let own = std::mem::take(&mut self.own);
        self.standing = self.standing.map(|standing| standing + own);
    }

    /// The transaction does not stand.
    pub fn forget(&mut self) {
        self.own = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::Turns;

    #[test]
    fn a_turn_of_another_is_seen_whatever_became_of_ones_own() {
        let mut turns = Turns::default();
        assert!(!turns.took("town", 1));
        turns.kept();
        assert!(turns.took("town", 2));
        assert!(turns.took("town", 3), "a second time in one transaction");
        turns.forget();
        // One turn of another stands.
        assert!(!turns.took("town", 3));
        turns.kept();
        assert!(turns.took("town", 4));
        turns.forget();
        assert!(turns.took("town", 4));
        turns.kept();
        assert!(!turns.took("city", 5), "nothing is known of another region");
        turns.kept();
        assert!(!turns.took("town", 5));
    }
}
