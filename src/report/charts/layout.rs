//! Where everything stands on the paper, from the heading to the last time axis.

use plotters::backend::DrawingBackend;
use plotters::style::RGBColor;

use super::canvas::{Canvas, Drawn, Ink, Letters, Side, fitted, text_width};
use super::panels::{Layer, Panel, Shape, panels, shared_panel};
use super::series::{Point, stretches};
use super::shares::Shares;
use super::time_axis::{Tick, first_date, ticks};
use super::{ChartData, Part, SECONDS_PER_HOUR, WIDTH_PIXELS};

pub(super) const INK: RGBColor = RGBColor(34, 34, 34);
pub(super) const FAINT: RGBColor = RGBColor(95, 95, 95);
pub(super) const GRID: Ink = Ink::line(RGBColor(228, 228, 228), 1.0);
const MIDNIGHT: Ink = Ink::line(RGBColor(190, 190, 190), 1.0);
pub(super) const FRAME: Ink = Ink::line(RGBColor(130, 130, 130), 1.0);
pub(super) const PAPER: Ink = Ink::line(RGBColor(255, 255, 255), 0.0);

pub(super) const HEADING: Letters = Letters { size: 30.0, bold: true, color: INK };
pub(super) const SERVICE: Letters = Letters { size: 24.0, bold: true, color: INK };
pub(super) const TITLE: Letters = Letters { size: 19.0, bold: true, color: INK };
pub(super) const LEGEND: Letters = Letters { size: 17.0, bold: false, color: INK };
pub(super) const TICK: Letters = Letters { size: 16.0, bold: false, color: FAINT };
pub(super) const DATE: Letters = Letters { size: 16.0, bold: true, color: FAINT };
pub(super) const AXIS: Letters = Letters { size: 16.0, bold: false, color: FAINT };

/// Where headings begin.
pub(super) const EDGE: f64 = 28.0;
/// The plot's left and right edge.
const LEFT: f64 = 112.0;
pub(super) const RIGHT: f64 = WIDTH_PIXELS as f64 - 44.0;
const PLOT_HEIGHT: f64 = 196.0;
/// A line of a legend, of which the first also holds the panel's title.
const LEGEND_LINE: f64 = 27.0;
/// Between a plot and the next title.
const PANEL_GAP: f64 = 17.0;
const SERVICE_HEIGHT: f64 = 40.0;
/// Ticks, dates and the name of the time axis.
const TIME_AXIS_HEIGHT: f64 = 78.0;
const HEADER_HEIGHT: f64 = 84.0;
const BOTTOM_GAP: f64 = 14.0;
/// The mark of a legend and the gaps around it.
const MARK_WIDTH: f64 = 28.0;
const MARK_GAP: f64 = 7.0;
const ENTRY_GAP: f64 = 24.0;
/// A date at the left edge needs so much room before the first midnight.
const FIRST_DATE_PIXELS: f64 = 130.0;

/// A part of the picture over its whole width, drawn from its own top.
pub(super) struct Strip<'a> {
    data: &'a ChartData<'a>,
    content: Content<'a>,
}

enum Content<'a> {
    Header,
    Panels { heading: Option<&'a str>, panels: Vec<(Panel, Legend)> },
    Month(Shares),
}

/// The parts of the picture, from the top down.
pub(super) fn strips<'a>(data: &'a ChartData<'_>) -> Vec<Strip<'a>> {
    let mut strips = vec![Strip { data, content: Content::Header }];
    let with_legends = |panels: Vec<Panel>| {
        panels
            .into_iter()
            .map(|panel| {
                let legend = Legend::of(&panel);
                (panel, legend)
            })
            .collect()
    };
    for service in &data.services {
        let content = Content::Panels { heading: Some(&service.name), panels: with_legends(panels(service)) };
        strips.push(Strip { data, content });
    }
    if let Some(panel) = shared_panel(data) {
        strips.push(Strip { data, content: Content::Panels { heading: None, panels: with_legends(vec![panel]) } });
    }
    strips.extend(Shares::of(&data.month).map(|shares| Strip { data, content: Content::Month(shares) }));
    strips
}

/// The title of a picture and the line below it.
pub(super) fn heading<B: DrawingBackend>(canvas: &mut Canvas<B>, title: &str, subtitle: &str) -> Drawn {
    canvas.text(&fitted(title, HEADING, RIGHT - EDGE), (EDGE, 40.0), Side::Left, HEADING)?;
    canvas.text(&fitted(subtitle, LEGEND, RIGHT - EDGE), (EDGE, 68.0), Side::Left, LEGEND)
}

impl Part for Strip<'_> {
    fn height(&self) -> f64 {
        match &self.content {
            Content::Header => HEADER_HEIGHT,
            Content::Month(shares) => shares.height() + BOTTOM_GAP,
            Content::Panels { heading, panels } => {
                let heading = if heading.is_some() { SERVICE_HEIGHT } else { 0.0 };
                let panels: f64 = panels.iter().map(|(_, legend)| legend.height() + PLOT_HEIGHT + PANEL_GAP).sum();
                heading + panels - PANEL_GAP + TIME_AXIS_HEIGHT + BOTTOM_GAP
            }
        }
    }

    fn draw<B: DrawingBackend>(&self, canvas: &mut Canvas<B>) -> Drawn {
        canvas.rectangle((0.0, 0.0), (f64::from(WIDTH_PIXELS), self.height()), PAPER)?;
        match &self.content {
            Content::Header => self.header(canvas),
            Content::Month(shares) => shares.draw(canvas, 0.0),
            Content::Panels { heading, panels } => self.panels(canvas, *heading, panels),
        }
    }
}

impl Strip<'_> {
    fn header<B: DrawingBackend>(&self, canvas: &mut Canvas<B>) -> Drawn {
        let zone = &self.data.timezone;
        let date = |time: jiff::Timestamp| time.to_zoned(zone.clone()).strftime("%-d %b %Y %H:%M").to_string();
        let range = format!("{} to {}", date(self.data.start), date(self.data.end));
        canvas.text(&range, (RIGHT, 68.0), Side::Right, LEGEND)?;
        let beside_range = RIGHT - text_width(&range, LEGEND) - ENTRY_GAP - EDGE;
        canvas.text(&fitted(&self.data.subtitle, LEGEND, beside_range), (EDGE, 68.0), Side::Left, LEGEND)?;
        canvas.text(&fitted(&self.data.title, HEADING, RIGHT - EDGE), (EDGE, 40.0), Side::Left, HEADING)
    }

    fn panels<B: DrawingBackend>(&self, canvas: &mut Canvas<B>, heading: Option<&str>, panels: &[(Panel, Legend)]) -> Drawn {
        let mut top = 0.0;
        if let Some(name) = heading {
            canvas.text(&fitted(name, SERVICE, RIGHT - EDGE), (EDGE, 26.0), Side::Left, SERVICE)?;
            top += SERVICE_HEIGHT;
        }
        let ticks = ticks(self.data.start, self.data.end, RIGHT - LEFT, &self.data.timezone);
        for (panel, legend) in panels {
            legend.draw(canvas, panel, top)?;
            top += legend.height();
            Plot { data: self.data, top }.draw(canvas, panel, &ticks)?;
            top += PLOT_HEIGHT + PANEL_GAP;
        }
        self.time_axis(canvas, &ticks, top - PANEL_GAP)
    }

    fn time_axis<B: DrawingBackend>(&self, canvas: &mut Canvas<B>, ticks: &[Tick], top: f64) -> Drawn {
        let (upper_line, lower_line) = (top + 23.0, top + 43.0);
        let x = |tick: &Tick| time_to_x(self.data, tick.seconds);
        for tick in ticks {
            canvas.line(&[(x(tick), top), (x(tick), top + 5.0)], FRAME)?;
            canvas.text(&tick.upper, (x(tick), upper_line), Side::Centre, TICK)?;
            if let Some(words) = &tick.lower {
                canvas.text(words, (x(tick), lower_line), Side::Centre, if tick.is_midnight { DATE } else { TICK })?;
            }
        }
        let first_date_at = ticks.iter().find(|tick| tick.lower.is_some()).map_or(RIGHT, x);
        if first_date_at - LEFT > FIRST_DATE_PIXELS {
            canvas.text(&first_date(self.data.start, &self.data.timezone), (LEFT, lower_line), Side::Left, DATE)?;
        }
        let name = format!("time ({})", self.data.timezone.iana_name().unwrap_or("local"));
        canvas.text(&name, ((LEFT + RIGHT) / 2.0, lower_line + 24.0), Side::Centre, AXIS)
    }
}

/// The legend of a panel: after its title, on further lines where one is too short.
struct Legend {
    entries: Vec<Entry>,
    lines: usize,
}

/// The words of one layer.
struct Entry {
    layer: usize,
    label: String,
    /// Where its mark begins.
    x: f64,
    line: usize,
}

impl Legend {
    fn of(panel: &Panel) -> Self {
        let begin = LEFT + text_width(panel.title, TITLE) + ENTRY_GAP;
        let (mut x, mut line) = (begin, 0);
        let mut entries = Vec::new();
        for (index, layer) in panel.layers.iter().enumerate() {
            let Some(label) = &layer.label else { continue };
            let label = fitted(label, LEGEND, RIGHT - begin - MARK_WIDTH - MARK_GAP);
            let width = MARK_WIDTH + MARK_GAP + text_width(&label, LEGEND);
            if x + width > RIGHT && x > begin {
                x = begin;
                line += 1;
            }
            entries.push(Entry { layer: index, label, x, line });
            x += width + ENTRY_GAP;
        }
        Self { entries, lines: line + 1 }
    }

    fn height(&self) -> f64 {
        self.lines as f64 * LEGEND_LINE + 4.0
    }

    fn draw<B: DrawingBackend>(&self, canvas: &mut Canvas<B>, panel: &Panel, top: f64) -> Drawn {
        canvas.text(panel.title, (LEFT, top + 19.0), Side::Left, TITLE)?;
        for entry in &self.entries {
            let baseline = top + 19.0 + entry.line as f64 * LEGEND_LINE;
            mark(canvas, &panel.layers[entry.layer], entry.x, baseline - 5.0)?;
            canvas.text(&entry.label, (entry.x + MARK_WIDTH + MARK_GAP, baseline), Side::Left, LEGEND)?;
        }
        Ok(())
    }
}

/// A sample of a layer: a stroke, or a field of its colour.
fn mark<B: DrawingBackend>(canvas: &mut Canvas<B>, layer: &Layer, x: f64, middle: f64) -> Drawn {
    match layer.shape {
        Shape::Hours(_) | Shape::Area(_) | Shape::StepArea(_) | Shape::Band(..) => {
            canvas.rectangle((x + 6.0, middle - 7.0), (x + MARK_WIDTH, middle + 7.0), layer.ink)
        }
        Shape::Line(_) | Shape::Steps(_) | Shape::Level(_) => canvas.line(&[(x, middle), (x + MARK_WIDTH, middle)], layer.ink),
    }
}

fn time_to_x(data: &ChartData<'_>, seconds: f64) -> f64 {
    let span = data.end.duration_since(data.start).as_secs_f64();
    let share = if span > 0.0 { (seconds / span).clamp(0.0, 1.0) } else { 0.0 };
    LEFT + share * (RIGHT - LEFT)
}

/// The field of a panel in which its layers are drawn.
struct Plot<'a> {
    data: &'a ChartData<'a>,
    top: f64,
}

impl Plot<'_> {
    fn draw<B: DrawingBackend>(&self, canvas: &mut Canvas<B>, panel: &Panel, ticks: &[Tick]) -> Drawn {
        self.grid(canvas, panel, ticks)?;
        for layer in &panel.layers {
            self.layer(canvas, panel, layer)?;
        }
        let (left, right, bottom) = (LEFT, RIGHT, self.bottom());
        canvas.line(&[(left, self.top), (left, bottom)], FRAME)?;
        canvas.line(&[(left, bottom), (right, bottom)], FRAME)
    }

    fn bottom(&self) -> f64 {
        self.top + PLOT_HEIGHT
    }

    fn grid<B: DrawingBackend>(&self, canvas: &mut Canvas<B>, panel: &Panel, ticks: &[Tick]) -> Drawn {
        for tick in ticks {
            let x = time_to_x(self.data, tick.seconds);
            let ink = if tick.is_midnight { MIDNIGHT } else { GRID };
            canvas.line(&[(x, self.top), (x, self.bottom())], ink)?;
        }
        for &value in panel.scale.ticks() {
            let y = self.y(panel, value);
            canvas.line(&[(LEFT, y), (RIGHT, y)], GRID)?;
            canvas.text(&panel.scale.label(value), (LEFT - 9.0, y + 5.0), Side::Right, TICK)?;
        }
        canvas.upward_text(panel.axis, (30.0, self.top + PLOT_HEIGHT / 2.0), AXIS)
    }

    fn y(&self, panel: &Panel, value: f64) -> f64 {
        self.bottom() - panel.scale.position(value) * PLOT_HEIGHT
    }

    fn layer<B: DrawingBackend>(&self, canvas: &mut Canvas<B>, panel: &Panel, layer: &Layer) -> Drawn {
        let ink = layer.ink;
        match &layer.shape {
            Shape::Line(values) => stretches(self.middles(panel, values)).iter().try_for_each(|line| canvas.line(line, ink)),
            Shape::Steps(values) => stretches(self.steps(panel, values)).iter().try_for_each(|line| canvas.line(line, ink)),
            Shape::Area(values) => self.areas(canvas, stretches(self.middles(panel, values)), ink),
            Shape::StepArea(values) => self.areas(canvas, stretches(self.steps(panel, values)), ink),
            Shape::Band(low, high) => canvas.rectangle((LEFT, self.y(panel, *high)), (RIGHT, self.y(panel, *low)), ink),
            Shape::Level(value) => {
                let y = self.y(panel, *value);
                canvas.line(&[(LEFT, y), (RIGHT, y)], ink)
            }
            Shape::Hours(heights) => self.hours(canvas, panel, heights, ink),
        }
    }

    /// Down to the bottom of the plot.
    fn areas<B: DrawingBackend>(&self, canvas: &mut Canvas<B>, lines: Vec<Vec<Point>>, ink: Ink) -> Drawn {
        lines.iter().try_for_each(|line| {
            let bottom: Vec<Point> = line.iter().map(|&(x, _)| (x, self.bottom())).collect();
            canvas.area(line, &bottom, ink)
        })
    }

    /// The points in the middles of the steps; the first and the last reach out to the edges.
    fn middles(&self, panel: &Panel, values: &[f64]) -> Vec<Point> {
        let last = values.len().saturating_sub(1);
        let mut points: Vec<Point> = Vec::with_capacity(values.len() + 2);
        for (index, &value) in values.iter().enumerate() {
            let y = self.y(panel, value);
            if index == 0 {
                points.push((time_to_x(self.data, 0.0), y));
            }
            points.push((time_to_x(self.data, (index as f64 + 0.5) * self.data.step_seconds), y));
            if index == last {
                points.push((time_to_x(self.data, (index as f64 + 1.0) * self.data.step_seconds), y));
            }
        }
        points
    }

    fn steps(&self, panel: &Panel, values: &[f64]) -> Vec<Point> {
        let edge = |index: usize| time_to_x(self.data, index as f64 * self.data.step_seconds);
        values
            .iter()
            .enumerate()
            .flat_map(|(index, &value)| {
                let y = self.y(panel, value);
                [(edge(index), y), (edge(index + 1), y)]
            })
            .collect()
    }

    fn hours<B: DrawingBackend>(&self, canvas: &mut Canvas<B>, panel: &Panel, heights: &[(f64, f64)], ink: Ink) -> Drawn {
        let offset = self.data.first_hour.duration_since(self.data.start).as_secs_f64();
        let edge = |hour: usize| time_to_x(self.data, offset + hour as f64 * SECONDS_PER_HOUR);
        let (mut bottom, mut top) = (Vec::with_capacity(2 * heights.len()), Vec::with_capacity(2 * heights.len()));
        for (hour, &(low, high)) in heights.iter().enumerate() {
            for x in [edge(hour), edge(hour + 1)] {
                bottom.push((x, self.y(panel, low)));
                top.push((x, self.y(panel, high)));
            }
        }
        canvas.area(&top, &bottom, ink)
    }
}
