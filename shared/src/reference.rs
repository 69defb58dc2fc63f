//! The hub's own contract, for its reference page.

use crate::contracts::{OperationView, Outline};

/// The hub's own contract as people browse it, read once from the document that the hub serves.
pub trait Reference: Send + Sync + 'static {
    /// What the contract is about.
    fn outline(&self) -> &Outline;
    /// Every operation, in document order.
    fn operations(&self) -> &[OperationView];
}
