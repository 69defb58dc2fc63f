//! Rules about how long things live: sunsets and stability levels, of operations, parameters and properties alike.

family! {
    from super::operations::END;

    REMOVED_BEFORE_SUNSET = "removed-before-sunset" Breaking Request
        "Something was removed before its sunset"
        "Clients were promised that it works until that day, and plan by it."
        "Keep it until the day that `x-sunset` names."
    REMOVED_AFTER_SUNSET = "removed-after-sunset" Safe None
        "Something was removed after its sunset"
        "Clients knew the day and had the time to leave."
        "Look at who still uses it before it goes."
    SUNSET_MISSING = "sunset-missing" Breaking None
        "Something was deprecated without a sunset"
        "The policy asks for a notice of some days; without a date clients can't plan when to leave."
        "Say in `x-sunset` until when it works."
    SUNSET_TOO_SOON = "sunset-too-soon" Breaking None
        "A sunset leaves too little time"
        "Clients can't leave in so few days, or the day is past when they hear of it."
        "Name a day that leaves the notice which the policy asks for."
    SUNSET_ADDED = "sunset-added" Safe None
        "A sunset was set"
        "Clients learn until when it works, and can plan."
        "Say in its description what to use instead."
    SUNSET_REMOVED = "sunset-removed" Breaking None
        "A sunset was removed"
        "Clients were promised that it works until that day; now it may go at any time."
        "Keep the day, or undo the deprecation as well."
    SUNSET_MOVED_EARLIER = "sunset-moved-earlier" Breaking None
        "A sunset moved to an earlier day"
        "Clients planned by the old day, and what they use is gone before it."
        "Keep the day. Where it is still far off, tell every client of the new one."
    SUNSET_MOVED_LATER = "sunset-moved-later" Safe None
        "A sunset moved to a later day"
        "Clients have more time than they were told."
        "No action is needed."
    SUNSET_INVALID = "sunset-invalid" Breaking None
        "A sunset isn't a valid date"
        "Nobody can tell until when it works, neither people nor the tools that remove by it."
        "Write a date of RFC 3339: 2027-03-31 or 2027-03-31T12:00:00Z."
    STABILITY_DECREASED = "stability-decreased" Breaking None
        "Something became less stable"
        "Clients relied on the old level; at the new one things may change under them."
        "Keep the level, and add what isn't stable under another name."
    STABILITY_INCREASED = "stability-increased" Safe None
        "Something became more stable"
        "Clients can rely on it more than they could."
        "No action is needed."
    STABILITY_INVALID = "stability-invalid" Breaking None
        "A stability level is none of the known ones"
        "Nobody can tell what may change, so clients can rely on nothing."
        "Use draft, alpha, beta or stable."
}
