//! From values over time to points on the paper.
//!
//! A fortnight of minutes has 20,160 values and the plot some 1,200 pixel columns. Of the values that fall
//! into one column the first, the smallest, the largest and the last are kept, in their order: a line
//! through these covers the same pixels as the line through all (the M4 aggregation of Jugel et al.,
//! VLDB 2014), and no peak is lost. Where a value is missing the line breaks.

/// A point in pixels.
pub(super) type Point = (f64, f64);

/// The unbroken stretches of a line through `points`, thinned to at most four points for each pixel
/// column. A point that is no number breaks the line.
pub(super) fn stretches(points: impl IntoIterator<Item = Point>) -> Vec<Vec<Point>> {
    let mut stretches = Vec::new();
    let mut stretch = Vec::new();
    let mut column = Column::default();
    for point in points {
        if !point.1.is_finite() {
            column.empty_into(&mut stretch);
            if !stretch.is_empty() {
                stretches.push(std::mem::take(&mut stretch));
            }
        } else {
            if column.pixel != point.0.floor() {
                column.empty_into(&mut stretch);
            }
            column.add(point);
        }
    }
    column.empty_into(&mut stretch);
    if !stretch.is_empty() {
        stretches.push(stretch);
    }
    stretches
}

/// What is kept of one pixel column.
#[derive(Default)]
struct Column {
    pixel: f64,
    kept: Option<Kept>,
}

/// Points with their place in the order of the column.
#[derive(Clone, Copy)]
struct Kept {
    first: Point,
    lowest: (u32, Point),
    highest: (u32, Point),
    last: (u32, Point),
}

impl Column {
    fn add(&mut self, point: Point) {
        self.pixel = point.0.floor();
        match &mut self.kept {
            None => self.kept = Some(Kept { first: point, lowest: (0, point), highest: (0, point), last: (0, point) }),
            Some(kept) => {
                kept.last = (kept.last.0 + 1, point);
                if point.1 < kept.lowest.1.1 {
                    kept.lowest = kept.last;
                }
                if point.1 > kept.highest.1.1 {
                    kept.highest = kept.last;
                }
            }
        }
    }

    fn empty_into(&mut self, stretch: &mut Vec<Point>) {
        let Some(kept) = self.kept.take() else { return };
        let mut points = [(0, kept.first), kept.lowest, kept.highest, kept.last];
        points.sort_by_key(|&(place, _)| place);
        for (index, &(place, point)) in points.iter().enumerate() {
            if index == 0 || place != points[index - 1].0 {
                stretch.push(point);
            }
        }
    }
}

/// The parts of a line that a dash pattern leaves: `on` pixels drawn, `off` left out, along its length.
pub(super) fn dashes(line: &[Point], on: f64, off: f64) -> Vec<Vec<Point>> {
    let mut dashes = Vec::new();
    let mut dash: Vec<Point> = line.first().copied().into_iter().collect();
    let (mut left, mut drawing) = (on, true);
    for pair in line.windows(2) {
        let (mut from, to) = (pair[0], pair[1]);
        let mut rest = ((to.0 - from.0) * (to.0 - from.0) + (to.1 - from.1) * (to.1 - from.1)).sqrt();
        while rest > left {
            let share = left / rest;
            from = (from.0 + (to.0 - from.0) * share, from.1 + (to.1 - from.1) * share);
            rest -= left;
            if drawing {
                dash.push(from);
                dashes.push(std::mem::take(&mut dash));
            } else {
                dash = vec![from];
            }
            drawing = !drawing;
            left = if drawing { on } else { off };
        }
        left -= rest;
        if drawing {
            dash.push(to);
        }
    }
    if dash.len() > 1 {
        dashes.push(dash);
    }
    dashes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pixel_column_keeps_its_peak_and_its_trough() {
        let values: Vec<f64> = (0..10_000).map(|index| if index == 4_321 { 99.0 } else { f64::from(index % 7) }).collect();
        let points = values.iter().enumerate().map(|(index, &value)| (index as f64 / 1_000.0, value));
        let lines = stretches(points);
        assert_eq!(lines.len(), 1);
        assert!(lines[0].len() <= 4 * 10, "{}", lines[0].len());
        assert!(lines[0].contains(&(4.321, 99.0)));
        assert!(lines[0].windows(2).all(|pair| pair[0].0 < pair[1].0), "in the order of time");
        assert_eq!((lines[0][0], lines[0][lines[0].len() - 1]), ((0.0, 0.0), (9.999, values[9_999])));
    }

    #[test]
    fn a_missing_value_breaks_the_line() {
        let lines = stretches([(0.0, 1.0), (1.0, 2.0), (2.0, f64::NAN), (3.0, 4.0), (4.0, f64::NAN)]);
        assert_eq!(lines, vec![vec![(0.0, 1.0), (1.0, 2.0)], vec![(3.0, 4.0)]]);
        assert!(stretches([(0.0, f64::NAN)]).is_empty());
    }

    #[test]
    fn few_points_stay_as_they_are() {
        let points = vec![(0.5, 3.0), (2.5, 1.0), (4.5, 2.0)];
        assert_eq!(stretches(points.clone()), vec![points]);
    }

    #[test]
    fn dashes_follow_the_length_of_the_line_around_corners() {
        let corner = [(0.0, 0.0), (6.0, 0.0), (6.0, 6.0)];
        let wanted = vec![vec![(0.0, 0.0), (4.0, 0.0)], vec![(6.0, 0.0), (6.0, 4.0)]];
        assert_eq!(dashes(&corner, 4.0, 2.0), wanted);
    }
}
