//! The personal account: the monthly share that moves to the card, and the withdrawal after heavy in-patient costs.

use domain::{Basis, Fen};
use policy::Terms;

use crate::reasons::{Refusal, Step, fen, held};

/// A month's transfer to the card.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transfer {
    /// Moved to the card.
    pub transfer: Fen,
    /// Stays in the account.
    pub stays: Fen,
    /// What the insurance ledger still holds of the credit, and may claim or restrict.
    pub ledger: Fen,
    /// The reason.
    pub step: Step,
    /// Basis of the share.
    pub basis: Basis,
}

/// The share of a month's credit that moves to the card, by the terms of the month's first day.
///
/// # Errors
/// When no rule of transfer is in force, or the credit is negative.
pub fn account_transfer(terms: &Terms<'_>, credit: Fen) -> Result<Transfer, Refusal> {
    let cited = held(terms, "account.transfer")?;
    if credit < Fen::ZERO {
        return Err(Refusal::new("credit", format!("记账金额 {credit} 元为负"), "写不小于零的金额"));
    }
    let share = cited.provision.record.rate("share").unwrap_or_default();
    let transfer = credit.times(share, terms.region.rounding);
    let stays = credit - transfer;
    let own = cited.provision.record.flag("leaves_ledger") == Some(true);
    let (ledger, words) = if own {
        (stays, "；划出的归本人，医保不再记账，不限用途，也不追回")
    } else {
        (credit, "")
    };
    let text = format!("当月记账 {credit} 元，{share} 划入卡 {transfer} 元，余 {stays} 元留在账户{words}");
    let step = Step::by(cited, text);
    Ok(Transfer { transfer, stays, ledger, basis: step.basis, step })
}

/// A person's in-patient costs of the year, as far as they are known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Costs {
    /// In all.
    pub total: Option<Fen>,
    /// In scope.
    pub in_scope: Option<Fen>,
    /// Borne by the person.
    pub own: Option<Fen>,
}

/// The right to draw the account's balance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Withdrawal {
    /// Whether the line is reached.
    pub open: bool,
    /// How much may be drawn.
    pub withdraw: Fen,
    /// The reason.
    pub step: Step,
    /// Basis of the line.
    pub basis: Basis,
}

/// How much of a balance may be drawn after the year's in-patient costs.
///
/// # Errors
/// When no rule is in force, or the costs that the rule counts are not given.
pub fn account_withdrawal(terms: &Terms<'_>, costs: &Costs, balance: Fen) -> Result<Withdrawal, Refusal> {
    let cited = held(terms, "account.withdrawal")?;
    let record = &cited.provision.record;
    let (line, basis) = fen(terms, cited, record.amount("line"))?;
    let (counted, words) = match record.text("counts") {
        Some("in-scope") => (costs.in_scope, "政策范围内住院费用"),
        _ => (costs.total, "住院总费用"),
    };
    let needed = |what: &str| Refusal::by(cited, format!("要按{what}判断，未给出"), format!("补上{what}"));
    let counted = counted.ok_or_else(|| needed(words))?;
    let open = counted >= line;
    let limit = match record.text("limit") {
        Some("own-cost") => costs.own.ok_or_else(|| needed("个人负担"))?,
        _ => balance,
    };
    let withdraw = if open { balance.min(limit) } else { Fen::ZERO };
    let reached = if open { "达到" } else { "未达到" };
    let text = format!("{words} {counted} 元{reached} {line} 元，余额 {balance} 元可提 {withdraw} 元");
    let step = Step::by(cited, text).on(basis);
    Ok(Withdrawal { open, withdraw, basis: step.basis, step })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::town;
    use domain::Date;
    use jiff::civil::date;
    use policy::View;

    const RULES: &str = "
        [[account.transfer]]
        clause = 'T-1'
        from = 2016-10-01
        share = '70%'
        [[account.withdrawal]]
        clause = 'T-2'
        line = 50000
        counts = 'total'
        limit = 'balance'
    ";

    fn transfer(month: Date, credit: Fen) -> Result<(Fen, Fen), String> {
        let library = town(RULES);
        let terms = library.terms(library.region("town").unwrap(), month, &View::default());
        account_transfer(&terms, credit).map(|t| (t.transfer, t.stays)).map_err(|refusal| refusal.key)
    }

    fn draw(rules: &str, costs: Costs) -> Result<(bool, Fen), String> {
        let library = town(rules);
        let terms = library.terms(library.region("town").unwrap(), date(2017, 1, 1), &View::default());
        account_withdrawal(&terms, &costs, Fen::yuan(8_000))
            .map(|w| (w.open, w.withdraw))
            .map_err(|refusal| refusal.key)
    }

    #[test]
    fn seventy_per_cent_moves_from_october() {
        assert_eq!(transfer(date(2016, 10, 1), Fen::yuan(200)), Ok((Fen::yuan(140), Fen::yuan(60))));
        assert_eq!(transfer(date(2016, 10, 1), Fen(3_333)), Ok((Fen(2_333), Fen(1_000))));
        assert_eq!(transfer(date(2016, 9, 1), Fen::yuan(200)), Err("account.transfer".to_owned()));
    }

    #[test]
    fn the_line_itself_opens_the_right() {
        let total = |fen| Costs { total: Some(Fen(fen)), ..Costs::default() };
        assert_eq!(draw(RULES, total(5_000_000)), Ok((true, Fen::yuan(8_000))));
        assert_eq!(draw(RULES, total(4_999_999)), Ok((false, Fen::ZERO)));
    }

    #[test]
    fn another_reading_draws_no_more_than_own_costs() {
        let rules = RULES.replace("'balance'", "'own-cost'");
        let costs = Costs { total: Some(Fen::yuan(60_000)), own: Some(Fen::yuan(6_000)), in_scope: None };
        assert_eq!(draw(&rules, costs), Ok((true, Fen::yuan(6_000))));
        assert_eq!(draw(&rules, Costs { own: None, ..costs }), Err("account.withdrawal".to_owned()));
        let in_scope = RULES.replace("'total'", "'in-scope'");
        assert_eq!(draw(&in_scope, costs), Err("account.withdrawal".to_owned()));
    }
}
