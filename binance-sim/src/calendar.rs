//! Days, weeks and months in UTC.

pub(crate) const SECOND: i64 = 1_000;
pub(crate) const MINUTE: i64 = 60 * SECOND;
pub(crate) const HOUR: i64 = 60 * MINUTE;
pub(crate) const DAY: i64 = 24 * HOUR;

/// Year, month and day of a time in milliseconds.
pub(crate) const fn date(millis: i64) -> (i64, i64, i64) {
    // Howard Hinnant's civil_from_days: years that begin in March, eras of 400 years.
    let days = millis.div_euclid(DAY) + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let (year, month) = if month < 10 { (0, month + 3) } else { (1, month - 9) };
    (year_of_era + era * 400 + year, month, day)
}

/// Midnight of a date, in milliseconds. Months past 12 run into the next years.
pub(crate) const fn midnight(year: i64, month: i64, day: i64) -> i64 {
    let (year, month) = (year + (month - 1).div_euclid(12), (month - 1).rem_euclid(12) + 1);
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    (era * 146_097 + day_of_era - 719_468) * DAY
}

/// The last Friday of a quarter at 08:00, when contracts are delivered: of the quarter that `millis` is in, or of the
/// next one when that Friday is less than a week away.
pub(crate) const fn quarterly_delivery(millis: i64) -> i64 {
    let (year, month, _) = date(millis);
    let mut next = (month - 1) / 3 * 3 + 4;
    loop {
        let last_day = midnight(year, next, 1) - DAY;
        // 1970-01-01 was a Thursday, so day 1 was a Friday.
        let friday = last_day - (last_day / DAY - 1).rem_euclid(7) * DAY;
        let delivery = friday + 8 * HOUR;
        if delivery - millis >= 7 * DAY {
            return delivery;
        }
        next += 3;
    }
}

/// A part of a day on the markets for shares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Session {
    pub(crate) start: i64,
    pub(crate) end: i64,
    pub(crate) kind: &'static str,
}

/// The sessions of the day that begins at `midnight`: every market is open from 8 to 16 o'clock.
pub(crate) fn sessions(midnight: i64) -> [Session; 3] {
    [(0, 8, "NO_TRADING"), (8, 16, "REGULAR"), (16, 24, "NO_TRADING")].map(|(from, to, kind)| Session {
        start: midnight + from * HOUR,
        end: midnight + to * HOUR,
        kind,
    })
}

/// The session that a time is in.
pub(crate) fn session(millis: i64) -> Session {
    let [night, day, evening] = sessions(millis.div_euclid(DAY) * DAY);
    [night, day].into_iter().find(|session| millis < session.end).unwrap_or(evening)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_go_both_ways() {
        for (millis, civil) in [
            (0, (1970, 1, 1)),
            (951_782_400_000, (2000, 2, 29)),
            (1_767_225_600_000, (2026, 1, 1)),
            (1_798_675_199_999, (2026, 12, 30)),
        ] {
            assert_eq!(date(millis), civil);
            assert_eq!(midnight(civil.0, civil.1, civil.2), millis / DAY * DAY);
        }
        for day in 0..40_000 {
            let (year, month, day_of_month) = date(day * DAY);
            assert_eq!(midnight(year, month, day_of_month), day * DAY);
        }
    }

    #[test]
    fn delivery_is_on_the_last_friday_of_the_quarter() {
        let at = |year, month, day| date(quarterly_delivery(midnight(year, month, day)));
        assert_eq!(at(2026, 1, 1), (2026, 3, 27));
        assert_eq!(at(2026, 3, 24), (2026, 6, 26));
        assert_eq!(at(2026, 11, 23), (2026, 12, 25));
        assert_eq!(at(2026, 12, 24), (2027, 3, 26));
    }
}
