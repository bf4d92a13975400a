//! Questions (5201–5206, 5301–5304).

use super::outpatient::SETLDETAIL;
use crate::dictionary::transaction::Block::Question;
use crate::dictionary::transaction::Known::{Background, Seen};
use crate::dictionary::transaction::Shape::{AnyMany, One};
use crate::dictionary::transaction::{Node, Transaction};

/// A charge line as a question gives it.
const LINE: &str = "mdtrt_id setl_id feedetl_sn! rx_drord_no fixmedins_code fixmedins_name psn_no med_type! fee_ocur_time! cnt! pric! sin_dos_dscr \
    used_frqu_dscr prd_days medc_way_dscr det_item_fee_sumamt! pric_uplmt_amt! selfpay_prop fulamt_ownpay_amt overlmt_amt preselfpay_amt \
    inscp_scp_amt chrgitm_lv! hilist_code! hilist_name! list_type! med_list_codg! medins_list_codg! medins_list_name! med_chrgitm_type! prodname \
    spec dosform_name bilg_dept_codg bilg_dept_name bilg_dr_codg bilg_dr_name acord_dept_codg acord_dept_name orders_dr_code orders_dr_name \
    lmt_used_flag hosp_prep_flag hosp_appr_flag tcmdrug_used_way prodplac_type bas_medn_flag hi_nego_drug_flag chld_medc_flag etip_flag \
    etip_hosp_code dscg_tkdrug_flag list_sp_item_flag matn_fee_flag drt_reim_flag memo opter_id opter_name opt_time";

#[rustfmt::skip]
pub const ALL: &[Transaction] = &[
    Transaction { infno: "5201", zh: "就诊信息查询", en: "visits", block: Question, known: Seen,
        input: &[Node(One, "data", "psn_no! begntime! endtime! med_type! mdtrt_id")],
        output: &[Node(AnyMany, "mdtrtinfo", "mdtrt_id! psn_no! psn_cert_type! certno! psn_name! gend! naty brdy age coner_name tel insutype! psn_type! \
            maf_psn_flag cvlserv_flag! flxempe_flag nwb_flag insu_optins emp_name begntime! endtime mdtrt_cert_type med_type! ars_year_ipt_flag \
            pre_pay_flag ipt_otp_no medrcdno atddr_no chfpdr_name adm_dept_codg adm_dept_name adm_bed dscg_maindiag_code dscg_maindiag_name \
            dscg_dept_codg dscg_dept_name dscg_bed dscg_way main_cond_dscr dise_codg dise_name oprn_oprt_code oprn_oprt_name inhosp_stas die_date \
            ipt_days opter_id opter_name opt_time memo")] },
    Transaction { infno: "5202", zh: "诊断信息查询", en: "diagnoses", block: Question, known: Background,
        input: &[Node(One, "data", "psn_no! mdtrt_id!")],
        output: &[Node(AnyMany, "diseinfo", "mdtrt_id psn_no diag_type! maindiag_flag diag_srt_no! diag_code! diag_name! adm_cond diag_dept dise_dor_no \
            dise_dor_name diag_time vali_flag")] },
    Transaction { infno: "5203", zh: "结算信息查询", en: "settlement", block: Question, known: Seen,
        input: &[Node(One, "data", "psn_no! setl_id! mdtrt_id!")],
        output: &[
            Node(One, "setlinfo", "setl_id! mdtrt_id! psn_no! psn_name! psn_cert_type! certno! gend! naty brdy age insutype! psn_type! cvlserv_flag! \
                flxempe_flag nwb_flag insu_optins emp_name pay_loc! fixmedins_code! fixmedins_name! hosp_lv fixmedins_poolarea lmtpric_hosp_lv \
                dedc_hosp_lv begndate! enddate! setl_time! mdtrt_cert_type med_type! clr_type! clr_way clr_optins medfee_sumamt! fulamt_ownpay_amt! \
                overlmt_selfpay! preselfpay_amt! inscp_scp_amt! act_pay_dedc! hifp_pay! pool_prop_selfpay! cvlserv_pay! hifes_pay! hifmi_pay! hifob_pay! \
                maf_pay! oth_pay! fund_pay_sumamt! psn_pay! acct_pay! cash_payamt! balc! acct_mulaid_pay! medins_setl_id! refd_setl_flag! year! \
                dise_codg dise_name invono opter_id opter_name opt_time"),
            Node(AnyMany, "setldetail", SETLDETAIL),
        ] },
    Transaction { infno: "5204", zh: "费用明细查询", en: "charge lines", block: Question, known: Seen,
        input: &[Node(One, "data", "psn_no! setl_id mdtrt_id!")], output: &[Node(AnyMany, "data", LINE)] },
    Transaction { infno: "5205", zh: "人员慢特病用药记录查询", en: "medicines for a special disease", block: Question, known: Seen,
        input: &[Node(One, "data", "psn_no! begntime! endtime!")], output: &[Node(AnyMany, "feedetail", LINE)] },
    Transaction { infno: "5206", zh: "人员累计信息查询", en: "running amounts", block: Question, known: Seen,
        input: &[Node(One, "data", "psn_no! cum_ym")],
        output: &[Node(AnyMany, "cuminfo", "insutype! year! cum_ym! cum_type_code! cum!")] },
    Transaction { infno: "5301", zh: "人员慢特病备案查询", en: "special diseases on file", block: Question, known: Seen,
        input: &[Node(One, "data", "psn_no!")],
        output: &[Node(AnyMany, "feedetail", "opsp_dise_code! opsp_dise_name! begndate! enddate")] },
    Transaction { infno: "5302", zh: "人员定点信息查询", en: "chosen providers", block: Question, known: Seen,
        input: &[Node(One, "data", "psn_no! biz_appy_type")],
        output: &[Node(AnyMany, "psnfixmedin", "psn_no! insutype fix_srt_no! fixmedins_code! fixmedins_name! begndate! enddate memo")] },
    Transaction { infno: "5303", zh: "在院信息查询", en: "in hospital", block: Question, known: Background,
        input: &[Node(One, "data", "psn_no! begntime! endtime")],
        output: &[Node(AnyMany, "data", "mdtrt_id! psn_no! psn_cert_type certno psn_name gend naty brdy age insutype psn_type cvlserv_flag begntime! med_type ipt_otp_no atddr_no \
            adm_dept_codg adm_dept_name adm_bed dscg_maindiag_code dscg_maindiag_name fixmedins_code fixmedins_name")] },
    Transaction { infno: "5304", zh: "转院信息查询", en: "transfers on file", block: Question, known: Seen,
        input: &[Node(One, "data", "psn_no! begntime! endtime")],
        output: &[Node(AnyMany, "refmedin", "insutype dcla_souc psn_no! trt_dcla_detl_sn tel addr insu_optins diag_code diag_name dise_cond_dscr \
            reflin_medins_no reflin_medins_name mdtrtarea_admdvs hosp_agre_refl_flag refl_type refl_date refl_rea refl_opnn begndate! enddate memo")] },
];
