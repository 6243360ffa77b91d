//! What AWS sells, as its price files describe it.

use std::borrow::Cow;

use serde::Deserialize;

/// A product of an offer file or of a GetProducts answer. What else a product has, as sizes and clock speeds, plays no
/// part in its choice.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Product<'a> {
    #[serde(borrow)]
    pub sku: Cow<'a, str>,
    #[serde(borrow)]
    pub product_family: Cow<'a, str>,
    #[serde(borrow)]
    pub attributes: Attributes<'a>,
}

/// The attributes that a choice rests on. One that a product lacks is empty, as it is in the CSV form of a file.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Attributes<'a> {
    #[serde(borrow, rename = "servicecode")]
    pub service_code: Cow<'a, str>,
    #[serde(borrow, rename = "usagetype")]
    pub usage_type: Cow<'a, str>,
    #[serde(borrow)]
    pub operation: Cow<'a, str>,
    #[serde(borrow)]
    pub region_code: Cow<'a, str>,
    #[serde(borrow)]
    pub location_type: Cow<'a, str>,
    #[serde(borrow)]
    pub from_region_code: Cow<'a, str>,
    #[serde(borrow)]
    pub from_location_type: Cow<'a, str>,
    #[serde(borrow)]
    pub to_location: Cow<'a, str>,
    #[serde(borrow)]
    pub transfer_type: Cow<'a, str>,
    #[serde(borrow)]
    pub instance_type: Cow<'a, str>,
    #[serde(borrow)]
    pub operating_system: Cow<'a, str>,
    #[serde(borrow)]
    pub tenancy: Cow<'a, str>,
    #[serde(borrow, rename = "capacitystatus")]
    pub capacity_status: Cow<'a, str>,
    #[serde(borrow, rename = "preInstalledSw")]
    pub pre_installed_software: Cow<'a, str>,
    #[serde(borrow)]
    pub license_model: Cow<'a, str>,
    #[serde(borrow, rename = "marketoption")]
    pub market_option: Cow<'a, str>,
    #[serde(borrow)]
    pub cpu_architecture: Cow<'a, str>,
}

impl Attributes<'_> {
    /// The region of the product: that of its origin where data moves.
    pub(super) fn region(&self) -> &str {
        if self.region_code.is_empty() { &self.from_region_code } else { &self.region_code }
    }

    /// What kind of place it is sold in: a region, a local zone, a wavelength zone.
    pub(super) fn place_type(&self) -> &str {
        if self.location_type.is_empty() { &self.from_location_type } else { &self.location_type }
    }
}

/// The columns of a CSV file that hold the attributes, by their names without case, blanks and signs.
pub(super) const COLUMNS: [&str; 17] = [
    "servicecode",
    "usagetype",
    "operation",
    "regioncode",
    "locationtype",
    "fromregioncode",
    "fromlocationtype",
    "tolocation",
    "transfertype",
    "instancetype",
    "operatingsystem",
    "tenancy",
    "capacitystatus",
    "preinstalledsw",
    "licensemodel",
    "marketoption",
    "cpuarchitecture",
];

impl<'a> Attributes<'a> {
    /// The attributes from the cells of [`COLUMNS`], in their order.
    pub(super) fn from_cells(cells: [&'a str; COLUMNS.len()]) -> Self {
        let [
            service_code,
            usage_type,
            operation,
            region_code,
            location_type,
            from_region_code,
            from_location_type,
            to_location,
            transfer_type,
            instance_type,
            operating_system,
            tenancy,
            capacity_status,
            pre_installed_software,
            license_model,
            market_option,
            cpu_architecture,
        ] = cells.map(Cow::Borrowed);
        Self {
            service_code,
            usage_type,
            operation,
            region_code,
            location_type,
            from_region_code,
            from_location_type,
            to_location,
            transfer_type,
            instance_type,
            operating_system,
            tenancy,
            capacity_status,
            pre_installed_software,
            license_model,
            market_option,
            cpu_architecture,
        }
    }
}
