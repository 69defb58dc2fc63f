//! A shop in all versions of OpenAPI.

/// A contract in 2.0.
pub const SHOP: &str = include_str!("../../fixtures/shop-2.0.yaml");

/// The same contract in 3.x, as a faithful person writes it; what 3.0 and 3.1 say differently is filled in.
pub fn rewritten(openapi: &str) -> String {
    let later = !openapi.starts_with("3.0");
    let pick = |before: &'static str, after: &'static str| if later { after } else { before };
    let nullable = pick("{type: string, nullable: true}", "{type: [string, 'null']}");
    let price = pick("{type: number, minimum: 0, exclusiveMinimum: true}", "{type: number, exclusiveMinimum: 0}");
    let raw = pick("{type: string, format: byte}", "{type: string, contentEncoding: base64}");
    let file = pick("{type: string, format: binary}", "{type: string, contentMediaType: application/octet-stream}");
    let pdf = pick("{schema: {type: string, format: binary}}", "{}");
    let choices =
        [("openapi", openapi), ("nullable", nullable), ("price", price), ("raw", raw), ("file", file), ("pdf", pdf)];
    choices.into_iter().fold(include_str!("../../fixtures/shop-3.yaml").to_owned(), |text, (name, choice)| {
        text.replace(&format!("<{name}>"), choice)
    })
}
