//! From charge lines to a settlement: lines sent and split, an estimate, the settlement held against both, and its reversal.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use wire::amount;
use wire::dictionary::rows;

use crate::check;
use crate::ledger::Settled;
use crate::seat::{Message, No, Seat, text};
use crate::visit::Card;

/// Lines that were charged and not settled yet, as the platform split them.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Bill {
    /// As they came back.
    pub lines: Vec<Value>,
}

/// Amounts of a line, and the field by which a settlement is told their sum.
const SUMS: [(&str, &str); 4] = [
    ("fulamt_ownpay_amt", "fulamt_ownpay_amt"),
    ("overlmt_amt", "overlmt_selfpay"),
    ("preselfpay_amt", "preselfpay_amt"),
    ("inscp_scp_amt", "inscp_scp_amt"),
];

impl Bill {
    /// Sends lines (2204, 2301), and takes in how they were split.
    pub async fn charge(&mut self, seat: &mut Seat, infno: &'static str, lines: Vec<Value>) -> Result<(), No> {
        let (msgid, output) = seat.ask(infno, json!({ "feedetail": lines })).await?;
        let came: Vec<Value> = rows(&output, "result").into_iter().cloned().collect();
        let mut found = check::split(&lines, &came);
        found.extend(seat.day.catalogue().holds_lines(&lines, &came));
        seat.held(infno, &msgid, found);
        self.lines.extend(came);
        Ok(())
    }

    /// What the lines come to, in fen.
    pub fn total(&self) -> i64 {
        self.sum("det_item_fee_sumamt")
    }

    fn sum(&self, name: &str) -> i64 {
        self.lines.iter().filter_map(|line| amount::field(line, name)).sum()
    }

    /// The same question with what the hospital itself makes of the amounts.
    fn with_sums(&self, asked: &Value) -> Value {
        let mut asked = asked.clone();
        for (of_line, of_head) in SUMS {
            asked[of_head] = amount::yuan(self.sum(of_line));
        }
        asked
    }
}

/// The numbers of a kind of settlement: estimate, settlement, reversal.
#[derive(Clone, Copy, Debug)]
pub struct Kind {
    /// The estimate.
    pub estimate: &'static str,
    /// The settlement.
    pub settle: &'static str,
    /// The reversal.
    pub reverse: &'static str,
}

/// At a counter of outpatients.
pub const OUTPATIENT: Kind = Kind { estimate: "2206", settle: "2207", reverse: "2208" };
/// Of a stay.
pub const INPATIENT: Kind = Kind { estimate: "2303", settle: "2304", reverse: "2305" };
/// At a pharmacy.
pub const PHARMACY: Kind = Kind { estimate: "2101", settle: "2102", reverse: "2103" };

/// Estimates and settles what is on the bill; holds both against the identities and against each other. Gives the settlement.
pub async fn settle(seat: &mut Seat, kind: Kind, asked: &Value, bill: &Bill, card: &Card) -> Result<Value, No> {
    let (msgid, estimate) = seat.ask(kind.estimate, json!({ "data": asked })).await?;
    let rules = seat.day.plan.platform.profile.identities.clone();
    let mut found = check::settlement(&rules, &estimate, &bill.lines);
    found.extend(check::echo(asked, &estimate["setlinfo"], ""));
    seat.held(kind.estimate, &msgid, found);
    let input = json!({ "data": bill.with_sums(asked) });
    if seat.recalls() {
        let message: Message = seat.write(kind.settle, input.clone())?;
        seat.recall(&message, &card.psn_no, "recalled").await?;
    }
    let (msgid, output) = seat.ask(kind.settle, input).await?;
    settled(seat, kind.settle, &msgid, (&estimate, &output), asked, bill, card);
    if seat.looks() {
        look(seat, &output, bill).await?;
    }
    Ok(output)
}

/// Asks for a settlement (5203) and its lines (5204) again: they must be what they were.
async fn look(seat: &mut Seat, settled: &Value, bill: &Bill) -> Result<(), No> {
    let head = &settled["setlinfo"];
    let input =
        json!({ "data": { "psn_no": head["psn_no"], "setl_id": head["setl_id"], "mdtrt_id": head["mdtrt_id"] } });
    let (msgid, told) = seat.ask("5203", input.clone()).await?;
    seat.held("5203", &msgid, check::as_settled(settled, &told));
    let (msgid, told) = seat.ask("5204", input).await?;
    seat.held("5204", &msgid, check::same_lines(&bill.lines, &rows(&told, "data")));
    Ok(())
}

/// Holds a settlement against all that is known of it, and enters it.
pub fn settled(
    seat: &Seat,
    infno: &'static str,
    msgid: &str,
    (estimate, output): (&Value, &Value),
    asked: &Value,
    bill: &Bill,
    card: &Card,
) {
    let head = &output["setlinfo"];
    let mut found = check::settlement(&seat.day.plan.platform.profile.identities, output, &bill.lines);
    found.extend(check::as_estimated(estimate, output));
    found.extend(check::echo(asked, head, msgid));
    let catalogue = seat.day.catalogue();
    found.extend(rows(output, "setldetail").into_iter().chain([head]).flat_map(|row| catalogue.holds_codes(row)));
    let settled = Settled::read(head, &card.insutype);
    if settled.setl_id.is_empty() || !seat.day.ledger.borrow_mut().enter(settled) {
        found.push(("number", format!("结算号 {} 缺失或已用过 (settlement number)", head["setl_id"])));
    }
    seat.held(infno, msgid, found);
    if seat.day.keeps_books() {
        let kept = (infno.to_owned(), card.insutype.clone(), output.clone());
        seat.day.ward.borrow_mut().settled.push(kept);
    }
}

/// Takes a settlement back; all of it must come back.
pub async fn reverse(seat: &mut Seat, kind: Kind, settled: &Value) -> Result<(), No> {
    let head = &settled["setlinfo"];
    let input =
        json!({ "data": { "setl_id": head["setl_id"], "mdtrt_id": head["mdtrt_id"], "psn_no": head["psn_no"] } });
    if seat.recalls() {
        let message = seat.write(kind.reverse, input.clone())?;
        if seat.recall(&message, &text(head, "psn_no"), "reversal-recalled").await? {
            seat.stands(settled).await?;
        } else {
            // Not every platform recalls a reversal; sent again as it is, it is answered.
            let output = seat.send(&message).await?;
            return undone(seat, kind, settled, (&message.msgid, &output));
        }
    }
    let (msgid, output) = seat.ask(kind.reverse, input).await?;
    undone(seat, kind, settled, (&msgid, &output))
}

fn undone(seat: &Seat, kind: Kind, settled: &Value, (msgid, output): (&str, &Value)) -> Result<(), No> {
    let head = &settled["setlinfo"];
    seat.held(kind.reverse, msgid, check::given_back(settled, output));
    seat.day.ledger.borrow_mut().undo(head["setl_id"].as_str().unwrap_or_default());
    Ok(())
}
