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
    /// The report as Markdown.
    Markdown,
    /// The bill as FOCUS 1.2.
    Focus,
}

/// Endings that later versions will write.
const NOT_MODELLED: [(&str, &str); 2] = [(".junit.xml", "the JUnit report"), (".html", "the HTML report")];

/// `.focus.csv` comes before the ending of a timeline, which it has too.
const KINDS: [(&str, Kind); 6] = [
    (".focus.csv", Kind::Focus),
    (".json", Kind::Json),
    (".csv", Kind::Csv),
    (".svg", Kind::Svg),
    (".png", Kind::Png),
    (".md", Kind::Markdown),
];

/// What an ending asks for.
enum Ending {
    Kind(Kind),
    NotModelled(&'static str),
    Unknown,
}

fn ending_of(name: &str) -> Ending {
    let lower = name.to_lowercase();
    if let Some((_, what)) = NOT_MODELLED.iter().find(|(ending, _)| lower.ends_with(ending)) {
        return Ending::NotModelled(what);
    }
    KINDS.iter().find(|(ending, _)| lower.ends_with(ending)).map_or(Ending::Unknown, |(_, kind)| Ending::Kind(*kind))
}

/// Parses the name of an output on the command line; an ending that says no format is wrong usage.
pub fn output_name(name: &str) -> Result<String, String> {
    if name == "-" {
        return Err("it names a file; --format says what standard output shows".to_owned());
    }
    if matches!(ending_of(name), Ending::Unknown) && !names_folder(name) {
        return Err("the ending says the format: use .json, .csv, .focus.csv, .svg, .png or .md".to_owned());
    }
    Ok(name.to_owned())
}

fn names_folder(name: &str) -> bool {
    name.ends_with(std::path::is_separator) || Path::new(name).is_dir()
}

/// An output that can be written and is not yet.
#[derive(Debug)]
pub struct Output {
    /// Its form.
    pub kind: Kind,
    /// Its name as the user gave it.
    name: String,
    /// The file to replace, links followed.
    target: PathBuf,
}

/// Checks that all outputs can be written; folders that are not there are made.
pub fn check(names: &[String]) -> Result<Vec<Output>, Error> {
    let mut outputs: Vec<Output> = Vec::with_capacity(names.len());
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
pub fn refuse_inputs<'a>(outputs: &[Output], inputs: impl Iterator<Item = &'a str>) -> Result<(), Error> {
    let inputs: Vec<PathBuf> = inputs.filter_map(|name| resolved(Path::new(name)).ok()).collect();
    let replaces_input = outputs.iter().filter(|output| inputs.contains(&output.target));
    let fault = |output: &Output| {
        Fault::input(Place::file(&output.name), "is an input of this run, and would be replaced").remedy("name another file with -o")
    };
    Error::from_faults(replaces_input.map(fault).collect())
}

/// Refuses outputs of a form that a command has not.
pub fn refuse_kind(outputs: &[Output], kind: Kind, why: &str) -> Result<(), Error> {
    let refused = outputs.iter().filter(|output| output.kind == kind);
    let fault = |output: &Output| Fault::input(Place::file(&output.name), why).remedy("use .json, .csv, .svg, .png or .md");
    Error::from_faults(refused.map(fault).collect())
}

fn check_one(name: &str) -> Result<Output, Error> {
    let place = || Place::file(name);
    if names_folder(name) {
        let fault = Fault::new(ErrorKind::File, place(), "is a folder, not a file");
        return Err(fault.remedy(format!("name a file in it, as {}/result.json", name.trim_end_matches(std::path::is_separator))).into());
    }
    let kind = match ending_of(name) {
        Ending::Kind(kind) => kind,
        Ending::NotModelled(what) => {
            return Err(Fault::new(ErrorKind::NotModelled, place(), what)
                .remedy("write .json, .csv, .focus.csv, .svg, .png or .md")
                .into());
        }
        Ending::Unknown => {
            return Err(Fault::input(place(), "the ending says no format that is known")
                .remedy("use .json, .csv, .focus.csv, .svg, .png or .md")
                .into());
        }
    };
    let target = writable(Path::new(name)).map_err(|error| {
        let fault = Fault::new(ErrorKind::File, place(), format!("cannot be written: {}", reason(&error)));
        Error::from(fault.remedy("choose a file in a folder that you may write to"))
    })?;
    Ok(Output { kind, name: name.to_owned(), target })
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
pub fn write(outputs: Vec<Output>, contents: &[Vec<u8>]) -> Result<Vec<String>, Error> {
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
