//! The settlement sheet (4101–4103).

use crate::dictionary::transaction::Block::Sheet;
use crate::dictionary::transaction::Known::{Background, Seen};
use crate::dictionary::transaction::Shape::{AnyMany, Many, One};
use crate::dictionary::transaction::{Node, Transaction};

#[rustfmt::skip]
const SHEET: &[Node] = &[
    Node(One, "setlinfo", "mdtrt_id! setl_id! psn_no fixmedins_name! fixmedins_code! hi_setl_lv hi_no medcasno! dcla_time psn_name! gend! brdy! age ntly! \
        nwb_age naty! patn_cert_type! certno! prfs! curr_addr emp_name emp_addr emp_tel poscode coner_name! patn_rlts! coner_addr! coner_tel! \
        hi_type! insuplc! sp_psn_type nwb_adm_type nwb_bir_wt nwb_adm_wt opsp_diag_caty opsp_mdtrt_date ipt_med_type! adm_way trt_type adm_time \
        adm_caty! refldept_dept dscg_time dscg_caty! act_ipt_days otp_wm_dise wm_dise_code otp_tcm_dise tcm_dise_code diag_code_cnt \
        oprn_oprt_code_cnt vent_used_dura spga_nurscare_days lv1_nurscare_days scd_nurscare_days lv3_nurscare_days dscg_way acp_medins_name \
        acp_optins_code bill_code! bill_no! biz_sn! days_rinp_flag_31 days_rinp_pup_31 chfpdr_name chfpdr_code setl_begn_date! setl_end_date! \
        psn_selfpay! psn_ownpay! acct_pay! psn_cashpay! hi_paymtd! hsorg! hsorg_opter! medins_fill_dept! medins_fill_psn!"),
    Node(AnyMany, "payinfo", "fund_pay_type! fund_payamt!"),
    Node(AnyMany, "opspdiseinfo", "diag_name! diag_code! oprn_oprt_name oprn_oprt_code"),
    Node(Many, "diseinfo", "maindiag_flag! diag_type! diag_code! diag_name! adm_cond_type"),
    Node(Many, "iteminfo", "med_chrgitm! amt! claa_sumfee! clab_amt! fulamt_ownpay_amt! oth_amt!"),
    Node(AnyMany, "oprninfo", "oprn_oprt_type! oprn_oprt_name! oprn_oprt_code! oprn_oprt_date! anst_way oper_dr_name! oper_dr_code! anst_dr_name anst_dr_code"),
    Node(AnyMany, "icuinfo", "scs_cutd_ward_type! scs_cutd_inpool_time! scs_cutd_exit_time! scs_cutd_sum_dura!"),
    Node(AnyMany, "bldinfo", "bld_cat bld_amt bld_unt"),
];

#[rustfmt::skip]
pub const ALL: &[Transaction] = &[
    Transaction { infno: "4101", zh: "医疗保障基金结算清单信息上传", en: "send a settlement sheet", block: Sheet, known: Seen,
        input: SHEET, output: &[Node(One, "result", "setl_list_id!")] },
    Transaction { infno: "4101A", zh: "医疗保障基金结算清单信息上传（新）", en: "send a settlement sheet (new form)", block: Sheet, known: Background,
        input: SHEET, output: &[Node(One, "result", "setl_list_id!")] },
    Transaction { infno: "4102", zh: "结算清单状态修改", en: "change a sheet's state", block: Sheet, known: Background,
        input: &[Node(Many, "data", "psn_no! setl_id!"), Node(One, "stastinfo", "stas_type!")], output: &[] },
    Transaction { infno: "4103", zh: "结算清单信息查询", en: "a sheet", block: Sheet, known: Background,
        input: &[Node(One, "data", "psn_no! setl_id!")], output: SHEET },
];
