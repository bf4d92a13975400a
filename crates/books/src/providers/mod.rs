//! Providers: hospitals and pharmacies with the facts of each day: level, marks, kinds of care, designation, connection to
//! settlement elsewhere.
//!
//! All is dated. A claim on a day reads the facts of that day, so that a hospital that rose a level in July settles its June
//! claims as it stood in June. Deliberately absent: agreements as texts, and what providers are paid.

mod agreement;
mod amend;
mod connected;
mod identity;
mod list;
mod load;
mod register;
mod sheet;
#[cfg(test)]
mod tests;
mod uploads;

use domain::{Care, Date, Level, Mark, Marks};

use crate::answer::{Refusal, Stop};
use crate::command::Command;
use crate::desk::Desk;
use crate::question::Query;
use crate::sheets::{Books, Key};

pub use agreement::{End, Resume, Suspend};
pub use amend::{Amend, Line};
pub use connected::{ConnectedProviders, Coverage, Span};
pub use identity::Grade;
pub use list::ListProviders;
pub use load::Load;
pub use register::Register;
pub use sheet::{Agreement, Change, Provider, ProviderEntry, Standing, State, in_words};
pub use uploads::{CountUploads, ListUploads, Record, Upload, UploadEntry, Uploads};

/// The commands about providers.
pub const COMMANDS: &[Command] = &[
    Command::of::<Register>(),
    Command::of::<Amend>(),
    Command::of::<Suspend>(),
    Command::of::<Resume>(),
    Command::of::<End>(),
    Command::of::<Load>(),
    Command::of::<Upload>(),
];

/// The questions about providers.
pub const QUERIES: &[Query] = &[
    Query::of::<ListProviders>(),
    Query::of::<ConnectedProviders>(),
    Query::of::<Coverage>(),
    Query::of::<ListUploads>(),
    Query::of::<CountUploads>(),
];

/// Marks that a provider may carry; the others are of a bill.
const MARKS: &[Mark] = &[Mark::Reform, Mark::DualChannel];

/// The stream of a provider.
pub fn key(code: &str) -> Key {
    Key::of(format!("provider/{}", clean(code)))
}

/// How a provider stands on a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts {
    /// Its code.
    pub code: String,
    /// Name.
    pub name: String,
    /// Code of the area it lies in.
    pub area: String,
    /// Level.
    pub level: Level,
    /// Marks.
    pub marks: Marks,
    /// Kinds of care it may settle.
    pub care: Vec<Care>,
    /// Kinds of care for which it is connected to settlement elsewhere.
    pub connected: Vec<Care>,
    /// Special diseases that it settles for persons from elsewhere; all, if it never said which.
    pub diseases: Option<Vec<String>>,
    /// Whether it settles online.
    pub online: bool,
    /// Its social credit code, where it was told.
    pub uscc: Option<String>,
    /// Grade of accreditation, where it was told.
    pub grade: Option<Grade>,
    /// The designations, by the authority that gave them.
    pub designations: Vec<(String, Standing)>,
}

impl Facts {
    /// Whether it is connected to settlement elsewhere for such care, of such a disease.
    pub fn connects(&self, care: Care, disease: Option<&str>) -> bool {
        let listed = |diseases: &Vec<String>| disease.is_some_and(|disease| diseases.iter().any(|d| d == disease));
        self.connected.contains(&care) && (care != Care::Special || self.diseases.as_ref().is_none_or(listed))
    }

    /// How it stands with an authority.
    pub fn designation(&self, by: &str) -> Standing {
        self.designations.iter().find(|(who, _)| who == by).map_or(Standing::Never, |(_, standing)| standing.clone())
    }

    /// The authority that designates it now, the region's own first.
    pub fn designated_by(&self, own: &str) -> Option<&str> {
        let designated = |(_, standing): &&(String, Standing)| *standing == Standing::Designated;
        let mut by = self.designations.iter().filter(designated).map(|(who, _)| who.as_str());
        by.clone().find(|who| *who == own).or_else(|| by.next())
    }
}

/// How a provider stands on a day.
///
/// # Errors
/// When it is not on the register on that day, or the source fails.
pub fn on(books: &mut Books<'_>, code: &str, day: Date) -> Result<Facts, Stop> {
    let code = clean(code);
    let found = books.find::<Provider>(&Key::of(format!("provider/{code}")))?;
    found.and_then(|provider| provider.on(&code, day)).ok_or_else(|| unknown(&code, day).into())
}

/// Whether an area lies in another, by their codes: `120101` lies in `120000`.
pub fn within(area: &str, outer: &str) -> bool {
    // Pairs of noughts stand for "the whole of it": 120100 loses one, 120000 two.
    area.starts_with(if outer.len() == 6 { outer.trim_end_matches("00") } else { outer })
}

/// A code as the register writes it.
pub fn code(text: &str) -> String {
    clean(text)
}

fn clean(code: &str) -> String {
    code.trim().to_ascii_uppercase()
}

fn unknown(code: &str, day: Date) -> Refusal {
    Refusal::new(
        "unknown-provider",
        format!("{day} 没有编码为 {code} 的定点医药机构"),
        "核对机构编码；新机构先用 provider register 登记，登记日期不晚于就医日",
    )
}

/// A code as the register takes it.
fn checked(code: &str) -> Result<String, Refusal> {
    let code = clean(code);
    let fits = (1..=30).contains(&code.len()) && code.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if fits {
        return Ok(code);
    }
    Err(Refusal::new(
        "bad-provider-code",
        format!("“{code}” 不是机构编码"),
        "写国家医保机构编码：字母和数字，如 H12010100001",
    ))
}

/// An area code as the register takes it.
pub(crate) fn area(code: &str) -> Result<String, Refusal> {
    let code = code.trim();
    if (6..=12).contains(&code.len()) && code.bytes().all(|byte| byte.is_ascii_digit()) {
        return Ok(code.to_owned());
    }
    Err(Refusal::new("bad-area", format!("“{code}” 不是区划代码"), "写六位区划代码，如 120101"))
}

/// The provider's sheet.
fn sheet<'b>(desk: &Desk<'_>, books: &'b mut Books<'_>, code: &str) -> Result<&'b Provider, Stop> {
    let today = desk.today();
    books.find::<Provider>(&key(code))?.ok_or_else(|| unknown(&clean(code), today).into())
}
