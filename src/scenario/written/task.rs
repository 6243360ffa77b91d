//! A task definition: the JSON that ECS takes or describes.
//!
//! What RegisterTaskDefinition and DescribeTaskDefinition define and what touches neither capacity nor
//! cost is listed by name, accepted and told under `-v`.

use crate::scenario::check;
use crate::scenario::shape::{OneOrMany, choice, shape};
use crate::scenario::values::duration::{DAY, SECOND, Span};
use crate::scenario::values::number::Whole;
use crate::scenario::values::size::{Cpu, Memory};
use crate::scenario::values::text::{Switch, Text};

shape! {
    /// What each task is.
    TaskDefinition {
        /// CPU of the whole task: CPU units (1024 are one vCPU) or text like "0.5 vCPU".
        required cpu: Cpu;
        /// Memory of the whole task: MiB or text like "2 GB".
        required memory: Memory;
        /// Operating system and processor.
        default runtime_platform: RuntimePlatform = "{}";
        /// Ephemeral storage.
        default ephemeral_storage: EphemeralStorage = "{}";
        /// The containers.
        default container_definitions: Vec<Container> = "[]";
        /// Its volumes; a file system of Amazon EFS is described under efs_file_systems.
        default volumes: OneOrMany<Volume> = "[]", also "volume";
        /// Which EC2 instances its tasks may run on; without effect on Fargate, and not modelled on instances.
        default placement_constraints: Vec<PlacementConstraint> = "[]";
        /// A JSON file with a task definition, relative to the scenario.
        optional file: Text;
    }
    wrappers &["task_definition"];
    ignored &[
        "compatibilities", "deregistered_at", "enable_fault_injection", "execution_role_arn", "family", "inference_accelerators",
        "ipc_mode", "network_mode", "pid_mode", "proxy_configuration", "registered_at", "registered_by",
        "requires_attributes", "requires_compatibilities", "revision", "status", "tags", "task_definition_arn", "task_role_arn",
        "arn", "arn_without_revision", "id", "skip_destroy", "tags_all", "track_latest", "delete_requested_at",
    ];
    check check::service::task_definition;
}

shape! {
    /// A condition on the EC2 instances that tasks may run on.
    PlacementConstraint {
        /// distinctInstance or memberOf.
        optional r#type: Text;
        /// What an instance must be, for memberOf.
        optional expression: Text;
    }
}

choice! {
    /// The processor.
    CpuArchitecture {
        /// x86.
        X86 = "X86_64",
        /// Graviton.
        Arm = "ARM64",
    }
}

choice! {
    /// The operating system.
    OperatingSystemFamily {
        /// Linux.
        Linux = "LINUX",
        /// Windows Server 2019 with all features.
        Windows2019Full = "WINDOWS_SERVER_2019_FULL",
        /// Windows Server 2019 Core.
        Windows2019Core = "WINDOWS_SERVER_2019_CORE",
        /// Windows Server 2022 with all features.
        Windows2022Full = "WINDOWS_SERVER_2022_FULL",
        /// Windows Server 2022 Core.
        Windows2022Core = "WINDOWS_SERVER_2022_CORE",
    }
}

shape! {
    /// Operating system and processor.
    RuntimePlatform {
        /// The processor.
        default cpu_architecture: CpuArchitecture = "X86_64";
        /// The operating system.
        default operating_system_family: OperatingSystemFamily = "LINUX";
    }
    check check::service::runtime_platform;
}

shape! {
    /// Ephemeral storage of a task.
    EphemeralStorage {
        /// Its size; AWS takes 21 to 200, and 20 is what a task has without the key, free of charge.
        default size_in_gib: Whole<20, 200> = "20";
    }
}

shape! {
    /// A volume of a task. One that only the task itself has lies in its ephemeral storage.
    Volume {
        /// Its name.
        optional name: Text;
        /// A file system of Amazon EFS.
        optional efs_volume_configuration: EfsVolume;
        /// Whether a volume of Amazon EBS is attached at launch.
        default configured_at_launch: Switch = "false";
    }
    ignored &["docker_volume_configuration", "host", "host_path"];
}

shape! {
    /// A volume in a file system of Amazon EFS.
    EfsVolume {
        /// The file system, by its name under efs_file_systems.
        required file_system_id: Text;
    }
    ignored &["authorization_config", "root_directory", "transit_encryption", "transit_encryption_port"];
}

shape! {
    /// A container of a task.
    Container {
        /// Its name.
        optional name: Text;
        /// From SIGTERM to SIGKILL: on Fargate at most 120 seconds.
        default stop_timeout: Span<0, DAY> = "30";
        /// The container's own health check.
        optional health_check: ContainerHealthCheck;
    }
    ignored &[
        "command", "container_definition", "cpu", "credential_specs", "depends_on", "disable_networking", "dns_search_domains",
        "dns_servers", "docker_labels", "docker_security_options", "entry_point", "environment", "environment_files", "essential",
        "extra_hosts", "firelens_configuration", "hostname", "image", "interactive", "links", "linux_parameters", "log_configuration",
        "memory", "memory_reservation", "mount_points", "port_mappings", "privileged", "pseudo_terminal", "readonly_root_filesystem",
        "repository_credentials", "resource_requirements", "restart_policy", "secrets", "start_timeout", "system_controls", "ulimits",
        "user", "version_consistency", "volumes_from", "working_directory",
    ];
}

shape! {
    /// The health check of a container.
    ContainerHealthCheck {
        /// Seconds between checks.
        default interval: Span<{ 5 * SECOND }, { 300 * SECOND }> = "30";
        /// Seconds that a check may take.
        default timeout: Span<{ 2 * SECOND }, { 60 * SECOND }> = "5";
        /// Failures after which the container is unhealthy.
        default retries: Whole<1, 10> = "3";
        /// Seconds after the start in which failures do not count.
        default start_period: Span<0, { 300 * SECOND }> = "0";
    }
    ignored &["command"];
}
