//! Numbers in sentences.

/// A number with its thousands apart: `1,073`.
#[must_use]
pub fn number(number: impl Into<u64>) -> String {
    let digits = number.into().to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.char_indices() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A number of things: `1 operation`, `1,223 operations`. For words whose plural has an s.
#[must_use]
pub fn count(of: impl Into<u64>, thing: &str) -> String {
    let of = of.into();
    format!("{} {thing}{}", number(of), if of == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_apart_and_plurals_agree() {
        let numbers = [0_u32, 7, 999, 1_000, 29_625, 1_000_000].map(number);
        assert_eq!(numbers, ["0", "7", "999", "1,000", "29,625", "1,000,000"]);
        let counts = [0_u32, 1, 2, 1_223].map(|of| count(of, "operation"));
        assert_eq!(counts, ["0 operations", "1 operation", "2 operations", "1,223 operations"]);
    }
}
