//! Where a connection stands, so that both engines refuse the same misuse in the same words: a write outside a transaction,
//! a transaction inside another, a commit of what has failed.

use crate::Error;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum What {
    #[default]
    Nothing,
    Reading,
    Writing,
}

/// What the transaction does, if there is one, and whether something in it failed.
#[derive(Debug, Default)]
pub(crate) struct Inside {
    what: What,
    failed: bool,
}

impl Inside {
    /// Whether a transaction can begin.
    pub fn may_begin(&self) -> Result<(), Error> {
        match self.what {
            What::Nothing => Ok(()),
            _ => Err(misuse("a transaction is still open: commit it or roll it back first")),
        }
    }

    /// A transaction has begun.
    pub fn began(&mut self, writing: bool) {
        *self = Inside { what: if writing { What::Writing } else { What::Reading }, failed: false };
    }

    pub fn writing(&self) -> bool {
        self.what == What::Writing
    }

    /// Whether something may be written.
    pub fn may_write(&self) -> Result<(), Error> {
        if self.writing() {
            Ok(())
        } else {
            Err(misuse("nothing is written outside a transaction that writes: begin one"))
        }
    }

    /// Whether the transaction can be committed. Part of it never is.
    pub fn may_commit(&self) -> Result<(), Error> {
        match (self.what, self.failed) {
            (What::Nothing, _) => Err(misuse("there is no transaction to commit")),
            (_, true) => Err(misuse("something failed in this transaction: roll it back")),
            (_, false) => Ok(()),
        }
    }

    /// The transaction has ended.
    pub fn left(&mut self) {
        *self = Inside::default();
    }

    /// Passes an outcome on, and remembers where it failed.
    pub fn after<T>(&mut self, outcome: Result<T, Error>) -> Result<T, Error> {
        self.failed |= outcome.is_err();
        outcome
    }
}

fn misuse(text: &str) -> Error {
    Error::Other(text.to_string())
}
