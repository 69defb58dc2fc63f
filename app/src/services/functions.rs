//! Server functions of services: each calls the trait as whoever asks. Reads are GETs, so that a browser may repeat
//! them as it likes.

use crate::client::Traced;
use leptos::prelude::*;
use server_fn::codec::{GetUrl, MultipartData, MultipartFormData};
use shared::{
    ApiError, Finding, Page, PageQuery, Policy,
    contracts::{OperationSummary, OperationView, Outline, SchemaSummary, SchemaView},
    findings::OperationKey,
    lint::{LintFinding, LintQuery, Score},
    names::{ServiceName, VersionLabel},
    services::{Comparison, ContractQuery, FindingQuery, Service, SourceLines, Version},
};

#[cfg(feature = "ssr")]
use crate::{
    context::{Door, answer, land},
    urls,
};

/// Services by name.
#[server(prefix = "/api/ui", endpoint = "services", input = GetUrl, client = Traced)]
pub async fn read_services(#[server(default)] page: PageQuery) -> Result<Page<Service>, ApiError> {
    let Door { hub, caller } = Door::open()?;
    answer(hub.services.services(&caller, page).await)
}

#[server(prefix = "/api/ui", endpoint = "service", input = GetUrl, client = Traced)]
pub async fn read_service(name: ServiceName) -> Result<Service, ApiError> {
    let Door { hub, caller } = Door::open()?;
    answer(hub.services.service(&caller, &name).await)
}

/// Creates a service and answers with the path of its page.
#[server(prefix = "/api/ui", endpoint = "create-service", client = Traced)]
pub async fn create_service(name: String, #[server(default)] description: String) -> Result<String, ApiError> {
    let Door { hub, caller } = Door::open()?;
    let name = answer(name.parse())?;
    let service =
        answer(hub.services.create_service(&caller, shared::services::NewService { name, description }).await)?;
    Ok(land(crate::urls::service(service.name.as_str())))
}

#[server(prefix = "/api/ui", endpoint = "policy", input = GetUrl, client = Traced)]
pub async fn read_policy(service: ServiceName) -> Result<Option<Policy>, ApiError> {
    let Door { hub, caller } = Door::open()?;
    answer(hub.services.policy(&caller, &service).await)
}

/// Versions, newest first.
#[server(prefix = "/api/ui", endpoint = "versions", input = GetUrl, client = Traced)]
pub async fn read_versions(
    service: ServiceName,
    #[server(default)] page: PageQuery,
) -> Result<Page<Version>, ApiError> {
    let Door { hub, caller } = Door::open()?;
    answer(hub.services.versions(&caller, &service, page).await)
}

#[server(prefix = "/api/ui", endpoint = "version", input = GetUrl, client = Traced)]
pub async fn read_version(service: ServiceName, label: VersionLabel) -> Result<Version, ApiError> {
    let Door { hub, caller } = Door::open()?;
    answer(hub.services.version(&caller, &service, &label).await)
}

#[server(prefix = "/api/ui", endpoint = "outline", input = GetUrl, client = Traced)]
pub async fn read_outline(service: ServiceName, label: VersionLabel) -> Result<Outline, ApiError> {
    let Door { hub, caller } = Door::open()?;
    answer(hub.services.outline(&caller, &service, &label).await)
}

#[server(prefix = "/api/ui", endpoint = "operations", input = GetUrl, client = Traced)]
pub async fn read_operations(
    service: ServiceName,
    label: VersionLabel,
    #[server(default)] query: ContractQuery,
) -> Result<Page<OperationSummary>, ApiError> {
    let Door { hub, caller } = Door::open()?;
    answer(hub.services.operations(&caller, &service, &label, query).await)
}

#[server(prefix = "/api/ui", endpoint = "operation", input = GetUrl, client = Traced)]
pub async fn read_operation(
    service: ServiceName,
    label: VersionLabel,
    operation: OperationKey,
) -> Result<OperationView, ApiError> {
    let Door { hub, caller } = Door::open()?;
    answer(hub.services.operation(&caller, &service, &label, &operation).await)
}

/// Component schemas.
#[server(prefix = "/api/ui", endpoint = "schemas", input = GetUrl, client = Traced)]
pub async fn read_schemas(
    service: ServiceName,
    label: VersionLabel,
    #[server(default)] query: ContractQuery,
) -> Result<Page<SchemaSummary>, ApiError> {
    let Door { hub, caller } = Door::open()?;
    answer(hub.services.schemas(&caller, &service, &label, query).await)
}

#[server(prefix = "/api/ui", endpoint = "schema", input = GetUrl, client = Traced)]
pub async fn read_schema(service: ServiceName, label: VersionLabel, name: String) -> Result<SchemaView, ApiError> {
    let Door { hub, caller } = Door::open()?;
    answer(hub.services.schema(&caller, &service, &label, &name).await)
}

/// A stretch of the source, from line `from`.
#[server(prefix = "/api/ui", endpoint = "source-lines", input = GetUrl, client = Traced)]
pub async fn read_source_lines(
    service: ServiceName,
    label: VersionLabel,
    from: u32,
    count: u32,
) -> Result<SourceLines, ApiError> {
    let Door { hub, caller } = Door::open()?;
    answer(hub.services.source_lines(&caller, &service, &label, from, count).await)
}

#[server(prefix = "/api/ui", endpoint = "lint", input = GetUrl, client = Traced)]
pub async fn read_score(service: ServiceName, label: VersionLabel) -> Result<Score, ApiError> {
    let Door { hub, caller } = Door::open()?;
    answer(hub.services.lint(&caller, &service, &label).await)
}

#[server(prefix = "/api/ui", endpoint = "lint-findings", input = GetUrl, client = Traced)]
pub async fn read_lint_findings(
    service: ServiceName,
    label: VersionLabel,
    #[server(default)] query: LintQuery,
) -> Result<Page<LintFinding>, ApiError> {
    let Door { hub, caller } = Door::open()?;
    answer(hub.services.lint_findings(&caller, &service, &label, query).await)
}

#[server(prefix = "/api/ui", endpoint = "compare", input = GetUrl, client = Traced)]
pub async fn compare_versions(
    service: ServiceName,
    base: VersionLabel,
    revision: VersionLabel,
) -> Result<Comparison, ApiError> {
    let Door { hub, caller } = Door::open()?;
    answer(hub.services.compare(&caller, &service, &base, &revision).await)
}

#[server(prefix = "/api/ui", endpoint = "findings", input = GetUrl, client = Traced)]
pub async fn read_findings(
    service: ServiceName,
    base: VersionLabel,
    revision: VersionLabel,
    #[server(default)] query: FindingQuery,
) -> Result<Page<Finding>, ApiError> {
    let Door { hub, caller } = Door::open()?;
    answer(hub.services.findings(&caller, &service, &base, &revision, query).await)
}

/// Publishes the document of a form: its file, or else its text. Answers with the path of the page that shows what
/// that did.
#[server(prefix = "/api/ui", endpoint = "publish-version", input = MultipartFormData, client = Traced)]
pub async fn publish_version(form: MultipartData) -> Result<String, ApiError> {
    let Door { hub, caller } = Door::open()?;
    // The operation asks this itself; here it saves reading a large form from somebody who may not send one.
    answer(caller.require(shared::accounts::Permission::Publish).map(|_| ()))?;
    let (service, publish) = answer(read_form(form).await)?;
    let published = answer(hub.services.publish_version(&caller, &service, publish).await)?;
    Ok(land(outcome(published.created, &published.version)))
}

/// The fields of the form. A file field that was left empty arrives as an empty file.
#[cfg(feature = "ssr")]
async fn read_form(form: MultipartData) -> Result<(ServiceName, shared::services::Publish), ApiError> {
    let mut fields = form.into_inner().ok_or_else(ApiError::internal)?;
    let broken = |error| {
        tracing::info!(%error, "a publish form could not be read");
        ApiError::new(shared::ErrorCode::BadRequest, "The form could not be read to its end. Send it again.")
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
    let document = if file.is_empty() { text } else { file };
    if document.iter().all(u8::is_ascii_whitespace) {
        return Err(ApiError::invalid("document", "Choose a file or paste a document."));
    }
    // No key against repetition: the same document again is no news in any case.
    Ok((service, shared::services::Publish { document, label, ..Default::default() }))
}

/// A text area's text as the page has it. There, lines end with LF, whatever was pasted; every browser sends CRLF (HTML
/// standard, "constructing the entry list" and "multipart form data"). Only for what was typed or pasted: a file is sent
/// as it is. In place, since it may be large.
#[cfg(feature = "ssr")]
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
#[cfg(feature = "ssr")]
fn outcome(created: bool, version: &Version) -> String {
    let (service, label) = (version.service.as_str(), version.label.as_str());
    match (&version.verdict, created) {
        (_, false) => urls::with_query(&urls::version(service, label), &[("notice", Some("unchanged"))]),
        (Some(verdict), true) => urls::compare(service, verdict.base.as_str(), label, None, None),
        (None, true) => urls::version(service, label),
    }
}

#[cfg(all(test, feature = "ssr"))]
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
