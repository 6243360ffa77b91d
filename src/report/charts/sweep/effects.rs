//! How much each axis matters: a bar from the smallest to the largest mean over its values, the axis with the largest
//! effect on cost at the top.

use plotters::backend::DrawingBackend;
use plotters::style::RGBColor;

use super::super::canvas::{Canvas, Drawn, Ink, Side, fitted};
use super::super::layout::{AXIS, EDGE, FRAME, GRID, LEGEND, TICK, TITLE};
use super::super::scale::{Notation, Scale};
use super::{HALVES, colour, dollars, latency};
use crate::result::sweep::{Sensitivity, SweepResult, ValueMeans};

const TITLE_HEIGHT: f64 = 70.0;
const ROW_HEIGHT: f64 = 62.0;
const BAR_HEIGHT: f64 = 18.0;
const BOTTOM_HEIGHT: f64 = 66.0;
const ROOM_LEFT: f64 = 8.0;

/// Both halves: cost and latency.
pub(super) struct Effects<'a> {
    axes: Vec<(String, &'a Sensitivity)>,
}

/// One of the two.
struct Half {
    title: &'static str,
    colour: RGBColor,
    notation: Notation,
    mean: fn(&ValueMeans) -> Option<f64>,
    written: fn(f64) -> String,
}

const SIDES: [Half; 2] = [
    Half {
        title: "US dollars a month",
        colour: colour::BLUE,
        notation: Notation::Dollars,
        mean: |means| means.monthly_cost.map(|figure| figure.0),
        written: |amount| format!("${}", dollars(amount)),
    },
    Half {
        title: "p99 latency",
        colour: colour::VERMILLION,
        notation: Notation::Duration,
        mean: |means| means.latency_seconds.map(|figure| figure.0),
        written: latency,
    },
];

impl<'a> Effects<'a> {
    pub(super) fn new(result: &'a SweepResult, names: Vec<String>) -> Self {
        let mut axes: Vec<(String, &Sensitivity)> = names.into_iter().zip(&result.sensitivity).collect();
        let effect = |axis: &Sensitivity| axis.cost_effect.map_or(0.0, |figure| figure.0);
        axes.sort_by(|one, other| effect(other.1).total_cmp(&effect(one.1)));
        Self { axes }
    }

    pub(super) fn height(&self) -> f64 {
        TITLE_HEIGHT + ROW_HEIGHT * self.axes.len() as f64 + BOTTOM_HEIGHT
    }

    pub(super) fn draw<B: DrawingBackend>(&self, canvas: &mut Canvas<B>) -> Drawn {
        canvas.text("How much each matters: the mean at its best and its worst value", (EDGE, 26.0), Side::Left, TITLE)?;
        SIDES.iter().zip(HALVES).try_for_each(|(half, edges)| self.half(canvas, half, edges))
    }

    fn half<B: DrawingBackend>(&self, canvas: &mut Canvas<B>, half: &Half, (left, right): (f64, f64)) -> Drawn {
        canvas.text(half.title, (left, 56.0), Side::Left, LEGEND)?;
        let means = || self.axes.iter().flat_map(|(_, axis)| &axis.values).filter_map(half.mean);
        let (least, most) = (means().fold(f64::INFINITY, f64::min), means().fold(f64::NEG_INFINITY, f64::max));
        if !least.is_finite() {
            return canvas.text("no data", (left, TITLE_HEIGHT + 20.0), Side::Left, LEGEND);
        }
        let scale = Scale::fitting(least, most, half.notation);
        // The label of the last tick is centred on the right edge.
        let right = right - 28.0;
        let x = |value: f64| left + ROOM_LEFT + (right - left - ROOM_LEFT) * scale.position(value);
        let bottom = TITLE_HEIGHT + ROW_HEIGHT * self.axes.len() as f64;
        for &tick in scale.ticks() {
            canvas.line(&[(x(tick), TITLE_HEIGHT), (x(tick), bottom)], GRID)?;
            canvas.text(&scale.label(tick), (x(tick), bottom + 22.0), Side::Centre, TICK)?;
        }
        canvas.line(&[(left + ROOM_LEFT, bottom), (right, bottom)], FRAME)?;
        if scale.is_logarithmic() {
            canvas.text("logarithmic", (f64::midpoint(left, right), bottom + 46.0), Side::Centre, AXIS)?;
        }
        for (row, (name, axis)) in self.axes.iter().enumerate() {
            let top = TITLE_HEIGHT + ROW_HEIGHT * row as f64;
            let known = || axis.values.iter().filter_map(|means| Some(((half.mean)(means)?, means.value.as_str())));
            let by_mean = |one: &(f64, &str), other: &(f64, &str)| one.0.total_cmp(&other.0);
            let (Some(least), Some(most)) = (known().min_by(by_mean), known().max_by(by_mean)) else { continue };
            let said = format!("{name}: {} at {} to {} at {}", (half.written)(least.0), least.1, (half.written)(most.0), most.1);
            canvas.text(&fitted(&said, TICK, right - left), (left + ROOM_LEFT, top + 24.0), Side::Left, TICK)?;
            let bar = (x(least.0), x(most.0).max(x(least.0) + 2.0));
            canvas.rectangle((bar.0, top + 34.0), (bar.1, top + 34.0 + BAR_HEIGHT), Ink::line(half.colour, 0.0))?;
            // The means of the values between.
            for (mean, _) in known() {
                let tick = Ink::line(RGBColor(255, 255, 255), 1.0);
                canvas.line(&[(x(mean), top + 36.0), (x(mean), top + 32.0 + BAR_HEIGHT)], tick)?;
            }
        }
        Ok(())
    }
}
