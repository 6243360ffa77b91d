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
use rayon::ThreadPool;
use rayon::prelude::*;
use tempfile::NamedTempFile;

use super::console::Console;
use super::document::{Document, Form, Render, endings, form, known_ending};

/// Parses the name of an output on the command line; an ending that says no format is wrong usage.
pub fn output_name<D: Document>(name: &str) -> Result<String, String> {
    if name == "-" {
        return Err("it names a file; --format says what standard output shows".to_owned());
    }
    if known_ending::<D>(name).is_none() && !names_folder(name) {
        return Err(format!("the ending says the format: use {}", endings::<D>()));
    }
    Ok(name.to_owned())
}

fn names_folder(name: &str) -> bool {
    name.ends_with(std::path::is_separator) || Path::new(name).is_dir()
}

/// An output that can be written and is not yet.
#[derive(Debug)]
pub struct Output<D: 'static> {
    /// Its form.
    form: &'static Form<D>,
    /// Its name as the user gave it.
    pub name: String,
    /// The file to replace, links followed.
    pub target: PathBuf,
}

impl<D: Document> Output<D> {
    /// Its ending, in small letters.
    pub fn ending(&self) -> &'static str {
        self.form.0
    }

    /// Whether it is filled while the command works.
    pub fn is_streamed(&self) -> bool {
        matches!(self.form.2, Render::Streamed)
    }

    /// What it is filled with when the command has worked.
    fn content(&self, document: &D) -> Option<Result<Vec<u8>, Error>> {
        let content = match self.form.2 {
            Render::Text(text) => text(document).map(String::into_bytes),
            Render::Bytes(bytes) => bytes(document),
            Render::Streamed => return None,
        };
        Some(content.map_err(|error| self.placed(&error)))
    }

    /// Faults that name no place are faults of this output.
    fn placed(&self, error: &Error) -> Error {
        let placed = error.faults().iter().map(|fault| {
            let mut fault = fault.clone();
            if fault.place == Place::default() {
                fault.place = Place::file(&self.name);
            }
            fault
        });
        Error::from_faults(placed.collect()).err().unwrap_or_else(|| error.clone())
    }
}

/// The outputs of a command, in the order in which they are told.
#[derive(Debug)]
pub struct Outputs<D: 'static>(Vec<Output<D>>);

impl<D: Document> Outputs<D> {
    /// Checks that all outputs can be written, and are of forms that this command writes; folders that are not there are made.
    pub fn check(names: &[String], command: &str) -> Result<Self, Error> {
        let mut outputs: Vec<Output<D>> = Vec::with_capacity(names.len());
        let mut faults = Vec::new();
        for name in names {
            match check_one(name, command) {
                Ok(output) if outputs.iter().any(|other| other.target == output.target) => {
                    faults.push(Fault::input(Place::file(name), "is named twice as an output").remedy("name each output once"));
                }
                Ok(output) => outputs.push(output),
                Err(error) => faults.extend_from_slice(error.faults()),
            }
        }
        Error::from_faults(faults)?;
        Ok(Self(outputs))
    }

    /// Refuses outputs that would replace what the run reads.
    pub fn refuse_inputs<'a>(&self, inputs: impl IntoIterator<Item = &'a str>) -> Result<(), Error> {
        let inputs: Vec<PathBuf> = inputs.into_iter().filter_map(|name| resolved(Path::new(name)).ok()).collect();
        let replaces_input = self.0.iter().filter(|output| inputs.contains(&output.target));
        let fault = |output: &Output<D>| {
            Fault::input(Place::file(&output.name), "is an input of this run, and would be replaced").remedy("name another file with -o")
        };
        Error::from_faults(replaces_input.map(fault).collect())
    }

    /// Each of them.
    pub fn iter(&self) -> impl Iterator<Item = &Output<D>> {
        self.0.iter()
    }

    /// The same, those first that are filled while the command works.
    pub fn streamed_first(mut self) -> Self {
        self.0.sort_by_key(|output| !output.is_streamed());
        self
    }

    /// Fills all outputs that are not streamed, and then puts all of them in place; if one cannot be filled, none is replaced.
    pub fn write(&self, document: &D, pool: &ThreadPool) -> Result<(), Error> {
        let content = |output| Some(Output::content(output, document)?.map(|content| (output, content)));
        let contents: Vec<_> = pool.install(|| self.0.par_iter().filter_map(content).collect::<Result<_, Error>>())?;
        let mut filled = Vec::with_capacity(contents.len());
        for (output, content) in contents {
            let file = fill(&output.target, &content);
            let file = file.map_err(|error| failure(&output.name, &error, "nothing was replaced; make room or choose another folder"))?;
            filled.push((output, file));
        }
        for (output, file) in filled {
            let placed = file.persist(&output.target);
            placed.map_err(|error| failure(&output.name, &error.error, "choose a file in a folder that you may write to"))?;
        }
        Ok(())
    }

    /// Tells which files were written.
    pub fn note(&self, console: &Console) {
        self.0.iter().for_each(|output| console.note(&format!("wrote {}", output.name)));
    }
}

fn check_one<D: Document>(name: &str, command: &str) -> Result<Output<D>, Error> {
    if names_folder(name) {
        let fault = Fault::new(ErrorKind::File, Place::file(name), "is a folder, not a file");
        return Err(fault.remedy(format!("name a file in it, as {}/result.json", name.trim_end_matches(std::path::is_separator))).into());
    }
    let no_such_form = || {
        let ending = known_ending::<D>(name).unwrap_or("file of this ending");
        let forms = D::FORMS.iter().map(|form| form.0).collect::<Vec<_>>().join(", ");
        Fault::input(Place::file(name), format!("`ecsim {command}` writes no {ending}")).remedy(format!("it writes {forms}"))
    };
    Ok(Output { form: form(name).ok_or_else(no_such_form)?, name: name.to_owned(), target: target_of(name)? })
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
