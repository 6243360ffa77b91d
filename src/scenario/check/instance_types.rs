//! The types of EC2 instances: what each has of CPU and memory.
//!
//! Source: the tables of AWS's instance type pages (aws.amazon.com/ec2/instance-types) for the families whose prices ship with
//! ecsim. In all but the burstable families memory goes with the vCPUs: 2, 4 or 8 GiB for each, and a size has as many vCPUs
//! as its name says.

use crate::units::{CPU_UNITS_PER_VCPU, CpuUnits, Mebibytes};

/// What an instance of a type has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InstanceType {
    /// Its CPU.
    pub cpu: CpuUnits,
    /// The memory that it is sold with.
    pub memory: Mebibytes,
    /// Whether its processor is a Graviton.
    pub is_arm: bool,
}

/// Families by their memory for each vCPU in GiB, whether they are ARM, and their sizes.
const FAMILIES: [(&str, u32, bool, &[&str]); 16] = [
    ("c5", 2, false, &["large", "xlarge", "2xlarge", "4xlarge", "9xlarge", "12xlarge", "18xlarge", "24xlarge"]),
    ("c6a", 2, false, &UP_TO_48),
    ("c6g", 2, true, &GRAVITON),
    ("c6i", 2, false, &UP_TO_32),
    ("c7g", 2, true, &GRAVITON),
    ("c7i", 2, false, &INTEL_7),
    ("m5", 4, false, &UP_TO_24),
    ("m6a", 4, false, &UP_TO_48),
    ("m6g", 4, true, &GRAVITON),
    ("m6i", 4, false, &UP_TO_32),
    ("m7g", 4, true, &GRAVITON),
    ("m7i", 4, false, &INTEL_7),
    ("r5", 8, false, &UP_TO_24),
    ("r6g", 8, true, &GRAVITON),
    ("r6i", 8, false, &UP_TO_32),
    ("r7g", 8, true, &GRAVITON),
];

const GRAVITON: [&str; 8] = ["medium", "large", "xlarge", "2xlarge", "4xlarge", "8xlarge", "12xlarge", "16xlarge"];
const UP_TO_24: [&str; 8] = ["large", "xlarge", "2xlarge", "4xlarge", "8xlarge", "12xlarge", "16xlarge", "24xlarge"];
const UP_TO_32: [&str; 9] = ["large", "xlarge", "2xlarge", "4xlarge", "8xlarge", "12xlarge", "16xlarge", "24xlarge", "32xlarge"];
const UP_TO_48: [&str; 10] =
    ["large", "xlarge", "2xlarge", "4xlarge", "8xlarge", "12xlarge", "16xlarge", "24xlarge", "32xlarge", "48xlarge"];
const INTEL_7: [&str; 9] = ["large", "xlarge", "2xlarge", "4xlarge", "8xlarge", "12xlarge", "16xlarge", "24xlarge", "48xlarge"];

/// Burstable families: whether they are ARM.
const BURSTABLE: [(&str, bool); 3] = [("t3", false), ("t3a", false), ("t4g", true)];
/// Sizes of the burstable families: vCPUs and memory in MiB.
const BURSTABLE_SIZES: [(&str, u32, u32); 7] = [
    ("nano", 2, 512),
    ("micro", 2, 1024),
    ("small", 2, 2048),
    ("medium", 2, 4096),
    ("large", 2, 8192),
    ("xlarge", 4, 16_384),
    ("2xlarge", 8, 32_768),
];

/// The vCPUs of a size outside of the burstable families.
fn vcpus(size: &str) -> Option<u32> {
    match size {
        "medium" => Some(1),
        "large" => Some(2),
        "xlarge" => Some(4),
        _ => size.strip_suffix("xlarge")?.parse::<u32>().ok().map(|times| 4 * times),
    }
}

/// What an instance of this type has; none for a type that is not known.
#[must_use]
pub fn find(name: &str) -> Option<InstanceType> {
    let (family, size) = name.split_once('.')?;
    let shape =
        |vcpus: u32, memory: u32, is_arm| InstanceType { cpu: CpuUnits(vcpus * CPU_UNITS_PER_VCPU), memory: Mebibytes(memory), is_arm };
    if let Some((_, is_arm)) = BURSTABLE.iter().find(|(known, _)| *known == family) {
        let (_, vcpus, memory) = BURSTABLE_SIZES.iter().find(|(known, ..)| *known == size)?;
        return Some(shape(*vcpus, *memory, *is_arm));
    }
    let (_, gib_per_vcpu, is_arm, sizes) = FAMILIES.iter().find(|(known, ..)| *known == family)?;
    let vcpus = vcpus(sizes.iter().find(|known| **known == size)?)?;
    Some(shape(vcpus, vcpus * gib_per_vcpu * 1024, *is_arm))
}

/// All known types.
#[must_use]
pub fn names() -> Vec<String> {
    let burstable = BURSTABLE.iter().flat_map(|(family, _)| BURSTABLE_SIZES.iter().map(move |(size, ..)| format!("{family}.{size}")));
    let others = FAMILIES.iter().flat_map(|(family, _, _, sizes)| sizes.iter().map(move |size| format!("{family}.{size}")));
    others.chain(burstable).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rows of AWS's instance type pages.
    #[test]
    fn types_have_what_aws_says() {
        let rows = [
            ("m7g.xlarge", 4, 16, true),
            ("c5.9xlarge", 36, 72, false),
            ("c6g.medium", 1, 2, true),
            ("r5.8xlarge", 32, 256, false),
            ("m6i.32xlarge", 128, 512, false),
            ("c6a.48xlarge", 192, 384, false),
            ("t3.medium", 2, 4, false),
            ("t4g.2xlarge", 8, 32, true),
        ];
        for (name, vcpus, gib, is_arm) in rows {
            let known = InstanceType { cpu: CpuUnits(vcpus * 1024), memory: Mebibytes(gib * 1024), is_arm };
            assert_eq!(find(name), Some(known), "{name}");
        }
        for name in ["m5.medium", "c5.8xlarge", "m5", "x9.large", "t3.4xlarge", "m5.xlarge.large", ""] {
            assert_eq!(find(name), None, "{name}");
        }
    }

    #[test]
    fn every_name_is_found() {
        let names = names();
        assert!(names.len() > 100 && names.iter().all(|name| find(name).is_some()));
    }
}
