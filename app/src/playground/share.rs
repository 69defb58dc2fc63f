//! Both documents and the policy as one text: for links, whose fragment never reaches a server, and for the tab's own memory.
//!
//! Deflated by the browser and written in base64url (RFC 4648, section 5). What is unpacked is bounded: a link of a
//! hundred kilobytes can hold a hundred megabytes.

use crate::js;
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use wasm_bindgen::JsValue;
use web_sys::js_sys::{Array, Uint8Array};

/// A link that is longer than this gets lost in mails, chats and some browsers.
pub const LONGEST_LINK: usize = 100_000;

/// Bytes of all texts that are taken from a link or from the tab's memory.
const LARGEST: usize = 64 * 1024 * 1024;

/// The name before the text in a fragment; it will have another one when the format changes.
pub const NAME: &str = "pair=";

const FORMAT: &str = "deflate-raw";

/// Texts in one piece, compressed. `None` where the browser can't.
pub async fn pack(framed: &[u8]) -> Option<String> {
    let bytes = squeezed("CompressionStream", framed, usize::MAX).await?;
    Some(BASE64_URL_SAFE_NO_PAD.encode(bytes))
}

/// The documents and the policy again. `None` for what wasn't packed here, or holds too much.
pub async fn unpack(text: &str) -> Option<[String; 3]> {
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(text).ok()?;
    unframe(&squeezed("DecompressionStream", &bytes, LARGEST).await?)
}

/// Sends bytes through one of the browser's streams.
async fn squeezed(class: &str, bytes: &[u8], limit: usize) -> Option<Vec<u8>> {
    let parts: JsValue = Array::of1(&Uint8Array::from(bytes)).into();
    let through = js::new(class, &[FORMAT.into()]).ok()?;
    let stream = js::call(&js::new("Blob", &[parts]).ok()?, "stream", &[]).ok()?;
    let reader = js::call(&js::call(&stream, "pipeThrough", &[through]).ok()?, "getReader", &[]).ok()?;
    let mut all = Vec::new();
    loop {
        let read = js::wait(js::call(&reader, "read", &[]).ok()?).await.ok()?;
        if js::get(&read, "done").is_truthy() {
            return Some(all);
        }
        let chunk = Uint8Array::new(&js::get(&read, "value"));
        if all.len() + chunk.length() as usize > limit {
            // What is left is not wanted any more.
            let _ = js::call(&reader, "cancel", &[]);
            return None;
        }
        all.extend(chunk.to_vec());
    }
}

/// All in one piece: the lengths of both documents, and all texts. Without a policy it is what it was when there was none:
/// the first length, and both documents.
pub fn frame([base, revision, policy]: [&str; 3]) -> Vec<u8> {
    let second = if policy.is_empty() { String::new() } else { format!(" {}", revision.len()) };
    format!("{}{second}\n{base}{revision}{policy}", base.len()).into_bytes()
}

fn unframe(bytes: &[u8]) -> Option<[String; 3]> {
    let (lengths, all) = std::str::from_utf8(bytes).ok()?.split_once('\n')?;
    let (first, second) = lengths.split_once(' ').map_or((lengths, None), |(first, second)| (first, Some(second)));
    let (base, rest) = all.split_at_checked(first.parse().ok()?)?;
    let (revision, policy) = match second {
        Some(second) => rest.split_at_checked(second.parse().ok()?)?,
        None => (rest, ""),
    };
    Some([base, revision, policy].map(str::to_owned))
}

#[cfg(test)]
mod tests {
    use super::{frame, unframe};

    #[test]
    fn texts_survive_their_frame() {
        for texts in
            [["", "", ""], ["a\n", "é𝄞", ""], ["é", "", "p"], ["", "5\nx", ""], ["", "", "p"], ["a", "é", "é\n"]]
        {
            assert_eq!(unframe(&frame(texts)), Some(texts.map(str::to_owned)));
        }
    }

    #[test]
    fn links_from_before_policies_are_read() {
        assert_eq!(unframe(b"1\nab"), Some(["a", "b", ""].map(str::to_owned)));
        assert_eq!(frame(["a", "b", ""]), b"1\nab");
    }

    #[test]
    fn what_is_no_frame_is_none() {
        for bytes in [
            &b""[..],
            b"x",
            b"x\nabc",
            b"9\nabc",
            b"1 9\nabc",
            b"1 \nabc",
            b"1\n\xC3\xA9",
            b"-1\nabc",
            b"0\n\xFF",
            b"99999999999999999999\na",
        ] {
            assert_eq!(unframe(bytes), None, "{bytes:?}");
        }
    }
}
