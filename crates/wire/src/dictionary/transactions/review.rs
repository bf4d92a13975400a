//! Review before and during care, and what the doctor then did (3101–3103).

use crate::dictionary::transaction::Block::Review;
use crate::dictionary::transaction::Known::{Background, Seen};
use crate::dictionary::transaction::Shape::{AnyMany, Many, One};
use crate::dictionary::transaction::{Node, Transaction};

#[rustfmt::skip]
const CASE: &[Node] = &[
    Node(One, "data", "syscode! task_id rule_ids trig_scen"),
    Node(Many, "data.patient_dtos", "patn_id! patn_name! gend! brdy! poolarea! curr_mdtrt_id!"),
    Node(Many, "data.patient_dtos.fsi_encounter_dtos", "mdtrt_id! medins_id! medins_name! medins_admdvs! medins_type! medins_lv! wardarea_codg wardno \
        bedno adm_date! dscg_date! dscg_main_dise_codg! dscg_main_dise_name! dr_codg! adm_dept_codg! adm_dept_name! dscg_dept_codg! dscg_dept_name! \
        med_mdtrt_type! med_type! matn_stas! medfee_sumamt! ownpay_amt! selfpay_amt! setl_totlnum! insutype! reim_flag! out_setl_flag!"),
    Node(AnyMany, "data.patient_dtos.fsi_encounter_dtos.fsi_diagnose_dtos", "diag_code diag_name"),
    Node(AnyMany, "data.patient_dtos.fsi_encounter_dtos.fsi_order_dtos", "rx_id! rxno! long_drord_flag! hilist_type! chrg_type! drord_bhvr! hilist_code! \
        hilist_name! hilist_lv! hilist_pric! hosplist_code! hosplist_name! cnt! pric! sumamt! ownpay_amt! selfpay_amt! spec! drord_begn_date! \
        drord_stop_date drord_dr_codg! drord_dr_profttl! curr_drord_flag!"),
    Node(AnyMany, "data.patient_dtos.fsi_encounter_dtos.fsi_operation_dtos", "oprn_oprt_code oprn_oprt_name"),
];

const FINDINGS: &[Node] = &[
    Node(
        AnyMany,
        "result",
        "jr_id! rule_id! rule_name! vola_cont! patn_id! mdtrt_id vola_amt! vola_amt_stas! sev_deg! vola_evid vola_bhvr_type! task_id",
    ),
    Node(AnyMany, "result.judge_result_detail_dtos", "jrd_id! patn_id! mdtrt_id rx_id vola_item_type! vola_amt!"),
];

#[rustfmt::skip]
pub const ALL: &[Transaction] = &[
    Transaction { infno: "3101", zh: "明细审核事前分析", en: "review before care", block: Review, known: Seen, input: CASE, output: FINDINGS },
    Transaction { infno: "3102", zh: "明细审核事中分析", en: "review during care", block: Review, known: Seen, input: CASE, output: FINDINGS },
    Transaction { infno: "3103", zh: "事前事中服务反馈", en: "what the doctor then did", block: Review, known: Background,
        input: &[Node(Many, "data", "warn_rslt_id! dspo_way! dspo_way_rea")], output: &[] },
];
