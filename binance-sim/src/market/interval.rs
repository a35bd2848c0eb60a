//! The lengths of candles.

use crate::{
    calendar::{self, DAY, HOUR, MINUTE, SECOND},
    order::words,
};

words! {
    /// The length of a candle.
    Interval {
        S1 = "1s", M1 = "1m", M3 = "3m", M5 = "5m", M15 = "15m", M30 = "30m",
        H1 = "1h", H2 = "2h", H4 = "4h", H6 = "6h", H8 = "8h", H12 = "12h",
        D1 = "1d", D3 = "3d", W1 = "1w", Month = "1M",
    }
}

impl Interval {
    /// The interval of candles that anybody may ask for: those of a second are for continuous contracts only.
    pub(crate) fn of_contract(word: &str) -> Option<Self> {
        Self::parse(word).filter(|interval| *interval != Self::S1)
    }

    /// When the candle opened that a time falls into.
    pub(crate) const fn open(self, time: i64) -> i64 {
        match self {
            Self::W1 => {
                // Weeks begin on Monday; 1970-01-05 was one.
                let shift = 4 * DAY;
                (time - shift).div_euclid(7 * DAY) * 7 * DAY + shift
            }
            Self::Month => {
                let (year, month, _) = calendar::date(time);
                calendar::midnight(year, month, 1)
            }
            _ => time.div_euclid(self.span()) * self.span(),
        }
    }

    /// When the candle that opened then makes room for the next one.
    pub(crate) const fn next(self, open: i64) -> i64 {
        match self {
            Self::Month => {
                let (year, month, _) = calendar::date(open);
                calendar::midnight(year, month + 1, 1)
            }
            _ => open + self.span(),
        }
    }

    /// How long it is; the longest it can be for a month.
    pub(crate) const fn span(self) -> i64 {
        match self {
            Self::S1 => SECOND,
            Self::M1 => MINUTE,
            Self::M3 => 3 * MINUTE,
            Self::M5 => 5 * MINUTE,
            Self::M15 => 15 * MINUTE,
            Self::M30 => 30 * MINUTE,
            Self::H1 => HOUR,
            Self::H2 => 2 * HOUR,
            Self::H4 => 4 * HOUR,
            Self::H6 => 6 * HOUR,
            Self::H8 => 8 * HOUR,
            Self::H12 => 12 * HOUR,
            Self::D1 => DAY,
            Self::D3 => 3 * DAY,
            Self::W1 => 7 * DAY,
            Self::Month => 31 * DAY,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weeks_open_on_monday_and_months_on_the_first() {
        let wednesday = calendar::midnight(2026, 2, 25) + 5 * HOUR;
        assert_eq!(Interval::W1.open(wednesday), calendar::midnight(2026, 2, 23));
        assert_eq!(Interval::Month.open(wednesday), calendar::midnight(2026, 2, 1));
        assert_eq!(Interval::Month.next(calendar::midnight(2026, 12, 1)), calendar::midnight(2027, 1, 1));
        assert_eq!(Interval::H4.open(wednesday), calendar::midnight(2026, 2, 25) + 4 * HOUR);
        assert_eq!(Interval::M1.next(60_000), 120_000);
    }
}
