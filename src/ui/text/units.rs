//! Numbers with their units, as a person reads them.

/// Numbers with their units.
pub struct UnitsText {
    /// A whole number with separators: 1,240.
    pub count: fn(usize) -> String,
    /// Rows: "1 row", "1,240 rows".
    pub rows: fn(usize) -> String,
    /// A size in bytes: "52 MB".
    pub bytes: fn(u64) -> String,
    /// A number of parameters: "13.6 million".
    pub parameters: fn(u64) -> String,
    /// A time still to come or gone: "under 1 s", "45 s", "3 min 20 s", "2 h 5 min".
    pub duration: fn(f64) -> String,
    /// A share: "12 %".
    pub percent: fn(f64) -> String,
    /// A score or probability with three places: "0.914"; large errors with fewer: "2,238".
    pub score: fn(f64) -> String,
    /// A learning rate: "2e-5".
    pub rate: fn(f64) -> String,
}

/// English.
pub const ENGLISH: UnitsText = UnitsText {
    count: grouped,
    rows: |n| match n {
        1 => "1 row".to_owned(),
        n => format!("{} rows", grouped(n)),
    },
    bytes,
    parameters: |n| match n {
        0..1_000_000 => format!("{:.0} thousand", n as f64 / 1e3),
        1_000_000..100_000_000 => format!("{:.1} million", n as f64 / 1e6),
        n => format!("{:.0} million", n as f64 / 1e6),
    },
    duration,
    percent: |share| match share * 100.0 {
        small if small > 0.0 && small < 1.0 => "under 1 %".to_owned(),
        percent => format!("{percent:.0} %"),
    },
    score: |score| match score.abs() {
        // A score that is nearly nought has no sign.
        size if size < 5e-4 => "0.000".to_owned(),
        size if size < 99.95 => format!("{score:.3}"),
        size if size < 999.5 => format!("{score:.1}"),
        size if size < 1e15 => {
            let sign = if score < 0.0 { "-" } else { "" };
            format!("{sign}{}", grouped(size.round() as usize))
        }
        _ => format!("{score:.3e}"),
    },
    rate: |rate| match rate {
        r if r == 0.0 || r.abs() >= 0.01 => format!("{r}"),
        r => format!("{r:e}"),
    },
};

fn grouped(n: usize) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

fn bytes(n: u64) -> String {
    let n = n as f64;
    match n {
        _ if n < 1e3 => format!("{n:.0} bytes"),
        _ if n < 1e6 => format!("{:.0} kB", n / 1e3),
        _ if n < 1e9 => format!("{:.0} MB", n / 1e6),
        _ => format!("{:.1} GB", n / 1e9),
    }
}

fn duration(seconds: f64) -> String {
    // Rounded once, so that 59.7 s does not become "60 s".
    let whole = seconds.max(0.0).round() as u64;
    let (h, min, s) = (whole / 3600, whole / 60 % 60, whole % 60);
    match (h, min, s) {
        (0, 0, 0) => "under 1 s".to_owned(),
        (0, 0, s) => format!("{s} s"),
        (0, min, 0) => format!("{min} min"),
        (0, min, s) if min < 10 => format!("{min} min {s} s"),
        (0, min, _) => format!("{min} min"),
        (h, 0, _) => format!("{h} h"),
        (h, min, _) => format!("{h} h {min} min"),
    }
}

#[cfg(test)]
mod tests {
    use super::ENGLISH as UNITS;

    #[test]
    fn numbers_read_well() {
        assert_eq!((UNITS.rows)(1), "1 row");
        assert_eq!((UNITS.rows)(1_234_567), "1,234,567 rows");
        assert_eq!((UNITS.duration)(59.7), "1 min");
        assert_eq!((UNITS.duration)(200.0), "3 min 20 s");
        assert_eq!((UNITS.duration)(7500.0), "2 h 5 min");
        assert_eq!((UNITS.rate)(2e-5), "2e-5");
        assert_eq!((UNITS.score)(-1e-9), "0.000");
        assert_eq!((UNITS.score)(-0.0831), "-0.083");
        assert_eq!((UNITS.score)(38.8994), "38.899");
        assert_eq!((UNITS.score)(826.149), "826.1");
        assert_eq!((UNITS.score)(-2238.417), "-2,238");
        assert_eq!((UNITS.bytes)(51_900_000), "52 MB");
    }
}
