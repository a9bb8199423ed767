//! Who may reach the application: a handler gets it from [`Authorized`], or, where a route is public, from [`Public`],
//! and from nothing else.
//!
//! A router's state is a [`Gate`], which shows nothing of the application. So a handler that asks for no proof cannot do
//! anything:
//!
//! ```compile_fail
//! use axum::extract::State;
//! use ventanilla_api::{app::App, common::access::Gate};
//!
//! async fn unguarded(State(gate): State<Gate>) -> String {
//!     let app: App = gate.0; // the field is private
//!     app.clock.now().iso_millis()
//! }
//! ```
//!
//! One that asks for it says so in its type:
//!
//! ```
//! use ventanilla_api::{common::access::{Authorized, scope}, contracts::v1::V1};
//!
//! async fn guarded(Authorized { app, caller, .. }: Authorized<scope::Read, V1>) -> String {
//!     format!("{} at {}", caller.tenant, app.clock.now().iso_millis())
//! }
//! ```

use std::marker::PhantomData;

use axum::{
    extract::FromRequestParts,
    handler::Handler,
    response::{IntoResponse, Response},
};
use http::{StatusCode, request::Parts};

use super::{Encoded, Failure, InputError, auth::Clients, respond};
use crate::app::App;
use ventanilla_core::{
    domain::caller::{Caller, Scope},
    usecases::sending::Replay,
};

/// The state of a router: the application, which handlers cannot access through it.
#[derive(Clone)]
pub struct Gate(App);

impl From<App> for Gate {
    fn from(app: App) -> Self {
        Self(app)
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
pub enum Access {
    /// None here: it authenticates its caller in another way, or needs no authentication.
    Public,
    /// A valid key, whatever its scopes.
    AnyKey,
    /// A valid key with this scope.
    Key(Scope),
}

/// An [`Access`] as a type.
pub trait AccessKind: Send + Sync + 'static {
    /// The same as a value.
    const ACCESS: Access;
}

/// Types for each [`Access`], to name it in a handler's signature.
pub mod scope {
    use super::{Access, AccessKind, Scope};

    /// A key with the scope `read`.
    #[derive(Debug, Clone, Copy)]
    pub struct Read;

    impl AccessKind for Read {
        const ACCESS: Access = Access::Key(Scope::Read);
    }

    /// A key with the scope `send`.
    #[derive(Debug, Clone, Copy)]
    pub struct Send;

    impl AccessKind for Send {
        const ACCESS: Access = Access::Key(Scope::Send);
    }

    /// Any valid key, whatever its scopes.
    #[derive(Debug, Clone, Copy)]
    pub struct AnyKey;

    impl AccessKind for AnyKey {
        const ACCESS: Access = Access::AnyKey;
    }

    /// No key: see [`super::Public`].
    #[derive(Debug, Clone, Copy)]
    pub struct None;

    impl AccessKind for None {
        const ACCESS: Access = Access::Public;
    }
}

/// Proof that the caller sent a valid key with the scope `S`, and the application that it opens.
pub struct Authorized<S, C> {
    /// The application state, which only this proof gives.
    pub app: App,
    /// The authenticated caller: tenant, key and scopes.
    pub caller: Caller,
    proof: PhantomData<fn() -> (S, C)>,
}

impl<S: AccessKind, C: Contract> FromRequestParts<Gate> for Authorized<S, C> {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, Gate(app): &Gate) -> Result<Self, Response> {
        if !C::knows(parts.uri.path()) {
            return Err(C::unknown_path());
        }
        let caller = app.caller(&parts.headers, S::ACCESS, C::CLIENTS).await;
        let checked = caller.and_then(|caller| Ok(C::check_query(parts).map(|()| caller)?));
        match checked {
            Ok(caller) => Ok(Self { app: app.clone(), caller, proof: PhantomData }),
            Err(failure) => Err(respond::failed::<C>(&failure)),
        }
    }
}

/// The application for a route that is public, or that authenticates its caller in another way, as webhooks
/// do.
pub struct Public(pub App);

impl FromRequestParts<Gate> for Public {
    type Rejection = Response;

    async fn from_request_parts(_: &mut Parts, Gate(app): &Gate) -> Result<Self, Response> {
        Ok(Self(app.clone()))
    }
}

/// The authentication that a handler's first argument requires.
pub trait Asks {
    /// Its [`Access`] as a type.
    type Access: AccessKind;
}

impl<S: AccessKind, C> Asks for Authorized<S, C> {
    type Access = S;
}

impl Asks for Public {
    type Access = scope::None;
}

/// The arguments of a handler, of which the first requires authentication. `M` is axum's marker of the call.
pub trait AsksFirst {
    /// The type of the first argument.
    type First: Asks;
}

macro_rules! asks_first {
    ($($($rest:ident)*;)*) => {$(
        impl<M, A: Asks, $($rest),*> AsksFirst for (M, A, $($rest,)*) {
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
pub fn asking<K, H, T>(handler: H) -> H
where
    K: AccessKind,
    H: Handler<T, Gate>,
    T: AsksFirst,
    T::First: Asks<Access = K>,
{
    handler
}
