//! Eligibility, pharmacy and outpatient care (2001–2208), and putting right by message (2601).

use crate::dictionary::transaction::Block::{Eligibility, Outpatient, Pharmacy, Repair};
use crate::dictionary::transaction::Known::{Background, Seen};
use crate::dictionary::transaction::Shape::{AnyMany, Many, One};
use crate::dictionary::transaction::{Node, Transaction};

/// The head of a settlement, as 2207, 2304 and their relatives give it.
pub const SETLINFO: &str = "mdtrt_id! setl_id psn_no! psn_name! psn_cert_type! certno! gend naty brdy age insutype psn_type! \
    cvlserv_flag! setl_time mdtrt_cert_type med_type! medfee_sumamt! fulamt_ownpay_amt! overlmt_selfpay! preselfpay_amt! \
    inscp_scp_amt! act_pay_dedc hifp_pay! pool_prop_selfpay! cvlserv_pay! hifes_pay! hifmi_pay! hifob_pay! maf_pay! oth_pay! \
    fund_pay_sumamt! psn_part_amt! acct_pay! psn_cash_pay! hosp_part_amt! balc! acct_mulaid_pay! medins_setl_id! clr_optins \
    clr_way clr_type!";

/// What one fund paid of it.
pub const SETLDETAIL: &str =
    "fund_pay_type! inscp_scp_amt! crt_payb_lmt_amt! fund_payamt! fund_pay_type_name setl_proc_info";

/// The head of what taking a settlement back gives.
pub const UNDONE: &str = "mdtrt_id! setl_id! clr_optins setl_time medfee_sumamt! fulamt_ownpay_amt! overlmt_selfpay! preselfpay_amt! \
    inscp_scp_amt! act_pay_dedc hifp_pay! pool_prop_selfpay! cvlserv_pay! hifes_pay! hifmi_pay! hifob_pay! hifdm_pay maf_pay! \
    oth_pay! fund_pay_sumamt! psn_part_amt! acct_pay! psn_cash_pay! hosp_part_amt! balc! acct_mulaid_pay! medins_setl_id!";

/// A charge line as it was split.
pub const SPLIT: &str = "feedetl_sn! det_item_fee_sumamt! cnt! pric! pric_uplmt_amt! selfpay_prop fulamt_ownpay_amt overlmt_amt \
    preselfpay_amt inscp_scp_amt chrgitm_lv! med_chrgitm_type! bas_medn_flag hi_nego_drug_flag chld_medc_flag list_sp_item_flag \
    lmt_used_flag! drt_reim_flag memo";

/// A diagnosis of an outpatient visit.
const DISEINFO: &str =
    "diag_type! diag_srt_no! diag_code! diag_name! diag_dept! dise_dor_no! dise_dor_name! diag_time! vali_flag!";

/// A visit, as 2203 describes it.
const VISIT: &str = "mdtrt_id! psn_no! med_type! begntime! main_cond_dscr dise_codg dise_name birctrl_type birctrl_matn_date matn_type geso_val";

/// What a pharmacy sells: the head and the lines.
const SALE: &[Node] = &[
    Node(
        One,
        "druginfo",
        "psn_no! mdtrt_cert_type! mdtrt_cert_no begntime! medfee_sumamt! invono insutype! dise_codg dise_name acct_used_flag! med_type!",
    ),
    Node(
        Many,
        "drugdetail",
        "feedetl_sn! rxno rx_circ_flag! fee_ocur_time! med_list_codg! medins_list_codg! det_item_fee_sumamt! cnt! pric! \
        sin_dos_dscr used_frqu_dscr prd_days medc_way_dscr bilg_dr_codg bilg_dr_name tcmdrug_used_way",
    ),
];

/// A settlement and the lines behind it, as pharmacies get them.
const SOLD: &[Node] =
    &[Node(One, "setlinfo", SETLINFO), Node(AnyMany, "setldetail", SETLDETAIL), Node(AnyMany, "detlcutinfo", SPLIT)];

/// What is asked for an estimate.
const ESTIMATE: &str = "psn_no! mdtrt_cert_type! mdtrt_cert_no med_type! medfee_sumamt! psn_setlway! mdtrt_id! chrg_bchno! acct_used_flag! insutype!";

#[rustfmt::skip]
pub const ALL: &[Transaction] = &[
    Transaction { infno: "2001", zh: "人员待遇享受检查", en: "may one claim", block: Eligibility, known: Seen,
        input: &[Node(One, "data", "psn_no! insutype! fixmedins_code! med_type! begntime! endtime dise_codg dise_name oprn_oprt_code oprn_oprt_name matn_type birctrl_type")],
        output: &[Node(AnyMany, "trtinfo", "psn_no! trt_chk_type fund_pay_type trt_chk_rslt begndate enddate fund_pay_stas")] },
    Transaction { infno: "2101", zh: "药店预结算", en: "pharmacy estimate", block: Pharmacy, known: Background, input: SALE, output: SOLD },
    Transaction { infno: "2102", zh: "药店结算", en: "pharmacy settlement", block: Pharmacy, known: Background, input: SALE, output: SOLD },
    Transaction { infno: "2103", zh: "药店结算撤销", en: "pharmacy reversal", block: Pharmacy, known: Background,
        input: &[Node(One, "data", "setl_id! mdtrt_id! psn_no!")],
        output: &[Node(One, "setlinfo", UNDONE), Node(AnyMany, "setldetail", SETLDETAIL)] },
    Transaction { infno: "2201", zh: "门诊挂号", en: "register", block: Outpatient, known: Seen,
        input: &[Node(One, "data", "psn_no! insutype! begntime! mdtrt_cert_type! mdtrt_cert_no ipt_otp_no! atddr_no! dr_name! dept_code! dept_name! caty!")],
        output: &[Node(One, "data", "mdtrt_id! psn_no! ipt_otp_no!")] },
    Transaction { infno: "2202", zh: "门诊挂号撤销", en: "cancel a registration", block: Outpatient, known: Background,
        input: &[Node(One, "data", "psn_no! mdtrt_id! ipt_otp_no!")], output: &[] },
    Transaction { infno: "2203", zh: "门诊就诊信息上传", en: "describe a visit", block: Outpatient, known: Seen,
        input: &[Node(One, "mdtrtinfo", VISIT), Node(Many, "diseinfo", DISEINFO)], output: &[] },
    Transaction { infno: "2203A", zh: "门诊就诊信息上传（含药店）", en: "describe a visit (pharmacies too)", block: Outpatient, known: Seen,
        input: &[Node(One, "mdtrtinfo", VISIT), Node(AnyMany, "diseinfo", DISEINFO)], output: &[] },
    Transaction { infno: "2204", zh: "门诊费用明细信息上传", en: "charge lines", block: Outpatient, known: Seen,
        input: &[Node(Many, "feedetail", "feedetl_sn! mdtrt_id! psn_no! chrg_bchno! dise_codg rxno rx_circ_flag! fee_ocur_time! med_list_codg! \
            medins_list_codg! det_item_fee_sumamt! cnt! pric! sin_dos_dscr used_frqu_dscr prd_days medc_way_dscr bilg_dept_codg! bilg_dept_name! \
            bilg_dr_codg! bilg_dr_name! acord_dept_codg acord_dept_name orders_dr_code orders_dr_name hosp_appr_flag! tcmdrug_used_way etip_flag \
            etip_hosp_code dscg_tkdrug_flag matn_fee_flag")],
        output: &[Node(Many, "result", SPLIT)] },
    Transaction { infno: "2205", zh: "门诊费用明细信息撤销", en: "cancel charge lines (\"0000\": all that are unsettled)", block: Outpatient, known: Seen,
        input: &[Node(One, "data", "mdtrt_id! chrg_bchno! psn_no!")], output: &[] },
    Transaction { infno: "2206", zh: "门诊预结算", en: "estimate", block: Outpatient, known: Seen,
        input: &[Node(One, "data", ESTIMATE)],
        output: &[Node(One, "setlinfo", SETLINFO), Node(AnyMany, "setldetail", SETLDETAIL)] },
    Transaction { infno: "2207", zh: "门诊结算", en: "settle", block: Outpatient, known: Seen,
        input: &[Node(One, "data", "psn_no! mdtrt_cert_type! mdtrt_cert_no med_type! medfee_sumamt! psn_setlway! mdtrt_id! chrg_bchno! \
            acct_used_flag! insutype! invono fulamt_ownpay_amt! overlmt_selfpay! preselfpay_amt! inscp_scp_amt!")],
        output: &[Node(One, "setlinfo", SETLINFO), Node(AnyMany, "setldetail", SETLDETAIL)] },
    Transaction { infno: "2208", zh: "门诊结算撤销", en: "reverse", block: Outpatient, known: Seen,
        input: &[Node(One, "data", "setl_id! mdtrt_id! psn_no!")],
        output: &[Node(One, "setlinfo", UNDONE), Node(AnyMany, "setldetail", SETLDETAIL)] },
    Transaction { infno: "2601", zh: "冲正交易", en: "take back a message whose answer was lost (2102, 2103, 2207, 2208, 2304, 2305, 2401)", block: Repair, known: Seen,
        input: &[Node(One, "data", "psn_no! omsgid! oinfno!")], output: &[] },
];
