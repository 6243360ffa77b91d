//! A set of small numbers: the minutes, hours, days or months that a field of a cron expression allows.

/// Numbers from 0 to 63.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Numbers(u64);

impl Numbers {
    /// Adds a number; one above 63 is left out.
    pub fn insert(&mut self, number: u8) {
        self.0 |= 1_u64.checked_shl(u32::from(number)).unwrap_or(0);
    }

    /// Whether the number is in the set.
    pub fn contains(self, number: u8) -> bool {
        self.first_from(number) == Some(number)
    }

    /// The smallest number of the set that is not below `number`.
    pub fn first_from(self, number: u8) -> Option<u8> {
        let rest = self.0 & u64::MAX.checked_shl(u32::from(number)).unwrap_or(0);
        (rest != 0).then(|| rest.trailing_zeros() as u8)
    }

    /// The largest number of the set that is not above `number`.
    pub fn last_until(self, number: u8) -> Option<u8> {
        let above = u64::MAX.checked_shl(u32::from(number) + 1).unwrap_or(0);
        let rest = self.0 & !above;
        (rest != 0).then(|| 63 - rest.leading_zeros() as u8)
    }

    /// The numbers of the set that are not below `low` and not above `high`.
    pub fn between(self, low: u8, high: u8) -> impl Iterator<Item = u8> {
        (low..=high).filter(move |number| self.contains(*number))
    }
}

impl FromIterator<u8> for Numbers {
    fn from_iter<I: IntoIterator<Item = u8>>(numbers: I) -> Self {
        let mut set = Self::default();
        for number in numbers {
            set.insert(number);
        }
        set
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_are_found_at_both_ends() {
        let set: Numbers = [0, 5, 63].into_iter().collect();
        let after: Vec<Option<u8>> = [0, 1, 5, 6, 63, 64].into_iter().map(|number| set.first_from(number)).collect();
        assert_eq!(after, [Some(0), Some(5), Some(5), Some(63), Some(63), None]);
        let before: Vec<Option<u8>> = [0, 4, 5, 62, 63, 200].into_iter().map(|number| set.last_until(number)).collect();
        assert_eq!(before, [Some(0), Some(0), Some(5), Some(5), Some(63), Some(63)]);
        assert_eq!(Numbers::default().first_from(0), None);
        assert_eq!(Numbers::default().last_until(63), None);
        assert_eq!(set.between(1, 63).collect::<Vec<u8>>(), [5, 63]);
    }
}
