//! The routes of a contract, in one table.

use axum::routing::MethodRouter;

use super::access::{Contract, Gate, RouteAccess};

/// A row of the route table, for documents, templates and tests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Route {
    /// The Lambda function that handles it.
    pub function: &'static str,
    /// The method in lower case, or `any`.
    pub method: &'static str,
    /// The path, with `{name}` for each parameter.
    pub path: &'static str,
    /// The authentication that it requires.
    pub access: RouteAccess,
    /// The name of the operation in the OpenAPI document.
    pub operation: &'static str,
    /// A summary in a few words.
    pub summary: &'static str,
    /// The names of its query parameters, where the contract rejects all others.
    pub parameters: &'static [&'static str],
}

/// Defines the route table of a contract and, for each block, the router that a function mounts. A handler
/// whose first argument requires another access than its row does not compile.
///
/// A block names its router, the function, and the contract, which answers a method that a path does not have. It names
/// the use cases that its handlers need besides the application's; a function without them cannot mount its router. A
/// row may say which types the bodies of request and answer have, from which the document takes its schemas, and may end
/// with the names of its query parameters:
///
/// ```text
/// routes! {
///     inbox in "inbox", V1 where Arc<Files> {
///         get "/v1/me" AnyKey => me::show: fn() -> me::MeView, "getMe", "Show the caller";
///         get "/v1/contacts" Read => contacts::list, "listContacts", "List contacts", ["cursor", "limit"];
///     }
/// }
/// ```
macro_rules! routes {
    ($(
        $(#[$doc:meta])*
        $router:ident in $function:literal, $contract:ty $(where $use_cases:ty)? {
            $($method:ident $path:literal $access:ident
                => $handler:path $(: fn($($request:ty)?) -> $answer:ty)?, $operation:literal, $summary:literal
                $(, [$($parameter:literal),+])?;)*
        }
    )*) => {
        /// Every route of this contract.
        pub const ROUTES: &[$crate::common::route::Route] = &[$($(
            $crate::common::route::Route {
                function: $function,
                method: stringify!($method),
                path: $path,
                access: <$crate::common::access::scope::$access as $crate::common::access::AccessKind>::ACCESS,
                operation: $operation,
                summary: $summary,
                parameters: &[$($($parameter),+)?],
            },
        )*)*];

        /// Adds the types that the rows name to the document's schemas.
        #[cfg(feature = "schema")]
        pub(crate) const BODIES: &[fn(&mut $crate::document::Schemas)] = &[$($($(
            $($crate::document::Schemas::request::<$request>,)?
            $crate::document::Schemas::answer::<$answer>,
        )?)*)*];

        $(
            $(#[$doc])*
            pub fn $router<F>() -> axum::Router<$crate::common::access::Gate<F>>
            where
                F: Clone + Send + Sync + 'static,
                $($use_cases: axum::extract::FromRef<F>,)?
            {
                axum::Router::new()
                    $(.route(
                        $path,
                        $crate::common::route::with_refusal::<$contract, F>(
                            ROUTES,
                            $operation,
                            axum::routing::$method(
                                $crate::common::access::asking::<
                                    $crate::common::access::scope::$access, _, _, F,
                                >($handler),
                            ),
                        ),
                    ))*
            }
        )*
    };
}

pub(crate) use routes;

/// The method of an operation, together with the 405 response for the methods that its path does not have. A
/// path has one such response, with the first of its operations: where several functions share a path, a
/// server that mounts them all could not choose between several.
pub(crate) fn with_refusal<C, F>(
    table: &[Route],
    operation: &str,
    method: MethodRouter<Gate<F>>,
) -> MethodRouter<Gate<F>>
where
    C: Contract,
    F: Clone + Send + Sync + 'static,
{
    let own = table.iter().find(|row| row.operation == operation);
    let is_first = |own: &Route| {
        // A route for any method needs no 405.
        own.method != "any" && table.iter().find(|row| row.path == own.path) == Some(own)
    };
    if own.is_some_and(is_first) { method.fallback(async || C::method_not_allowed()) } else { method }
}
