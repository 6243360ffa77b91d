//! Output files: opened before the work, replaced whole when it ends.
//!
//! Each output is written to a temporary file beside its target and renamed over it at the end, so that a
//! target is either the old file or the whole new one. What cannot be written is found out before the
//! simulation, not after it.

use std::io::Write;
use std::path::{Path, PathBuf};

use ecsim::error::{Error, ErrorKind, Fault, Place};
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
}

/// Endings that later versions will write.
const NOT_MODELLED: [(&str, &str); 3] =
    [(".focus.csv", "the FOCUS export"), (".junit.xml", "the JUnit report"), (".html", "the HTML report")];

const KINDS: [(&str, Kind); 5] =
    [(".json", Kind::Json), (".csv", Kind::Csv), (".svg", Kind::Svg), (".png", Kind::Png), (".md", Kind::Markdown)];

/// An output that is open and not yet in place.
#[derive(Debug)]
pub struct Output {
    /// Its form.
    pub kind: Kind,
    target: PathBuf,
    file: NamedTempFile,
}

/// Opens all outputs, or none.
pub fn open(names: &[String]) -> Result<Vec<Output>, Error> {
    let mut outputs: Vec<Output> = Vec::with_capacity(names.len());
    let mut faults = Vec::new();
    for name in names {
        match open_one(name) {
            Ok(output) if outputs.iter().any(|other| other.target == output.target) => {
                faults.push(Fault::input(Place::file(name), "is named twice as an output").remedy("name each output once"));
            }
            Ok(output) => outputs.push(output),
            Err(fault) => faults.push(fault),
        }
    }
    Error::from_faults(faults)?;
    Ok(outputs)
}

fn open_one(name: &str) -> Result<Output, Fault> {
    let target = Path::new(name);
    let place = || Place::file(name);
    let lower = name.to_lowercase();
    if target.is_dir() || name.ends_with('/') {
        let fault = Fault::new(ErrorKind::File, place(), "is a folder, not a file");
        return Err(fault.remedy(format!("name a file in it, as {}/result.json", name.trim_end_matches('/'))));
    }
    if let Some((_, what)) = NOT_MODELLED.iter().find(|(ending, _)| lower.ends_with(ending)) {
        return Err(Fault::new(ErrorKind::NotModelled, place(), *what).remedy("write .json, .csv, .svg, .png or .md"));
    }
    let Some((_, kind)) = KINDS.iter().find(|(ending, _)| lower.ends_with(ending)) else {
        let fault = Fault::input(place(), "the ending says no format that is known");
        return Err(fault.remedy("use .json, .csv, .svg, .png or .md"));
    };
    let folder = match target.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let failed = |reason: std::io::Error| {
        Fault::new(ErrorKind::File, place(), format!("cannot be written: {reason}")).remedy("choose a folder that you may write to")
    };
    std::fs::create_dir_all(folder).map_err(failed)?;
    let file = tempfile::Builder::new().prefix(".ecsim-").tempfile_in(folder).map_err(failed)?;
    Ok(Output { kind: *kind, target: target.to_owned(), file })
}

/// Fills all outputs and then puts all of them in place; if one cannot be filled, none is replaced.
pub fn write(outputs: Vec<Output>, contents: Vec<Vec<u8>>) -> Result<Vec<PathBuf>, Error> {
    let mut outputs = outputs;
    for (output, content) in outputs.iter_mut().zip(&contents) {
        let written = output.file.write_all(content).and_then(|()| output.file.as_file().sync_all());
        written.map_err(|reason| failure(&output.target, &reason, "nothing was replaced; make room or choose another folder"))?;
    }
    let mut targets = Vec::with_capacity(outputs.len());
    for output in outputs {
        allow_others_to_read(&output);
        let Output { target, file, .. } = output;
        file.persist(&target).map_err(|error| failure(&target, &error.error, "choose a folder that you may write to"))?;
        targets.push(target);
    }
    Ok(targets)
}

/// A temporary file is the owner's alone; an output is a file like any other.
fn allow_others_to_read(output: &Output) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(&output.target).map_or(0o644, |old| old.permissions().mode());
        // Best effort: an output that only its owner can read is still the output.
        let _ = output.file.as_file().set_permissions(std::fs::Permissions::from_mode(mode));
    }
}

fn failure(target: &Path, reason: &std::io::Error, remedy: &str) -> Error {
    let place = Place::file(target.display().to_string());
    Fault::new(ErrorKind::File, place, format!("cannot be written: {reason}")).remedy(remedy).into()
}
