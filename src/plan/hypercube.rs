//! A Latin hypercube (McKay, Beckman and Conover, 1979): of `n` draws each axis has one in each `n`-th part of its range, so few draws
//! already show every axis at all its values.

use crate::random::{Stream, generator, open_unit};

/// So many draws: for each the place on every axis, of which these are the lengths.
pub(super) fn latin_hypercube(lengths: &[usize], draws: usize, seed: u64, stream: Stream) -> Vec<Vec<usize>> {
    let columns: Vec<Vec<usize>> = (0..).zip(lengths).map(|(axis, &length)| column(axis, length, draws, seed, stream)).collect();
    (0..draws).map(|draw| columns.iter().map(|column| column[draw]).collect()).collect()
}

/// The places of all draws on one axis: one in each stratum, in random order.
fn column(axis: u64, length: usize, draws: usize, seed: u64, stream: Stream) -> Vec<usize> {
    let mut generator = generator(seed, stream, axis, 0);
    let mut strata: Vec<usize> = (0..draws).collect();
    // Fisher and Yates.
    for last in (1..strata.len()).rev() {
        let other = (open_unit(&mut generator) * (last + 1) as f64) as usize;
        strata.swap(last, other.min(last));
    }
    let place = |stratum: usize| {
        let within = (stratum as f64 + open_unit(&mut generator)) / draws as f64;
        ((within * length as f64) as usize).min(length - 1)
    };
    strata.into_iter().map(place).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The property that gives the design its name: each of the n strata of an axis holds one draw. With as many values
    /// as draws each value comes once, with half as many twice.
    #[test]
    fn a_sample_has_one_draw_in_each_stratum_of_each_axis() {
        for seed in 0..20 {
            let draws = latin_hypercube(&[12, 12, 6, 24, 1], 12, seed, Stream::Sample);
            let sorted = |axis: usize| {
                let mut places: Vec<usize> = draws.iter().map(|draw| draw[axis]).collect();
                places.sort_unstable();
                places
            };
            let once: Vec<usize> = (0..12).collect();
            assert_eq!((sorted(0), sorted(1)), (once.clone(), once.clone()));
            assert_eq!(sorted(2), (0..6).flat_map(|place| [place, place]).collect::<Vec<_>>());
            assert_eq!(sorted(3).iter().map(|place| place / 2).collect::<Vec<_>>(), once, "two values make one stratum");
            assert_eq!(sorted(4), vec![0; 12]);
        }
        let of = |seed| latin_hypercube(&[12, 12], 12, seed, Stream::Sample);
        assert_eq!(of(1), of(1));
        assert_ne!(of(1), of(2), "the seed decides");
        assert_ne!(of(1).iter().map(|draw| draw[0]).collect::<Vec<_>>(), of(1).iter().map(|draw| draw[1]).collect::<Vec<_>>());
    }
}
