//! Tracking numbers: one for all that one submission brings about, good in other regions too.

use sha2::{Digest, Sha256};

use crate::answer::{Refusal, Stop};
use crate::desk::Desk;
use crate::sheets::{Books, Key};

/// The kind of name by which a tracking number leads to what it is about.
pub const TRACKING: &str = "tracking";

/// A new tracking number: code of the region, the day, six digits. It tells nothing of the person.
pub(super) fn tracking(desk: &Desk<'_>, books: &mut Books<'_>, what: &str, about: &Key) -> Result<String, Stop> {
    let code = &desk.rules.region()?.code;
    let day = desk.today().strftime("%Y%m%d").to_string();
    for salt in 0_u32.. {
        let hash = Sha256::digest(format!("{what} {} {day} {salt}", about.subject).as_bytes());
        let serial = hash.iter().take(4).fold(0_u32, |all, byte| (all << 8) | u32::from(*byte)) % 1_000_000;
        let number = format!("{code}{day}{serial:06}");
        if books.linked(TRACKING, &number)?.is_none() {
            books.link(TRACKING, &number, &about.subject)?;
            return Ok(number);
        }
    }
    Err(Refusal::new("no-number", "今天的受理号已用完", "明天再办").into())
}
