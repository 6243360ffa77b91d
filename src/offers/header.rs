//! What a price file says about itself.

use jiff::civil::Date;

use crate::error::{Fault, Place, Result};

/// The versions of the formats that are read: of offers and of GetProducts answers.
const FORMATS: [&str; 2] = ["v1.0", "aws_v1"];

/// The head of a price file.
#[derive(Clone, Debug, Default)]
pub(super) struct Header {
    /// AWS's code of the offer.
    pub offer: String,
    /// AWS's version of it: digits of a date and time.
    pub version: String,
    /// The region of the whole file, where it names one.
    pub region: String,
    published: String,
    format: String,
}

impl Header {
    /// Takes a member of a JSON document or a line of a CSV file, by its name there without blanks.
    pub(super) fn set(&mut self, name: &str, text: String) {
        let field = match name.to_ascii_lowercase().as_str() {
            "formatversion" => &mut self.format,
            "offercode" => &mut self.offer,
            "version" => &mut self.version,
            "publicationdate" => &mut self.published,
            "regioncode" => &mut self.region,
            _ => return,
        };
        *field = text;
    }

    /// Refuses formats that did not exist when this was written.
    pub(super) fn check_format(&self, place: &Place) -> Result<()> {
        if self.format.is_empty() || FORMATS.contains(&self.format.as_str()) {
            return Ok(());
        }
        let message = format!("the format version is `{}`, ecsim reads {}", self.format.escape_debug(), FORMATS.join(" and "));
        Err(Fault::input(place.clone(), message).into())
    }

    /// Of several versions in one answer the newest counts.
    pub(super) fn newest(&mut self, version: &str, published: &str) {
        if published > self.published.as_str() {
            version.clone_into(&mut self.version);
            published.clone_into(&mut self.published);
        }
    }

    /// The day of publication, as the price book writes it; `undated` where the file tells none.
    pub(super) fn date(&self) -> String {
        let day = self.published.get(..10).and_then(|day| day.parse::<Date>().ok());
        let digits = self.version.get(..8).filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
        let version = digits.and_then(|text| format!("{}-{}-{}", &text[..4], &text[4..6], &text[6..]).parse::<Date>().ok());
        day.or(version).map_or_else(|| "undated".to_owned(), |day| day.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_date_is_that_of_publication_or_of_the_version() {
        let mut header = Header::default();
        assert_eq!(header.date(), "undated");
        header.set("version", "20190730194642".to_owned());
        assert_eq!(header.date(), "2019-07-30");
        header.set("publicationDate", "2026-09-11T12:44:25Z".to_owned());
        assert_eq!(header.date(), "2026-09-11");
        header.set("Version", "20269999".to_owned());
        header.set("publicationDate", "soon".to_owned());
        assert_eq!(header.date(), "undated");
    }
}
