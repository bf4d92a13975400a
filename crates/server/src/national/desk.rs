//! Whether the number of a sign-in stands, where the region's profile asks for one.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use books::desks::{SignIn, signed_in};

use super::context::Context;
use super::fault::Fault;

/// For how long what the books say of a sign-in is taken as said.
const REMEMBERED: Duration = Duration::from_secs(30);
/// How many sign-ins are remembered at most.
const MOST: usize = 10_000;

type Place = (String, String);

/// The sign-ins that were asked for lately, by institution and number.
#[derive(Default)]
pub(crate) struct Desks(Mutex<BTreeMap<Place, (Instant, SignIn)>>);

impl Desks {
    fn known(&self, place: &Place) -> Option<SignIn> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(place).filter(|(since, _)| since.elapsed() < REMEMBERED).map(|(_, sign)| sign.clone())
    }

    fn keep(&self, place: Place, sign: SignIn) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MOST {
            known.retain(|_, (since, _)| since.elapsed() < REMEMBERED);
        }
        if known.len() < MOST {
            known.insert(place, (Instant::now(), sign));
        }
    }

    /// Forgets a sign-in: the operator has signed out.
    pub fn forget(&self, institution: &str, number: &str) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.remove(&(institution.to_owned(), number.to_owned()));
    }
}

/// Refuses a message whose operator has not signed in, where the profile asks for it. Signing in itself needs none.
pub(super) async fn check(context: &Context) -> Result<(), Fault> {
    let (request, desks) = (&context.request, &context.platform.desks);
    if !context.profile().sign_in || request.infno == "9001" {
        return Ok(());
    }
    let refused =
        |message: &str| Fault::new("not-signed-in", message, "操作员先签到（9001），以后的报文带上所得的 sign_no");
    if request.sign_no.is_empty() {
        return Err(refused("报文没有 sign_no（交易签到流水号）"));
    }
    let place = (context.institution().to_owned(), request.sign_no.clone());
    let today = context.today();
    let sign = match desks.known(&place) {
        Some(sign) => sign,
        None => {
            let (institution, number) = place.clone();
            let look = context.look(move |_, books| signed_in(books, &institution, None, &number, today));
            let sign = look.await?;
            desks.keep(place, sign.clone());
            sign
        }
    };
    if sign.operator == request.opter && (sign.from..=sign.until).contains(&today) {
        return Ok(());
    }
    Err(refused("sign_no 不是这个操作员（opter）今天的签到"))
}
