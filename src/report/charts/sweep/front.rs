//! Every point by its cost and its latency, with those that none betters in both.

use plotters::backend::DrawingBackend;

use super::super::canvas::{Canvas, Drawn, Ink, Side, fitted, text_width};
use super::super::layout::{AXIS, EDGE, FRAME, GRID, LEGEND, PAPER, RIGHT, TICK, TITLE};
use super::super::scale::{Notation, Scale};
use super::super::series::Point;
use super::colour;
use crate::report::sweep::plain;
use crate::result::Cell;
use crate::result::sweep::{SweepPicture, SweepResult};

const LEFT: f64 = 112.0;
const TITLE_HEIGHT: f64 = 74.0;
const PLOT_HEIGHT: f64 = 430.0;
const BOTTOM_HEIGHT: f64 = 72.0;
const LABEL_HEIGHT: f64 = 20.0;
const WIDEST_LABEL: f64 = 260.0;
/// The sides of the squares that stand for a point of the front and for another.
const LARGE: f64 = 12.0;
const SMALL: f64 = 6.0;

/// The scatter plot.
pub(super) struct Front<'a> {
    dots: &'a [(f64, f64, bool)],
    front: Vec<Marked>,
    /// What the labels tell.
    names: String,
    has_thresholds: bool,
    run: u64,
    cost: Scale,
    latency: Scale,
}

struct Marked {
    cost: f64,
    latency: f64,
    meets: bool,
    label: String,
}

impl<'a> Front<'a> {
    pub(super) fn new(result: &'a SweepResult, picture: &'a SweepPicture, names: &[String]) -> Self {
        let number = |row: &[Cell], name: &str| result.cell(row, name).and_then(Cell::number);
        let varied: usize = result.axes.iter().map(|axis| axis.paths.len()).sum();
        let marked = |row: &Vec<Cell>| {
            Some(Marked {
                cost: number(row, "monthly_cost")?,
                latency: result.latency(row)?,
                meets: number(row, "thresholds_failed").is_none_or(|failed| failed == 0.0),
                label: (1..=varied).map(|place| plain(row.get(place))).collect::<Vec<_>>().join(" / "),
            })
        };
        let front: Vec<Marked> = result.front.iter().filter_map(marked).collect();
        let all = || picture.dots.iter().map(|dot| (dot.0, dot.1)).chain(front.iter().map(|point| (point.cost, point.latency)));
        let least = |pick: fn((f64, f64)) -> f64| all().map(pick).fold(f64::INFINITY, f64::min);
        let most = |pick: fn((f64, f64)) -> f64| all().map(pick).fold(f64::NEG_INFINITY, f64::max);
        let cost = Scale::around(least(|point| point.0), most(|point| point.0), Notation::Dollars);
        let latency = Scale::fitting(least(|point| point.1), most(|point| point.1), Notation::Duration);
        let has_thresholds = !result.thresholds.is_empty();
        Self { dots: &picture.dots, front, names: names.join(" / "), has_thresholds, run: result.points.run, cost, latency }
    }

    pub(super) fn height(&self) -> f64 {
        TITLE_HEIGHT + PLOT_HEIGHT + BOTTOM_HEIGHT
    }

    pub(super) fn draw<B: DrawingBackend>(&self, canvas: &mut Canvas<B>) -> Drawn {
        canvas.text("Cost against latency: what no point betters in both", (EDGE, 26.0), Side::Left, TITLE)?;
        self.legend(canvas)?;
        self.axes(canvas)?;
        for &(cost, latency, meets) in self.dots {
            square(canvas, self.place(cost, latency), SMALL, meets, colour::GREY)?;
        }
        self.steps(canvas)?;
        for point in &self.front {
            square(canvas, self.place(point.cost, point.latency), LARGE, point.meets, colour::BLUE)?;
        }
        self.labels(canvas)
    }

    fn place(&self, cost: f64, latency: f64) -> Point {
        let x = LEFT + (RIGHT - LEFT) * self.cost.position(cost);
        (x, TITLE_HEIGHT + PLOT_HEIGHT * (1.0 - self.latency.position(latency)))
    }

    fn legend<B: DrawingBackend>(&self, canvas: &mut Canvas<B>) -> Drawn {
        let mut x = EDGE;
        let shown = if (self.dots.len() as u64) < self.run { "other points (some of many)" } else { "other points" };
        let mut entries = vec![
            (LARGE, true, colour::BLUE, format!("Pareto front, labelled {}", self.names)),
            (SMALL, true, colour::GREY, shown.to_owned()),
        ];
        if self.has_thresholds {
            entries.push((LARGE, false, colour::BLUE, "hollow: a threshold fails".to_owned()));
        }
        let reserved = if self.has_thresholds { 560.0 } else { 300.0 };
        entries[0].3 = fitted(&entries[0].3, LEGEND, RIGHT - EDGE - reserved);
        for (side, filled, color, text) in entries {
            square(canvas, (x + LARGE / 2.0, 50.0), side, filled, color)?;
            canvas.text(&text, (x + LARGE + 8.0, 56.0), Side::Left, LEGEND)?;
            x += LARGE + 8.0 + text_width(&text, LEGEND) + 28.0;
        }
        Ok(())
    }

    fn axes<B: DrawingBackend>(&self, canvas: &mut Canvas<B>) -> Drawn {
        let bottom = TITLE_HEIGHT + PLOT_HEIGHT;
        for &tick in self.latency.ticks() {
            let y = TITLE_HEIGHT + PLOT_HEIGHT * (1.0 - self.latency.position(tick));
            canvas.line(&[(LEFT, y), (RIGHT, y)], GRID)?;
            canvas.text(&self.latency.label(tick), (LEFT - 10.0, y + 5.0), Side::Right, TICK)?;
        }
        for &tick in self.cost.ticks() {
            let x = LEFT + (RIGHT - LEFT) * self.cost.position(tick);
            canvas.line(&[(x, TITLE_HEIGHT), (x, bottom)], GRID)?;
            canvas.text(&self.cost.label(tick), (x, bottom + 22.0), Side::Centre, TICK)?;
        }
        canvas.line(&[(LEFT, bottom), (RIGHT, bottom)], FRAME)?;
        canvas.line(&[(LEFT, TITLE_HEIGHT), (LEFT, bottom)], FRAME)?;
        canvas.text("US dollars a month", (f64::midpoint(LEFT, RIGHT), bottom + 46.0), Side::Centre, AXIS)?;
        let scale = if self.latency.is_logarithmic() { "p99 latency (logarithmic)" } else { "p99 latency" };
        canvas.upward_text(scale, (EDGE + 10.0, TITLE_HEIGHT + PLOT_HEIGHT / 2.0), AXIS)
    }

    /// What can be had for a given cost: the latency of the next cheaper point of the front.
    fn steps<B: DrawingBackend>(&self, canvas: &mut Canvas<B>) -> Drawn {
        let ink = Ink::line(colour::BLUE, 2.0);
        for pair in self.front.windows(2) {
            let (from, to) = (self.place(pair[0].cost, pair[0].latency), self.place(pair[1].cost, pair[1].latency));
            canvas.line(&[from, (to.0, from.1)], ink)?;
            canvas.line(&[(to.0, from.1.min(to.1)), (to.0, from.1.max(to.1))], ink)?;
        }
        Ok(())
    }

    /// Labels beside the points of the front, where there is room for them.
    fn labels<B: DrawingBackend>(&self, canvas: &mut Canvas<B>) -> Drawn {
        let mut taken: Vec<(Point, Point)> = self
            .front
            .iter()
            .map(|point| {
                let (x, y) = self.place(point.cost, point.latency);
                ((x - LARGE / 2.0, y - LARGE / 2.0), (x + LARGE / 2.0, y + LARGE / 2.0))
            })
            .collect();
        for point in &self.front {
            let (x, y) = self.place(point.cost, point.latency);
            let text = fitted(&point.label, TICK, WIDEST_LABEL);
            let width = text_width(&text, TICK);
            let places = [
                (x + LARGE, y - LABEL_HEIGHT - 2.0),
                (x + LARGE, y + 4.0),
                (x - LARGE - width, y + 4.0),
                (x - LARGE - width, y - LABEL_HEIGHT - 2.0),
            ];
            let free = places.into_iter().map(|corner| (corner, (corner.0 + width, corner.1 + LABEL_HEIGHT))).find(|label| {
                let inside = label.0.0 > LEFT && label.1.0 < RIGHT && label.0.1 > TITLE_HEIGHT && label.1.1 < TITLE_HEIGHT + PLOT_HEIGHT;
                inside && taken.iter().all(|other| !overlap(*label, *other))
            });
            if let Some(label) = free {
                canvas.rectangle((label.0.0 - 2.0, label.0.1), (label.1.0 + 2.0, label.1.1), PAPER.opacity(0.75))?;
                canvas.text(&text, (label.0.0, label.1.1 - 5.0), Side::Left, TICK)?;
                taken.push(label);
            }
        }
        Ok(())
    }
}

fn overlap(one: (Point, Point), other: (Point, Point)) -> bool {
    one.0.0 < other.1.0 && other.0.0 < one.1.0 && one.0.1 < other.1.1 && other.0.1 < one.1.1
}

/// A square around a place, filled or hollow.
fn square<B: DrawingBackend>(canvas: &mut Canvas<B>, (x, y): Point, side: f64, filled: bool, color: plotters::style::RGBColor) -> Drawn {
    let half = side / 2.0;
    canvas.rectangle((x - half, y - half), (x + half, y + half), Ink::line(color, 0.0))?;
    if filled {
        return Ok(());
    }
    let inner = half - side / 5.0;
    canvas.rectangle((x - inner, y - inner), (x + inner, y + inner), PAPER)
}
