//! Sizes of documents as people read them: "12.3 kB".

#[must_use]
pub fn size(bytes: u64) -> String {
    match bytes {
        0..1_000 => format!("{bytes} B"),
        1_000..1_000_000 => format!("{}.{} kB", bytes / 1_000, bytes % 1_000 / 100),
        _ => format!("{}.{} MB", bytes / 1_000_000, bytes % 1_000_000 / 100_000),
    }
}

#[cfg(test)]
mod tests {
    use super::size;

    #[test]
    fn sizes_are_short() {
        assert_eq!([999, 1_000, 12_345, 13_800_000].map(size), ["999 B", "1.0 kB", "12.3 kB", "13.8 MB"]);
    }
}
