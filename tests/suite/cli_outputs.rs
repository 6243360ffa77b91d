//! Output files are checked before the work and replaced whole after it, or left as they are.

use super::command_line::{Folder, SMALL};

#[test]
fn the_ending_of_an_output_says_its_form() {
    let folder = Folder::with_small();
    let names = ["a.json", "a.csv", "a.svg", "a.png", "a.md"];
    let mut arguments = vec!["run", "small.yaml"];
    names.iter().for_each(|name| arguments.extend(["-o", name]));
    folder.ecsim(&arguments).code(0).says(&["wrote a.json\n", "wrote a.md\n"]);
    let beginnings: [&[u8]; 5] = [b"{", b"time,service,offered_rps,", b"<svg", b"\x89PNG\r\n", b"<!-- ecsim:run:small -->\n## small"];
    for (name, beginning) in names.iter().zip(beginnings) {
        let bytes = folder.bytes(name);
        assert!(bytes.starts_with(beginning), "{name}: {:?}", String::from_utf8_lossy(&bytes[..bytes.len().min(60)]));
    }
    let standard_output = folder.ecsim(&["run", "small.yaml", "--format", "json"]).code(0).out;
    assert_eq!(folder.bytes("a.json"), standard_output.as_bytes());
    let mut all = names.to_vec();
    all.push("small.yaml");
    all.sort_unstable();
    assert_eq!(folder.names(), all);
}

#[test]
fn the_folder_of_an_output_is_made() {
    let folder = Folder::with_small();
    folder.ecsim(&["run", "small.yaml", "-o", "new/deep/out.json"]).code(0);
    assert!(folder.bytes("new/deep/out.json").starts_with(b"{"));
}

#[test]
fn a_run_that_fails_leaves_the_older_output_and_nothing_else() {
    let folder = Folder::with_small();
    folder.put("out.json", "old");
    folder.put("bad.yaml", "version: 1\nservices: {}\n");
    folder.ecsim(&["run", "bad.yaml", "-o", "out.json"]).code(1);
    folder.ecsim(&["run", "missing.yaml", "-o", "out.json"]).code(1);
    folder.ecsim(&["run", "small.yaml", "-o", "out.json", "-o", "other.jsonl"]).code(1);
    assert_eq!(folder.bytes("out.json"), b"old");
    assert_eq!(folder.names(), ["bad.yaml", "out.json", "small.yaml"]);
}

#[test]
fn a_folder_is_no_output() {
    let folder = Folder::with_small();
    std::fs::create_dir(folder.path().join("results")).unwrap();
    for name in ["results", "results/", "nowhere/"] {
        for command in ["run", "plan"] {
            folder.ecsim(&[command, "small.yaml", "-o", name]).code(1).says(&[name, "is a folder", "/result.json"]);
        }
    }
}

#[test]
fn an_ending_that_says_no_format_is_wrong_usage() {
    let folder = Folder::with_small();
    for name in ["out", "out.txt", "json"] {
        folder.ecsim(&["run", "small.yaml", "-o", name]).code(2).says(&[name, ".csv (timeline), .focus.csv (the bill as FOCUS 1.2), .svg"]);
    }
    let endings = [
        ("calendar", ".json (all of it), .csv (the months), .svg and .png (chart), .md\n"),
        ("sweep", ".csv and .jsonl (a row for each point), .json (what was found), .svg and .png (pictures), .md\n"),
        ("plan", ".md, .tf (Terraform), .yaml (CloudFormation), .sh (AWS CLI)\n"),
    ];
    for (command, endings) in endings {
        folder.ecsim(&[command, "small.yaml", "-o", "out.txt"]).code(2).says(&["out.txt", endings]);
    }
    for command in ["run", "plan"] {
        folder.ecsim(&[command, "small.yaml", "-o", "-"]).code(2).says(&["--format"]);
    }
}

#[test]
fn an_output_is_named_once() {
    let folder = Folder::with_small();
    for other in ["a.json", "./a.json", "new/../a.json"] {
        std::fs::create_dir_all(folder.path().join("new")).unwrap();
        folder.ecsim(&["run", "small.yaml", "-o", "a.json", "-o", other]).code(1).says(&[other, "named twice"]);
    }
}

#[test]
fn an_output_never_replaces_what_the_run_reads() {
    let folder = Folder::new();
    folder.put("small.json", "{}");
    folder.ecsim(&["run", "small.json", "-o", "./small.json"]).code(1).says(&["./small.json", "is an input of this run"]);
    folder.put("traced.yaml", &SMALL.replace("{constant: 5}", "{trace: {file: load.csv, column: rps}}"));
    let trace = "time,rps\n2026-01-05T00:00:00Z,5\n2026-01-05T00:01:00Z,6\n";
    folder.put("load.csv", trace);
    folder.ecsim(&["run", "traced.yaml", "-o", "load.csv"]).code(1).says(&["load.csv", "is an input of this run"]);
    assert_eq!(folder.bytes("load.csv"), trace.as_bytes());
    folder.put("task.yaml", &SMALL.replace("{cpu: 256, memory: 512}", "{file: task.json}"));
    folder.put("task.json", r#"{"cpu": "256", "memory": "512"}"#);
    folder.ecsim(&["run", "task.yaml", "-o", "task.json"]).code(1).says(&["task.json", "is an input of this run"]);
}

#[test]
fn a_place_that_cannot_be_written_is_found_out_before_the_work() {
    let folder = Folder::with_small();
    // The scenario is missing too, but outputs are looked at first. A file in the way stops even root.
    folder
        .ecsim(&["run", "missing.yaml", "-o", "small.yaml/out.json"])
        .code(1)
        .says(&["small.yaml/out.json: cannot be written", "a part of the path is a file, not a folder"]);
}

#[cfg(target_os = "linux")]
mod on_linux {
    use std::process::{Command, Stdio};
    use std::time::Duration;

    use super::super::command_line::{Folder, SMALL};

    #[test]
    fn a_full_disk_at_standard_output_is_a_failure() {
        let folder = Folder::with_small();
        for command in ["run small.yaml", "estimate small.yaml", "check small.yaml", "pricing show alb", "schema result"] {
            folder
                .bash(&format!("\"$ECSIM\" {command} > /dev/full"))
                .code(1)
                .says(&["standard output cannot be written: no space is left on the device"]);
        }
    }

    /// A limit of 2 KiB on files stands for a full disk: both fail in the midst of writing.
    #[test]
    fn a_full_disk_leaves_the_older_outputs() {
        let folder = Folder::with_small();
        folder.put("a.md", "old");
        folder.put("b.json", "old");
        folder
            .bash("trap '' XFSZ; ulimit -f 2; \"$ECSIM\" run small.yaml -o a.md -o b.json 2>&1 >/dev/null | cat >&2; exit ${PIPESTATUS[0]}")
            .code(1)
            .says(&["b.json: cannot be written", "larger than the system allows", "nothing was replaced"]);
        assert_eq!((folder.bytes("a.md"), folder.bytes("b.json")), (b"old".to_vec(), b"old".to_vec()));
        assert_eq!(folder.names(), ["a.md", "b.json", "small.yaml"]);
    }

    #[test]
    fn a_reader_that_goes_early_is_no_failure() {
        let folder = Folder::with_small();
        for command in ["run small.yaml -q --format json", "schema scenario", "pricing show", "completions bash"] {
            let ended = folder.bash(&format!("set -o pipefail; \"$ECSIM\" {command} | head -c 1")).code(0);
            assert_eq!((ended.out.len(), ended.err.as_str()), (1, ""), "{command}");
        }
    }

    #[test]
    fn a_link_is_followed_to_the_file_that_it_names() {
        let folder = Folder::with_small();
        folder.put("real.json", "old");
        std::os::unix::fs::symlink("real.json", folder.path().join("link.json")).unwrap();
        folder.ecsim(&["run", "small.yaml", "-o", "link.json"]).code(0);
        assert!(folder.bytes("real.json").starts_with(b"{"));
        assert!(std::fs::symlink_metadata(folder.path().join("link.json")).unwrap().is_symlink());
    }

    #[test]
    fn a_device_is_no_output() {
        let folder = Folder::with_small();
        std::os::unix::fs::symlink("/dev/null", folder.path().join("null.json")).unwrap();
        folder.ecsim(&["run", "small.yaml", "-o", "null.json"]).code(1).says(&["null.json", "a device or a pipe"]);
    }

    #[test]
    fn an_output_keeps_its_rights_and_a_new_one_may_be_read_by_others() {
        use std::os::unix::fs::PermissionsExt;
        let folder = Folder::with_small();
        folder.put("old.json", "old");
        let path = |name: &str| folder.path().join(name);
        std::fs::set_permissions(path("old.json"), std::fs::Permissions::from_mode(0o600)).unwrap();
        folder.ecsim(&["run", "small.yaml", "-o", "old.json", "-o", "new.json"]).code(0);
        let mode = |name: &str| std::fs::metadata(path(name)).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode("old.json"), mode("new.json")), (0o600, 0o644));
    }

    /// The run waits for its scenario, so that it is interrupted between the check of its outputs and
    /// their writing; the folder of the output tells that it has come so far.
    #[test]
    fn an_interrupted_run_leaves_nothing_behind() {
        let folder = Folder::new();
        // Whoever runs the tests in the background may have them ignore the signal.
        let mut run = Command::new("env")
            .current_dir(folder.path())
            .args(["--default-signal=INT", env!("CARGO_BIN_EXE_ecsim"), "run", "-", "-o", "new/out.json"])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let made = folder.path().join("new");
        assert!((0..200).any(|_| {
            std::thread::sleep(Duration::from_millis(25));
            made.is_dir()
        }));
        std::thread::sleep(Duration::from_millis(100));
        let interrupted = Command::new("bash").args(["-c", &format!("kill -INT {}", run.id())]).status().unwrap();
        assert!(interrupted.success());
        assert_eq!(run.wait().unwrap().code(), None, "ended by the signal");
        assert_eq!(std::fs::read_dir(made).unwrap().count(), 0);
    }

    /// Ten years take long enough to be interrupted in the simulation itself.
    #[test]
    fn a_simulation_in_progress_has_no_file_in_the_folder() {
        let folder = Folder::new();
        folder.put("long.yaml", &SMALL.replace("duration: 2h", "duration: 3660d, timeline_resolution: 1d"));
        let mut run = Command::new(env!("CARGO_BIN_EXE_ecsim"))
            .current_dir(folder.path())
            .args(["run", "long.yaml", "-o", "new/out.json", "-q"])
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(Duration::from_millis(150));
        run.kill().unwrap();
        run.wait().unwrap();
        let hidden = std::fs::read_dir(folder.path().join("new")).map_or(0, |entries| {
            entries.filter(|entry| entry.as_ref().is_ok_and(|entry| entry.file_name().to_string_lossy().starts_with('.'))).count()
        });
        assert_eq!(hidden, 0);
    }
}
