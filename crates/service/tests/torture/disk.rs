//! A disk so small that it can be filled: a tmpfs that a process mounts for itself alone.
//!
//! It takes no rights on a Linux that lets anybody have a namespace of his own (`unshare`); the mount ends with the process.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The variable that tells a trial where its small disk is.
const FOLDER: &str = "TORTURE_SMALL_DISK";

/// Mounts a disk of size `$1` at `$2`, seen by nobody else, and runs the words that follow as the user who asked.
/// Root stays root, so that a database server can still be given to its own user.
const MOUNTED: &str = r#"
size=$1 folder=$2 user=$(id -u) group=$(id -g); shift 2
mounted='mount -t tmpfs -o size='$size' tmpfs "$0" && exec "$@"'
if [ "$user" = 0 ]; then exec unshare --mount sh -c "$mounted" "$folder" "$@"; fi
exec unshare --map-root-user --mount sh -c "$mounted" "$folder" \
    unshare --user --map-user="$user" --map-group="$group" "$@"
"#;

/// A small disk, mounted.
pub struct Small(PathBuf);

/// A file that takes all the room there is; when it is dropped there is room again.
pub struct Ballast(PathBuf);

/// Runs a trial, which is a test of this name, in a process of its own that has a small disk; says so on the standard error,
/// past the test runner, where no disk can be mounted.
pub fn on_a_small_one(name: &str, megabytes: u64, trial: impl FnOnce(&Small)) {
    if let Some(folder) = std::env::var_os(FOLDER) {
        return trial(&Small(folder.into()));
    }
    let folder = tempfile::tempdir().unwrap();
    let mounted = |program: &Path| {
        let mut command = Command::new("sh");
        command.args(["-c", MOUNTED, "sh", &format!("{megabytes}m")]).arg(folder.path()).arg(program);
        command.env(FOLDER, folder.path());
        command
    };
    let probe = mounted(Path::new("true")).stderr(Stdio::null()).status();
    if !probe.is_ok_and(|status| status.success()) {
        let cure = "run it as root, or where unprivileged user namespaces are allowed";
        _ = writeln!(std::io::stderr(), "{name}: PASSED OVER, no small disk can be mounted here; {cure}");
        return;
    }
    let itself = std::env::current_exe().unwrap();
    let status = mounted(&itself).args(["--exact", name, "--nocapture", "--test-threads=1"]).status().unwrap();
    assert!(status.success(), "see above");
}

impl Small {
    /// Where it is.
    pub fn folder(&self) -> &Path {
        &self.0
    }

    /// Takes all the room but so many megabytes.
    pub fn fill(&self, but: u64) -> Ballast {
        let ballast = Ballast(self.folder().join("ballast"));
        ballast.fill(but);
        ballast
    }
}

impl Ballast {
    /// Takes the room that there is again, but so many megabytes.
    pub fn fill(&self, but: u64) {
        let mut file = File::options().create(true).append(true).open(&self.0).unwrap();
        while file.write_all(&[0; 4_096]).is_ok() {}
        let size = file.metadata().unwrap().len();
        file.set_len(size.saturating_sub(but << 20)).unwrap();
    }
}

impl Drop for Ballast {
    fn drop(&mut self) {
        _ = std::fs::remove_file(&self.0);
    }
}
