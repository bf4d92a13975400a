//! A disk so small that it can be filled: a tmpfs of a few megabytes, where the tests run as root.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

/// A small disk, gone when it is dropped.
pub struct Small {
    folder: TempDir,
}

/// A file that takes all the room there is; when it is dropped there is room again.
pub struct Ballast(PathBuf);

impl Small {
    /// Mounts a disk of so many megabytes; nothing where that is not allowed.
    pub fn mount(megabytes: u32) -> Option<Small> {
        let folder = tempfile::tempdir().unwrap();
        let size = format!("size={megabytes}m");
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", &size, "tmpfs"]).arg(folder.path()).output();
        mounted.is_ok_and(|mounted| mounted.status.success()).then_some(Small { folder })
    }

    /// Where it is.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Takes all the room.
    pub fn fill(&self) -> Ballast {
        let path = self.folder().join("ballast");
        let mut file = File::create(&path).unwrap();
        while file.write_all(&[0; 4_096]).is_ok() {}
        Ballast(path)
    }
}

impl Drop for Small {
    fn drop(&mut self) {
        _ = Command::new("umount").arg(self.folder.path()).output();
    }
}

impl Drop for Ballast {
    fn drop(&mut self) {
        _ = std::fs::remove_file(&self.0);
    }
}
