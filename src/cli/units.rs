//! Numbers as a person reads them.

/// Seconds as `0:07`, `12:30` or `1:02:03`.
pub fn clock(seconds: f64) -> String {
    // A float beyond the range saturates; what is not a number becomes 0.
    let whole = seconds.round().max(0.0) as u64;
    let (hours, minutes, seconds) = (whole / 3600, whole / 60 % 60, whole % 60);
    if hours > 0 {
        format!("{hours}:{minutes:02}:{seconds:02}")
    } else {
        format!("{minutes}:{seconds:02}")
    }
}

/// Seconds that have passed: `4.2 s`, then as on a clock.
pub fn duration(seconds: f64) -> String {
    if seconds < 9.95 {
        format!("{seconds:.1} s")
    } else {
        clock(seconds)
    }
}

/// Bytes in the unit that leaves one to three digits before the point.
pub fn bytes(count: u64) -> String {
    scaled(count, &["B", "kB", "MB", "GB", "TB"])
}

/// A count such as parameters: `13.6 M`.
pub fn count(count: u64) -> String {
    scaled(count, &["", "k", "M", "G"]).trim_end().to_owned()
}

fn scaled(count: u64, units: &[&str]) -> String {
    let mut value = count as f64;
    let mut unit = 0;
    while value >= 999.5 && unit + 1 < units.len() {
        value /= 1000.0;
        unit += 1;
    }
    let digits = usize::from(unit > 0 && value < 99.95);
    format!("{value:.digits$} {}", units[unit])
}

/// A score with four digits, or a dash where there is none.
pub fn score(value: Option<f64>) -> String {
    value.map_or_else(|| "–".to_owned(), |value| format!("{value:.4}"))
}

/// `1 row`, `2 rows`.
pub fn counted(count: usize, noun: &str) -> String {
    let end = if count == 1 { "" } else { "s" };
    format!("{count} {noun}{end}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_well() {
        for (seconds, text) in [
            (0.2, "0:00"),
            (59.6, "1:00"),
            (3723.0, "1:02:03"),
            (-5.0, "0:00"),
        ] {
            assert_eq!(clock(seconds), text);
        }
        for (count, text) in [
            (0, "0 B"),
            (999, "999 B"),
            (91_568_000, "91.6 MB"),
            (441_148_000, "441 MB"),
        ] {
            assert_eq!(bytes(count), text);
        }
        assert_eq!(duration(4.24), "4.2 s");
        assert_eq!(duration(61.0), "1:01");
        assert_eq!(count(13_587_840), "13.6 M");
        assert_eq!(count(12), "12");
        assert_eq!(counted(1, "row"), "1 row");
        assert_eq!(score(None), "–");
    }
}
