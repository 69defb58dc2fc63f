//! How much of a document is read before it is refused.

/// Bounds on a document, all its files together. What is beyond them is refused with a message that names the bound,
/// before it costs memory or time in proportion: a hub reads what strangers' build machines send.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Size of the source in bytes; 50 MiB. Never more than 1 GiB, whatever is set.
    pub max_bytes: usize,
    /// Objects and lists inside one another; 200.
    pub max_depth: u32,
    /// Values in the whole document, those that YAML aliases repeat included; 8 million.
    pub max_nodes: u32,
    /// Values that YAML aliases and merge keys may add to what is written; 500,000.
    pub max_expanded_nodes: u32,
    /// `$ref`s; 500,000.
    pub max_references: u32,
    /// Operations, which paths can share by `$ref`; 50,000.
    pub max_operations: u32,
    /// Files that the document refers to; 10,000.
    pub max_files: u32,
    /// Whether clients use the contract already, so that it must be comparable: what is only ambiguous in it, such as an
    /// `operationId` that two operations have, is a warning of the document instead of a refusal.
    pub in_service: bool,
}

impl Limits {
    /// The same for a contract in service.
    #[must_use]
    pub const fn in_service(self) -> Self {
        Self { in_service: true, ..self }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_bytes: 50 * 1024 * 1024,
            max_depth: 200,
            max_nodes: 8_000_000,
            max_expanded_nodes: 500_000,
            max_references: 500_000,
            max_operations: 50_000,
            max_files: 10_000,
            in_service: false,
        }
    }
}
