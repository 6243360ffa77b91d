//! Which points a sweep runs, and in which order.
//!
//! The points of the grid are numbered from 1 in the order of nested loops, the first axis outermost. A sample is a
//! Latin hypercube; its points keep their numbers and run in their order.
//! A shard is a block of consecutive points, so that the outputs of the shards follow one another as those of the whole.

use super::Axis;
use crate::error::{Fault, Place, Result};
use crate::plan::Point;
use crate::plan::hypercube::latin_hypercube;
use crate::random::Stream;

/// The most points of a grid.
const MOST_POINTS: u64 = 1_000_000_000;

/// Part I of N, from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shard {
    /// Which part.
    pub number: u64,
    /// Of how many.
    pub count: u64,
}

impl Shard {
    /// Everything.
    pub const WHOLE: Self = Self { number: 1, count: 1 };

    /// Reads `I/N`.
    ///
    /// # Errors
    /// Why the text is no part, as a fragment.
    pub fn parse(text: &str) -> std::result::Result<Self, String> {
        let parts = text.split_once('/').and_then(|(number, count)| Some((number.trim().parse().ok()?, count.trim().parse().ok()?)));
        match parts {
            Some((number, count)) if (1..=count).contains(&number) => Ok(Self { number, count }),
            _ => Err("expected I/N with I from 1 to N, as 1/4".to_owned()),
        }
    }
}

/// The points of a sweep.
#[derive(Clone, Debug, PartialEq)]
pub struct Design {
    axes: Vec<Axis>,
    grid: u64,
    chosen: Chosen,
    shard: Shard,
}

/// Which points of the grid, before shards.
#[derive(Clone, Debug, PartialEq)]
enum Chosen {
    All,
    /// Numbers of points in ascending order.
    Sample(Vec<u64>),
}

impl Design {
    /// The design of these axes; with a sample of so many draws it is drawn from the seed.
    ///
    /// # Errors
    /// No axis, a path on two axes, or too many points.
    pub fn new(axes: Vec<Axis>, sample: Option<u64>, seed: u64, shard: Shard) -> Result<Self> {
        let wrong = |message: String| Fault::input(Place::file("--vary"), message);
        if axes.is_empty() {
            return Err(wrong("nothing varies".to_owned())
                .remedy("name a path and its values, as --vary services.web.desired_count=2,4")
                .into());
        }
        let mut paths: Vec<&String> = axes.iter().flat_map(|axis| &axis.paths).collect();
        paths.sort();
        if let Some(pair) = paths.windows(2).find(|pair| pair[0] == pair[1]) {
            return Err(wrong(format!("{} varies twice", pair[0])).remedy("name all its values in one --vary").into());
        }
        let grid = axes.iter().try_fold(1_u64, |product, axis| product.checked_mul(axis.values.len() as u64));
        let Some(grid) = grid.filter(|grid| *grid <= MOST_POINTS) else {
            return Err(wrong(format!("the grid has more than {MOST_POINTS} points")).remedy("use larger steps").into());
        };
        let chosen = match sample.filter(|draws| *draws < grid) {
            None => Chosen::All,
            Some(draws) => {
                let lengths: Vec<usize> = axes.iter().map(|axis| axis.values.len()).collect();
                let sample = latin_hypercube(&lengths, draws as usize, seed, Stream::Sample);
                let mut numbers: Vec<u64> = sample.iter().map(|draw| number_of(&lengths, draw)).collect();
                numbers.sort_unstable();
                numbers.dedup();
                Chosen::Sample(numbers)
            }
        };
        Ok(Self { axes, grid, chosen, shard })
    }

    /// What varies.
    #[must_use]
    pub fn axes(&self) -> &[Axis] {
        &self.axes
    }

    /// The points of the full grid.
    #[must_use]
    pub const fn grid(&self) -> u64 {
        self.grid
    }

    /// The part of the sweep that runs.
    #[must_use]
    pub const fn shard(&self) -> Shard {
        self.shard
    }

    /// The points of all shards: those of the grid, or the different ones of a sample.
    #[must_use]
    pub fn chosen(&self) -> u64 {
        match &self.chosen {
            Chosen::All => self.grid,
            Chosen::Sample(numbers) => numbers.len() as u64,
        }
    }

    /// The points of this shard.
    #[must_use]
    pub fn len(&self) -> u64 {
        let (from, to) = self.block();
        to - from
    }

    /// Whether this shard has no points.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The numbers of the points of this shard, in their order.
    pub fn numbers(&self) -> impl Iterator<Item = u64> + '_ {
        let (from, to) = self.block();
        (from..to).map(|place| match &self.chosen {
            Chosen::All => place + 1,
            Chosen::Sample(numbers) => numbers[place as usize],
        })
    }

    fn block(&self) -> (u64, u64) {
        let edge = |number: u64| (u128::from(self.chosen()) * u128::from(number) / u128::from(self.shard.count)) as u64;
        (edge(self.shard.number - 1), edge(self.shard.number))
    }

    /// The place of a point on each axis, from 0.
    #[must_use]
    pub fn places(&self, number: u64) -> Vec<usize> {
        let mut rest = number - 1;
        let mut places = vec![0; self.axes.len()];
        for (place, axis) in places.iter_mut().zip(&self.axes).rev() {
            let length = axis.values.len() as u64;
            *place = (rest % length) as usize;
            rest /= length;
        }
        places
    }

    /// The configuration of a point.
    #[must_use]
    pub fn point(&self, number: u64) -> Point {
        let mut point = Point::default();
        for (axis, place) in self.axes.iter().zip(self.places(number)) {
            if let Some(variant) = axis.variant(place) {
                point.variant = Some(variant.to_owned());
            }
            point.settings.extend_from_slice(axis.settings(place));
        }
        point
    }
}

/// The number of the point at these places.
fn number_of(lengths: &[usize], places: &[usize]) -> u64 {
    lengths.iter().zip(places).fold(0, |number, (&length, &place)| number * length as u64 + place as u64) + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn design(axes: &[&str], sample: Option<u64>, shard: Shard) -> Design {
        let axes = axes.iter().map(|text| Axis::parse(text).expect("an axis")).collect();
        Design::new(axes, sample, 7, shard).expect("a design")
    }

    /// By hand: two loops, the first axis outermost.
    #[test]
    fn the_grid_has_the_order_of_nested_loops() {
        let design = design(&["a=1,2", "b=x,y,z"], None, Shard::WHOLE);
        let labels: Vec<String> = design
            .numbers()
            .map(|number| {
                let places = design.places(number);
                format!("{number}:{}{}", design.axes()[0].label(places[0]), design.axes()[1].label(places[1]))
            })
            .collect();
        assert_eq!(labels, ["1:1x", "2:1y", "3:1z", "4:2x", "5:2y", "6:2z"]);
        assert_eq!((design.grid(), design.len()), (6, 6));
    }

    #[test]
    fn shards_follow_one_another_and_leave_nothing_out() {
        for count in [1, 2, 3, 4, 7, 9] {
            for sample in [None, Some(5)] {
                let of_shard = |number| design(&["a=1,2", "b=x,y,z"], sample, Shard { number, count }).numbers().collect::<Vec<_>>();
                let joined: Vec<u64> = (1..=count).flat_map(of_shard).collect();
                let whole: Vec<u64> = design(&["a=1,2", "b=x,y,z"], sample, Shard::WHOLE).numbers().collect();
                assert_eq!(joined, whole, "{count} shards");
            }
        }
    }

    #[test]
    fn a_sample_keeps_the_numbers_of_the_grid() {
        let design = design(&["a=1..10", "b=1..10"], Some(10), Shard::WHOLE);
        let numbers: Vec<u64> = design.numbers().collect();
        assert!(numbers.is_sorted() && numbers.len() == 10, "ten different values on an axis make ten points: {numbers:?}");
        assert_eq!(self::design(&["a=1,2"], Some(5), Shard::WHOLE).len(), 2, "more draws than points are all points");
    }

    #[test]
    fn a_part_is_written_as_a_fraction() {
        assert_eq!(Shard::parse("2/3"), Ok(Shard { number: 2, count: 3 }));
        for wrong in ["0/3", "4/3", "1/0", "1", "a/b", "1/2/3"] {
            assert!(Shard::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_design_that_cannot_be_is_refused() {
        let of = |axes: &[&str]| {
            let axes = axes.iter().map(|text| Axis::parse(text).expect("an axis")).collect();
            Design::new(axes, None, 1, Shard::WHOLE).unwrap_err().to_string()
        };
        assert!(of(&[]).contains("nothing varies"));
        assert!(of(&["a=1,2", "b,a=1/2,3/4"]).contains("a varies twice"));
        assert!(of(&["a=1..10000", "b=1..10000", "c=1..11"]).contains("more than 1000000000 points"));
    }
}
