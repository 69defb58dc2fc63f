//! `*` in a policy: any characters within one segment of a path, and `**` as a segment for any number of them.

/// Whether a text means more than itself.
pub(super) fn is_pattern(text: &str) -> bool {
    text.contains('*')
}

/// Whether a path fits a pattern, segment by segment.
pub(super) fn fits(pattern: &str, path: &str) -> bool {
    let (pattern, path): (Vec<&str>, Vec<&str>) = (pattern.split('/').collect(), path.split('/').collect());
    greedy(&pattern, &path, |own| *own == "**", |own, given| segment(own, given))
}

/// Whether one segment fits.
pub(super) fn segment(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
    greedy(&pattern, &text, |own| *own == '*', |own, given| own == given)
}

/// A star stands for any number of things. Where the rest doesn't fit, the last star takes one more: earlier ones can
/// stay as they are, so that each pair is looked at once.
fn greedy<T>(pattern: &[T], given: &[T], is_star: impl Fn(&T) -> bool, fits: impl Fn(&T, &T) -> bool) -> bool {
    let (mut at, mut next, mut star) = (0, 0, None);
    while next < given.len() {
        if pattern.get(at).is_some_and(&is_star) {
            star = Some((at, next));
            at += 1;
        } else if pattern.get(at).is_some_and(|own| fits(own, &given[next])) {
            (at, next) = (at + 1, next + 1);
        } else if let Some((place, taken)) = star {
            star = Some((place, taken + 1));
            (at, next) = (place + 1, taken + 1);
        } else {
            return false;
        }
    }
    pattern[at..].iter().all(is_star)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars() {
        let mut wrong = Vec::new();
        for (pattern, path, expected) in [
            ("/health/*", "/health/live", true),
            ("/health/*", "/health/live/now", false),
            ("/health/*", "/health", false),
            ("/health/**", "/health/live/now", true),
            ("/health/**", "/health", true),
            ("/**", "/", true),
            ("/**/status", "/a/b/status", true),
            ("/**/status", "/status", true),
            ("/**/status", "/a/statuses", false),
            ("/v*/orders", "/v2/orders", true),
            ("/a/{}/*", "/a/{}/b", true),
            ("/*", "/{}", true),
            ("/a*b*c", "/axbxbxc", true),
            ("/a*b*c", "/axbxb", false),
        ] {
            if fits(pattern, path) != expected {
                wrong.push(format!("{pattern} {path}: not {expected}"));
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }
}
