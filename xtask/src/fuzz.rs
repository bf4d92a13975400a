//! `fuzz`: the REST API against its own OpenAPI document, by schemathesis: what is made up from the document is answered as the
//! document says, what breaks it is refused, and nothing ends in an error of the server.
//!
//! And what it gives as FHIR against the models of fhir.resources.
//!
//! The tools come from PyPI into a folder below `target/`. Where it cannot be had, that is said and passed over: the tests of
//! the server hold the document itself.

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::{run, venv};

const TOOLS: [&str; 2] = ["schemathesis==4.32.5", "fhir.resources==8.3.0"];
const PASSWORD: &str = "only for this run";

/// Paths that would sign the run itself out, or count against its own limits.
const LEFT_OUT: &str = "^/v1/(sign-in.*|sign-out|user/.*|key/.*)$";

/// What is held to: all but that semantics may refuse what the schema allows.
const LEAVES: &str = "unsupported_method,positive_data_acceptance";

/// Runs it.
pub fn run() -> Result<()> {
    let folder = run::root()?.join("target/fuzz");
    fs::create_dir_all(&folder)?;
    let Some(tools) = venv::with(&folder.join("venv"), &TOOLS.map(str::to_owned))? else {
        eprintln!("passed over: schemathesis and fhir.resources are not here (cure: python3 with venv, and PyPI)");
        return Ok(());
    };
    for old in ["fuzz.db", "fuzz.db.key", "fuzz.db-wal", "fuzz.db-shm"] {
        _ = fs::remove_file(folder.join(old));
    }
    let roles = folder.join("roles.toml");
    fs::write(&roles, tester()?)?;
    let mut server = run::tongchou(&["serve", "--lang", "en", "--listen", "127.0.0.1:0", "--log", "json"])?;
    server.arg("--db").arg(folder.join("fuzz.db")).arg("--roles").arg(&roles);
    run::say(&server);
    let mut server = Server(server.stdout(Stdio::piped()).stderr(fs::File::create(folder.join("log.jsonl"))?).spawn()?);
    let (address, first) = ready(&mut server.0)?;
    let token = signed_in(&address, &first)?;
    let mut fhir = Command::new(tools.join("python"));
    fhir.arg(run::root()?.join("xtask/src/check_fhir.py")).args([&address, &token]);
    run::go(fhir)?;
    let mut command = Command::new(tools.join("st"));
    command.args(["run", &format!("{address}/openapi.json"), "-H", &format!("Authorization: Bearer {token}")]);
    command.args(["--max-examples", "4", "--workers", "1", "--phases", "coverage,fuzzing", "--request-timeout", "20"]);
    command.args(["--exclude-path-regex", LEFT_OUT, "--exclude-checks", LEAVES, "--max-time", "150"]);
    command.current_dir(&folder);
    if !command.status()?.success() {
        bail!(
            "the API does not do what its document says; the requests are above, the log is in target/fuzz/log.jsonl"
        );
    }
    Ok(())
}

/// The server, which ends with the run.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        _ = self.0.kill();
        _ = self.0.wait();
    }
}

/// The roles of the program, and one that may use every verb which any role may.
fn tester() -> Result<String> {
    let carried = fs::read_to_string(run::root()?.join("crates/server/src/access/roles.toml"))?;
    let mut verbs: Vec<&str> = Vec::new();
    let lists = |line: &&str| !["#", "zh", "en"].iter().any(|start| line.starts_with(start)) && line.contains(',');
    let roles = carried.split_once("[role.").map_or("", |(_, roles)| roles);
    for line in roles.lines().take_while(|line| !line.starts_with("[[second]]")).filter(lists) {
        verbs.extend(line.split('"').skip(1).step_by(2).filter(|word| word.contains(' ') && word.is_ascii()));
    }
    let any = verbs.iter().map(|verb| format!("\"{verb}\"")).collect::<Vec<_>>().join(", ");
    Ok(format!("{carried}\n[role.tester]\nzh = \"试\"\nen = \"for this run\"\nany = [{any}]\nper_second = 100000\n"))
}

/// Waits until the server says where it is and by which token one begins.
fn ready(server: &mut Child) -> Result<(String, String)> {
    let (mut address, output) = (None, server.stdout.take().context("stdout is piped")?);
    for line in BufReader::new(output).lines() {
        let line = line?;
        let word = |start: &str| line.split_whitespace().find(|word| word.starts_with(start)).map(str::to_owned);
        address = address.or_else(|| word("http://"));
        if let (Some(address), Some(token)) = (&address, word("tca_")) {
            return Ok((address.clone(), token));
        }
    }
    bail!("the server ended before it was ready; see target/fuzz/log.jsonl")
}

fn signed_in(address: &str, first: &str) -> Result<String> {
    let post = |path: &str, token: &str, body: serde_json::Value| -> Result<serde_json::Value> {
        let mut curl = Command::new("curl");
        curl.args(["-sS", "-X", "POST", &format!("{address}{path}"), "-H", "Content-Type: application/json"]);
        curl.args(["-H", &format!("Authorization: Bearer {token}"), "-d", &body.to_string()]);
        serde_json::from_str(&run::text(curl)?).with_context(|| format!("POST {path}"))
    };
    let token = |answer: serde_json::Value| answer["token"].as_str().map(str::to_owned).context("signed in");
    let user = |name: &str| serde_json::json!({ "name": name, "password": PASSWORD });
    let with = |name: &str, field: &str, value: &str| {
        let mut body = user(name);
        body[field] = value.into();
        body
    };
    post("/v1/sign-in/first", "", with("admin", "token", first))?;
    let admin = token(post("/v1/sign-in", "", user("admin"))?)?;
    post("/v1/user/add", &admin, with("tester", "role", "tester"))?;
    token(post("/v1/sign-in", "", user("tester"))?)
}
