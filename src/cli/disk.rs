//! Files on the disk, as the library asks for them.

use std::io::{self, Read};
use std::path::Path;

use ecsim::error::{Error, ErrorKind, Fault, Place};
use ecsim::files::{Files, reason};

/// The file system, seen from the current folder.
#[derive(Clone, Copy, Debug)]
pub struct Disk;

impl Files for Disk {
    fn read(&self, name: &str) -> io::Result<Vec<u8>> {
        if name == "-" {
            return Err(io::Error::other("standard input holds the scenario alone, no other file"));
        }
        std::fs::read(Path::new(name))
    }

    fn open(&self, name: &str) -> io::Result<Box<dyn Read>> {
        if name == "-" {
            return Ok(Box::new(io::stdin().lock()));
        }
        if std::fs::metadata(name)?.is_dir() {
            return Err(io::ErrorKind::IsADirectory.into());
        }
        Ok(Box::new(std::fs::File::open(name)?))
    }
}

/// The content of a file, or of standard input for `-`.
pub fn read_input(name: &str) -> Result<Vec<u8>, Error> {
    let content = if name == "-" {
        let mut content = Vec::new();
        io::stdin().lock().read_to_end(&mut content).map(|_| content)
    } else {
        std::fs::read(name)
    };
    content.map_err(|error| {
        let fault = Fault::new(ErrorKind::File, Place::file(name), format!("cannot be read: {}", reason(&error)));
        let remedy = match error.kind() {
            io::ErrorKind::NotFound => "check the path, or write a scenario with `ecsim init`",
            io::ErrorKind::IsADirectory if name == "-" => "give it a scenario, as in `ecsim run - < scenario.yaml`",
            io::ErrorKind::IsADirectory => "name the scenario file in it",
            _ => "check that you may read it",
        };
        Error::from(fault.remedy(remedy))
    })
}
