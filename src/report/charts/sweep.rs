//! The pictures of a sweep: what the axes do to cost and latency, which points nobody can better in both, and which axis
//! matters most.
//!
//! Maps are shaded from light to dark in one hue each (those of ColorBrewer), which reads the same with any colour vision
//! and in print; cells that are large enough carry their number.

mod effects;
mod front;
mod map;

use plotters::backend::DrawingBackend;
use plotters::style::RGBColor;

use super::canvas::{Canvas, Drawn, Letters, text_width};
use super::layout::{EDGE, PAPER, RIGHT, heading};
use super::{Part, WIDTH_PIXELS, raster_image, vector_image};
use crate::error::{Error, Fault, Place, Result};
use crate::report::sweep::{counts, short_names, title};
use crate::report::text;
use crate::result::Figure;
use crate::result::sweep::{SweepPicture, SweepResult};
use effects::Effects;
use front::Front;
use map::Maps;

/// Of the palette of Okabe and Ito ("Color Universal Design", 2008).
mod colour {
    use super::RGBColor;

    pub const BLUE: RGBColor = RGBColor(0, 114, 178);
    pub const VERMILLION: RGBColor = RGBColor(213, 94, 0);
    pub const GREY: RGBColor = RGBColor(140, 140, 140);
}

const HEADER_HEIGHT: f64 = 84.0;
/// Between the two halves of a part.
const MIDDLE_GAP: f64 = 36.0;

/// The pictures as SVG.
///
/// # Errors
/// When no point was run or the drawing fails.
pub fn sweep_svg(result: &SweepResult, picture: &SweepPicture) -> Result<String> {
    vector_image(&strips(result, picture)?)
}

/// The pictures as PNG.
///
/// # Errors
/// As [`sweep_svg`].
pub fn sweep_png(result: &SweepResult, picture: &SweepPicture) -> Result<Vec<u8>> {
    raster_image(&strips(result, picture)?)
}

/// A part of the picture.
enum Strip<'a> {
    Header { title: String, subtitle: String },
    Maps(Maps<'a>),
    Front(Front<'a>),
    Effects(Effects<'a>),
}

fn strips<'a>(result: &'a SweepResult, picture: &'a SweepPicture) -> Result<Vec<Strip<'a>>> {
    if result.points.run == 0 {
        return Err(Error::from(Fault::input(Place::default(), "there is nothing to draw: no point was run")));
    }
    let names: Vec<String> = short_names(&result.axes).into_iter().map(|names| names.join(", ")).collect();
    let mut strips = vec![Strip::Header { title: title(result), subtitle: format!("{}; seed {}", counts(result), result.seed) }];
    strips.extend(picture.map.as_ref().map(|map| Strip::Maps(Maps::new(result, map, &names))));
    if !result.front.is_empty() {
        strips.push(Strip::Front(Front::new(result, picture, &names)));
    }
    strips.push(Strip::Effects(Effects::new(result, names)));
    Ok(strips)
}

impl Part for Strip<'_> {
    fn height(&self) -> f64 {
        match self {
            Self::Header { .. } => HEADER_HEIGHT,
            Self::Maps(maps) => maps.height(),
            Self::Front(front) => front.height(),
            Self::Effects(effects) => effects.height(),
        }
    }

    fn draw<B: DrawingBackend>(&self, canvas: &mut Canvas<B>) -> Drawn {
        canvas.rectangle((0.0, 0.0), (f64::from(WIDTH_PIXELS), self.height()), PAPER)?;
        match self {
            Self::Header { title, subtitle } => heading(canvas, title, subtitle),
            Self::Maps(maps) => maps.draw(canvas),
            Self::Front(front) => front.draw(canvas),
            Self::Effects(effects) => effects.draw(canvas),
        }
    }
}

/// The left and right edges of the two halves of a part.
const HALVES: [(f64, f64); 2] = {
    let middle = f64::midpoint(EDGE, RIGHT);
    [(EDGE, middle - MIDDLE_GAP / 2.0), (middle + MIDDLE_GAP / 2.0, RIGHT)]
};

/// Dollars a month for a label: whole ones from a hundred on.
fn dollars(amount: f64) -> String {
    super::scale::number(amount, if amount.abs() < 100.0 { 2 } else { 0 })
}

/// A latency in a unit that fits, with three digits.
fn latency(seconds: f64) -> String {
    text::latency(Some(Figure(seconds)))
}

/// Of so many labels every how many-th fits when each has `room` pixels.
fn label_step<'a>(labels: impl Iterator<Item = &'a String>, letters: Letters, room: f64) -> usize {
    let widest = labels.map(|label| text_width(label, letters)).fold(0.0, f64::max);
    ((widest + 10.0) / room.max(1.0)).ceil().max(1.0) as usize
}
