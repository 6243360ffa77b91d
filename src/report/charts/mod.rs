//! One picture of a run: traffic, tasks, utilisation, latency and cost above one another, and where a month's money goes.
//!
//! The panels of a service share one time axis, so that cause and effect stand in one column: traffic
//! rises, utilisation crosses its target, tasks follow, latency falls, the cost stays. Several services
//! follow one another. The picture needs no font and no display of the machine; the same data give the
//! same bytes.
//!
//! - Colours are those of Okabe and Ito, which people with any colour vision tell apart; lines also differ
//!   in width or dash.
//! - Legends stand above the plots and hide nothing.
//! - A pixel column that holds several values shows all between the smallest and the largest (`series`).
//! - Latency turns logarithmic when its values span more than a factor of thirty.

mod calendar;
mod canvas;
mod comparison;
mod explanation;
mod from_result;
pub(super) mod interactive;
mod layout;
mod panels;
mod recorded;
mod scale;
mod series;
mod shares;
mod sweep;
mod time_axis;

use std::io::Write;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::error::{Error, ErrorKind, Fault, Place, Result};
use crate::outcome::TimelineRow;
use crate::result::MonthlyShare;

use canvas::{Canvas, Drawn, OVERSAMPLING};
use plotters::backend::DrawingBackend;

pub use calendar::{calendar_png, calendar_svg};
pub use comparison::{comparison_png, comparison_svg};
pub use explanation::{explanation_png, explanation_svg};
pub(super) use from_result::chart_data;
pub use from_result::{result_png, result_svg};
pub use recorded::{Recorded, RecordedService};
pub use sweep::{sweep_png, sweep_svg};

/// The width of a chart in pixels.
pub const WIDTH_PIXELS: u32 = 1400;

/// The most pixels of height that a raster image may have; a drawing of more services needs the vector
/// form.
const HIGHEST_RASTER_PIXELS: u32 = 60_000;

const SECONDS_PER_HOUR: f64 = 3600.0;

/// What a chart shows.
#[derive(Clone, Debug)]
pub struct ChartData<'a> {
    /// The heading: the scenario and its variant.
    pub title: String,
    /// A line below it: monthly cost, seed ...; may be empty.
    pub subtitle: String,
    /// The start of the time axis.
    pub start: Timestamp,
    /// Its end.
    pub end: Timestamp,
    /// The step of the timelines in seconds, more than 0.
    pub step_seconds: f64,
    /// The zone of the clock that the time axis shows.
    pub timezone: TimeZone,
    /// The start of the first hour of every cost series.
    pub first_hour: Timestamp,
    /// The services, from the top down.
    pub services: Vec<ServiceChart<'a>>,
    /// What several services share, product by product; no panel when empty.
    pub shared_cost: Vec<CostSeries>,
    /// Where a month's money goes, the dearest first; no panel when empty.
    pub month: Vec<MonthlyShare>,
}

/// One service of a chart.
#[derive(Clone, Debug)]
pub struct ServiceChart<'a> {
    /// Its name.
    pub name: String,
    /// Its timeline.
    pub timeline: &'a [TimelineRow],
    /// The utilisations that its policies steer towards.
    pub targets: Vec<UtilizationTarget>,
    /// The latency of its service level in seconds.
    pub slo_latency_seconds: Option<f64>,
    /// Its cost, product by product, from the bottom of the stack upwards.
    pub cost: Vec<CostSeries>,
}

/// The target of a target tracking policy.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct UtilizationTarget {
    /// What is followed.
    pub resource: Resource,
    /// The target in percent.
    pub percent: f64,
}

/// A resource whose utilisation is followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resource {
    /// CPU.
    Cpu,
    /// Memory.
    Memory,
}

/// The cost of one product.
#[derive(Clone, Debug, PartialEq)]
pub struct CostSeries {
    /// The product.
    pub product: String,
    /// US dollars an hour in each UTC hour, 0 or more.
    pub usd_per_hour: Vec<f64>,
}

/// The chart as SVG.
///
/// # Errors
/// When the step is not positive or the drawing fails.
pub fn svg(data: &ChartData<'_>) -> Result<String> {
    vector_image(&strips(data)?)
}

/// A part of a picture over its whole width, drawn from its own top.
trait Part {
    /// Its height in pixels.
    fn height(&self) -> f64;

    /// Draws it from the canvas's origin down.
    fn draw<B: DrawingBackend>(&self, canvas: &mut Canvas<B>) -> Drawn;
}

/// The parts below one another as SVG.
fn vector_image(strips: &[impl Part]) -> Result<String> {
    let height: f64 = strips.iter().map(Part::height).sum();
    let size = (WIDTH_PIXELS, height.ceil() as u32);
    let mut out = String::new();
    let mut canvas = Canvas::vector(&mut out, size);
    for strip in strips {
        strip.draw(&mut canvas).map_err(not_drawn)?;
        canvas.origin_y += strip.height();
    }
    canvas.finish().map_err(not_drawn)?;
    Ok(at_native_size(&out, size))
}

/// The drawing is larger than the image; the size of the image goes into the root element.
fn at_native_size(drawing: &str, (width, height): (u32, u32)) -> String {
    let large = format!("<svg width=\"{}\" height=\"{}\"", width * OVERSAMPLING, height * OVERSAMPLING);
    drawing.replacen(&large, &format!("<svg width=\"{width}\" height=\"{height}\""), 1)
}

/// The chart as PNG.
///
/// # Errors
/// When the step is not positive, when there are too many services for one image, or when the drawing
/// fails.
pub fn png(data: &ChartData<'_>) -> Result<Vec<u8>> {
    raster_image(&strips(data)?)
}

/// The parts below one another as PNG.
///
/// # Errors
/// When they are too high for one image, or the drawing fails.
fn raster_image(strips: &[impl Part]) -> Result<Vec<u8>> {
    let height: u32 = strips.iter().map(|strip| strip.height().ceil() as u32).fold(0, u32::saturating_add);
    if height > HIGHEST_RASTER_PIXELS {
        let message = format!("a PNG of all this would be {height} pixels high, allowed are {HIGHEST_RASTER_PIXELS}");
        return Err(Fault::input(Place::default(), message).remedy("write an .svg file").into());
    }
    let mut image = Vec::with_capacity((WIDTH_PIXELS * height * 3) as usize);
    // Strip by strip: the oversampled drawing of many services would not fit in memory.
    for strip in strips {
        let size = (WIDTH_PIXELS, strip.height().ceil() as u32);
        let mut buffer = vec![0; (size.0 * size.1 * 3 * OVERSAMPLING * OVERSAMPLING) as usize];
        let mut canvas = Canvas::raster(&mut buffer, size);
        strip.draw(&mut canvas).map_err(not_drawn)?;
        canvas.finish().map_err(not_drawn)?;
        average_down(&buffer, size.0 as usize, &mut image);
    }
    encode(&image, (WIDTH_PIXELS, height)).map_err(|reason| not_drawn(reason.to_string()))
}

/// Appends the buffer at the size of the image: each pixel the mean of those it covers.
fn average_down(buffer: &[u8], width: usize, image: &mut Vec<u8>) {
    let row_bytes = width * 6;
    for rows in buffer.chunks_exact(2 * row_bytes) {
        let (upper, lower) = rows.split_at(row_bytes);
        for (above, below) in upper.chunks_exact(6).zip(lower.chunks_exact(6)) {
            for channel in 0..3 {
                let sum =
                    u16::from(above[channel]) + u16::from(above[channel + 3]) + u16::from(below[channel]) + u16::from(below[channel + 3]);
                image.push(((sum + 2) / 4) as u8);
            }
        }
    }
}

fn encode(image: &[u8], (width, height): (u32, u32)) -> std::result::Result<Vec<u8>, png::EncodingError> {
    let mut out = Vec::new();
    let mut encoder = png::Encoder::new(&mut out, width, height);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_compression(png::Compression::Fast);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(image)?;
    writer.finish()?;
    out.flush()?;
    Ok(out)
}

fn strips<'a>(data: &'a ChartData<'_>) -> Result<Vec<layout::Strip<'a>>> {
    if data.step_seconds.is_nan() || data.step_seconds <= 0.0 {
        let message = format!("the step of a chart is {} s, allowed is more than 0", data.step_seconds);
        return Err(Fault::input(Place::default(), message).into());
    }
    Ok(layout::strips(data))
}

fn not_drawn(reason: String) -> Error {
    Fault::new(ErrorKind::File, Place::default(), format!("cannot draw the chart: {reason}")).into()
}
