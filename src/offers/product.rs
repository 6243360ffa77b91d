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

/// Declares the attributes once, each with its name in the JSON form. The columns of the CSV form have the same names but for case, blanks
/// and signs.
macro_rules! attributes {
    ($($field:ident = $name:literal,)+) => {
        /// The attributes that a choice rests on. One that a product lacks is empty, as it is in the CSV form of a file.
        #[derive(Debug, Default, Deserialize)]
        #[serde(default)]
        pub(super) struct Attributes<'a> {
            $(
                #[serde(borrow, rename = $name)]
                pub $field: Cow<'a, str>,
            )+
        }

        /// The names of the attributes, in their order.
        pub(super) const NAMES: [&str; [$($name),+].len()] = [$($name),+];

        impl<'a> Attributes<'a> {
            /// The attributes from cells in the order of [`NAMES`].
            pub(super) fn from_cells(cells: [&'a str; NAMES.len()]) -> Self {
                let [$($field),+] = cells.map(Cow::Borrowed);
                Self { $($field),+ }
            }
        }
    };
}

attributes! {
    service_code = "servicecode",
    usage_type = "usagetype",
    operation = "operation",
    region_code = "regionCode",
    location_type = "locationType",
    from_region_code = "fromRegionCode",
    from_location_type = "fromLocationType",
    to_location = "toLocation",
    transfer_type = "transferType",
    instance_type = "instanceType",
    operating_system = "operatingSystem",
    tenancy = "tenancy",
    capacity_status = "capacitystatus",
    pre_installed_software = "preInstalledSw",
    license_model = "licenseModel",
    market_option = "marketoption",
    cpu_architecture = "cpuArchitecture",
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
