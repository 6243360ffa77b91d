//! The sizes of a Fargate task.
//!
//! Source: the table of CPU and memory in the Amazon ECS guide,
//! docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html (2026, with the rows of
//! 16 and 32 vCPU). Windows tasks take 1 to 4 vCPU.

use crate::units::{CpuUnits, Mebibytes};

/// The memory that goes with a CPU size, in MiB.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sizes {
    /// These.
    Listed(&'static [u32]),
    /// From the first to the second by the third.
    Range(u32, u32, u32),
}

const GIB: u32 = 1024;

const TABLE: [(u32, Sizes); 8] = [
    (256, Sizes::Listed(&[512, GIB, 2 * GIB])),
    (512, Sizes::Range(GIB, 4 * GIB, GIB)),
    (1024, Sizes::Range(2 * GIB, 8 * GIB, GIB)),
    (2048, Sizes::Range(4 * GIB, 16 * GIB, GIB)),
    (4096, Sizes::Range(8 * GIB, 30 * GIB, GIB)),
    (8192, Sizes::Range(16 * GIB, 60 * GIB, 4 * GIB)),
    (16384, Sizes::Range(32 * GIB, 120 * GIB, 8 * GIB)),
    (32768, Sizes::Listed(&[60 * GIB, 120 * GIB, 244 * GIB])),
];

/// The CPU sizes that Windows tasks may have.
const WINDOWS_CPU: [u32; 3] = [1024, 2048, 4096];

impl Sizes {
    fn contains(self, memory: u32) -> bool {
        match self {
            Self::Listed(values) => values.contains(&memory),
            Self::Range(low, high, step) => (low..=high).contains(&memory) && (memory - low).is_multiple_of(step),
        }
    }

    fn values(self) -> Vec<u32> {
        match self {
            Self::Listed(values) => values.to_vec(),
            Self::Range(low, high, step) => (low..=high).step_by(step as usize).collect(),
        }
    }

    fn describe(self) -> String {
        match self {
            Self::Listed(values) => values.iter().map(u32::to_string).collect::<Vec<_>>().join(", "),
            Self::Range(low, high, step) => format!("{low} to {high} in steps of {step}"),
        }
    }
}

/// The sizes that Fargate has, by rising CPU: each with its memory, rising too.
#[must_use]
pub fn sizes(is_windows: bool) -> Vec<(CpuUnits, Vec<Mebibytes>)> {
    let has = |cpu: u32| !is_windows || WINDOWS_CPU.contains(&cpu);
    let sizes = TABLE.iter().filter(|(cpu, _)| has(*cpu));
    sizes.map(|(cpu, memory)| (CpuUnits(*cpu), memory.values().into_iter().map(Mebibytes).collect())).collect()
}

/// What is wrong with a size: which key and why; none when Fargate has it.
#[must_use]
pub fn fault_of(cpu: CpuUnits, memory: Mebibytes, is_windows: bool) -> Option<(&'static str, String)> {
    let list = |units: &[u32]| units.iter().map(u32::to_string).collect::<Vec<_>>().join(", ");
    if is_windows && !WINDOWS_CPU.contains(&cpu.0) {
        return Some(("cpu", format!("found {} CPU units; Windows tasks on Fargate take {}", cpu.0, list(&WINDOWS_CPU))));
    }
    let Some((_, sizes)) = TABLE.iter().find(|(units, _)| *units == cpu.0) else {
        return Some(("cpu", format!("found {} CPU units; Fargate takes {}", cpu.0, list(&TABLE.map(|(units, _)| units)))));
    };
    if sizes.contains(memory.0) {
        return None;
    }
    Some(("memory", format!("found memory {} MiB; with {} CPU units Fargate takes {} MiB", memory.0, cpu.0, sizes.describe())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_listed_size_is_one_that_fargate_has() {
        let all = sizes(false);
        assert_eq!(all[0], (CpuUnits(256), vec![Mebibytes(512), Mebibytes(1024), Mebibytes(2048)]));
        assert!(all.iter().all(|(cpu, memory)| !memory.is_empty() && memory.iter().all(|&memory| fault_of(*cpu, memory, false).is_none())));
        assert_eq!(sizes(true).iter().map(|(cpu, _)| cpu.0).collect::<Vec<_>>(), WINDOWS_CPU);
    }

    #[test]
    fn the_message_names_what_is_allowed() {
        let (key, message) = fault_of(CpuUnits(256), Mebibytes(8192), false).unwrap();
        assert_eq!((key, message.as_str()), ("memory", "found memory 8192 MiB; with 256 CPU units Fargate takes 512, 1024, 2048 MiB"));
        let (key, message) = fault_of(CpuUnits(300), Mebibytes(1024), false).unwrap();
        assert_eq!(key, "cpu");
        assert!(message.contains("256, 512, 1024, 2048, 4096, 8192, 16384, 32768"));
        assert_eq!(fault_of(CpuUnits(8192), Mebibytes(16384), true).unwrap().0, "cpu");
        assert_eq!(fault_of(CpuUnits(1024), Mebibytes(2048), true), None);
    }
}
