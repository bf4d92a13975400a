//! How cases are written, for the schema and the reference. The reader reads by the same lists.

use policy::registry::Field;

use crate::{case, kinds};

/// One kind of case.
#[derive(Clone, Copy, Debug)]
pub struct KindFormat {
    /// The word used in files.
    pub name: &'static str,
    /// Its fields, beside the common ones; a kind with bills also has `bills` and `opening`.
    pub fields: &'static [Field],
    /// What may be expected; `stage.*` for any stage.
    pub expect: &'static [&'static str],
    /// Whether it has `bills` and `opening`.
    pub bills: bool,
    /// Whether it has `do`, a list of steps.
    pub steps: bool,
}

/// Fields of every kind, beside `expect` and `with`.
pub const COMMON: &[Field] = case::COMMON;

/// Fields of a bill, beside `expect`, which may hold what `settle` may expect.
pub const BILL: &[Field] = kinds::settle::BILL;

/// Fields of a step, beside `with` (the fields of its command or question) and `expect` (paths into what it answers).
pub const STEP: &[Field] = kinds::story::STEP;

/// What `opening` may hold.
pub const OPENING: &[&str] = kinds::settle::OPENING;

/// The kinds; a case that names none is of the first.
pub fn kinds() -> impl Iterator<Item = KindFormat> {
    let format = |kind: &kinds::CaseKind| KindFormat {
        name: kind.name,
        fields: kind.fields,
        expect: kind.expect,
        bills: kinds::with_bills(kind.name),
        steps: kind.name == kinds::story::KIND.name,
    };
    kinds::ALL.iter().map(format)
}
