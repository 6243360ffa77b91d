//! The files that a scenario names, as the library sees them.
//!
//! The library opens nothing itself: a task definition, a trace or a catalogue comes through [`Files`],
//! which the binary implements over the file system and a test over a map.

use std::io::{self, Read};
use std::path::Path;

/// A place to read files from.
pub trait Files {
    /// The content of a file by its resolved name.
    ///
    /// # Errors
    /// When the file does not exist or cannot be read.
    fn read(&self, name: &str) -> io::Result<Vec<u8>>;

    /// The content of a file that may be too large for memory, from its beginning.
    ///
    /// # Errors
    /// When the file does not exist or cannot be read.
    fn open(&self, name: &str) -> io::Result<Box<dyn Read>> {
        Ok(Box::new(io::Cursor::new(self.read(name)?)))
    }
}

/// The folder that a document lies in; empty for standard input and for a bare file name.
#[must_use]
pub fn folder_of(document: &str) -> &str {
    if document == "-" {
        return "";
    }
    Path::new(document).parent().and_then(Path::to_str).unwrap_or_default()
}

/// A path that stands in a document of this folder, as seen from where the document's own name is seen.
/// An absolute path stays as it is.
#[must_use]
pub fn resolve(folder: &str, path: &str) -> String {
    if folder.is_empty() {
        return path.to_owned();
    }
    Path::new(folder).join(path).to_str().map_or_else(|| path.to_owned(), ToOwned::to_owned)
}

/// Why a file could not be read or written, in plain words and without the system's error numbers.
#[must_use]
pub fn reason(error: &io::Error) -> String {
    use io::ErrorKind as Kind;
    let words = match error.kind() {
        Kind::NotFound => "there is no such file or folder",
        Kind::PermissionDenied => "permission denied",
        Kind::AlreadyExists => "it exists already",
        Kind::IsADirectory => "it is a folder",
        Kind::NotADirectory => "a part of the path is a file, not a folder",
        Kind::StorageFull => "no space is left on the device",
        Kind::QuotaExceeded => "the disk quota is used up",
        Kind::FileTooLarge => "the file would be larger than the system allows",
        Kind::ReadOnlyFilesystem => "the file system is read-only",
        _ => return error.to_string(),
    };
    words.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_known_reason_is_told_in_plain_words() {
        assert_eq!(reason(&io::Error::from(io::ErrorKind::StorageFull)), "no space is left on the device");
        assert_eq!(reason(&io::Error::other("the line is cut")), "the line is cut");
    }

    #[test]
    fn a_path_is_relative_to_its_document() {
        assert_eq!(resolve(folder_of("scenarios/web.yaml"), "traces/a.csv"), "scenarios/traces/a.csv");
        assert_eq!(resolve(folder_of("web.yaml"), "traces/a.csv"), "traces/a.csv");
        assert_eq!(resolve(folder_of("-"), "a.csv"), "a.csv");
        assert_eq!(resolve(folder_of("scenarios/web.yaml"), "/data/a.csv"), "/data/a.csv");
    }
}
