//! What `ecsim pricing show` lists: the prices of a book with their evidence.

use super::book::PriceBook;
use super::price::Price;

/// The prices whose key, usage type or source holds every word of the filter, in the order of their keys and before
/// any discount; an empty filter lists all. The case of letters does not matter.
#[must_use]
pub fn list<'a>(book: &'a PriceBook, filter: &str) -> Vec<&'a Price> {
    let words: Vec<String> = filter.split_whitespace().map(str::to_lowercase).collect();
    book.prices().filter(|price| words.iter().all(|word| holds(price, word))).collect()
}

fn holds(price: &Price, word: &str) -> bool {
    let usage_type = price.usage_type.as_deref().unwrap_or_default();
    [price.key.as_str(), usage_type, price.source.as_str()].iter().any(|text| text.to_lowercase().contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_holds_for_every_word() {
        let book = PriceBook::shipped("us-east-1").expect("shipped");
        let keys: Vec<&str> = list(&book, "linux_ARM fargate_Spot").iter().map(|price| price.key.as_str()).collect();
        assert_eq!(keys, ["fargate_spot.linux_arm.gb_hour", "fargate_spot.linux_arm.vcpu_hour"]);
        assert_eq!(list(&book, "").len(), book.prices().count());
        assert!(list(&book, "no such price").is_empty());
    }
}
