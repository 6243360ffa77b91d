//! Who may import whom: the table of docs/ARCHITECTURE.md, held against the sources.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

const ARCHITECTURE: &str = include_str!("../../docs/ARCHITECTURE.md");

/// Every module of the library and the modules that it may import, as the document has them.
fn may_import() -> BTreeMap<&'static str, BTreeSet<&'static str>> {
    let section = ARCHITECTURE.split("\n## ").find(|section| section.starts_with("Who may import whom")).expect("the section");
    let rows = section.lines().filter_map(|line| line.strip_prefix("| ")).skip(1).filter(|row| !row.starts_with("---"));
    let mut table = BTreeMap::new();
    for row in rows {
        let [modules, allowed, _why] = row.trim_end_matches(" |").split(" | ").collect::<Vec<_>>()[..] else {
            panic!("a row of three cells: {row}");
        };
        let allowed: BTreeSet<&str> = allowed.split(", ").filter(|name| *name != "nothing").collect();
        for module in modules.split(", ") {
            assert!(table.insert(module, allowed.clone()).is_none(), "{module} has two rows");
        }
    }
    table
}

/// A slip of the pen in the document would forbid less than it seems to, or nothing.
#[test]
fn the_table_names_the_modules_that_there_are() {
    let table = may_import();
    let mut modules: BTreeSet<String> = sources().into_keys().collect();
    for root in ["lib", "main", "cli"] {
        modules.remove(root);
    }
    assert_eq!(table.keys().map(ToString::to_string).collect::<BTreeSet<_>>(), modules);
    for (module, allowed) in &table {
        let unknown: Vec<_> = allowed.iter().filter(|name| !table.contains_key(*name)).collect();
        assert!(unknown.is_empty(), "the row of {module} allows {unknown:?}");
    }
}

fn sources() -> BTreeMap<String, Vec<PathBuf>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut modules: BTreeMap<String, Vec<PathBuf>> = BTreeMap::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("the sources can be read") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let inside = path.strip_prefix(&root).expect("below src");
                let first = inside.iter().next().expect("a name").to_string_lossy();
                modules.entry(first.trim_end_matches(".rs").to_owned()).or_default().push(path);
            }
        }
    }
    modules
}

/// The modules that a source names after `crate::`, in imports and in paths, comments left out.
fn imports(text: &str) -> BTreeSet<String> {
    let code: String = text.lines().map(|line| line.split("//").next().unwrap_or("")).collect::<Vec<_>>().join("\n");
    code.split("crate::")
        .skip(1)
        .flat_map(|after| {
            // `use crate::{a::b, c};` names several.
            let names = after.strip_prefix('{').map_or(after, |group| group.split('}').next().unwrap_or(""));
            let several = names.len() != after.len();
            let parts: Vec<&str> = if several { names.split(',').collect() } else { vec![names] };
            parts
                .into_iter()
                .map(|part| part.trim().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>())
                .collect::<Vec<_>>()
        })
        .filter(|name| !name.is_empty())
        .collect()
}

#[test]
fn modules_import_only_what_the_table_allows() {
    let table = may_import();
    let mut breaches = Vec::new();
    for (module, paths) in sources() {
        if matches!(module.as_str(), "lib" | "main" | "cli") {
            continue;
        }
        let Some(allowed) = table.get(module.as_str()) else {
            breaches.push(format!("{module} has no row in the table"));
            continue;
        };
        for path in paths {
            let text = fs::read_to_string(&path).expect("a source is text");
            let production = text.split("#[cfg(test)]").next().unwrap_or("");
            for name in imports(production) {
                if name != module && !allowed.contains(name.as_str()) && table.contains_key(name.as_str()) {
                    breaches.push(format!("{} imports {name}", path.display()));
                }
            }
        }
    }
    assert!(breaches.is_empty(), "{}", breaches.join("\n"));
}

#[test]
fn the_boundaries_that_matter_most_stand_in_the_table() {
    let table = may_import();
    let forbidden = [
        ("traffic", "control"),
        ("control", "traffic"),
        ("control", "trace"),
        ("simulate", "cost"),
        ("cost", "simulate"),
        ("cost", "control"),
        ("report", "simulate"),
        ("report", "cost"),
        ("plan", "report"),
        ("events", "scenario"),
    ];
    for (module, other) in forbidden {
        assert!(!table[module].contains(other), "{module} must not import {other}");
    }
}
