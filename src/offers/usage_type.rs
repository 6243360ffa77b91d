//! Usage types without the code of their region.
//!
//! AWS writes a region's billing code before most usage types: `EUC1-Fargate-GB-Hours`; in us-east-1 the older services
//! write none. Only a code of a region is taken off. What merely looks like one is part of the name:
//! `TS-LoadBalancerUsage` is the price of a trust store, not that of a balancer in a region TS.

use crate::cost::region_of_code;

/// A usage type taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct UsageType<'a> {
    /// The region's code, if there is one.
    pub code: Option<&'a str>,
    /// The rest.
    pub name: &'a str,
}

impl<'a> UsageType<'a> {
    /// Takes a usage type apart.
    pub(super) fn of(text: &'a str) -> Self {
        match text.split_once('-') {
            Some((code, name)) if is_code(code) => Self { code: Some(code), name },
            _ => Self { code: None, name: text },
        }
    }

    /// Whether the usage type can be one of this region. A region that is not known here has a code that is not either.
    pub(super) fn is_of(&self, region: &str) -> bool {
        let Some(code) = self.code else { return true };
        region_of_code(code).is_none_or(|known| known == region)
    }
}

/// A code that is known, or one of the form that AWS gives to new regions: three letters and a digit.
fn is_code(text: &str) -> bool {
    let bytes = text.as_bytes();
    let regular = bytes.len() == 4 && bytes[..3].iter().all(u8::is_ascii_uppercase) && bytes[3].is_ascii_digit();
    regular || region_of_code(text).is_some()
}

/// Whether a text is a region's code as AWS writes them, which also makes it a safe name of a file.
pub(super) fn is_region(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    text.len() <= 40 && text.starts_with(|first: char| first.is_ascii_lowercase()) && text.bytes().all(allowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_code_of_a_region_is_taken_off() {
        let name = |text| UsageType::of(text).name;
        assert_eq!(name("USE1-Fargate-GB-Hours"), "Fargate-GB-Hours");
        assert_eq!(name("EU-LCUUsage"), "LCUUsage");
        assert_eq!(name("EUW1-BoxUsage:m5.large"), "BoxUsage:m5.large");
        assert_eq!(name("LoadBalancerUsage"), "LoadBalancerUsage");
        for whole in
            ["TS-LoadBalancerUsage", "Outposts-LCUUsage", "RegionalNatGateway-Hours", "Fargate-GB-Hours", "Global-DataTransfer-Out-Bytes"]
        {
            assert_eq!(name(whole), whole);
        }
        // A zone's code follows that of its region, and stays: it is no price of the region.
        assert_eq!(name("USW2-LAX1-BoxUsage:c5.large"), "LAX1-BoxUsage:c5.large");
    }

    #[test]
    fn a_code_of_another_region_contradicts() {
        assert!(UsageType::of("EUC1-LCUUsage").is_of("eu-central-1"));
        assert!(!UsageType::of("EUC1-LCUUsage").is_of("eu-west-1"));
        assert!(UsageType::of("LCUUsage").is_of("us-east-1"));
        assert!(UsageType::of("XYZ9-LCUUsage").is_of("xy-zone-9"));
    }

    #[test]
    fn a_region_is_no_path() {
        assert!(is_region("us-gov-west-1"));
        for bad in ["", "../x", "a/b", "US-EAST-1", "a.b", "-x"] {
            assert!(!is_region(bad), "{bad}");
        }
    }
}
