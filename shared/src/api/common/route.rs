//! The routes of a contract, in one table.

use super::access::Access;

/// A route, as documents, templates and tests read it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Route {
    /// The Lambda function that answers it.
    pub function: &'static str,
    /// The method in lower case, or `any`.
    pub method: &'static str,
    /// The path, with `{name}` for each parameter.
    pub path: &'static str,
    /// What it asks of the caller.
    pub access: Access,
    /// The name of the operation in the OpenAPI document.
    pub operation: &'static str,
    /// What it does, in a few words.
    pub summary: &'static str,
    /// The names of its query parameters, where the contract refuses all others.
    pub parameters: &'static [&'static str],
}

/// Writes the table of a contract's routes and, for each block, the router that a function mounts. A handler whose first
/// argument asks for another access than its row says does not compile.
///
/// A block names its router, the function, and the contract, which answers a method that a path does not have. A row may
/// end with the names of its query parameters:
///
/// ```text
/// routes! {
///     inbox in "inbox", V1 {
///         get "/v1/me" AnyKey => me::show, "getMe", "Show the caller";
///         get "/v1/contacts" Read => contacts::list, "listContacts", "List contacts", ["cursor", "limit"];
///     }
/// }
/// ```
macro_rules! routes {
    ($(
        $(#[$doc:meta])*
        $router:ident in $function:literal, $contract:ty {
            $($method:ident $path:literal $access:ident => $handler:path, $operation:literal, $summary:literal
                $(, [$($parameter:literal),+])?;)*
        }
    )*) => {
        /// Every route of this contract.
        pub const ROUTES: &[$crate::api::common::route::Route] = &[$($(
            $crate::api::common::route::Route {
                function: $function,
                method: stringify!($method),
                path: $path,
                access: <$crate::api::common::access::scope::$access as $crate::api::common::access::AccessKind>::ACCESS,
                operation: $operation,
                summary: $summary,
                parameters: &[$($($parameter),+)?],
            },
        )*)*];

        $(
            $(#[$doc])*
            pub fn $router() -> axum::Router<$crate::api::common::access::Gate> {
                axum::Router::new()
                    $(.route(
                        $path,
                        axum::routing::$method(
                            $crate::api::common::access::asking::<
                                $crate::api::common::access::scope::$access, _, _,
                            >($handler),
                        ),
                    ))*
                    .method_not_allowed_fallback(async || {
                        <$contract as $crate::api::common::access::Contract>::method_not_allowed()
                    })
            }
        )*
    };
}

pub(crate) use routes;
