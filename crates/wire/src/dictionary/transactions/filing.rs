//! Filings (2501–2507).

use crate::dictionary::transaction::Block::Filing;
use crate::dictionary::transaction::Known::Seen;
use crate::dictionary::transaction::Shape::One;
use crate::dictionary::transaction::{Node, Transaction};

const FILED: &[Node] = &[Node(One, "result", "trt_dcla_detl_sn!")];
const CANCEL: &[Node] = &[Node(One, "data", "trt_dcla_detl_sn! psn_no! memo!")];

#[rustfmt::skip]
pub const ALL: &[Transaction] = &[
    Transaction { infno: "2501", zh: "转院备案", en: "transfer", block: Filing, known: Seen,
        input: &[Node(One, "refmedin", "psn_no! insutype! tel addr insu_optins! diag_code! diag_name! dise_cond_dscr reflin_medins_no! \
            reflin_medins_name! mdtrtarea_admdvs! hosp_agre_refl_flag refl_type! refl_date! refl_rea! refl_opnn begndate! enddate")],
        output: FILED },
    Transaction { infno: "2502", zh: "转院备案撤销", en: "cancel a transfer", block: Filing, known: Seen, input: CANCEL, output: &[] },
    Transaction { infno: "2503", zh: "人员慢特病备案", en: "special disease", block: Filing, known: Seen,
        input: &[Node(One, "data", "psn_no! insutype! opsp_dise_code! opsp_dise_name! tel addr insu_optins! ide_fixmedins_no! ide_fixmedins_name! \
            hosp_ide_date! diag_dr_codg! diag_dr_name! begndate! enddate")],
        output: FILED },
    Transaction { infno: "2504", zh: "人员慢特病备案撤销", en: "cancel a special disease", block: Filing, known: Seen, input: CANCEL, output: &[] },
    Transaction { infno: "2505", zh: "人员定点备案", en: "chosen provider", block: Filing, known: Seen,
        input: &[Node(One, "data", "psn_no! tel addr biz_appy_type! begndate! enddate agnter_name agnter_cert_type agnter_certno agnter_tel \
            agnter_addr agnter_rlts fix_srt_no! fixmedins_code! fixmedins_name! memo")],
        output: FILED },
    Transaction { infno: "2506", zh: "人员定点备案撤销", en: "cancel a chosen provider", block: Filing, known: Seen, input: CANCEL, output: &[] },
    Transaction { infno: "2507", zh: "人员意外伤害备案", en: "accident", block: Filing, known: Seen,
        input: &[Node(One, "data", "dcla_souc insutype! psn_no! psn_insu_rlts_id psn_cert_type certno psn_name gend naty brdy tel addr insu_admdvs \
            emp_no emp_name mdtrtarea_admdvs fixmedins_code! fixmedins_name hosp_lv adm_time! trum_time! trum_site! trum_rea! chk_pay_flag \
            agnter_name agnter_cert_type agnter_certno agnter_tel agnter_addr agnter_rlts begndate enddate memo")],
        output: FILED },
];
