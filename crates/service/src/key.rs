//! The key of a database: 32 bytes in hex or base64, from a file that only its owner can read or from the environment.

use std::fs;
use std::io::Write as _;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use books::Vault;
use zeroize::Zeroizing;

use crate::failure::Trouble;

/// A key. It is wiped from memory when it is no longer used, and has no form in which it could be logged.
pub struct Key(Zeroizing<[u8; 32]>);

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Key")
    }
}

impl Key {
    /// Reads a key from its text; `place` is where it stands, for the message.
    ///
    /// # Errors
    /// When it is not 32 bytes in hex or base64.
    pub fn parse(text: &str, place: &str) -> Result<Key, Trouble> {
        let text = text.trim();
        let mut bytes = Zeroizing::new([0; 32]);
        if text.len() == 64 {
            for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
                let digit = |digit: u8| char::from(digit).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
                let (Some(high), Some(low)) = (digit(pair[0]), digit(pair[1])) else { return Err(bad(place)) };
                *byte = high << 4 | low;
            }
            return Ok(Key(bytes));
        }
        let read = Zeroizing::new(STANDARD.decode(text).map_err(|_| bad(place))?);
        if read.len() != 32 {
            return Err(bad(place));
        }
        bytes.copy_from_slice(&read);
        Ok(Key(bytes))
    }

    /// Reads a key file, if none but its owner can.
    ///
    /// # Errors
    /// When others can read it too, it cannot be read, or holds no key.
    pub fn read(path: &Path) -> Result<Key, Trouble> {
        let shown = path.display().to_string();
        let unreadable = |error: std::io::Error| {
            Trouble::new("key-unreadable", format!("密钥文件 {shown} 读不了：{error}"), "核对 --key 的路径和权限")
        };
        let file = fs::File::open(path).map_err(unreadable)?;
        let about = file.metadata().map_err(unreadable)?;
        if let Some(mode) = exposed(&about) {
            let message = format!("密钥文件 {shown} 别人也能读写（权限 {mode:03o}）");
            let cure = format!("运行 chmod 600 {shown}；若可能已被看到，换新的密钥和数据库");
            return Err(Trouble::new("key-exposed", message, cure));
        }
        let text = Zeroizing::new(std::io::read_to_string(file).map_err(unreadable)?);
        Key::parse(&text, &shown)
    }

    /// Makes a new key and writes it to a new file that only its owner can read.
    ///
    /// # Errors
    /// When there is such a file already or it cannot be written, or the system gives no random bytes.
    pub fn make(path: &Path) -> Result<Key, Trouble> {
        let failed = |error: &dyn std::fmt::Display| {
            let message = format!("写不了密钥文件 {}：{error}", path.display());
            Trouble::new("key-unwritable", message, "核对文件夹的权限，或用 --key 指定已有的密钥文件")
        };
        let mut bytes = Zeroizing::new([0; 32]);
        getrandom::fill(bytes.as_mut()).map_err(|error| failed(&error))?;
        let text = Zeroizing::new(STANDARD.encode(bytes.as_ref()) + "\n");
        let mut options = fs::OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(path).map_err(|error| failed(&error))?;
        // Books sealed with a key that is lost cannot be opened again: the key is on the disk before anything else.
        file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(|error| failed(&error))?;
        #[cfg(unix)]
        if let Some(folder) = path.parent() {
            let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
            fs::File::open(folder).and_then(|folder| folder.sync_all()).map_err(|error| failed(&error))?;
        }
        Ok(Key(bytes))
    }

    /// What seals and opens with it.
    pub fn vault(&self) -> Vault {
        Vault::new(&self.0)
    }
}

fn bad(place: &str) -> Trouble {
    Trouble::new(
        "bad-key",
        format!("{place} 里不是密钥：应为 32 字节，写作 64 位十六进制或 44 个字符的 base64"),
        "核对是否选对文件；新的密钥可用 `head -c 32 /dev/urandom | base64` 生成",
    )
}

/// Reads the text of a file that holds a secret, if none but its owner can; without the end of its line.
///
/// # Errors
/// When others can read it too, or it cannot be read.
pub fn read_private(path: &Path) -> Result<String, Trouble> {
    let shown = path.display();
    let unreadable = |error: std::io::Error| {
        Trouble::new("secret-unreadable", format!("{shown} 读不了：{error}"), "核对路径和读取权限")
    };
    let file = fs::File::open(path).map_err(unreadable)?;
    if let Some(mode) = exposed(&file.metadata().map_err(unreadable)?) {
        let message = format!("{shown} 里是密文，别人也能读写（权限 {mode:03o}）");
        return Err(Trouble::new(
            "secret-exposed",
            message,
            format!("运行 chmod 600 {shown}；若可能已被看到，换新的密文"),
        ));
    }
    let text = std::io::read_to_string(file).map_err(unreadable)?;
    Ok(text.trim_end_matches(['\r', '\n']).to_owned())
}

/// The rights of a file, where others than its owner have any.
#[cfg(unix)]
fn exposed(about: &fs::Metadata) -> Option<u32> {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = about.permissions().mode() & 0o777;
    (mode & 0o077 != 0).then_some(mode)
}

/// Rights are lists of another kind here, which the standard library does not show.
#[cfg(not(unix))]
fn exposed(_about: &fs::Metadata) -> Option<u32> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hex_and_base64_are_the_same_key() {
        let hex = Key::parse(&"07".repeat(32), "t").unwrap().vault().check();
        assert_eq!(Key::parse(&STANDARD.encode([7; 32]), "t").unwrap().vault().check(), hex);
        assert_eq!(hex, Vault::new(&[7; 32]).check());
        for wrong in ["", "07", &"0g".repeat(32), &STANDARD.encode([7; 31])] {
            assert_eq!(Key::parse(wrong, "t").unwrap_err().code, "bad-key");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_file_that_others_can_read_is_refused_with_the_cure() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("k");
        let made = Key::make(&path).unwrap().vault().check();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(Key::read(&path).unwrap().vault().check(), made);
        assert_eq!(Key::make(&path).unwrap_err().code, "key-unwritable", "a key is never written over");
        for mode in [0o640, 0o604, 0o666] {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            let trouble = Key::read(&path).unwrap_err();
            assert_eq!(trouble.code, "key-exposed");
            assert!(trouble.cure.contains("chmod 600"), "{trouble}");
        }
    }
}
