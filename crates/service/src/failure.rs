//! Why a request has no answer: it is refused, or the machine cannot carry it out now.

use std::fmt;

use books::Refusal;
use store::Error;

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq)]
pub enum Failure {
    /// The books refuse it. It had no effect.
    Refused(Refusal),
    /// The machine could not do it.
    Operational(Trouble),
}

/// What the machine could not do, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// A stable word, as `database-gone`.
    pub code: &'static str,
    /// What happened.
    pub message: String,
    /// What to do.
    pub cure: String,
    /// Whether the request may have taken effect all the same: it is to be repeated under its own key.
    pub in_doubt: bool,
}

impl Trouble {
    /// Something that had no effect.
    pub fn new(code: &'static str, message: impl Into<String>, cure: impl Into<String>) -> Trouble {
        Trouble { code, message: message.into(), cure: cure.into(), in_doubt: false }
    }

    /// What an error of the store means to who asked.
    pub fn of(error: &Error) -> Trouble {
        match error {
            Error::Conflict(what) => Trouble::new(
                "database-busy",
                format!("别的程序正在写这个数据库 (busy)：{what}"),
                "等它写完后重试；没有写入任何内容",
            ),
            Error::Gone(what) => Trouble::new(
                "database-gone",
                format!("数据库连不上，或连接断了 (gone)：{what}"),
                "数据库恢复后重试；同一请求号 (--request) 不会记两次",
            ),
            Error::Full(what) => Trouble::new(
                "database-full",
                format!("数据库写不进去 (cannot be written)：{what}"),
                "腾出磁盘空间，或核对文件与文件夹的权限，然后重试；没有写入任何内容",
            ),
            Error::Unfit(what) => {
                Trouble::new("database-unfit", format!("数据库不能用 (unfit)：{what}"), "核对 --db，或恢复最近的备份")
            }
            Error::Other(what) => Trouble::new(
                "database-error",
                format!("数据库出错 (database error)：{what}"),
                "没有写入任何内容；把这一行连同时间交给维护人员",
            ),
        }
    }

    /// The same, where the last commit may have taken place.
    pub(crate) fn in_doubt(mut self) -> Trouble {
        self.in_doubt = true;
        self.cure = "不知道是否已经记入：数据库恢复后用同一请求号 (--request) 重发，已记的不会再记".to_owned();
        self
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} [{}]\n  = {}", self.message, self.code, self.cure)
    }
}

impl std::error::Error for Trouble {}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failure::Refused(refusal) => write!(f, "{refusal}\n  = {}", refusal.cure),
            Failure::Operational(trouble) => trouble.fmt(f),
        }
    }
}

impl std::error::Error for Failure {}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Failure {
        Failure::Refused(refusal)
    }
}

impl From<Trouble> for Failure {
    fn from(trouble: Trouble) -> Failure {
        Failure::Operational(trouble)
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Failure {
        Failure::Operational(Trouble::of(&error))
    }
}
