//! From tasks that wait to a service that blocks: a command's answer comes back through a channel, a question is asked on a
//! thread of a bounded pool. Nobody waits in line for ever: who finds too many before him is told so at once.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use books::{Answer, Books, Command, Desk, Refusal, Stop, Table, people};
use prometheus_client::metrics::counter::Counter;
use rustix::time::{ClockId, clock_gettime};
use serde_json::{Map, Value};
use service::{Act, Failure, Service, Trouble};
use store::{Hash, Session, SessionChange};
use tokio::sync::{Semaphore, oneshot};

use crate::refused::{Refusals, Refused};

/// How much is let in at once.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Commands on their way; fewer than the service's queue holds, so that handing one in never blocks.
    pub commands: usize,
    /// Questions asked at once.
    pub questions: usize,
    /// How long a question waits for its turn.
    pub turn: Duration,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits { commands: 768, questions: 16, turn: Duration::from_secs(5) }
    }
}

/// The service, as tasks ask it.
pub struct Bridge {
    service: Service,
    commands: Semaphore,
    questions: Arc<Semaphore>,
    turn: Duration,
    closing: AtomicBool,
    /// What was refused lately.
    pub(crate) refusals: Refusals,
    /// Seconds of processor time that questions took, estimates among them.
    pub(crate) asking: Counter<f64>,
}

impl Bridge {
    /// Over a service.
    pub fn new(service: Service, limits: Limits) -> Bridge {
        let Limits { commands, questions, turn } = limits;
        let (commands, questions) = (Semaphore::new(commands), Arc::new(Semaphore::new(questions)));
        let refusals = Refusals::since(service.now());
        let closing = AtomicBool::new(false);
        Bridge { service, commands, questions, turn, closing, refusals, asking: Counter::default() }
    }

    /// The server stops: what is long is to end by itself.
    pub fn close(&self) {
        self.closing.store(true, Ordering::Relaxed);
    }

    /// Whether the server stops.
    pub fn is_closing(&self) -> bool {
        self.closing.load(Ordering::Relaxed)
    }

    /// The region's slug.
    pub fn region(&self) -> &str {
        self.service.region()
    }

    /// Now, by the clock of the books: microseconds since 1970, UTC.
    pub fn now(&self) -> i64 {
        self.service.now()
    }

    /// Carries a command out; answers when what it did is on the disk.
    ///
    /// # Errors
    /// When it is refused, too many are on their way, or the machine could not carry it out.
    pub async fn submit(
        self: &Arc<Self>,
        verb: &'static str,
        fields: Map<String, Value>,
        key: String,
        actor: &str,
    ) -> Result<Answer, Failure> {
        let person = person_of(&fields);
        let outcome = self.carried_out(verb, fields, key, actor).await;
        if let Err(Failure::Refused(refusal)) = &outcome {
            self.refused(verb, person, actor, refusal);
        }
        outcome
    }

    /// Keeps in mind that a command was refused: whoever asked does not wait for it. Whom it was about is kept by the number of the
    /// register, never by a document's.
    pub(crate) fn refused(
        self: &Arc<Self>,
        verb: &'static str,
        person: Option<String>,
        actor: &str,
        refusal: &Refusal,
    ) {
        let (bridge, at, actor, refusal) = (Arc::clone(self), self.now(), actor.to_owned(), refusal.clone());
        tokio::spawn(async move {
            let person = match person {
                Some(text) => {
                    let number = move |desk: &Desk<'_>, books: &mut Books<'_>| {
                        Ok(people::told(&people::find(desk, books, &text)?).to_owned())
                    };
                    bridge.look(number).await.ok()
                }
                None => None,
            };
            bridge.refusals.keep(Refused { at, actor, verb, refusal, person });
        });
    }

    async fn carried_out(
        self: &Arc<Self>,
        verb: &'static str,
        fields: Map<String, Value>,
        key: String,
        actor: &str,
    ) -> Result<Answer, Failure> {
        let _permit = self.commands.try_acquire().map_err(|_| too_busy())?;
        let (answer, outcome) = oneshot::channel();
        let reply = Box::new(move |result| {
            // Who hung up no longer wants to know; the request stands all the same.
            _ = answer.send(result);
        });
        if takes_text(verb) {
            // A file is read through when the command is: not on a thread that serves others.
            let (bridge, actor) = (Arc::clone(self), actor.to_owned());
            let call = move || bridge.service.call(verb, fields, Some(key), &actor, reply);
            tokio::task::spawn_blocking(call).await.map_err(|_| lost())??;
        } else {
            self.service.call(verb, fields, Some(key), actor, reply)?;
        }
        outcome.await.unwrap_or_else(|_| Err(lost().into()))
    }

    /// Answers a question.
    ///
    /// # Errors
    /// When it is refused, too many are asked, or the database cannot be read.
    pub async fn ask(
        self: &Arc<Self>,
        verb: &'static str,
        fields: Map<String, Value>,
        actor: &str,
    ) -> Result<Table, Failure> {
        let actor = actor.to_owned();
        self.blocking(move |service| service.ask(verb, fields, &actor)).await
    }

    /// What a command would answer now.
    ///
    /// # Errors
    /// As [`Bridge::ask`].
    pub async fn estimate(
        self: &Arc<Self>,
        verb: &'static str,
        fields: Map<String, Value>,
        actor: &str,
    ) -> Result<Answer, Failure> {
        let actor = actor.to_owned();
        self.blocking(move |service| service.estimate(verb, fields, &actor)).await
    }

    /// Looks at the books as of one moment.
    ///
    /// # Errors
    /// As [`Bridge::ask`].
    pub async fn look<T: Send + 'static>(
        self: &Arc<Self>,
        mut read: impl FnMut(&Desk<'_>, &mut Books<'_>) -> Result<T, Stop> + Send + 'static,
    ) -> Result<T, Failure> {
        self.blocking(move |service| service.look("server", &mut read)).await
    }

    /// The session of a token, if there is one.
    ///
    /// # Errors
    /// As [`Bridge::ask`].
    pub async fn session(self: &Arc<Self>, token: Hash) -> Result<Option<Session>, Failure> {
        self.blocking(move |service| service.session(&token)).await
    }

    /// Records what becomes of sessions.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn change_sessions(self: &Arc<Self>, changes: Vec<SessionChange>) -> Result<(), Failure> {
        self.blocking(move |service| service.change_sessions(&changes)).await
    }

    /// The last requests of a time that wrote anything, at most so many.
    ///
    /// # Errors
    /// As [`Bridge::ask`].
    pub async fn lately(self: &Arc<Self>, during: Range<i64>, limit: usize) -> Result<Vec<Act>, Failure> {
        self.blocking(move |service| service.lately(&during, limit)).await
    }

    /// What requests were answered, by their ids.
    ///
    /// # Errors
    /// As [`Bridge::ask`].
    pub async fn answers(self: &Arc<Self>, requests: Vec<String>) -> Result<BTreeMap<String, Answer>, Failure> {
        let work = move |service: &Service| {
            let requests: Vec<&str> = requests.iter().map(String::as_str).collect();
            service.answers(&requests)
        };
        self.blocking(work).await
    }

    /// What a request was answered, if it was.
    ///
    /// # Errors
    /// As [`Bridge::ask`].
    pub async fn answered(self: &Arc<Self>, request: &str) -> Result<Option<Answer>, Failure> {
        let request = request.to_owned();
        self.blocking(move |service| service.answered(&request)).await
    }

    async fn blocking<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(&Service) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, Failure> {
        let turn = tokio::time::timeout(self.turn, Arc::clone(&self.questions).acquire_owned()).await;
        let permit = turn.ok().and_then(Result::ok).ok_or_else(too_busy)?;
        let bridge = Arc::clone(self);
        let ran = tokio::task::spawn_blocking(move || {
            // Held by the thread, not by who waits: who hangs up frees no place that is still taken.
            let _permit = permit;
            let begun = processor_time();
            let answer = work(&bridge.service);
            bridge.asking.inc_by((processor_time() - begun).as_secs_f64());
            answer
        });
        ran.await.unwrap_or_else(|_| Err(lost().into()))
    }
}

/// The person whom the fields of a command name.
pub(crate) fn person_of(fields: &Map<String, Value>) -> Option<String> {
    fields.get("person").and_then(Value::as_str).map(str::to_owned)
}

/// What this thread has used of a processor.
fn processor_time() -> Duration {
    // Of a thread's clock neither part is ever below nought.
    Duration::try_from(clock_gettime(ClockId::ThreadCPUTime)).unwrap_or_default()
}

/// Whether a command takes the text of a file.
pub(crate) fn takes_text(verb: &str) -> bool {
    Command::named(verb).is_some_and(|command| command.fields.iter().any(|field| field.name == "text"))
}

fn too_busy() -> Trouble {
    Trouble::new("too-busy", "同时办理的请求太多 (too busy)", "稍后用同一请求号重发；没有写入任何内容")
}

fn lost() -> Trouble {
    let mut trouble = Trouble::new("answer-lost", "答复没有送到 (answer lost)", "用同一请求号重发，已记的不会再记");
    trouble.in_doubt = true;
    trouble
}
