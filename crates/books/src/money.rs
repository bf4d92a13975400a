//! Balanced postings: what an entry moves between named accounts.

use domain::Fen;

/// What an account holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nature {
    /// What others owe, and what is in the bank: a debit balance.
    Asset,
    /// What is owed: a credit balance.
    Liability,
    /// What came in for good: a credit balance.
    Income,
    /// What was spent: a debit balance.
    Expense,
}

impl Nature {
    /// The Chinese name.
    pub fn name(self) -> &'static str {
        match self {
            Nature::Asset => "资产",
            Nature::Liability => "负债",
            Nature::Income => "收入",
            Nature::Expense => "支出",
        }
    }
}

/// An account of the chart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Account {
    /// Its name in postings.
    pub code: &'static str,
    /// Its Chinese name.
    pub zh: &'static str,
    /// Its English name.
    pub en: &'static str,
    /// What it holds.
    pub nature: Nature,
    /// What stands as its party.
    pub party: &'static str,
}

const fn account(
    code: &'static str,
    zh: &'static str,
    en: &'static str,
    nature: Nature,
    party: &'static str,
) -> Account {
    Account { code, zh, en, nature, party }
}

use Nature::{Asset, Expense, Income, Liability};

/// The chart of accounts: every account that an entry may post to.
#[rustfmt::skip] // an account a line
pub const ACCOUNTS: &[Account] = &[
    account("account/personal", "个人账户", "personal accounts", Liability, "area"),
    account("bank/collection", "征收收入户", "bank: collection", Asset, "way of payment"),
    account("bank/treasury", "财政专户存款", "bank: treasury", Asset, "area, payer or province"),
    account("expense/accident", "意外伤害附加支出", "expense: accident add-on", Expense, ""),
    account("expense/account-credit", "划入个人账户支出", "expense: credits to personal accounts", Expense, "area"),
    account("expense/assistance", "医疗救助支出", "expense: medical assistance", Expense, ""),
    account("expense/basic", "基本医保支出", "expense: basic insurance", Expense, ""),
    account("expense/catastrophic", "大病保险支出", "expense: catastrophic insurance", Expense, ""),
    account("expense/civil-service", "公务员补助支出", "expense: civil-service subsidy", Expense, ""),
    account("expense/large-amount", "大额医疗救助支出", "expense: large-amount fund", Expense, ""),
    account("expense/other", "其他基金支出", "expense: other funds", Expense, ""),
    account("expense/supplement", "补充医保支出", "expense: enterprise supplement", Expense, ""),
    account("expense/tilt", "倾斜救助支出", "expense: tilt assistance", Expense, ""),
    account("income/contribution", "个人缴费收入", "income: contributions", Income, "area"),
    account("income/deduction", "违规扣减收入", "income: deductions for violations", Income, "province"),
    account("income/sponsored", "资助参保收入", "income: sponsored contributions", Income, "payer/county"),
    account("income/subsidy", "财政补助收入", "income: fiscal subsidy", Income, "area"),
    account("payable/person", "应付个人款", "payable to persons", Liability, "area"),
    account("payable/provider", "应付定点机构款", "payable to providers", Liability, "provider or payee"),
    account("payable/province", "应付外省清算款", "payable to provinces", Liability, "province"),
    account("receivable/government", "应收财政补助", "receivable from governments", Asset, "level@area"),
    account("receivable/person", "应收个人缴费", "receivable from persons", Asset, "area"),
    account("receivable/province", "应收外省清算款", "receivable from provinces", Asset, "province"),
    account("receivable/sponsor", "应收资助参保款", "receivable from sponsors", Asset, "payer/county"),
    account("suspense/receipts", "待处理收款", "receipts in suspense", Liability, "way of payment"),
    account("transit/card", "划转社保卡在途", "transfers to cards under way", Liability, "area"),
];

/// The account of a name.
pub fn account_named(code: &str) -> Option<&'static Account> {
    ACCOUNTS.iter().find(|account| account.code == code)
}

/// One line of a posting: debit positive, credit negative. The lines of an entry sum to nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The account, as `expense/basic`.
    pub account: String,
    /// With whom; empty where there is nobody.
    pub party: String,
    /// The amount.
    pub amount: Fen,
}

/// Takes an amount from one account to another: debit the one, credit the other. Nothing moves no line.
pub fn moved(debit: (&str, &str), credit: (&str, &str), amount: Fen) -> Vec<Line> {
    let line =
        |(account, party): (&str, &str), amount| Line { account: account.to_owned(), party: party.to_owned(), amount };
    if amount == Fen::ZERO { Vec::new() } else { vec![line(debit, amount), line(credit, -amount)] }
}

#[cfg(test)]
mod tests {
    use domain::Payer;

    use super::*;

    #[test]
    fn the_chart_is_in_order_and_has_an_expense_for_every_fund() {
        assert!(ACCOUNTS.windows(2).all(|two| two[0].code < two[1].code));
        for payer in Payer::ALL {
            assert!(account_named(&format!("expense/{}", payer.code())).is_some(), "{payer}");
        }
    }
}
