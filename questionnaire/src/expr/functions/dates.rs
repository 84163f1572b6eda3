//! Functions of dates and times. A date is text; see `calendar` for how it is written.

use crate::expr::ast::Expr;
use crate::expr::calendar::{self, DAY_MS, Date, Instant};
use crate::expr::evaluate::Scope;
use crate::expr::functions::Builtin;
use crate::expr::{Value, World};

impl<W: World> Scope<'_, W> {
    pub(super) fn dates(&self, builtin: Builtin, arguments: &[Expr]) -> Option<Value<W::Node>> {
        Some(match builtin {
            Builtin::Today => Value::Text(Instant::of_moment(self.world.now()).date().to_string()),
            Builtin::Now => Value::Text(Instant::of_moment(self.world.now()).to_string()),
            Builtin::Date => self.dated(&arguments[0], |instant| instant.date().to_string()),
            Builtin::DateTime => self.dated(&arguments[0], |instant| instant.to_string()),
            Builtin::FormatDate | Builtin::FormatDateTime => {
                let format = self.text(&arguments[1]);
                self.dated(&arguments[0], |instant| formatted(instant, &format))
            }
            Builtin::DecimalDateTime => {
                let instant = self.instant(&arguments[0]);
                Value::Number(instant.map_or(f64::NAN, |instant| instant.days(|| self.clock_min())))
            }
            Builtin::DecimalTime => Value::Number(self.decimal_time(&arguments[0])),
            Builtin::AddDate => self.dated(&arguments[0], |instant| {
                let later = self.add_date(instant, &arguments[1..]);
                later.map_or_else(String::new, |later| later.to_string())
            }),
            Builtin::DifferenceInMonths => {
                let (from, to) = (self.instant(&arguments[0]), self.instant(&arguments[1]));
                Value::Number(from.zip(to).map_or(f64::NAN, |(from, to)| whole_months(from, to) as f64))
            }
            _ => return None,
        })
    }

    fn clock_min(&self) -> i32 {
        self.world.now().offset_min
    }

    /// A date, a dateTime, or a number of days since 1970-01-01, on the device's clock.
    fn instant(&self, argument: &Expr) -> Option<Instant> {
        match self.value(argument) {
            Value::Boolean(_) => None,
            Value::Number(days) => Instant::of_days(days),
            value => {
                let text = value.text(self.world);
                let text = text.trim();
                // A number that was kept as an answer is text.
                calendar::parse(text).or_else(|| Instant::of_days(text.parse().unwrap_or(f64::NAN)))
            }
        }
    }

    /// What `write` makes of the instant on the device's clock; empty where there is none.
    fn dated(&self, argument: &Expr, write: impl FnOnce(Instant) -> String) -> Value<W::Node> {
        let on_clock = |instant: Instant| match instant.time_ms {
            None => instant,
            Some(_) => instant.on_clock(self.clock_min()),
        };
        Value::Text(self.instant(argument).map(on_clock).map_or_else(String::new, write))
    }

    /// The part of the day that has passed at a time, or at the time of a dateTime.
    fn decimal_time(&self, argument: &Expr) -> f64 {
        let text = self.text(argument);
        let instant = match calendar::parse_time(text.trim()) {
            Some((time_ms, offset_min)) => Some(Instant { day: 0, time_ms: Some(time_ms), offset_min }),
            None => calendar::parse(text.trim()),
        };
        let time_ms = instant.and_then(|instant| instant.on_clock(self.clock_min()).time_ms);
        time_ms.map_or(f64::NAN, |time_ms| time_ms as f64 / DAY_MS as f64)
    }

    /// That many years, months, days, hours, minutes and seconds later; what is absent or no number counts as 0.
    fn add_date(&self, instant: Instant, amounts: &[Expr]) -> Option<Instant> {
        let amount = |index: usize| {
            let amount = amounts.get(index).map_or(0.0, |amount| self.number(amount));
            if amount.abs() < 1e9 { amount as i64 } else { 0 }
        };
        let date = instant.date().plus_months(amount(0) * 12 + amount(1));
        let seconds = (amount(3) * 60 + amount(4)) * 60 + amount(5);
        let ms = instant.time_ms.unwrap_or(0) + seconds * 1_000;
        let day = date.number()? + amount(2) + ms.div_euclid(DAY_MS);
        let time_ms = (instant.time_ms.is_some() || seconds != 0).then_some(ms.rem_euclid(DAY_MS));
        let later = Instant { day, time_ms, ..instant };
        (0..=9999).contains(&later.date().year).then_some(later)
    }
}

/// How many whole months lie between two days; negative where the second is earlier.
fn whole_months(from: Instant, to: Instant) -> i64 {
    if to.day < from.day {
        return -whole_months(to, from);
    }
    let (first, last) = (from.date(), to.date());
    let months = (last.year - first.year) * 12 + i64::from(last.month) - i64::from(first.month);
    months - i64::from(first.plus_months(months).number() > last.number())
}

/// Names of months and days are English, whatever the language of the form.
const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
/// From the day that 1970 began with.
const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];

/// Writes an instant by the letters of ODK's `format-date-time`; what follows another letter's `%` stays as it is.
fn formatted(instant: Instant, format: &str) -> String {
    let mut written = String::with_capacity(format.len() + 8);
    let mut rest = format;
    while let Some(at) = rest.find('%') {
        written.push_str(&rest[..at]);
        let letter = rest[at + 1..].chars().next();
        match letter.and_then(|letter| part(instant, letter)) {
            Some(part) => {
                written.push_str(&part);
                rest = &rest[at + 2..];
            }
            None => {
                written.push('%');
                rest = &rest[at + 1..];
            }
        }
    }
    written + rest
}

fn part(instant: Instant, letter: char) -> Option<String> {
    let Date { year, month, day } = instant.date();
    let ms = instant.time_ms.unwrap_or(0);
    Some(match letter {
        'Y' => format!("{year:04}"),
        'y' => format!("{:02}", year % 100),
        'm' => format!("{month:02}"),
        'n' => month.to_string(),
        'b' => MONTHS[usize::from(month - 1)].to_owned(),
        'd' => format!("{day:02}"),
        'e' => day.to_string(),
        'a' => DAYS[instant.day.rem_euclid(7) as usize].to_owned(),
        'H' => format!("{:02}", ms / 3_600_000),
        'h' => (ms / 3_600_000).to_string(),
        'M' => format!("{:02}", ms / 60_000 % 60),
        'S' => format!("{:02}", ms / 1_000 % 60),
        '3' => format!("{:03}", ms % 1_000),
        _ => return None,
    })
}
