//! Defines the few things that are ever done to the folder of records, one system call each, so that tests can stop between
//! any two of them and within each.
//!
//! It refuses to follow a link: a workspace may come from anyone, and nothing outside of it is read or written.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// The folder in a workspace.
const FOLDER: &str = "records";
/// Whoever writes holds this file, so that two programs never write at once. It is empty and stays.
const LOCK: &str = ".lock";
/// No file of records is longer than this; a readout of a thousand metrics stays far below.
const LARGEST: u64 = 256 << 20;

/// What is done to the folder of records. Nothing is sure to stay before it is synced: a file's content by [`Disk::sync`],
/// its name by [`Disk::sync_folder`].
pub trait Disk {
    /// Keeps other writers away until it is dropped.
    type Guard;
    /// Waits until nobody else writes; makes the folder if it is not there.
    ///
    /// # Errors
    /// When there can be no such folder.
    fn lock(&mut self) -> io::Result<Self::Guard>;
    /// The names in it; none where there is no folder.
    ///
    /// # Errors
    /// When it cannot be read.
    fn names(&self) -> io::Result<Vec<String>>;
    /// What a file holds; `None` where there is none.
    ///
    /// # Errors
    /// When it cannot be read, or is no plain file.
    fn read(&self, name: &str) -> io::Result<Option<Vec<u8>>>;
    /// Makes an empty file in the place of whatever has the name.
    ///
    /// # Errors
    /// When it cannot.
    fn create(&mut self, name: &str) -> io::Result<()>;
    /// Adds to the end of a file that is there.
    ///
    /// # Errors
    /// When it cannot; some of the bytes may be written.
    fn append(&mut self, name: &str, bytes: &[u8]) -> io::Result<()>;
    /// Drops what is past a length.
    ///
    /// # Errors
    /// When it cannot.
    fn truncate(&mut self, name: &str, length: u64) -> io::Result<()>;
    /// Waits until a file's content is on the disk.
    ///
    /// # Errors
    /// When it cannot be.
    fn sync(&mut self, name: &str) -> io::Result<()>;
    /// Gives a file another name, in the place of whatever has it.
    ///
    /// # Errors
    /// When it cannot.
    fn rename(&mut self, from: &str, to: &str) -> io::Result<()>;
    /// Waits until the names are on the disk.
    ///
    /// # Errors
    /// When they cannot be.
    fn sync_folder(&mut self) -> io::Result<()>;
}

/// The folder of records of a workspace.
#[derive(Debug, Clone)]
pub struct Folder(PathBuf);

impl Folder {
    /// That of the workspace in a folder.
    #[must_use]
    pub fn of(workspace: &Path) -> Self {
        Self(workspace.join(FOLDER))
    }

    fn is_there(&self) -> io::Result<bool> {
        match fs::symlink_metadata(&self.0) {
            Ok(found) if found.is_dir() => Ok(true),
            Ok(_) => Err(misplaced("it is no folder of its own; move it away")),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// A file that is there and no link.
    fn plain(&self, name: &str) -> io::Result<PathBuf> {
        let path = self.0.join(name);
        let found = fs::symlink_metadata(&path)?;
        if found.is_file() {
            Ok(path)
        } else {
            Err(misplaced("it is no plain file; move it away"))
        }
    }
}

fn misplaced(reason: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, reason)
}

/// Readable by all, as the user's other documents are.
#[cfg(unix)]
fn make_public(file: &File) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    file.set_permissions(fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn make_public(_: &File) -> io::Result<()> {
    Ok(())
}

impl Disk for Folder {
    type Guard = File;

    fn lock(&mut self) -> io::Result<File> {
        if !self.is_there()? {
            match fs::create_dir(&self.0) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                made => made?,
            }
        }
        if fs::symlink_metadata(self.0.join(LOCK)).is_ok() {
            self.plain(LOCK)?;
        }
        let file = OpenOptions::new()
            .create(true)
            .append(true)
            .open(self.0.join(LOCK))?;
        file.lock()?;
        Ok(file)
    }

    fn names(&self) -> io::Result<Vec<String>> {
        if !self.is_there()? {
            return Ok(Vec::new());
        }
        let mut names = Vec::new();
        for entry in self.0.read_dir()? {
            // A name that is no text is none of ours.
            names.extend(entry?.file_name().into_string());
        }
        names.sort();
        Ok(names)
    }

    fn read(&self, name: &str) -> io::Result<Option<Vec<u8>>> {
        if !self.is_there()? {
            return Ok(None);
        }
        let path = match self.plain(name) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            path => path?,
        };
        let mut bytes = Vec::new();
        File::open(path)?
            .take(LARGEST + 1)
            .read_to_end(&mut bytes)?;
        if bytes.len() as u64 > LARGEST {
            return Err(misplaced("it is larger than any record; move it away"));
        }
        Ok(Some(bytes))
    }

    fn create(&mut self, name: &str) -> io::Result<()> {
        let path = self.0.join(name);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let mut options = OpenOptions::new();
        make_public(&options.write(true).create_new(true).open(path)?)
    }

    fn append(&mut self, name: &str, bytes: &[u8]) -> io::Result<()> {
        let mut file = OpenOptions::new().write(true).open(self.plain(name)?)?;
        file.seek(SeekFrom::End(0))?;
        file.write_all(bytes)
    }

    fn truncate(&mut self, name: &str, length: u64) -> io::Result<()> {
        let file = OpenOptions::new().write(true).open(self.plain(name)?)?;
        file.set_len(length)
    }

    fn sync(&mut self, name: &str) -> io::Result<()> {
        let file = OpenOptions::new().write(true).open(self.plain(name)?)?;
        file.sync_all()
    }

    fn rename(&mut self, from: &str, to: &str) -> io::Result<()> {
        fs::rename(self.0.join(from), self.0.join(to))
    }

    fn sync_folder(&mut self) -> io::Result<()> {
        // Elsewhere a folder cannot be opened, and the system keeps names by itself.
        #[cfg(unix)]
        {
            File::open(&self.0)?.sync_all()?;
            // The name of the folder itself, where it is new.
            if let Some(parent) = self.0.parent() {
                let parent = if parent.as_os_str().is_empty() {
                    Path::new(".")
                } else {
                    parent
                };
                File::open(parent)?.sync_all()?;
            }
        }
        Ok(())
    }
}
