//! The columns of a report's tables. A name means one thing, in whatever table it stands; where it is of a fund, the table has `fund`.

use super::table::{Column, Unit};
use super::words::Text;

const fn column(name: &'static str, unit: Unit, heading: (&'static str, &'static str), meaning: Text) -> Column {
    Column { name, heading: Text { zh: heading.0, en: heading.1 }, unit, meaning }
}

const fn text(zh: &'static str, en: &'static str) -> Text {
    Text { zh, en }
}

// What a row is about.

pub static VARIANT: Column = column(
    "variant",
    Unit::Word,
    ("方案", "variant"),
    text(
        "现行规定，或在其上叠加草案、改动参数后的一种规定",
        "the terms as they are, or with drafts and figures laid over them",
    ),
);
pub static BASIS: Column = column(
    "basis",
    Unit::Word,
    ("最弱依据", "weakest basis"),
    text(
        "该方案所用参数中最弱的依据；人口和费用一律是合成的",
        "the weakest basis among the figures of the variant's terms; people and bills are made up in any case",
    ),
);
pub static REGION: Column =
    column("region", Unit::Word, ("统筹区", "region"), text("统筹区的代号", "slug of the pooling region"));
pub static YEAR: Column = column("year", Unit::Word, ("年度", "year"), text("结算的年度", "the year"));
pub static FROM_YEAR: Column = column(
    "from_year",
    Unit::Word,
    ("起算年度", "from year"),
    text(
        "为跨年结转而从哪一年开始结算",
        "first of the years whose bills were settled on the way, where terms carry something over",
    ),
);
pub static PROVINCE: Column = column(
    "province",
    Unit::Word,
    ("合成地区", "province"),
    text("合成地区清单的哈希值", "hash of the manifest of the made-up province"),
);
pub static DRAFTS: Column =
    column("drafts", Unit::Word, ("叠加的草案", "drafts"), text("叠加的草案编号", "ids of the drafts laid over"));
pub static KNOWN_ON: Column = column(
    "known_on",
    Unit::Word,
    ("只看何时已知", "known on"),
    text("只用到这一天已知的规定；空着为全部", "only what was known on this day counts; all, if empty"),
);
pub static SET: Column = column(
    "set",
    Unit::Word,
    ("改动的参数", "figures set"),
    text("改动的参数，路径=值", "figures that were set, as path=value"),
);
pub static TERMS: Column =
    column("terms", Unit::Word, ("规定的哈希", "terms"), text("该方案全部规定的哈希值", "hash of the variant's terms"));
pub static TIER: Column = column(
    "tier",
    Unit::Word,
    ("档次", "tier"),
    text("缴费档次；不分档的为空", "tier of contribution; empty without tiers"),
);
pub static LEVEL: Column =
    column("level", Unit::Word, ("医院等级", "level"), text("定点医药机构的等级", "level of the provider"));
pub static CARE: Column =
    column("care", Unit::Word, ("医疗类别", "kind of care"), text("住院、门诊等", "stay, visit and so on"));
pub static FUND: Column = column("fund", Unit::Word, ("基金", "fund"), text("支付的基金", "the fund that pays"));
pub static BY: Column = column("by", Unit::Word, ("按", "by"), text("按什么分", "by what the row is cut"));
pub static VALUE: Column = column(
    "value",
    Unit::Word,
    ("其中", "value"),
    text(
        "属于哪一类；同时有几种人员类别的人，每类各计一次",
        "which of these; who holds several categories is counted in each",
    ),
);
pub static REASON: Column =
    column("reason", Unit::Word, ("原因", "reason"), text("不予结算的原因", "why bills were refused"));
pub static STEP: Column = column(
    "step",
    Unit::Count,
    ("收入级", "step of income"),
    text(
        "家庭人均收入的对数分级，收入每翻一倍为64级",
        "step of a logarithmic scale of household income a head, 64 to each doubling",
    ),
);
pub static ABOVE: Column = column(
    "above_fen",
    Unit::Fen,
    ("高于", "above"),
    text(
        "该行的人，全年个人负担高于此数；空为不支付",
        "the persons of the row pay more than this in the year; empty in the row of those who pay nothing",
    ),
);
pub static UP_TO: Column = column(
    "up_to_fen",
    Unit::Fen,
    ("不高于", "up to"),
    text("该行的人，全年个人负担不高于此数；空为无上限", "and at most this; empty where there is no end"),
);

// People.

pub static LIVING: Column = column(
    "living",
    Unit::Count,
    ("人口", "living"),
    text("年初在世或当年出生的人", "alive on the first day of the year, or born in it"),
);
pub static ENROLLED: Column =
    column("enrolled", Unit::Count, ("参保人数", "enrolled"), text("当年参保的人", "enrolled for the year"));
pub static UNDECIDED: Column = column(
    "undecided",
    Unit::Count,
    ("缴费未定的人", "contribution open"),
    text(
        "规定没有定下应缴总额的参保人，不在以下三项之内",
        "enrolled for whom the terms leave open what is due in all; in none of the next three",
    ),
);
pub static STANDARD: Column = column(
    "standard_fen",
    Unit::Fen,
    ("应筹资额", "amount due"),
    text("规定了数额的应缴总额，含资助", "what is due for them in all, where the terms say it"),
);
pub static PERSONAL: Column = column(
    "personal_fen",
    Unit::Fen,
    ("其中个人缴费", "of it personal"),
    text(
        "个人缴纳的部分；个人与资助各多少未定的，不在内",
        "the persons' own part of it, where the terms say how it is shared with a sponsor",
    ),
);
pub static SPONSORED: Column = column(
    "sponsored_fen",
    Unit::Fen,
    ("其中资助参保", "of it sponsored"),
    text("资助参保的部分；个人与资助各多少未定的，不在内", "what sponsors pay of it, where the terms say how much"),
);
pub static INCOME: Column = column(
    "income_fen",
    Unit::Fen,
    ("参保人收入", "income of the enrolled"),
    text("参保人上一年的收入之和", "income of the enrolled in the year before"),
);
pub static PERSONS: Column =
    column("persons", Unit::Count, ("就医人数", "patients"), text("有已结算账单的人", "persons with a settled bill"));

// Bills.

pub static BILLS: Column = column("bills", Unit::Count, ("账单数", "bills"), text("已结算的账单", "settled bills"));
pub static REFUSED: Column = column(
    "refused_bills",
    Unit::Count,
    ("不予结算", "bills refused"),
    text("不予结算的账单，不在任何合计之内", "bills refused; in no sum"),
);
pub static LEFT_OUT: Column = column(
    "left_out_bills",
    Unit::Count,
    ("读不出的账单", "bills left out"),
    text("读不出而略去的账单，不在任何合计之内", "bills that could not be read; in no sum"),
);
pub static TOTAL: Column =
    column("total_fen", Unit::Fen, ("医疗总费用", "total"), text("账单总额", "total of the bills"));
pub static IN_SCOPE: Column = column(
    "in_scope_fen",
    Unit::Fen,
    ("政策范围内费用", "in scope"),
    text("扣除自费、超限价和乙类先行自付后的费用", "what is left for the funds to look at"),
);
pub static FIRST: Column = column(
    "first_self_pay_fen",
    Unit::Fen,
    ("乙类先行自付", "first self-pay"),
    text("乙类项目先由个人支付的部分", "the share of class B that the person pays before anything counts"),
);
pub static PAID: Column = column(
    "paid_fen",
    Unit::Fen,
    ("基金支付", "paid by funds"),
    text(
        "各基金支付之和；有“基金”一列的表，为该基金的支付",
        "by all funds; in a table with a column fund, by that fund",
    ),
);
pub static OWN: Column =
    column("own_fen", Unit::Fen, ("个人负担", "own payments"), text("总费用减去全部基金支付", "total less all funds"));
pub static RATIO_IN_SCOPE: Column = column(
    "ratio_in_scope",
    Unit::Share,
    ("政策范围内支付比例", "payment ratio in scope"),
    text("基金支付 ÷ 政策范围内费用", "paid_fen ÷ in_scope_fen"),
);
pub static RATIO_ACTUAL: Column = column(
    "ratio_actual",
    Unit::Share,
    ("实际报销比例", "actual payment ratio"),
    text("基金支付 ÷ 医疗总费用", "paid_fen ÷ total_fen"),
);
pub static SHARE_OF_PAID: Column = column(
    "share_of_paid",
    Unit::Share,
    ("占全部支付", "share of all paid"),
    text("该基金支付 ÷ 全部基金支付", "of what all funds paid"),
);

// A head.

pub static PAID_HEAD: Column = column(
    "paid_per_enrolled_fen",
    Unit::Fen,
    ("参保人均基金支付", "paid a head enrolled"),
    text("基金支付 ÷ 参保人数", "paid_fen ÷ enrolled, to the fen"),
);
pub static PAID_REACHED: Column = column(
    "paid_per_reached_fen",
    Unit::Fen,
    ("受益人均基金支付", "paid a person reached"),
    text("基金支付 ÷ 该基金支付过的人数", "paid_fen ÷ reached, to the fen"),
);
pub static OWN_HEAD: Column = column(
    "own_per_enrolled_fen",
    Unit::Fen,
    ("参保人均个人负担", "own payments a head enrolled"),
    text("个人负担 ÷ 参保人数", "own_fen ÷ enrolled, to the fen"),
);
pub static OWN_PATIENT: Column = column(
    "own_per_patient_fen",
    Unit::Fen,
    ("就医人均个人负担", "own payments a patient"),
    text("个人负担 ÷ 就医人数", "own_fen ÷ persons, to the fen"),
);
pub static OWN_OF_INCOME: Column = column(
    "own_of_income",
    Unit::Share,
    ("个人负担占收入", "own payments of income"),
    text("个人负担 ÷ 参保人收入", "own_fen ÷ income_fen"),
);

// Reach and burden.

pub static REACHED: Column = column(
    "reached",
    Unit::Count,
    ("受益人数", "persons reached"),
    text("该基金支付过的人数", "persons whom the fund paid something"),
);
pub static REACH: Column = column(
    "reach_of_enrolled",
    Unit::Share,
    ("参保人受益面", "reach of the enrolled"),
    text("受益人数 ÷ 参保人数", "reached ÷ enrolled"),
);
pub static REACH_PATIENTS: Column = column(
    "reach_of_patients",
    Unit::Share,
    ("就医人受益面", "reach of the patients"),
    text("受益人数 ÷ 就医人数", "reached ÷ persons"),
);
pub static ABOVE_10: Column = column(
    "above_10_percent",
    Unit::Count,
    ("负担超过收入10%的人数", "above 10% of income"),
    text("个人负担超过本人收入10%的人数", "persons whose own payments are above 10 percent of their income"),
);
pub static ABOVE_25: Column = column(
    "above_25_percent",
    Unit::Count,
    ("超过25%的人数", "above 25% of income"),
    text("同上，25%", "the same for 25 percent"),
);
pub static ABOVE_40: Column = column(
    "above_40_percent",
    Unit::Count,
    ("超过40%的人数", "above 40% of income"),
    text("同上，40%", "the same for 40 percent"),
);
pub static SHARE_10: Column = column(
    "above_10_percent_of_enrolled",
    Unit::Share,
    ("负担超过收入10%的占参保人", "above 10% of income, of the enrolled"),
    text("÷ 参保人数", "above_10_percent ÷ enrolled"),
);
pub static SHARE_25: Column = column(
    "above_25_percent_of_enrolled",
    Unit::Share,
    ("超过25%的占参保人", "above 25% of income, of the enrolled"),
    text("÷ 参保人数", "above_25_percent ÷ enrolled"),
);
pub static SHARE_40: Column = column(
    "above_40_percent_of_enrolled",
    Unit::Share,
    ("超过40%的占参保人", "above 40% of income, of the enrolled"),
    text("÷ 参保人数", "above_40_percent ÷ enrolled"),
);
pub static CONCENTRATION: Column = column(
    "concentration_index",
    Unit::Index,
    ("个人负担集中指数", "concentration index"),
    text(
        "个人负担按收入的集中指数：0 为与收入无关，负为集中于低收入者，正为集中于高收入者；同级收入的人名次相同",
        "of own payments over income: 0 where they do not go by income, negative where they lie with the poor, positive with the rich; all of a step of income have one rank",
    ),
);
pub static PEOPLE: Column = column(
    "people",
    Unit::Count,
    ("人数", "persons"),
    text(
        "该行的人数：个人负担分布中为有已结算账单的人，按收入的表中为全部参保人",
        "persons of the row: in burden those with a settled bill, in incomes all the enrolled",
    ),
);
pub static PEOPLE_SHARE: Column = column(
    "people_share",
    Unit::Share,
    ("占人数", "share of persons"),
    text("占该方案本表各行人数之和", "of all persons of this table and variant"),
);
pub static OWN_SHARE: Column = column(
    "own_share",
    Unit::Share,
    ("占个人负担", "share of own payments"),
    text("占该方案本表各行个人负担之和", "of all own payments of this table and variant"),
);
pub static PEOPLE_SO_FAR: Column = column(
    "people_cumulative",
    Unit::Share,
    ("累计人数占比", "persons so far"),
    text("收入不高于该级的人占全部的比例", "share of the persons up to this step of income"),
);
pub static OWN_SO_FAR: Column = column(
    "own_cumulative",
    Unit::Share,
    ("累计个人负担占比", "own payments so far"),
    text("这些人的个人负担占全部的比例", "share of all own payments that is theirs"),
);

// Against the baseline.

pub static ANEW: Column = column(
    "settled_anew",
    Unit::Count,
    ("重新结算的人数", "persons settled anew"),
    text(
        "该方案可能改变其结算、因而重新结算的人",
        "persons with a bill that the variant may settle otherwise, and who were therefore settled anew",
    ),
);
pub static CHANGED: Column = column(
    "changed_persons",
    Unit::Count,
    ("支付有变化的人数", "persons changed"),
    text("任何一笔支付有变化的人", "persons of whom any payment changed"),
);
pub static INCOMPARABLE: Column = column(
    "incomparable_persons",
    Unit::Count,
    ("不可比的人数", "persons not comparable"),
    text(
        "有账单在一方结算、在另一方不予结算的人，不计入少负担或多负担的人",
        "persons of whom a bill is settled under one and refused under the other: among neither who pays less nor who pays more",
    ),
);
pub static PAID_CHANGE: Column = column(
    "paid_change_fen",
    Unit::Fen,
    ("基金支付变化", "change of paid"),
    text("与现行规定之差", "paid_fen less that of the baseline"),
);
pub static PAID_CHANGE_RATIO: Column = column(
    "paid_change",
    Unit::Share,
    ("基金支付变化率", "change of paid, relative"),
    text("÷ 现行规定下的基金支付", "paid_change_fen ÷ paid_fen of the baseline"),
);
pub static OWN_CHANGE: Column = column(
    "own_change_fen",
    Unit::Fen,
    ("个人负担变化", "change of own payments"),
    text("与现行规定之差", "own_fen less that of the baseline"),
);
pub static OWN_CHANGE_RATIO: Column = column(
    "own_change",
    Unit::Share,
    ("个人负担变化率", "change of own payments, relative"),
    text("÷ 现行规定下的个人负担", "own_change_fen ÷ own_fen of the baseline"),
);
pub static REACHED_CHANGE: Column = column(
    "reached_change",
    Unit::Count,
    ("受益人数变化", "change of persons reached"),
    text("与现行规定之差", "reached less that of the baseline"),
);
pub static WINNERS: Column = column(
    "winners",
    Unit::Count,
    ("少负担的人数", "persons who pay less"),
    text("个人负担少于现行规定的人", "persons who pay less than under the baseline"),
);
pub static GAINED: Column = column(
    "gained_fen",
    Unit::Fen,
    ("少负担的金额", "how much less"),
    text("他们共少负担", "how much less they pay together"),
);
pub static LOSERS: Column = column(
    "losers",
    Unit::Count,
    ("多负担的人数", "persons who pay more"),
    text("个人负担多于现行规定的人", "persons who pay more than under the baseline"),
);
pub static LOST: Column = column(
    "lost_fen",
    Unit::Fen,
    ("多负担的金额", "how much more"),
    text("他们共多负担", "how much more they pay together"),
);
pub static NET: Column = column(
    "net_gain_fen",
    Unit::Fen,
    ("净受益", "net gain"),
    text("少负担减去多负担的金额", "gained_fen less lost_fen"),
);
pub static NET_HEAD: Column = column(
    "net_gain_per_enrolled_fen",
    Unit::Fen,
    ("参保人均净受益", "net gain a head enrolled"),
    text("净受益 ÷ 参保人数", "net_gain_fen ÷ enrolled, to the fen"),
);
