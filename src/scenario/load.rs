//! The way from bytes to a scenario.

use std::collections::BTreeMap;

use super::document::{self, Node, Value};
use super::model::Scenario;
use super::overrides::{Setting, apply_variants, check_path, merge, variant_names};
use super::shape::canonical::canonicalise;
use super::shape::{Decode, Kind, Reading};
use super::written::root;
use super::written::task::TaskDefinition;
use super::{build, revisions, unmodelled};
use crate::error::{Error, ErrorKind, Fault, Place, Result};
use crate::files::{Files, folder_of, reason, resolve};

/// What to load.
#[derive(Clone, Debug)]
pub struct Request<'a> {
    /// The scenario's file name as the user gave it, `-` for standard input. Paths inside the scenario
    /// are relative to its folder.
    pub name: &'a str,
    /// The content of that file.
    pub text: &'a [u8],
    /// Each `PATH=VALUE`, applied in order, after the variant.
    pub sets: &'a [String],
    /// The variant to apply, `A+B` for A and then B.
    pub variant: Option<&'a str>,
}

/// A scenario and what reading it found out.
#[derive(Clone, Debug, PartialEq)]
pub struct Loaded {
    /// The checked scenario.
    pub scenario: Scenario,
    /// Every file that was read, the scenario first: its resolved name and content.
    pub inputs: Vec<(String, Vec<u8>)>,
    /// Keys that AWS defines and that touch neither capacity nor cost.
    pub ignored_keys: Vec<Place>,
    /// What the user should know though it is allowed, in sentences.
    pub warnings: Vec<String>,
    /// The names of the variants, in the order of the file.
    pub variants: Vec<String>,
}

/// Loads and checks a scenario. Without a chosen variant and without settings every variant is checked
/// too, so that a fault in one shows before a comparison runs for an hour.
///
/// # Errors
/// All faults of the scenario at once: breaches of its rules, wishes that are not modelled yet, files
/// that cannot be read.
pub fn load(request: &Request, files: &dyn Files) -> Result<Loaded> {
    Ok(Source::read(request, files)?.loaded)
}

/// The document of a scenario, read once, of which many configurations are made: no file is read again, and what a
/// configuration costs is the check of its values.
#[derive(Clone, Debug)]
pub struct Source {
    kind: Kind,
    name: String,
    tree: Node,
    task_definitions: TaskDefinitions,
    variant: Option<String>,
    settings: Vec<Setting>,
    loaded: Loaded,
}

impl Source {
    /// Reads and checks a scenario, as [`load`] does.
    ///
    /// # Errors
    /// As [`load`].
    pub fn read(request: &Request, files: &dyn Files) -> Result<Self> {
        let kind = root::Scenario::kind();
        let mut loader = Loader {
            kind: &kind,
            name: request.name,
            folder: folder_of(request.name),
            files,
            task_definitions: TaskDefinitions::new(),
            inputs: vec![(request.name.to_owned(), request.text.to_vec())],
        };
        let mut tree = document::parse(request.name, request.text)?;
        let mut faults = Vec::new();
        canonicalise(&mut tree, &kind, &mut faults);
        let settings = settings_of(request.sets, &mut faults);
        let variants = variant_names(&tree);

        let mut reading = Reading { faults, ..Reading::default() };
        let scenario = loader.variant(&tree, request.variant, &settings, &mut reading);
        if request.variant.is_none() && request.sets.is_empty() {
            for variant in &variants {
                loader.check_variant(&tree, variant, &mut reading);
            }
        }
        let (task_definitions, inputs) = (loader.task_definitions, loader.inputs);
        let loaded = loaded(scenario, reading, request.name, inputs, variants)?;
        let (name, variant) = (request.name.to_owned(), request.variant.map(ToOwned::to_owned));
        Ok(Self { kind, name, tree, task_definitions, variant, settings, loaded })
    }

    /// The scenario as it was read.
    #[must_use]
    pub fn loaded(&self) -> &Loaded {
        &self.loaded
    }

    /// The scenario with a variant, that of the request if none is named, the settings of the request and then these. Its
    /// inputs are the files that had to be read for it, without those of the scenario itself.
    ///
    /// # Errors
    /// All faults of the scenario that comes out.
    pub fn with(&self, variant: Option<&str>, settings: &[Setting], files: &dyn Files) -> Result<Loaded> {
        let mut loader = Loader {
            kind: &self.kind,
            name: &self.name,
            folder: folder_of(&self.name),
            files,
            task_definitions: self.task_definitions.clone(),
            inputs: Vec::new(),
        };
        let mut reading = Reading::default();
        let settings: Vec<&Setting> = self.settings.iter().chain(settings).collect();
        let scenario = loader.variant(&self.tree, variant.or(self.variant.as_deref()), settings, &mut reading);
        loaded(scenario, reading, &self.name, loader.inputs, self.loaded.variants.clone())
    }

    /// Checks that the scenario has a variant, or all of `A+B`.
    ///
    /// # Errors
    /// A name that is no variant: the nearest one is named.
    pub fn check_variant(&self, variant: &str) -> Result<()> {
        apply_variants(&mut self.tree.clone(), &self.kind, variant)
    }

    /// Checks that a path leads to something that a scenario may say, whether or not this one says it.
    ///
    /// # Errors
    /// A key that no scenario has, or a name or an item that is not there: the nearest one is named.
    pub fn check_path(&self, path: &str, place: &Place) -> Result<()> {
        check_path(&self.tree, &self.kind, path, place)
    }
}

fn loaded(
    scenario: Option<Scenario>,
    mut reading: Reading,
    name: &str,
    inputs: Vec<(String, Vec<u8>)>,
    variants: Vec<String>,
) -> Result<Loaded> {
    // A reader mends a file from its top to its end.
    reading.faults.sort_by(|one, other| in_file(&one.place).cmp(&in_file(&other.place)));
    Error::from_faults(reading.faults)?;
    let scenario = scenario.ok_or_else(|| Error::from(Fault::input(Place::file(name), "the scenario cannot be read")))?;
    Ok(Loaded { scenario, inputs, ignored_keys: reading.ignored_keys, warnings: reading.warnings, variants })
}

/// Where a place comes in the order of files, lines and columns.
fn in_file(place: &Place) -> (Option<&str>, Option<usize>, Option<usize>) {
    (place.file.as_deref(), place.line, place.column)
}

fn settings_of(texts: &[String], faults: &mut Vec<Fault>) -> Vec<Setting> {
    let mut settings = Vec::new();
    for text in texts {
        match Setting::parse(text) {
            Ok(setting) => settings.push(setting),
            Err(error) => faults.extend_from_slice(error.faults()),
        }
    }
    settings
}

/// Task definitions by resolved name, so that variants do not read them again.
type TaskDefinitions = BTreeMap<String, std::result::Result<Node, Vec<Fault>>>;

struct Loader<'a> {
    kind: &'a Kind,
    name: &'a str,
    folder: &'a str,
    files: &'a dyn Files,
    task_definitions: TaskDefinitions,
    inputs: Vec<(String, Vec<u8>)>,
}

impl Loader<'_> {
    /// The scenario with a variant and settings applied.
    fn variant<'s>(
        &mut self,
        tree: &Node,
        variant: Option<&str>,
        settings: impl IntoIterator<Item = &'s Setting>,
        reading: &mut Reading,
    ) -> Option<Scenario> {
        let mut tree = tree.clone();
        if let Some(variant) = variant
            && let Err(error) = apply_variants(&mut tree, self.kind, variant)
        {
            for fault in error.faults() {
                let mut fault = fault.clone();
                fault.place.file.get_or_insert_with(|| self.name.to_owned());
                reading.faults.push(fault);
            }
        }
        for setting in settings {
            if let Err(error) = setting.apply(&mut tree, self.kind) {
                reading.faults.extend_from_slice(error.faults());
            }
        }
        canonicalise(&mut tree, self.kind, &mut reading.faults);
        self.add_task_definitions(&mut tree, reading);
        tree.set_paths("");
        let written = root::Scenario::decode(&tree, reading)?;
        let revisions = revisions::read(&tree, &written, reading);
        unmodelled::refuse(&written, &revisions, reading);
        reading.faults.is_empty().then(|| build::build(&written, &revisions, self.folder, reading))
    }

    /// Adds what is wrong with a variant and right with the scenario itself.
    fn check_variant(&mut self, tree: &Node, variant: &str, reading: &mut Reading) {
        let mut own = Reading::default();
        self.variant(tree, Some(variant), &[], &mut own);
        for mut fault in own.faults {
            if reading.faults.iter().any(|known| known.message == fault.message && known.place.path == fault.place.path) {
                continue;
            }
            fault.message = format!("variant `{variant}`: {}", fault.message);
            if fault.kind == ErrorKind::NotModelled {
                reading.warnings.push(fault.to_string());
            } else {
                reading.faults.push(fault);
            }
        }
    }

    /// Puts the task definitions that files hold under the keys that stand beside `file`.
    fn add_task_definitions(&mut self, tree: &mut Node, reading: &mut Reading) {
        let Value::Map(entries) = &mut tree.value else { return };
        let services = entries.iter_mut().find(|entry| entry.key == "services");
        let Some(Value::Map(services)) = services.map(|entry| &mut entry.node.value) else { return };
        for service in services {
            let Value::Map(keys) = &mut service.node.value else { continue };
            let Some(task) = keys.iter_mut().find(|entry| entry.key == "task_definition") else { continue };
            let Some(file) = task.node.get("file").filter(|file| file.text().is_some()) else { continue };
            let place = Place { path: Some(format!("services.{}.task_definition.file", service.key)), ..file.place.clone() };
            let name = resolve(self.folder, file.text().unwrap_or_default());
            match self.task_definition(&name, &place) {
                Ok(mut base) => {
                    let beside = std::mem::replace(&mut task.node, Node { value: Value::Null, place: place.clone() });
                    merge(&mut base, beside);
                    task.node = base;
                }
                Err(mut faults) => reading.faults.append(&mut faults),
            }
        }
    }

    fn task_definition(&mut self, name: &str, place: &Place) -> std::result::Result<Node, Vec<Fault>> {
        if let Some(known) = self.task_definitions.get(name) {
            return known.clone();
        }
        let read = self.read_task_definition(name, place);
        self.task_definitions.insert(name.to_owned(), read.clone());
        read
    }

    fn read_task_definition(&mut self, name: &str, place: &Place) -> std::result::Result<Node, Vec<Fault>> {
        let bytes = self.files.read(name).map_err(|error| {
            let message = format!("the file {name} cannot be read: {}", reason(&error));
            vec![Fault::new(ErrorKind::File, place.clone(), message).remedy("a path is relative to the scenario's folder")]
        })?;
        let mut node = document::parse(name, &bytes).map_err(|error| error.faults().to_vec())?;
        self.inputs.push((name.to_owned(), bytes));
        let mut faults = Vec::new();
        canonicalise(&mut node, &TaskDefinition::kind(), &mut faults);
        if node.entries().is_none() {
            faults.push(Fault::input(Place::file(name), format!("found {}, expected a task definition", node.found())));
        }
        if faults.is_empty() { Ok(node) } else { Err(faults) }
    }
}
