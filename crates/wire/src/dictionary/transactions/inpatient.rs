//! Inpatient care (2301–2405).

use super::outpatient::{SETLDETAIL, SETLINFO, SPLIT, UNDONE};
use crate::dictionary::transaction::Block::Inpatient;
use crate::dictionary::transaction::Known::{Background, Seen};
use crate::dictionary::transaction::Shape::{AnyMany, Many, One};
use crate::dictionary::transaction::{Node, Transaction};

/// A diagnosis of a stay.
const DISEINFO: &str = "psn_no! mdtrt_id diag_type! maindiag_flag! diag_srt_no! diag_code! diag_name! adm_cond diag_dept! dise_dor_no! dise_dor_name! diag_time!";

const VISIT: &[Node] = &[Node(One, "data", "mdtrt_id! psn_no!")];

#[rustfmt::skip]
pub const ALL: &[Transaction] = &[
    Transaction { infno: "2301", zh: "住院费用明细上传", en: "charge lines", block: Inpatient, known: Seen,
        input: &[Node(Many, "feedetail", "feedetl_sn! init_feedetl_sn mdtrt_id! drord_no psn_no! med_type! fee_ocur_time! med_list_codg! \
            medins_list_codg! det_item_fee_sumamt! cnt! pric! bilg_dept_codg! bilg_dept_name! bilg_dr_codg! bilg_dr_name! acord_dept_codg \
            acord_dept_name orders_dr_code orders_dr_name hosp_appr_flag tcmdrug_used_way etip_flag etip_hosp_code dscg_tkdrug_flag matn_fee_flag memo")],
        output: &[Node(Many, "result", SPLIT)] },
    Transaction { infno: "2302", zh: "住院费用明细撤销", en: "cancel charge lines (\"0000\": all that are unsettled)", block: Inpatient, known: Seen,
        input: &[Node(Many, "data", "feedetl_sn! mdtrt_id! psn_no!")], output: &[] },
    Transaction { infno: "2303", zh: "住院预结算", en: "estimate", block: Inpatient, known: Seen,
        input: &[Node(One, "data", "psn_no! mdtrt_cert_type! mdtrt_cert_no medfee_sumamt! psn_setlway! mdtrt_id! acct_used_flag! insutype! invono \
            mid_setl_flag fulamt_ownpay_amt overlmt_selfpay preselfpay_amt inscp_scp_amt")],
        output: &[Node(One, "setlinfo", SETLINFO), Node(AnyMany, "setldetail", SETLDETAIL)] },
    Transaction { infno: "2304", zh: "住院结算", en: "settle", block: Inpatient, known: Seen,
        input: &[Node(One, "data", "psn_no! mdtrt_cert_type! mdtrt_cert_no medfee_sumamt! psn_setlway! mdtrt_id! insutype! acct_used_flag! invono \
            mid_setl_flag fulamt_ownpay_amt overlmt_selfpay preselfpay_amt inscp_scp_amt")],
        output: &[Node(One, "setlinfo", SETLINFO), Node(AnyMany, "setldetail", SETLDETAIL)] },
    Transaction { infno: "2305", zh: "住院结算撤销", en: "reverse", block: Inpatient, known: Seen,
        input: &[Node(One, "data", "mdtrt_id! setl_id! psn_no!")],
        output: &[Node(One, "setlinfo", UNDONE), Node(AnyMany, "setldetail", SETLDETAIL)] },
    Transaction { infno: "2401", zh: "入院办理", en: "admit", block: Inpatient, known: Seen,
        input: &[
            Node(One, "mdtrtinfo", "psn_no! insutype! coner_name tel begntime! mdtrt_cert_type! mdtrt_cert_no med_type! ipt_no! medrcdno atddr_no! \
                chfpdr_name! adm_diag_dscr! adm_dept_codg! adm_dept_name! adm_bed! dscg_maindiag_code! dscg_maindiag_name! main_cond_dscr dise_codg \
                dise_name oprn_oprt_code oprn_oprt_name fpsc_no matn_type birctrl_type latechb_flag geso_val fetts fetus_cnt pret_flag \
                birctrl_matn_date dise_type_code"),
            Node(Many, "diseinfo", DISEINFO),
        ],
        output: &[Node(One, "result", "mdtrt_id!")] },
    Transaction { infno: "2402", zh: "出院办理", en: "discharge", block: Inpatient, known: Seen,
        input: &[
            Node(One, "dscginfo", "mdtrt_id! psn_no! insutype! endtime! dise_codg dise_name oprn_oprt_code oprn_oprt_name fpsc_no matn_type \
                birctrl_type latechb_flag geso_val fetts fetus_cnt pret_flag birctrl_matn_date cop_flag dscg_dept_codg! dscg_dept_name! dscg_bed \
                dscg_way! die_date"),
            Node(Many, "diseinfo", DISEINFO),
        ],
        output: &[] },
    Transaction { infno: "2403", zh: "住院信息变更", en: "change a stay", block: Inpatient, known: Seen,
        input: &[
            Node(One, "adminfo", "mdtrt_id! psn_no! coner_name tel begntime! endtime mdtrt_cert_type! med_type! ipt_otp_no! medrcdno atddr_no! \
                chfpdr_name! adm_diag_dscr! adm_dept_codg! adm_dept_name! adm_bed! dscg_maindiag_code! dscg_maindiag_name! main_cond_dscr dise_codg \
                dise_name oprn_oprt_code oprn_oprt_name fpsc_no matn_type birctrl_type latechb_flag geso_val fetts fetus_cnt pret_flag birctrl_matn_date"),
            Node(Many, "diseinfo", DISEINFO),
        ],
        output: &[] },
    Transaction { infno: "2404", zh: "入院撤销", en: "cancel an admission", block: Inpatient, known: Background, input: VISIT, output: &[] },
    Transaction { infno: "2405", zh: "出院撤销", en: "cancel a discharge", block: Inpatient, known: Background, input: VISIT, output: &[] },
];
