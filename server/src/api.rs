//! The hub's own contract: generated from the handlers, served as JSON, and read back by the engine for `/docs/api`.

use crate::{
    comparisons, contracts,
    http::{error::json_text, limits::Limits, spec},
    policies, services,
    state::App,
    versions,
};
use axum::{Router, extract::State, middleware, response::Response, routing::get};
use shared::{
    contracts::{OperationView, Outline},
    reference::Reference,
};
use utoipa::{
    Modify, OpenApi,
    openapi::{
        OpenApi as Spec,
        security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme},
    },
};
use utoipa_axum::router::OpenApiRouter;

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Handshake",
        description = "The hub that keeps a frontend and a backend in agreement. Every JSON answer is \
            `{\"success\", \"data\", \"error\"}`; ask for `application/problem+json` to get errors as RFC 9457 says. \
            Lists are pages behind an opaque cursor. Reads carry an ETag. Machines send `Authorization: Bearer` with \
            an API token.",
        contact(name = "The administrators of this hub"),
        license(name = "Apache-2.0", identifier = "Apache-2.0")
    ),
    tags(
        (name = "accounts", description = "People, sessions and API tokens"),
        (name = "services", description = "Backends whose contracts the hub keeps"),
        (name = "versions", description = "Immutable versions of a contract"),
        (name = "contracts", description = "A version's contract, piece by piece"),
        (name = "comparisons", description = "What changed between two versions, and whom it breaks"),
        (name = "events", description = "What happens, live"),
        (name = "jobs", description = "What the hub does in the background"),
    ),
    // PropertyView and SchemaView contain each other, so the derive stops before it.
    components(schemas(shared::contracts::PropertyView, spec::ErrorEnvelope, shared::error::Problem)),
    modifiers(&Common),
    security(("token" = []), ("session" = []))
)]
struct Base;

/// What is the same for every operation: the ways to authenticate.
struct Common;

impl Modify for Common {
    fn modify(&self, spec: &mut Spec) {
        let components = spec.components.get_or_insert_default();
        components.add_security_scheme(
            "token",
            SecurityScheme::Http(
                HttpBuilder::new().scheme(HttpAuthScheme::Bearer).description(Some("An API token")).build(),
            ),
        );
        components.add_security_scheme(
            "session",
            SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::with_description(
                "__Host-handshake-access",
                "A browser's session; set by signing in",
            ))),
        );
    }
}

/// What is below `/api/v1/services`.
fn of_services() -> OpenApiRouter<App> {
    services::rest::routes()
        .merge(versions::rest::routes())
        .merge(contracts::rest::routes())
        .merge(comparisons::rest::routes())
        .merge(policies::rest::routes())
        .layer(middleware::from_fn(services::moved::redirect))
}

/// The REST routes together with their description.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::with_openapi(Base::openapi())
        .merge(crate::accounts::rest::routes())
        .merge(crate::accounts::manage_rest::routes())
        .merge(of_services())
        .merge(crate::events::rest::routes())
        .merge(crate::jobs::rest::routes())
}

/// The OpenAPI document, pretty-printed.
pub fn document() -> Result<String, serde_json::Error> {
    let (_, mut spec) = routes().split_for_parts();
    spec::finish(&mut spec);
    spec.to_pretty_json()
}

/// The hub's own contract, as text and as people browse it.
pub struct OwnContract {
    pub text: String,
    outline: Outline,
    operations: Vec<OperationView>,
}

/// The generated document doesn't hold; found by a test before any release.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("the hub's own contract can't be written: {0}")]
    Write(#[from] serde_json::Error),
    #[error("the hub's own contract can't be read: {0}")]
    Read(#[from] contract::ReadError),
}

impl OwnContract {
    pub fn generate() -> Result<Self, Error> {
        let text = document()?;
        let document = contract::Document::read(text.as_bytes(), &contract::Limits::default())?;
        let operations = document.operations();
        let operations = operations.iter().filter_map(|operation| document.operation(&operation.key)).collect();
        Ok(Self { text, outline: document.outline(), operations })
    }
}

impl Reference for OwnContract {
    fn outline(&self) -> &Outline {
        &self.outline
    }

    fn operations(&self) -> &[OperationView] {
        &self.operations
    }
}

pub fn document_route() -> Router<App> {
    Router::new().route("/api/v1/openapi.json", get(openapi_json).layer(Limits::READ))
}

async fn openapi_json(State(app): State<App>) -> Response {
    json_text("application/json", app.reference.text.clone())
}
