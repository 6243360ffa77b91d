//! The bill as a tree: whose it is, which product, which line, with a sum at every branch.
//!
//! The sums are exact decimals of the line items' own monthly costs, so the tree adds up to the bill.

use super::document::{Cost, LineItem};
use crate::money::{Usd, as_f64};

/// All lines of one service, or of what several share.
#[derive(Clone, Debug, PartialEq)]
pub struct BillGroup<'a> {
    /// The service; none for what several share.
    pub service: Option<&'a str>,
    /// Its products, in the order of their first lines.
    pub products: Vec<BillProduct<'a>>,
    /// The cost of the window.
    pub cost: Usd,
    /// The cost of a month of 730 hours.
    pub monthly_cost: Usd,
}

/// All lines of one product within a group.
#[derive(Clone, Debug, PartialEq)]
pub struct BillProduct<'a> {
    /// The product.
    pub product: &'a str,
    /// Its lines, in the bill's order.
    pub lines: Vec<&'a LineItem>,
    /// The cost of the window.
    pub cost: Usd,
    /// The cost of a month of 730 hours.
    pub monthly_cost: Usd,
}

/// The bill by service and product; services in the order of their first lines, shared lines last.
#[must_use]
pub fn bill_tree(cost: &Cost) -> Vec<BillGroup<'_>> {
    let mut groups: Vec<BillGroup<'_>> = Vec::new();
    for line in &cost.line_items {
        let service = line.service.as_deref();
        let group = find_or_push(
            &mut groups,
            |group| group.service == service,
            || BillGroup { service, products: Vec::new(), cost: Usd::ZERO, monthly_cost: Usd::ZERO },
        );
        group.add(line);
    }
    groups.sort_by_key(|group| group.service.is_none());
    groups
}

/// What a month pays for one thing, whichever services cause it.
#[derive(Clone, Debug, PartialEq)]
pub struct MonthlyShare {
    /// What it is: the description of its lines.
    pub description: String,
    /// The cost of a month of 730 hours.
    pub monthly_cost: Usd,
    /// The part of the whole month, 0 to 1.
    pub share: f64,
}

/// Where the money of a month goes, the dearest first; what is free is left out.
#[must_use]
pub fn shares_of_month(cost: &Cost) -> Vec<MonthlyShare> {
    let mut shares: Vec<MonthlyShare> = Vec::new();
    for line in &cost.line_items {
        let new = || MonthlyShare { description: line.description.clone(), monthly_cost: Usd::ZERO, share: 0.0 };
        find_or_push(&mut shares, |known| known.description == line.description, new).monthly_cost += amount(&line.monthly_cost);
    }
    shares.retain(|share| share.monthly_cost.0.is_sign_positive() && !share.monthly_cost.0.is_zero());
    // A stable sort: of two alike the bill's order stays.
    shares.sort_by_key(|share| std::cmp::Reverse(share.monthly_cost.0));
    let whole: Usd = shares.iter().map(|share| share.monthly_cost).sum();
    for share in &mut shares {
        let part = share.monthly_cost.0.checked_div(whole.0).unwrap_or_default();
        share.share = as_f64(part.round_dp(6));
    }
    shares
}

impl<'a> BillGroup<'a> {
    fn add(&mut self, line: &'a LineItem) {
        let (cost, monthly_cost) = (amount(&line.cost), amount(&line.monthly_cost));
        let product = find_or_push(
            &mut self.products,
            |known| known.product == line.product,
            || BillProduct { product: &line.product, lines: Vec::new(), cost: Usd::ZERO, monthly_cost: Usd::ZERO },
        );
        product.lines.push(line);
        product.cost += cost;
        product.monthly_cost += monthly_cost;
        self.cost += cost;
        self.monthly_cost += monthly_cost;
    }
}

fn find_or_push<T>(items: &mut Vec<T>, is_wanted: impl Fn(&T) -> bool, new: impl FnOnce() -> T) -> &mut T {
    let index = items.iter().position(is_wanted).unwrap_or_else(|| {
        items.push(new());
        items.len() - 1
    });
    &mut items[index]
}

/// An amount of the document; one that is no decimal (a document changed by hand) counts as nothing.
fn amount(text: &str) -> Usd {
    Usd(text.parse().unwrap_or_default())
}
