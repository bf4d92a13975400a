//! What a transaction has at hand: who sent the message, and the service.

use std::sync::{Arc, Mutex, PoisonError};

use books::{Answer, Books, Desk, Stop, Table};
use domain::Date;
use jiff::civil::DateTime;
use serde_json::{Map, Value};
use wire::{Profile, Request};

use super::fault::Fault;
use super::platform::Platform;
use crate::app::App;

/// What a transaction of one message has at hand.
pub(crate) struct Context {
    /// The server.
    pub app: Arc<App>,
    /// The platform of the region.
    pub platform: Arc<Platform>,
    /// The envelope, without its input.
    pub request: Request,
    /// Who sent it, as the journal has it.
    pub actor: String,
    /// The request id: `national/<institution>/<msgid>`.
    pub id: String,
    /// When it came, in China's time by the clock of the books.
    pub came: DateTime,
    warning: Mutex<String>,
}

impl Context {
    /// Of a message.
    pub fn new(app: &Arc<App>, platform: &Arc<Platform>, request: Request, actor: String, came: DateTime) -> Context {
        let id = request_id(&request.fixmedins_code, &request.msgid);
        let (app, platform) = (Arc::clone(app), Arc::clone(platform));
        Context { app, platform, request, actor, id, came, warning: Mutex::default() }
    }

    /// The region's profile.
    pub fn profile(&self) -> &Profile {
        &self.platform.profile
    }

    /// The institution that sent it.
    pub fn institution(&self) -> &str {
        &self.request.fixmedins_code
    }

    /// The day on which it came.
    pub fn today(&self) -> Date {
        self.came.date()
    }

    /// Through what data are read, for the record: the transaction, and who sat at the desk.
    pub fn through(&self) -> String {
        format!("{} {}", self.request.infno, self.request.opter)
    }

    /// Carries out the one command of the message.
    pub async fn submit(&self, verb: &'static str, fields: Map<String, Value>) -> Result<Answer, Fault> {
        Ok(self.app.bridge.submit(verb, fields, self.id.clone(), &self.actor).await?)
    }

    /// Carries out a command beside it that only records a look, under an id of its own.
    pub async fn record(&self, verb: &'static str, fields: Map<String, Value>) -> Result<Answer, Fault> {
        let id = format!("{}/{}", self.id, service::request_id());
        Ok(self.app.bridge.submit(verb, fields, id, &self.actor).await?)
    }

    /// What a command would answer now; it has no effect.
    pub async fn estimate(&self, verb: &'static str, fields: Map<String, Value>) -> Result<Answer, Fault> {
        Ok(self.app.bridge.estimate(verb, fields, &self.actor).await?)
    }

    /// Answers a question.
    pub async fn ask(&self, verb: &'static str, fields: Map<String, Value>) -> Result<Table, Fault> {
        Ok(self.app.bridge.ask(verb, fields, &self.actor).await?)
    }

    /// Looks at the books as of one moment.
    pub async fn look<T: Send + 'static>(
        &self,
        read: impl FnMut(&Desk<'_>, &mut Books<'_>) -> Result<T, Stop> + Send + 'static,
    ) -> Result<T, Fault> {
        Ok(self.app.bridge.look(read).await?)
    }

    /// Says something in `warn_msg`, though it went well.
    pub fn warn(&self, text: impl Into<String>) {
        *self.warning.lock().unwrap_or_else(PoisonError::into_inner) = text.into();
    }

    /// What was said so.
    pub fn warning(&self) -> String {
        self.warning.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// The request id of an institution's message.
pub(crate) fn request_id(institution: &str, msgid: &str) -> String {
    format!("national/{institution}/{msgid}")
}
