//! Reading a profile's file: what is wrong is told with its line.

use std::collections::BTreeMap;
use std::fmt;

use super::{Fund, GatewayKind, IdentityRules, Profile};
use crate::cipher::{Cipher, Encryption, Signature};
use crate::dictionary::{Leave, code_table, transaction};
use crate::identities::FUND_COLUMNS;

/// What is wrong with a profile: the line (none where it is about the whole), and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProfileError {
    /// Line, from 1.
    pub line: Option<usize>,
    /// What is wrong and what to write.
    pub message: String,
}

impl fmt::Display for ProfileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "接口配置第{line}行：{}", self.message),
            None => write!(f, "接口配置：{}", self.message),
        }
    }
}

impl std::error::Error for ProfileError {}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    name: String,
    basis: String,
    regions: Vec<String>,
    like: Option<String>,
    sign_in: Option<bool>,
    match_first: Option<bool>,
    gateway: Option<GatewayKind>,
    cipher: Option<CipherFile>,
    identities: Option<IdentityRules>,
    funds: Option<BTreeMap<String, BTreeMap<String, Fund>>>,
    person_identities: Option<BTreeMap<String, String>>,
    leave: Option<LeaveFile>,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct CipherFile {
    encryption: Encryption,
    signature: Signature,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct LeaveFile {
    optional: Vec<String>,
    codes: BTreeMap<String, Vec<String>>,
}

pub fn parse(text: &str) -> Result<Profile, ProfileError> {
    let file: File = toml::from_str(text).map_err(|error| ProfileError {
        line: error.span().and_then(|span| text.get(..span.start)).map(|before| before.matches('\n').count() + 1),
        message: error.message().to_owned(),
    })?;
    let profile = filled(file)?;
    check(&profile)?;
    Ok(profile)
}

fn whole(message: String) -> ProfileError {
    ProfileError { line: None, message }
}

fn filled(file: File) -> Result<Profile, ProfileError> {
    let like = match &file.like {
        None => None,
        Some(name) => {
            let named = Profile::named(name);
            Some(named.ok_or_else(|| whole(format!("like = \"{name}\"：没有此名的配置，可写 default")))??)
        }
    };
    let lacking = |section: &str| whole(format!("缺少 {section}：请写出，或以 like = \"default\" 沿用默认配置"));
    let like = like.as_ref();
    let cipher = file.cipher.map(|cipher| Cipher { encryption: cipher.encryption, signature: cipher.signature });
    let leave = file.leave.map(|leave| Leave { optional: leave.optional, codes: leave.codes });
    Ok(Profile {
        name: file.name,
        regions: file.regions,
        basis: file.basis,
        gateway: file.gateway.or_else(|| Some(like?.gateway.clone())).ok_or_else(|| lacking("[gateway]"))?,
        cipher: cipher.or_else(|| Some(like?.cipher)).ok_or_else(|| lacking("[cipher]"))?,
        sign_in: file.sign_in.or_else(|| Some(like?.sign_in)).ok_or_else(|| lacking("sign_in"))?,
        match_first: file.match_first.or_else(|| Some(like?.match_first)).ok_or_else(|| lacking("match_first"))?,
        identities: file
            .identities
            .or_else(|| Some(like?.identities.clone()))
            .ok_or_else(|| lacking("[identities]"))?,
        funds: file.funds.or_else(|| Some(like?.funds.clone())).ok_or_else(|| lacking("[funds]"))?,
        // No public table of these codes was found: a region that says nothing of them has none.
        person_identities: file.person_identities.or_else(|| Some(like?.person_identities.clone())).unwrap_or_default(),
        leave: leave.or_else(|| Some(like?.leave.clone())).ok_or_else(|| lacking("[leave]"))?,
    })
}

/// Words that must be known ones: a slip of the pen would else be found only by a hospital.
fn check(profile: &Profile) -> Result<(), ProfileError> {
    if !["stated", "secondary", "illustrative"].contains(&profile.basis.as_str()) {
        return Err(whole(format!("basis = \"{}\"：请写 stated、secondary 或 illustrative", profile.basis)));
    }
    for region in &profile.regions {
        if region.len() != 6 || !region.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(whole(format!("regions 中的“{region}”：请写6位行政区划代码")));
        }
    }
    for path in &profile.leave.optional {
        if !is_field(path) {
            return Err(whole(format!("leave.optional 中的“{path}”：请写 交易编号.节点.字段，如 2204.feedetail.rxno")));
        }
    }
    for (category, code) in &profile.person_identities {
        if !(1..=6).contains(&code.len()) {
            return Err(whole(format!("person_identities.{category} 中的“{code}”：请写1至6位代码")));
        }
    }
    for table in profile.leave.codes.keys() {
        if code_table(table).is_none() {
            return Err(whole(format!("leave.codes.{table}：没有此名的代码表")));
        }
    }
    funds(profile)
}

fn is_field(path: &str) -> bool {
    let Some((infno, rest)) = path.split_once('.') else { return false };
    let Some((place, name)) = rest.rsplit_once('.') else { return false };
    transaction(infno).is_some_and(|transaction| {
        let mut nodes = transaction.input.iter().filter(|node| node.1 == place);
        nodes.any(|node| node.fields().any(|(field, _)| field.name == name))
    })
}

fn funds(profile: &Profile) -> Result<(), ProfileError> {
    let own = profile.leave.codes.get("fund_pay_type");
    let held = |code: &str| {
        own.is_some_and(|own| own.iter().any(|own| own == code))
            || code_table("fund_pay_type").is_some_and(|table| table.holds(code))
    };
    for (insutype, payers) in &profile.funds {
        if !code_table("insutype").is_some_and(|table| table.holds(insutype)) {
            return Err(whole(format!("funds.{insutype}：不是 insutype 代码表中的险种")));
        }
        for (payer, fund) in payers {
            if !FUND_COLUMNS.contains(&fund.column.as_str()) {
                let columns = FUND_COLUMNS.join("、");
                return Err(whole(format!("funds.{insutype}.{payer}：column 请写其一：{columns}")));
            }
            if !held(&fund.code) {
                return Err(whole(format!(
                    "funds.{insutype}.{payer}：code “{}”不在 fund_pay_type 代码表中",
                    fund.code
                )));
            }
        }
    }
    match profile.identities.assistance.iter().find(|code| !held(code)) {
        Some(code) => Err(whole(format!("identities.assistance：“{code}”不在 fund_pay_type 代码表中"))),
        None => Ok(()),
    }
}
