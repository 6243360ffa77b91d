//! What an interrupted sweep has done, so that the same command goes on from there.
//!
//! The journal stands beside the first output, under its name and `.journal`, while a sweep runs. Its first line says which
//! sweep it is of; then comes a line for each point, written as soon as the point has ended. A process that is
//! killed leaves at most half a line at the end, which the next one drops. When the sweep is done the journal goes.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use ecsim::error::{Error, ErrorKind, Fault, Place};
use ecsim::files::reason;
use ecsim::plan::sweep::PointOutcome;
use serde::{Deserialize, Serialize};

/// Which sweep a journal is of. Points of another one must not be mixed with those of this one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// The version of ecsim.
    pub version: String,
    /// A hash of the scenario with all files that it reads and all that the command line sets.
    pub scenario: String,
    /// The seed.
    pub seed: u64,
    /// What varies, which sample and which shard, as written.
    pub points: Vec<String>,
}

impl Identity {
    /// What of another sweep differs from this one.
    fn difference(&self, other: &Self) -> Option<&'static str> {
        match () {
            () if self.version != other.version => Some("another version of ecsim"),
            () if self.seed != other.seed => Some("another seed"),
            () if self.points != other.points => Some("other values of --vary, --sample or --shard"),
            () if self.scenario != other.scenario => Some("another scenario, or one whose files have changed since"),
            () => None,
        }
    }
}

/// A line of the journal.
#[derive(Serialize, Deserialize)]
struct Entry {
    index: u64,
    #[serde(flatten)]
    outcome: PointOutcome,
}

/// An open journal.
#[derive(Debug)]
pub struct Journal {
    file: File,
    path: PathBuf,
    /// Where the line of each point begins that an earlier sweep has done.
    known: BTreeMap<u64, u64>,
    end: u64,
}

impl Journal {
    /// Opens the journal beside an output, and begins it when there is none or when it shall `restart`.
    ///
    /// # Errors
    /// When it is of another sweep or another process writes it.
    pub fn open(output: &Path, identity: &Identity, restart: bool) -> Result<Self, Error> {
        let mut name = output.as_os_str().to_owned();
        name.push(".journal");
        let path = PathBuf::from(name);
        let opened = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path);
        let file = opened.map_err(|error| failed(&path, &error))?;
        match file.try_lock() {
            // A file system without locks does not keep anyone from working.
            Ok(()) | Err(TryLockError::Error(_)) => {}
            Err(TryLockError::WouldBlock) => {
                let fault = Fault::new(ErrorKind::File, at(&path), "another sweep writes it right now");
                return Err(fault.remedy("wait for it, or name another output").into());
            }
        }
        let mut journal = Self { file, path, known: BTreeMap::new(), end: 0 };
        let is_begun = !restart && journal.read(identity)?;
        // Half a line at the end goes; it might be longer than the line that takes its place.
        let ready = if is_begun { journal.file.set_len(journal.end) } else { journal.begin(identity) };
        ready.map_err(|error| failed(&journal.path, &error))?;
        Ok(journal)
    }

    /// How many points are done already.
    pub fn len(&self) -> u64 {
        self.known.len() as u64
    }

    /// Finds where the points stand; false when nothing of a journal is there yet.
    fn read(&mut self, identity: &Identity) -> Result<bool, Error> {
        let wrong = |path: &Path, what: &str| {
            let fault = Fault::input(at(path), format!("it is the journal of {what}"));
            Error::from(fault.remedy("name another output, or give --restart to begin anew"))
        };
        let mut reader = BufReader::new(&self.file);
        let mut line = Vec::new();
        let mut lines = 0_u64;
        loop {
            line.clear();
            let length = reader.read_until(b'\n', &mut line).map_err(|error| failed(&self.path, &error))?;
            // Half a line is that of a point which had not been written when the process ended.
            if line.last() != Some(&b'\n') {
                break;
            }
            if lines == 0 {
                let found: Identity = serde_json::from_slice(&line).map_err(|_| wrong(&self.path, "something that is no sweep"))?;
                if let Some(difference) = identity.difference(&found) {
                    return Err(wrong(&self.path, difference));
                }
            } else {
                let entry: Entry = serde_json::from_slice(&line).map_err(|_| wrong(&self.path, "a sweep, but damaged"))?;
                self.known.insert(entry.index, self.end);
            }
            self.end += length as u64;
            lines += 1;
        }
        Ok(lines > 0)
    }

    fn begin(&mut self, identity: &Identity) -> io::Result<()> {
        self.known.clear();
        let mut line = serde_json::to_vec(identity)?;
        line.push(b'\n');
        self.file.set_len(0)?;
        self.end = 0;
        self.append(&line)
    }

    /// Writes behind the last line.
    fn append(&mut self, line: &[u8]) -> io::Result<()> {
        self.file.seek(SeekFrom::Start(self.end))?;
        self.file.write_all(line)?;
        self.end += line.len() as u64;
        Ok(())
    }

    /// Records a point that has ended.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn record(&mut self, index: u64, outcome: &PointOutcome) -> Result<(), Error> {
        let entry = Entry { index, outcome: outcome.clone() };
        let written = serde_json::to_vec(&entry).map_err(io::Error::from).and_then(|mut line| {
            line.push(b'\n');
            self.append(&line)
        });
        written.map_err(|error| failed(&self.path, &error))
    }

    /// The outcome of a point that an earlier sweep has done.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn outcome(&mut self, index: u64) -> Result<Option<PointOutcome>, Error> {
        let Some(&begin) = self.known.get(&index) else { return Ok(None) };
        let mut read = || -> io::Result<PointOutcome> {
            self.file.seek(SeekFrom::Start(begin))?;
            let mut line = Vec::new();
            BufReader::new((&self.file).take(self.end - begin)).read_until(b'\n', &mut line)?;
            Ok(serde_json::from_slice::<Entry>(&line)?.outcome)
        };
        read().map(Some).map_err(|error| failed(&self.path, &error))
    }

    /// The sweep is done.
    ///
    /// # Errors
    /// When the file cannot be removed.
    pub fn remove(self) -> Result<(), Error> {
        std::fs::remove_file(&self.path).map_err(|error| failed(&self.path, &error))
    }
}

fn at(path: &Path) -> Place {
    Place::file(path.display().to_string())
}

fn failed(path: &Path, error: &io::Error) -> Error {
    let fault = Fault::new(ErrorKind::File, at(path), format!("the journal of the sweep failed: {}", reason(error)));
    fault.remedy("choose an output in a folder that you may write to").into()
}
