//! What a command has found out, in each of its forms: those that standard output shows and those that files have.

use ecsim::error::Error;
use ecsim::report::write_json;
use serde::Serialize;

use super::Format;
use super::console::Console;

/// The endings of results, charts and reports.
const SHARED_ENDINGS: [&str; 9] = [".json", ".jsonl", ".csv", ".focus.csv", ".svg", ".png", ".html", ".md", ".junit.xml"];

/// A result as text for a screen so many columns wide, with colours or without.
pub type Table<D> = fn(&D, usize, bool) -> Result<String, Error>;
/// A result as text.
pub type Words<D> = fn(&D) -> Result<String, Error>;
/// What a reader of a result must know.
pub type Warnings<D> = fn(&D) -> &[String];

/// A result that is shown and written. As JSON it is what it serializes to.
pub trait Document: Serialize + Sync + Sized + 'static {
    /// For people.
    const TABLE: Table<Self>;
    /// For pull requests and wikis.
    const MARKDOWN: Words<Self>;
    /// For spreadsheets.
    const CSV: Words<Self>;
    /// What is told besides JSON and CSV on standard output; the other formats have it in them.
    const WARNINGS: Warnings<Self> = |_| &[];
    /// What the help says of `--format`.
    const FORMAT_HELP: &'static str = "What standard output shows";
    /// The forms of its files, in the order in which the help tells them.
    const FORMS: &'static [Form<Self>] = &[];
    /// Endings that are refused by name where they are none of the forms; all others are wrong usage.
    const REFUSED: &'static [&'static str] = &SHARED_ENDINGS;
}

/// A form of a document's files: the ending, what is in the file where the ending does not say it, and how it is filled.
#[derive(Debug)]
pub struct Form<D>(pub &'static str, pub &'static str, pub Render<D>);

/// How a file is filled.
#[derive(Debug)]
pub enum Render<D> {
    /// With a text.
    Text(Words<D>),
    /// With bytes.
    Bytes(fn(&D) -> Result<Vec<u8>, Error>),
    /// Row by row while the command works.
    Streamed,
}

/// A document as JSON.
pub fn json(document: &impl Serialize) -> Result<Vec<u8>, Error> {
    let mut out = Vec::new();
    write_json(document, &mut out)?;
    Ok(out)
}

/// The form that the ending of a name says.
pub fn form<D: Document>(name: &str) -> Option<&'static Form<D>> {
    let ending = known_ending::<D>(name)?;
    D::FORMS.iter().find(|form| form.0 == ending)
}

/// The ending of a name among those of the forms and the refused ones: the longest, as `.focus.csv` is no `.csv`. `.yml` is
/// another spelling of `.yaml`.
pub fn known_ending<D: Document>(name: &str) -> Option<&'static str> {
    let name = name.to_lowercase();
    let name = name.strip_suffix(".yml").map_or_else(|| name.clone(), |stem| format!("{stem}.yaml"));
    let own = D::FORMS.iter().map(|form| form.0);
    own.chain(D::REFUSED.iter().copied()).filter(|ending| name.ends_with(ending)).max_by_key(|ending| ending.len())
}

/// The endings of all forms and what they stand for, as help and faults tell them.
pub fn endings<D: Document>() -> String {
    let alike = D::FORMS.chunk_by(|form, next| form.1 == next.1 && !form.1.is_empty());
    let told = alike.map(|forms| {
        let endings = forms.iter().map(|form| form.0).collect::<Vec<_>>().join(" and ");
        match forms {
            [Form(_, what, _), ..] if !what.is_empty() => format!("{endings} ({what})"),
            _ => endings,
        }
    });
    told.collect::<Vec<_>>().join(", ")
}

/// Prints a document on standard output.
pub fn print<D: Document>(document: &D, format: Format, console: &Console) -> Result<(), Error> {
    let out = match format {
        Format::Table => D::TABLE(document, console.width(), console.colours())?.into_bytes(),
        Format::Json => json(document)?,
        Format::Csv => D::CSV(document)?.into_bytes(),
        Format::Markdown => D::MARKDOWN(document)?.into_bytes(),
    };
    if matches!(format, Format::Json | Format::Csv) {
        D::WARNINGS(document).iter().for_each(|warning| console.warn(warning));
    }
    console.result(&out)
}
