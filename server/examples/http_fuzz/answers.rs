//! Whether bytes are answers of HTTP/1.1, and none of them an internal error.

/// The first answer's status, or what is wrong with any of them. After a reset the last one may be cut off.
pub fn check(bytes: &[u8], reset: bool) -> Result<&'static str, String> {
    if bytes.is_empty() {
        return Ok(if reset { "reset" } else { "closed" });
    }
    let mut first = None;
    let mut rest = bytes;
    while !rest.is_empty() {
        match answer(rest) {
            Ok((status, after)) => {
                if status == "500" {
                    return Err(format!("500: {}", bytes.escape_ascii()));
                }
                first.get_or_insert(status);
                rest = after;
            }
            Err("cut off") if reset => break,
            Err(why) => return Err(format!("{why}: {}", bytes.escape_ascii())),
        }
    }
    Ok(first.unwrap_or("reset"))
}

/// One answer's status and what follows it.
fn answer(bytes: &[u8]) -> Result<(&'static str, &[u8]), &'static str> {
    let end = find(bytes, b"\r\n\r\n").ok_or("cut off")?;
    let head = std::str::from_utf8(&bytes[..end]).map_err(|_| "a head that isn't text")?;
    let mut lines = head.split("\r\n");
    let status = lines.next().and_then(|line| line.strip_prefix("HTTP/1.")).ok_or("no status line")?;
    let status = known(status.get(2..5).ok_or("no status")?).ok_or("an unknown status")?;
    let (mut length, mut chunked, mut endless) = (None, false, false);
    for line in lines {
        let (name, value) = line.split_once(':').ok_or("a header without a colon")?;
        let token = |c: char| c.is_ascii_alphanumeric() || "-_".contains(c);
        if name.is_empty() || !name.chars().all(token) || value.chars().any(|c| c.is_control() && c != '\t') {
            return Err("a header that isn't one");
        }
        match name.to_ascii_lowercase().as_str() {
            "content-length" if length.is_some() => return Err("two lengths"),
            "content-length" => length = Some(value.trim().parse::<usize>().map_err(|_| "a length that isn't one")?),
            "transfer-encoding" => chunked = value.trim() == "chunked",
            "content-type" => endless = value.contains("text/event-stream"),
            _ => {}
        }
    }
    let after = &bytes[end + 4..];
    if endless {
        return Ok((status, &[]));
    }
    // Nothing follows the head of these, nor of an answer to HEAD.
    if status.starts_with('1') || matches!(status, "204" | "304") || after.is_empty() || after.starts_with(b"HTTP/1.") {
        return Ok((status, after));
    }
    match (length, chunked) {
        (Some(length), false) => after.get(length..).map(|rest| (status, rest)).ok_or("cut off"),
        (None, true) => chunks(after).map(|rest| (status, rest)),
        (None, false) => Ok((status, &[])),
        (Some(_), true) => Err("both a length and chunks"),
    }
}

fn chunks(mut bytes: &[u8]) -> Result<&[u8], &'static str> {
    loop {
        let line = find(bytes, b"\r\n").ok_or("cut off")?;
        let size = std::str::from_utf8(&bytes[..line]).map_err(|_| "a chunk's size isn't text")?;
        let size = usize::from_str_radix(size, 16).map_err(|_| "a chunk's size isn't one")?;
        let data = &bytes[line + 2..];
        if data.get(size..size + 2).ok_or("cut off")? != b"\r\n" {
            return Err("a chunk without its end");
        }
        bytes = &data[size + 2..];
        if size == 0 {
            return Ok(bytes);
        }
    }
}

fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).position(|window| window == what)
}

/// The statuses that the hub may answer with.
fn known(status: &str) -> Option<&'static str> {
    const STATUSES: [&str; 28] = [
        "100", "200", "201", "204", "206", "302", "303", "304", "400", "401", "403", "404", "405", "406", "408", "409",
        "412", "413", "414", "415", "416", "417", "422", "429", "431", "500", "503", "504",
    ];
    STATUSES.into_iter().find(|known| *known == status)
}
