//! A real PostgreSQL for tests: made in a folder of its own, reached by its own socket and port, gone afterwards.
//!
//! The server syncs to the disk as in production: what is tested is durability. A keeper process waits for the end of the
//! test process, however that comes, then stops the server and removes its folder.

use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::parent_id;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread::sleep;
use std::time::{Duration, Instant};
use std::{env, fs, net, process};

/// What is said where there is no PostgreSQL.
const CURE: &str = "these tests need PostgreSQL 14 or newer (initdb, pg_ctl and psql in PATH or in \
                    /usr/lib/postgresql/*/bin): apt-get install postgresql";

/// The name of the role that owns everything.
const OWNER: &str = "postgres";

/// A running server.
pub struct Server {
    folder: PathBuf,
    programs: PathBuf,
    /// Words before a command, so that it runs as a user whom PostgreSQL accepts.
    as_user: Vec<String>,
    port: u16,
    databases: AtomicU32,
    /// None where the server is another process's as well.
    keeper: Option<Child>,
}

impl Server {
    /// Makes and starts a server.
    pub fn start() -> Server {
        Server::start_in(&env::temp_dir(), "")
    }

    /// Makes and starts a server whose files are all below a folder, which may be a disk of its own, with more settings in
    /// the words of `postgresql.conf`.
    pub fn start_in(parent: &Path, settings: &str) -> Server {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("tongchou-pg-{}-{}", process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let mut server = Server::new(parent.join(name), free_port());
        server.make(settings);
        server.keeper = Some(server.keep(UNTIL_CLOSED, &[]));
        server.resume();
        server
    }

    /// From now on the server speaks TLS with this certificate and key (PEM) to who wishes.
    pub fn speak_tls(&self, certificate: &str, key: &str) {
        for (name, text) in [("server.crt", certificate), ("server.key", key)] {
            let path = self.folder.join("data").join(name);
            fs::write(&path, text).expect("the server's folder can be written");
            fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).expect("rights can be set");
            let (_, owner) = server_user();
            if let Some((user, group)) = owner {
                chown(&path, Some(user), Some(group)).expect("root may give a file away");
            }
        }
        self.sql(OWNER, "ALTER SYSTEM SET ssl = on");
        self.sql(OWNER, "SELECT pg_reload_conf()");
    }

    /// The server that all tests of this process share, or of this run of nextest, each with a database of its own.
    pub fn shared() -> &'static Server {
        static SHARED: OnceLock<Server> = OnceLock::new();
        SHARED.get_or_init(|| match env::var("NEXTEST_RUN_ID") {
            Ok(run) => Server::of_run(&run),
            Err(_) => Server::start(),
        })
    }

    /// The first test of a run makes the server, the others find it by the port it wrote down.
    fn of_run(run: &str) -> Server {
        let name = format!("tongchou-pg-{}", run.split('-').next().unwrap_or(run));
        let lock = fs::File::create(env::temp_dir().join(format!("{name}.lock"))).expect("a lock file can be made");
        lock.lock().expect("a file can be locked");
        let folder = env::temp_dir().join(&name);
        let ready = folder.join("ready");
        let port = fs::read_to_string(&ready).ok().and_then(|port| port.parse().ok());
        let server = Server::new(folder, port.unwrap_or_else(free_port));
        if port.is_none() {
            server.make("");
            // Not a child to wait for: it outlives this test.
            drop(server.keep(UNTIL_PARENT_ENDS, &[("RUNNER", parent_id().to_string())]));
            server.resume();
            fs::write(&ready, server.port.to_string()).expect("the server's folder can be written");
        }
        server
    }

    fn new(folder: PathBuf, port: u16) -> Server {
        let (as_user, owner) = server_user();
        if !folder.join("ready").exists() {
            give(&folder, owner);
        }
        Server { folder, programs: programs(), as_user, port, databases: AtomicU32::new(0), keeper: None }
    }

    /// Makes an empty database and gives its URL.
    pub fn database(&self) -> String {
        let count = self.databases.fetch_add(1, Ordering::Relaxed);
        let name = format!("books_{}_{count}", process::id());
        self.sql(OWNER, &format!("CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'"));
        self.url(&name)
    }

    /// The URL of a database, by the socket.
    pub fn url(&self, database: &str) -> String {
        let socket = self.folder.display().to_string().replace('/', "%2F");
        format!("postgres://{OWNER}@{socket}:{}/{database}", self.port)
    }

    /// The URL of the same database, by the network of this machine.
    pub fn tcp_url(&self, url: &str) -> String {
        format!("postgres://{OWNER}@127.0.0.1:{}/{}", self.port, database_of(url))
    }

    /// The port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Runs SQL beside the program under test, as the owner; gives the rows as psql prints them bare.
    pub fn sql(&self, database: &str, sql: &str) -> String {
        let (code, text) = self.try_sql(database, sql);
        assert!(code, "psql failed: {sql}\n{text}");
        text
    }

    /// The same where it may fail: whether it went well, and what psql said.
    pub fn try_sql(&self, database: &str, sql: &str) -> (bool, String) {
        let port = self.port.to_string();
        let mut psql = Command::new(self.programs.join("psql"));
        psql.args(["--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--set=ON_ERROR_STOP=1", "-U", OWNER])
            .args(["-h", &self.folder.display().to_string(), "-p", &port, "-d", database_of(database), "-c", sql]);
        let output = psql.output().expect(CURE);
        let text = [output.stdout, output.stderr].concat();
        (output.status.success(), String::from_utf8_lossy(&text).trim().to_string())
    }

    /// How many connections a database has, this question not counted.
    pub fn connections(&self, url: &str) -> usize {
        let sql = format!(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = '{}' AND pid <> pg_backend_pid()",
            database_of(url)
        );
        self.sql(OWNER, &sql).parse().expect("a count")
    }

    /// Cuts every connection to a database, as an administrator may.
    pub fn disconnect(&self, url: &str) {
        let sql =
            format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{}'", database_of(url));
        self.sql(OWNER, &sql);
    }

    /// Stops the server as a power cut would, and starts it again: it recovers from its log. Everybody's connections end,
    /// so this is for a server of one's own ([`Server::start`]).
    pub fn restart_immediate(&self) {
        self.halt();
        self.resume();
    }

    /// Stops the server as a power cut would.
    pub fn halt(&self) {
        self.pg_ctl(&["-m", "immediate", "-w", "stop"]);
    }

    /// Starts the server, when it is stopped.
    pub fn resume(&self) {
        let log = self.folder.join("log").display().to_string();
        self.pg_ctl(&["-l", &log, "-w", "-t", "120", "start"]);
    }

    /// Brings the server back to where it answers, if it is down or recovering.
    pub fn recover(&self) {
        let deadline = Instant::now() + Duration::from_secs(120);
        while !self.try_sql(OWNER, "SELECT 1").0 {
            assert!(Instant::now() < deadline, "the server does not come back\n{}", self.log());
            let (runs, _) = self.try_run("pg_ctl", &["-D", &self.data(), "-s", "status"]);
            if !runs {
                self.resume();
            }
            sleep(Duration::from_millis(100));
        }
    }

    /// What pgbench says of a database, asked with these words.
    pub fn pgbench(&self, url: &str, words: &[&str]) -> String {
        let port = self.port.to_string();
        let place = ["-h", "127.0.0.1", "-p", &port, "-U", OWNER];
        let (well, said) = self.try_run("pgbench", &[&place, words, &[database_of(url)]].concat());
        assert!(well, "pgbench failed: {said}");
        said
    }

    /// The server's log.
    pub fn log(&self) -> String {
        fs::read_to_string(self.folder.join("log")).unwrap_or_default()
    }

    fn make(&self, more: &str) {
        let data = self.data();
        self.run("initdb", &["-D", &data, "-U", OWNER, "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync"]);
        let settings = format!(
            "port = {}\nlisten_addresses = '127.0.0.1'\nunix_socket_directories = '{}'\nmax_connections = 200\n{more}\n",
            self.port,
            self.folder.display()
        );
        let path = self.folder.join("data/postgresql.conf");
        let text = fs::read_to_string(&path).expect("initdb wrote its settings");
        fs::write(&path, text + &settings).expect("its settings can be written");
    }

    fn data(&self) -> String {
        self.folder.join("data").display().to_string()
    }

    fn pg_ctl(&self, words: &[&str]) {
        let data = self.data();
        self.run("pg_ctl", &[&["-D", &data, "-s"], words].concat());
    }

    fn run(&self, program: &str, words: &[&str]) {
        let (well, said) = self.try_run(program, words);
        assert!(well, "{program} failed: {said}\n{}\n{CURE}", self.log());
    }

    /// Whether it went well, and what the program said.
    fn try_run(&self, program: &str, words: &[&str]) -> (bool, String) {
        let mut command = command(&self.as_user, &self.programs.join(program));
        // Files, not pipes: a started server would hold a pipe open for ever.
        let said = self.folder.join("said");
        let file = fs::File::create(&said).expect("the server's folder can be written");
        let errors = file.try_clone().expect("a file can be shared");
        let status = command.args(words).stdin(Stdio::null()).stdout(file).stderr(errors).status().expect(CURE);
        (status.success(), fs::read_to_string(&said).unwrap_or_default())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(mut keeper) = self.keeper.take() {
            drop(keeper.stdin.take());
            let _ = keeper.wait();
        }
    }
}

/// Until the end of the test process closes its end of the pipe.
const UNTIL_CLOSED: &str = "read -r _";
/// Until the runner is gone.
const UNTIL_PARENT_ENDS: &str = r#"while kill -0 "$RUNNER" 2>/dev/null; do sleep 0.2; done"#;

impl Server {
    /// Starts a process that waits, then clears away.
    fn keep(&self, until: &str, values: &[(&str, String)]) -> Child {
        let clear = r#""$@" -m immediate -s stop >/dev/null 2>&1; rm -rf "$KEPT" "$KEPT.lock""#;
        let mut words = self.as_user.clone();
        words.extend([self.programs.join("pg_ctl").display().to_string(), "-D".to_string(), self.data()]);
        let mut shell = Command::new("sh");
        shell.args(["-c", &format!("trap '' INT TERM HUP; {until}; {clear}"), "keeper"]).args(words);
        shell.env("KEPT", &self.folder).envs(values.iter().cloned());
        shell.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("sh can be started")
    }
}

fn command(as_user: &[String], program: &Path) -> Command {
    match as_user {
        [] => Command::new(program),
        [first, rest @ ..] => {
            let mut command = Command::new(first);
            command.args(rest).arg(program);
            command
        }
    }
}

/// The folder with the newest server's programs.
fn programs() -> PathBuf {
    let has_all = |folder: &PathBuf| ["initdb", "pg_ctl", "psql"].iter().all(|name| folder.join(name).exists());
    let in_path = env::split_paths(&env::var_os("PATH").unwrap_or_default()).find(has_all);
    in_path.or_else(|| installed().into_iter().rev().find(has_all)).expect(CURE)
}

/// Debian keeps the programs of each version apart from the path.
fn installed() -> Vec<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut versions: Vec<(u32, PathBuf)> = versions
        .filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, entry.path().join("bin"))))
        .collect();
    versions.sort();
    versions.into_iter().map(|(_, folder)| folder).collect()
}

/// PostgreSQL does not run as root: then it runs as its own user.
fn server_user() -> (Vec<String>, Option<(u32, u32)>) {
    if id(&["-u"]) != Some(0) {
        return (Vec::new(), None);
    }
    let (user, group) = (id(&["-u", OWNER]).expect(CURE), id(&["-g", OWNER]).expect(CURE));
    let words = ["setpriv", "--reuid", &user.to_string(), "--regid", &group.to_string(), "--clear-groups"];
    (words.map(str::to_string).to_vec(), Some((user, group)))
}

fn id(words: &[&str]) -> Option<u32> {
    let output = Command::new("id").args(words).stderr(Stdio::null()).output().ok()?;
    String::from_utf8_lossy(&output.stdout).trim().parse().ok()
}

/// Makes a folder anew, for the server's user. Its path must be short: a socket's may have a hundred letters.
fn give(folder: &Path, owner: Option<(u32, u32)>) {
    let _ = fs::remove_dir_all(folder); // of a process long gone that had this number
    fs::create_dir(folder).expect("the folder for temporary files can be written");
    if let Some((user, group)) = owner {
        chown(folder, Some(user), Some(group)).expect("root may give a folder away");
    }
}

fn free_port() -> u16 {
    let socket = net::TcpListener::bind(("127.0.0.1", 0)).expect("a free port on 127.0.0.1");
    socket.local_addr().expect("a bound socket has an address").port()
}

/// Of a URL, or the name itself.
fn database_of(url: &str) -> &str {
    url.rsplit('/').next().unwrap_or(url)
}
