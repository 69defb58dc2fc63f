//! Rules about how long things live: sunsets and stability levels, of operations, parameters and properties alike.

use super::{Rule, rule};
use shared::Level::{Breaking, Safe};

pub(super) const RULES: &[Rule] = &[
    rule(
        "removed-before-sunset",
        Breaking,
        "Something was removed before its sunset",
        "Clients were promised that it works until that day, and plan by it.",
        "Keep it until the day that `x-sunset` names.",
    ),
    rule(
        "removed-after-sunset",
        Safe,
        "Something was removed after its sunset",
        "Clients knew the day and had the time to leave.",
        "Look at who still uses it before it goes.",
    ),
    rule(
        "sunset-missing",
        Breaking,
        "Something was deprecated without a sunset",
        "The policy asks for a notice of some days; without a date clients can't plan when to leave.",
        "Say in `x-sunset` until when it works.",
    ),
    rule(
        "sunset-too-soon",
        Breaking,
        "A sunset leaves too little time",
        "Clients can't leave in so few days, or the day is past when they hear of it.",
        "Name a day that leaves the notice which the policy asks for.",
    ),
    rule(
        "sunset-added",
        Safe,
        "A sunset was set",
        "Clients learn until when it works, and can plan.",
        "Say in its description what to use instead.",
    ),
    rule(
        "sunset-removed",
        Breaking,
        "A sunset was removed",
        "Clients were promised that it works until that day; now it may go at any time.",
        "Keep the day, or undo the deprecation as well.",
    ),
    rule(
        "sunset-moved-earlier",
        Breaking,
        "A sunset moved to an earlier day",
        "Clients planned by the old day, and what they use is gone before it.",
        "Keep the day. Where it is still far off, tell every client of the new one.",
    ),
    rule(
        "sunset-moved-later",
        Safe,
        "A sunset moved to a later day",
        "Clients have more time than they were told.",
        "There is nothing to mind.",
    ),
    rule(
        "sunset-invalid",
        Breaking,
        "A sunset is no date",
        "Nobody can tell until when it works, neither people nor the tools that remove by it.",
        "Write a date of RFC 3339: 2027-03-31 or 2027-03-31T12:00:00Z.",
    ),
    rule(
        "stability-decreased",
        Breaking,
        "Something became less stable",
        "Clients relied on the old level; at the new one things may change under them.",
        "Keep the level, and add what isn't stable under another name.",
    ),
    rule(
        "stability-increased",
        Safe,
        "Something became more stable",
        "Clients can rely on it more than they could.",
        "There is nothing to mind.",
    ),
    rule(
        "stability-invalid",
        Breaking,
        "A stability level is none of the known ones",
        "Nobody can tell what may change, so clients can rely on nothing.",
        "Use draft, alpha, beta or stable.",
    ),
];
