//! What is stored: images in Amazon ECR, files in Amazon EFS, volumes of Amazon EBS.

use crate::scenario::check;
use crate::scenario::shape::{choice, shape};
use crate::scenario::values::number::{Fraction, Positive, Whole};
use crate::scenario::values::size::Bytes;
use crate::scenario::values::text::Text;

shape! {
    /// The service's repository in Amazon ECR. Each deployment of a revision pushes an image of its `image_size`.
    EcrRepository {
        /// Images that it holds at the start; default: as many as the lifecycle policy keeps, else 1.
        optional image_count: Whole<1, 100_000>;
        /// Which images expire; omitted: none.
        optional lifecycle_policy: LifecyclePolicy;
        /// The share of an image's bytes in layers that no newer image has: ECR stores a layer once in a repository.
        default own_layers: Fraction<0, 100> = "100%";
    }
    check check::storage::repository;
}

choice! {
    /// What a lifecycle policy counts.
    CountType {
        /// Images: the oldest expire when there are more.
        ImageCountMoreThan = "imageCountMoreThan",
    }
}

shape! {
    /// A lifecycle policy's rule for all images.
    LifecyclePolicy {
        /// What it counts.
        default count_type: CountType = "imageCountMoreThan";
        /// How many images stay.
        required count_number: Whole<1, 100_000>;
    }
}

choice! {
    /// How the throughput of a file system is paid.
    ThroughputMode {
        /// It comes with the storage.
        Bursting = "bursting",
        /// It is provisioned.
        Provisioned = "provisioned",
        /// By the bytes that are read and written.
        Elastic = "elastic",
    }
}

shape! {
    /// A file system of Amazon EFS.
    EfsFileSystem {
        /// What it stores, averaged over the window, in the Standard class.
        required storage_size: Bytes;
        /// The zone of a One Zone file system; omitted: all zones.
        optional availability_zone_name: Text;
        /// How throughput is paid.
        default throughput_mode: ThroughputMode = "bursting";
        /// Provisioned throughput in MiB per second.
        optional provisioned_throughput_in_mibps: Positive;
    }
    check check::storage::file_system;
}

choice! {
    /// The type of a volume.
    VolumeType {
        /// General purpose, IOPS and throughput apart from the size.
        Gp3 = "gp3",
        /// General purpose, IOPS with the size.
        Gp2 = "gp2",
        /// Provisioned IOPS.
        Io1 = "io1",
        /// Provisioned IOPS, more durable.
        Io2 = "io2",
        /// Hard disks for throughput.
        St1 = "st1",
        /// Hard disks for what is read seldom.
        Sc1 = "sc1",
        /// Magnetic disks of the first generation.
        Standard = "standard",
    }
}

shape! {
    /// The volume of Amazon EBS that each task of a service gets when it is launched.
    VolumeConfiguration {
        /// The volume of the task definition that it is for, which has `configured_at_launch`.
        required name: Text;
        /// What the volume is.
        required managed_ebs_volume: ManagedEbsVolume;
    }
}

shape! {
    /// A volume of Amazon EBS that Amazon ECS creates with a task and deletes with it.
    ManagedEbsVolume {
        /// Its size.
        required size_in_gib: Whole<1, 65_536>, also "size_in_gb";
        /// Its type.
        default volume_type: VolumeType = "gp3";
        /// Provisioned IOPS of gp3, 3000 of which come with the volume.
        optional iops: Whole<3_000, 80_000>;
        /// Provisioned throughput of gp3 in MiB per second, 125 of which come with the volume.
        optional throughput: Whole<125, 2_000>;
    }
    ignored &["encrypted", "filesystem_type", "file_system_type", "kms_key_id", "role_arn", "snapshot_id", "tag_specifications"];
    check check::storage::ebs_volume;
}
