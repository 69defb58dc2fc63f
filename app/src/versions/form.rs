//! The form that publishes a version, as the server reads it.

use crate::{context::Hub, urls};
use server_fn::codec::MultipartData;
use shared::{
    ApiError, ErrorCode, PageQuery, Version,
    accounts::Caller,
    names::ServiceName,
    versions::{Publish, VersionRef},
};

/// What was sent.
pub struct Form {
    pub service: ServiceName,
    pub publish: Publish,
    /// Whether the document comes from the text area.
    pub pasted: bool,
}

/// The fields of the form. A file field that was left empty arrives as an empty file.
pub async fn read(form: MultipartData) -> Result<Form, ApiError> {
    let mut fields = form.into_inner().ok_or_else(ApiError::internal)?;
    let broken = |error| {
        tracing::info!(%error, "a publish form could not be read");
        ApiError::new(ErrorCode::BadRequest, "The form could not be read to its end. Send it again.")
    };
    let (mut service, mut label, mut file, mut text) = (None, None, Vec::new(), Vec::new());
    while let Some(field) = fields.next_field().await.map_err(broken)? {
        match field.name() {
            Some("service") => service = Some(field.text().await.map_err(broken)?),
            Some("label") => label = Some(field.text().await.map_err(broken)?),
            Some("file") => file = field.bytes().await.map_err(broken)?.into(),
            Some("document") => text = as_typed(field.bytes().await.map_err(broken)?.into()),
            _ => {}
        }
    }
    let service = service.unwrap_or_default().parse().map_err(|_| ApiError::invalid("service", "Choose a service."))?;
    let label = label.filter(|label| !label.trim().is_empty()).map(|label| label.parse()).transpose()?;
    let pasted = file.is_empty();
    let document = if pasted { text } else { file };
    if document.iter().all(u8::is_ascii_whitespace) {
        return Err(ApiError::invalid("document", "Choose a file or paste a document."));
    }
    // No key against repetition: the same document again is no news in any case.
    Ok(Form { service, publish: Publish { document, label, ..Default::default() }, pasted })
}

/// The latest version's document, if it is the pasted one with CRLF as its line ends. A text area loses those, and the same
/// text shouldn't be another document for it.
pub async fn as_uploaded(
    hub: &Hub,
    caller: &Caller,
    service: &ServiceName,
    pasted: &[u8],
) -> Result<Option<Vec<u8>>, ApiError> {
    let newest = PageQuery { cursor: None, limit: Some(1) };
    // What is wrong with the service is for publishing to say.
    let Ok(newest) = hub.versions.list(caller, service, newest).await else { return Ok(None) };
    let Some(latest) = newest.items.into_iter().next() else { return Ok(None) };
    // Each line end is one byte longer: most documents need not be read to be told apart.
    let line_ends = pasted.iter().filter(|byte| **byte == b'\n').count();
    let longer = usize::try_from(latest.size).unwrap_or(usize::MAX).checked_sub(pasted.len());
    if longer.is_none_or(|longer| longer == 0 || longer > line_ends) {
        return Ok(None);
    }
    let version = VersionRef { service: latest.service, label: latest.label };
    let stored = hub.versions.source(caller, &version).await?.bytes.as_ref().to_vec();
    Ok((as_typed(stored.clone()) == pasted).then_some(stored))
}

/// A text area's text as the page has it. There, lines end with LF, whatever was pasted; every browser sends CRLF (HTML
/// standard, "constructing the entry list" and "multipart form data"). Only for what was typed or pasted: a file is sent
/// as it is. In place, since it may be large.
fn as_typed(mut text: Vec<u8>) -> Vec<u8> {
    text.dedup_by(|byte, before| {
        let line_end = (*before, *byte) == (b'\r', b'\n');
        if line_end {
            *before = b'\n';
        }
        line_end
    });
    text
}

/// The page that shows what publishing did.
pub fn outcome(created: bool, version: &Version) -> String {
    let (service, label) = (version.service.as_str(), version.label.as_str());
    match (&version.published_verdict, created) {
        (_, false) => urls::with_query(&urls::version(service, label), &[("notice", Some("unchanged"))]),
        (Some(verdict), true) => urls::compare(service, verdict.base.as_str(), label, None, None),
        (None, true) => urls::version(service, label),
    }
}

#[cfg(test)]
mod tests {
    use super::as_typed;

    #[test]
    fn lines_end_as_they_were_typed() {
        for (sent, typed) in [
            ("", ""),
            ("a", "a"),
            ("a\r\nb\r\n", "a\nb\n"),
            ("\r\n\r\n", "\n\n"),
            ("a\nb", "a\nb"),
            ("a\rb\r", "a\rb\r"),
            ("\r\r\n\n", "\r\n\n"),
            ("aa\r\nbb", "aa\nbb"),
        ] {
            assert_eq!(as_typed(sent.into()), typed.as_bytes(), "{sent:?}");
        }
    }
}
