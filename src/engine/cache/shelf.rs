//! Defines the folder that pieces lie in: written whole or not at all, sealed by a checksum, and never too many.
//!
//! It knows nothing of what is in them. Nothing here fails: what cannot be read is not there, and what cannot be written
//! is not kept.

use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use sha2::{Digest, Sha256};

/// What every sealed file starts with: whose it is, and the version of how it is sealed.
const MAGIC: &[u8; 16] = b"readout-piece-01";
/// The length of a SHA-256.
const CHECKSUM: usize = 32;
/// The ending of sealed files.
const ENDING: &str = "piece";
/// Pieces are small, so the fastest level is as good as any.
const COMPRESSION: i32 = 1;
/// No piece unpacks to more than this; a summary of a thousand metrics stays below.
const LARGEST: u64 = 256 << 20;
/// A piece that was used is marked so again only after this long.
const USED_AGAIN: Duration = Duration::from_hours(1);

/// A folder of sealed files.
#[derive(Debug)]
pub(super) struct Shelf {
    folder: PathBuf,
    limit: u64,
}

impl Shelf {
    /// The shelf in `folder`, which is made if it is not there, for its owner only.
    pub(super) fn open(folder: &Path, limit: u64) -> io::Result<Self> {
        let mut builder = std::fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(folder)?;
        refuse_shared(folder)?;
        Ok(Self {
            folder: folder.to_path_buf(),
            limit,
        })
    }

    /// What was written under a name; `None`, and the file removed, where it is not exactly that.
    pub(super) fn read(&self, name: &str) -> Option<Vec<u8>> {
        let path = self.path(name);
        let sealed = std::fs::read(&path).ok()?;
        let content = unseal(name, &sealed);
        match content {
            Some(_) => mark_used(&path),
            None => self.remove(name),
        }
        content
    }

    /// Writes under a name, so that nobody ever reads half of it: last writer wins.
    pub(super) fn write(&self, name: &str, content: &[u8]) {
        let write = || -> io::Result<()> {
            let mut file = tempfile::Builder::new()
                .suffix(&format!(".{ENDING}"))
                .tempfile_in(&self.folder)?;
            file.write_all(&seal(name, content)?)?;
            file.persist(self.path(name))?;
            Ok(())
        };
        // A disk that is full, or a folder that is gone: then nothing is kept.
        let _ = write();
    }

    pub(super) fn remove(&self, name: &str) {
        let _ = std::fs::remove_file(self.path(name));
    }

    /// Removes what nobody asked for longest, until the rest is within the limit.
    pub(super) fn prune(&self) {
        let Ok(entries) = self.folder.read_dir() else {
            return;
        };
        let mut files: Vec<(SystemTime, u64, PathBuf)> = entries
            .filter_map(|entry| {
                let entry = entry.ok()?;
                let found = entry.metadata().ok().filter(std::fs::Metadata::is_file)?;
                let path = entry.path();
                let ours = path.extension().is_some_and(|ending| ending == ENDING);
                ours.then_some((found.modified().ok()?, found.len(), path))
            })
            .collect();
        files.sort_unstable();
        let mut total: u64 = files.iter().map(|(_, bytes, _)| bytes).sum();
        for (_, bytes, path) in files {
            if total <= self.limit {
                break;
            }
            let _ = std::fs::remove_file(path);
            total -= bytes;
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name).with_extension(ENDING)
    }
}

/// A folder that others write into could hold their numbers under our names.
#[cfg(unix)]
fn refuse_shared(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let mode = folder.metadata()?.permissions().mode();
    if mode & 0o022 == 0 {
        return Ok(());
    }
    Err(io::Error::new(
        io::ErrorKind::PermissionDenied,
        "others may write into the cache's folder; take their write permission away",
    ))
}

#[cfg(not(unix))]
fn refuse_shared(_: &Path) -> io::Result<()> {
    Ok(())
}

/// The modification time of a piece is when it was last used.
fn mark_used(path: &Path) {
    let now = SystemTime::now();
    let is_recent = |at: SystemTime| now.duration_since(at).is_ok_and(|age| age < USED_AGAIN);
    let Ok(file) = std::fs::File::open(path) else {
        return;
    };
    let modified = file.metadata().and_then(|found| found.modified());
    if !modified.is_ok_and(is_recent) {
        let _ = file.set_modified(now);
    }
}

/// Magic, checksum, then the packed content. The checksum is over the name too: a file under another's name is foreign.
fn seal(name: &str, content: &[u8]) -> io::Result<Vec<u8>> {
    let packed = zstd::bulk::compress(content, COMPRESSION)?;
    let mut sealed = MAGIC.to_vec();
    sealed.extend_from_slice(&checksum(name, &packed));
    sealed.extend_from_slice(&packed);
    Ok(sealed)
}

fn unseal(name: &str, sealed: &[u8]) -> Option<Vec<u8>> {
    let rest = sealed.strip_prefix(MAGIC)?;
    let (sum, packed) = rest.split_at_checked(CHECKSUM)?;
    if sum != checksum(name, packed) {
        return None;
    }
    let mut content = Vec::new();
    let unpacked = zstd::stream::read::Decoder::new(packed).ok()?;
    unpacked.take(LARGEST).read_to_end(&mut content).ok()?;
    Some(content)
}

fn checksum(name: &str, packed: &[u8]) -> [u8; CHECKSUM] {
    let mut hasher = Sha256::new();
    hasher.update(name.as_bytes());
    hasher.update([0]);
    hasher.update(packed);
    hasher.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shelf(folder: &tempfile::TempDir) -> Shelf {
        Shelf::open(&folder.path().join("a/b"), 1 << 20).unwrap()
    }

    #[test]
    fn what_is_written_is_read_and_the_folder_is_its_owners() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let shelf = shelf(&folder);
        assert_eq!(shelf.read("one"), None);
        shelf.write("one", b"content");
        shelf.write("one", b"newer content");
        shelf.write("two", b"");
        assert_eq!(shelf.read("one").unwrap(), b"newer content");
        assert_eq!(shelf.read("two").unwrap(), b"");
        let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&shelf.folder), 0o700);
        assert_eq!(mode(&shelf.path("one")), 0o600);
        let names = shelf.folder.read_dir().unwrap().count();
        assert_eq!(names, 2, "nothing half-written is left");
    }

    #[test]
    fn every_flipped_byte_and_every_missing_end_is_found_and_removed() {
        let folder = tempfile::tempdir().unwrap();
        let shelf = shelf(&folder);
        let sealed = seal("one", b"a small piece").unwrap();
        let path = shelf.path("one");
        let mut damaged = Vec::new();
        for position in 0..sealed.len() {
            let mut flipped = sealed.clone();
            flipped[position] ^= 0x10;
            damaged.push(flipped);
            damaged.push(sealed[..position].to_vec());
        }
        damaged.push([sealed.as_slice(), b"\0"].concat());
        damaged.push(seal("two", b"a small piece").unwrap());
        damaged.push(
            b"somebody else's file, long enough to be one of ours, and yet it is none".to_vec(),
        );
        for bytes in damaged {
            std::fs::write(&path, &bytes).unwrap();
            assert_eq!(shelf.read("one"), None, "{bytes:?}");
            assert!(!path.exists());
        }
        std::fs::write(&path, &sealed).unwrap();
        assert_eq!(shelf.read("one").unwrap(), b"a small piece");
    }

    #[test]
    fn the_least_recently_used_go_first() {
        let folder = tempfile::tempdir().unwrap();
        let shelf = shelf(&folder);
        let long_ago = |hours: u64| SystemTime::now() - Duration::from_hours(hours);
        for (name, hours) in [("a", 5), ("b", 9), ("c", 7)] {
            shelf.write(name, name.as_bytes());
            let file = std::fs::File::open(shelf.path(name)).unwrap();
            file.set_modified(long_ago(hours)).unwrap();
        }
        assert!(shelf.read("b").is_some(), "used just now");
        let size = shelf.path("a").metadata().unwrap().len();
        let small = Shelf {
            limit: 2 * size,
            ..shelf
        };
        small.prune();
        let there = |name| small.path(name).exists();
        assert_eq!((there("a"), there("b"), there("c")), (true, true, false));
    }

    #[test]
    fn a_folder_that_others_write_into_is_none_of_ours() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        std::fs::set_permissions(folder.path(), PermissionsExt::from_mode(0o770)).unwrap();
        let refused = Shelf::open(folder.path(), 1).unwrap_err();
        assert!(
            refused
                .to_string()
                .contains("take their write permission away")
        );
    }

    #[test]
    fn a_folder_that_goes_away_is_no_cache_and_no_failure() {
        let folder = tempfile::tempdir().unwrap();
        let shelf = shelf(&folder);
        drop(folder);
        shelf.write("one", b"content");
        shelf.prune();
        assert_eq!(shelf.read("one"), None);
    }
}
