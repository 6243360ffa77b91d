//! The pages under docs/: every console block is run, and every block of YAML is loaded.

use ecsim::scenario::{Request, load};

use crate::command_line::root;
use crate::support::Project;

/// What a block that is no whole scenario is merged over.
const BASE: &str = r#"
version: 1
simulation: {duration: 7d, fidelity: auto}
services:
  web:
    task_definition: {cpu: 512, memory: 1024}
    traffic: [{constant: 20}]
    workload: {cpu_time: 20ms}
"#;

/// Whether a whole file has this key; a block that begins with another shows a part of one service.
fn is_root_key(key: &str) -> bool {
    ecsim::scenario::schema::scenario_schema()["properties"].get(key).is_some()
}

/// The blocks of YAML on a page, each with the line of its first line.
fn yaml_blocks(page: &str) -> Vec<(usize, String)> {
    let mut blocks = Vec::new();
    let mut lines = page.lines().enumerate();
    while let Some((number, line)) = lines.next() {
        if line == "```yaml" {
            let body = lines.by_ref().map(|(_, line)| line).take_while(|line| *line != "```");
            blocks.push((number + 2, body.map(|line| format!("{line}\n")).collect()));
        }
    }
    blocks
}

fn indented(text: &str, by: usize) -> String {
    text.lines().map(|line| format!("{:by$}{line}\n", "")).collect()
}

/// A whole scenario around a block, and the variant that the block is in it.
fn around(block: &str) -> (String, Option<&'static str>) {
    let key = block.split(':').next().unwrap_or_default();
    match key {
        "version" => (block.to_owned(), None),
        "variants" => (format!("{BASE}{block}"), None),
        key if is_root_key(key) => (format!("{BASE}variants:\n  shown:\n{}", indented(block, 4)), Some("shown")),
        _ => (format!("{BASE}variants:\n  shown:\n    services:\n      web:\n{}", indented(block, 8)), Some("shown")),
    }
}

#[test]
fn every_block_of_yaml_is_a_valid_part_of_a_scenario() {
    let mut count = 0;
    let pages = std::fs::read_dir(root().join("docs")).expect("the folder of the documentation");
    let mut pages: Vec<_> = pages.map(|entry| entry.expect("a page").path()).collect();
    pages.sort();
    pages.push(root().join("README.md"));
    for path in pages {
        let page = std::fs::read_to_string(&path).expect("a page");
        for (line, block) in yaml_blocks(&page) {
            let (text, variant) = around(&block);
            // Files that a block names are relative to the folder of the shipped scenarios.
            let loaded = load(&Request { name: "scenarios/shown.yaml", text: text.as_bytes(), sets: &[], variant }, &Project);
            assert!(loaded.is_ok(), "{}:{line}: {}\n{text}", path.display(), loaded.unwrap_err());
            count += 1;
        }
    }
    assert!(count > 20, "{count} blocks");
}

/// `TRYCMD=overwrite` writes what the commands print now.
#[test]
fn every_console_block_prints_what_it_shows() {
    trycmd::TestCases::new().case("docs/*.md").case("README.md");
}
