//! Why a verb stops, when it is not for an error of the machine.

/// A stop that the user can mend.
#[derive(Debug, thiserror::Error)]
pub enum Stop {
    /// The command line does not say what it must, or names what is not there. Exit code 2.
    #[error("{what}\n  = {cure}")]
    Usage {
        /// What is wrong.
        what: String,
        /// What to do.
        cure: String,
    },
    /// What was asked cannot be answered, and why has been said. Exit code 1.
    #[error("{0}")]
    Refused(String),
}

impl Stop {
    /// A build without Parquet is asked for what needs it.
    #[cfg(not(feature = "parquet"))]
    pub fn without_parquet(lang: crate::session::Lang) -> Stop {
        let what = lang.of("此程序构建时未包含 Parquet (no-parquet)", "this build is without Parquet (no-parquet)");
        let cure = lang.of("用 --features parquet 构建：", "build it with the feature: ");
        Stop::usage(what, format!("{cure}cargo build --release --features parquet"))
    }

    /// A wrong command line.
    pub fn usage(what: impl Into<String>, cure: impl Into<String>) -> Stop {
        Stop::Usage { what: what.into(), cure: cure.into() }
    }
}
