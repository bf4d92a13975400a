//! Signing in, files, people, institutions, catalogues and dictionaries (9001–9102, 1101–1901).

use crate::dictionary::transaction::Block::{Basic, Catalogue, Other};
use crate::dictionary::transaction::Known::{Background, Seen};
use crate::dictionary::transaction::Shape::{AnyMany, Many, One};
use crate::dictionary::transaction::{Block, Known, Node, Transaction};

/// Fetching a list: the highest version one has goes in, a file to fetch by 9102 comes out.
const fn list(infno: &'static str, zh: &'static str, en: &'static str, known: Known) -> Transaction {
    Transaction {
        infno,
        zh,
        en,
        block: Catalogue,
        known,
        input: &[Node(One, "data", "ver!")],
        output: &[Node(One, "data", "file_qury_no! filename! dld_end_time data_cnt!")],
    }
}

/// Asking for rows of a list, page by page.
const fn paged(
    infno: &'static str,
    zh: &'static str,
    en: &'static str,
    known: Known,
    input: &'static [Node],
    output: &'static [Node],
) -> Transaction {
    Transaction { infno, zh, en, block: Block::Catalogue, known, input, output }
}

#[rustfmt::skip]
pub const ALL: &[Transaction] = &[
    Transaction { infno: "9001", zh: "签到", en: "sign in", block: Other, known: Seen,
        input: &[Node(One, "signIn", "opter_no! mac! ip!")],
        output: &[Node(One, "signinoutb", "sign_time! sign_no!")] },
    Transaction { infno: "9002", zh: "签退", en: "sign out", block: Other, known: Background,
        input: &[Node(One, "signOut", "sign_no! opter_no!")],
        output: &[Node(One, "signoutoutb", "sign_time!")] },
    Transaction { infno: "9101", zh: "文件上传", en: "file up", block: Other, known: Seen,
        input: &[Node(One, "fsUploadIn", "in! filename! fixmedins_code!")],
        output: &[Node(One, "fsUploadOut", "file_qury_no! filename! fixmedins_code dld_endtime")] },
    Transaction { infno: "9102", zh: "文件下载", en: "file down", block: Other, known: Seen,
        input: &[Node(One, "fsDownloadIn", "file_qury_no! filename! fixmedins_code!")],
        output: &[] },
    Transaction { infno: "1101", zh: "人员信息获取", en: "person", block: Basic, known: Seen,
        input: &[Node(One, "data", "mdtrt_cert_type! mdtrt_cert_no! card_sn begntime psn_cert_type certno psn_name")],
        output: &[
            Node(One, "baseinfo", "psn_no! psn_cert_type! certno! psn_name! gend naty brdy age exp_content"),
            Node(Many, "insuinfo", "balc! insutype! psn_type! psn_insu_stas psn_insu_date paus_insu_date cvlserv_flag insuplc_admdvs emp_name"),
            Node(AnyMany, "idetinfo", "psn_idet_type! psn_type_lv memo begntime endtime"),
        ] },
    Transaction { infno: "1201", zh: "医药机构信息获取", en: "institution", block: Basic, known: Seen,
        input: &[Node(One, "medinsinfo", "fixmedins_type! fixmedins_name fixmedins_code")],
        output: &[Node(AnyMany, "medinsinfo", "fixmedins_code! fixmedins_name! uscc! fixmedins_type! hosp_lv")] },
    list("1301", "西药中成药目录下载", "western and patent medicines", Seen),
    list("1302", "中药饮片目录下载", "decoction pieces", Seen),
    list("1303", "医疗机构制剂目录下载", "hospital preparations", Seen),
    paged("1304", "民族药品目录查询", "ethnic medicines", Background,
        &[Node(One, "data", "med_list_codg vali_flag ver updt_time! page_num! page_size!")],
        &[Node(AnyMany, "data", "med_list_codg! vali_flag ver updt_time")]),
    list("1305", "医疗服务项目目录下载", "services", Seen),
    list("1306", "医用耗材目录下载", "materials", Seen),
    list("1307", "疾病与诊断目录下载", "diagnoses", Seen),
    list("1308", "手术操作目录下载", "operations", Seen),
    list("1309", "门诊慢特病种目录下载", "special diseases", Seen),
    list("1310", "按病种付费病种目录下载", "diseases paid as one", Seen),
    list("1311", "日间手术治疗病种目录下载", "day surgery", Seen),
    paged("1312", "医保目录信息查询", "insurance list", Background,
        &[Node(One, "data", "query_date hilist_code insu_admdvs begndate vali_flag updt_time! page_num! page_size!")],
        &[Node(AnyMany, "data", "hilist_code! hilist_name! insu_admdvs! begndate! enddate med_chrgitm_type chrgitm_lv lmt_used_flag list_type matn_fee_flag vali_flag! updt_time")]),
    list("1313", "肿瘤形态学目录下载", "morphology of tumours", Seen),
    list("1314", "中医疾病目录下载", "diseases of Chinese medicine", Seen),
    list("1315", "中医证候目录下载", "syndromes of Chinese medicine", Seen),
    paged("1316", "医疗目录与医保目录匹配信息查询", "national item to insurance item", Seen,
        &[Node(One, "data", "query_date medins_list_codg hilist_code list_type insu_admdvs begndate vali_flag updt_time! page_num! page_size!")],
        &[Node(AnyMany, "data", "med_list_codg! hilist_code! list_type! insu_admdvs! begndate! enddate memo vali_flag! updt_time")]),
    paged("1317", "医药机构目录匹配信息查询", "institution's item to national item", Seen,
        &[Node(One, "data", "query_date fixmedins_code medins_list_codg medins_list_name insu_admdvs list_type med_list_codg begndate vali_flag updt_time! page_num! page_size!")],
        &[Node(AnyMany, "data", "fixmedins_code! medins_list_codg! medins_list_name insu_admdvs! list_type! med_list_codg! begndate! enddate aprvno dosform spec pacspec memo vali_flag! updt_time")]),
    paged("1318", "医保目录限价信息查询", "price limits", Background,
        &[Node(One, "data", "query_date hilist_code hilist_lmtpric_type overlmt_dspo_way insu_admdvs begndate enddate vali_flag updt_time! page_num! page_size!")],
        &[Node(AnyMany, "data", "hilist_code! hilist_lmtpric_type overlmt_dspo_way insu_admdvs! begndate! enddate hilist_pric_uplmt_amt! vali_flag! updt_time")]),
    paged("1319", "医保目录先自付比例信息查询", "first self-pay shares", Background,
        &[Node(One, "data", "query_date hilist_code selfpay_prop_psn_type selfpay_prop_type insu_admdvs begndate enddate vali_flag updt_time! page_num! page_size!")],
        &[Node(AnyMany, "data", "hilist_code! selfpay_prop_psn_type selfpay_prop_type insu_admdvs! begndate! enddate hilist_selfpay_prop! vali_flag! updt_time")]),
    list("1320", "中药配方颗粒目录下载", "granules", Background),
    list("1321", "医疗服务项目（新）目录下载", "services, new list", Background),
    Transaction { infno: "1901", zh: "字典表查询", en: "code table", block: Catalogue, known: Seen,
        input: &[Node(One, "data", "type! parentValue admdvs date! valiFlag!")],
        output: &[Node(AnyMany, "list", "type! label! value! parentValue sort! valiFlag! createUser createDate version")] },
];
