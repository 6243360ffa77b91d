//! What is stored: images in Amazon ECR, files in Amazon EFS, volumes of Amazon EBS.

/// A service's repository in Amazon ECR.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Repository {
    /// Images that it holds at the start, at least 1.
    pub image_count: u32,
    /// Images that it keeps, at least `image_count`; none: all.
    pub kept_images: Option<u32>,
    /// The share of an image's bytes in layers that no newer image has, 0 to 1.
    pub own_layers: f64,
}

impl Repository {
    /// What images of these sizes, the oldest first, take.
    #[must_use]
    pub fn stored_bytes(&self, sizes_bytes: impl DoubleEndedIterator<Item = f64>) -> f64 {
        let mut from_newest = sizes_bytes.rev();
        from_newest.next().unwrap_or(0.0) + self.own_layers * from_newest.sum::<f64>()
    }
}

/// A file system of Amazon EFS.
#[derive(Clone, Debug, PartialEq)]
pub struct FileSystem {
    /// The id by which volumes name it.
    pub name: String,
    /// The services that mount it, by their places in the scenario.
    pub users: Vec<usize>,
    /// Whether it lies in one zone alone.
    pub is_one_zone: bool,
    /// What it stores, in bytes.
    pub stored_bytes: f64,
    /// Provisioned throughput in MiB per second; 0 in another mode.
    pub provisioned_mib_per_second: f64,
}

/// The volume of Amazon EBS that each task of a service has for itself, from its image pull to its stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EbsVolume {
    /// Whether it is gp3, else gp2.
    pub is_gp3: bool,
    /// Its size in GiB.
    pub size_gib: u32,
    /// Provisioned IOPS of gp3, with the 3000 that come with it; 0 for gp2.
    pub iops: u32,
    /// Provisioned MiB per second of gp3, with the 125 that come with it; 0 for gp2.
    pub throughput_mib_per_second: u32,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Three images of 100, 200 and 400 MB: the newest whole, of the others a quarter, 75 MB.
    #[test]
    fn layers_that_a_newer_image_has_count_once() {
        let bytes = |own_layers| {
            let repository = Repository { image_count: 1, kept_images: None, own_layers };
            repository.stored_bytes([100e6, 200e6, 400e6].into_iter())
        };
        assert_eq!(bytes(1.0), 700e6);
        assert_eq!(bytes(0.25), 475e6);
        assert_eq!(bytes(0.0), 400e6);
    }
}
