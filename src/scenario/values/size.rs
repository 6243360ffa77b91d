//! CPU, memory and data.

use serde_json::json;

use crate::scenario::document::{Node, Value};
use crate::scenario::shape::{Decode, Kind, Reading};
use crate::units::{CPU_UNITS_PER_VCPU, CpuUnits, Mebibytes};

/// Text as a number and the letters after it.
fn split_unit(text: &str) -> Option<(f64, String)> {
    let text = text.trim();
    let end = text.find(|sign: char| !sign.is_ascii_digit() && sign != '.').unwrap_or(text.len());
    let number = text[..end].parse().ok()?;
    Some((number, text[end..].trim().to_ascii_lowercase()))
}

/// The number and unit that a node holds.
fn quantity_of(node: &Node) -> Option<(f64, String)> {
    match &node.value {
        Value::Number(text) | Value::String(text) => split_unit(text),
        _ => None,
    }
}

fn whole_in_range(number: f64) -> Option<u32> {
    (number.fract() == 0.0 && (0.0..=f64::from(u32::MAX)).contains(&number)).then_some(number as u32)
}

/// CPU: CPU units, or vCPUs by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cpu(pub CpuUnits);

impl Decode for Cpu {
    fn decode(node: &Node, reading: &mut Reading) -> Option<Self> {
        let units = match quantity_of(node) {
            Some((number, unit)) if unit.is_empty() => whole_in_range(number),
            Some((number, unit)) if unit == "vcpu" => whole_in_range(number * f64::from(CPU_UNITS_PER_VCPU)),
            _ => None,
        };
        if units.is_none() {
            reading.wrong(node, "CPU units (1024 are one vCPU) or text like \"0.5 vCPU\"");
        }
        units.map(|units| Self(CpuUnits(units)))
    }

    fn kind() -> Kind {
        Kind::Scalar(json!({"type": ["integer", "string"], "minimum": 0, "pattern": "^[0-9.]+ *([vV][cC][pP][uU])?$"}))
    }
}

/// Memory: MiB, or GB by name; ECS means 1024 MiB by a GB in a task definition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Memory(pub Mebibytes);

impl Decode for Memory {
    fn decode(node: &Node, reading: &mut Reading) -> Option<Self> {
        let mebibytes = match quantity_of(node) {
            Some((number, unit)) => match unit.as_str() {
                "" | "mb" | "mib" => whole_in_range(number),
                "gb" | "gib" => whole_in_range(number * 1024.0),
                _ => None,
            },
            None => None,
        };
        if mebibytes.is_none() {
            reading.wrong(node, "memory in MiB or text like \"2 GB\"");
        }
        mebibytes.map(|mebibytes| Self(Mebibytes(mebibytes)))
    }

    fn kind() -> Kind {
        Kind::Scalar(json!({"type": ["integer", "string"], "minimum": 0, "pattern": "^[0-9.]+ *([mMgG][iI]?[bB])?$"}))
    }
}

/// The largest amount of data that one figure may state, in bytes.
const LARGEST_BYTES: f64 = 1e15;

fn bytes_of(node: &Node, per_second: bool, reading: &mut Reading) -> Option<f64> {
    let bytes = quantity_of(node).and_then(|(number, unit)| {
        let unit = if per_second { unit.strip_suffix("/s").unwrap_or(&unit) } else { &unit };
        let factor = match unit {
            "" | "b" => 1.0,
            "kb" => 1e3,
            "mb" => 1e6,
            "gb" => 1e9,
            "tb" => 1e12,
            "kib" => 1024.0,
            "mib" => 1_048_576.0,
            "gib" => 1_073_741_824.0,
            "tib" => 1_099_511_627_776.0,
            _ => return None,
        };
        Some(number * factor)
    });
    let bytes = bytes.filter(|bytes| (0.0..=LARGEST_BYTES).contains(bytes));
    if bytes.is_none() {
        reading.wrong(node, if per_second { "data per second like 30MB" } else { "an amount of data like 1kB or 20MiB" });
    }
    bytes
}

/// An amount of data in bytes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bytes(pub f64);

impl Decode for Bytes {
    fn decode(node: &Node, reading: &mut Reading) -> Option<Self> {
        bytes_of(node, false, reading).map(Self)
    }

    fn kind() -> Kind {
        Kind::Scalar(json!({"type": ["number", "string"], "minimum": 0, "pattern": "^[0-9.]+ *([kKmMgGtT]?[iI]?[bB])?$"}))
    }
}

/// Bytes per second.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BytesPerSecond(pub f64);

impl Decode for BytesPerSecond {
    fn decode(node: &Node, reading: &mut Reading) -> Option<Self> {
        let rate = bytes_of(node, true, reading)?;
        if rate == 0.0 {
            reading.wrong(node, "a rate above 0");
            return None;
        }
        Some(Self(rate))
    }

    fn kind() -> Kind {
        Kind::Scalar(json!({"type": ["number", "string"], "exclusiveMinimum": 0, "pattern": "^[0-9.]+ *([kKmMgGtT]?[iI]?[bB])?(/s)?$"}))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Place;
    use crate::scenario::document::parse_value;

    fn read<T: Decode>(text: &str) -> Option<T> {
        T::decode(&parse_value(text, &Place::default()).unwrap(), &mut Reading::default())
    }

    /// The notations that RegisterTaskDefinition documents for `cpu` and `memory`.
    #[test]
    fn cpu_and_memory_in_the_notations_of_a_task_definition() {
        for text in ["512", "'512'", "0.5 vCPU", ".5 vcpu"] {
            assert_eq!(read::<Cpu>(text), Some(Cpu(CpuUnits(512))), "{text}");
        }
        for text in ["2048", "'2048'", "2 GB", "2GB", "2048 MiB"] {
            assert_eq!(read::<Memory>(text), Some(Memory(Mebibytes(2048))), "{text}");
        }
        for text in ["-1", "0.3", "2 TB", "1e99", "true", "[1]"] {
            assert_eq!(read::<Memory>(text), None, "{text}");
        }
    }

    #[test]
    fn data_has_decimal_and_binary_units() {
        assert_eq!(read::<Bytes>("1kB"), Some(Bytes(1000.0)));
        assert_eq!(read::<Bytes>("20MiB"), Some(Bytes(20_971_520.0)));
        assert_eq!(read::<BytesPerSecond>("30MB"), Some(BytesPerSecond(30e6)));
        assert_eq!(read::<BytesPerSecond>("30MB/s"), Some(BytesPerSecond(30e6)));
        assert_eq!(read::<BytesPerSecond>("0"), None);
        assert_eq!(read::<Bytes>("1 parsec"), None);
    }
}
