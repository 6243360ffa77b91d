//! What went wrong, where, and how to mend it.
//!
//! One public type for the whole crate. A scenario reports all its faults at once, so an [`Error`] is a
//! list of [`Fault`]s; each says what was found and what is allowed, names its [`Place`], and ends with a
//! remedy where one is known. Only what a user can cause is an error; a broken invariant of the program
//! is an `assert!`.

use std::fmt;

/// The result of everything that can fail.
pub type Result<T> = std::result::Result<T, Error>;

/// The kinds of fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// The input breaks a rule: syntax, an unknown key, a value out of range, a contradiction.
    Input,
    /// The input is right but asks for something that ecsim does not model yet.
    NotModelled,
    /// The price book has no such price.
    MissingPrice,
    /// A file could not be read or written.
    File,
}

/// Where in the input a fault lies. Every part is optional; what is known is shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// The file's name as the user gave it, `-` for standard input.
    pub file: Option<String>,
    /// The line, from 1.
    pub line: Option<usize>,
    /// The column, from 1.
    pub column: Option<usize>,
    /// The path inside the document: `services.web.scaling.max_capacity`.
    pub path: Option<String>,
}

impl Place {
    /// A whole file.
    #[must_use]
    pub fn file(name: impl Into<String>) -> Self {
        Self { file: Some(name.into()), ..Self::default() }
    }

    /// A line of a file.
    #[must_use]
    pub fn line(name: impl Into<String>, line: usize) -> Self {
        Self { file: Some(name.into()), line: Some(line), ..Self::default() }
    }

    /// A path inside a document whose file is not known.
    #[must_use]
    pub fn path(path: impl Into<String>) -> Self {
        Self { path: Some(path.into()), ..Self::default() }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut separator = "";
        if let Some(file) = &self.file {
            write!(f, "{}", if file == "-" { "standard input" } else { file })?;
            separator = ": ";
        }
        if let Some(line) = self.line {
            write!(f, "{}{line}", if separator.is_empty() { "line " } else { ":" })?;
            if let Some(column) = self.column {
                write!(f, ":{column}")?;
            }
            separator = ": ";
        }
        if let Some(path) = self.path.as_deref().filter(|path| !path.is_empty()) {
            write!(f, "{separator}{path}")?;
        }
        Ok(())
    }
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Its kind.
    pub kind: ErrorKind,
    /// Where it lies.
    pub place: Place,
    /// What was found and what is allowed; a fragment without a final stop.
    pub message: String,
    /// How to mend it; a fragment without a final stop.
    pub remedy: Option<String>,
}

impl Fault {
    /// A fault of this kind at this place.
    #[must_use]
    pub fn new(kind: ErrorKind, place: Place, message: impl Into<String>) -> Self {
        Self { kind, place, message: message.into(), remedy: None }
    }

    /// A breach of a rule of the input.
    #[must_use]
    pub fn input(place: Place, message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Input, place, message)
    }

    /// The same fault with advice on how to mend it.
    #[must_use]
    pub fn remedy(mut self, remedy: impl Into<String>) -> Self {
        self.remedy = Some(remedy.into());
        self
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = self.place.to_string();
        if !place.is_empty() {
            write!(f, "{place}: ")?;
        }
        if self.kind == ErrorKind::NotModelled {
            write!(f, "not modelled yet: ")?;
        }
        write!(f, "{}", self.message)?;
        if let Some(remedy) = &self.remedy {
            write!(f, " ({remedy})")?;
        }
        Ok(())
    }
}

/// At least one fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    faults: Vec<Fault>,
}

impl Error {
    /// An error of all these faults, or nothing to complain of.
    ///
    /// # Errors
    /// When there is at least one fault.
    pub fn from_faults(faults: Vec<Fault>) -> Result<()> {
        if faults.is_empty() { Ok(()) } else { Err(Self { faults }) }
    }

    /// The faults, in the order in which they were found.
    #[must_use]
    pub fn faults(&self) -> &[Fault] {
        &self.faults
    }
}

impl From<Fault> for Error {
    fn from(fault: Fault) -> Self {
        Self { faults: vec![fault] }
    }
}

/// One fault a line.
impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, fault) in self.faults.iter().enumerate() {
            if index > 0 {
                writeln!(f)?;
            }
            write!(f, "{fault}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Error {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_names_place_finding_and_remedy() {
        let place = Place { line: Some(7), column: Some(3), path: Some("services.web".into()), ..Place::file("a.yaml") };
        let fault = Fault::input(place, "found 9, allowed are 1 to 3").remedy("lower it");
        assert_eq!(fault.to_string(), "a.yaml:7:3: services.web: found 9, allowed are 1 to 3 (lower it)");
        let fault = Fault::new(ErrorKind::NotModelled, Place::path("events"), "deployments");
        assert_eq!(fault.to_string(), "events: not modelled yet: deployments");
        assert_eq!(Place::line("-", 4).to_string(), "standard input:4");
    }

    #[test]
    fn no_faults_are_no_error() {
        assert!(Error::from_faults(Vec::new()).is_ok());
        let two = vec![Fault::input(Place::default(), "a"), Fault::input(Place::default(), "b")];
        assert_eq!(Error::from_faults(two).unwrap_err().to_string(), "a\nb");
    }
}
