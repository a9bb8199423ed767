//! Who may reach the application: a handler gets it from [`Authorized`], or, where a route is public, from [`Public`],
//! and from nothing else. The same holds for the use cases that only some functions have.
//!
//! A router's state is a [`Gate`], which shows nothing of what it holds. So a handler that asks for no proof cannot do
//! anything:
//!
//! ```compile_fail,E0616
//! use axum::extract::State;
//! use ventanilla_api::{app::App, common::access::Gate};
//!
//! async fn unguarded(State(gate): State<Gate<()>>) -> String {
//!     let app: App = gate.app; // the field is private
//!     app.clock.now().iso_millis()
//! }
//! ```
//!
//! One that asks for it says so in its type, together with the use cases that it needs besides the application's:
//!
//! ```
//! use std::sync::Arc;
//! use ventanilla_api::{common::access::{Authorized, scope}, contracts::v1::V1};
//! use ventanilla_core::usecases::Files;
//!
//! async fn guarded(Authorized { app, caller, .. }: Authorized<scope::Read, V1>) -> String {
//!     format!("{} at {}", caller.tenant, app.clock.now().iso_millis())
//! }
//!
//! async fn download(Authorized { caller, use_cases, .. }: Authorized<scope::Read, V1, Arc<Files>>) -> bool {
//!     use_cases.download_url(&caller.tenant, 1.try_into().unwrap()).await.is_ok()
//! }
//! ```
//!
//! A function mounts the routes whose use cases it has:
//!
//! ```
//! use std::sync::Arc;
//! use axum::Router;
//! use ventanilla_api::{app::App, common::access::Gate, contracts::v1};
//! use ventanilla_core::usecases::Files;
//!
//! fn router(app: App, files: Arc<Files>) -> Router {
//!     v1::routes::inbox().with_state(Gate::new(app, files))
//! }
//! ```
//!
//! The same without them does not compile:
//!
//! ```compile_fail,E0277
//! use axum::Router;
//! use ventanilla_api::{app::App, common::access::Gate, contracts::v1};
//!
//! fn router(app: App) -> Router {
//!     v1::routes::inbox().with_state(Gate::new(app, ()))
//! }
//! ```

use std::marker::PhantomData;

use axum::{
    extract::{FromRef, FromRequestParts},
    handler::Handler,
    response::{IntoResponse, Response},
};
use http::{StatusCode, request::Parts};

use super::{Encoded, Failure, InputError, auth::Clients, respond};
use crate::app::{App, AppOnly};
use ventanilla_core::{
    domain::caller::{Caller, Scope},
    usecases::sending::Replay,
};

/// What a router holds, out of the handlers' reach: the application, and the use cases `F` that its function has
/// besides.
#[derive(Clone)]
pub struct Gate<F> {
    app: App,
    function: F,
}

impl<F> Gate<F> {
    /// The application of a function with these use cases, `()` for none.
    pub fn new(app: App, function: F) -> Self {
        Self { app, function }
    }
}

impl<F> FromRef<F> for AppOnly {
    fn from_ref(_: &F) -> Self {
        Self
    }
}

/// How a contract, or some of its routes, authenticates its callers and encodes failures.
pub trait Contract: Send + Sync + 'static {
    /// How its clients send their API key.
    const CLIENTS: Clients;

    /// Whether a matched path belongs to the contract. It may be stricter than the route's pattern.
    #[must_use]
    fn knows(_path: &str) -> bool {
        true
    }

    /// The response to a path that it does not have.
    #[must_use]
    fn unknown_path() -> Response {
        StatusCode::NOT_FOUND.into_response()
    }

    /// Rejects a query string with unknown parameters. A contract for existing clients ignores them, as its
    /// vendor does.
    ///
    /// # Errors
    /// Names the parameter.
    fn check_query(_parts: &Parts) -> Result<(), InputError> {
        Ok(())
    }

    /// The response to a method that the path does not have.
    #[must_use]
    fn method_not_allowed() -> Response {
        respond::answer(Self::failed(&InputError::Method.into()), None, Replay::Original)
    }

    /// Encodes a failure in the contract's format.
    fn failed(failure: &Failure) -> Encoded;
}

/// The authentication that a route requires.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RouteAccess {
    /// None here: it authenticates its caller in another way, or needs no authentication.
    Public,
    /// A valid key, whatever its scopes.
    AnyKey,
    /// A valid key with this scope.
    Key(Scope),
}

/// An [`RouteAccess`] as a type.
pub trait AccessKind: Send + Sync + 'static {
    /// The same as a value.
    const ACCESS: RouteAccess;
}

/// Types for each [`RouteAccess`], to name it in a handler's signature.
pub mod scope {
    use super::{AccessKind, RouteAccess, Scope};

    /// A key with the scope `read`.
    #[derive(Debug, Clone, Copy)]
    pub struct Read;

    impl AccessKind for Read {
        const ACCESS: RouteAccess = RouteAccess::Key(Scope::Read);
    }

    /// A key with the scope `send`.
    #[derive(Debug, Clone, Copy)]
    pub struct Send;

    impl AccessKind for Send {
        const ACCESS: RouteAccess = RouteAccess::Key(Scope::Send);
    }

    /// Any valid key, whatever its scopes.
    #[derive(Debug, Clone, Copy)]
    pub struct AnyKey;

    impl AccessKind for AnyKey {
        const ACCESS: RouteAccess = RouteAccess::AnyKey;
    }

    /// No key: see [`super::Public`].
    #[derive(Debug, Clone, Copy)]
    pub struct None;

    impl AccessKind for None {
        const ACCESS: RouteAccess = RouteAccess::Public;
    }
}

/// Proof that the caller sent a good key with the scope `S`, the application that it opens, and the use cases `U` of
/// its function.
pub struct Authorized<S, C, U = AppOnly> {
    /// The application state, which only this proof gives.
    pub app: App,
    /// The authenticated caller: tenant, key and scopes.
    pub caller: Caller,
    /// What the handler calls besides the application's use cases.
    pub use_cases: U,
    proof: PhantomData<fn() -> (S, C)>,
}

impl<S, C, U, F> FromRequestParts<Gate<F>> for Authorized<S, C, U>
where
    S: AccessKind,
    C: Contract,
    U: FromRef<F> + Send,
    F: Sync,
{
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, gate: &Gate<F>) -> Result<Self, Response> {
        let Gate { app, function } = gate;
        if !C::knows(parts.uri.path()) {
            return Err(C::unknown_path());
        }
        let caller = app.caller(&parts.headers, S::ACCESS, C::CLIENTS).await;
        let checked = caller.and_then(|caller| Ok(C::check_query(parts).map(|()| caller)?));
        match checked {
            Ok(caller) => {
                Ok(Self { app: app.clone(), caller, use_cases: U::from_ref(function), proof: PhantomData })
            }
            Err(failure) => Err(respond::failed::<C>(&failure)),
        }
    }
}

/// The application, and the use cases `U` of its function, for a route that is public, or that proves its caller in a
/// way of its own, as webhooks do.
pub struct Public<U = AppOnly>(pub App, pub U);

impl<U, F> FromRequestParts<Gate<F>> for Public<U>
where
    U: FromRef<F>,
    F: Sync,
{
    type Rejection = Response;

    async fn from_request_parts(_: &mut Parts, gate: &Gate<F>) -> Result<Self, Response> {
        Ok(Self(gate.app.clone(), U::from_ref(&gate.function)))
    }
}

/// The authentication that a handler's first argument requires.
pub trait RequiresAccess {
    /// Its [`RouteAccess`] as a type.
    type Access: AccessKind;
}

impl<S: AccessKind, C, U> RequiresAccess for Authorized<S, C, U> {
    type Access = S;
}

impl<U> RequiresAccess for Public<U> {
    type Access = scope::None;
}

/// The arguments of a handler, of which the first requires authentication. `M` is axum's marker of the call.
pub trait AsksFirst {
    /// The type of the first argument.
    type First: RequiresAccess;
}

macro_rules! asks_first {
    ($($($rest:ident)*;)*) => {$(
        impl<M, A: RequiresAccess, $($rest),*> AsksFirst for (M, A, $($rest,)*) {
            type First = A;
        }
    )*};
}

asks_first! {
    ;
    B;
    B D;
    B D E;
    B D E F;
}

/// Returns the handler unchanged, if its first argument requires the access in its route's row.
pub fn asking<K, H, T, F>(handler: H) -> H
where
    K: AccessKind,
    H: Handler<T, Gate<F>>,
    T: AsksFirst,
    T::First: RequiresAccess<Access = K>,
{
    handler
}
