//! Mean cost and mean latency over two axes, as two shaded maps beside each other.

use plotters::backend::DrawingBackend;
use plotters::style::RGBColor;

use super::super::canvas::{Canvas, Drawn, Ink, Letters, Side, fitted, text_width};
use super::super::layout::{AXIS, FRAME, INK, LEGEND, TICK, TITLE};
use super::{HALVES, dollars, label_step, latency};
use crate::math;
use crate::result::sweep::{HeatMap, MapCell, SweepResult};

/// The ends and the middle of ColorBrewer's sequential schemes Blues and Oranges.
const BLUES: [RGBColor; 3] = [RGBColor(239, 243, 255), RGBColor(107, 174, 214), RGBColor(8, 69, 148)];
const ORANGES: [RGBColor; 3] = [RGBColor(254, 237, 222), RGBColor(253, 141, 60), RGBColor(140, 45, 4)];

const TITLE_HEIGHT: f64 = 62.0;
const BOTTOM_HEIGHT: f64 = 74.0;
/// Room for the name of the axis that runs down and its widest label.
const NAME_WIDTH: f64 = 24.0;
const WIDEST_LABEL: f64 = 130.0;
const HIGHEST_CELL: f64 = 46.0;
const MAP_HEIGHT: f64 = 420.0;
const ON_DARK: RGBColor = RGBColor(255, 255, 255);
const NUMBER_SIZE: f64 = 15.0;
/// Cells that are lower stay white where nothing was run.
const LEAST_CROSSED: f64 = 20.0;
/// Beyond this ratio shades follow the logarithm.
const LOGARITHMIC_FROM: f64 = 10.0;

/// Both maps.
pub(super) struct Maps<'a> {
    map: &'a HeatMap,
    down: Option<(String, &'a [String])>,
    right: (String, &'a [String]),
    /// Whether cells are means over further axes.
    is_mean: bool,
}

/// One of the two.
struct Layer {
    title: &'static str,
    shades: [RGBColor; 3],
    figure: fn(MapCell) -> Option<f64>,
    written: fn(f64) -> String,
}

const LAYERS: [Layer; 2] = [
    Layer { title: "US dollars a month", shades: BLUES, figure: |cell| cell.monthly_cost, written: dollars },
    Layer { title: "p99 latency", shades: ORANGES, figure: |cell| cell.latency_seconds, written: latency },
];

impl<'a> Maps<'a> {
    pub(super) fn new(result: &'a SweepResult, map: &'a HeatMap, names: &[String]) -> Self {
        let axis = |axis: usize| (names[axis].clone(), result.axes[axis].values.as_slice());
        let drawn = if map.axes.0.is_some() { 2 } else { 1 };
        let is_mean = result.axes.iter().filter(|axis| axis.values.len() > 1).count() > drawn;
        Self { map, down: map.axes.0.map(axis), right: axis(map.axes.1), is_mean }
    }

    fn rows(&self) -> usize {
        self.map.cells.len() / self.map.columns.max(1)
    }

    fn cell_height(&self) -> f64 {
        (MAP_HEIGHT / self.rows() as f64).min(HIGHEST_CELL)
    }

    pub(super) fn height(&self) -> f64 {
        TITLE_HEIGHT + self.cell_height() * self.rows() as f64 + BOTTOM_HEIGHT
    }

    pub(super) fn draw<B: DrawingBackend>(&self, canvas: &mut Canvas<B>) -> Drawn {
        LAYERS.iter().zip(HALVES).try_for_each(|(layer, half)| self.half(canvas, layer, half))
    }

    fn half<B: DrawingBackend>(&self, canvas: &mut Canvas<B>, layer: &Layer, (left, right): (f64, f64)) -> Drawn {
        let labels = self.down.as_ref().map_or(0.0, |(_, values)| {
            let widest = values.iter().map(|value| text_width(value, TICK)).fold(0.0, f64::max);
            widest.min(WIDEST_LABEL) + NAME_WIDTH + 8.0
        });
        let plot = Plot { left: left + labels, right, top: TITLE_HEIGHT, cell_height: self.cell_height(), columns: self.map.columns };
        let known = || self.map.cells.iter().filter_map(|cell| (layer.figure)(*cell));
        let (least, most) = (known().fold(f64::INFINITY, f64::min), known().fold(f64::NEG_INFINITY, f64::max));
        let shade = Shade { least, most, colours: layer.shades };
        self.title(canvas, layer, &shade, (left, right))?;
        for (place, cell) in self.map.cells.iter().enumerate() {
            self.cell(canvas, &plot, place, (layer.figure)(*cell), layer, &shade)?;
        }
        self.axes(canvas, &plot, left)
    }

    /// The heading, and a bar from the lightest to the darkest shade.
    fn title<B: DrawingBackend>(&self, canvas: &mut Canvas<B>, layer: &Layer, shade: &Shade, (left, right): (f64, f64)) -> Drawn {
        const BAR: f64 = 120.0;
        let mean = if self.is_mean { ", mean over all else" } else { "" };
        canvas.text(&format!("{}{mean}", layer.title), (left, 34.0), Side::Left, TITLE)?;
        if !shade.least.is_finite() {
            return canvas.text("no data", (right, 34.0), Side::Right, LEGEND);
        }
        let most = (layer.written)(shade.most);
        let bar_right = right - text_width(&most, TICK) - 8.0;
        for step in 0..BAR as usize {
            let x = bar_right - BAR + step as f64;
            canvas.rectangle((x, 20.0), (x + 1.0, 36.0), Ink::line(shade.blend(step as f64 / (BAR - 1.0)), 0.0))?;
        }
        canvas.text(&most, (right, 34.0), Side::Right, TICK)?;
        let least = (layer.written)(shade.least);
        canvas.text(&least, (bar_right - BAR - 8.0, 34.0), Side::Right, TICK)?;
        if shade.is_logarithmic() {
            canvas.text("logarithmic", (bar_right - BAR / 2.0, 52.0), Side::Centre, AXIS)?;
        }
        Ok(())
    }

    fn cell<B: DrawingBackend>(
        &self,
        canvas: &mut Canvas<B>,
        plot: &Plot,
        place: usize,
        value: Option<f64>,
        layer: &Layer,
        shade: &Shade,
    ) -> Drawn {
        let (column, row) = (place % self.map.columns, place / self.map.columns);
        let corner = (plot.x(column), plot.y(row));
        let opposite = (plot.x(column + 1), plot.y(row + 1));
        let middle = (f64::midpoint(corner.0, opposite.0), f64::midpoint(corner.1, opposite.1));
        let Some(value) = value else {
            // Nothing was run here: a cross, which is no shade; crosses of small cells would be a pattern of their own.
            if plot.cell_height < LEAST_CROSSED {
                return Ok(());
            }
            let ink = Ink::line(RGBColor(200, 200, 200), 1.0);
            canvas.line(&[corner, opposite], ink)?;
            return canvas.line(&[(corner.0, opposite.1), (opposite.0, corner.1)], ink);
        };
        let colour = shade.of(value);
        canvas.rectangle(corner, opposite, Ink::line(colour, 0.0))?;
        let is_dark = u32::from(colour.0) * 3 + u32::from(colour.1) * 6 + u32::from(colour.2) < 1250;
        let letters = Letters { size: NUMBER_SIZE, bold: false, color: if is_dark { ON_DARK } else { INK } };
        let text = (layer.written)(value);
        if text_width(&text, letters) + 6.0 <= opposite.0 - corner.0 && opposite.1 - corner.1 >= NUMBER_SIZE + 3.0 {
            canvas.text(&text, (middle.0, middle.1 + NUMBER_SIZE * 0.33), Side::Centre, letters)?;
        }
        Ok(())
    }

    fn axes<B: DrawingBackend>(&self, canvas: &mut Canvas<B>, plot: &Plot, left: f64) -> Drawn {
        let bottom = plot.y(self.rows());
        for (from, to) in [((plot.left, plot.top), (plot.right, plot.top)), ((plot.left, bottom), (plot.right, bottom))] {
            canvas.line(&[from, to], FRAME)?;
        }
        let (name, values) = &self.right;
        let step = label_step(values.iter(), TICK, plot.x(1) - plot.x(0));
        for (column, value) in values.iter().enumerate().step_by(step) {
            let middle = f64::midpoint(plot.x(column), plot.x(column + 1));
            canvas.text(value, (middle, bottom + 22.0), Side::Centre, TICK)?;
        }
        canvas.text(
            &fitted(name, AXIS, plot.right - plot.left),
            (f64::midpoint(plot.left, plot.right), bottom + 46.0),
            Side::Centre,
            AXIS,
        )?;
        let Some((name, values)) = &self.down else { return Ok(()) };
        let step = (20.0 / plot.cell_height).ceil().max(1.0) as usize;
        for (row, value) in values.iter().enumerate().step_by(step) {
            let middle = f64::midpoint(plot.y(row), plot.y(row + 1));
            canvas.text(&fitted(value, TICK, WIDEST_LABEL), (plot.left - 8.0, middle + 5.0), Side::Right, TICK)?;
        }
        let length = (bottom - plot.top).max(120.0);
        canvas.upward_text(&fitted(name, AXIS, length), (left + 16.0, f64::midpoint(plot.top, bottom)), AXIS)
    }
}

/// Where the cells stand.
struct Plot {
    left: f64,
    right: f64,
    top: f64,
    cell_height: f64,
    columns: usize,
}

impl Plot {
    fn x(&self, column: usize) -> f64 {
        self.left + (self.right - self.left) * column as f64 / self.columns as f64
    }

    fn y(&self, row: usize) -> f64 {
        self.top + self.cell_height * row as f64
    }
}

/// From figures to shades.
struct Shade {
    least: f64,
    most: f64,
    colours: [RGBColor; 3],
}

impl Shade {
    fn is_logarithmic(&self) -> bool {
        self.least > 0.0 && self.most / self.least > LOGARITHMIC_FROM
    }

    fn of(&self, value: f64) -> RGBColor {
        if self.most <= self.least {
            return self.blend(0.0);
        }
        self.blend(if self.is_logarithmic() {
            math::ln(value / self.least) / math::ln(self.most / self.least)
        } else {
            (value - self.least) / (self.most - self.least)
        })
    }

    /// The colour at this share of the way from the lightest to the darkest.
    fn blend(&self, share: f64) -> RGBColor {
        let [light, middle, dark] = self.colours;
        let (from, to, share) = if share < 0.5 { (light, middle, share * 2.0) } else { (middle, dark, share * 2.0 - 1.0) };
        let channel = |from: u8, to: u8| (f64::from(from) + (f64::from(to) - f64::from(from)) * share).round() as u8;
        RGBColor(channel(from.0, to.0), channel(from.1, to.1), channel(from.2, to.2))
    }
}
