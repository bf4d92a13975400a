//! A sale at a pharmacy in one go: opened, charged and settled in one transaction, or not at all.

use domain::Care;
use jiff::civil::DateTime;

use super::book::{Certificate, Insurance};
use super::charge::{Line, charge, matchings, refuse_none};
use super::open::Open;
use super::settle::{Settle, settle};
use super::{held, key};
use crate::answer::{Answer, Refusal, Stop};
use crate::codec::{Word, Yuan};
use crate::command::UseCase;
use crate::desk::Desk;
use crate::sheets::{Books, Key};
use crate::{catalogue, command, providers};

command! {
    /// Settle a sale at a pharmacy in one go: visit, lines and settlement
    Sell = "visit sell", "药店购药一次办完：登记、明细、结算" {
        /// Number of an ID card, or the person's number
        person: String = "证件号码或个人编号",
        /// Code of the provider
        provider: String = "定点机构代码",
        /// The provider's number of the sale
        number: String = "机构的销售单号",
        /// When
        begin: DateTime = "购药时间",
        /// Code of the kind of care, as the provider writes it
        kind: Option<String> = "医疗类别代码，照机构所写",
        /// What the person showed
        certificate: Option<Word<Certificate>> = "就诊凭证类型",
        /// The insurance it is to be settled by
        insurance: Option<Word<Insurance>> = "险种",
        /// Code of the chronic or special disease
        disease: Option<String> = "慢特病编码",
        /// The lines
        lines: Vec<Line> = "费用明细",
        /// Take only lines whose own item is matched to the catalogue on their day
        matched: bool = "只收当日已有目录对照的明细",
        /// Sum of the lines
        total: Yuan = "总费用，须等于明细合计",
        /// What the pharmacy made to be out of scope
        out_of_scope: Option<Yuan> = "机构算得的全自费金额",
        /// What the pharmacy made to be above price limits
        over_limit: Option<Yuan> = "机构算得的超限价金额",
        /// What the pharmacy made to be first self-pay
        first_self_pay: Option<Yuan> = "机构算得的先行自付金额",
        /// What the pharmacy made to be in scope
        in_scope: Option<Yuan> = "机构算得的政策范围内金额",
        /// Number of the invoice
        invoice: Option<String> = "发票号",
        /// Number of what the person showed, which must not be another's
        certificate_number: Option<String> = "出示的凭证的号码，不能是别人的",
        /// Through what, where the provider is told who the person is: that is recorded
        through: Option<String> = "途径，如接口交易号；写明的，带出人员信息（留痕）",
    }
}

impl Sell {
    fn open(&self) -> Open {
        Open {
            person: self.person.clone(),
            provider: self.provider.clone(),
            number: self.number.clone(),
            care: Word(Care::Pharmacy),
            kind: self.kind.clone(),
            begin: self.begin,
            disease: self.disease.clone(),
            department: None,
            physician: None,
            physician_name: None,
            certificate: self.certificate,
            certificate_number: self.certificate_number.clone(),
            insurance: self.insurance,
            condition: None,
            diagnoses: Vec::new(),
            through: self.through.clone(),
        }
    }

    fn settle(&self, visit: &str) -> Settle {
        Settle {
            visit: visit.to_owned(),
            provider: self.provider.clone(),
            person: None,
            batch: Vec::new(),
            total: self.total,
            midway: false,
            out_of_scope: self.out_of_scope,
            over_limit: self.over_limit,
            first_self_pay: self.first_self_pay,
            in_scope: self.in_scope,
            mark: Vec::new(),
            from_visit: None,
            under: Vec::new(),
            emergency: false,
            invoice: self.invoice.clone(),
            tell: self.through.is_some(),
        }
    }
}

impl UseCase for Sell {
    fn decide(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Answer, Stop> {
        let opened = self.open().decide(desk, books)?;
        let visit = opened.fields.get("visit").and_then(serde_json::Value::as_str).unwrap_or_default().to_owned();
        let held = held(desk, books, &visit, &self.provider, None)?;
        refuse_none(&self.lines)?;
        if self.lines.iter().any(|line| line.visit.is_some()) {
            return Err(Refusal::new("bad-line", "购药的明细写了就诊号", "不写 visit：购药的就诊号由平台给出").into());
        }
        let charged = charge(desk, books, &held, None, &self.lines.iter().collect::<Vec<_>>(), self.matched)?;
        let answer = settle(desk, books, &held, &self.settle(&visit))?;
        Ok(answer.with("lines", charged.answers).with("begin", self.begin.to_string()))
    }

    fn keys(&self, desk: &Desk<'_>) -> Vec<Key> {
        let open = self.open();
        let items = self.lines.iter().map(|line| catalogue::key(&line.code));
        let mut keys: Vec<Key> = open.keys(desk).into_iter().chain(items).collect();
        keys.push(providers::key(&self.provider));
        keys.extend(matchings(&self.provider, &self.lines, self.matched));
        keys.extend(self.settle("").keys(desk).into_iter().filter(|known| *known != key("")));
        keys
    }

    fn recallable(&self) -> bool {
        true
    }
}
