//! The parts of a multipart body: the media types that they may be sent as.

use crate::{document::Document, tree::NodeId};

/// What the encoding of a media type object says of a part (OpenAPI 3.1.1, Encoding Object), if anything.
pub(crate) fn written_types<'d>(document: &'d Document, media: NodeId, part: &str) -> Option<&'d str> {
    let encoding = document.tree.get(document.tree.get(media, "encoding")?, part)?;
    document.tree.text_of(encoding, "contentType")
}

/// The media types of a list, in lower case and without their parameters.
pub(crate) fn listed(types: &str) -> impl Iterator<Item = String> {
    types.split(',').map(super::essence).filter(|name| !name.is_empty())
}

/// Whether a list has a media type, by name or by range.
pub(crate) fn covers(types: &str, media_type: &str) -> bool {
    listed(types).any(|own| match own.strip_suffix("/*") {
        Some("*") => true,
        Some(family) => media_type.split('/').next() == Some(family),
        None => own == media_type,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_cover_names_and_ranges() {
        let mut wrong = Vec::new();
        for (types, media_type, expected) in [
            ("image/png, image/jpeg", "image/jpeg", true),
            ("image/png,image/jpeg", "image/webp", false),
            ("image/*", "image/webp", true),
            ("image/*", "image/*", true),
            ("image/png", "image/*", false),
            ("*/*", "text/plain", true),
            ("Text/Plain; charset=utf-8", "text/plain", true),
            ("", "text/plain", false),
        ] {
            if covers(types, media_type) != expected {
                wrong.push(format!("{types} {media_type}: not {expected}"));
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }
}
