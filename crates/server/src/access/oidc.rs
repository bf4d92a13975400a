//! Signing in by an identity provider: OpenID Connect's authorization code flow with PKCE, by the `openidconnect` crate.
//!
//! The provider says who somebody is and nothing else: whom the books know by that, and what he may do, stays with the register of
//! users. What the provider says of itself and its keys is asked for when it is first needed, again after a while, and
//! once more where a signature is by a key that is not known yet.
//!
//! Deliberately absent: users made by signing in; roles from claims; the provider's own sign-out; access to its other services.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::http::StatusCode;
use openidconnect::core::{
    CoreAuthDisplay, CoreAuthPrompt, CoreAuthenticationFlow, CoreClientAuthMethod, CoreErrorResponseType,
    CoreGenderClaim, CoreJsonWebKey, CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm, CoreProviderMetadata,
    CoreRevocableToken, CoreRevocationErrorResponse, CoreTokenIntrospectionResponse, CoreTokenType,
};
use openidconnect::{
    AdditionalClaims, AuthType, AuthorizationCode, ClaimsVerificationError, ClientId, ClientSecret, CsrfToken,
    EmptyExtraTokenFields, EndpointMaybeSet, EndpointNotSet, EndpointSet, IdTokenFields, IssuerUrl, Nonce,
    PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, RequestTokenError, Scope, StandardErrorResponse,
    StandardTokenResponse, TokenResponse as _,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use tracing::warn;

use super::oidc_http::Http;
use super::oidc_settings::Settings;
use super::secret;
use crate::problem::Problem;

/// Where the provider sends the browser back to.
pub(crate) const BACK: &str = "/v1/sign-in/oidc/back";

/// For how long somebody may be at the provider.
pub(crate) const AWAY: Duration = Duration::from_secs(600);
/// How many may be there at once.
const MOST: usize = 10_000;
/// For how long it is taken as said what the provider says of itself.
const KEPT: Duration = Duration::from_secs(3_600);

/// Signatures that only the provider can make.
const SIGNATURES: [CoreJwsSigningAlgorithm; 8] = [
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha384,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha512,
    CoreJwsSigningAlgorithm::RsaSsaPssSha256,
    CoreJwsSigningAlgorithm::RsaSsaPssSha384,
    CoreJwsSigningAlgorithm::RsaSsaPssSha512,
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
    CoreJwsSigningAlgorithm::EdDsa,
];

/// All claims beyond the standard ones.
#[derive(Clone, Debug, Deserialize, Serialize)]
struct Claims(Map<String, Value>);

impl AdditionalClaims for Claims {}

type Tokens = StandardTokenResponse<
    IdTokenFields<
        Claims,
        EmptyExtraTokenFields,
        CoreGenderClaim,
        CoreJweContentEncryptionAlgorithm,
        CoreJwsSigningAlgorithm,
    >,
    CoreTokenType,
>;

type Client = openidconnect::Client<
    Claims,
    CoreAuthDisplay,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJsonWebKey,
    CoreAuthPrompt,
    StandardErrorResponse<CoreErrorResponseType>,
    Tokens,
    CoreTokenIntrospectionResponse,
    CoreRevocableToken,
    CoreRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

/// Somebody who is at the provider.
struct Away {
    nonce: Nonce,
    verifier: PkceCodeVerifier,
    /// Hash of what his browser was given, so that nobody else's comes back in his place.
    browser: String,
    /// The page of this server that he goes on to afterwards, if he came from one.
    to: Option<String>,
    since: Instant,
}

/// An identity provider.
pub struct Oidc {
    settings: Settings,
    http: Http,
    about: tokio::sync::Mutex<Option<(Instant, CoreProviderMetadata)>>,
    away: Mutex<BTreeMap<String, Away>>,
}

/// Where a browser is sent, and what it keeps meanwhile.
pub(crate) struct Departure {
    pub to: String,
    pub browser: String,
}

impl Oidc {
    /// By these settings.
    ///
    /// # Errors
    /// When the machine has no certificates by which the provider could be known.
    pub fn new(settings: Settings) -> Result<Oidc, service::Trouble> {
        let http = Http::new()?;
        Ok(Oidc { settings, http, about: tokio::sync::Mutex::default(), away: Mutex::default() })
    }

    /// The provider, as its tokens name it.
    pub(crate) fn issuer(&self) -> &str {
        self.settings.issuer.as_str()
    }

    /// The claim that names the user.
    pub(crate) fn claim(&self) -> &str {
        &self.settings.claim
    }

    /// Whether browsers reach this server over TLS.
    pub(crate) fn is_secure(&self) -> bool {
        self.settings.server.scheme() == "https"
    }

    /// Sends somebody to the provider, who goes on to a page of this server afterwards, if one is named.
    pub(crate) async fn depart(&self, page: Option<String>) -> Result<Departure, Problem> {
        let client = self.client(self.about(KEPT).await?)?;
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let flow = CoreAuthenticationFlow::AuthorizationCode;
        let scopes = self.settings.scopes.iter().cloned().map(Scope::new);
        let request = client.authorize_url(flow, CsrfToken::new_random, Nonce::new_random);
        let (to, state, nonce) = request.add_scopes(scopes).set_pkce_challenge(challenge).url();
        let browser = secret::secret()?;
        let away = Away { nonce, verifier, browser: secret::hash(&browser), to: page, since: Instant::now() };
        let mut all = self.away.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|_, away| away.since.elapsed() < AWAY);
        if all.len() >= MOST {
            let message = "同时登录的人太多 (too busy)";
            return Err(Problem::new(StatusCode::SERVICE_UNAVAILABLE, "too-busy", message, "稍后再试").after(60));
        }
        all.insert(state.into_secret(), away);
        Ok(Departure { to: to.into(), browser })
    }

    /// Takes somebody back: who he is, by the claim that names users, and the page that he goes on to.
    pub(crate) async fn arrive(
        &self,
        back: Back<'_>,
        browser: Option<&str>,
    ) -> Result<(String, Option<String>), Problem> {
        let away = self.away.lock().unwrap_or_else(PoisonError::into_inner).remove(back.state);
        let his = |away: &Away| browser.is_some_and(|browser| secret::hash(browser) == away.browser);
        let Some(away) = away.filter(|away| away.since.elapsed() < AWAY && his(away)) else {
            let message = "这次单点登录不是从这里开始的，或已过时 (unknown or late)";
            return Err(refused("unknown-sign-in", message));
        };
        if back.issuer.is_some_and(|issuer| issuer != self.issuer()) {
            return Err(refused("wrong-issuer", "答复不是所设的身份提供方给的 (wrong issuer)"));
        }
        let code = back.code.map_err(|error| {
            warn!(error, "the identity provider did not sign somebody in");
            refused("not-signed-in", "身份提供方没有让您登录 (not signed in there)")
        })?;
        let about = self.about(KEPT).await?;
        let client = self.client(about)?;
        let request = client.exchange_code(AuthorizationCode::new(code.to_owned())).map_err(unfit)?;
        let tokens = request.set_pkce_verifier(away.verifier).request_async(&self.http).await.map_err(|error| {
            warn!(%error, "the identity provider did not take the code");
            match error {
                RequestTokenError::Request(_) => self.away_now(),
                _ => refused("code-refused", "身份提供方不认这次登录 (the code was refused)"),
            }
        })?;
        let claims = self.verified(&client, &tokens, &away.nonce).await?;
        Ok((self.named(&claims)?, away.to))
    }

    /// The claims of an ID token whose signature, issuer, audience, times and nonce hold.
    async fn verified(&self, client: &Client, tokens: &Tokens, nonce: &Nonce) -> Result<Value, Problem> {
        let untrue = |error: ClaimsVerificationError| {
            warn!(%error, "an ID token does not hold");
            refused("wrong-token", "身份提供方的令牌不成立 (the ID token does not hold)")
        };
        let token = tokens.id_token().ok_or_else(|| refused("wrong-token", "身份提供方没有给出 ID token"))?;
        let told = match token.claims(&client.id_token_verifier().set_allowed_algs(SIGNATURES), nonce) {
            // The provider may sign by a new key.
            Err(ClaimsVerificationError::SignatureVerification(_)) => {
                let client = self.client(self.about(Duration::ZERO).await?)?;
                let verifier = client.id_token_verifier().set_allowed_algs(SIGNATURES);
                token.claims(&verifier, nonce).map(serde_json::to_value).map_err(untrue)?
            }
            told => told.map(serde_json::to_value).map_err(untrue)?,
        };
        told.map_err(unfit)
    }

    /// The claim that names the user. An address that the provider has not verified names nobody.
    fn named(&self, claims: &Value) -> Result<String, Problem> {
        let claim = self.claim();
        let unverified = claim == "email" && claims["email_verified"] != Value::Bool(true);
        match claims.get(claim).and_then(Value::as_str) {
            Some(text) if !text.is_empty() && !unverified => Ok(text.to_owned()),
            _ => {
                warn!(claim, "the identity provider does not tell the claim that names users, or has not verified it");
                Err(refused("no-claim", &format!("身份提供方没有告知 {claim} (the claim is missing)")))
            }
        }
    }

    /// What the provider says of itself and its keys, as far as that is no older than so.
    async fn about(&self, older: Duration) -> Result<CoreProviderMetadata, Problem> {
        let mut about = self.about.lock().await;
        if let Some((_, known)) = about.as_ref().filter(|(since, _)| since.elapsed() < older) {
            return Ok(known.clone());
        }
        let asked = CoreProviderMetadata::discover_async(self.settings.issuer.clone(), &self.http).await;
        let known = asked.map_err(|error| {
            warn!(%error, "the identity provider does not tell of itself");
            self.away_now()
        })?;
        *about = Some((Instant::now(), known.clone()));
        Ok(known)
    }

    fn client(&self, about: CoreProviderMetadata) -> Result<Client, Problem> {
        let methods = about.token_endpoint_auth_methods_supported().cloned().unwrap_or_default();
        let basic = methods.is_empty() || methods.contains(&CoreClientAuthMethod::ClientSecretBasic);
        let how = if basic { AuthType::BasicAuth } else { AuthType::RequestBody };
        let id = ClientId::new(self.settings.client_id.clone());
        let secret = ClientSecret::new(self.settings.client_secret.clone());
        let back = self.settings.server.join(BACK).map_err(unfit)?;
        let client = openidconnect::Client::from_provider_metadata(about, id, Some(secret));
        Ok(client.set_redirect_uri(RedirectUrl::from_url(back)).set_auth_type(how))
    }

    fn away_now(&self) -> Problem {
        let message = "身份提供方没有答复 (the identity provider does not answer)";
        let cure = "稍后再试，或用密码登录；管理员查看服务的日志";
        Problem::new(StatusCode::SERVICE_UNAVAILABLE, "provider-away", message, cure).after(5)
    }
}

/// What the provider sends back.
pub(crate) struct Back<'a> {
    pub state: &'a str,
    pub issuer: Option<&'a str>,
    /// The code, or the word of an error.
    pub code: Result<&'a str, &'a str>,
}

fn refused(code: &str, message: &str) -> Problem {
    let cure = "从 /v1/sign-in/oidc 重新登录；仍不行的，找管理员";
    Problem::new(StatusCode::UNAUTHORIZED, code, message, cure)
}

/// What the settings or the provider say cannot be used.
fn unfit(error: impl std::fmt::Display) -> Problem {
    warn!(%error, "the identity provider cannot be used");
    let message = "单点登录的设置不能用 (unfit)";
    Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "provider-unfit", message, "管理员查看服务的日志")
}

/// The issuer of settings, in the provider's own type.
pub(super) fn issuer(text: &str) -> Result<IssuerUrl, String> {
    IssuerUrl::new(text.to_owned()).map_err(|error| error.to_string())
}
