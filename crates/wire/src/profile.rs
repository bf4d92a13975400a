//! What a region takes: gateway, cipher, identities, which column and code its funds have, and what it does differently.
//!
//! A profile is a file. Those in `profiles/` are carried in the program, one a province, because a province runs the
//! platform of its cities; a user's own file is read in the same way. What a file does not say it takes from the profile
//! that it names in `like`, and from none where it names none: then it must say everything.

mod file;

use std::collections::BTreeMap;

use crate::cipher::Cipher;
use crate::dictionary::Leave;
use crate::gateway::{ApiGateway, DigestGateway, DigestHeaders, Gateway, OpenGateway, TifGateway};

pub use file::ProfileError;

/// What a region takes.
#[derive(Clone, Debug)]
pub struct Profile {
    /// What people call it.
    pub name: String,
    /// The regions (admdvs) it is for; the default is for none.
    pub regions: Vec<String>,
    /// What it rests on: `stated`, `secondary` or `illustrative`.
    pub basis: String,
    /// Which headers vouch for a sender.
    pub gateway: GatewayKind,
    /// How messages are hidden and signed.
    pub cipher: Cipher,
    /// Whether every message must carry the number of a sign-in (9001).
    pub sign_in: bool,
    /// Whether a line is taken only where the provider's own item was matched to the catalogue (3301) before.
    pub match_first: bool,
    /// How its amounts add up.
    pub identities: IdentityRules,
    /// Column and code of each payer, by insurance (`390`) and payer (`basic`, `catastrophic`, `assistance` …).
    pub funds: BTreeMap<String, BTreeMap<String, Fund>>,
    /// Code of `psn_idet_type` of each category of persons, as far as the region told them.
    pub person_identities: BTreeMap<String, String>,
    /// Fields it does not insist on, and codes of its own.
    pub leave: Leave,
}

/// A kind of gateway and its settings; windows in seconds.
#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum GatewayKind {
    /// None; for trials on one machine.
    Open,
    /// (a) `_api_*` headers with HMAC-SHA1.
    Api {
        /// How far a clock may be off.
        window: i64,
        /// Name of the service.
        name: String,
        /// Its version.
        version: String,
    },
    /// (b) `x-tif-*` headers with SHA-256.
    Tif {
        /// How far a clock may be off.
        window: i64,
    },
    /// (c) a vendor's headers with SM3.
    Digest {
        /// How far a clock may be off.
        window: i64,
        /// What the vendor calls the headers.
        headers: DigestHeaders,
    },
}

/// How the amounts of a settlement add up in a region; see [`identities`](crate::identities).
#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IdentityRules {
    /// Whether `fund_pay_sumamt` counts what the account pays.
    pub account_in_fund_total: bool,
    /// Whether the hospital's share is a part of the bill beside funds and person.
    pub hospital_part_in_total: bool,
    /// Fund codes under which assistance comes in `setldetail`; together they are `maf_pay`.
    pub assistance: Vec<String>,
}

/// Where a payer stands in a message.
#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fund {
    /// Column of `setlinfo`, as `hifp_pay`.
    pub column: String,
    /// Code in `setldetail`, as `390100`.
    pub code: String,
}

/// The profiles in the program: file name and text, the default first.
pub static CARRIED: &[(&str, &str)] = &[
    ("default", include_str!("../profiles/default.toml")),
    ("tianjin", include_str!("../profiles/tianjin.toml")),
    ("jilin", include_str!("../profiles/jilin.toml")),
    ("jiangsu", include_str!("../profiles/jiangsu.toml")),
    ("chongqing", include_str!("../profiles/chongqing.toml")),
    ("example-centre", include_str!("../profiles/example-centre.toml")),
    ("example-ladder", include_str!("../profiles/example-ladder.toml")),
    ("example-gross", include_str!("../profiles/example-gross.toml")),
];

impl Profile {
    /// Reads a profile's text.
    pub fn parse(text: &str) -> Result<Profile, ProfileError> {
        file::parse(text)
    }

    /// The carried profile of this name (`default`, `tianjin` …).
    pub fn named(name: &str) -> Option<Result<Profile, ProfileError>> {
        CARRIED.iter().find(|(carried, _)| *carried == name).map(|(_, text)| Profile::parse(text))
    }

    /// The carried profile for a region (admdvs, 6 digits); none where there is none.
    pub fn of(admdvs: &str) -> Option<Profile> {
        let profiles = CARRIED.iter().filter_map(|(_, text)| Profile::parse(text).ok());
        profiles.into_iter().find(|profile| profile.regions.iter().any(|region| region == admdvs))
    }

    /// Where a payer stands in a message of this insurance.
    pub fn fund(&self, insutype: &str, payer: &str) -> Option<&Fund> {
        self.funds.get(insutype)?.get(payer)
    }

    /// The gateway that this profile asks for.
    pub fn gateway(&self) -> Box<dyn Gateway> {
        match self.gateway.clone() {
            GatewayKind::Open => Box::new(OpenGateway),
            GatewayKind::Api { window, name, version } => Box::new(ApiGateway { name, version, window }),
            GatewayKind::Tif { window } => Box::new(TifGateway { window }),
            GatewayKind::Digest { window, headers } => Box::new(DigestGateway { headers, window }),
        }
    }
}

#[cfg(test)]
mod tests;
