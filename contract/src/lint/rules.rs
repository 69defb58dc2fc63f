//! Every practice that lint looks for, in one table.
//!
//! A rule is named by what is wrong. Its severity says how much it matters to those who use the contract, its weight how
//! much it counts in the score: 3 for what makes a contract wrong or unsafe to use, 2 for what its users will miss, 1
//! for what is good to have.

use shared::lint::Severity;

/// One practice of a good contract, by how it is broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LintRule {
    /// Stable, in kebab-case.
    pub id: &'static str,
    pub severity: Severity,
    /// What is wrong, in a few words.
    pub title: &'static str,
    /// Who feels it, and how.
    pub why: &'static str,
    /// How to fix it.
    pub how: &'static str,
}

/// How much a rule of this severity counts in the score.
pub(super) const fn weight(severity: Severity) -> u32 {
    match severity {
        Severity::Hint => 1,
        Severity::Warning => 2,
        Severity::Error => 3,
    }
}

macro_rules! rules {
    ($($name:ident = $id:literal $severity:ident $title:literal $why:literal $how:literal)+) => {
        /// A rule, by its place in the table.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(super) enum LintRuleId {
            $($name,)+
        }

        /// The table, in the order of a document: paths, operations, requests, responses, security, the document.
        pub const LINT_RULES: &[LintRule] = &[
            $(LintRule { id: $id, severity: Severity::$severity, title: $title, why: $why, how: $how },)+
        ];
    };
}

rules! {
    PathCase = "path-not-kebab-case" Warning
        "A path isn't in kebab-case"
        "People type paths and read them in logs; where some have `_` and some have capitals, each must be looked up."
        "Write the words of a path in small letters, joined by hyphens: `/payment-methods`. An old path can stay as a deprecated one."
    PathVerb = "path-with-verb" Warning
        "A path says what is done"
        "The method says what is done. A verb in the path as well makes a second vocabulary, which every resource spells differently."
        "Name the thing, and let the method act on it: `POST /orders` instead of `POST /create-order`."
    PathSingular = "path-collection-singular" Hint
        "A collection is named in the singular"
        "With `/order/{id}` beside `/customers/{id}` nobody can guess the address of the next one."
        "Name collections in the plural: `/orders/{orderId}`."
    PathSlash = "path-trailing-slash" Warning
        "A path ends with a slash"
        "With and without the slash are two addresses; clients get one of them wrong, and lose their body in a redirect."
        "Leave the slash at the end away."
    PathAmbiguous = "path-ambiguous" Error
        "Two paths differ by the names of their parameters only"
        "Which of the two is called can't be told by any address (OpenAPI 3.1.0, Paths Object), and tools pick one or refuse the document."
        "Join the two, or tell them apart by a segment: `/users/{userId}` and `/users/by-name/{name}`."
    VersionMissing = "api-version-missing" Warning
        "The API's version is in no address"
        "When the contract has to break one day, old and new clients can't be told apart."
        "Put the major version into the server's URL or the paths: `/v1`. A parameter or header such as `Api-Version` will do as well."
    ServerPlain = "server-not-https" Error
        "A server is reached without TLS"
        "Anyone on the network path can read and change what is sent, credentials included."
        "Serve it by `https`. Servers on localhost may do without."
    OperationIdMissing = "operation-id-missing" Warning
        "An operation has no operationId"
        "Generated clients name their methods by it; without, they make up names, which change when the path does."
        "Give it a short id that says what it does, such as `listOrders`, and keep it."
    OperationUndescribed = "operation-undescribed" Warning
        "An operation has neither summary nor description"
        "Those who read the contract have to guess from method and path what it does."
        "Add a `summary` of a few words, and a `description` where there is more to say."
    ParameterUndescribed = "parameter-undescribed" Hint
        "A parameter has no description"
        "Its name alone doesn't tell what it means, in which unit, or what its absence means."
        "Add a `description` to the parameter or to its schema."
    PropertyUndescribed = "property-undescribed" Hint
        "A property has no description"
        "Its name alone doesn't tell what it means, in which unit, or when it is there."
        "Add a `description` to the property, or to the schema that it refers to."
    TagUndeclared = "tag-undeclared" Hint
        "A tag is used and not declared"
        "References group operations by tags, in the order in which they are declared and with what is said about them there."
        "List it in the document's `tags`, with a description."
    PathParameterUndeclared = "path-parameter-undeclared" Error
        "A path has a parameter that isn't declared"
        "Generated clients leave the braces in the address: every call fails."
        "Add it to the `parameters` of the operation or the path, `in: path` and `required: true`."
    PathParameterUnused = "path-parameter-unused" Error
        "A path parameter isn't in the path"
        "Clients must give a value that goes nowhere; most often a name is misspelled."
        "Give it the name that stands in the path, or remove it."
    ReadWithBody = "read-with-request-body" Error
        "A read has a request body"
        "A body has no meaning in GET and HEAD (RFC 9110): browsers can't send it, and caches and proxies drop it."
        "Use query parameters, or POST to a resource of searches."
    StringUnbounded = "request-string-unbounded" Warning
        "A string in a request has no bound"
        "Every service has a longest text that it takes. Where the contract doesn't say it, clients meet it as an error, and a hostile one as an invitation."
        "Add `maxLength`, or say more with `pattern`, `enum` or `format`."
    ArrayUnbounded = "request-array-unbounded" Warning
        "A list in a request has no bound"
        "Every service has a longest list that it takes. Where the contract doesn't say it, clients meet it as an error, and a hostile one as an invitation."
        "Add `maxItems`."
    SuccessMissing = "success-response-missing" Error
        "An operation has no response for success"
        "Generated clients return nothing, since nothing says what comes back."
        "Describe the response with the 2xx (or 3xx) status that it has."
    ResponseUntyped = "response-without-schema" Warning
        "A JSON response has no schema"
        "Clients get a value of any type, and nobody notices when it changes."
        "Add a `schema` that says what the response holds."
    ErrorBody = "error-body-missing" Warning
        "An error has no body"
        "A status alone doesn't tell people what to do, or programs which of several reasons it was."
        "Describe the body of the error by a shared schema, or by problem details (RFC 9457, `application/problem+json`)."
    ErrorBodies = "error-bodies-differ" Warning
        "An error has a body of its own"
        "Clients need one place that reads errors, and get one for each operation."
        "Use one error schema throughout, or problem details (RFC 9457, `application/problem+json`)."
    Status401 = "response-401-missing" Warning
        "A secured operation doesn't declare 401"
        "Credentials expire: every client meets this answer, and one that doesn't expect it logs nobody in again. A `default` says what an error looks like, not that this one comes."
        "Declare 401 (or `4XX`), by a shared response in `components`."
    Status403 = "response-403-missing" Hint
        "A secured write, or read of one thing, doesn't declare 403"
        "Those who are known and may not do it need another message than those who are unknown."
        "Declare 403 (or `4XX`), by a shared response in `components`."
    Status404 = "response-404-missing" Warning
        "An operation on one thing doesn't declare 404"
        "Things are deleted: every client meets this answer. A `default` says what an error looks like, not that this one comes."
        "Declare 404 (or `4XX`), by a shared response in `components`."
    Status429 = "response-429-missing" Hint
        "An operation doesn't say how it answers too many requests"
        "Every service has a limit, and so has every proxy before it. A client that isn't told treats being asked to wait as a defect, and tries again at once."
        "Declare 429 with `Retry-After`. A `4XX` or `default` response will do where the service itself has no limit: the limit may be another's on the way."
    Unpaginated = "list-not-paginated" Warning
        "A list comes whole"
        "Lists grow. One day the answer is too large for both sides, and pages can't be brought in without breaking clients."
        "Take `limit` and `cursor` (or a page number) from the start. A list that can't grow says so with `maxItems`."
    SecretInQuery = "secret-in-query" Error
        "A secret stands in the query"
        "URLs are stored in logs, histories and referrers: anyone who sees those has the secret."
        "Send it in a header, such as `Authorization`, or in the body."
    SecurityMissing = "security-missing" Error
        "A writing operation doesn't say who may call it"
        "Nothing tells a forgotten lock from an open door."
        "Set `security` for the document or the operation. What everyone may call, such as signing in, says so with `security: []`."
    SchemeUndefined = "security-scheme-undefined" Error
        "A security scheme isn't defined"
        "Nobody can know how to authenticate."
        "Define it under `components.securitySchemes`, or fix its name."
    ExampleInvalid = "example-invalid" Warning
        "An example doesn't fit its schema"
        "People copy examples, and mocks answer with them: it is the first thing that fails."
        "Fix the example, or the schema if the example is right."
    KeywordNoEffect = "keyword-without-effect" Warning
        "A keyword has no effect"
        "Who wrote it meant something, and validators, mocks and generated code do something else. Most are left over from another version of OpenAPI."
        "Write it in the words of the document's version, or remove it: since 3.1, null is a `type` and exclusive bounds are numbers; in 3.0, `nullable` adds null to the `type` beside it alone."
    ComponentUnused = "component-unused" Hint
        "A component isn't used"
        "Readers look for what uses it, and people who change it wonder whom that breaks."
        "Remove it, or refer to it."
    DescriptionMissing = "info-description-missing" Hint
        "The document doesn't say what the API is for"
        "It is the first thing that a newcomer reads."
        "Add `info.description`: what it offers, how to authenticate, how lists and errors work."
    ContactMissing = "info-contact-missing" Hint
        "The document names no contact"
        "Someone who finds a bug doesn't know whom to tell."
        "Add `info.contact` with a name and a URL or an address."
    LicenseMissing = "info-license-missing" Hint
        "The document names no licence"
        "Someone who generates a client doesn't know on which terms."
        "Add `info.license` with a name."
}

/// The rule with this id.
#[must_use]
pub fn find(id: &str) -> Option<&'static LintRule> {
    LINT_RULES.iter().find(|rule| rule.id == id)
}
