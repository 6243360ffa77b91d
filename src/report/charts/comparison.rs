//! The picture of a comparison: a bar for each run, for the cost of its month and for the p99 latency of each service.
//!
//! Bars begin at zero, so that their lengths are the proportion. With several replications a whisker spans the 95 % confidence
//! interval of the mean; whether two runs differ is told by their paired difference, not by whiskers that overlap.

use plotters::backend::DrawingBackend;
use plotters::style::RGBColor;

use super::canvas::{Canvas, Drawn, Ink, Side, fitted, text_width};
use super::layout::{EDGE, FRAME, GRID, LEGEND, PAPER, RIGHT, TICK, TITLE, heading};
use super::scale::{Notation, Scale};
use super::{Part, WIDTH_PIXELS, raster_image, vector_image};
use crate::error::Result;
use crate::report::comparison::name_of;
use crate::report::text;
use crate::result::comparison::{ComparedRun, ComparisonResult};
use crate::result::{Figure, HalfWidths};

/// Of the palette of Okabe and Ito ("Color Universal Design", 2008).
const BASELINE: Ink = Ink::line(RGBColor(86, 180, 233), 0.0);
const OTHER: Ink = Ink::line(RGBColor(0, 114, 178), 0.0);
const FAILED: Ink = Ink::line(RGBColor(213, 94, 0), 0.0);
const WHISKER: Ink = Ink::line(RGBColor(0, 0, 0), 1.75);

/// The plots' left and right edges: the names of the runs stand to the left, the values to the right.
const LEFT: f64 = 330.0;
const PLOT_RIGHT: f64 = RIGHT - 150.0;
const HEADER_HEIGHT: f64 = 118.0;
const TITLE_HEIGHT: f64 = 34.0;
const ROW_HEIGHT: f64 = 34.0;
const BAR_HEIGHT: f64 = 20.0;
const CAP_HEIGHT: f64 = 10.0;
const AXIS_HEIGHT: f64 = 54.0;
const GAP: f64 = 10.0;
const MARK: f64 = 18.0;
const ENTRY_GAP: f64 = 26.0;

/// The comparison as SVG.
///
/// # Errors
/// When the drawing fails.
pub fn comparison_svg(result: &ComparisonResult) -> Result<String> {
    vector_image(&strips(result))
}

/// The comparison as PNG.
///
/// # Errors
/// When there are too many runs and services for one image, or the drawing fails.
pub fn comparison_png(result: &ComparisonResult) -> Result<Vec<u8>> {
    raster_image(&strips(result))
}

/// A part of the picture.
enum Strip {
    Header { title: String, subtitle: String, entries: Vec<(&'static str, Ink)> },
    Bars { title: String, scale: Scale, bars: Vec<Bar> },
}

/// One run in one panel.
struct Bar {
    name: String,
    /// None without data.
    value: Option<f64>,
    /// The value in words.
    words: String,
    half_width: Option<f64>,
    ink: Ink,
}

fn strips(result: &ComparisonResult) -> Vec<Strip> {
    let mut strips = vec![header(result)];
    let cost = |run: &ComparedRun| {
        let monthly = &run.result.cost.monthly;
        let half_width = monthly.ci95.as_ref().and_then(|ci95| ci95.0.get("mean")?.as_str()?.parse().ok());
        (monthly.mean.parse().ok(), half_width)
    };
    strips.push(bars(result, "Cost of a month".to_owned(), Notation::Dollars, |usd| text::dollars(&format!("{usd:.2}")), cost));
    let mut names: Vec<&str> = Vec::new();
    for (name, _) in result.runs.iter().flat_map(|run| &run.result.services.0) {
        if !names.contains(&name.as_str()) {
            names.push(name);
        }
    }
    for name in names {
        let p99 = |run: &ComparedRun| {
            let Some(latency) = run.result.services.get(name).map(|service| &service.latency_seconds) else { return (None, None) };
            let half_width = |ci95: &HalfWidths| ci95.0.get("p99")?.as_f64();
            (latency.p99.map(|p99| p99.0), latency.ci95.as_ref().and_then(half_width))
        };
        strips.push(bars(
            result,
            format!("Latency p99 of {name}"),
            Notation::Duration,
            |seconds| text::latency(Some(Figure(seconds))),
            p99,
        ));
    }
    strips
}

fn header(result: &ComparisonResult) -> Strip {
    let (scenario, count) = result.runs.first().map_or(("", 1), |run| (run.result.scenario.as_str(), run.result.replications));
    let seed = result.runs.first().map_or(0, |run| run.result.seed);
    let subtitle = match count {
        0 | 1 => format!("one replication, seed {seed}: no intervals"),
        count => format!("means of {count} replications, seeds from {seed} on; whiskers are 95 % confidence intervals of the means"),
    };
    let mut entries = vec![("the baseline", BASELINE), ("other runs", OTHER)];
    if result.runs.iter().any(fails) {
        entries.push(("a threshold failed", FAILED));
    }
    Strip::Header { title: format!("{scenario}: {} runs compared", result.runs.len()), subtitle, entries }
}

fn fails(run: &ComparedRun) -> bool {
    run.result.thresholds.iter().any(|threshold| !threshold.ok)
}

fn bars(
    result: &ComparisonResult,
    title: String,
    notation: Notation,
    words: impl Fn(f64) -> String,
    of: impl Fn(&ComparedRun) -> (Option<f64>, Option<f64>),
) -> Strip {
    let bar = |run: &ComparedRun| {
        let (value, half_width) = of(run);
        let ink = match run {
            run if fails(run) => FAILED,
            run if run.variant == result.baseline => BASELINE,
            _ => OTHER,
        };
        let words = value.map(&words).unwrap_or_default();
        Bar { name: name_of(run.variant.as_deref()).to_owned(), value, words, half_width, ink }
    };
    let bars: Vec<Bar> = result.runs.iter().map(bar).collect();
    let ends = bars.iter().filter_map(|bar| Some(bar.value? + bar.half_width.unwrap_or(0.0)));
    let scale = Scale::from_zero(ends.fold(0.0, f64::max), notation);
    Strip::Bars { title, scale, bars }
}

impl Part for Strip {
    fn height(&self) -> f64 {
        match self {
            Self::Header { .. } => HEADER_HEIGHT,
            Self::Bars { bars, .. } => TITLE_HEIGHT + bars.len() as f64 * ROW_HEIGHT + AXIS_HEIGHT,
        }
    }

    fn draw<B: DrawingBackend>(&self, canvas: &mut Canvas<B>) -> Drawn {
        canvas.rectangle((0.0, 0.0), (f64::from(WIDTH_PIXELS), self.height()), PAPER)?;
        match self {
            Self::Header { title, subtitle, entries } => draw_header(canvas, title, subtitle, entries),
            Self::Bars { title, scale, bars } => {
                canvas.text(&fitted(title, TITLE, RIGHT - EDGE), (EDGE, 22.0), Side::Left, TITLE)?;
                let bottom = TITLE_HEIGHT + bars.len() as f64 * ROW_HEIGHT;
                draw_axis(canvas, scale, bottom)?;
                for (row, bar) in bars.iter().enumerate() {
                    draw_bar(canvas, scale, bar, TITLE_HEIGHT + (row as f64 + 0.5) * ROW_HEIGHT)?;
                }
                canvas.line(&[(LEFT, TITLE_HEIGHT), (LEFT, bottom)], FRAME)
            }
        }
    }
}

fn draw_header<B: DrawingBackend>(canvas: &mut Canvas<B>, title: &str, subtitle: &str, entries: &[(&'static str, Ink)]) -> Drawn {
    heading(canvas, title, subtitle)?;
    let mut x = EDGE;
    for (words, ink) in entries {
        canvas.rectangle((x, 82.0), (x + MARK, 96.0), *ink)?;
        canvas.text(words, (x + MARK + GAP, 95.0), Side::Left, LEGEND)?;
        x += MARK + GAP + text_width(words, LEGEND) + ENTRY_GAP;
    }
    Ok(())
}

fn draw_axis<B: DrawingBackend>(canvas: &mut Canvas<B>, scale: &Scale, bottom: f64) -> Drawn {
    for &tick in scale.ticks() {
        let x = x_of(scale, tick);
        canvas.line(&[(x, TITLE_HEIGHT), (x, bottom + 5.0)], GRID)?;
        canvas.text(&scale.label(tick), (x, bottom + 23.0), Side::Centre, TICK)?;
    }
    Ok(())
}

fn draw_bar<B: DrawingBackend>(canvas: &mut Canvas<B>, scale: &Scale, bar: &Bar, middle: f64) -> Drawn {
    let name = fitted(&bar.name, LEGEND, LEFT - GAP - EDGE);
    canvas.text(&name, (LEFT - GAP, middle + 6.0), Side::Right, LEGEND)?;
    let Some(value) = bar.value else { return canvas.text("no data", (LEFT + GAP, middle + 6.0), Side::Left, TICK) };
    let end = x_of(scale, value);
    canvas.rectangle((LEFT, middle - BAR_HEIGHT / 2.0), (end, middle + BAR_HEIGHT / 2.0), bar.ink)?;
    let mut right = end;
    if let Some(half_width) = bar.half_width {
        let (from, to) = (x_of(scale, value - half_width), x_of(scale, value + half_width));
        canvas.line(&[(from, middle), (to, middle)], WHISKER)?;
        for x in [from, to] {
            canvas.line(&[(x, middle - CAP_HEIGHT / 2.0), (x, middle + CAP_HEIGHT / 2.0)], WHISKER)?;
        }
        right = right.max(to);
    }
    canvas.text(&bar.words, (right + GAP, middle + 6.0), Side::Left, LEGEND)
}

fn x_of(scale: &Scale, value: f64) -> f64 {
    LEFT + scale.position(value) * (PLOT_RIGHT - LEFT)
}
