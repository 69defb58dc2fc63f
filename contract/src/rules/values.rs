//! Rules about values: enumerations, formats, bounds, patterns, items, alternatives, defaults.

family! {
    from super::schemas::END;

    REQUEST_VALUE_ADDED = "request-value-added" Safe Values
        "A request takes another value"
        "What clients send is taken still."
        "No action is needed."
    REQUEST_VALUE_REMOVED = "request-value-removed" Breaking Values
        "A request no longer takes a value"
        "Clients that send it are refused."
        "Go on taking it, and read it as the nearest value that is left."
    REQUEST_VALUES_RESTRICTED = "request-values-restricted" Breaking Values
        "A request takes listed values only"
        "Values outside of the list are refused."
        "List all values that are in use."
    REQUEST_VALUES_UNRESTRICTED = "request-values-unrestricted" Safe Values
        "A request takes any value"
        "What clients send is taken still."
        "No action is needed."
    REQUEST_CONSTANT_CHANGED = "request-constant-changed" Breaking Values
        "The one value that a request takes changed"
        "What clients send is refused."
        "Take both values."
    RESPONSE_VALUE_ADDED = "response-value-added" Risky Values
        "A response may have another value"
        "Clients that know all values of the list, as a switch without a default does, fail on the new one."
        "Tell clients from the start that the list may grow; or send the new value only to who asks for it."
    RESPONSE_VALUE_REMOVED = "response-value-removed" Safe Values
        "A response no longer has a value"
        "Clients are ready for all that comes."
        "No action is needed."
    RESPONSE_VALUES_RESTRICTED = "response-values-restricted" Safe Values
        "A response has listed values only"
        "Clients are ready for all that comes."
        "No action is needed."
    RESPONSE_VALUES_UNRESTRICTED = "response-values-unrestricted" Risky Values
        "A response may have any value"
        "Clients that know all values of the list fail on others."
        "Keep the list as long as it holds."
    RESPONSE_CONSTANT_CHANGED = "response-constant-changed" Breaking Values
        "The one value that a response has changed"
        "Clients tell by this value what they have before them."
        "Keep the value; give another thing another property."
    RESPONSE_CONSTANT_REMOVED = "response-constant-removed" Breaking Values
        "The one value that a response has may be another"
        "Clients tell by this value what they have before them."
        "Keep the value as long as it holds."
    REQUEST_FORMAT_CHANGED = "request-format-changed" Breaking Type
        "A request value has another format"
        "What clients send is refused or read as something else."
        "Take both formats."
    REQUEST_FORMAT_NARROWED = "request-format-narrowed" Breaking Type
        "A request value has a stricter format"
        "Values that were taken may be refused."
        "Go on taking what doesn't fit the format."
    REQUEST_FORMAT_WIDENED = "request-format-widened" Safe Type
        "A request value has a looser format"
        "What clients send is taken still."
        "No action is needed."
    RESPONSE_FORMAT_CHANGED = "response-format-changed" Breaking Type
        "A response value has another format"
        "Clients parse it by the old format and fail."
        "Add a property with a new name."
    RESPONSE_FORMAT_NARROWED = "response-format-narrowed" Safe Type
        "A response value has a stricter format"
        "Clients can read all that comes."
        "No action is needed."
    RESPONSE_FORMAT_WIDENED = "response-format-widened" Breaking Type
        "A response value has a looser format"
        "Clients that parse it by the old format fail, or lose digits."
        "Keep the format as long as it holds; or add a property with a new name."
    REQUEST_BOUND_ADDED = "request-bound-added" Breaking Bounds
        "A bound was set on a request value"
        "Values beyond it are refused, which were allowed before."
        "Set it beyond what clients send. Where the service has always refused them, the old contract was wrong: accept the finding in the policy."
    REQUEST_BOUND_TIGHTENED = "request-bound-tightened" Breaking Bounds
        "A bound on a request value became tighter"
        "Values between the old bound and the new one are refused."
        "Keep the old bound."
    REQUEST_BOUND_LOOSENED = "request-bound-loosened" Safe Bounds
        "A bound on a request value became looser"
        "What clients send is taken still."
        "No action is needed."
    RESPONSE_BOUND_TIGHTENED = "response-bound-tightened" Safe Bounds
        "A bound on a response value became tighter"
        "Clients are ready for all that comes."
        "No action is needed."
    RESPONSE_BOUND_LOOSENED = "response-bound-loosened" Breaking Bounds
        "A bound on a response value became looser"
        "Clients that keep room by the old bound, in a column or a layout, get more than fits."
        "Keep the bound as long as it holds."
    REQUEST_PATTERN_ADDED = "request-pattern-added" Breaking Pattern
        "A request value must match a pattern"
        "Values that don't match are refused."
        "Refuse only what was never taken."
    REQUEST_PATTERN_CHANGED = "request-pattern-changed" Risky Pattern
        "A request value must match another pattern"
        "Whether the new pattern takes all that the old one took can't be decided in general."
        "Make sure that it does."
    REQUEST_PATTERN_REMOVED = "request-pattern-removed" Safe Pattern
        "A request value needs no pattern any more"
        "What clients send is taken still."
        "No action is needed."
    RESPONSE_PATTERN_ADDED = "response-pattern-added" Safe Pattern
        "A response value matches a pattern"
        "Clients are ready for all that comes."
        "No action is needed."
    RESPONSE_PATTERN_CHANGED = "response-pattern-changed" Risky Pattern
        "A response value matches another pattern"
        "Clients that take it apart by the old pattern may fail."
        "Make sure that all that comes matches the old pattern as well."
    RESPONSE_PATTERN_REMOVED = "response-pattern-removed" Risky Pattern
        "A response value matches no pattern any more"
        "Clients that take it apart by the pattern may fail."
        "Keep the pattern as long as it holds."
    REQUEST_ITEMS_DESCRIBED = "request-items-described" Breaking Constraint
        "The items of a request's list have a schema now"
        "Items that were taken may be refused."
        "Describe what was always taken, nothing less."
    REQUEST_ITEMS_UNDESCRIBED = "request-items-undescribed" Safe Constraint
        "The items of a request's list may be anything"
        "What clients send is taken still."
        "No action is needed."
    RESPONSE_ITEMS_DESCRIBED = "response-items-described" Safe Constraint
        "The items of a response's list have a schema now"
        "Clients that expected anything can read them."
        "No action is needed."
    RESPONSE_ITEMS_UNDESCRIBED = "response-items-undescribed" Breaking Constraint
        "The items of a response's list may be anything"
        "Clients were promised a shape and are promised nothing now."
        "Keep the description as long as it holds."
    REQUEST_ADDITIONAL_PROPERTIES_CLOSED = "request-additional-properties-closed" Breaking Additional
        "A request takes fewer unknown members"
        "Clients that send them are refused."
        "Go on taking them."
    REQUEST_ADDITIONAL_PROPERTIES_OPENED = "request-additional-properties-opened" Safe Additional
        "A request takes more unknown members"
        "What clients send is taken still."
        "No action is needed."
    RESPONSE_ADDITIONAL_PROPERTIES_CLOSED = "response-additional-properties-closed" Safe Additional
        "A response holds fewer unknown members"
        "Clients are ready for all that comes."
        "No action is needed."
    RESPONSE_ADDITIONAL_PROPERTIES_OPENED = "response-additional-properties-opened" Risky Additional
        "A response may hold more unknown members"
        "Clients that read strictly, as generated ones may, fail on members that they were promised not to get."
        "Tell clients from the start to ignore what they don't know."
    REQUEST_ALTERNATIVE_ADDED = "request-alternative-added" Safe Alternatives
        "A request takes another alternative"
        "What clients send is taken still."
        "No action is needed."
    REQUEST_ALTERNATIVE_REMOVED = "request-alternative-removed" Breaking Alternatives
        "A request no longer takes an alternative"
        "Clients that send it are refused."
        "Go on taking it."
    REQUEST_ALTERNATIVES_OVERLAP = "request-alternatives-overlap" Breaking Alternatives
        "A request must fit exactly one of several alternatives that it may fit at once"
        "Values that were taken fit two alternatives of a `oneOf` now, and are refused for that."
        "Use `anyOf`, or tell the alternatives apart by a required property."
    REQUEST_ALTERNATIVES_CHANGED = "request-alternatives-changed" Risky Alternatives
        "A request combines its alternatives in another way"
        "Values that fit several alternatives are judged in another way; whether there are any depends on the alternatives."
        "Make sure that every value that was taken is taken still."
    RESPONSE_ALTERNATIVE_ADDED = "response-alternative-added" Breaking Alternatives
        "A response may be another alternative"
        "Clients get a shape that they don't know."
        "Send it only to clients that ask for it."
    RESPONSE_ALTERNATIVE_REMOVED = "response-alternative-removed" Safe Alternatives
        "A response is no longer an alternative"
        "Clients are ready for all that comes."
        "No action is needed."
    RESPONSE_ALTERNATIVES_CHANGED = "response-alternatives-changed" Risky Alternatives
        "A response combines its alternatives in another way"
        "Clients that pick the alternative by its shape may pick another one."
        "Make sure that one alternative fits each value."
    REQUEST_DEFAULT_CHANGED = "request-default-changed" Risky Constraint
        "A request property's default changed"
        "Clients that leave it out may get another behaviour without having changed anything."
        "Keep the default, or add a property with a new name."
    RESPONSE_DEFAULT_CHANGED = "response-default-changed" Safe Constraint
        "A response property's default changed"
        "Responses say what holds; a default there is a note."
        "No action is needed."
    REQUEST_DISCRIMINATOR_CHANGED = "request-discriminator-changed" Risky Constraint
        "A request's discriminator changed"
        "Generated clients write it by the mapping; whether the service still reads the old one can't be decided."
        "Go on reading the old property and names."
    RESPONSE_DISCRIMINATOR_CHANGED = "response-discriminator-changed" Risky Constraint
        "A response's discriminator changed"
        "Generated clients pick the alternative by it and may find none."
        "Go on sending the old property and names."
}
