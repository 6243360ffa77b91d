//! The picture of the coming months: what each costs with its band, and what that is made of.
//!
//! The band reaches from the P10 to the P90 of the replications, a line runs through their medians. Below, the means are stacked by
//! what is paid for. Both have one column for each month; a month that has fewer days than its neighbours is lower for it.

use jiff::civil::Date;
use plotters::backend::DrawingBackend;

use super::canvas::{Canvas, Drawn, Ink, Side, text_width};
use super::layout::{AXIS, DATE, FRAME, GRID, LEGEND, PAPER, RIGHT, TICK, TITLE, heading};
use super::panels::{colour, stack_ink};
use super::scale::{Notation, Scale};
use super::series::Point;
use super::{Part, WIDTH_PIXELS, raster_image, vector_image};
use crate::error::Result;
use crate::report::calendar::{answer, title};
use crate::result::calendar::{CalendarMonth, CalendarResult};

const LEFT: f64 = 112.0;
const HEADER_HEIGHT: f64 = 90.0;
const PLOT_HEIGHT: f64 = 300.0;
const LEGEND_HEIGHT: f64 = 36.0;
const MONTHS_HEIGHT: f64 = 62.0;
const PANEL_GAP: f64 = 12.0;
const MARK_WIDTH: f64 = 28.0;
const GAP: f64 = 7.0;
const ENTRY_GAP: f64 = 24.0;
/// A column of the stack leaves this part of a month's width free on each side.
const COLUMN_MARGIN: f64 = 0.15;
/// `$12,345` and `Sep` at the ticks need so many pixels.
const AMOUNT_PIXELS: f64 = 74.0;
const NAME_PIXELS: f64 = 44.0;
/// The baseline of an amount lies so far above its mark, or below it.
const ABOVE_LINE: f64 = 12.0;
const BELOW_LINE: f64 = 24.0;

const MEDIAN: Ink = Ink::line(colour::BLUE, 3.0);
const BAND: Ink = Ink::line(colour::BLUE, 0.0).opacity(0.22);
/// Behind an amount, so that no line strikes it through.
const BEHIND: Ink = PAPER.opacity(0.75);
const MEAN: Ink = Ink::line(colour::BLACK, 1.25).dashed(6.0, 4.0);

/// The months as SVG.
///
/// # Errors
/// When the drawing fails.
pub fn calendar_svg(result: &CalendarResult) -> Result<String> {
    vector_image(&parts(result))
}

/// The months as PNG.
///
/// # Errors
/// As [`calendar_svg`].
pub fn calendar_png(result: &CalendarResult) -> Result<Vec<u8>> {
    raster_image(&parts(result))
}

fn parts(result: &CalendarResult) -> [CalendarPart<'_>; 3] {
    [Content::Header, Content::Band, Content::Groups].map(|content| CalendarPart { result, content })
}

enum Content {
    Header,
    Band,
    Groups,
}

/// A part of the picture.
struct CalendarPart<'a> {
    result: &'a CalendarResult,
    content: Content,
}

impl Part for CalendarPart<'_> {
    fn height(&self) -> f64 {
        match self.content {
            Content::Header => HEADER_HEIGHT,
            Content::Band | Content::Groups => LEGEND_HEIGHT + PLOT_HEIGHT + MONTHS_HEIGHT + PANEL_GAP,
        }
    }

    fn draw<B: DrawingBackend>(&self, canvas: &mut Canvas<B>) -> Drawn {
        canvas.rectangle((0.0, 0.0), (f64::from(WIDTH_PIXELS), self.height()), PAPER)?;
        match self.content {
            Content::Header => self.header(canvas),
            Content::Band => self.band(canvas),
            Content::Groups => self.groups(canvas),
        }
    }
}

/// An amount of the document; one that there is none of counts as nothing.
fn usd(text: &str) -> f64 {
    text.parse().unwrap_or_default()
}

impl CalendarPart<'_> {
    fn header<B: DrawingBackend>(&self, canvas: &mut Canvas<B>) -> Drawn {
        let replications = match self.result.replications {
            1 => format!("one replication, seed {}", self.result.seed),
            count => format!("{count} replications, seeds from {} on", self.result.seed),
        };
        let words = format!("{}; {replications}", answer(self.result));
        heading(canvas, &title(self.result), &words)
    }

    fn months(&self) -> &[CalendarMonth] {
        &self.result.months
    }

    /// The width of a month.
    fn step(&self) -> f64 {
        (RIGHT - LEFT) / self.months().len().max(1) as f64
    }

    /// Whether the months are wide enough for their amounts.
    fn has_amounts(&self) -> bool {
        self.step() >= AMOUNT_PIXELS
    }

    /// The middle of a month.
    fn x(&self, index: usize) -> f64 {
        LEFT + (index as f64 + 0.5) * self.step()
    }

    fn band<B: DrawingBackend>(&self, canvas: &mut Canvas<B>) -> Drawn {
        let costs = || self.months().iter().map(|month| &month.figures.cost);
        let means: Vec<f64> = costs().map(|cost| usd(&cost.mean)).collect();
        let of =
            |quantile: &dyn Fn(&crate::result::calendar::CalendarCost) -> Option<f64>| costs().map(quantile).collect::<Option<Vec<f64>>>();
        let [low, median, high] =
            [of(&|cost| cost.p10.as_deref().map(usd)), of(&|cost| cost.p50.as_deref().map(usd)), of(&|cost| cost.p90.as_deref().map(usd))];
        let highest = means.iter().chain(high.iter().flatten()).copied().fold(0.0, f64::max);
        let axis = Axis { scale: Scale::from_zero(highest, Notation::Dollars) };
        let mut legend = Vec::new();
        axis.grid(canvas)?;
        if let (Some(low), Some(median), Some(high)) = (&low, &median, &high) {
            canvas.area(&self.line(&axis, high), &self.line(&axis, low), BAND)?;
            canvas.line(&self.line(&axis, &means), MEAN)?;
            canvas.line(&self.line(&axis, median), MEDIAN)?;
            let median = if self.has_amounts() { "P50, with its amount" } else { "P50" };
            legend.extend([(MEDIAN, median, false), (BAND, "P10 to P90", true), (MEAN, "mean", false)]);
        } else {
            canvas.line(&self.line(&axis, &means), MEDIAN)?;
            legend.push((MEDIAN, "cost", false));
        }
        self.amounts(canvas, &axis, median.as_ref().unwrap_or(&means), &means)?;
        draw_legend(canvas, "Cost by month", &legend)?;
        self.frame(canvas)
    }

    fn line(&self, axis: &Axis, values: &[f64]) -> Vec<Point> {
        values.iter().enumerate().map(|(index, &value)| (self.x(index), axis.y(value))).collect()
    }

    /// Marks at the values, and their amounts where there is room for all of them: on the side that the mean leaves free.
    fn amounts<B: DrawingBackend>(&self, canvas: &mut Canvas<B>, axis: &Axis, values: &[f64], means: &[f64]) -> Drawn {
        for (index, (&value, &mean)) in values.iter().zip(means).enumerate() {
            let (x, y) = (self.x(index), axis.y(value));
            canvas.rectangle((x - 4.0, y - 4.0), (x + 4.0, y + 4.0), MEDIAN)?;
            if self.has_amounts() {
                let places = if value < 100.0 { 2 } else { 0 };
                let words = format!("${}", super::scale::number(value, places));
                let baseline = if mean > value { y + BELOW_LINE } else { (y - ABOVE_LINE).max(LEGEND_HEIGHT + 14.0) };
                let half = text_width(&words, LEGEND) / 2.0 + 3.0;
                canvas.rectangle((x - half, baseline - 13.0), (x + half, baseline + 4.0), BEHIND)?;
                canvas.text(&words, (x, baseline), Side::Centre, LEGEND)?;
            }
        }
        Ok(())
    }

    fn groups<B: DrawingBackend>(&self, canvas: &mut Canvas<B>) -> Drawn {
        let totals = self.months().iter().map(|month| month.figures.groups.iter().map(|group| usd(&group.mean)).sum::<f64>());
        let axis = Axis { scale: Scale::from_zero(totals.fold(0.0, f64::max), Notation::Dollars) };
        axis.grid(canvas)?;
        let margin = self.step() * COLUMN_MARGIN;
        for (index, month) in self.months().iter().enumerate() {
            let (left, right) = (self.x(index) - self.step() / 2.0 + margin, self.x(index) + self.step() / 2.0 - margin);
            let mut bottom = 0.0;
            for (place, group) in month.figures.groups.iter().enumerate() {
                let top = bottom + usd(&group.mean);
                canvas.rectangle((left, axis.y(top)), (right, axis.y(bottom)), stack_ink(place))?;
                bottom = top;
            }
        }
        let names = self.result.total.groups.iter().enumerate();
        let legend: Vec<(Ink, &str, bool)> = names.map(|(place, group)| (stack_ink(place), group.group.as_str(), true)).collect();
        let title = if self.result.replications > 1 { "What it is paid for (means)" } else { "What it is paid for" };
        draw_legend(canvas, title, &legend)?;
        self.frame(canvas)
    }

    /// The edges of the plot and the names of the months, with the year where one begins.
    fn frame<B: DrawingBackend>(&self, canvas: &mut Canvas<B>) -> Drawn {
        let (top, bottom) = (LEGEND_HEIGHT, LEGEND_HEIGHT + PLOT_HEIGHT);
        canvas.line(&[(LEFT, top), (LEFT, bottom)], FRAME)?;
        canvas.line(&[(LEFT, bottom), (RIGHT, bottom)], FRAME)?;
        canvas.upward_text("US dollars / month", (30.0, f64::midpoint(top, bottom)), AXIS)?;
        let each = (NAME_PIXELS / self.step()).ceil().max(1.0) as usize;
        let mut year = None;
        for (index, month) in self.months().iter().enumerate() {
            let Ok(first) = format!("{}-01", month.month).parse::<Date>() else { continue };
            if index.is_multiple_of(each) {
                canvas.text(&first.strftime("%b").to_string(), (self.x(index), bottom + 23.0), Side::Centre, TICK)?;
                if year != Some(first.year()) {
                    canvas.text(&first.year().to_string(), (self.x(index), bottom + 43.0), Side::Centre, DATE)?;
                    year = Some(first.year());
                }
            }
        }
        Ok(())
    }
}

/// The axis of a plot.
struct Axis {
    scale: Scale,
}

impl Axis {
    fn y(&self, value: f64) -> f64 {
        LEGEND_HEIGHT + PLOT_HEIGHT - self.scale.position(value) * PLOT_HEIGHT
    }

    fn grid<B: DrawingBackend>(&self, canvas: &mut Canvas<B>) -> Drawn {
        for &value in self.scale.ticks() {
            let y = self.y(value);
            canvas.line(&[(LEFT, y), (RIGHT, y)], GRID)?;
            canvas.text(&self.scale.label(value), (LEFT - 9.0, y + 5.0), Side::Right, TICK)?;
        }
        Ok(())
    }
}

/// The title of a plot, and after it its legend; the flag tells a field of its colour from a stroke.
fn draw_legend<B: DrawingBackend>(canvas: &mut Canvas<B>, title: &str, entries: &[(Ink, &str, bool)]) -> Drawn {
    canvas.text(title, (LEFT, 19.0), Side::Left, TITLE)?;
    let mut x = LEFT + text_width(title, TITLE) + ENTRY_GAP;
    for &(ink, words, is_field) in entries {
        if is_field {
            canvas.rectangle((x + 6.0, 7.0), (x + MARK_WIDTH, 21.0), ink)?;
        } else {
            canvas.line(&[(x, 14.0), (x + MARK_WIDTH, 14.0)], ink)?;
        }
        canvas.text(words, (x + MARK_WIDTH + GAP, 19.0), Side::Left, LEGEND)?;
        x += MARK_WIDTH + GAP + text_width(words, LEGEND) + ENTRY_GAP;
    }
    Ok(())
}
