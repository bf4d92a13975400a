//! `open`: makes the books of a region, in a new database or in one that has other regions.

use serde_json::{Map, Value};
use service::Failure;

use super::answer;
use super::place::{At, make_key, policies, stopped};
use crate::answer::Reply;
use crate::output::aside;
use crate::session::{Session, Verdict};

/// Which region, where.
#[derive(clap::Args)]
pub struct Args {
    /// Slug, code, Chinese name or alias
    #[arg(value_name = "REGION")]
    of: String,
    /// Refuse whatever rests on less than a stated rule or a published statistic
    #[arg(long)]
    strict: bool,
    #[command(flatten)]
    at: At,
    #[command(flatten)]
    reply: Reply,
}

impl Args {
    /// Makes them.
    pub fn run(self, session: &Session) -> anyhow::Result<Verdict> {
        let slug = session.region(session.library()?, &self.of)?.slug.clone();
        let url = self.at.place.url()?;
        let key = match self.at.key_given(&url)? {
            Some(key) => key,
            None => {
                let (key, path) = make_key(&url)?;
                let path = path.display();
                match session.lang {
                    crate::session::Lang::Zh => {
                        aside(format!("已生成密钥 {path}：另存一份，没有它谁也打不开这个库里的证件号码"))
                    }
                    crate::session::Lang::En => {
                        aside(format!("made the key {path}: keep a copy, nothing else opens the numbers"))
                    }
                }
                key
            }
        };
        let failed = |error: store::Error| stopped(Failure::from(error));
        let mut store = store::open(&url).map_err(failed)?;
        service::open_region(store.as_mut(), &policies(session), &slug, &key.vault(), None).map_err(stopped)?;
        drop(store);
        let live = self.at.of_region(&slug).open(session)?;
        let mut fields = Map::new();
        fields.insert("region".to_owned(), Value::String(slug));
        fields.insert("strict".to_owned(), Value::Bool(self.strict));
        let request = service::request_id();
        let outcome = live.service.submit("region open", fields, Some(request.clone()), &live.actor);
        answer::give(session, &self.reply, "open", &request, outcome)
    }
}
