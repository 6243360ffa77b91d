//! The binary as a user meets it: what the tests of the command line share.

use std::path::{Path, PathBuf};
use std::process::Output;

use assert_cmd::Command;
use assert_cmd::cargo::cargo_bin_cmd;

/// A service that is simulated in an instant.
pub const SMALL: &str = "\
version: 1
name: small
region: us-east-1
simulation: {duration: 2h}
services:
  app:
    task_definition: {cpu: 256, memory: 512}
    desired_count: 2
    traffic: {constant: 5}
    workload: {cpu_time: {distribution: exponential, mean: 20ms}}
variants:
  larger: {services: {app: {desired_count: 4}}}
  smaller: {services: {app: {desired_count: 1}}}
";

/// How a command ended.
#[derive(Debug)]
pub struct Ended {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Ended {
    pub fn of(output: &Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8_lossy(&output.stdout).into_owned(),
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// The JSON on standard output.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error} in {}{}", self.out, self.err))
    }

    /// The same, after a check of the exit code.
    #[track_caller]
    pub fn code(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{}{}", self.out, self.err);
        self
    }

    /// The same, after a check that standard error says all of this.
    #[track_caller]
    pub fn says(self, parts: &[&str]) -> Self {
        for part in parts {
            assert!(self.err.contains(part), "`{part}` is not in:\n{}", self.err);
        }
        self
    }
}

/// A folder of its own for a test.
pub struct Folder(tempfile::TempDir);

impl Folder {
    pub fn new() -> Self {
        Self(tempfile::tempdir().expect("a temporary folder"))
    }

    /// A folder that holds [`SMALL`] as `small.yaml`.
    pub fn with_small() -> Self {
        let folder = Self::new();
        folder.put("small.yaml", SMALL);
        folder
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }

    pub fn put(&self, name: &str, content: &str) {
        std::fs::write(self.path().join(name), content).expect("the folder takes files");
    }

    pub fn bytes(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.path().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// The names of the files and folders in it, hidden ones too.
    pub fn names(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.path()).expect("the folder is there");
        let mut names: Vec<String> = entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    /// A command in this folder.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = cargo_bin_cmd!("ecsim");
        command.current_dir(self.path()).args(arguments);
        command
    }

    pub fn ecsim(&self, arguments: &[&str]) -> Ended {
        Ended::of(&self.command(arguments).output().expect("the command starts"))
    }

    /// The same with a text on standard input.
    pub fn ecsim_reads(&self, input: &str, arguments: &[&str]) -> Ended {
        Ended::of(&self.command(arguments).write_stdin(input).output().expect("the command starts"))
    }

    /// A shell script in this folder, in which `$ECSIM` is the binary.
    #[cfg(target_os = "linux")]
    pub fn bash(&self, script: &str) -> Ended {
        let mut shell = std::process::Command::new("bash");
        shell.current_dir(self.path()).env("ECSIM", env!("CARGO_BIN_EXE_ecsim")).args(["-c", script]);
        Ended::of(&shell.output().expect("the command starts"))
    }
}

/// The root of the project.
pub fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// A command at the root of the project.
pub fn at_root(arguments: &[&str]) -> Ended {
    Ended::of(&cargo_bin_cmd!("ecsim").current_dir(root()).args(arguments).output().expect("the command starts"))
}

/// Every scenario that comes with the project, as `scenarios/NAME.yaml`.
pub fn shipped_scenarios() -> Vec<String> {
    let entries = std::fs::read_dir(root().join("scenarios")).expect("the folder of scenarios");
    let names = entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned());
    let mut scenarios: Vec<String> = names.filter(|name| name.ends_with(".yaml")).map(|name| format!("scenarios/{name}")).collect();
    scenarios.sort();
    assert!(scenarios.len() >= 5, "{scenarios:?}");
    scenarios
}
