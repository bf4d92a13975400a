//! Single sign-on through a real identity provider: panva's oidc-provider under node, walked as a browser does.
//!
//! It is installed from npm by its lock file, once a build folder. Where node or npm cannot do that, it is said and passed over,
//! but for CI.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};

use serde_json::json;
use server::access::{Access, First, Oidc, OidcSettings};

use crate::client::{Answered, send};
use crate::town::{Town, roles};

/// Where what npm has installed lies; nothing, where it cannot.
fn installed() -> Option<PathBuf> {
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/serve/oidc");
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("oidc-provider-9.13.3");
    if !folder.exists() {
        let part = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        for file in ["package.json", "package-lock.json"] {
            std::fs::copy(sources.join(file), part.path().join(file)).unwrap();
        }
        let mut npm = Command::new("npm");
        npm.args(["ci", "--silent", "--no-audit", "--no-fund", "--ignore-scripts"]).current_dir(part.path());
        if !npm.status().is_ok_and(|status| status.success()) {
            assert!(std::env::var_os("CI").is_none(), "npm cannot install oidc-provider");
            eprintln!("passed over: oidc-provider is not here (cure: node with npm, and the npm registry)");
            return None;
        }
        // Another run of the test may have been first.
        _ = std::fs::rename(part.keep(), &folder);
    }
    Some(folder)
}

/// An identity provider, until it is dropped.
struct Provider {
    child: Child,
    issuer: String,
    /// Held open: what it says later must go somewhere.
    _said: BufReader<ChildStdout>,
}

impl Provider {
    fn start(modules: &Path, back: &str, port: &str) -> Provider {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/serve/oidc/provider.mjs");
        let mut node = Command::new("node");
        node.arg(script).arg(modules.join("package.json")).args([back, port]);
        let mut child = node.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut issuer = String::new();
        let mut said = BufReader::new(child.stdout.take().unwrap());
        said.read_line(&mut issuer).unwrap();
        assert!(issuer.starts_with("http"), "the provider did not start on port {port}");
        Provider { child, issuer: issuer.trim().to_owned(), _said: said }
    }

    fn port(&self) -> &str {
        self.issuer.rsplit(':').next().unwrap()
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        _ = self.child.kill();
        _ = self.child.wait();
    }
}

/// A browser of a few lines: it keeps cookies by host, and goes where it is sent.
#[derive(Default)]
struct Browser {
    cookies: BTreeMap<(SocketAddr, String), String>,
}

impl Browser {
    fn ask(&mut self, method: &str, address: &str, form: &str) -> (u16, Option<String>, String) {
        let (host, path) = address.strip_prefix("http://").unwrap().split_once('/').unwrap();
        let to: SocketAddr = host.parse().unwrap();
        let mine = self.cookies.iter().filter(|((of, _), _)| *of == to);
        let cookies = mine.map(|((_, name), value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ");
        let request = format!(
            "{method} /{path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nCookie: {cookies}\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{form}",
            form.len()
        );
        let text = send(to, request.as_bytes()).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        let headers = || head.lines().filter_map(|line| line.split_once(": "));
        let named = |name: &'static str| headers().filter(move |(known, _)| known.eq_ignore_ascii_case(name));
        for (_, cookie) in named("set-cookie") {
            let (name, value) = cookie.split(';').next().unwrap().split_once('=').unwrap();
            self.cookies.insert((to, name.to_owned()), value.to_owned());
        }
        let location = named("location").next().map(|(_, to)| to.to_owned());
        let location = location.map(|to| if to.starts_with('/') { format!("http://{host}{to}") } else { to });
        (head.split(' ').nth(1).unwrap().parse().unwrap(), location, body.to_owned())
    }

    /// Goes on while it is sent on, to the provider's pages or back to the server, where it stops before it is there.
    fn follow(&mut self, mut address: String, server: &str) -> String {
        for _ in 0..10 {
            if address.starts_with(server) {
                return address;
            }
            match self.ask("GET", &address, "") {
                (_, Some(to), _) => address = to,
                _ => return address,
            }
        }
        panic!("sent in circles: {address}");
    }

    /// Signs in at the provider: gives the address that it sends back to.
    fn sign_in(&mut self, server: &str, who: &str) -> String {
        self.sign_in_by(server, who, |away| away)
    }

    /// The same, where the address of the provider is changed on the way there.
    fn sign_in_by(&mut self, server: &str, who: &str, change: impl FnOnce(String) -> String) -> String {
        self.sign_in_from(server, "/v1/sign-in/oidc", who, change)
    }

    /// The same, from an address of the server.
    fn sign_in_from(&mut self, server: &str, from: &str, who: &str, change: impl FnOnce(String) -> String) -> String {
        let (status, away, body) = self.ask("GET", &format!("{server}{from}"), "");
        assert_eq!(status, 303, "{body}");
        let away = away.unwrap();
        for part in ["response_type=code", "code_challenge_method=S256", "nonce=", "state=", "scope=openid"] {
            assert!(away.contains(part), "{away}");
        }
        let mut at = self.follow(change(away), server);
        for form in [format!("prompt=login&login={who}&password=x"), "prompt=consent".to_owned()] {
            if at.starts_with(server) {
                break;
            }
            let (_, next, body) = self.ask("POST", &at, &form);
            at = self.follow(next.unwrap_or_else(|| panic!("{at}: {body}")), server);
        }
        at
    }

    fn arrive(&mut self, address: &str) -> Answered {
        self.arrive_as(address, "")
    }

    /// The same, with more headers.
    fn arrive_as(&mut self, address: &str, headers: &str) -> Answered {
        let (host, path) = address.strip_prefix("http://").unwrap().split_once('/').unwrap();
        let to: SocketAddr = host.parse().unwrap();
        let mine = self.cookies.iter().find(|((of, _), _)| *of == to);
        let cookie = mine.map_or(String::new(), |((_, name), value)| format!("Cookie: {name}={value}\r\n"));
        let request = format!("GET /{path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{cookie}{headers}\r\n");
        Answered::read(&send(to, request.as_bytes()).unwrap())
    }
}

fn settings(folder: &Path, issuer: &str, server: &str) -> Oidc {
    let (file, secret) = (folder.join("oidc.toml"), folder.join("oidc.secret"));
    std::fs::write(&secret, "hush\n").unwrap();
    std::fs::set_permissions(&secret, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    let text = format!(
        "issuer = \"{issuer}\"\nclient_id = \"tongchou\"\nclient_secret_file = \"oidc.secret\"\nserver = \"{server}\"\nclaim = \"worker\"\n"
    );
    std::fs::write(&file, text).unwrap();
    Oidc::new(OidcSettings::read(&file).unwrap()).unwrap()
}

#[test]
fn who_signs_in_at_the_provider_is_the_user_that_the_books_say() {
    let Some(modules) = installed() else { return };
    let often = || roles(&[("per_minute = 10", "per_minute = 1000")]);
    let mut town = Town::empty("chongqing", often());
    let admin = town.admin();
    assert_eq!(town.get("/v1/sign-in/oidc", "").problem(404), "no-oidc");
    let server = format!("http://{}", town.to);
    let back = format!("{server}/v1/sign-in/oidc/back");
    let provider = Provider::start(&modules, &back, "0");
    let (issuer, port) = (provider.issuer.clone(), provider.port().to_owned());
    let oidc = settings(town.folder(), &issuer, &server);
    town.restart(Access::new(often(), First::none()).with_oidc(Some(oidc)));

    // Known to the provider, to nobody here.
    let unknown = Browser::default().through(&server, "li");
    assert_eq!(unknown.problem(403), "unknown-subject");
    assert!(unknown.body.contains("w-li"), "he is told who he is there, to tell the administrator");
    town.post("/v1/user/add", &admin, &json!({ "name": "li", "role": "counter" })).good();
    let in_vain = town.post("/v1/sign-in", "", &json!({ "name": "li", "password": "" }));
    assert_eq!(in_vain.problem(422), "bad-field");
    let in_vain = town.post("/v1/sign-in", "", &json!({ "name": "li", "password": "no password at all" }));
    assert_eq!(in_vain.problem(401), "wrong-password", "who has no password signs in by none");
    let bind = json!({ "name": "li", "issuer": issuer, "subject": "w-li" });
    town.post("/v1/user/bind", &admin, &bind).good();

    let mut browser = Browser::default();
    let address = browser.sign_in(&server, "li");
    let signed_in = browser.arrive(&address);
    assert_eq!(signed_in.header("cache-control"), Some("no-store"));
    let token = signed_in.good()["token"].as_str().unwrap().to_owned();
    let me = town.get("/v1/me", &token).good();
    assert_eq!((&me["name"], &me["role"]), (&json!("li"), &json!("counter")));

    assert_eq!(browser.arrive(&address).problem(401), "unknown-sign-in", "an answer of the provider is good once");
    // Who came from a page goes on to it, and to no other server's; a browser is told by a page why he does not.
    for (to, ends) in [("/counter?of=a", "li goes on to /counter?of=a"), ("//evil.example", "\"name\":\"li\"")] {
        let mut browser = Browser::default();
        let to = to.replace('?', "%3F").replace('=', "%3D");
        let address = browser.sign_in_from(&server, &format!("/v1/sign-in/oidc?to={to}"), "li", |away| away);
        let page = browser.arrive_as(&address, "Accept: text/html\r\n");
        assert!(page.status == 200 && page.body.contains(ends), "{page:?}");
        let again = browser.arrive_as(&address, "Accept: text/html\r\n");
        assert_eq!(again.body, "a page says unknown-sign-in");
    }
    let stolen = Browser::default().sign_in_of(&server, "li");
    assert_eq!(Browser::default().arrive(&stolen).problem(401), "unknown-sign-in", "and in the browser that began");
    let (mut mine, mut other) = (Browser::default(), Browser::default());
    let (own, foreign) = (mine.sign_in(&server, "li"), other.sign_in(&server, "zhao"));
    let code = |address: &str| address.split("code=").nth(1).unwrap().split('&').next().unwrap().to_owned();
    let swapped = own.replace(&code(&own), &code(&foreign));
    assert_eq!(mine.arrive(&swapped).problem(401), "code-refused", "another's code does not fit the proof of this one");
    // Tokens of the provider, truly signed for this client and this person, but not for this sign-in: of another, and of none.
    for forged in ["&nonce=another", ""] {
        let other = |away: String| {
            let (before, rest) = away.split_once("&nonce=").unwrap();
            let after = rest.find('&').map_or("", |end| &rest[end..]);
            format!("{before}{forged}{after}")
        };
        let mut browser = Browser::default();
        let address = browser.sign_in_by(&server, "li", other);
        assert!(address.contains("code="), "the provider signs him in: {address}");
        assert_eq!(browser.arrive(&address).problem(401), "wrong-token", "{forged}");
    }
    let mut refusing = Browser::default();
    let (_, away, _) = refusing.ask("GET", &format!("{server}/v1/sign-in/oidc"), "");
    let page = refusing.follow(away.unwrap(), &server);
    let refused = refusing.follow(format!("{page}/abort"), &server);
    assert_eq!(refusing.arrive(&refused).problem(401), "not-signed-in");

    // The provider signs by a new key.
    drop(provider);
    let provider = Provider::start(&modules, &back, &port);
    Browser::default().through(&server, "li").good();

    town.post("/v1/user/unbind", &admin, &json!({ "name": "li", "reason": "调岗" })).good();
    assert_eq!(town.get("/v1/me", &token).problem(401), "not-signed-in", "what he was signed in with ends");
    assert_eq!(Browser::default().through(&server, "li").problem(403), "unknown-subject");

    let mut late = Browser::default();
    let address = late.sign_in(&server, "li");
    drop(provider);
    let gone = late.arrive(&address);
    assert_eq!(gone.problem(503), "provider-away");
    assert!(gone.header("retry-after").is_some());
}

impl Browser {
    fn through(&mut self, server: &str, who: &str) -> Answered {
        let address = self.sign_in(server, who);
        self.arrive(&address)
    }

    fn sign_in_of(mut self, server: &str, who: &str) -> String {
        self.sign_in(server, who)
    }
}
