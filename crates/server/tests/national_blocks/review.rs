//! Review (3101–3103).

use serde_json::{Value, json};

use crate::town::Town;

fn case(town: &Town) -> Value {
    let visit = json!({
        "mdtrt_id": "1", "medins_id": town.hospital, "medins_name": "某医院", "medins_admdvs": "500000", "medins_type": "1", "medins_lv": "3",
        "adm_date": "2022-10-30 08:00:00", "dscg_date": "2022-10-31 08:00:00", "dscg_main_dise_codg": "A09.000", "dscg_main_dise_name": "某病",
        "dr_codg": "D1", "adm_dept_codg": "1", "adm_dept_name": "内科", "dscg_dept_codg": "1", "dscg_dept_name": "内科", "med_mdtrt_type": "1",
        "med_type": "21", "matn_stas": "0", "medfee_sumamt": 10, "ownpay_amt": 0, "selfpay_amt": 0, "setl_totlnum": 1, "insutype": "390",
        "reim_flag": "1", "out_setl_flag": "0",
    });
    json!({ "data": { "syscode": "HIS", "trig_scen": "1", "patient_dtos": [{
        "patn_id": "1", "patn_name": "某人", "gend": "1", "brdy": "1980-01-01", "poolarea": "500000", "curr_mdtrt_id": "1",
        "fsi_encounter_dtos": [visit],
    }] } })
}

#[test]
fn nothing_is_found_and_the_answer_says_that_nothing_was_reviewed() {
    let town = Town::new();
    for infno in ["3101", "3102"] {
        let (told, said) = town.warned(infno, case(&town));
        assert_eq!(told["result"], json!([]));
        assert!(said.contains("没有审核"), "{said}");
    }
}

#[test]
fn what_the_physician_did_is_on_record() {
    let town = Town::new();
    let did =
        |way: &str, why: &str| json!({ "data": [{ "warn_rslt_id": "J1", "dspo_way": way, "dspo_way_rea": why }] });
    town.good("3103", did("1", "病情需要"));
    assert!(town.refused("3103", did("9", "x")).contains("dspo_way"));
    let rows = town.rows("feedback list", json!({ "provider": town.hospital }));
    assert_eq!((rows.len(), &rows[0][1], &rows[0][2]), (1, &json!("J1"), &json!("continued")));
}
