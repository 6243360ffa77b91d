//! Words that mean the same, and words that were meant.
//!
//! Whatever names something that does not exist (a key, a column, a region, a price) is answered with what looks most like it, by
//! one measure: the Damerau-Levenshtein distance of the words without their case and separators.

/// A key or word without what differs between `target_value`, `targetValue`, `TargetValue` and
/// `target-value`.
#[must_use]
pub fn normal_form(word: &str) -> String {
    word.chars().filter(|letter| !matches!(letter, '_' | '-' | ' ')).flat_map(char::to_lowercase).collect()
}

/// The candidate that looks most like the word, if any looks like it at all.
#[must_use]
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    /// Below this share of equal letters two words are strangers.
    const LIKE_ENOUGH: f64 = 0.5;
    let form = normal_form(word);
    let mut best: Option<(f64, &str)> = None;
    for candidate in candidates {
        let likeness = strsim::normalized_damerau_levenshtein(&form, &normal_form(candidate));
        if likeness >= LIKE_ENOUGH && best.is_none_or(|(most, _)| likeness > most) {
            best = Some((likeness, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_casing_of_a_word_has_one_form() {
        for word in ["target_value", "targetValue", "TargetValue", "target-value", "TARGET_VALUE"] {
            assert_eq!(normal_form(word), "targetvalue");
        }
    }

    #[test]
    fn the_nearest_word_is_suggested_and_strangers_are_not() {
        let keys = ["region", "version", "name", "services"];
        assert_eq!(nearest("regoin", keys), Some("region"));
        assert_eq!(nearest("Service", keys), Some("services"));
        assert_eq!(nearest("xyzzy", keys), None);
    }
}
