//! Edits of operations and of documents as a whole.

use super::super::{operation, parameter, path};

/// How a row's two snippets become documents.
#[derive(Clone, Copy)]
pub enum In {
    /// Members of the operation `POST /a/{id}`.
    Operation,
    /// Members of the path item.
    Path,
    /// A query parameter's schema.
    Parameter,
    /// Members of the document.
    Document,
}

pub type Row = (In, &'static str, &'static str, &'static str);

const SCHEMES: &str = "security: [{s: []}], paths: {}, components: {securitySchemes: {s: ";

pub const ROWS: &[Row] = &[
    // Operations
    (In::Path, "get: {responses: {}}", "post: {responses: {}}", "operation-removed operation-added"),
    (In::Path, "get: {deprecated: true}", "summary: s", "deprecated-operation-removed"),
    (In::Path, "get: {x-stability-level: alpha}", "summary: s", "unstable-operation-removed"),
    (In::Operation, "responses: {}", "responses: {}, deprecated: true", "operation-deprecated"),
    (In::Operation, "responses: {}, deprecated: true", "responses: {}", "operation-undeprecated"),
    (In::Operation, "operationId: a", "operationId: b", "operation-id-changed"),
    (In::Operation, "operationId: a", "responses: {}", "operation-id-changed"),
    (In::Operation, "tags: [a, b], summary: s, description: d", "tags: [b, a]", ""),
    (In::Operation, "tags: [a]", "tags: [b]", "operation-tags-changed"),
    // Servers of an operation's own
    (In::Operation, "servers: [{url: /a/}]", "servers: [{url: /a}]", ""),
    (In::Operation, "servers: [{url: /a}]", "servers: [{url: /b}]", "server-added server-removed"),
    (In::Operation, "responses: {}", "servers: [{url: /b}], responses: {}", "server-added server-removed"),
    (
        In::Operation,
        "servers: [{url: '/{v}', variables: {v: {default: a, enum: [a, b]}}}]",
        "servers: [{url: '/{v}', variables: {v: {default: b, enum: [b, c]}}}]",
        "server-variable-changed server-variable-changed",
    ),
    (
        In::Operation,
        "servers: [{url: '/{v}', variables: {v: {default: a, enum: [a]}}}]",
        "servers: [{url: '/{v}', variables: {v: {default: a}}}]",
        "server-variable-changed@safe",
    ),
    // Defaults, where a parameter can be left out
    (
        In::Operation,
        "parameters: [{name: q, in: query, schema: {type: integer, default: 1}}]",
        "parameters: [{name: q, in: query, schema: {type: integer}}]",
        "parameter-default-changed",
    ),
    (
        In::Operation,
        "parameters: [{name: q, in: query, schema: {type: integer}}]",
        "parameters: [{name: q, in: query, schema: {type: integer, default: 2}}]",
        "parameter-default-changed@risky",
    ),
    (
        In::Operation,
        "parameters: [{name: q, in: query, required: true, schema: {type: integer, default: 1}}]",
        "parameters: [{name: q, in: query, required: true, schema: {type: integer, default: 2}}]",
        "parameter-default-changed@safe",
    ),
    (
        In::Operation,
        "parameters: [{name: q, in: query, content: {application/json: {schema: {type: string}}}}]",
        "parameters: [{name: q, in: query, content: {application/json: {schema: {type: integer}}}}]",
        "request-type-changed",
    ),
    (
        In::Operation,
        "parameters: [{name: q, in: query, schema: {type: array, items: {type: string}}, explode: true}]",
        "parameters: [{name: q, in: query, schema: {type: array, items: {type: string}}, explode: false}]",
        "parameter-serialization-changed",
    ),
    (
        In::Operation,
        "parameters: [{name: q, in: query, allowReserved: true}]",
        "parameters: [{name: q, in: query}]",
        "parameter-characters-restricted",
    ),
    (
        In::Operation,
        "parameters: [{name: q, in: query, allowReserved: true}]",
        "parameters: [{name: q, in: query, allowEmptyValue: true}]",
        "parameter-characters-allowed parameter-characters-restricted",
    ),
    // What all operations of a path share
    (
        In::Path,
        "parameters: [{name: q, in: query, schema: {type: string}}], get: {}",
        "parameters: [{name: q, in: query, schema: {type: integer}}], get: {}",
        "request-type-narrowed",
    ),
    // Bodies of text: a number may become text, and not the other way around.
    (
        In::Operation,
        "requestBody: {content: {application/xml: {schema: {type: object}}}}",
        "requestBody: {content: {application/xml: {schema: {type: string}}}}",
        "request-type-widened",
    ),
    (
        In::Operation,
        "requestBody: {content: {application/x-www-form-urlencoded: {schema: {properties: {a: {type: integer}}}}}}",
        "requestBody: {content: {application/x-www-form-urlencoded: {schema: {properties: {a: {type: string}}}}}}",
        "request-type-widened",
    ),
    (
        In::Operation,
        "requestBody: {content: {multipart/form-data: {schema: {properties: {a: {properties: {b: {type: integer}}}}}}}}",
        "requestBody: {content: {multipart/form-data: {schema: {properties: {a: {properties: {b: {type: string}}}}}}}}",
        "request-type-changed",
    ),
    // A range that is taken covers the media types in it.
    (
        In::Operation,
        "requestBody: {content: {application/json: {schema: {type: string}}}}",
        "requestBody: {content: {application/*: {schema: {type: string}}}}",
        "request-media-type-added",
    ),
    (
        In::Operation,
        "requestBody: {content: {application/json; v=1: {schema: {type: string}}}}",
        "requestBody: {content: {application/json: {schema: {type: integer}}}}",
        "request-media-type-added request-type-changed",
    ),
    (In::Operation, "requestBody: {content: {a/b: {schema: {}}}}", "requestBody: {content: {a/b: {}}}", ""),
    (In::Operation, "requestBody: {content: {a/b: {schema: true}}}", "requestBody: {content: {a/b: {}}}", ""),
    // A status that its range or the default described
    (
        In::Operation,
        "responses: {4XX: {content: {a/b: {schema: {type: string}}}}}",
        "responses: {4XX: {content: {a/b: {schema: {type: string}}}}, 404: {content: {a/b: {schema: {type: integer}}}}}",
        "response-added response-type-changed",
    ),
    (
        In::Operation,
        "responses: {default: {content: {a/b: {schema: {type: string}}}}}",
        "responses: {4XX: {content: {a/b: {schema: {type: string}}}}, default: {content: {a/b: {schema: {type: string}}}}}",
        "response-added",
    ),
    // Headers and links
    (
        In::Operation,
        "responses: {200: {headers: {X-A: {schema: {type: object}}}}}",
        "responses: {200: {headers: {X-A: {explode: true, schema: {type: object}}}}}",
        "response-header-serialization-changed",
    ),
    // Null can't be sent in a header.
    (
        In::Operation,
        "responses: {200: {headers: {X-A: {schema: {type: string}}}}}",
        "responses: {200: {headers: {X-A: {explode: true, schema: {type: [string, 'null']}}}}}",
        "",
    ),
    (
        In::Operation,
        "responses: {200: {links: {a: {operationId: x, description: d}, b: {operationId: x}, c: {operationId: x}}}}",
        "responses: {200: {links: {a: {operationId: x, description: e}, b: {operationId: y}, d: {operationId: x}}}}",
        "response-link-added response-link-changed response-link-removed",
    ),
    // Parameters
    (In::Operation, "parameters: []", "parameters: [{name: q, in: query, required: true}]", "required-parameter-added"),
    (In::Operation, "parameters: []", "parameters: [{name: q, in: query}]", "optional-parameter-added"),
    (In::Operation, "parameters: [{name: q, in: query}]", "parameters: []", "parameter-removed"),
    (
        In::Operation,
        "parameters: [{name: q, in: query}]",
        "parameters: [{name: q, in: header}]",
        "parameter-moved@risky",
    ),
    (In::Operation, "parameters: [{name: X-A, in: header}]", "parameters: [{name: x-a, in: header}]", ""),
    (In::Operation, "parameters: [{name: Accept, in: header}]", "parameters: []", ""),
    (
        In::Operation,
        "parameters: [{name: q, in: query}]",
        "parameters: [{name: q, in: query, required: true}]",
        "parameter-became-required",
    ),
    (
        In::Operation,
        "parameters: [{name: q, in: query, required: true}]",
        "parameters: [{name: q, in: query}]",
        "parameter-became-optional",
    ),
    (
        In::Operation,
        "parameters: [{name: q, in: query}]",
        "parameters: [{name: q, in: query, deprecated: true}]",
        "parameter-deprecated",
    ),
    (
        In::Operation,
        "parameters: [{name: q, in: query, deprecated: true}]",
        "parameters: [{name: q, in: query}]",
        "parameter-undeprecated",
    ),
    (
        In::Operation,
        "parameters: [{name: q, in: query, allowReserved: true}]",
        "parameters: [{name: q, in: query}]",
        "parameter-characters-restricted",
    ),
    (
        In::Operation,
        "parameters: [{name: q, in: query, schema: {type: array}}]",
        "parameters: [{name: q, in: query, explode: false, schema: {type: array}}]",
        "parameter-serialization-changed",
    ),
    (
        In::Operation,
        "parameters: [{name: q, in: query, schema: {type: string}}]",
        "parameters: [{name: q, in: query, style: form, explode: false, schema: {type: string}}]",
        "",
    ),
    (
        In::Operation,
        "parameters: [{name: q, in: query, schema: {type: object}}]",
        "parameters: [{name: q, in: query, content: {application/json: {schema: {type: object}}}}]",
        "parameter-serialization-changed",
    ),
    (
        In::Operation,
        "parameters: [{name: q, in: query}]",
        "parameters: [{name: q, in: query, schema: {type: string}}]",
        "request-schema-added@risky",
    ),
    (In::Parameter, "{type: string, default: a}", "{type: string, default: b}", "parameter-default-changed"),
    (In::Parameter, "{type: string}", "{type: string, default: b}", "parameter-default-changed@risky"),
    // In a URL everything is text.
    (In::Parameter, "{type: integer}", "{type: string}", "request-type-widened"),
    (In::Parameter, "{type: string}", "{type: integer}", "request-type-narrowed"),
    (In::Parameter, "{type: string}", "{type: array, items: {type: string}}", "request-type-widened"),
    (
        In::Path,
        "parameters: [{name: q, in: query, schema: {type: string}}], post: {}",
        "post: {parameters: [{name: q, in: query, schema: {type: boolean}}]}",
        "request-type-narrowed",
    ),
    // Bodies
    (In::Operation, "responses: {}", "requestBody: {content: {}, required: true}", "required-request-body-added"),
    (In::Operation, "responses: {}", "requestBody: {content: {}}", "optional-request-body-added"),
    (In::Operation, "requestBody: {content: {}}", "responses: {}", "request-body-removed"),
    (
        In::Operation,
        "requestBody: {content: {}}",
        "requestBody: {content: {}, required: true}",
        "request-body-became-required",
    ),
    (
        In::Operation,
        "requestBody: {content: {}, required: true}",
        "requestBody: {content: {}}",
        "request-body-became-optional",
    ),
    (
        In::Operation,
        "requestBody: {content: {a/b: {}}}",
        "requestBody: {content: {c/d: {}}}",
        "request-media-type-removed request-media-type-added",
    ),
    (
        In::Operation,
        "requestBody: {content: {'Text/CSV; header=present;charset=UTF-8': {}}}",
        "requestBody: {content: {'text/csv;HEADER=present': {}}}",
        "",
    ),
    (
        In::Operation,
        "requestBody: {content: {a/b: {schema: {type: string}}}}",
        "requestBody: {content: {a/b: {}}}",
        "request-schema-removed",
    ),
    (
        In::Operation,
        "requestBody: {content: {multipart/form-data: {encoding: {p: {contentType: a/b}}}}}",
        "requestBody: {content: {multipart/form-data: {encoding: {p: {contentType: c/d}}}}}",
        "request-part-media-type-removed",
    ),
    (
        In::Operation,
        "requestBody: {content: {application/x-www-form-urlencoded: {encoding: {p: {contentType: a/b}}}}}",
        "requestBody: {content: {application/x-www-form-urlencoded: {encoding: {p: {contentType: c/d}}}}}",
        "encoding-changed",
    ),
    (
        In::Operation,
        "requestBody: {content: {text/xml: {schema: {properties: {p: {type: string}}}}}}",
        "requestBody: {content: {text/xml: {schema: {properties: {p: {type: string, xml: {name: q}}}}}}}",
        "request-xml-changed",
    ),
    (
        In::Operation,
        "responses: {200: {content: {a/b+xml: {schema: {type: object, xml: {namespace: 'https://a'}}}}}}",
        "responses: {200: {content: {a/b+xml: {schema: {type: object, xml: {namespace: 'https://b'}}}}}}",
        "response-xml-changed",
    ),
    // Responses
    (In::Operation, "responses: {200: {}}", "responses: {200: {}, 201: {}}", "success-response-added"),
    (In::Operation, "responses: {200: {}, 201: {}}", "responses: {200: {}}", "success-response-removed"),
    (In::Operation, "responses: {200: {}}", "responses: {200: {}, 429: {}}", "response-added"),
    (In::Operation, "responses: {404: {}}", "responses: {}", "response-removed"),
    (
        In::Operation,
        "responses: {404: {}, 200: {}}",
        "responses: {4XX: {}, 2xx: {}}",
        "response-added success-response-added",
    ),
    (
        In::Operation,
        "responses: {200: {content: {a/b: {}}}}",
        "responses: {200: {content: {c/d: {}}}}",
        "response-media-type-removed response-media-type-added",
    ),
    (
        In::Operation,
        "responses: {200: {content: {application/json: {schema: {type: string}}}}}",
        "responses: {200: {content: {application/hal+json: {schema: {type: integer}}}}}",
        "response-media-type-specialized response-type-changed",
    ),
    (
        In::Operation,
        "responses: {200: {content: {a/b: {}}}}",
        "responses: {200: {content: {a/b: {schema: {type: string}}}}}",
        "response-schema-added",
    ),
    (
        In::Operation,
        "responses: {200: {content: {a/b: {schema: {type: string}}}}}",
        "responses: {200: {content: {a/b: {}}}}",
        "response-schema-removed",
    ),
    (In::Operation, "responses: {200: {}}", "responses: {200: {headers: {A: {}}}}", "response-header-added"),
    (In::Operation, "responses: {200: {headers: {A: {}}}}", "responses: {200: {}}", "response-header-removed"),
    (
        In::Operation,
        "responses: {200: {headers: {A: {}, B: {deprecated: true}}}}",
        "responses: {200: {headers: {A: {deprecated: true}, B: {}}}}",
        "response-header-deprecated response-header-undeprecated",
    ),
    (
        In::Operation,
        "responses: {200: {headers: {A: {required: true}}}}",
        "responses: {200: {}}",
        "response-required-header-removed",
    ),
    (
        In::Operation,
        "responses: {200: {headers: {A: {required: true}}}}",
        "responses: {200: {headers: {a: {}}}}",
        "response-header-became-optional",
    ),
    (
        In::Operation,
        "responses: {200: {headers: {A: {}}}}",
        "responses: {200: {headers: {A: {required: true}}}}",
        "response-header-became-required",
    ),
    (
        In::Operation,
        "responses: {200: {headers: {A: {schema: {type: integer}}}}}",
        "responses: {200: {headers: {A: {schema: {type: string}}}}}",
        "response-type-widened",
    ),
    // Security
    (In::Operation, "security: []", "security: [{a: []}]", "security-added"),
    (In::Operation, "security: [{a: []}]", "security: []", "security-removed"),
    (In::Operation, "security: [{a: []}]", "security: [{a: []}, {b: []}]", "security-alternative-added"),
    (In::Operation, "security: [{a: []}, {b: []}]", "security: [{b: []}]", "security-alternative-removed"),
    (In::Operation, "security: [{a: [r]}]", "security: [{a: [r, w]}]", "security-alternative-removed"),
    (In::Operation, "security: [{a: [r, w]}]", "security: [{a: [r]}]", "security-alternative-added"),
    (
        In::Document,
        "{type: apiKey, in: header, name: A}",
        "{type: apiKey, in: query, name: A}",
        "security-scheme-changed",
    ),
    (
        In::Document,
        "{type: oauth2, flows: {implicit: {authorizationUrl: a, scopes: {r: x}}}}",
        "{type: oauth2, flows: {implicit: {authorizationUrl: b, scopes: {w: x}}}}",
        "security-flow-changed security-scope-added security-scope-removed",
    ),
    // Callbacks: the service sends the request, so what widens hurts.
    (
        In::Operation,
        "callbacks: {c: {x: {post: {requestBody: {content: {a/b: {schema: {type: integer}}}}}}}}",
        "callbacks: {c: {x: {post: {requestBody: {content: {a/b: {schema: {type: number}}}}}}}}",
        "response-type-widened",
    ),
    (
        In::Operation,
        "callbacks: {c: {x: {post: {requestBody: {required: true, content: {}}, responses: {200: {}}}}}}",
        "callbacks: {c: {x: {post: {requestBody: {content: {}}, responses: {200: {}, 204: {}}}}}}",
        "request-body-became-optional@breaking success-response-added@safe",
    ),
    (
        In::Operation,
        "callbacks: {c: {x: {post: {requestBody: {content: {}}}, put: {}}}}",
        "callbacks: {c: {x: {post: {requestBody: {required: true, content: {}}}, put: {requestBody: {required: true}}}}}",
        "request-body-became-required@safe required-request-body-added@safe",
    ),
    (
        In::Operation,
        "callbacks: {c: {x: {post: {requestBody: {content: {}}}}}}",
        "callbacks: {c: {x: {post: {}}}}",
        "request-body-removed",
    ),
    (In::Operation, "callbacks: {c: {x: {}}}", "callbacks: {d: {x: {}}}", "callback-added callback-removed"),
];

pub fn build(place: In, snippet: &str) -> String {
    match place {
        In::Operation => operation(snippet),
        In::Path => path(snippet),
        In::Parameter => parameter(snippet),
        In::Document => format!("{{openapi: 3.1.0, info: {{title: T, version: '1'}}, {SCHEMES}{snippet}}}}}}}"),
    }
}

/// Whole documents.
pub const DOCUMENTS: &[(&str, &str, &str)] = &[
    ("paths: {}\nservers: [{url: a}]", "paths: {}\nservers: [{url: b}]", "server-added server-removed"),
    (
        "paths: {/a: {get: {}}}\nservers: [{url: a}]",
        "paths: {/b: {get: {}}}\nservers: [{url: b}]",
        "operation-added operation-removed server-added server-removed",
    ),
    ("webhooks: {a: {}}", "webhooks: {b: {}}", "webhook-added webhook-removed"),
    ("paths: {}", "paths: {}\njsonSchemaDialect: 'http://json-schema.org/draft-07/schema#'", "schema-dialect-changed"),
    ("paths: {}", "paths: {}\njsonSchemaDialect: 'https://spec.openapis.org/oas/3.1/dialect/base'", ""),
    (
        "paths: {}\ncomponents: {securitySchemes: {a: {type: http, scheme: basic, deprecated: true}}}",
        "paths: {}\ncomponents: {securitySchemes: {a: {type: http, scheme: basic}}}",
        "security-scheme-undeprecated",
    ),
    (
        "paths: {}\ncomponents: {securitySchemes: {a: {type: http, scheme: basic}}}",
        "paths: {}\ncomponents: {securitySchemes: {a: {type: http, scheme: basic, deprecated: true}}}",
        "security-scheme-deprecated",
    ),
    (
        "webhooks: {a: {post: {requestBody: {content: {a/b: {schema: {type: string}}}}}}}",
        "webhooks: {a: {post: {requestBody: {content: {a/b: {schema: {type: [string, 'null']}}}}}}}",
        "response-became-nullable",
    ),
    // Another name for a path's parameter, in either place, is no difference.
    (
        "paths: {'/a/{x}/b/{y}': {get: {parameters: [{name: x, in: path, required: true, schema: {type: string}}]}}}",
        "paths: {'/a/{z}/b/{y}': {get: {parameters: [{name: z, in: path, required: true, schema: {type: string}}]}}}",
        "",
    ),
    // The document's own requirement holds where an operation has none, and a renamed scheme is the same scheme.
    (
        "security: [{k: []}]\npaths: {/a: {get: {}}}\ncomponents: {securitySchemes: {k: {type: http, scheme: bearer}}}",
        "paths: {/a: {get: {security: [{l: []}]}}}\ncomponents: {securitySchemes: {l: {type: http, scheme: Bearer}}}",
        "",
    ),
];
