//! The picture of an explanation: the datapoints that alarms saw, above a scale-out step by step.
//!
//! Each datapoint is a stroke over its period; a dotted line leads from its end to the moment at which it was
//! published, so that the delay of the metric can be seen. Below, one bar for each step of the scale-out, over the same
//! time axis.

mod scene;

use plotters::backend::DrawingBackend;
use plotters::style::RGBColor;

use super::canvas::{Canvas, Drawn, Letters, text_width};
use super::layout::{EDGE, HEADING, LEGEND, PAPER, RIGHT};
use super::{Part, WIDTH_PIXELS, raster_image, vector_image};
use crate::error::{Error, Fault, Place, Result};
use crate::report::explain::title;
use crate::result::explain::ExplainResult;
use scene::{Scene, scenes};

use super::canvas::{Side, fitted};

/// Of the palette of Okabe and Ito ("Color Universal Design", 2008).
mod colour {
    use super::RGBColor;

    pub const BLACK: RGBColor = RGBColor(0, 0, 0);
    pub const BLUE: RGBColor = RGBColor(0, 114, 178);
    pub const VERMILLION: RGBColor = RGBColor(213, 94, 0);
    pub const GREEN: RGBColor = RGBColor(0, 158, 115);
    pub const PURPLE: RGBColor = RGBColor(204, 121, 167);
}

/// A line of the answer.
const ANSWER_LINE: f64 = 25.0;
const FIRST_ANSWER_LINE: f64 = 70.0;
const HEADER_GAP: f64 = 22.0;

/// The explanation as SVG.
///
/// # Errors
/// When there is neither a decision nor a scale-out to draw, or the drawing fails.
pub fn explanation_svg(result: &ExplainResult) -> Result<String> {
    vector_image(&strips(result)?)
}

/// The explanation as PNG.
///
/// # Errors
/// As [`explanation_svg`].
pub fn explanation_png(result: &ExplainResult) -> Result<Vec<u8>> {
    raster_image(&strips(result)?)
}

/// A part of the picture.
enum Strip {
    Header { title: String, answer: Vec<String> },
    Scene(Scene),
}

fn strips(result: &ExplainResult) -> Result<Vec<Strip>> {
    let scenes = scenes(result);
    if scenes.is_empty() {
        let (why, remedy) = match result.at {
            None => ("never scaled out", "leave the chart out, or name a time with --at"),
            Some(_) => ("had no datapoint by that time and never scaled out", "leave the chart out, or name a later time with --at"),
        };
        let message = format!("there is nothing to draw: {} {why}", result.service);
        return Err(Error::from(Fault::input(Place::default(), message).remedy(remedy)));
    }
    let header = Strip::Header { title: title(result), answer: wrapped(&result.answer, LEGEND, RIGHT - EDGE) };
    Ok(std::iter::once(header).chain(scenes.into_iter().map(Strip::Scene)).collect())
}

/// The lines of a text that is broken at spaces where it would be wider than `width` pixels.
fn wrapped(text: &str, letters: Letters, width: f64) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ') {
        let longer = lines.last().map(|line| format!("{line} {word}")).filter(|longer| text_width(longer, letters) <= width);
        match (longer, lines.last_mut()) {
            (Some(longer), Some(line)) => *line = longer,
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

impl Part for Strip {
    fn height(&self) -> f64 {
        match self {
            Self::Header { answer, .. } => FIRST_ANSWER_LINE + (answer.len() as f64 - 1.0) * ANSWER_LINE + HEADER_GAP,
            Self::Scene(scene) => scene.height(),
        }
    }

    fn draw<B: DrawingBackend>(&self, canvas: &mut Canvas<B>) -> Drawn {
        canvas.rectangle((0.0, 0.0), (f64::from(WIDTH_PIXELS), self.height()), PAPER)?;
        match self {
            Self::Header { title, answer } => {
                canvas.text(&fitted(title, HEADING, RIGHT - EDGE), (EDGE, 40.0), Side::Left, HEADING)?;
                let mut baseline = FIRST_ANSWER_LINE;
                for line in answer {
                    canvas.text(line, (EDGE, baseline), Side::Left, LEGEND)?;
                    baseline += ANSWER_LINE;
                }
                Ok(())
            }
            Self::Scene(scene) => scene.draw(canvas),
        }
    }
}
