//! Sections of a summary as HTML: the same words as on the screen and in Markdown.

use maud::{Markup, html};

use super::super::summary::{Column, Line, Row, Table, Tone};

/// A table with its caption. What is too wide for the screen scrolls by itself, with the keyboard too.
pub(super) fn table(caption: &str, table: &Table) -> Markup {
    html! {
        div.scroll tabindex="0" role="region" aria-label=(caption) {
            table {
                caption { (caption) }
                (head(&table.columns))
                tbody {
                    @for row in &table.rows { (body_row(&table.columns, row)) }
                }
            }
        }
    }
}

fn head(columns: &[Column]) -> Markup {
    html! {
        thead {
            tr {
                @for column in columns { th.number[column.is_number] scope="col" { (column.title) } }
            }
        }
    }
}

fn body_row(columns: &[Column], row: &Row) -> Markup {
    html! {
        tr class=[class(row.tone)] {
            @for (index, (column, cell)) in columns.iter().zip(&row.cells).enumerate() {
                @if index == 0 {
                    th scope="row" class={ "level-" (row.branches.len()) } { (cell) }
                } @else {
                    td.number[column.is_number] .words[!column.is_number && index + 1 == columns.len()] { (cell) }
                }
            }
        }
    }
}

/// Sentences as a list.
pub(super) fn list(lines: &[Line]) -> Markup {
    html! {
        ul {
            @for line in lines { li class=[class(line.tone)] { (line.text) } }
        }
    }
}

const fn class(tone: Tone) -> Option<&'static str> {
    match tone {
        Tone::Plain => None,
        Tone::Strong => Some("strong"),
        Tone::Faint => Some("faint"),
        Tone::Good => Some("good"),
        Tone::Bad => Some("bad"),
        Tone::Warning => Some("warning"),
    }
}
