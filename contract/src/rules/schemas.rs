//! Rules about schemas as a whole, their types and members, most of them in pairs: a request that takes less hurts, and
//! a response that may be more.

family! {
    from super::lifecycle::END;

    REQUEST_CONSTRAINT_CHANGED = "request-constraint-changed" Risky Constraint
        "A constraint on requests changed"
        "Values may be refused that were taken; which ones can't be decided from the documents."
        "Make sure that the new constraint takes all that the old one took."
    RESPONSE_CONSTRAINT_CHANGED = "response-constraint-changed" Risky Constraint
        "A constraint on responses changed"
        "Values may come that were ruled out; which ones can't be decided from the documents."
        "Make sure that the new constraint rules out all that the old one did."
    REQUEST_CONSTRAINT_ADDED = "request-constraint-added" Breaking Constraint
        "A constraint on requests was added"
        "Values that were taken are refused now."
        "Refuse only what was never taken; or ask for it in a new operation."
    REQUEST_CONSTRAINT_REMOVED = "request-constraint-removed" Safe Constraint
        "A constraint on requests was removed"
        "All that was taken is taken still."
        "No action is needed."
    RESPONSE_CONSTRAINT_ADDED = "response-constraint-added" Safe Constraint
        "A constraint on responses was added"
        "Clients get less variety than they were ready for."
        "No action is needed."
    RESPONSE_CONSTRAINT_REMOVED = "response-constraint-removed" Breaking Constraint
        "A constraint on responses was removed"
        "Clients may get what they were promised never to get."
        "Keep the promise as long as it holds."
    REQUEST_TYPE_CHANGED = "request-type-changed" Breaking Type
        "A request value has another type"
        "What clients send is refused."
        "Add a property or parameter with a new name, and take the old one for a while."
    REQUEST_TYPE_NARROWED = "request-type-narrowed" Breaking Type
        "A request value has fewer types"
        "Values of the types that went are refused."
        "Go on taking the old types."
    REQUEST_TYPE_WIDENED = "request-type-widened" Safe Type
        "A request value has more types"
        "What clients send is taken still."
        "No action is needed."
    RESPONSE_TYPE_CHANGED = "response-type-changed" Breaking Type
        "A response value has another type"
        "Clients can't read it."
        "Add a property with a new name, and keep the old one for a while."
    RESPONSE_TYPE_NARROWED = "response-type-narrowed" Safe Type
        "A response value has fewer types"
        "Clients are ready for all that comes."
        "No action is needed."
    RESPONSE_TYPE_WIDENED = "response-type-widened" Breaking Type
        "A response value has more types"
        "Clients get types that they can't read."
        "Add a property with a new name for the new types."
    REQUEST_BECAME_NULLABLE = "request-became-nullable" Safe Null
        "A request value may be null"
        "What clients send is taken still."
        "No action is needed."
    REQUEST_BECAME_NOT_NULLABLE = "request-became-not-nullable" Breaking Null
        "A request value may no longer be null"
        "Clients that send null are refused."
        "Go on taking null, and read it as absent or as the default."
    RESPONSE_BECAME_NULLABLE = "response-became-nullable" Breaking Null
        "A response value may be null"
        "Clients that were promised a value fail on null."
        "Leave the value out or give a neutral one; or add a property with a new name."
    RESPONSE_BECAME_NOT_NULLABLE = "response-became-not-nullable" Safe Null
        "A response value is no longer null"
        "Clients that handle null no longer need to."
        "No action is needed."
    REQUEST_PROPERTY_ADDED = "request-property-added" Safe Constraint
        "An optional request property was added"
        "Requests without it mean what they meant."
        "Make sure that its absence keeps the old behaviour."
    REQUEST_REQUIRED_PROPERTY_ADDED = "request-required-property-added" Breaking Constraint
        "A required request property was added"
        "Every request that clients send today lacks it and is refused."
        "Add it as optional, with a default that means what its absence meant."
    REQUEST_PROPERTY_REMOVED = "request-property-removed" Risky Constraint
        "A request property was removed"
        "Clients that send it are ignored or refused, depending on the service."
        "Mark it as deprecated first and keep taking it for a while."
    REQUEST_PROPERTY_BECAME_REQUIRED = "request-property-became-required" Breaking Constraint
        "A request property became required"
        "Requests without it were right and are refused now."
        "Keep it optional and give it a default."
    REQUEST_PROPERTY_BECAME_OPTIONAL = "request-property-became-optional" Safe Constraint
        "A request property became optional"
        "Clients that send it can go on."
        "No action is needed."
    REQUEST_PROPERTY_BECAME_READ_ONLY = "request-property-became-read-only" Risky Constraint
        "A request property became read-only"
        "What clients set is ignored or refused, depending on the service."
        "Go on taking it."
    REQUEST_PROPERTY_BECAME_WRITABLE = "request-property-became-writable" Safe Constraint
        "A request property is no longer read-only"
        "Clients may leave it out as before, unless it is required."
        "Keep it optional."
    REQUEST_PROPERTY_WRITE_ONLY_CHANGED = "request-property-write-only-changed" Safe Constraint
        "A request property became write-only, or no longer is"
        "Requests hold it as before; what responses hold is told for them."
        "No action is needed."
    RESPONSE_PROPERTY_READ_ONLY_CHANGED = "response-property-read-only-changed" Safe Constraint
        "A response property became read-only, or no longer is"
        "Responses hold it as before; what requests hold is told for them."
        "No action is needed."
    RESPONSE_PROPERTY_ADDED = "response-property-added" Safe Constraint
        "A response property was added"
        "Clients ignore properties that they don't know."
        "Where the schema was closed, tell clients before."
    RESPONSE_PROPERTY_REMOVED = "response-property-removed" Risky Constraint
        "An optional response property was removed"
        "It was never promised, but clients may show or use it where it is there."
        "Mark it as deprecated and see who reads it."
    RESPONSE_REQUIRED_PROPERTY_REMOVED = "response-required-property-removed" Breaking Constraint
        "A required response property was removed"
        "Clients were promised that it is there and read it without asking."
        "Make it deprecated and go on sending it until nobody reads it."
    RESPONSE_PROPERTY_BECAME_OPTIONAL = "response-property-became-optional" Breaking Constraint
        "A response property became optional"
        "Clients were promised that it is there and read it without asking."
        "Go on sending it always."
    RESPONSE_PROPERTY_BECAME_REQUIRED = "response-property-became-required" Safe Constraint
        "A response property became required"
        "Clients that handle its absence no longer need to."
        "No action is needed."
    RESPONSE_PROPERTY_BECAME_WRITE_ONLY = "response-property-became-write-only" Risky Constraint
        "A response property became write-only"
        "It no longer comes; clients may have read it."
        "Go on sending it."
    RESPONSE_PROPERTY_BECAME_READABLE = "response-property-became-readable" Safe Constraint
        "A response property is no longer write-only"
        "Clients ignore properties that they don't know."
        "Make sure that it isn't a secret."
    PROPERTY_DEPRECATED = "property-deprecated" Safe Constraint
        "A property was deprecated"
        "It still works; clients learn that they should leave it."
        "Say in its description what to use instead."
    PROPERTY_UNDEPRECATED = "property-undeprecated" Safe Constraint
        "A property is no longer deprecated"
        "It works as before."
        "No action is needed."
}
