//! Candles as text.

use binance_core::{Decimal, decimal::Rounding};

/// How many lines a chart has.
const HEIGHT: u32 = 10;

/// One bar of a chart.
pub(crate) struct Bar {
    pub(crate) open: Decimal,
    pub(crate) high: Decimal,
    pub(crate) low: Decimal,
    pub(crate) close: Decimal,
}

/// Prints bars side by side: `│` from low to high, `█` from open to close when it rose, `░` when it fell.
pub(crate) fn draw(bars: &[Bar]) {
    let (Some(top), Some(bottom)) =
        (bars.iter().map(|bar| bar.high).max(), bars.iter().map(|bar| bar.low).min())
    else {
        return println!("no candles");
    };
    let line_of = |price: Decimal| {
        let above = top.checked_sub(price)?.checked_mul(Decimal::from(HEIGHT - 1))?;
        let span = top.checked_sub(bottom).filter(|span| !span.is_zero())?;
        u32::try_from(above.checked_div(span, 0, Rounding::Nearest)?.mantissa()).ok()
    };
    for line in 0..HEIGHT {
        let label = match line {
            0 => format!("{top:>12}"),
            _ if line == HEIGHT - 1 => format!("{bottom:>12}"),
            _ => format!("{:>12}", ""),
        };
        let row: String = bars
            .iter()
            .map(|bar| {
                let at = |price| line_of(price).unwrap_or(HEIGHT / 2);
                let (open, close) = (at(bar.open), at(bar.close));
                match () {
                    () if (open.min(close)..=open.max(close)).contains(&line) => {
                        if bar.close < bar.open {
                            '░'
                        } else {
                            '█'
                        }
                    }
                    () if (at(bar.high)..=at(bar.low)).contains(&line) => '│',
                    () => ' ',
                }
            })
            .collect();
        println!("{label} {row}");
    }
}
