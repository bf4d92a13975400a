//! How an identity provider is reached: a small TOML file, and beside it the file with the client's secret.

use std::path::Path;

use openidconnect::IssuerUrl;
use openidconnect::url::Url;
use serde::Deserialize;
use service::Trouble;

/// Settings that hold.
pub struct Settings {
    pub(super) issuer: IssuerUrl,
    pub(super) client_id: String,
    pub(super) client_secret: String,
    /// Under which address browsers reach this server.
    pub(super) server: Url,
    pub(super) claim: String,
    pub(super) scopes: Vec<String>,
}

/// As the file has them.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    issuer: String,
    client_id: String,
    client_secret_file: String,
    server: String,
    #[serde(default = "sub")]
    claim: String,
    #[serde(default)]
    scopes: Vec<String>,
}

fn sub() -> String {
    "sub".to_owned()
}

impl Settings {
    /// Reads settings and the secret that they name, by a path from the file's own folder.
    ///
    /// # Errors
    /// When a file cannot be read, says what it must not, or the secret's can be read by others.
    pub fn read(file: &Path) -> Result<Settings, Trouble> {
        let bad = |what: String| {
            let message = format!("单点登录的设置 {} 不能用 (OpenID Connect)：{what}", file.display());
            Trouble::new("bad-oidc", message, "docs/guide/serve.md 说明各项")
        };
        let text = std::fs::read_to_string(file).map_err(|error| bad(error.to_string()))?;
        let raw: Raw = toml::from_str(&text).map_err(|error| bad(error.to_string()))?;
        let address = |name: &str, text: &str| {
            let url = Url::parse(text).map_err(|error| bad(format!("{name}：{error}")))?;
            let here = url.host_str().is_some_and(|host| ["127.0.0.1", "[::1]", "localhost"].contains(&host));
            match url.scheme() {
                "https" => Ok(url),
                "http" if here => Ok(url),
                _ => Err(bad(format!("{name}：写 https:// 的地址（只有本机可用 http）"))),
            }
        };
        address("issuer", &raw.issuer)?;
        let server = address("server", &raw.server)?;
        if raw.client_id.is_empty() || raw.claim.is_empty() {
            return Err(bad("client_id、claim 不能为空".to_owned()));
        }
        let secret = file.parent().unwrap_or(Path::new(".")).join(&raw.client_secret_file);
        let client_secret = service::read_private(&secret)?;
        let issuer = super::oidc::issuer(&raw.issuer).map_err(bad)?;
        Ok(Settings { issuer, client_id: raw.client_id, client_secret, server, claim: raw.claim, scopes: raw.scopes })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "issuer = \"https://id.example.cn\"\nclient_id = \"t\"\nclient_secret_file = \"s\"\nserver = \"https://yb.example.cn\"\n";

    fn check(text: &str, mode: u32, expected: Result<(), &str>) {
        let folder = tempfile::tempdir().unwrap();
        let (file, secret) = (folder.path().join("oidc.toml"), folder.path().join("s"));
        std::fs::write(&file, text).unwrap();
        std::fs::write(&secret, "hush\n").unwrap();
        let rights = std::os::unix::fs::PermissionsExt::from_mode(mode);
        std::fs::set_permissions(&secret, rights).unwrap();
        match (Settings::read(&file), expected) {
            (Ok(settings), Ok(())) => {
                assert_eq!((settings.client_secret.as_str(), settings.claim.as_str()), ("hush", "sub"))
            }
            (Err(trouble), Err(part)) => assert!(trouble.to_string().contains(part), "{trouble}"),
            (read, _) => panic!("{text} {mode:o}: {:?}", read.err()),
        }
    }

    #[test]
    fn settings_are_refused_with_place_and_cure() {
        check(GOOD, 0o600, Ok(()));
        check(GOOD, 0o640, Err("chmod 600"));
        check(GOOD, 0o604, Err("chmod 600"));
        check(&GOOD.replace("https://id", "http://id"), 0o600, Err("issuer"));
        check(&GOOD.replace("https://yb", "ftp://yb"), 0o600, Err("server"));
        check(&GOOD.replace("client_id", "client_secret = \"x\"\nclient_id"), 0o600, Err("client_secret"));
        check(&GOOD.replace("\"s\"", "\"none\""), 0o600, Err("none"));
        check("issuer = 1", 0o600, Err("bad-oidc"));
    }
}
