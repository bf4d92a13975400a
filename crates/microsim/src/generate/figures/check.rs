//! What figures must be, beyond what each is by itself: shares that add up, nothing that happens to more than all, and numbers
//! of days, times and yuan that a province has room for.

use domain::{Care, Date, Rate};

use super::{Between, Figures, MAX_AGE, Share, Word, missing};
use crate::Refused;

/// Everybody, in parts per million.
const WHOLE: u64 = 1_000_000;
/// What happens within a year.
const YEAR: u64 = 366;
/// More lines, purchases or times than any bill has.
const MANY: u64 = 100;
/// In yuan: beyond it sums of bills cannot be counted exactly.
const MOST_YUAN: u64 = 1_000_000_000;

impl Figures {
    pub(super) fn check(&self) -> Result<(), Refused> {
        let whole = |name: &str, sum: u64| {
            let shown = Rate::from_ppm(i64::try_from(sum).unwrap_or(i64::MAX));
            let cure = "改到合计正好是 100%";
            if sum == WHOLE { Ok(()) } else { Err(Refused::new(format!("`{name}` 的份额合计 {shown}"), cure)) }
        };
        whole("age", self.age.iter().map(|row| row.share.0).sum())?;
        whole("fertility", self.fertility.iter().map(|row| row.share.0).sum())?;
        whole("away", self.away.iter().map(|row| row.share.0).sum())?;
        for (care, rows) in &self.levels {
            whole(&format!("levels.{}", care.0), rows.iter().map(|row| row.share.0).sum())?;
        }
        self.within()?;
        self.bounded()?;
        if self.age.iter().any(|row| row.ages.0.high >= MAX_AGE) {
            return Err(Refused::new("`age` 的最后一段没有上限", "写成 90-99 这样的一段"));
        }
        for (care, classes) in &self.classes {
            // Each share varies up and down: what is left is class A.
            let most = (classes.b.0 + classes.c.0 + classes.over_limit.0) * (WHOLE + self.classes_vary.0);
            if most > WHOLE * WHOLE {
                let what =
                    format!("`classes.{}` 的乙类、丙类、超限价，加上 `classes_vary` 的变动，合计超过全部", care.0);
                return Err(Refused::new(what, "改小这些份额或 classes_vary，其余是甲类"));
            }
        }
        for diagnosis in self.chronic.iter().map(|c| &c.diagnosis).chain(self.major.iter().map(|m| &m.diagnosis)) {
            if self.diagnosis_of(diagnosis).is_none() {
                let what = format!("`chronic` 或 `major` 用到没有的诊断 {diagnosis}");
                return Err(Refused::new(what, "在 diagnosis 里加上这个编码"));
            }
        }
        for class in ["A", "B", "C"] {
            if !self.item.iter().any(|item| item.class == class && !item.stay) {
                return Err(Refused::new(format!("`item` 里没有{class}类的门诊项目"), "加上一项"));
            }
        }
        [Care::Outpatient, Care::Inpatient].into_iter().try_for_each(|care| {
            self.shape(care)?;
            let known = [self.levels.contains_key(&Word(care)), self.cost.contains_key(&Word(care))];
            let known = known.into_iter().all(|known| known) && self.classes.contains_key(&Word(care));
            if known { Ok(()) } else { Err(missing(&format!("levels.{care}、cost.{care} 或 classes.{care}"))) }
        })
    }

    /// What happens or not cannot happen to more than all.
    fn within(&self) -> Result<(), Refused> {
        let one = [
            ("male", self.male),
            ("first_tier", self.first_tier),
            ("category_change", self.category_change),
            ("lapse", self.lapse),
            ("late", self.late),
            ("emergency", self.emergency),
            ("referral", self.referral),
            ("accident", self.accident),
            ("usual", self.usual),
            ("b_share", self.b_share),
            ("classes_vary", self.classes_vary),
            ("stay_days", self.stay_days.usual),
            ("split_stay", self.split_stay.first),
        ];
        let one = one.map(|(name, share)| (name, share.0));
        let chronic = self.chronic.iter().map(|c| ("chronic", c.recognised.0));
        let rates = self.mortality.iter().map(|row| ("mortality", row.per_100k));
        let rates = rates.chain(self.major.iter().flat_map(|m| m.incidence.iter().map(|row| ("major", row.per_100k))));
        let rates =
            rates.chain(self.anomaly.iter().map(|row| ("anomaly", row.per_100k))).chain([("births", self.births)]);
        let ppm = rates.map(|(name, per_100k)| (name, per_100k.saturating_mul(10)));
        match one.into_iter().chain(chronic).chain(ppm).find(|(_, ppm)| *ppm > WHOLE) {
            None => Ok(()),
            Some((name, _)) => {
                let cure = "百分数写到 100% 为止，每十万人的写到 100000 为止";
                Err(Refused::new(format!("`{name}` 超过全部的人 (more than all)"), cure))
            }
        }
    }

    /// Days lie within a year, what is done is done at least once, and amounts can be counted.
    fn bounded(&self) -> Result<(), Refused> {
        let (overlap, split, resell, lines) = (&self.overlapping_stays, &self.split_stay, &self.reselling, &self.lines);
        let only = |at: u64| Between { from: at, to: at };
        let bounds = [
            ("late_months", self.late_months, 1, 12),
            ("newborn_paid", only(self.newborn_paid), 0, YEAR),
            ("referral_days", self.referral_days, 1, YEAR),
            ("between_stays", only(self.between_stays), 1, YEAR),
            ("prenatal", only(self.prenatal), 0, MANY),
            ("prenatal_days", self.prenatal_days, 1, YEAR),
            ("bill", self.bill, 1, MOST_YUAN),
            ("stay_days", only(self.stay_days.most), 1, YEAR),
            ("lines", only(lines.yuan), 1, MOST_YUAN),
            ("lines", lines.least, 1, MANY),
            ("lines", lines.weights, 1, WHOLE),
            ("lines", only(lines.a), 1, MANY),
            ("lines", only(lines.b), 1, MANY),
            ("lines", only(lines.c), 1, MANY),
            ("overlapping_stays", only(overlap.days), 1, YEAR),
            // A day in the hospital before the second admission, a day after it, and the one between.
            ("split_stay", only(split.days), 3, YEAR),
            ("reselling", resell.purchases, 1, MANY),
            ("reselling", resell.days, 0, YEAR),
            ("reselling", resell.times, 1, MANY),
        ];
        for (name, figure, least, most) in bounds {
            if figure.from < least || figure.to > most || figure.from > figure.to {
                let what = format!("`{name}` 写了 {figure}，不在 {least} 到 {most} 之间或前大后小 (out of range)");
                return Err(Refused::new(what, "照 policies/000000-national/population.toml 里这一项的写法改正"));
            }
        }
        let many = |share: Share| share.0 > MANY * WHOLE;
        if many(self.elsewhere) || many(overlap.most) || overlap.least.0 > overlap.most.0 {
            let what = "`elsewhere` 或 `overlapping_stays` 超过一百倍，或 least 大于 most (out of range)";
            return Err(Refused::new(what, "写 0% 到 10000%，least 不大于 most"));
        }
        // Of every year: not the 29th of February.
        match Date::new(2023, self.paid_before.month, self.paid_before.day) {
            Ok(_) => Ok(()),
            Err(_) => {
                Err(Refused::new("`paid_before` 不是每年都有的一天 (no such day)", "写 { month = 12, day = 15 } 这样"))
            }
        }
    }
}
