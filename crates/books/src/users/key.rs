//! Keys by which the systems of hospitals ask: bound to an institution and to an end.

use domain::Date;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{name, reason};
use crate::answer::{Answer, Refusal, Stop};
use crate::command;
use crate::command::UseCase;
use crate::desk::Desk;
use crate::fold::{Fold, Stamp};
use crate::question::{Column, Question, Table, col};
use crate::sheets::{Books, Key};
use crate::vault::Sealed;

/// For what the secret of a key is sealed.
pub const SECRET: &str = "apikey";

/// What can be recorded of a key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "kebab-case")]
pub enum KeyEntry {
    /// Issued.
    Issued {
        /// SHA-256 of its secret, in hex: a secret of 256 random bits needs no slow hash.
        hash: String,
        /// Code of the institution.
        provider: String,
        /// Word of the role.
        role: String,
        /// Last day.
        until: Date,
        /// The secret itself, sealed, where signatures of a gateway are checked with it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        sealed: Option<Sealed>,
        /// The institution's public key of SM2, PEM.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        public_key: Option<String>,
    },
    /// Taken back.
    Revoked {
        /// Why.
        reason: String,
    },
}

/// A key.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiKey {
    /// SHA-256 of its secret, in hex.
    pub hash: String,
    /// Code of the institution.
    pub provider: String,
    /// Word of the role.
    pub role: String,
    /// Last day.
    pub until: Option<Date>,
    /// Whether it was taken back.
    pub revoked: bool,
    /// The secret itself, sealed under [`SECRET`], where signatures of a gateway are checked with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sealed: Option<Sealed>,
    /// The institution's public key of SM2, PEM.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub public_key: Option<String>,
}

impl Fold for ApiKey {
    type Entry = KeyEntry;
    const KIND: &'static str = "apikey";

    fn apply(&mut self, _stamp: &Stamp<'_>, entry: &KeyEntry) {
        match entry {
            KeyEntry::Issued { hash, provider, role, until, sealed, public_key } => {
                let (hash, provider, role) = (hash.clone(), provider.clone(), role.clone());
                let (sealed, public_key) = (sealed.clone(), public_key.clone());
                *self = ApiKey { hash, provider, role, until: Some(*until), revoked: false, sealed, public_key };
            }
            KeyEntry::Revoked { .. } => self.revoked = true,
        }
    }
}

fn key(id: &str) -> Key {
    Key::of(format!("apikey/{id}"))
}

/// A key that holds today, if there is one of this id.
///
/// # Errors
/// When the source fails.
pub fn api_key(desk: &Desk<'_>, books: &mut Books<'_>, id: &str) -> Result<Option<ApiKey>, Stop> {
    if name(id).is_err() {
        return Ok(None);
    }
    let found = books.find::<ApiKey>(&key(id))?;
    let holds = |key: &&ApiKey| !key.revoked && key.until.is_some_and(|until| desk.today() <= until);
    Ok(found.filter(holds).cloned())
}

/// A code that an institution can have: twelve letters and digits.
pub(super) fn institution(code: &str) -> Result<(), Refusal> {
    if code.len() == 12 && code.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit()) {
        return Ok(());
    }
    Err(Refusal::new("bad-provider", format!("“{code}” 不是机构代码"), "写十二位机构代码，如 H50010100001"))
}

command! {
    /// Issue a key to an institution's system; its secret is told once, by the edge that made it
    IssueKey = "key issue", "给机构的系统发放密钥；密文只由入口显示一次" {
        /// Id of the key
        id: String = "密钥编号",
        /// SHA-256 of the secret; the edge makes it
        secret_hash: String = "密文（由入口生成并换成 SHA-256 摘要）",
        /// Code of the institution
        provider: String = "机构代码",
        /// Last day
        until: Date = "有效至",
        /// Word of the role; hospital, if left out
        role: Option<String> = "角色，不写为 hospital",
        /// For the national interface too: the secret is kept sealed, because signatures are checked with it
        gateway: bool = "也用于国家接口网关：密文密封保存，用来验签",
        /// The secret, for a key of the gateway; the edge makes it
        secret: Option<String> = "网关密钥的密文（由入口生成）",
        /// The institution's public key of SM2, PEM, where messages are signed by it
        public_key: Option<String> = "机构的 SM2 公钥（PEM），报文按 SM2 签名的地区填写",
    }
}

command! {
    /// Take a key back
    RevokeKey = "key revoke", "收回密钥" {
        /// Id of the key
        id: String = "密钥编号",
        /// Why
        reason: String = "理由",
    }
}

/// How the text of a public key begins.
const PEM: &str = "-----BEGIN PUBLIC KEY-----";

impl UseCase for IssueKey {
    fn decide(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Answer, Stop> {
        let id = name(&self.id)?;
        if self.gateway != self.secret.is_some() {
            let message = "网关密钥要有密文，别的密钥不留密文";
            return Err(Refusal::new("bad-field", message, "写 gateway，密文由服务或命令行生成").into());
        }
        if books.find::<ApiKey>(&key(&id))?.is_some() {
            return Err(Refusal::new("already-issued", format!("密钥编号 {id} 已用过"), "换一个编号").into());
        }
        institution(&self.provider)?;
        let hash = self.secret_hash.clone();
        if hash.len() != 64 || !hash.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(Refusal::new("not-a-hash", "密文要先换成 SHA-256 摘要", "经服务或命令行发放").into());
        }
        let today = desk.today();
        let last = today.checked_add(jiff::Span::new().years(2)).unwrap_or(today);
        if self.until < today || self.until > last {
            let message = format!("有效期 {} 不在今天与 {last} 之间", self.until);
            return Err(Refusal::new("impossible-date", message, "密钥最长两年，到期换新").into());
        }
        let role = name(self.role.as_deref().unwrap_or("hospital"))?;
        let (provider, until) = (self.provider.clone(), self.until);
        let sealed = self.secret.as_deref().map(|secret| desk.vault.seal(SECRET, secret));
        let public_key = self.public_key.clone();
        if public_key.as_deref().is_some_and(|text| !text.trim_start().starts_with(PEM)) {
            let message = "公钥不是 PEM 文字";
            return Err(Refusal::new("not-a-key", message, format!("写公钥文件的内容，以 {PEM} 开头")).into());
        }
        books.post::<ApiKey>(&key(&id), &KeyEntry::Issued { hash, provider, role, until, sealed, public_key })?;
        Ok(Answer::new(format!("密钥 {id} 已发给 {}，有效至 {until}", self.provider), format!("key {id} is issued"))
            .with("id", id)
            .with("provider", &*self.provider)
            .with("until", until.to_string()))
    }
}

impl UseCase for RevokeKey {
    fn decide(&self, _desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Answer, Stop> {
        let reason = reason(&self.reason)?;
        let unknown = || Refusal::new("unknown-key", format!("没有密钥 {}", self.id), "key list 列出密钥");
        let found = books.find::<ApiKey>(&key(&name(&self.id).map_err(|_| unknown())?))?.ok_or_else(unknown)?;
        if !found.revoked {
            books.post::<ApiKey>(&key(&self.id), &KeyEntry::Revoked { reason })?;
        }
        Ok(Answer::new(format!("密钥 {} 已收回", self.id), format!("key {} is revoked", self.id)).with("id", &*self.id))
    }
}

command! {
    /// List the keys of institutions
    ListKeys = "key list", "列出机构的密钥" {
    }
}

const COLUMNS: &[Column] = &[
    col("id", "编号", "id"),
    col("provider", "机构", "institution"),
    col("role", "角色", "role"),
    col("until", "有效至", "until"),
    col("revoked", "已收回", "revoked"),
];

impl Question for ListKeys {
    fn ask(&self, _desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Table, Stop> {
        let mut rows = Vec::new();
        books.each::<ApiKey>(None, |key, of| {
            let id = key.subject.trim_start_matches("apikey/");
            let until = of.until.map(|day| day.to_string());
            rows.push(vec![json!(id), json!(of.provider), json!(of.role), json!(until), json!(of.revoked)]);
            Ok(())
        })?;
        let foot = format!("{} 把密钥", rows.len());
        Ok(Table { title: "机构密钥".to_owned(), columns: COLUMNS, rows, foot })
    }
}
