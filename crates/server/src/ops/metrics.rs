//! Counts and times, by route and status: nothing of a person, and no more series than there are routes.

use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};
use service::uptime::Month;

/// Upper ends of the classes of time, in seconds.
const SECONDS: [f64; 12] = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 20.0];

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Answered {
    method: String,
    route: String,
    status: u16,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Timed {
    route: String,
}

/// How a minute was, or how a time ended.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct How {
    how: &'static str,
}

/// How the month at hand went so far.
#[derive(Clone, Default)]
pub(crate) struct Uptime {
    minutes: Family<How, Gauge>,
    ends: Family<How, Gauge>,
}

impl Uptime {
    fn register(&self, registry: &mut Registry) {
        let help = "Minutes of this calendar month in China since the first start: up, or down after a server stopped in order or died";
        registry.register("month_minutes", help, self.minutes.clone());
        let help = "How often it ended in this calendar month: stopped in order, or died";
        registry.register("month_ends", help, self.ends.clone());
    }

    /// The month as it is now.
    pub fn tell(&self, month: &Month) {
        for (how, minutes) in [("up", month.up), ("stopped", month.stopped), ("died", month.died)] {
            self.minutes.get_or_create(&How { how }).set(minutes);
        }
        for (how, ends) in [("stopped", month.stops), ("died", month.deaths)] {
            self.ends.get_or_create(&How { how }).set(ends.into());
        }
    }
}

/// The counts of a server.
pub(crate) struct Metrics {
    registry: Registry,
    requests: Family<Answered, Counter>,
    seconds: Family<Timed, Histogram>,
    /// Requests at hand.
    pub at_hand: Gauge,
    /// Since it was first told.
    pub uptime: Uptime,
}

impl Metrics {
    /// All zero; beside the seconds of processor time that questions take.
    pub fn new(asking: Counter<f64>) -> Metrics {
        let mut registry = Registry::with_prefix("tongchou");
        let requests = Family::<Answered, Counter>::default();
        let seconds = Family::<Timed, Histogram>::new_with_constructor(|| Histogram::new(SECONDS));
        let at_hand = Gauge::default();
        registry.register("requests", "Requests answered, by route and status", requests.clone());
        let help = "Time to the answer, by route";
        registry.register_with_unit("request_duration", help, Unit::Seconds, seconds.clone());
        let help = "Processor time of reading the books: questions and estimates";
        registry.register_with_unit("questions_cpu", help, Unit::Seconds, asking);
        registry.register("requests_at_hand", "Requests being worked on", at_hand.clone());
        let uptime = Uptime::default();
        uptime.register(&mut registry);
        Metrics { registry, requests, seconds, at_hand, uptime }
    }

    /// Counts an answer.
    pub fn answered(&self, method: &str, route: &str, status: u16, took: Duration) {
        let answered = Answered { method: method.to_owned(), route: route.to_owned(), status };
        self.requests.get_or_create(&answered).inc();
        self.seconds.get_or_create(&Timed { route: route.to_owned() }).observe(took.as_secs_f64());
    }

    /// As text.
    pub fn text(&self) -> String {
        let mut text = String::new();
        // A text takes whatever is written to it.
        _ = encode(&mut text, &self.registry);
        text
    }
}
