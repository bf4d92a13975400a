//! The numbered steps that bring a database to what this program expects, each done once and in one transaction.
//!
//! A step that has been released is never changed: what must be different is a new step. `cargo test` holds the numbers
//! in order.

use crate::Error;

/// One step.
pub(crate) struct Migration {
    pub number: i64,
    pub name: &'static str,
    pub sql: &'static str,
}

macro_rules! migrations {
    ($dialect:literal: $($number:literal $name:literal),+ $(,)?) => {
        &[$(Migration {
            number: $number,
            name: $name,
            sql: include_str!(concat!("../migrations/", $dialect, "/", $name, ".sql")),
        }),+]
    };
}

pub(crate) const SQLITE: &[Migration] =
    migrations!("sqlite": 1 "0001_books", 2 "0002_seals", 3 "0003_sessions", 4 "0004_places", 5 "0005_uptime");
pub(crate) const POSTGRES: &[Migration] =
    migrations!("postgres": 1 "0001_books", 2 "0002_seals", 3 "0003_sessions", 4 "0004_uptime");

/// The steps still to be done for a database at step `reached`; refuses one that a newer program has been at.
pub(crate) fn pending(all: &'static [Migration], reached: i64) -> Result<&'static [Migration], Error> {
    let newest = all.last().map_or(0, |migration| migration.number);
    if reached > newest {
        return Err(Error::Unfit(format!(
            "these books have been brought to step {reached} by a newer program, and this one knows {newest} steps: use the \
             newer program"
        )));
    }
    let done = all.iter().take_while(|migration| migration.number <= reached).count();
    Ok(&all[done..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_steps_are_numbered_from_one_and_named_by_their_number() {
        for all in [SQLITE, POSTGRES] {
            for (migration, number) in all.iter().zip(1..) {
                assert_eq!(migration.number, number);
                assert!(migration.name.starts_with(&format!("{number:04}_")), "{}", migration.name);
            }
        }
    }

    #[test]
    fn a_newer_database_is_refused_and_an_older_one_gets_the_rest() {
        assert_eq!(pending(SQLITE, 0).unwrap().len(), SQLITE.len());
        assert!(pending(SQLITE, SQLITE.len() as i64).unwrap().is_empty());
        assert!(matches!(pending(SQLITE, 99), Err(Error::Unfit(_))));
    }
}
