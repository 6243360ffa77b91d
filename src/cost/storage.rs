//! What is stored costs: images in Amazon ECR, and file systems of Amazon EFS.
//!
//! Both are billed by the GB-month: what is stored, averaged over the month, whatever the tasks do. An EFS file system
//! of provisioned throughput also pays for the MiB per second beyond those that its storage brings, 1 for every 20 GB.
//! Source: aws.amazon.com/ecr/pricing, aws.amazon.com/efs/pricing.
//!
//! Left out: EFS infrequent access, archive, replication and elastic throughput, and requests to ECR, which are free
//! within the Region.

use rust_decimal::Decimal;

use super::ledger::{Charge, Ledger};
use super::line::{Behaviour, Group};
use super::{keys, quantity};
use crate::error::Result;
use crate::usage::{FileSystemUsage, ImageUsage, Usage};

/// GB of storage that bring 1 MiB per second of throughput.
const GB_PER_INCLUDED_MIB_PER_SECOND: Decimal = Decimal::from_parts(20, 0, 0, false, 0);

/// Bills the images and the file systems.
pub(super) fn charge(usage: &Usage, ledger: &mut Ledger<'_>) -> Result<()> {
    for images in &usage.images {
        charge_images(images, ledger)?;
    }
    for file_system in &usage.file_systems {
        charge_file_system(file_system, ledger)?;
    }
    Ok(())
}

fn charge_images(images: &ImageUsage, ledger: &mut Ledger<'_>) -> Result<()> {
    let byte_hours = quantity::sum_of_bytes(&images.byte_hours, "bytes of images")?;
    let month_gb = quantity::divide(byte_hours / quantity::BYTES_PER_GB, ledger.window_hours()?)?;
    let charge = Charge {
        product: "ECR",
        description: "images in ECR".to_owned(),
        hours: images.byte_hours.clone(),
        ..base(Some(images.service.clone()), "images", keys::IMAGE_STORAGE, month_gb)
    };
    ledger.charge_month(charge)
}

fn charge_file_system(file_system: &FileSystemUsage, ledger: &mut Ledger<'_>) -> Result<()> {
    let resource = format!("file system {}", file_system.name);
    let charge = |key, quantity| base(file_system.service.clone(), &resource, key, quantity);
    let stored_gb = quantity::bytes(file_system.stored_bytes, "bytes of a file system")? / quantity::BYTES_PER_GB;
    let (key, description) = if file_system.is_one_zone {
        (keys::FILE_STORAGE_ONE_ZONE, "EFS One Zone storage")
    } else {
        (keys::FILE_STORAGE, "EFS Standard storage")
    };
    let stored = Charge { description: description.to_owned(), ..charge(key, stored_gb) };
    ledger.charge_month(stored)?;
    let provisioned = quantity::count(file_system.provisioned_mib_per_second, "provisioned throughput")?;
    let charged = (provisioned - stored_gb / GB_PER_INCLUDED_MIB_PER_SECOND).max(Decimal::ZERO);
    let throughput = Charge {
        description: "EFS provisioned throughput beyond what the storage brings".to_owned(),
        unit: "MiBps-Mo",
        ..charge(keys::FILE_THROUGHPUT, charged)
    };
    ledger.charge_month(throughput)
}

fn base(service: Option<String>, resource: &str, key: &'static str, quantity: Decimal) -> Charge {
    Charge {
        service,
        resource: resource.to_owned(),
        capacity_provider: None,
        product: "EFS",
        description: String::new(),
        behaviour: Behaviour::Fixed,
        group: Group::Storage,
        key: key.into(),
        unit: "GB-Mo",
        quantity,
        month_quantity: None,
        is_estimate: false,
        hours: Vec::new(),
    }
}
