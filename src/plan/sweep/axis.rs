//! What a sweep varies: `--vary PATH=VALUES`.
//!
//! | written | means |
//! | --- | --- |
//! | `p=2,4,8` | these values; each is YAML in a line, so lists and maps in brackets work too |
//! | `p=40..80:5` | 40, 45, ..., 80; without a step every whole number. Both ends may have a unit: `50ms..200ms:50` |
//! | `p,q=512/1024,1024/2048` | two paths that change together, one value for each between slashes |
//! | `variant=a,b+c` | variants of the scenario |

use rust_decimal::Decimal;

use crate::error::{Fault, Place, Result};
use crate::plan::Point;
use crate::scenario::Source;
use crate::scenario::overrides::Setting;

/// The name that stands for the variant instead of a path.
const VARIANT: &str = "variant";

/// The most values of an axis.
const MOST_VALUES: usize = 100_000;

/// The paths that change together, and what they change to.
#[derive(Clone, Debug, PartialEq)]
pub struct Axis {
    /// The paths, or `variant`.
    pub paths: Vec<String>,
    /// The values in order: one text for each path.
    pub values: Vec<Vec<String>>,
    /// The same as settings, those of `variant` left out.
    settings: Vec<Vec<Setting>>,
}

impl Axis {
    /// Reads `PATH=VALUES`.
    ///
    /// # Errors
    /// Text of another form, a range that ends before it begins, a value that comes twice.
    pub fn parse(text: &str) -> Result<Self> {
        let wrong = |message: String| Fault::input(Place::file(format!("--vary {text}")), message);
        let form = "as in services.web.task_definition.cpu=256,512 or services.web.scaling.policies.cpu.target_value=40..80:5";
        let Some((paths, values)) = text.split_once('=').filter(|(paths, _)| !paths.trim().is_empty()) else {
            return Err(wrong("expected PATH=VALUES".to_owned()).remedy(form).into());
        };
        let paths: Vec<String> = paths.split(',').map(|path| path.trim().to_owned()).collect();
        if paths.iter().any(String::is_empty) {
            return Err(wrong("a path is empty".to_owned()).remedy(form).into());
        }
        let mut axis = Self { values: Vec::new(), settings: Vec::new(), paths };
        for item in split_outside_brackets(values, ',') {
            if item.is_empty() {
                return Err(wrong("a value is empty".to_owned()).remedy("write null for no value").into());
            }
            axis.values.extend(axis.item(item).map_err(|message| wrong(message).remedy(form))?);
            if axis.values.len() > MOST_VALUES {
                return Err(wrong(format!("more than {MOST_VALUES} values")).remedy("use a larger step").into());
            }
        }
        if let Some(twice) = repeated(&axis.values) {
            return Err(wrong(format!("the value {} comes twice", twice.join("/"))).remedy("name each value once").into());
        }
        let settings: Result<_> = axis.values.iter().map(|value| axis.settings_of(value)).collect();
        axis.settings = settings?;
        Ok(axis)
    }

    /// The values that one item of the list stands for.
    fn item(&self, item: &str) -> std::result::Result<Vec<Vec<String>>, String> {
        if self.paths.len() == 1 {
            let range = range(item)?;
            return Ok(range.unwrap_or_else(|| vec![item.to_owned()]).into_iter().map(|value| vec![value]).collect());
        }
        let parts: Vec<String> = split_outside_brackets(item, '/').into_iter().map(ToOwned::to_owned).collect();
        if parts.len() != self.paths.len() {
            return Err(format!("`{item}` has {} values between slashes for {} paths", parts.len(), self.paths.len()));
        }
        Ok(vec![parts])
    }

    fn settings_of(&self, value: &[String]) -> Result<Vec<Setting>> {
        let paths = self.paths.iter().zip(value).filter(|(path, _)| *path != VARIANT);
        paths
            .map(|(path, value)| {
                let place = Place { path: Some(path.clone()), ..Place::file("--vary") };
                Setting::new(path, value, &place)
            })
            .collect()
    }

    /// The variant that a value chooses, if this axis does.
    #[must_use]
    pub fn variant(&self, value: usize) -> Option<&str> {
        let place = self.paths.iter().position(|path| path == VARIANT)?;
        Some(&self.values[value][place])
    }

    /// Whether this axis chooses variants.
    #[must_use]
    pub fn chooses_variants(&self) -> bool {
        self.paths.iter().any(|path| path == VARIANT)
    }

    /// Whether values may name files, whose contents matter as much as their names.
    #[must_use]
    pub fn names_files(&self) -> bool {
        self.chooses_variants() || self.settings.iter().flatten().any(Setting::may_name_files)
    }

    /// The scenario with one value of this axis alone.
    #[must_use]
    pub fn point(&self, value: usize) -> Point {
        Point { variant: self.variant(value).map(ToOwned::to_owned), settings: self.settings[value].clone() }
    }

    /// What a value sets.
    #[must_use]
    pub fn settings(&self, value: usize) -> &[Setting] {
        &self.settings[value]
    }

    /// The paths in one word.
    #[must_use]
    pub fn name(&self) -> String {
        self.paths.join(",")
    }

    /// A value in one word.
    #[must_use]
    pub fn label(&self, value: usize) -> String {
        self.values[value].join("/")
    }

    /// Checks that each path exists, and each variant.
    ///
    /// # Errors
    /// A path or a variant that no scenario of this document has; the nearest one is named.
    pub fn check(&self, source: &Source) -> Result<()> {
        for path in self.paths.iter().filter(|path| *path != VARIANT) {
            source.check_path(path, &Place::file("--vary"))?;
        }
        for value in 0..self.values.len() {
            if let Some(variant) = self.variant(value) {
                source.check_variant(variant)?;
            }
        }
        Ok(())
    }
}

/// The first value that stands at two places.
fn repeated(values: &[Vec<String>]) -> Option<&Vec<String>> {
    let mut sorted: Vec<&Vec<String>> = values.iter().collect();
    sorted.sort();
    sorted.windows(2).find(|pair| pair[0] == pair[1]).map(|pair| pair[0])
}

/// The parts of a text between separators that stand outside of brackets and quotes, without spaces around them.
fn split_outside_brackets(text: &str, separator: char) -> Vec<&str> {
    let (mut depth, mut quote, mut begin) = (0_i32, None, 0);
    let mut parts = Vec::new();
    for (index, letter) in text.char_indices() {
        match (quote, letter) {
            (Some(open), _) if letter == open => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(letter),
            (None, '[' | '{') => depth += 1,
            (None, ']' | '}') => depth -= 1,
            (None, _) if letter == separator && depth <= 0 => {
                parts.push(text[begin..index].trim());
                begin = index + letter.len_utf8();
            }
            (None, _) => {}
        }
    }
    parts.push(text[begin..].trim());
    parts
}

/// The values of `A..B` or `A..B:STEP`, both ends included; none when the text is no range.
fn range(text: &str) -> std::result::Result<Option<Vec<String>>, String> {
    let Some((first, rest)) = text.split_once("..") else { return Ok(None) };
    // A path to a file may hold two dots; a range begins with a number.
    let Some((first, unit)) = number_with_unit(first) else { return Ok(None) };
    let (last, step) = rest.split_once(':').map_or((rest, None), |(last, step)| (last, Some(step)));
    let (last, unit_of_last) = number_with_unit(last).ok_or_else(|| format!("`{last}` is no number for a range to end at"))?;
    if unit != unit_of_last {
        return Err(format!("the range `{text}` begins in `{unit}` and ends in `{unit_of_last}`: both ends need the same unit"));
    }
    let step = match step {
        None if first.fract().is_zero() && last.fract().is_zero() => Decimal::ONE,
        None => return Err(format!("the range `{text}` of fractions needs a step")),
        Some(step) => match number_with_unit(step) {
            Some((step, own)) if step > Decimal::ZERO && (own.is_empty() || own == unit) => step,
            _ => return Err(format!("`{step}` is no step: expected a number above 0, its unit that of the ends or none")),
        },
    };
    if last < first {
        return Err(format!("the range `{text}` ends before it begins"));
    }
    let mut values = Vec::new();
    let mut value = first;
    while value <= last && values.len() <= MOST_VALUES {
        values.push(format!("{}{unit}", value.normalize()));
        // Decimals add up without error: 0.1..0.3:0.1 ends at 0.3.
        value = value.checked_add(step).ok_or_else(|| format!("the range `{text}` is too large"))?;
    }
    Ok(Some(values))
}

/// A decimal and the unit behind it.
fn number_with_unit(text: &str) -> Option<(Decimal, &str)> {
    let text = text.trim();
    let end = text.find(|letter: char| !(letter.is_ascii_digit() || ".+-".contains(letter))).unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    let is_unit = unit.chars().all(|letter| letter.is_alphabetic() || letter == '%' || letter == ' ');
    number.parse().ok().filter(|_| is_unit).map(|number| (number, unit))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(text: &str) -> Vec<String> {
        let axis = Axis::parse(text).expect("an axis");
        (0..axis.values.len()).map(|value| axis.label(value)).collect()
    }

    #[test]
    fn values_are_listed_or_ranges() {
        for (text, wanted) in [
            ("a.b=2,4, 8", vec!["2", "4", "8"]),
            ("a.b=40..80:10", vec!["40", "50", "60", "70", "80"]),
            ("a.b=10..35:10", vec!["10", "20", "30"]),
            ("a.b=1..3", vec!["1", "2", "3"]),
            ("a.b=0.1..0.3:0.1", vec!["0.1", "0.2", "0.3"]),
            ("a.b=50ms..150ms:50", vec!["50ms", "100ms", "150ms"]),
            ("a.b=1%..2%:0.5%", vec!["1%", "1.5%", "2%"]),
            ("a.b=-1..1,5", vec!["-1", "0", "1", "5"]),
            ("a.b=[{c: 1, d: 2}],[]", vec!["[{c: 1, d: 2}]", "[]"]),
            ("a.b='x,y',z", vec!["'x,y'", "z"]),
            ("a.file=../one.csv,two/three.csv", vec!["../one.csv", "two/three.csv"]),
            ("a.cpu,a.memory=512/1024,1024/2048", vec!["512/1024", "1024/2048"]),
            ("variant=large,large+calm", vec!["large", "large+calm"]),
        ] {
            assert_eq!(values(text), wanted, "{text}");
        }
    }

    #[test]
    fn what_is_no_axis_is_refused_with_a_reason() {
        for (text, why) in [
            ("a.b", "expected PATH=VALUES"),
            ("=1,2", "expected PATH=VALUES"),
            ("a,,b=1/2/3", "a path is empty"),
            ("a=1,,2", "a value is empty"),
            ("a=1,2,1", "the value 1 comes twice"),
            ("a=1..3,2", "the value 2 comes twice"),
            ("a=80..40:5", "ends before it begins"),
            ("a=40..80:0", "`0` is no step"),
            ("a=40..80:-5", "`-5` is no step"),
            ("a=0.5..1.5", "needs a step"),
            ("a=10s..20ms:1", "both ends need the same unit"),
            ("a=10..x", "`x` is no number"),
            ("a=1..1000000", "more than 100000 values"),
            ("a,b=1/2,3", "has 1 values between slashes for 2 paths"),
            ("a=[1", "--vary: a: "),
        ] {
            let error = Axis::parse(text).unwrap_err().to_string();
            assert!(error.contains(why), "{text}: {error}");
        }
    }
}
