//! What the hub's own contract has throughout, added to what the handlers' annotations say.
//!
//! Every handler's errors come out of the same layers, so they are described once here instead of at each handler, where
//! some would be forgotten. A status is declared where it can be answered; `default` stands for what any request may meet
//! (a hub that stops, a proxy that asks to wait, a defect).
//!
//! Types with parameters, such as a page of services, are unfolded by their derive. Where the unfolded text is that of a
//! component, it becomes a reference again: generated clients then have one type for one thing.

use shared::error::ApiError;
use std::collections::{BTreeMap, BTreeSet};
use utoipa::{
    ToSchema,
    openapi::{
        Components, Content, ContentBuilder, Header, Object, ObjectBuilder, OpenApi as Spec, Ref, RefOr, Response,
        ResponseBuilder, Schema, Type,
        path::{Operation, Parameter, ParameterIn},
        schema::{AdditionalProperties, ArrayItems, SchemaType},
    },
};

/// An error in the envelope.
#[derive(ToSchema)]
#[allow(dead_code, reason = "only its schema is used: what is sent is an `Envelope`")]
pub struct ErrorEnvelope {
    /// `false`: it failed.
    success: bool,
    #[schema(schema_with = null)]
    data: (),
    error: ApiError,
}

fn null() -> Object {
    ObjectBuilder::new().schema_type(Type::Null).description(Some("`null`: there is nothing.")).build()
}

/// Responses for errors: status, name of the component, and what they mean.
const ERRORS: [(&str, &str, &str); 12] = [
    ("400", "BadRequest", "The request can't be read: a header, a query parameter, the cursor, or the body"),
    ("401", "Unauthorized", "Nobody is signed in, or what was sent to prove it doesn't hold"),
    ("403", "Forbidden", "The role or the token's scope doesn't allow it, or another site's page sent it"),
    ("404", "NotFound", "There is no such thing"),
    ("409", "Conflict", "It is there already, or somebody was faster; the code says which"),
    ("412", "PreconditionFailed", "`If-Match` names another state than the present one: somebody was faster"),
    ("413", "TooLarge", "The body is larger than the hub takes"),
    ("415", "UnsupportedMediaType", "The body's media type isn't one that is read here"),
    ("422", "Invalid", "A value doesn't hold; `details` name the fields, or lines and columns of the document"),
    ("429", "TooManyRequests", "Too many requests; `Retry-After` says when to send it again"),
    (
        "503",
        "Unavailable",
        "The hub is busy, stopping, or out of reach of its database; `Retry-After` says when to try again",
    ),
    ("default", "Error", "Any other error; its code says which, and each code has one status"),
];

/// Completes the contract that the handlers describe.
pub fn finish(spec: &mut Spec) {
    for (path, item) in &mut spec.paths.paths {
        let reads = [&mut item.get].into_iter().map(|operation| (operation, false));
        let writes = [&mut item.post, &mut item.put, &mut item.patch, &mut item.delete];
        for (operation, writes) in reads.chain(writes.into_iter().map(|operation| (operation, true))) {
            if let Some(operation) = operation {
                declare_headers(operation, path.contains("{service}"), writes);
                declare_errors(path, operation, writes);
                operation.parameters.iter_mut().flatten().for_each(never_null);
            }
        }
    }
    let components = spec.components.get_or_insert_default();
    for (status, name, description) in ERRORS {
        components.responses.insert(name.to_owned(), RefOr::T(error(status, description)));
    }
    components.schemas.values_mut().for_each(describe_tags);
    fold(spec);
}

/// A parameter is there or it isn't: outside of JSON there is no `null`, which the derive takes an `Option` for.
fn never_null(parameter: &mut RefOr<Parameter>) {
    if let RefOr::T(parameter) = parameter
        && let Some(RefOr::T(Schema::Object(schema))) = &mut parameter.schema
        && let SchemaType::Array(types) = &mut schema.schema_type
    {
        types.retain(|kind| *kind != Type::Null);
        if let [kind] = &types[..] {
            schema.schema_type = SchemaType::Type(kind.clone());
        }
    }
}

/// Declares the headers of successes, and that a read that a client has already is answered without a body.
fn declare_headers(operation: &mut Operation, of_service: bool, writes: bool) {
    let responses = &mut operation.responses.responses;
    for (status, response) in responses.iter_mut() {
        let RefOr::T(response) = response else { continue };
        response.headers.insert("X-Trace-Id".to_owned(), RefOr::T(trace_id()));
        for (name, header) in rate_limit() {
            response.headers.insert(name.to_owned(), RefOr::T(header));
        }
        match (status.as_str(), writes) {
            ("201", _) => {
                let header = header("Where the new thing is", true);
                response.headers.insert("Location".to_owned(), RefOr::T(header));
            }
            // A stream has none.
            ("200", false) => {
                let has = !response.content.contains_key("text/event-stream");
                response.headers.insert("ETag".to_owned(), RefOr::T(header("Send it as `If-None-Match`", has)));
            }
            _ => {}
        }
    }
    if of_service {
        let mut moved = error("308", "The service has another name now: the same address with it is in `Location`");
        moved.headers.insert("Location".to_owned(), RefOr::T(header("The address with the name of today", true)));
        responses.insert("308".to_owned(), moved.into());
    }
    if !writes && responses.contains_key("200") {
        let unchanged = ResponseBuilder::new()
            .description("It is what `If-None-Match` names")
            .header("ETag", header("Send it as `If-None-Match`", true))
            .header("X-Trace-Id", trace_id());
        responses.insert("304".to_owned(), unchanged.into());
    }
}

/// There unless the hub has no limit.
fn rate_limit() -> [(&'static str, Header); 2] {
    [
        (
            "RateLimit",
            header("What is left of the sender's allowance (`r`), and in how many seconds it is whole (`t`)", false),
        ),
        ("RateLimit-Policy", header("The sender's allowance (`q`) for so many seconds (`w`)", false)),
    ]
}

fn trace_id() -> Header {
    header("The W3C trace id of the request, by which the log finds it", true)
}

fn header(description: &str, required: bool) -> Header {
    let mut header = Header::new(Object::with_type(Type::String));
    header.description = Some(description.to_owned());
    // utoipa's type has no member for it.
    header.extensions = required.then(|| [("required", true)].into_iter().collect());
    header
}

/// The member that tells alternatives apart comes without a description from its derive.
fn describe_tags(schema: &mut RefOr<Schema>) {
    let RefOr::T(Schema::OneOf(of)) = schema else { return };
    for part in &mut of.items {
        let RefOr::T(Schema::Object(object)) = part else { continue };
        for property in object.properties.values_mut() {
            if let RefOr::T(Schema::Object(tag)) = property
                && tag.enum_values.as_ref().is_some_and(|values| values.len() == 1)
            {
                tag.description.get_or_insert_with(|| "Which of the alternatives it is.".to_owned());
            }
        }
    }
}

/// Declares the errors that an operation may answer with.
fn declare_errors(path: &str, operation: &mut Operation, writes: bool) {
    let id = operation.operation_id.as_deref().unwrap_or_default();
    let secured = operation.security.is_none();
    let queried = operation
        .parameters
        .iter()
        .flatten()
        .any(|parameter| matches!(parameter, RefOr::T(parameter) if parameter.parameter_in == ParameterIn::Query));
    let sends = operation.request_body.is_some();
    let conditional = operation
        .parameters
        .iter()
        .flatten()
        .any(|parameter| matches!(parameter, RefOr::T(parameter) if parameter.name == "If-Match"));
    let declared: BTreeSet<String> = operation.responses.responses.keys().cloned().collect();
    let declares = |status| declared.contains(status);
    let answers = |status| match status {
        // Who is known may ask who they are.
        "403" => writes || (secured && id != "me"),
        "404" => path.contains('{'),
        // Declared with the handler, which knows whether there can be one.
        "409" => declares("409"),
        "412" => conditional,
        "413" | "415" => sends,
        "422" => sends || queried,
        _ => true,
    };
    for (status, name, _) in ERRORS.iter().filter(|(status, ..)| answers(*status)) {
        let response = RefOr::Ref(Ref::from_response_name(*name));
        operation.responses.responses.insert((*status).to_owned(), response);
    }
}

fn error(status: &str, description: &str) -> Response {
    let content =
        |schema: &str| ContentBuilder::new().schema(Some(RefOr::<Schema>::Ref(Ref::from_schema_name(schema)))).build();
    let mut response = ResponseBuilder::new()
        .description(description)
        .content("application/json", content("ErrorEnvelope"))
        .content("application/problem+json", content("Problem"))
        .header("X-Trace-Id", trace_id());
    if matches!(status, "429" | "503") {
        response = response.header("Retry-After", header("Seconds to wait before the next try", true));
    }
    if status == "429" {
        for (name, header) in rate_limit() {
            response = response.header(name, header);
        }
    }
    if status == "401" {
        response = response.header("WWW-Authenticate", header("`Bearer`: API tokens are taken beside sessions", true));
    }
    response.build()
}

/// Turns what a component says as well into a reference to it, and drops components that nothing refers to.
fn fold(spec: &mut Spec) {
    let components = spec.components.get_or_insert_default();
    let objects = components.schemas.iter().filter_map(|(name, schema)| match schema {
        RefOr::T(Schema::Object(object)) if !object.properties.is_empty() => {
            Some((name.clone(), Schema::Object(object.clone())))
        }
        _ => None,
    });
    let mut folding = Folding { known: objects.collect(), used: BTreeSet::new() };
    for item in spec.paths.paths.values_mut() {
        let operations = [&mut item.get, &mut item.post, &mut item.put, &mut item.patch, &mut item.delete];
        for operation in operations.into_iter().flatten() {
            folding.operation(operation);
        }
    }
    folding.responses(components.responses.values_mut());
    loop {
        let before = folding.used.len();
        for (name, schema) in &mut components.schemas {
            if folding.used.contains(name) {
                folding.children(schema);
            }
        }
        if folding.used.len() == before {
            break;
        }
    }
    drop_unused(components, &folding.used);
}

fn drop_unused(components: &mut Components, used: &BTreeSet<String>) {
    components.schemas.retain(|name, _| used.contains(name));
}

struct Folding {
    known: BTreeMap<String, Schema>,
    /// Components that something refers to.
    used: BTreeSet<String>,
}

impl Folding {
    fn operation(&mut self, operation: &mut Operation) {
        for parameter in operation.parameters.iter_mut().flatten() {
            if let RefOr::T(parameter) = parameter
                && let Some(schema) = &mut parameter.schema
            {
                self.schema(schema);
            }
        }
        if let Some(RefOr::T(body)) = &mut operation.request_body {
            self.contents(body.content.values_mut());
        }
        self.responses(operation.responses.responses.values_mut());
    }

    fn responses<'a>(&mut self, responses: impl Iterator<Item = &'a mut RefOr<Response>>) {
        for response in responses {
            if let RefOr::T(response) = response {
                self.contents(response.content.values_mut());
            }
        }
    }

    fn contents<'a>(&mut self, contents: impl Iterator<Item = &'a mut RefOr<Content>>) {
        for content in contents {
            if let RefOr::T(content) = content
                && let Some(schema) = &mut content.schema
            {
                self.schema(schema);
            }
        }
    }

    fn schema(&mut self, schema: &mut RefOr<Schema>) {
        if let RefOr::T(written) = schema
            && let Some((name, _)) = self.known.iter().find(|(_, known)| *known == written)
        {
            *schema = RefOr::Ref(Ref::from_schema_name(name.clone()));
        }
        self.children(schema);
    }

    fn children(&mut self, schema: &mut RefOr<Schema>) {
        match schema {
            RefOr::Ref(reference) => {
                let name = reference.ref_location.rsplit('/').next().unwrap_or_default();
                self.used.insert(name.to_owned());
            }
            RefOr::T(Schema::Object(object)) => {
                object.properties.values_mut().for_each(|property| self.schema(property));
                if let Some(AdditionalProperties::RefOr(values)) = object.additional_properties.as_deref_mut() {
                    self.schema(values);
                }
            }
            RefOr::T(Schema::Array(array)) => {
                if let ArrayItems::RefOrSchema(items) = &mut array.items {
                    self.schema(items);
                }
            }
            RefOr::T(Schema::OneOf(of)) => of.items.iter_mut().for_each(|part| self.schema(part)),
            RefOr::T(Schema::AllOf(of)) => of.items.iter_mut().for_each(|part| self.schema(part)),
            RefOr::T(Schema::AnyOf(of)) => of.items.iter_mut().for_each(|part| self.schema(part)),
            _ => {}
        }
    }
}
