//! Pages that come in chunks of their own.

/// Makes a page type with a `page() -> AnyView` a route of its own. In a release it is a chunk that loads with the page
/// (feature `split`; `cargo leptos build --split` cuts it out). While developing, where nothing cuts, it is part of the
/// one module: a module that is made to be cut doesn't load whole.
macro_rules! lazy_page {
    ($page:ident) => {
        #[cfg(any(feature = "split", feature = "ssr"))]
        #[::leptos_router::lazy_route]
        impl ::leptos_router::LazyRoute for $page {
            fn data() -> Self {
                Self
            }

            fn view(_this: Self) -> AnyView {
                $page::page()
            }
        }

        #[cfg(not(any(feature = "split", feature = "ssr")))]
        impl ::leptos_router::LazyRoute for $page {
            fn data() -> Self {
                Self
            }

            async fn view(_this: Self) -> AnyView {
                $page::page()
            }
        }
    };
}

pub(crate) use lazy_page;
