//! A run as one page: opened anywhere, passed on by mail, printed.
//!
//! The page is one file and asks nothing of a network: style, script, charting library and data stand in it. It is made of the result
//! document alone, so that a saved result gives the same page, and of what only the caller knows ([`Page`]).
//!
//! - **Charts** stand in it twice. Drawn by [`super::charts`] they are there without a script, and on paper. Where scripts run, plotly.js
//!   takes their place, with a cursor in time that reads all panels, and a zoom.
//! - **Size.** The bundle of plotly.js is 1.1 MB; packed with gzip, in base64, it is 0.5 MB, which the browser unpacks (`DecompressionStream`, in all
//!   browsers since 2023). Long courses are shown in longer steps, which the page states, so that it stays below 3 MB.
//! - **Safety.** Every text of a scenario is escaped; the data are base64, which cannot end an element. A content security policy forbids
//!   every request, and lets run only the two scripts whose SHA-256 it names.

mod activities;
mod evidence;
mod headline;
mod payload;
mod sections;
mod tables;

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::charts::{ChartData, Recorded, ServiceChart, chart_data, interactive::interactive, svg};
use super::summary::title;
use crate::error::Result;
use crate::result::RunResult;

use payload::{Payload, SCRIPT};

const STYLE: &str = include_str!("report.css");

/// The charts that move show at most so many steps of all services together: a week of one service by the minute.
const MOST_STEPS: usize = 10_080;
/// The drawn charts show at most so many, and so many for each service: twice the pixels of a screen's width.
const MOST_DRAWN_STEPS: usize = 4_000;
const MOST_DRAWN_STEPS_OF_SERVICE: usize = 1_000;
/// Fewer steps than these show nothing any more; a result of hundreds of services makes a page larger instead.
const FEWEST_STEPS: usize = 96;

/// What a page says that is not in the result.
#[derive(Clone, Copy, Debug, Default)]
pub struct Page<'a> {
    /// The command that made it, as a shell would take it.
    pub command: &'a str,
}

/// The result as an HTML page.
///
/// # Errors
/// When the timeline of the result cannot be shown, or a chart cannot be drawn.
pub fn html(result: &RunResult, page: &Page<'_>) -> Result<String> {
    let recorded = Recorded::of(result)?;
    let charts = if recorded.is_empty() { None } else { Some(Charts::of(result, &recorded)?) };
    let title = title(result);
    let document = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(payload::policy());
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="generator" content={ "ecsim " (result.ecsim_version) };
                title { (title) " - ecsim" }
                style { (PreEscaped(STYLE)) }
            }
            body {
                a.skip href="#charts" { "Skip to the charts" }
                (headline::header(result, &title))
                main {
                    (headline::cards(result))
                    (sections::warnings(result))
                    (sections::thresholds(result))
                    (charts_section(charts.as_ref()))
                    (sections::services(result))
                    (sections::instances(result))
                    (activities::section(result))
                    (sections::deployments(result))
                    (sections::bill(result))
                    (sections::prices(result))
                    (sections::assumptions(result))
                    (sections::origin(result, page.command))
                }
                footer {
                    p { "Made by ecsim " (result.ecsim_version) ". Charts that move by plotly.js, copyright Plotly, Inc., MIT licence." }
                }
                @if let Some(charts) = &charts {
                    (charts.payload.elements())
                    script { (PreEscaped(SCRIPT)) }
                }
            }
        }
    };
    Ok(document.into_string())
}

/// The charts in both forms.
struct Charts {
    /// A picture for each service, so that none is cut by the end of a sheet.
    drawn: Vec<String>,
    payload: Payload,
    note: String,
}

impl Charts {
    fn of(result: &RunResult, recorded: &Recorded) -> Result<Self> {
        let count = recorded.services.len().max(1);
        let moving = recorded.in_steps((MOST_STEPS / count).max(FEWEST_STEPS));
        let drawn = recorded.in_steps((MOST_DRAWN_STEPS / count).clamp(FEWEST_STEPS, MOST_DRAWN_STEPS_OF_SERVICE));
        let mut figures = interactive(&data(result, &moving)?);
        activities::add_to(&mut figures, result, recorded);
        Ok(Self {
            drawn: pictures(&data(result, &drawn)?)?,
            payload: Payload::of(&figures),
            note: note(result, recorded.step_seconds, moving.step_seconds, drawn.step_seconds),
        })
    }
}

fn data<'a>(result: &RunResult, recorded: &'a Recorded) -> Result<ChartData<'a>> {
    chart_data(result, recorded, title(result), headline::monthly_cost(result))
}

/// A picture for each service; below the last one what they share.
fn pictures(data: &ChartData<'_>) -> Result<Vec<String>> {
    let last = data.services.len().saturating_sub(1);
    let alone = |(index, service): (usize, &ServiceChart<'_>)| {
        let mut one = ChartData { services: vec![service.clone()], ..data.clone() };
        if index < last {
            (one.shared_cost, one.month) = (Vec::new(), Vec::new());
        }
        svg(&one)
    };
    data.services.iter().enumerate().map(alone).collect()
}

/// What a reader of the charts must know of them.
fn note(result: &RunResult, recorded: f64, moving: f64, drawn: f64) -> String {
    let span = |seconds: f64| super::text::span(crate::result::Figure(seconds));
    let mut note =
        format!("One step is {} here and {} in the charts on paper; the run recorded {}. ", span(moving), span(drawn), span(recorded));
    if drawn > recorded {
        note += "Where a step joins several, rates and utilisations are means, tasks and latencies the highest. ";
    }
    note += "Times are UTC.";
    if result.replications > 1 {
        note += &format!(" The course is that of the first of {} replications.", result.replications);
    }
    note
}

fn charts_section(charts: Option<&Charts>) -> Markup {
    html! {
        section #charts aria-labelledby="charts-title" {
            h2 #charts-title { "Charts" }
            @match charts {
                None => p { "This result has no timeline: run with an output that asks for one, such as " code { "-o result.json" } "." }
                Some(charts) => {
                    div.moving hidden {
                        div.cursor {
                            label for="cursor" { "Time cursor" }
                            input #cursor type="range";
                            output #cursor-time for="cursor" { }
                            span.zoom role="group" aria-label="Zoom around the cursor" {
                                button type="button" data-hours="1" { "1 h" }
                                button type="button" data-hours="6" { "6 h" }
                                button type="button" data-hours="24" { "1 day" }
                                button type="button" data-hours="all" { "All" }
                            }
                        }
                        div #figures { }
                    }
                    figure.drawn tabindex="0" aria-label="The charts as a picture: traffic, tasks, utilisation, latency and cost over time" {
                        @for picture in &charts.drawn { (PreEscaped(picture)) }
                    }
                    p.note { (charts.note) }
                    p.note #charts-problem role="status" { }
                }
            }
        }
    }
}
