//! Reconciliation, clearing, matching (3201–3204, 3301, 3302).

use crate::dictionary::transaction::Block::{Accounts, Matching};
use crate::dictionary::transaction::Known::{Background, Seen};
use crate::dictionary::transaction::Shape::{Many, One};
use crate::dictionary::transaction::{Node, Transaction};

#[rustfmt::skip]
pub const ALL: &[Transaction] = &[
    Transaction { infno: "3201", zh: "医药机构费用结算对总账", en: "compare totals", block: Accounts, known: Seen,
        input: &[Node(One, "data", "insutype! clr_type! setl_optins! stmt_begndate! stmt_enddate! medfee_sumamt! fund_pay_sumamt! acct_pay! \
            fixmedins_setl_cnt! refd_setl_flag")],
        output: &[Node(One, "stmtinfo", "setl_optins! stmt_rslt! stmt_rslt_dscr")] },
    Transaction { infno: "3202", zh: "医药机构费用结算对明细账", en: "compare settlements one by one", block: Accounts, known: Seen,
        input: &[Node(One, "data", "setl_optins! file_qury_no! stmt_begndate! stmt_enddate! medfee_sumamt! fund_pay_sumamt! cash_payamt! \
            fixmedins_setl_cnt! refd_setl_flag clr_type")],
        output: &[Node(One, "fileinfo", "file_qury_no! filename dld_endtime")] },
    Transaction { infno: "3203", zh: "清算申请", en: "clearing application", block: Accounts, known: Seen,
        input: &[Node(One, "data", "clr_type! clr_way! clr_ym! psntime! medfee_sumamt! med_sumfee! fund_appy_sum! cash_payamt! acct_pay! begndate! enddate!")],
        output: &[Node(One, "result", "clr_appy_evt_id!")] },
    Transaction { infno: "3204", zh: "清算申请撤销", en: "cancel a clearing application", block: Accounts, known: Seen,
        input: &[Node(One, "data", "clr_appy_evt_id! clr_optins!")], output: &[] },
    Transaction { infno: "3301", zh: "目录对照上传", en: "match items", block: Matching, known: Seen,
        input: &[Node(Many, "data", "fixmedins_hilist_id! fixmedins_hilist_name! list_type! med_list_codg! begndate enddate aprvno dosform \
            exct_cont item_cont prcunt spec pacspec memo")],
        output: &[] },
    Transaction { infno: "3302", zh: "目录对照撤销", en: "cancel a match", block: Matching, known: Background,
        input: &[Node(Many, "data", "fixmedins_code fixmedins_hilist_id! list_type! med_list_codg!")], output: &[] },
];
