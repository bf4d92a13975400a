//! Against forms that another site sends: each visitor has a secret in a cookie that no other site's request carries, and each
//! form the hash of it. A browser that says by itself that a request comes from another site is refused before that.

use axum::http::HeaderMap;
use axum::http::header::{COOKIE, HOST, ORIGIN};
use sha2::{Digest as _, Sha256};

/// The visitor's secret.
pub const VISIT: &str = "tongchou-visit";
/// The session of who has signed in.
pub const SESSION: &str = "tongchou-session";
/// The field of a form; no field of a command has a hyphen.
pub const FIELD: &str = "form-token";

/// A cookie of a request.
pub fn cookie<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    let all = headers.get_all(COOKIE).iter().filter_map(|header| header.to_str().ok());
    let mut pairs = all.flat_map(|header| header.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(known, _)| *known == name).map(|(_, text)| text)
}

/// What a browser is told to keep; for how long in seconds, or until it is closed.
pub fn kept(name: &str, text: &str, seconds: Option<u64>, secure: bool) -> String {
    let age = seconds.map_or_else(String::new, |seconds| format!("; Max-Age={seconds}"));
    let secure = if secure { "; Secure" } else { "" };
    format!("{name}={text}; Path=/; HttpOnly; SameSite=Strict{age}{secure}")
}

/// A new secret; nothing, when the system gives no random bytes.
pub fn secret() -> Option<String> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).ok()?;
    Some(hex(&bytes))
}

/// What a form carries for a visitor's secret.
pub fn of(secret: &str) -> String {
    hex(&Sha256::digest(format!("form {secret}").as_bytes()))
}

/// Whether a form was made for this visitor, and sent by a page of this server.
pub fn holds(headers: &HeaderMap, given: &str) -> bool {
    let Some(secret) = cookie(headers, VISIT).filter(|secret| secret.len() == 64) else { return false };
    // Hashes are compared: what time tells of them tells nothing of the secret.
    from_here(headers) && hex(&Sha256::digest(of(secret))) == hex(&Sha256::digest(given))
}

fn from_here(headers: &HeaderMap) -> bool {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let site = text("sec-fetch-site").is_none_or(|site| site == "same-origin");
    let host = text(HOST.as_str()).unwrap_or_default();
    let origin = text(ORIGIN.as_str()).is_none_or(|origin| origin.split_once("://").is_some_and(|(_, at)| at == host));
    site && origin
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| ((*name).parse().unwrap(), value.parse().unwrap())).collect()
    }

    #[test]
    fn a_form_is_taken_from_its_own_visitor_and_site_only() {
        let secret = secret().unwrap();
        let visit = format!("a=b; {VISIT}={secret}");
        let good = of(&secret);
        let here =
            [("cookie", visit.as_str()), ("host", "h:1"), ("origin", "http://h:1"), ("sec-fetch-site", "same-origin")];
        assert!(holds(&headers(&here), &good));
        assert!(holds(&headers(&here[..2]), &good), "an old browser says neither");
        assert!(!holds(&headers(&here[1..]), &good), "no visitor");
        assert!(!holds(&headers(&here), &of("another")));
        assert!(!holds(&headers(&[here[0], here[1], ("origin", "http://evil")]), &good));
        assert!(!holds(&headers(&[here[0], here[1], ("sec-fetch-site", "cross-site")]), &good));
    }
}
