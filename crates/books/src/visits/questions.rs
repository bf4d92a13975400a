//! What can be read of visits: a person's visits, a visit's lines, its settlements.

use domain::Date;
use serde_json::{Value, json};

use super::book::{Visit, VisitEntry};
use super::{key, unsealed};
use crate::answer::Stop;
use crate::catalogue::{self, Class, Item};
use crate::codec::Yuan;
use crate::command;
use crate::desk::{Desk, moment_of};
use crate::people;
use crate::question::{Column, Question, Table, col};
use crate::sheets::{Books, Key};

command! {
    /// A person's visits at a provider
    ListVisits = "visit list", "一个人在机构的就诊" {
        /// Number of an ID card, or the person's number
        person: String = "证件号码或个人编号",
        /// Code of the provider
        provider: String = "定点机构代码",
        /// Begun on this day or later
        from: Option<Date> = "开始日期不早于",
        /// Begun on this day or earlier
        to: Option<Date> = "开始日期不晚于",
    }
}

const VISITS: &[Column] = &[
    col("visit", "就诊号", "visit"),
    col("number", "机构编号", "provider's number"),
    col("care", "就医类型", "care"),
    col("kind", "医疗类别", "kind as written"),
    col("begin", "开始时间", "begin"),
    col("end", "结束时间", "end"),
    col("department", "科室", "department"),
    col("physician", "医师", "physician"),
    col("disease", "病种", "disease"),
    col("diagnoses", "诊断", "diagnoses"),
    col("state", "状态", "state"),
    col("settlements", "有效结算", "settlements"),
    col("insurance", "险种", "insurance"),
];

/// How many visits are listed at most.
const MOST: usize = 1_000;

impl Question for ListVisits {
    fn ask(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Table, Stop> {
        let person = people::find(desk, books, &self.person)?;
        let provider = self.provider.trim().to_ascii_uppercase();
        let links = books.names("visit", &format!("{}/{provider}/", people::told(&person)), MOST)?;
        let keys: Vec<Key> = links.into_iter().map(|link| Key::of(link.subject)).collect();
        books.preload(keys.iter().cloned())?;
        let mut rows = Vec::new();
        for key in keys {
            let Some(visit) = books.find::<Visit>(&key)?.cloned() else { continue };
            let day = visit.opened.as_ref().map(|opened| opened.begin.date());
            let within = |day: Date| self.from.is_none_or(|from| from <= day) && self.to.is_none_or(|to| day <= to);
            if day.is_some_and(within) {
                rows.push(row(desk, &key, &visit)?);
            }
        }
        let title = format!("{} 在 {provider}", people::told(&person));
        let foot = format!("共 {} 次", rows.len());
        Ok(Table { title, columns: VISITS, rows, foot })
    }
}

fn row(desk: &Desk<'_>, key: &Key, visit: &Visit) -> Result<Vec<Value>, Stop> {
    let Some(opened) = &visit.opened else { return Ok(vec![Value::Null; VISITS.len()]) };
    let state = match visit {
        Visit { cancelled: true, .. } => "cancelled",
        visit if visit.ended() => "settled",
        Visit { discharged: Some(_), .. } => "discharged",
        _ => "open",
    };
    let diagnoses = visit.described.diagnoses.iter().map(|diagnosis| {
        let name = diagnosis.name.as_deref().unwrap_or_default();
        json!(format!("{} {name}", diagnosis.code).trim_end())
    });
    Ok(vec![
        json!(key.subject.trim_start_matches("visit/")),
        json!(unsealed(desk, &Some(opened.number.clone()))?),
        json!(opened.care),
        json!(opened.kind),
        json!(opened.begin.to_string()),
        json!(visit.discharged.as_ref().map(|discharge| discharge.end.to_string())),
        json!(opened.department),
        json!(opened.physician),
        json!(visit.described.disease),
        Value::Array(diagnoses.collect()),
        json!(state),
        json!(visit.standing().map(|part| part.settlement.clone()).collect::<Vec<_>>()),
        json!(opened.insurance),
    ])
}

command! {
    /// The lines of a visit as they were judged
    ListLines = "visit lines", "就诊的费用明细和判定" {
        /// Number of the visit
        visit: String = "就诊号",
        /// Code of the provider
        provider: String = "定点机构代码",
        /// Only this charge batch
        batch: Option<String> = "收费批次号",
    }
}

const LINES: &[Column] = &[
    col("sn", "流水号", "serial number"),
    col("batch", "批次", "batch"),
    col("at", "时间", "when"),
    col("code", "目录编码", "code"),
    col("name", "名称", "name"),
    col("count", "数量", "count"),
    col("price", "单价", "price"),
    col("amount", "金额", "amount"),
    col("class", "等级", "class"),
    col("share", "先行自付比例", "first self-pay share"),
    col("limit", "限价", "price limit"),
    col("in_scope", "范围内", "in scope"),
    col("first_self_pay", "先行自付", "first self-pay"),
    col("out_of_scope", "全自费", "out of scope"),
    col("over_limit", "超限价", "above limit"),
    col("refund_of", "所退明细", "refund of"),
    col("settlement", "结算编号", "settlement"),
    col("own_code", "机构目录编码", "provider's code"),
    col("order", "处方或医嘱号", "order"),
    col("list", "目录类别", "list"),
    col("charge", "收费类别", "charge class"),
    col("flags", "标记", "marks"),
];

impl Question for ListLines {
    fn ask(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Table, Stop> {
        let held = super::held(desk, books, &self.visit, &self.provider, None)?;
        let stands = books.find::<Visit>(&held.key)?.map(|visit| visit.lines.clone()).unwrap_or_default();
        let mut rows = Vec::new();
        let mut sums = [domain::Fen::ZERO; 5];
        for (_, _, entry) in books.history::<Visit>(&held.key.subject)? {
            let VisitEntry::Charged { lines } = entry else { continue };
            for line in lines {
                // A serial number that was struck may be used again: the line that stands is the one that says the same.
                let Some(kept) =
                    stands.get(&line.sn).filter(|kept| (kept.day, kept.amount) == (line.kept.day, line.kept.amount))
                else {
                    continue;
                };
                if self.batch.as_ref().is_some_and(|batch| *batch != kept.batch) {
                    continue;
                }
                let parts =
                    [kept.amount.0, kept.in_scope(), kept.first_self_pay.0, kept.out_of_scope.0, kept.over_limit.0];
                sums.iter_mut().zip(parts).for_each(|(sum, part)| *sum += part);
                let own = kept.terms.own || kept.terms.class.0 == Class::C;
                rows.retain(|row: &Vec<Value>| row[0] != json!(line.sn));
                let item = books.find::<Item>(&catalogue::key(&kept.code))?.and_then(|item| item.on(kept.day));
                let flags = item.map(|item| item.flags.iter().map(|flag| flag.0.code()).collect::<Vec<_>>());
                rows.push(vec![
                    json!(line.sn),
                    json!(kept.batch),
                    json!(line.at.to_string()),
                    json!(kept.code),
                    json!(line.name),
                    json!(kept.count),
                    json!(line.price),
                    json!(kept.amount),
                    json!(kept.terms.class),
                    if own { json!("100%") } else { json!(kept.terms.share) },
                    json!(kept.terms.limit),
                    json!(Yuan(kept.in_scope())),
                    json!(kept.first_self_pay),
                    json!(kept.out_of_scope),
                    json!(kept.over_limit),
                    json!(kept.refund_of),
                    json!(kept.settled),
                    json!(line.own_code),
                    json!(line.order),
                    json!(item.map(|item| item.list)),
                    json!(item.map(|item| item.charge)),
                    json!(flags.unwrap_or_default().join(" ")),
                ]);
            }
        }
        let [total, in_scope, first, out, over] = sums;
        let foot = format!(
            "{} 行：合计 {total} = 范围内 {in_scope} + 先行自付 {first} + 全自费 {out} + 超限价 {over}",
            rows.len()
        );
        Ok(Table { title: format!("就诊 {}", self.visit.trim()), columns: LINES, rows, foot })
    }
}

command! {
    /// The diagnoses of a visit, in their order
    ListDiagnoses = "visit diagnoses", "就诊的诊断" {
        /// Number of the visit
        visit: String = "就诊号",
        /// Code of the provider
        provider: String = "定点机构代码",
    }
}

const DIAGNOSES: &[Column] = &[
    col("kind", "诊断类别", "kind"),
    col("order", "排序号", "order"),
    col("code", "诊断编码", "code"),
    col("name", "诊断名称", "name"),
    col("main", "主诊断", "main"),
];

impl Question for ListDiagnoses {
    fn ask(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Table, Stop> {
        let held = super::held(desk, books, &self.visit, &self.provider, None)?;
        let visit = books.find::<Visit>(&held.key)?;
        let diagnoses = visit.map(|visit| visit.described.diagnoses.as_slice()).unwrap_or_default();
        let rows: Vec<Vec<Value>> = diagnoses
            .iter()
            .map(|one| vec![json!(one.kind), json!(one.order), json!(one.code), json!(one.name), json!(one.main)])
            .collect();
        let foot = format!("{} 条", rows.len());
        Ok(Table { title: format!("就诊 {} 的诊断", self.visit.trim()), columns: DIAGNOSES, rows, foot })
    }
}

command! {
    /// The settlements of a visit, those taken back among them
    ListSettlements = "visit settlements", "就诊的各次结算，含已撤销的" {
        /// Number of the visit
        visit: String = "就诊号",
        /// Code of the provider
        provider: String = "定点机构代码",
    }
}

const SETTLEMENTS: &[Column] = &[
    col("settlement", "结算编号", "settlement"),
    col("bill", "单据", "bill"),
    col("on", "结算日期", "settled on"),
    col("batches", "批次", "batches"),
    col("midway", "中途结算", "midway"),
    col("total", "总费用", "total"),
    col("in_scope", "范围内", "in scope"),
    col("first_self_pay", "先行自付", "first self-pay"),
    col("out_of_scope", "全自费", "out of scope"),
    col("over_limit", "超限价", "above limit"),
    col("deductible", "本次起付", "deductible"),
    col("ratio", "支付比例", "ratio"),
    col("funds", "基金支付", "funds"),
    col("person", "个人负担", "person"),
    col("shares", "各基金", "funds, stage by stage"),
    col("invoice", "发票号", "invoice"),
    col("reversed", "已撤销", "reversed"),
    col("at", "结算时刻", "at"),
    col("request", "请求号", "request"),
];

impl Question for ListSettlements {
    fn ask(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Table, Stop> {
        super::held(desk, books, &self.visit, &self.provider, None)?;
        let key = key(&self.visit);
        let parts = books.find::<Visit>(&key)?.map(|visit| visit.parts.clone()).unwrap_or_default();
        let mut rows = Vec::new();
        for (_, stamp, entry) in books.history::<Visit>(&key.subject)? {
            let VisitEntry::Settled { part, receipt, invoice, on, .. } = entry else { continue };
            let reversed = parts.iter().any(|known| known.settlement == part.settlement && known.reversed);
            let paid = &receipt.paid;
            rows.push(vec![
                json!(part.settlement),
                json!(part.name),
                json!(on.to_string()),
                json!(part.batches),
                json!(part.midway),
                json!(paid.total),
                json!(paid.in_scope),
                json!(paid.first_self_pay),
                json!(paid.out_of_scope),
                json!(paid.over_limit),
                json!(receipt.deductible),
                json!(receipt.ratio),
                json!(paid.funds().to_string()),
                json!(paid.person),
                json!(receipt.shares),
                json!(invoice),
                json!(reversed),
                json!(moment_of(stamp.at).to_string()),
                json!(stamp.request),
            ]);
        }
        Ok(Table { title: format!("就诊 {}", self.visit.trim()), columns: SETTLEMENTS, rows, foot: String::new() })
    }
}
