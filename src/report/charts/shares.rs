//! Where a month's money goes: one bar for each thing that is paid for, the dearest first.

use plotters::backend::DrawingBackend;

use super::canvas::{Canvas, Drawn, Ink, Side, fitted};
use super::layout::{EDGE, FRAME, LEGEND, RIGHT, TITLE};
use super::panels::colour;
use super::scale::number;
use crate::result::MonthlyShare;

/// Where the bars begin; to the left stand their names.
const LEFT: f64 = 470.0;
/// Beside the longest bar there is room for its amount and its share.
const LONGEST: f64 = RIGHT - LEFT - 190.0;
const TITLE_HEIGHT: f64 = 38.0;
const ROW_HEIGHT: f64 = 29.0;
const BAR_HEIGHT: f64 = 18.0;
const GAP: f64 = 10.0;
/// More rows than these become one.
const MOST_ROWS: usize = 12;

/// A bar.
struct Bar {
    name: String,
    amount: String,
    /// The part of the month, 0 to 1.
    share: f64,
}

/// The bars of a month.
pub(super) struct Shares {
    bars: Vec<Bar>,
}

impl Shares {
    /// The bars of these shares, which stand in falling order; none where nothing costs anything.
    pub(super) fn of(shares: &[MonthlyShare]) -> Option<Self> {
        let shown = if shares.len() > MOST_ROWS { MOST_ROWS - 1 } else { shares.len() };
        let (named, others) = shares.split_at_checked(shown)?;
        let bar =
            |share: &MonthlyShare| Bar { name: share.description.clone(), amount: format!("${}", share.monthly_cost), share: share.share };
        let mut bars: Vec<Bar> = named.iter().map(bar).collect();
        if !others.is_empty() {
            bars.push(Bar {
                name: format!("{} further lines", others.len()),
                amount: format!("${}", others.iter().map(|share| share.monthly_cost).sum::<crate::money::Usd>()),
                share: others.iter().map(|share| share.share).sum(),
            });
        }
        (!bars.is_empty()).then_some(Self { bars })
    }

    pub(super) fn height(&self) -> f64 {
        TITLE_HEIGHT + self.bars.len() as f64 * ROW_HEIGHT
    }

    /// Draws them from `top` down.
    pub(super) fn draw<B: DrawingBackend>(&self, canvas: &mut Canvas<B>, top: f64) -> Drawn {
        canvas.text("Where a month's money goes (US dollars a month, share of the bill)", (EDGE, top + 22.0), Side::Left, TITLE)?;
        let largest = self.bars.iter().map(|bar| bar.share).fold(0.0, f64::max).max(f64::MIN_POSITIVE);
        let first = top + TITLE_HEIGHT;
        for (index, bar) in self.bars.iter().enumerate() {
            let middle = first + (index as f64 + 0.5) * ROW_HEIGHT;
            let end = LEFT + LONGEST * bar.share / largest;
            canvas.text(&fitted(&bar.name, LEGEND, LEFT - EDGE - GAP), (LEFT - GAP, middle + 6.0), Side::Right, LEGEND)?;
            canvas.rectangle(
                (LEFT, middle - BAR_HEIGHT / 2.0),
                (end, middle + BAR_HEIGHT / 2.0),
                Ink::line(colour::BLUE, 0.0).opacity(0.9),
            )?;
            let words = format!("{}   {} %", bar.amount, number(100.0 * bar.share, 1));
            canvas.text(&words, (end + GAP, middle + 6.0), Side::Left, LEGEND)?;
        }
        canvas.line(&[(LEFT, first), (LEFT, first + self.bars.len() as f64 * ROW_HEIGHT)], FRAME)
    }
}
