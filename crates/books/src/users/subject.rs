//! Single sign-on: which user the subject of an identity provider is. The subject itself may be a number of a document, so that
//! the books keep a keyed index of it and nothing else.

use serde::{Deserialize, Serialize};

use super::account::{UserBook, UserEntry, known, told, user, user_key};
use super::reason;
use crate::answer::{Answer, Refusal, Stop};
use crate::command;
use crate::command::UseCase;
use crate::desk::Desk;
use crate::fold::{Fold, Stamp};
use crate::sheets::{Books, Key};

/// For what a subject is indexed.
const PURPOSE: &str = "subject";
/// Letters of an issuer or a subject at most.
const LONGEST: usize = 255;

/// What can be recorded of a subject.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "kebab-case")]
pub enum SubjectEntry {
    /// It is a user.
    Bound {
        /// Name of the user.
        user: String,
    },
    /// It is nobody any more.
    Unbound,
}

/// A subject of an identity provider.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubjectBook {
    /// Name of the user that it is.
    pub user: Option<String>,
}

impl Fold for SubjectBook {
    type Entry = SubjectEntry;
    const KIND: &'static str = "subject";

    fn apply(&mut self, _stamp: &Stamp<'_>, entry: &SubjectEntry) {
        self.user = match entry {
            SubjectEntry::Bound { user } => Some(user.clone()),
            SubjectEntry::Unbound => None,
        };
    }
}

fn key(index: &str) -> Key {
    Key::of(format!("subject/{index}"))
}

/// The index of an issuer's subject.
fn index(desk: &Desk<'_>, issuer: &str, subject: &str) -> String {
    desk.vault.index(PURPOSE, &format!("{issuer}\n{subject}"))
}

/// The user whom an issuer's subject is, by name.
///
/// # Errors
/// When the source fails.
pub fn bound(
    desk: &Desk<'_>,
    books: &mut Books<'_>,
    issuer: &str,
    subject: &str,
) -> Result<Option<(String, UserBook)>, Stop> {
    let found = books.find::<SubjectBook>(&key(&index(desk, issuer, subject)))?;
    let Some(name) = found.and_then(|known| known.user.clone()) else { return Ok(None) };
    Ok(user(books, &name)?.map(|user| (name, user)))
}

command! {
    /// Let a user sign in by an identity provider: say which of its subjects the user is
    Bind = "user bind", "绑定单点登录：用户是身份提供方的哪一个主体" {
        /// Name of the user
        name: String = "登录名",
        /// The identity provider, as its tokens name it: https://…
        issuer: String = "身份提供方（令牌里的 iss）",
        /// The subject, as the claim that the server reads says it; kept as a keyed index alone
        subject: String = "主体（服务所读声明的值）；账里只存带密钥的摘要",
    }
}

command! {
    /// End a user's single sign-on; what the user is signed in with ends
    Unbind = "user unbind", "解除用户的单点登录，已登录的随即失效" {
        /// Name of the user
        name: String = "登录名",
        /// Why
        reason: String = "理由",
    }
}

impl UseCase for Bind {
    fn decide(&self, desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Answer, Stop> {
        let user = known(books, &self.name)?;
        let web = self.issuer.starts_with("https://") || self.issuer.starts_with("http://");
        if !web || self.issuer.len() > LONGEST {
            let message = format!("“{}” 不是身份提供方的地址", self.issuer);
            return Err(Refusal::new("bad-issuer", message, "照令牌里的 iss 写，如 https://id.example.cn").into());
        }
        if self.subject.is_empty() || self.subject.len() > LONGEST {
            return Err(Refusal::new("bad-subject", "主体为空或太长", "照令牌里的声明写").into());
        }
        if user.subject.is_some() {
            let message = format!("用户 {} 已绑定单点登录", self.name);
            return Err(Refusal::new("already-bound", message, "先 user unbind 解除").into());
        }
        let index = index(desk, &self.issuer, &self.subject);
        if let Some(other) = books.find::<SubjectBook>(&key(&index))?.and_then(|known| known.user.clone()) {
            let message = format!("这个主体已是用户 {other}");
            return Err(Refusal::new("already-bound", message, format!("先 user unbind {other}")).into());
        }
        books.post::<SubjectBook>(&key(&index), &SubjectEntry::Bound { user: self.name.clone() })?;
        let issuer = self.issuer.clone();
        books.post::<UserBook>(&user_key(&self.name), &UserEntry::Bound { issuer, subject: index })?;
        Ok(told(&self.name, "已绑定单点登录", "signs in by the identity provider").with("issuer", &*self.issuer))
    }
}

impl UseCase for Unbind {
    fn decide(&self, _desk: &Desk<'_>, books: &mut Books<'_>) -> Result<Answer, Stop> {
        let reason = reason(&self.reason)?;
        if let Some(subject) = known(books, &self.name)?.subject {
            books.post::<SubjectBook>(&key(&subject.index), &SubjectEntry::Unbound)?;
            books.post::<UserBook>(&user_key(&self.name), &UserEntry::Unbound { reason })?;
        }
        Ok(told(&self.name, "已解除单点登录", "no longer signs in by the identity provider"))
    }
}
