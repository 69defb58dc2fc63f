//! Rules about operations, parameters, bodies, responses, security and what surrounds them.

family! {
    from 0;

    OPERATION_ADDED = "operation-added" Safe None
        "An operation was added"
        "Nobody calls yet what did not exist."
        "No action is needed."
    OPERATION_REMOVED = "operation-removed" Breaking Request
        "An operation was removed"
        "Every client that calls it is answered with 404 or 405 from now on."
        "Mark it as deprecated first, wait until nobody calls it, then remove it."
    DEPRECATED_OPERATION_REMOVED = "deprecated-operation-removed" Risky None
        "A deprecated operation was removed"
        "Its clients were warned; the documents can't tell whether all of them have left."
        "Look at who still calls it before it goes."
    UNSTABLE_OPERATION_REMOVED = "unstable-operation-removed" Risky None
        "An operation that was not stable yet was removed"
        "Its `x-stability-level` said that it may go; the documents can't tell whether somebody calls it all the same."
        "Look at who still calls it before it goes."
    OPERATION_DEPRECATED = "operation-deprecated" Safe None
        "An operation was deprecated"
        "It still works; clients learn that they should leave it."
        "Say in its description what to use instead."
    OPERATION_UNDEPRECATED = "operation-undeprecated" Safe None
        "An operation is no longer deprecated"
        "It works as before."
        "No action is needed."
    OPERATION_ID_CHANGED = "operation-id-changed" Risky None
        "An operation has another operationId"
        "The wire doesn't show it, but generated clients name their methods by it."
        "Keep the id; it is a name that code depends on."
    OPERATION_TAGS_CHANGED = "operation-tags-changed" Safe None
        "An operation has other tags"
        "The wire doesn't show it; some generated clients group their methods by tags."
        "Keep the first tag where clients are generated."
    REQUIRED_PARAMETER_ADDED = "required-parameter-added" Breaking Request
        "A required parameter was added"
        "Every request that clients send today lacks it and is refused."
        "Add it as optional, with a default that means what its absence meant."
    OPTIONAL_PARAMETER_ADDED = "optional-parameter-added" Safe None
        "An optional parameter was added"
        "Requests without it mean what they meant."
        "Make sure that its absence keeps the old behaviour."
    PARAMETER_REMOVED = "parameter-removed" Risky None
        "A parameter was removed"
        "Clients that send it are ignored or refused, depending on the service; either way they no longer get what they asked for."
        "Mark it as deprecated first and keep taking it for a while."
    PARAMETER_MOVED = "parameter-moved" Breaking Parameter
        "A parameter moved to another place"
        "Clients send it where nobody looks any more."
        "Take it in both places until nobody uses the old one."
    PARAMETER_BECAME_REQUIRED = "parameter-became-required" Breaking Request
        "A parameter became required"
        "Requests without it were right and are refused now."
        "Keep it optional and give it a default."
    PARAMETER_BECAME_OPTIONAL = "parameter-became-optional" Safe None
        "A parameter became optional"
        "Clients that send it can go on."
        "No action is needed."
    PARAMETER_DEPRECATED = "parameter-deprecated" Safe None
        "A parameter was deprecated"
        "It still works; clients learn that they should stop sending it."
        "Say in its description what to use instead."
    PARAMETER_UNDEPRECATED = "parameter-undeprecated" Safe None
        "A parameter is no longer deprecated"
        "It works as before."
        "No action is needed."
    PARAMETER_CHARACTERS_RESTRICTED = "parameter-characters-restricted" Risky None
        "A parameter no longer takes empty values or reserved characters"
        "Clients that send such values may be refused; the documents can't tell whether any do."
        "Go on taking them."
    PARAMETER_CHARACTERS_ALLOWED = "parameter-characters-allowed" Safe None
        "A parameter takes empty values or reserved characters"
        "Clients may send more than they could."
        "No action is needed."
    PARAMETER_SERIALIZATION_CHANGED = "parameter-serialization-changed" Breaking Parameter
        "A parameter is written in another way"
        "Clients write it the old way, which the service reads as something else or not at all."
        "Take both spellings, or add a parameter with a new name."
    PARAMETER_DEFAULT_CHANGED = "parameter-default-changed" Breaking None
        "A parameter's default changed"
        "Clients that leave the parameter out get another behaviour without having changed anything."
        "Keep the default, or add a parameter with a new name."
    REQUIRED_REQUEST_BODY_ADDED = "required-request-body-added" Breaking Request
        "A required request body was added"
        "Clients send none and are refused."
        "Make it optional."
    OPTIONAL_REQUEST_BODY_ADDED = "optional-request-body-added" Safe None
        "An optional request body was added"
        "Requests without one mean what they meant."
        "No action is needed."
    REQUEST_BODY_REMOVED = "request-body-removed" Breaking None
        "The request body was removed"
        "What clients say in it is lost, or their requests are refused."
        "Go on taking it, and ignore it where it has no meaning any more."
    REQUEST_BODY_BECAME_REQUIRED = "request-body-became-required" Breaking Request
        "The request body became required"
        "Requests without a body were right and are refused now."
        "Keep it optional."
    REQUEST_BODY_BECAME_OPTIONAL = "request-body-became-optional" Safe None
        "The request body became optional"
        "Clients that send one can go on."
        "No action is needed."
    REQUEST_MEDIA_TYPE_REMOVED = "request-media-type-removed" Breaking RequestBody
        "A media type of the request was removed"
        "Clients that send it are refused with 415."
        "Go on taking it beside the new one."
    REQUEST_MEDIA_TYPE_ADDED = "request-media-type-added" Safe None
        "A media type of the request was added"
        "Clients may go on with the one they send."
        "No action is needed."
    REQUEST_PART_MEDIA_TYPE_REMOVED = "request-part-media-type-removed" Breaking Part
        "A part of a multipart request may no longer be sent as a media type"
        "What clients send as it is refused."
        "Go on accepting it beside the new one."
    RESPONSE_MEDIA_TYPE_REMOVED = "response-media-type-removed" Breaking ResponseMediaType
        "A media type of the response was removed"
        "Clients that ask for it or can only read it get 406 or something they can't read."
        "Go on offering it beside the new one."
    REQUEST_XML_CHANGED = "request-xml-changed" Breaking Xml
        "A value of requests is written in XML in another way"
        "Elements and attributes that clients send are no longer found where they are looked for."
        "Take both for a while, or give the new form a media type of its own."
    RESPONSE_XML_CHANGED = "response-xml-changed" Breaking Xml
        "A value of responses is written in XML in another way"
        "Clients look for elements and attributes that are no longer there."
        "Keep the old form; or give the new one a media type of its own."
    RESPONSE_MEDIA_TYPE_SPECIALIZED = "response-media-type-specialized" Risky None
        "A media type of the response became a more specific one"
        "Its structure is the same (RFC 6839), but clients that compare the media type by its name no longer know it."
        "Go on offering the general one to clients that ask for it."
    RESPONSE_MEDIA_TYPE_ADDED = "response-media-type-added" Safe None
        "A media type of the response was added"
        "Clients that ask for the old one still get it."
        "Keep the old one as the default where a client doesn't ask."
    REQUEST_SCHEMA_ADDED = "request-schema-added" Breaking RequestSchema
        "What could be anything has a schema now"
        "Values that were allowed may be refused."
        "Describe what was always taken, nothing less."
    REQUEST_SCHEMA_REMOVED = "request-schema-removed" Safe Constraint
        "A request's schema was removed"
        "What clients send is still allowed."
        "Clients lose the description; keep it if it still holds."
    RESPONSE_SCHEMA_ADDED = "response-schema-added" Safe Constraint
        "A response got a schema"
        "Clients that expected anything can read it."
        "No action is needed."
    RESPONSE_SCHEMA_REMOVED = "response-schema-removed" Breaking Constraint
        "A response's schema was removed"
        "Clients were promised a shape and are promised nothing now."
        "Keep the description if it still holds."
    ENCODING_CHANGED = "encoding-changed" Risky None
        "Parts of a body are encoded in another way"
        "Who writes the old encoding may not be understood; it depends on the reader."
        "Take both encodings."
    SUCCESS_RESPONSE_ADDED = "success-response-added" Risky None
        "A success status was added"
        "Clients that only know the old one may take the new one for a failure, or read its body wrongly."
        "Send it only to clients that ask for the new behaviour."
    SUCCESS_RESPONSE_REMOVED = "success-response-removed" Breaking Status
        "A success status was removed"
        "Clients wait for an answer that never comes, and get one that they don't know."
        "Keep answering with it."
    RESPONSE_ADDED = "response-added" Safe None
        "A status that isn't a success was added"
        "Clients handle unknown failures by their class."
        "Use a status of the class that clients already handle."
    RESPONSE_REMOVED = "response-removed" Safe Status
        "A status that isn't a success was removed"
        "Clients that handle it wait for something that no longer happens."
        "No action is needed."
    RESPONSE_HEADER_ADDED = "response-header-added" Safe None
        "A response header was added"
        "Clients ignore headers that they don't know."
        "No action is needed."
    RESPONSE_HEADER_REMOVED = "response-header-removed" Risky None
        "An optional response header was removed"
        "It was never promised, but clients may use it where it is there."
        "Go on sending it for a while."
    RESPONSE_REQUIRED_HEADER_REMOVED = "response-required-header-removed" Breaking ResponseHeader
        "A required response header was removed"
        "Clients were promised that it is there and read it without asking."
        "Make it optional first, and wait until clients can do without."
    RESPONSE_HEADER_BECAME_OPTIONAL = "response-header-became-optional" Breaking ResponseHeader
        "A response header became optional"
        "Clients were promised that it is there and read it without asking."
        "Go on sending it always."
    RESPONSE_HEADER_BECAME_REQUIRED = "response-header-became-required" Safe None
        "A response header became required"
        "Clients that handle its absence no longer need to."
        "No action is needed."
    RESPONSE_HEADER_SERIALIZATION_CHANGED = "response-header-serialization-changed" Breaking None
        "A response header is written in another way"
        "Clients take it apart by the old way and get something else."
        "Send another header with the new way."
    RESPONSE_HEADER_DEPRECATED = "response-header-deprecated" Safe None
        "A response header was deprecated"
        "It is still sent; clients learn that they should stop reading it."
        "Say in its description what to read instead."
    RESPONSE_HEADER_UNDEPRECATED = "response-header-undeprecated" Safe None
        "A response header is no longer deprecated"
        "It is sent as before."
        "No action is needed."
    RESPONSE_LINK_ADDED = "response-link-added" Safe None
        "A link of a response was added"
        "Clients that don't follow it go on."
        "No action is needed."
    RESPONSE_LINK_REMOVED = "response-link-removed" Risky None
        "A link of a response was removed"
        "Clients that find the next operation by it find it no more; few do."
        "Keep the link as long as the operation that it leads to is there."
    RESPONSE_LINK_CHANGED = "response-link-changed" Risky None
        "A link of a response leads elsewhere"
        "Clients that follow it call another operation, or the same one with other values."
        "Add a link with a new name."
    SECURITY_ADDED = "security-added" Breaking Request
        "What was open needs authentication"
        "Clients without credentials are refused with 401."
        "Give clients their credentials first, and close the door when all of them use them."
    SECURITY_REMOVED = "security-removed" Safe None
        "What needed authentication is open"
        "Clients that authenticate may go on."
        "Make sure that it was meant."
    SECURITY_ALTERNATIVE_ADDED = "security-alternative-added" Safe None
        "Another way to authenticate was added"
        "Clients may go on with theirs."
        "No action is needed."
    SECURITY_ALTERNATIVE_REMOVED = "security-alternative-removed" Breaking Credentials
        "A way to authenticate no longer suffices"
        "Clients that use it are refused with 401 or 403."
        "Go on taking it beside the new one until nobody uses it."
    SECURITY_SCHEME_DEPRECATED = "security-scheme-deprecated" Safe None
        "A security scheme was deprecated"
        "It still lets in; clients learn that they should move to another."
        "Say in its description which one to use instead."
    SECURITY_SCHEME_UNDEPRECATED = "security-scheme-undeprecated" Safe None
        "A security scheme is no longer deprecated"
        "It lets in as before."
        "No action is needed."
    SECURITY_SCHEME_CHANGED = "security-scheme-changed" Breaking None
        "A security scheme changed"
        "Clients present their credentials the old way, where nobody looks any more."
        "Add a scheme with a new name and take both."
    SECURITY_FLOW_CHANGED = "security-flow-changed" Risky None
        "An OAuth flow changed"
        "Clients that have the old address or flow built in can't get tokens; those that look it up can."
        "Keep the old address answering."
    SECURITY_SCOPE_ADDED = "security-scope-added" Safe None
        "An OAuth scope was added"
        "Nobody needs it until an operation asks for it."
        "No action is needed."
    SECURITY_SCOPE_REMOVED = "security-scope-removed" Risky None
        "An OAuth scope was removed"
        "Clients that ask for it may be refused a token."
        "Go on granting it, even where it has no meaning any more."
    SERVER_ADDED = "server-added" Safe None
        "A server was added"
        "Clients may go on with theirs."
        "No action is needed."
    SERVER_REMOVED = "server-removed" Risky None
        "A server was removed"
        "Clients that call its address may find nobody there; the documents can't tell."
        "Keep the old address answering, or redirect from it."
    SERVER_VARIABLE_CHANGED = "server-variable-changed" Risky None
        "A variable in a server's address changed"
        "Clients that leave it out, or use a value that is gone, call another address."
        "Keep the default and the values that are in use."
    CALLBACK_ADDED = "callback-added" Safe None
        "A callback was added"
        "Clients that don't ask for it aren't called."
        "Send it only to clients that named an address for it."
    CALLBACK_REMOVED = "callback-removed" Risky None
        "A callback was removed"
        "Clients that wait for it wait in vain."
        "Go on sending it until nobody listens."
    WEBHOOK_ADDED = "webhook-added" Safe None
        "A webhook was added"
        "Nobody listens for it yet."
        "Send it only to who subscribes to it."
    WEBHOOK_REMOVED = "webhook-removed" Breaking None
        "A webhook was removed"
        "Clients that wait for it wait in vain."
        "Go on sending it until nobody listens."
    SCHEMA_DIALECT_CHANGED = "schema-dialect-changed" Risky None
        "The dialect of all schemas changed"
        "A dialect decides what each keyword means; the same schemas may take other values. Both were compared as \
         OpenAPI's own."
        "Keep the dialect, or leave it to OpenAPI."
    COMPARISON_INCOMPLETE = "comparison-incomplete" Breaking None
        "Not everything was compared or listed"
        "The documents differ in more ways than are listed, or are too large or repetitive to be compared whole. What wasn't \
         compared may be anything, so it counts as breaking; what is only not listed counts as the worst of it."
        "Publish such a change in several steps, or split the document."
}
