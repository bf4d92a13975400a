//! Users: who they are, in which role, within which bounds.

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{name, reason};
use crate::answer::{Answer, Refusal, Stop};
use crate::command;
use crate::command::UseCase;
use crate::desk::Desk;
use crate::fold::{Fold, Stamp};
use crate::people;
use crate::question::{Column, Question, Table, col};
use crate::sheets::{Books, Key};

/// What can be recorded of a user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "kebab-case")]
pub enum UserEntry {
    /// Added.
    Added {
        /// Argon2id hash of the password; none for who signs in by an identity provider alone.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        hash: Option<String>,
        /// Word of the role.
        role: String,
        /// Bounds.
        #[serde(default)]
        bounds: Bounds,
    },
    /// Another password.
    Password {
        /// Argon2id hash of it.
        hash: String,
    },
    /// Another role, other bounds.
    Role {
        /// Word of the role.
        role: String,
        /// Bounds.
        #[serde(default)]
        bounds: Bounds,
    },
    /// Shut out.
    Disabled {
        /// Why.
        reason: String,
    },
    /// Let in again.
    Enabled {
        /// Why.
        reason: String,
    },
    /// Signs in by an identity provider.
    Bound {
        /// The provider.
        issuer: String,
        /// Keyed index of its subject.
        subject: String,
    },
    /// No longer does.
    Unbound {
        /// Why.
        reason: String,
    },
}

/// Within which bounds a user's role holds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bounds {
    /// The person that the user is, by number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person: Option<String>,
    /// The institution that the user works for, by code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider: Option<String>,
    /// The area: the digits that its codes begin with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub area: Option<String>,
}

/// Whom an identity provider knows the user as.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subject {
    /// The provider.
    pub issuer: String,
    /// Keyed index of its subject.
    pub index: String,
}

/// A user.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserBook {
    /// Argon2id hash of the password, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hash: Option<String>,
    /// Word of the role.
    pub role: String,
    /// Bounds of the role.
    pub bounds: Bounds,
    /// Whether the user is shut out.
    pub disabled: bool,
    /// How often the password, the role or the state was changed: a session lives as long as this stands.
    pub changes: u32,
    /// Whom an identity provider knows the user as.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<Subject>,
}

impl Fold for UserBook {
    type Entry = UserEntry;
    const KIND: &'static str = "user";

    fn apply(&mut self, stamp: &Stamp<'_>, entry: &UserEntry) {
        self.changes = stamp.number;
        match entry {
            UserEntry::Added { hash, role, bounds } => {
                self.hash.clone_from(hash);
                self.role.clone_from(role);
                self.bounds = bounds.clone();
            }
            UserEntry::Password { hash } => self.hash = Some(hash.clone()),
            UserEntry::Role { role, bounds } => {
                self.role.clone_from(role);
                self.bounds = bounds.clone();
            }
            UserEntry::Disabled { .. } => self.disabled = true,
            UserEntry::Enabled { .. } => self.disabled = false,
            UserEntry::Bound { issuer, subject } => {
                self.subject = Some(Subject { issuer: issuer.clone(), index: subject.clone() });
            }
            UserEntry::Unbound { .. } => self.subject = None,
        }
    }
}

pub(super) fn user_key(name: &str) -> Key {
    Key::of(format!("user/{name}"))
}

/// A user, if there is one of this name.
///
/// # Errors
/// When the source fails.
pub fn user(books: &mut Books<'_>, name: &str) -> Result<Option<UserBook>, Stop> {
    // What cannot be a name is nobody's, and is not looked for.
    if super::name(name).is_err() {
        return Ok(None);
    }
    Ok(books.find::<UserBook>(&user_key(name))?.cloned())
}

/// Whether there is any user at all.
///
/// # Errors
/// When the source fails.
pub fn any_user(books: &mut Books<'_>) -> Result<bool, Stop> {
    let mut any = false;
    books.each::<UserBook>(None, |_, _| {
        any = true;
        Ok(())
    })?;
    Ok(any)
}

command! {
    /// Add a user, with a role and the bounds within which it holds
    AddUser = "user add", "新增用户：角色和范围" {
        /// Name to sign in by
        name: String = "登录名",
        /// The password, by its argon2id hash, which the edge makes; none, for who signs in by an identity provider alone
        password_hash: Option<String> = "密码（由入口换成 argon2id 摘要）；只用单点登录的不写",
        /// Word of the role
        role: String = "角色",
        /// The person that the user is: number of a document, or person's number
        person: Option<String> = "用户本人：证件号码或个人编号",
        /// The institution that the user works for, by code
        provider: Option<String> = "所属机构代码",
        /// The area that the user works in: the digits its codes begin with
        area: Option<String> = "所管地区：区划代码的前几位",
    }
}

command! {
    /// Give a user another password; what the user is signed in with ends
    Password = "user passwd", "更换用户密码，已登录的随即失效" {
        /// Name to sign in by
        name: String = "登录名",
        /// The password, by its argon2id hash; the edge makes it
        password_hash: String = "密码（由入口换成 argon2id 摘要）",
    }
}

command! {
    /// Give a user another role and bounds; what is left out is no longer set
    SetRole = "user role", "更换用户的角色和范围，不写的不再有" {
        /// Name to sign in by
        name: String = "登录名",
        /// Word of the role
        role: String = "角色",
        /// The person that the user is: number of a document, or person's number
        person: Option<String> = "用户本人：证件号码或个人编号",
        /// The institution that the user works for, by code
        provider: Option<String> = "所属机构代码",
        /// The area that the user works in: the digits its codes begin with
        area: Option<String> = "所管地区：区划代码的前几位",
    }
}

command! {
    /// Shut a user out
    Disable = "user disable", "停用用户" {
        /// Name to sign in by
        name: String = "登录名",
        /// Why
        reason: String = "理由",
    }
}

command! {
    /// Let a user in again
    Enable = "user enable", "恢复用户" {
        /// Name to sign in by
        name: String = "登录名",
        /// Why
        reason: String = "理由",
    }
}

impl UseCase for AddUser {
    fn decide(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Answer, Stop> {
        let name = name(&self.name)?;
        if books.find::<UserBook>(&user_key(&name))?.is_some() {
            return Err(Refusal::new(
                "already-a-user",
                format!("已有用户 {name}"),
                "换一个名字，或用 user passwd 改密码",
            )
            .into());
        }
        let hash = self.password_hash.as_deref().map(hash).transpose()?;
        let (role, bounds) = role(desk, books, (&self.role, &self.person, &self.provider, &self.area))?;
        books.post::<UserBook>(&user_key(&name), &UserEntry::Added { hash, role, bounds })?;
        Ok(told(&name, "已新增", "added").with("role", &*self.role))
    }
}

impl UseCase for Password {
    fn decide(&self, _desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Answer, Stop> {
        known(books, &self.name)?;
        let hash = hash(&self.password_hash)?;
        books.post::<UserBook>(&user_key(&self.name), &UserEntry::Password { hash })?;
        Ok(told(&self.name, "已更换密码", "has another password"))
    }
}

impl UseCase for SetRole {
    fn decide(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Answer, Stop> {
        known(books, &self.name)?;
        not_oneself(desk, &self.name)?;
        let (role, bounds) = role(desk, books, (&self.role, &self.person, &self.provider, &self.area))?;
        books.post::<UserBook>(&user_key(&self.name), &UserEntry::Role { role, bounds })?;
        Ok(told(&self.name, "已更换角色", "has another role").with("role", &*self.role))
    }
}

impl UseCase for Disable {
    fn decide(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Answer, Stop> {
        let reason = reason(&self.reason)?;
        not_oneself(desk, &self.name)?;
        if !known(books, &self.name)?.disabled {
            books.post::<UserBook>(&user_key(&self.name), &UserEntry::Disabled { reason })?;
        }
        Ok(told(&self.name, "已停用", "is shut out"))
    }
}

impl UseCase for Enable {
    fn decide(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Answer, Stop> {
        let reason = reason(&self.reason)?;
        not_oneself(desk, &self.name)?;
        if known(books, &self.name)?.disabled {
            books.post::<UserBook>(&user_key(&self.name), &UserEntry::Enabled { reason })?;
        }
        Ok(told(&self.name, "已恢复", "is let in again"))
    }
}

pub(super) fn told(name: &str, zh: &str, en: &str) -> Answer {
    Answer::new(format!("用户 {name} {zh}"), format!("user {name} {en}")).with("name", name)
}

pub(super) fn known(books: &mut Books<'_>, name: &str) -> Result<UserBook, Stop> {
    let unknown = || Refusal::new("unknown-user", format!("没有用户 {name}"), "user list 列出用户");
    Ok(user(books, name)?.ok_or_else(unknown)?)
}

/// Nobody changes what he may do himself, nor shuts himself out.
fn not_oneself(desk: &Desk<'_>, name: &str) -> Result<(), Refusal> {
    if desk.actor == name {
        return Err(Refusal::new("own-right", "不能更改自己的角色或状态", "由另一位管理员办理"));
    }
    Ok(())
}

fn hash(text: &str) -> Result<String, Refusal> {
    if text.starts_with("$argon2id$") && text.len() < 256 {
        return Ok(text.to_owned());
    }
    Err(Refusal::new("not-a-hash", "密码要先换成 argon2id 摘要", "经服务或命令行的 --password-file 办理"))
}

type Asked<'a> = (&'a str, &'a Option<String>, &'a Option<String>, &'a Option<String>);

/// A role and its bounds, of a person who is on the register and a provider that is.
fn role(
    desk: &Desk<'_>,
    books: &mut Books<'_>,
    (role, person, provider, area): Asked<'_>,
) -> Result<(String, Bounds), Stop> {
    let role = name(role)?;
    let person = match person {
        Some(person) => Some(people::told(&people::find(desk, books, person)?).to_owned()),
        None => None,
    };
    if let Some(code) = provider {
        super::key::institution(code)?;
    }
    if let Some(area) = area
        && (area.is_empty() || area.len() > 12 || !area.bytes().all(|byte| byte.is_ascii_digit()))
    {
        return Err(Refusal::new("bad-area", format!("“{area}” 不是区划代码"), "写区划代码的前几位，如 500103").into());
    }
    Ok((role, Bounds { person, provider: provider.clone(), area: area.clone() }))
}

command! {
    /// List the users, their roles and bounds
    ListUsers = "user list", "列出用户、角色和范围" {
    }
}

const COLUMNS: &[Column] = &[
    col("name", "登录名", "name"),
    col("role", "角色", "role"),
    col("person", "本人", "person"),
    col("provider", "机构", "institution"),
    col("area", "地区", "area"),
    col("issuer", "单点登录", "single sign-on"),
    col("disabled", "停用", "shut out"),
];

impl Question for ListUsers {
    fn ask(&self, _desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Table, Stop> {
        let mut rows = Vec::new();
        books.each::<UserBook>(None, |key, user| {
            let name = key.subject.trim_start_matches("user/");
            let Bounds { person, provider, area } = &user.bounds;
            rows.push(vec![
                json!(name),
                json!(user.role),
                json!(person),
                json!(provider),
                json!(area),
                json!(user.subject.as_ref().map(|subject| &subject.issuer)),
                json!(user.disabled),
            ]);
            Ok(())
        })?;
        let foot = format!("{} 个用户", rows.len());
        Ok(Table { title: "用户".to_owned(), columns: COLUMNS, rows, foot })
    }
}
