//! The platform of the region: its profile, gateway and keys, the ids of its answers.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use jiff::civil::DateTime;
use tokio::sync::OnceCell;
use wire::Profile;
use wire::cipher::Signer;
use wire::envelope::reference_id;
use wire::gateway::Gateway;
use wire::profile::GatewayKind;

use super::desk::Desks;
use super::fault::Fault;
use super::files::Files;
use super::keys::Accounts;
use super::pages::Pages;
use crate::bridge::Bridge;

/// Clocks of senders may be off by so many seconds where the region's gateway has no window of its own.
const WINDOW: i64 = 1_800;

/// The platform's own SM2 key: in production inside certified hardware.
pub type Signing = Arc<dyn Signer + Send + Sync>;

/// The national interface of a server: chosen before it serves, or by the region when the first message comes.
#[derive(Default)]
pub struct National {
    chosen: OnceLock<(Option<Profile>, Option<Signing>)>,
    platform: OnceCell<Arc<Platform>>,
}

impl National {
    /// Chooses profile (that of the region, if none is given) and signing key; only the first choice counts.
    pub fn choose(&self, profile: Option<Profile>, signing: Option<Signing>) {
        _ = self.chosen.set((profile, signing));
    }

    /// The platform.
    pub(crate) async fn platform(&self, bridge: &Arc<Bridge>) -> Result<Arc<Platform>, Fault> {
        let make = || async {
            let admdvs = bridge.look(|desk, _| Ok(desk.rules.region()?.code.clone())).await?;
            let (profile, signing) = self.chosen.get().cloned().unwrap_or_default();
            let profile = profile.or_else(|| Profile::of(&admdvs)).or_else(|| Profile::named("default")?.ok());
            let none = || Fault::new("no-profile", "本地区没有接口配置", "由经办机构补上接口配置");
            Ok(Arc::new(Platform::new(profile.ok_or_else(none)?, admdvs, signing)))
        };
        self.platform.get_or_try_init(make).await.map(Arc::clone)
    }
}

/// What a region takes, and what the platform remembers between messages.
pub(crate) struct Platform {
    pub profile: Profile,
    pub gateway: Box<dyn Gateway>,
    /// Code of the region.
    pub admdvs: String,
    pub signing: Option<Signing>,
    pub accounts: Accounts,
    pub desks: Desks,
    pub files: Files,
    pub pages: Pages,
    serial: AtomicU64,
}

impl Platform {
    fn new(profile: Profile, admdvs: String, signing: Option<Signing>) -> Platform {
        let gateway = profile.gateway();
        let (accounts, desks, files) = (Accounts::default(), Desks::default(), Files::default());
        let (pages, serial) = (Pages::default(), AtomicU64::new(0));
        Platform { profile, gateway, admdvs, signing, accounts, desks, files, pages, serial }
    }

    /// Whether there is no gateway, so that only this machine may call.
    pub fn is_open(&self) -> bool {
        self.profile.gateway == GatewayKind::Open
    }

    /// How far a sender's clock may be off, in seconds.
    pub fn window(&self) -> i64 {
        match &self.profile.gateway {
            GatewayKind::Open => WINDOW,
            GatewayKind::Api { window, .. } | GatewayKind::Tif { window } | GatewayKind::Digest { window, .. } => {
                *window
            }
        }
    }

    /// A new id of an answer.
    pub fn reference(&self, at: DateTime) -> String {
        reference_id(&self.admdvs, at, self.serial.fetch_add(1, Ordering::Relaxed))
    }
}
