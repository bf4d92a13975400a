//! The hospital's own books from day to day: what was settled and stands, who is still in bed. Kept in a file, if it is asked
//! for; on the next day some of the one is taken back and all of the other goes on.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use wire::amount;

use crate::Trouble;
use crate::draw::{Reason, Visit};
use crate::ledger::{Settled, Sum};
use crate::seat::{No, Seat};
use crate::visit::{End, INPATIENT, Kind, OUTPATIENT, PHARMACY, Stay, reverse};

/// Books of an institution.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ward {
    /// Whose.
    pub institution: String,
    /// The day that they were closed on.
    pub day: String,
    /// Heads of the settlements of that day that stand, each with the number of its transaction and its insurance.
    pub settled: Vec<(String, String, Value)>,
    /// Who is still in bed.
    pub stays: Vec<Stay>,
    /// What that day moved, by clearing type, where the platform had the same: it is applied for once the day is over.
    #[serde(default)]
    pub even: BTreeMap<String, Sum>,
}

impl Ward {
    /// Opens the books of an institution; empty ones, where there is no file yet.
    ///
    /// # Errors
    /// When the file cannot be read, or is another's.
    pub fn open(file: &Path, institution: &str) -> Result<Ward, Trouble> {
        let shown = file.display();
        let text = match std::fs::read_to_string(file) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
            Err(error) => return Err(Trouble::new(format!("读不了院内账 {shown}: {error}"), "换一个文件")),
        };
        if text.is_empty() {
            return Ok(Ward { institution: institution.to_owned(), ..Ward::default() });
        }
        let cure = "--books 写这家机构上次写出的文件，或一个新的文件名";
        let ward: Ward = serde_json::from_str(&text)
            .map_err(|error| Trouble::new(format!("读不懂院内账 {shown}: {error}"), cure))?;
        if ward.institution != institution {
            return Err(Trouble::new(format!("院内账 {shown} 是机构 {} 的", ward.institution), cure));
        }
        Ok(ward)
    }

    /// Closes the books.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn close(&self, file: &Path) -> Result<(), Trouble> {
        let shown = file.display();
        let part = file.with_extension("part");
        let written = serde_json::to_vec(self)
            .map_err(std::io::Error::from)
            .and_then(|text| std::fs::write(&part, text))
            .and_then(|()| std::fs::rename(&part, file));
        written.map_err(|error| Trouble::new(format!("写不了院内账 {shown}: {error}"), "换一个文件夹"))
    }
}

/// Before the first visit: takes some of yesterday's settlements back, and goes on with who is in bed.
pub async fn round(seat: &mut Seat) {
    let day = std::rc::Rc::clone(&seat.day);
    let today = day.stamps.local().date().to_string();
    let mut before = std::mem::take(&mut *day.ward.borrow_mut());
    if before.day.is_empty() || before.day >= today {
        // Nothing yet, or of this very day: it is carried on as it is.
        *day.ward.borrow_mut() = before;
        return;
    }
    for (clr_type, sum) in std::mem::take(&mut before.even) {
        // A refusal is counted: others may have settled after the books were closed.
        _ = apply(seat, &before.day, &clr_type, sum).await;
    }
    for (nth, (infno, insutype, output)) in before.settled.drain(..).enumerate() {
        let mut visit = of_yesterday(seat, nth, "settled");
        let kind = [OUTPATIENT, INPATIENT, PHARMACY].into_iter().find(|kind| kind.settle == infno);
        let Some(kind) = kind.filter(|_| visit.happens(day.plan.habits.yesterday)) else { continue };
        undo(seat, kind, &insutype, &output).await;
    }
    let stays = std::mem::take(&mut before.stays);
    *day.ward.borrow_mut() = Ward { institution: before.institution, ..Ward::default() };
    for (nth, mut stay) in stays.into_iter().enumerate() {
        let mut visit = of_yesterday(seat, nth, "stay");
        match stay.next_day(seat, &mut visit).await {
            Ok(End::Overnight) => day.ward.borrow_mut().stays.push(stay),
            Ok(_) => day.figures.borrow_mut().settled += 1,
            // It stays in bed: tomorrow is another day.
            Err(_) => {
                day.figures.borrow_mut().unsettled += 1;
                day.ward.borrow_mut().stays.push(stay);
            }
        }
    }
}

/// Applies for the clearing of a day that is over (3203).
async fn apply(seat: &mut Seat, day: &str, clr_type: &str, sum: Sum) -> Result<(), No> {
    seat.insuplc.clear();
    let month: String = day.chars().filter(char::is_ascii_digit).take(6).collect();
    let input = json!({ "data": {
        "clr_type": clr_type, "clr_way": "1", "clr_ym": month, "psntime": sum.count, "medfee_sumamt": amount::yuan(sum.total),
        "med_sumfee": amount::yuan(sum.total), "fund_appy_sum": amount::yuan(sum.funds), "cash_payamt": amount::yuan(sum.cash),
        "acct_pay": amount::yuan(sum.account), "begndate": day, "enddate": day,
    } });
    seat.ask("3203", input).await.map(drop)
}

async fn undo(seat: &mut Seat, kind: Kind, insutype: &str, output: &Value) {
    let head = &output["setlinfo"];
    let settled = Settled { before: true, ..Settled::read(head, insutype) };
    let setl_id = settled.setl_id.clone();
    seat.insuplc = seat.day.plan.town.region.clone();
    if reverse(seat, kind, output).await.is_ok() {
        let mut ledger = seat.day.ledger.borrow_mut();
        ledger.opened(&settled.mdtrt_id);
        ledger.enter(settled);
        ledger.undo(&setl_id);
        seat.day.figures.borrow_mut().yesterday += 1;
    }
}

/// Draws of what is left of yesterday: others than those of today's visits.
fn of_yesterday(seat: &Seat, nth: usize, what: &str) -> Visit {
    let apart = u64::from_be_bytes(*b"yesterda") ^ what.len() as u64;
    let habits = &seat.day.plan.habits;
    let visit = Visit::draw(seat.day.plan.seed ^ apart, nth, false, habits);
    Visit { reason: Reason::Inpatient, ..visit }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn books_are_opened_as_they_were_closed_and_not_by_others() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("books.json");
        let new = Ward::open(&file, "H1").unwrap();
        assert!(new.institution == "H1" && new.stays.is_empty());
        Ward { day: "2022-10-31".to_owned(), ..new }.close(&file).unwrap();
        assert_eq!(Ward::open(&file, "H1").unwrap().day, "2022-10-31");
        assert!(Ward::open(&file, "H2").unwrap_err().message.contains("H1"));
        std::fs::write(&file, "{}").unwrap();
        assert!(Ward::open(&file, "H1").unwrap_err().cure.contains("--books"));
    }
}
