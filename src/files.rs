//! Files that a scenario names, seen through a door that the caller holds.
//!
//! The library opens nothing itself: whoever uses it decides what a name means, so that a test can keep
//! its files in memory.

/// Reads whole files by name.
pub trait Files {
    /// The content of the file of this name.
    ///
    /// # Errors
    /// When it cannot be read.
    fn read(&self, name: &str) -> std::io::Result<Vec<u8>>;
}
