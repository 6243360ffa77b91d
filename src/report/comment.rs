//! Markdown that fits a comment on a pull request.
//!
//! It begins with a comment that readers do not see and programs find (`<!-- ecsim:run:web-shop -->`), the same for every run of the
//! same scenario and variant: a bot looks for it, and replaces the comment that has it rather than add another. Long
//! tables are folded. GitHub takes comments of at most 65,536 characters ("Body is too long (maximum is 65536 characters)", the answer of its
//! REST API); what would go beyond is left out, from the end, and the reader is told.

use super::summary::{Body, COST, Section, comment_sections, title};
use super::table::{escaped, markdown_body, markdown_heading};
use crate::result::RunResult;
use crate::result::diff::DiffResult;

/// The most characters of a comment on GitHub.
const LONGEST_COMMENT: usize = 65_536;

/// Room for the end of a fold and for the remark that lines are left out.
const RESERVED: usize = 300;

/// The summary as Markdown, for a comment on a pull request or a wiki.
#[must_use]
pub fn markdown(result: &RunResult) -> String {
    markdown_against(result, None)
}

/// The same with what changed against a baseline.
#[must_use]
pub fn markdown_against(result: &RunResult, change: Option<&DiffResult>) -> String {
    let marker = marker("run", &result.scenario, result.variant.as_deref());
    comment(&marker, &title(result), &comment_sections(result, change), &[COST])
}

/// What a bot looks for: the kind of the report, the scenario and its variant, without a character that could end the comment.
pub(super) fn marker(kind: &str, scenario: &str, variant: Option<&str>) -> String {
    let plain = |text: &str| {
        let mut out = String::new();
        for character in text.chars() {
            match character {
                character if character.is_alphanumeric() || character == '_' || character == '.' => out.push(character),
                _ if out.ends_with('-') => {}
                _ => out.push('-'),
            }
        }
        out
    };
    let variant = variant.map(|variant| format!(":{}", plain(variant))).unwrap_or_default();
    format!("<!-- ecsim:{kind}:{}{variant} -->\n", plain(scenario))
}

/// A comment with its marker; the sections of these titles are folded.
pub(super) fn comment(marker: &str, title: &str, sections: &[Section], folded: &[&str]) -> String {
    let mut out = format!("{marker}{}", markdown_heading(title));
    let mut room = LONGEST_COMMENT.saturating_sub(RESERVED + length(&out));
    let mut left_out = 0;
    for section in sections {
        let is_folded = section.title.as_deref().is_some_and(|title| folded.contains(&title));
        let heading = match &section.title {
            Some(title) if is_folded => format!("\n<details>\n<summary>{}</summary>\n\n", escaped(title)),
            Some(title) => format!("\n### {}\n\n", escaped(title)),
            None => "\n".to_owned(),
        };
        let lines = markdown_body(section);
        let mut is_begun = false;
        // A text to be copied is of use whole or not at all.
        let whole = matches!(section.body, Body::Block(..)).then(|| format!("{heading}{lines}"));
        let pieces: Vec<&str> = match &whole {
            Some(whole) => vec![whole],
            None => std::iter::once(heading.as_str()).chain(lines.split_inclusive('\n')).collect(),
        };
        for line in pieces {
            // Behind a gap nothing follows: half a report must not read like a whole one.
            if left_out == 0 && length(line) <= room {
                room -= length(line);
                out.push_str(line);
                is_begun = true;
            } else {
                left_out += line.lines().count().max(1);
            }
        }
        if is_folded && is_begun {
            out.push_str(FOLD_END);
            room = room.saturating_sub(length(FOLD_END));
        }
    }
    if left_out > 0 {
        out.push_str(&format!(
            "\n**{left_out} lines are left out, for a comment holds {LONGEST_COMMENT} characters: the JSON result has everything.**\n"
        ));
    }
    out
}

const FOLD_END: &str = "\n</details>\n";

fn length(text: &str) -> usize {
    text.chars().count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn long(rows: usize) -> String {
        let cells = (0..rows).map(|row| vec![format!("row {row}"), "x".repeat(90)]).collect();
        let sections = [
            Section::of_rows("Verdicts", &[("Name", false), ("Text", false)], vec![vec!["first".to_owned(), "ok".to_owned()]]),
            Section::of_rows("Cost", &[("Name", false), ("Text", false)], cells),
        ];
        comment(&marker("run", "web", None), "web", &sections, &["Cost"])
    }

    #[test]
    fn a_comment_that_fits_is_whole_and_a_longer_one_says_what_it_leaves_out() {
        let whole = long(100);
        assert!(whole.contains("row 99") && whole.ends_with("\n</details>\n") && !whole.contains("left out"), "{whole}");
        let cut = long(2_000);
        assert!(length(&cut) <= LONGEST_COMMENT && length(&cut) > LONGEST_COMMENT - 1_000, "{}", length(&cut));
        let rows = cut.lines().filter(|line| line.starts_with("| row ")).count();
        assert!(cut.contains(&format!("**{} lines are left out", 2_000 - rows)), "{rows} rows are there");
        assert_eq!((cut.matches("<details>").count(), cut.matches("</details>").count()), (1, 1));
        assert!(cut.contains("| first | ok |"), "what comes first stays");
    }

    #[test]
    fn a_marker_names_kind_scenario_and_variant_and_cannot_end_early() {
        assert_eq!(marker("run", "web-shop", Some("all-spot")), "<!-- ecsim:run:web-shop:all-spot -->\n");
        assert_eq!(marker("run", "a --> b\nc", None), "<!-- ecsim:run:a-b-c -->\n");
    }
}
