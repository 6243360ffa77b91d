//! Marks on paper: the few primitives that the charts are made of, for a vector and a raster image.
//!
//! Coordinates are pixels of the finished image, as floats. Both images are drawn at twice that size: the
//! vector image names the larger drawing in its view box, the raster image is averaged down, which is
//! what smooths its edges. A raster line is drawn column by column, as the path's range in each column
//! widened by a round brush: thousands of zigzags cost no more than a straight line, and overlap without
//! holes. The letters are those of DejaVu Sans, which comes with the program; a vector image asks for the
//! reader's own sans-serif, which is narrower or the same.

use std::sync::Once;

use plotters::backend::{BitMapBackend, DrawingBackend, SVGBackend};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color, FontDesc, FontFamily, FontStyle, FontTransform, RGBColor, ShapeStyle, TextStyle};

use super::series::{Point, dashes};

/// The size of the drawing in sizes of the image.
pub(super) const OVERSAMPLING: u32 = 2;

/// A font size counts from the ascent to the descent of the font; a vector image counts in ems.
const BASELINE_OF_RASTER: f64 = 0.5;
/// Where the vector backend puts the baseline below the top of a text (0.76 em, an em being 1/1.24 of the
/// size).
const BASELINE_OF_VECTOR: f64 = 0.76 / 1.24;

/// How something is drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Ink {
    /// The colour.
    pub color: RGBColor,
    /// Its opacity, 0 to 1.
    pub opacity: f64,
    /// The width of lines in pixels.
    pub width: f64,
    /// Pixels drawn and pixels left out.
    pub dash: Option<(f64, f64)>,
}

impl Ink {
    /// An unbroken, opaque line.
    pub(super) const fn line(color: RGBColor, width: f64) -> Self {
        Self { color, opacity: 1.0, width, dash: None }
    }

    /// The same line, broken.
    pub(super) const fn dashed(self, on: f64, off: f64) -> Self {
        Self { dash: Some((on, off)), ..self }
    }

    /// The same ink at another opacity.
    pub(super) const fn opacity(self, opacity: f64) -> Self {
        Self { opacity, ..self }
    }
}

/// The letters of a text.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Letters {
    /// Their height from ascent to descent in pixels.
    pub size: f64,
    /// Whether they are bold.
    pub bold: bool,
    /// Their colour.
    pub color: RGBColor,
}

/// The side of a text that its position names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    Left,
    Centre,
    Right,
}

/// A drawing backend failed, which memory alone can cause.
pub(super) type Drawn = Result<(), String>;

/// What can be drawn upon.
pub(super) struct Canvas<B> {
    backend: B,
    is_raster: bool,
    /// Added to every vertical coordinate.
    pub origin_y: f64,
}

impl<'a> Canvas<SVGBackend<'a>> {
    /// A vector image that is written into `out`.
    pub(super) fn vector(out: &'a mut String, size: (u32, u32)) -> Self {
        register_fonts();
        let backend = SVGBackend::with_string(out, (size.0 * OVERSAMPLING, size.1 * OVERSAMPLING));
        Self { backend, is_raster: false, origin_y: 0.0 }
    }
}

impl<'a> Canvas<BitMapBackend<'a>> {
    /// A raster image upon a buffer of `size` times the oversampling in both directions.
    pub(super) fn raster(buffer: &'a mut [u8], size: (u32, u32)) -> Self {
        register_fonts();
        let backend = BitMapBackend::with_buffer(buffer, (size.0 * OVERSAMPLING, size.1 * OVERSAMPLING));
        Self { backend, is_raster: true, origin_y: 0.0 }
    }
}

impl<B: DrawingBackend> Canvas<B> {
    /// Ends the drawing.
    pub(super) fn finish(mut self) -> Drawn {
        self.backend.present().map_err(|reason| reason.to_string())
    }

    /// A filled rectangle.
    pub(super) fn rectangle(&mut self, corner: Point, opposite: Point, ink: Ink) -> Drawn {
        let style = ink.color.mix(ink.opacity).filled();
        let (from, to) = (self.device(corner), self.device(opposite));
        if from.0 == to.0 || from.1 == to.1 {
            return Ok(());
        }
        self.backend.draw_rect(from, to, &style, true).map_err(|reason| reason.to_string())
    }

    /// A line through points whose horizontal coordinates do not fall.
    pub(super) fn line(&mut self, points: &[Point], ink: Ink) -> Drawn {
        match ink.dash {
            Some((on, off)) => dashes(points, on, off).iter().try_for_each(|dash| self.unbroken(dash, ink)),
            None => self.unbroken(points, ink),
        }
    }

    fn unbroken(&mut self, points: &[Point], ink: Ink) -> Drawn {
        let Some(&first) = points.first() else { return Ok(()) };
        // A lone value between two gaps still is a mark.
        let lone = [first, (first.0 + 1.0, first.1)];
        let points = if points.len() == 1 { &lone } else { points };
        if self.is_raster {
            return self.brush(points, ink);
        }
        let style = ShapeStyle { color: ink.color.mix(ink.opacity), filled: false, stroke_width: self.device_length(ink.width).max(1) };
        let path: Vec<_> = points.iter().map(|&point| self.device(point)).collect();
        self.backend.draw_path(path, &style).map_err(|reason| reason.to_string())
    }

    /// The area between a line and a level, or between a line and another with the same horizontal
    /// coordinates.
    pub(super) fn area(&mut self, top: &[Point], bottom: &[Point], ink: Ink) -> Drawn {
        if top.len() < 2 {
            return Ok(());
        }
        if self.is_raster {
            let (top, bottom) = (self.columns(top), self.columns(bottom));
            for (column, edge) in top.ranges.iter().enumerate() {
                let x = top.first + column as i32;
                if let (Some((high, _)), Some((_, low))) = (edge, bottom.at(x)) {
                    self.fill_column(x, *high, low, ink)?;
                }
            }
            return Ok(());
        }
        let path: Vec<_> = top.iter().chain(bottom.iter().rev()).map(|&point| self.device(point)).collect();
        self.backend.fill_polygon(path, &ink.color.mix(ink.opacity)).map_err(|reason| reason.to_string())
    }

    /// A text whose baseline runs through `at`.
    pub(super) fn text(&mut self, text: &str, at: Point, side: Side, letters: Letters) -> Drawn {
        let lift = letters.size * if self.is_raster { BASELINE_OF_RASTER } else { BASELINE_OF_VECTOR };
        self.letter(text, (at.0, at.1 - lift), side, letters, FontTransform::None)
    }

    /// A text that runs upwards, its middle at `at` and its baseline to the right of its letters.
    pub(super) fn upward_text(&mut self, text: &str, at: Point, letters: Letters) -> Drawn {
        let lift = letters.size * if self.is_raster { BASELINE_OF_RASTER } else { BASELINE_OF_VECTOR };
        self.letter(text, (at.0 - lift, at.1), Side::Centre, letters, FontTransform::Rotate270)
    }

    fn letter(&mut self, text: &str, at: Point, side: Side, letters: Letters, transform: FontTransform) -> Drawn {
        let horizontal = match side {
            Side::Left => HPos::Left,
            Side::Centre => HPos::Center,
            Side::Right => HPos::Right,
        };
        let style = text_style(letters).transform(transform).pos(Pos::new(horizontal, VPos::Top));
        let at = self.device(at);
        self.backend.draw_text(text, &style, at).map_err(|reason| reason.to_string())
    }

    /// The path's range in each column, widened by a round brush.
    fn brush(&mut self, points: &[Point], ink: Ink) -> Drawn {
        let path = self.columns(points);
        let radius = ink.width * f64::from(OVERSAMPLING) / 2.0;
        let reach = (radius - 0.25).max(0.0).floor() as i32;
        for x in path.first - reach..path.first + path.ranges.len() as i32 + reach {
            let mut range: Option<(f64, f64)> = None;
            for offset in -reach..=reach {
                if let Some((high, low)) = path.at(x + offset) {
                    let height = (radius * radius - f64::from(offset * offset)).max(0.0).sqrt();
                    let (above, below) = range.unwrap_or((f64::INFINITY, f64::NEG_INFINITY));
                    range = Some((above.min(high - height), below.max(low + height)));
                }
            }
            if let Some((above, below)) = range {
                self.fill_column(x, above, below, ink)?;
            }
        }
        Ok(())
    }

    /// Fills one column of the drawing, in drawing coordinates.
    fn fill_column(&mut self, x: i32, above: f64, below: f64, ink: Ink) -> Drawn {
        let (from, to) = (above.round() as i32, below.round() as i32);
        if to <= from {
            return Ok(());
        }
        self.backend.draw_rect((x, from), (x + 1, to), &ink.color.mix(ink.opacity).filled(), true).map_err(|reason| reason.to_string())
    }

    /// The vertical range of a path in every column of the drawing.
    fn columns(&self, points: &[Point]) -> Columns {
        let scale = f64::from(OVERSAMPLING);
        let points: Vec<Point> = points.iter().map(|&(x, y)| (x * scale, (y + self.origin_y) * scale)).collect();
        let first = points.first().map_or(0, |point| point.0.floor() as i32);
        let last = points.last().map_or(0, |point| point.0.floor() as i32);
        let mut columns = Columns { first, ranges: vec![None; (last - first).max(0) as usize + 1] };
        for pair in points.windows(2) {
            let (from, to) = (pair[0], pair[1]);
            for column in from.0.floor() as i32..=to.0.floor() as i32 {
                let height_at = |x: f64| if to.0 > from.0 { from.1 + (to.1 - from.1) * (x - from.0) / (to.0 - from.0) } else { to.1 };
                let enters = if f64::from(column) <= from.0 { from.1 } else { height_at(f64::from(column)) };
                let leaves = if f64::from(column + 1) >= to.0 { to.1 } else { height_at(f64::from(column + 1)) };
                columns.widen(column, enters, leaves);
            }
        }
        columns
    }

    fn device(&self, point: Point) -> (i32, i32) {
        let scale = f64::from(OVERSAMPLING);
        ((point.0 * scale).round() as i32, ((point.1 + self.origin_y) * scale).round() as i32)
    }

    fn device_length(&self, pixels: f64) -> u32 {
        (pixels * f64::from(OVERSAMPLING)).round() as u32
    }
}

/// The vertical range of a path in each column; smaller coordinates are higher on the paper.
struct Columns {
    first: i32,
    ranges: Vec<Option<(f64, f64)>>,
}

impl Columns {
    fn at(&self, x: i32) -> Option<(f64, f64)> {
        usize::try_from(x - self.first).ok().and_then(|column| self.ranges.get(column).copied().flatten())
    }

    fn widen(&mut self, x: i32, one: f64, other: f64) {
        let Some(range) = usize::try_from(x - self.first).ok().and_then(|column| self.ranges.get_mut(column)) else { return };
        let (high, low) = range.unwrap_or((f64::INFINITY, f64::NEG_INFINITY));
        *range = Some((high.min(one).min(other), low.max(one).max(other)));
    }
}

/// The width of a text in pixels of the image.
pub(super) fn text_width(text: &str, letters: Letters) -> f64 {
    register_fonts();
    let width = text_style(letters).font.layout_box(text).map_or(0, |((left, _), (right, _))| right - left);
    f64::from(width) / f64::from(OVERSAMPLING)
}

/// The text, cut with an ellipsis where it is wider than `width` pixels.
pub(super) fn fitted(text: &str, letters: Letters, width: f64) -> String {
    let mut fitting = text.to_owned();
    let mut kept = text.chars().count();
    while kept > 0 && text_width(&fitting, letters) > width {
        kept -= 1;
        fitting = text.chars().take(kept).chain(['…']).collect();
    }
    fitting
}

fn text_style(letters: Letters) -> TextStyle<'static> {
    let style = if letters.bold { FontStyle::Bold } else { FontStyle::Normal };
    let font = FontDesc::new(FontFamily::SansSerif, letters.size * f64::from(OVERSAMPLING), style);
    TextStyle { color: letters.color.to_backend_color(), ..TextStyle::from(font) }
}

/// Makes the letters known to the drawing library, once.
fn register_fonts() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        for (style, bytes) in [(FontStyle::Normal, dejavu::sans::regular()), (FontStyle::Bold, dejavu::sans::bold())] {
            // A generic family: the raster image finds these letters, a reader of the vector image its own.
            let registered = plotters::style::register_font(FontFamily::SansSerif.as_str(), style, bytes);
            assert!(registered.is_ok(), "the fonts that come with the program are sound");
        }
    });
}
