//! What changes something on the server, shown before the server has answered.
//!
//! A mutation is a server function, so that its form works before the script is there, and what the browser may expect of
//! it: how cached values will look, and which ones it makes stale. While it runs, pages show the expected values; what the
//! server sends meanwhile stays below them. If it fails they are taken away again. Either way the values concerned are
//! fetched afterwards: expected is not known.

use super::{
    Query, QueryClient,
    core::{Filter, MutationId, Update},
    key::{Data, QueryKey},
    use_query_client,
};
use leptos::prelude::*;
use server_fn::ServerFn;
use shared::ApiError;
use std::sync::Arc;

/// A server function that changes something.
pub trait Mutation: ServerFn<Error = ApiError, Output: Clone + Send + Sync> + Clone + Send + Sync + 'static {
    /// How cached values will look when it succeeds.
    fn expect(&self, _: &mut Expectations) {}

    /// What else it makes stale when it succeeds. Events tell that too, and to everybody; this page doesn't wait for them.
    fn invalidate(&self, _: QueryClient) {}
}

/// How cached values will look; see [`Mutation::expect`].
#[derive(Default)]
pub struct Expectations(Vec<(Filter<QueryKey>, Update<Data>)>);

impl Expectations {
    /// The values of one query whose key fits will look like this. `change` may meet a value that has it already.
    pub fn change<Q: Query>(
        &mut self,
        fits: impl Fn(&Q::Key) -> bool + Send + Sync + 'static,
        change: impl Fn(&mut Q::Value) + Send + Sync + 'static,
    ) -> &mut Self {
        let filter = move |key: &QueryKey| key.of::<Q>().is_some_and(&fits);
        let update = move |data: &Data| data.with::<Q>(&change);
        self.0.push((Arc::new(filter), Arc::new(update)));
        self
    }
}

/// A mutation that a page can make. Its form is `<ActionForm action=mutation.action>`.
pub struct MutationHandle<M: Mutation> {
    pub action: ServerAction<M>,
}

impl<M: Mutation> Clone for MutationHandle<M> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<M: Mutation> Copy for MutationHandle<M> {}

/// Makes a mutation of this kind possible, and has the cache follow it.
#[must_use]
pub fn use_mutation<M: Mutation>() -> MutationHandle<M> {
    let client = use_query_client();
    let action = ServerAction::<M>::new();
    let (input, value) = (action.input(), action.value());
    let running = Running::new(client);
    Effect::new(move |before: Option<Option<M>>| {
        let (before, now) = (before.flatten(), input.get());
        match (&before, &now) {
            (_, Some(mutation)) => running.begin(|expectations| mutation.expect(expectations)),
            (Some(mutation), None) => {
                let success = value.with_untracked(|value| matches!(value, Some(Ok(_))));
                running.conclude(success);
                if success {
                    mutation.invalidate(client);
                }
            }
            (None, None) => {}
        }
        now
    });
    MutationHandle { action }
}

impl<M: Mutation> MutationHandle<M> {
    /// Makes it, without a form.
    pub fn mutate(self, mutation: M) {
        self.action.dispatch(mutation);
    }

    #[must_use]
    pub fn pending(self) -> Memo<bool> {
        self.action.pending()
    }

    /// Why the last one failed, if it did.
    #[must_use]
    pub fn error(self) -> Signal<Option<ApiError>> {
        let value = self.action.value();
        Signal::derive(move || value.with(|value| value.as_ref().and_then(|value| value.as_ref().err().cloned())))
    }

    /// Does something with what each one gives. In the browser only.
    pub fn on_success(self, then: impl Fn(M::Output) + 'static) {
        let value = self.action.value();
        Effect::new(move |_| {
            if let Some(Ok(output)) = value.get() {
                then(output);
            }
        });
    }
}

/// The mutations of a page that are under way. Without types, so that it is in the browser once.
#[derive(Clone, Copy)]
struct Running {
    client: QueryClient,
    ids: StoredValue<Vec<MutationId>>,
}

impl Running {
    fn new(client: QueryClient) -> Self {
        let ids = StoredValue::new(Vec::new());
        // How those end that a page leaves behind it never hears.
        on_cleanup(move || ids.get_value().into_iter().for_each(|id| client.0.conclude(id, false)));
        Self { client, ids }
    }

    fn begin(self, expect: impl FnOnce(&mut Expectations)) {
        let mut expectations = Expectations::default();
        expect(&mut expectations);
        let id = self.client.0.begin();
        for (filter, update) in expectations.0 {
            self.client.0.expect(id, filter, update);
        }
        self.ids.update_value(|ids| ids.push(id));
    }

    fn conclude(self, success: bool) {
        let ids = self.ids.try_update_value(std::mem::take).unwrap_or_default();
        ids.into_iter().for_each(|id| self.client.0.conclude(id, success));
    }
}
