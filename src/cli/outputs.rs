//! Output files: checked before the work, replaced whole when it ends.
//!
//! What cannot be written is found out before the simulation, not after it. Each output is then written
//! to a temporary file beside its target and renamed over it, so that a target is either the old file or
//! the whole new one. No temporary file has a name while the simulation runs: an interrupted run leaves
//! nothing behind.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use ecsim::error::{Error, ErrorKind, Fault, Place};
use ecsim::files::reason;
use tempfile::NamedTempFile;

/// The form of an output, by the ending of its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The result document.
    Json,
    /// The timeline.
    Csv,
    /// The charts as SVG.
    Svg,
    /// The charts as PNG.
    Png,
    /// The report as a page.
    Html,
    /// The report as Markdown.
    Markdown,
    /// The bill as FOCUS 1.2.
    Focus,
    /// The verdicts as JUnit XML.
    Junit,
    /// Rows of points as JSON lines.
    Jsonl,
}

/// `.focus.csv` comes before the ending of a timeline, which it has too.
const KINDS: [(&str, Kind); 9] = [
    (".focus.csv", Kind::Focus),
    (".json", Kind::Json),
    (".jsonl", Kind::Jsonl),
    (".csv", Kind::Csv),
    (".svg", Kind::Svg),
    (".png", Kind::Png),
    (".html", Kind::Html),
    (".md", Kind::Markdown),
    (".junit.xml", Kind::Junit),
];

fn kind_of(name: &str) -> Option<Kind> {
    let lower = name.to_lowercase();
    KINDS.iter().find(|(ending, _)| lower.ends_with(ending)).map(|(_, kind)| *kind)
}

/// Parses the name of an output on the command line; an ending that says no format is wrong usage.
pub fn output_name(name: &str) -> Result<String, String> {
    if name == "-" {
        return Err("it names a file; --format says what standard output shows".to_owned());
    }
    if kind_of(name).is_none() && !names_folder(name) {
        return Err("the ending says the format: use .json, .csv, .focus.csv, .svg, .png, .html, .md or .junit.xml".to_owned());
    }
    Ok(name.to_owned())
}

fn names_folder(name: &str) -> bool {
    name.ends_with(std::path::is_separator) || Path::new(name).is_dir()
}

/// An output that can be written and is not yet.
#[derive(Debug)]
pub struct Output<K = Kind> {
    /// Its form.
    pub kind: K,
    /// Its name as the user gave it.
    name: String,
    /// The file to replace, links followed.
    target: PathBuf,
}

impl Output {
    /// Faults that name no place are faults of this output.
    pub fn placed(&self, error: &Error) -> Error {
        let placed = error.faults().iter().map(|fault| {
            let mut fault = fault.clone();
            if fault.place == Place::default() {
                fault.place = Place::file(&self.name);
            }
            fault
        });
        Error::from_faults(placed.collect()).err().unwrap_or_else(|| error.clone())
    }

    /// Its name as the user gave it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The file to replace, links followed.
    pub fn target(&self) -> &Path {
        &self.target
    }
}

/// Checks that all outputs can be written, and are of forms that this command writes; folders that are not there are made.
pub fn check(names: &[String], command: &str, forms: &[Kind]) -> Result<Vec<Output>, Error> {
    check_each(names, |name| {
        let output = check_one(name)?;
        if forms.contains(&output.kind) { Ok(output) } else { Err(no_such_form(name, command, output.kind, forms).into()) }
    })
}

/// The same for a command that writes other forms: each with its ending.
pub fn check_as<K: Copy>(names: &[String], kinds: &[(&str, K)]) -> Result<Vec<Output<K>>, Error> {
    check_each(names, |name| {
        let lower = name.to_lowercase();
        let known = kinds.iter().find(|(ending, _)| lower.ends_with(ending));
        let endings: Vec<&str> = kinds.iter().map(|(ending, _)| *ending).collect();
        let unknown =
            || Fault::input(Place::file(name), "the ending says no format that is known").remedy(format!("use {}", endings.join(", ")));
        let (_, kind) = known.ok_or_else(unknown)?;
        Ok(Output { kind: *kind, name: name.to_owned(), target: target_of(name)? })
    })
}

fn check_each<K>(names: &[String], check_one: impl Fn(&str) -> Result<Output<K>, Error>) -> Result<Vec<Output<K>>, Error> {
    let mut outputs: Vec<Output<K>> = Vec::with_capacity(names.len());
    let mut faults = Vec::new();
    for name in names {
        match check_one(name) {
            Ok(output) if outputs.iter().any(|other| other.target == output.target) => {
                faults.push(Fault::input(Place::file(name), "is named twice as an output").remedy("name each output once"));
            }
            Ok(output) => outputs.push(output),
            Err(error) => faults.extend_from_slice(error.faults()),
        }
    }
    Error::from_faults(faults)?;
    Ok(outputs)
}

/// Refuses outputs that would replace what the run reads.
pub fn refuse_inputs<'a, K>(outputs: &[Output<K>], inputs: impl Iterator<Item = &'a str>) -> Result<(), Error> {
    let inputs: Vec<PathBuf> = inputs.filter_map(|name| resolved(Path::new(name)).ok()).collect();
    let replaces_input = outputs.iter().filter(|output| inputs.contains(&output.target));
    let fault = |output: &Output<K>| {
        Fault::input(Place::file(&output.name), "is an input of this run, and would be replaced").remedy("name another file with -o")
    };
    Error::from_faults(replaces_input.map(fault).collect())
}

fn no_such_form(name: &str, command: &str, kind: Kind, forms: &[Kind]) -> Fault {
    let endings: Vec<&str> = KINDS.iter().filter(|(_, kind)| forms.contains(kind)).map(|(ending, _)| *ending).collect();
    let ending = KINDS.iter().find(|(_, known)| *known == kind).map_or("", |(ending, _)| *ending);
    Fault::input(Place::file(name), format!("`ecsim {command}` writes no {ending}")).remedy(format!("it writes {}", endings.join(", ")))
}

fn check_one(name: &str) -> Result<Output, Error> {
    let place = || Place::file(name);
    if names_folder(name) {
        let fault = Fault::new(ErrorKind::File, place(), "is a folder, not a file");
        return Err(fault.remedy(format!("name a file in it, as {}/result.json", name.trim_end_matches(std::path::is_separator))).into());
    }
    let unknown = || {
        Fault::input(place(), "the ending says no format that is known")
            .remedy("use .json, .csv, .focus.csv, .svg, .png, .html, .md or .junit.xml")
    };
    let kind = kind_of(name).ok_or_else(unknown)?;
    Ok(Output { kind, name: name.to_owned(), target: target_of(name)? })
}

/// The file that a name leads to; a fault where it cannot be written.
fn target_of(name: &str) -> Result<PathBuf, Error> {
    writable(Path::new(name)).map_err(|error| {
        let fault = Fault::new(ErrorKind::File, Place::file(name), format!("cannot be written: {}", reason(&error)));
        Error::from(fault.remedy("choose a file in a folder that you may write to"))
    })
}

/// The file that a name leads to, if it can be written. Its folder is made if it is not there; a file
/// without a name, which the system drops by itself, tries out that the folder takes new files.
fn writable(path: &Path) -> io::Result<PathBuf> {
    let folder = folder_of(path);
    match std::fs::create_dir_all(folder) {
        // The system says of a file in the way only that it exists.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Err(io::ErrorKind::NotADirectory.into()),
        made => made?,
    }
    let target = resolved(path)?;
    if let Ok(old) = std::fs::metadata(&target) {
        if !old.is_file() {
            return Err(io::Error::other("it is a device or a pipe, not a file"));
        }
        std::fs::OpenOptions::new().append(true).open(&target)?;
    }
    tempfile::tempfile_in(folder_of(&target))?;
    Ok(target)
}

/// One path for all names of a file, whether the file is there or only its folder.
fn resolved(path: &Path) -> io::Result<PathBuf> {
    if let Ok(known) = path.canonicalize() {
        return Ok(known);
    }
    let name = path.file_name().ok_or_else(|| io::Error::other("it names no file"))?;
    Ok(folder_of(path).canonicalize()?.join(name))
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."))
}

/// Fills all outputs and then puts all of them in place, and returns their names; if one cannot be
/// filled, none is replaced.
pub fn write<K>(outputs: Vec<Output<K>>, contents: &[Vec<u8>]) -> Result<Vec<String>, Error> {
    let mut filled = Vec::with_capacity(outputs.len());
    for (output, content) in outputs.iter().zip(contents) {
        let file = fill(&output.target, content);
        filled.push(file.map_err(|error| failure(&output.name, &error, "nothing was replaced; make room or choose another folder"))?);
    }
    for (output, file) in outputs.iter().zip(filled) {
        let placed = file.persist(&output.target);
        placed.map_err(|error| failure(&output.name, &error.error, "choose a file in a folder that you may write to"))?;
    }
    Ok(outputs.into_iter().map(|output| output.name).collect())
}

/// A temporary file beside its target, with the whole content and the rights of the file that it will be.
pub fn fill(target: &Path, content: &[u8]) -> io::Result<NamedTempFile> {
    let mut file = tempfile::Builder::new().prefix(".ecsim-").tempfile_in(folder_of(target))?;
    file.write_all(content)?;
    file.as_file().sync_all()?;
    allow_others_to_read(&file, target);
    Ok(file)
}

/// A temporary file is the owner's alone; an output is a file like any other.
fn allow_others_to_read(file: &NamedTempFile, target: &Path) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(target).map_or(0o644, |old| old.permissions().mode());
        // Best effort: an output that only its owner can read is still the output.
        let _ = file.as_file().set_permissions(std::fs::Permissions::from_mode(mode));
    }
    #[cfg(not(unix))]
    let _ = (file, target);
}

/// A fault of writing.
pub fn failure(name: &str, error: &io::Error, remedy: &str) -> Error {
    Fault::new(ErrorKind::File, Place::file(name), format!("cannot be written: {}", reason(error))).remedy(remedy).into()
}
