//! Where results go: a file, written whole or not at all, or standard output.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, ErrorKind, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::ValueEnum;
use console::Term;
use tempfile::NamedTempFile;

use super::sheet::{self, Look, Sheet};

/// How results are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Aligned tables for people
    Table,
    /// A JSON array of objects, money as yuan in text
    Json,
    /// CSV in UTF-8
    Csv,
    /// JSON Lines: one object a line
    Jsonl,
    /// An Excel workbook
    Xlsx,
    /// Apache Parquet, in builds that have it
    Parquet,
}

impl Format {
    /// By the ending of a file's name.
    pub fn of(path: &Path) -> Option<Format> {
        let ending = path.extension()?.to_str()?.to_ascii_lowercase();
        match ending.as_str() {
            "txt" => Some(Format::Table),
            "json" => Some(Format::Json),
            "csv" => Some(Format::Csv),
            "jsonl" | "ndjson" => Some(Format::Jsonl),
            "xlsx" => Some(Format::Xlsx),
            "parquet" => Some(Format::Parquet),
            _ => None,
        }
    }

    /// Whether a terminal cannot show it.
    pub fn is_binary(self) -> bool {
        matches!(self, Format::Xlsx | Format::Parquet)
    }
}

/// Options of every verb that gives results.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct Output {
    /// Write to a file, whole or not at all; its ending tells the format
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Format: table (default), json, jsonl, csv, xlsx or parquet
    #[arg(long, value_enum)]
    pub format: Option<Format>,
    /// Begin CSV with a byte-order mark, by which Excel knows UTF-8
    #[arg(long)]
    pub bom: bool,
}

impl Output {
    /// The format asked for, and that it can be written where asked: to be called before the work is done.
    ///
    /// # Errors
    /// When the format cannot be told, this build lacks it, or it would overwrite an input.
    pub fn check(&self, inputs: &[&Path]) -> anyhow::Result<Format> {
        let format = match (self.format, &self.output) {
            (Some(format), _) => format,
            (None, Some(path)) => Format::of(path).with_context(|| {
                format!("从文件名 {} 看不出格式：用 --format 说明，或以 .csv .json .jsonl .xlsx 结尾", path.display())
            })?,
            (None, None) => Format::Table,
        };
        if format == Format::Parquet && !cfg!(feature = "parquet") {
            bail!("此程序构建时未包含 Parquet：用 --features parquet 构建，或改用 csv、jsonl");
        }
        match &self.output {
            Some(path) => {
                target(path, inputs)?;
            }
            None if format.is_binary() && Term::stdout().is_term() => {
                bail!("此格式不能显示在终端上：用 -o FILE 写入文件")
            }
            None => {}
        }
        Ok(format)
    }

    /// Writes sheets where and how asked.
    ///
    /// # Errors
    /// As [`Output::check`], or when writing fails; then no file is left.
    pub fn write(&self, sheets: &[Sheet], inputs: &[&Path]) -> anyhow::Result<()> {
        let format = self.check(inputs)?;
        match &self.output {
            Some(path) => {
                let look = Look { terminal: None, bom: self.bom };
                write_whole(path, inputs, |out| sheet::write(sheets, format, look, out))
            }
            None => {
                let look = Look { terminal: terminal_width(), bom: self.bom };
                to_stdout(|out| sheet::write(sheets, format, look, out))
            }
        }
    }
}

/// Columns of the terminal on standard output; `None` where it is none.
pub fn terminal_width() -> Option<u16> {
    let stdout = Term::stdout();
    stdout.is_term().then(|| stdout.size().1)
}

/// Writes to standard output. A reader that has seen enough (`| head`) is no fault.
///
/// # Errors
/// When writing fails for any other reason.
pub fn to_stdout(fill: impl FnOnce(&mut (dyn Write + Send)) -> anyhow::Result<()>) -> anyhow::Result<()> {
    let mut out = BufWriter::new(io::stdout());
    let written = fill(&mut out).and_then(|()| Ok(out.flush()?));
    // a failed flush would be tried again, and reported again, on drop
    let _ = out.into_parts();
    match written {
        Err(error) if is_broken_pipe(&error) => Ok(()),
        written => written,
    }
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        let direct = cause.downcast_ref::<io::Error>().map(io::Error::kind);
        let json = cause.downcast_ref::<serde_json::Error>().and_then(serde_json::Error::io_error_kind);
        direct.or(json) == Some(ErrorKind::BrokenPipe)
    })
}

/// Writes a file whole or not at all: into a temporary file beside it, to the disk, and then into its name.
///
/// # Errors
/// When the path is one of the inputs or a folder, or when writing fails; then the file is as it was before.
pub fn write_whole(
    path: &Path,
    inputs: &[&Path],
    fill: impl FnOnce(&mut (dyn Write + Send)) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let target = target(path, inputs)?;
    let written = match &target {
        Target::Device(path) => fill_file(OpenOptions::new().write(true).open(path)?, fill).map(|_| ()),
        Target::File(path) => replace(path, fill),
    };
    written.with_context(|| format!("写入 {} 失败", path.display()))
}

/// What a path leads to.
enum Target {
    /// A file, there or not yet.
    File(PathBuf),
    /// A pipe or a device, which is written to and never replaced.
    Device(PathBuf),
}

/// Where a path leads, if it may be written.
fn target(path: &Path, inputs: &[&Path]) -> anyhow::Result<Target> {
    // a link is followed: what it points to is replaced, not the link
    let real = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    for input in inputs {
        if fs::canonicalize(input).is_ok_and(|input| input == real) {
            bail!("{} 就是输入文件，不能覆盖：换一个输出文件名", path.display());
        }
    }
    match fs::metadata(&real) {
        Ok(found) if found.is_dir() => bail!("{} 是目录：给出文件名", path.display()),
        Ok(found) if !found.is_file() => Ok(Target::Device(real)),
        _ => Ok(Target::File(real)),
    }
}

fn replace(path: &Path, fill: impl FnOnce(&mut (dyn Write + Send)) -> anyhow::Result<()>) -> anyhow::Result<()> {
    let folder = match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    };
    let (file, temporary) = temporary(path, folder)?.into_parts();
    // dropped on any failure, the temporary file is gone again
    let file = fill_file(file, fill)?;
    file.sync_all()?;
    temporary.persist(path).map_err(|failed| failed.error)?;
    sync_folder(folder)
}

fn fill_file(file: File, fill: impl FnOnce(&mut (dyn Write + Send)) -> anyhow::Result<()>) -> anyhow::Result<File> {
    let mut out = BufWriter::new(file);
    fill(&mut out)?;
    Ok(out.into_inner().map_err(io::IntoInnerError::into_error)?)
}

/// A temporary file with the rights that the file itself has or would get.
fn temporary(path: &Path, folder: &Path) -> anyhow::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".tongchou-");
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let temporary = builder.tempfile_in(folder)?;
    if let Ok(found) = fs::metadata(path) {
        temporary.as_file().set_permissions(found.permissions())?;
    }
    Ok(temporary)
}

/// Makes a new name last through a loss of power, where the system can.
fn sync_folder(folder: &Path) -> anyhow::Result<()> {
    if cfg!(unix) {
        File::open(folder)?.sync_all()?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }

    #[test]
    fn a_file_is_written_whole_or_not_at_all() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out.txt");
        write_whole(&path, &[], |out| Ok(out.write_all("一".as_bytes())?)).unwrap();
        let failed = write_whole(&path, &[], |out| {
            out.write_all(b"half")?;
            bail!("stopped")
        });
        assert!(format!("{:#}", failed.unwrap_err()).contains("stopped"));
        assert_eq!(fs::read_to_string(&path).unwrap(), "一");
        assert_eq!(names(folder.path()), ["out.txt"]);
    }

    #[test]
    fn an_input_is_never_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("bills.csv");
        fs::write(&path, "bill").unwrap();
        let roundabout = folder.path().join(".").join("bills.csv");
        let refused = write_whole(&roundabout, &[&path], |_| Ok(())).unwrap_err();
        assert!(refused.to_string().contains("就是输入文件"), "{refused}");
        assert!(write_whole(folder.path(), &[], |_| Ok(())).unwrap_err().to_string().contains("目录"));
        assert_eq!(fs::read_to_string(&path).unwrap(), "bill");
    }

    #[cfg(unix)]
    #[test]
    fn links_are_followed_rights_kept_and_devices_not_replaced() {
        use std::os::unix::fs::{FileTypeExt, PermissionsExt, symlink};
        let folder = tempfile::tempdir().unwrap();
        let (path, link) = (folder.path().join("real.csv"), folder.path().join("link.csv"));
        fs::write(&path, "old").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        symlink(&path, &link).unwrap();
        assert!(write_whole(&link, &[&path], |_| Ok(())).is_err());
        write_whole(&link, &[], |out| Ok(out.write_all(b"new")?)).unwrap();
        assert!(link.is_symlink());
        assert_eq!(fs::read_to_string(&path).unwrap(), "new");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o640);
        write_whole(Path::new("/dev/null"), &[], |out| Ok(out.write_all(b"x")?)).unwrap();
        assert!(fs::metadata("/dev/null").unwrap().file_type().is_char_device());
    }

    #[test]
    fn the_format_follows_the_name_unless_given() {
        let output = |name: &str, format| Output { output: Some(name.into()), format, bom: false };
        assert_eq!(output("a.XLSX", None).check(&[]).unwrap(), Format::Xlsx);
        assert_eq!(output("a.out", Some(Format::Csv)).check(&[]).unwrap(), Format::Csv);
        assert!(output("a.out", None).check(&[]).unwrap_err().to_string().contains("--format"));
        assert_eq!(Output::default().check(&[]).unwrap(), Format::Table);
        assert_eq!(output("a.parquet", None).check(&[]).is_ok(), cfg!(feature = "parquet"));
    }
}
