//! What a hospital files for a patient: a chronic or special disease (2503, 2504), a referral (2501).

use jiff::Span;
use serde_json::json;
use wire::dictionary::rows;

use super::Card;
use crate::catalogue::Term;
use crate::draw::Visit;
use crate::seat::{No, Seat, text};

/// For how many days a referral is asked for.
const REFERRED: i64 = 30;

/// The disease that a person has on file (5301); where there is none, one is filed and counts when the office has agreed.
pub async fn special(seat: &mut Seat, visit: &mut Visit, card: &Card) -> Result<Option<Term>, No> {
    let (_, output) = seat.ask("5301", json!({ "data": { "psn_no": card.psn_no } })).await?;
    let known = rows(&output, "feedetail")
        .first()
        .map(|row| Term { code: text(row, "opsp_dise_code"), name: text(row, "opsp_dise_name") });
    if known.is_some() {
        return Ok(known);
    }
    let listed = seat.day.catalogue().chronic.clone();
    let Some(disease) = visit.one(&listed.iter().collect::<Vec<_>>()).cloned() else { return Ok(None) };
    let institution = seat.day.plan.institution.clone();
    let today = seat.day.stamps.local().date().to_string();
    let input = json!({ "data": {
        "psn_no": card.psn_no, "insutype": card.insutype, "opsp_dise_code": disease.code, "opsp_dise_name": disease.name,
        "insu_optins": card.insuplc, "ide_fixmedins_no": institution.code, "ide_fixmedins_name": institution.name,
        "hosp_ide_date": today, "diag_dr_codg": "D990100000001", "diag_dr_name": "医师甲", "begndate": today,
    } });
    let filed = match seat.ask("2503", input).await {
        Ok((_, filed)) => filed,
        // The region's list is narrower than the platform's; the visit is then one like any other.
        Err(No::Refused(_)) => return Ok(None),
        Err(failed) => return Err(failed),
    };
    if visit.happens(50) {
        let number = &filed["result"]["trt_dcla_detl_sn"];
        let input = json!({ "data": { "trt_dcla_detl_sn": number, "psn_no": card.psn_no, "memo": "病种录错" } });
        // What the office has agreed to already stays.
        _ = seat.ask("2504", input).await;
    }
    Ok(None)
}

/// Refers a patient to a hospital elsewhere (2501); whether the platform took it.
pub async fn refer(seat: &mut Seat, visit: &mut Visit, card: &Card, diagnosis: &Term) -> Result<bool, No> {
    let elsewhere = &seat.day.plan.town.elsewhere;
    if elsewhere.is_empty() {
        return Ok(false);
    }
    let to = elsewhere[visit.rng.usize(..elsewhere.len())].clone();
    let today = seat.day.stamps.local().date();
    let last = today.checked_add(Span::new().days(REFERRED)).unwrap_or(today).to_string();
    let today = today.to_string();
    let input = json!({ "refmedin": {
        "psn_no": card.psn_no, "insutype": card.insutype, "insu_optins": card.insuplc, "diag_code": diagnosis.code,
        "diag_name": diagnosis.name, "reflin_medins_no": to.code, "reflin_medins_name": to.name, "mdtrtarea_admdvs": to.area(),
        "hosp_agre_refl_flag": "1", "refl_type": "1", "refl_date": today, "refl_rea": "本院不具备条件", "begndate": today,
        "enddate": last,
    } });
    match seat.ask("2501", input).await {
        Ok(_) => Ok(true),
        Err(No::Refused(_)) => Ok(false),
        Err(failed) => Err(failed),
    }
}
