//! Authentication and failures of this contract. The vendor documents successes only; failures are
//! `{success:false, error, code}` in its language, with `details` for bad input like its 400.

use std::borrow::Cow;

use http::StatusCode;
use serde::Serialize;

use super::types::{Always, WhatsappTime, encoded};
#[cfg(feature = "schema")]
use crate::common::schema;
use crate::common::{
    AuthError, Encoded, Failure, InputError,
    access::{Authorized, Contract, scope},
    auth::Clients,
};
use ventanilla_core::domain::{
    id::MessageId,
    rejection::{ProviderCode, Reason, Rejection},
};

/// AmbioSys' contract: its clients send their key as a bearer token.
pub struct AmbioSys;

impl Contract for AmbioSys {
    const CLIENTS: Clients = Clients::SendKeys;

    fn failed(failure: &Failure) -> Encoded {
        encoded(table(failure).0, &ErrorBody::of(failure))
    }
}

/// A caller with the scope `read`.
pub(super) type Reader = Authorized<scope::Read, AmbioSys>;

/// A caller with the scope `send`.
pub(super) type MaySend<U> = Authorized<scope::Send, AmbioSys, U>;

/// Why a request was not carried out.
#[derive(Debug, Serialize)]
#[cfg_attr(
    feature = "schema",
    derive(schemars::JsonSchema),
    schemars(rename = "SendError", deny_unknown_fields)
)]
pub(super) struct ErrorBody<'a> {
    success: Always<false>,
    /// For people, in Spanish; may change.
    error: Cow<'static, str>,
    /// Which failure it is.
    code: &'static str,
    /// What is wrong with the request or the entry of it, for `invalid_request` and `payload_too_large`.
    #[serde(skip_serializing_if = "Option::is_none")]
    details: Option<[Detail<'a>; 1]>,
    /// The provider's explanation, in its words.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(length(max = 500)))]
    detail: Option<&'a str>,
    /// The provider's own error code. Meta's are numbers, Kaleyra's may be words.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(
        feature = "schema",
        schemars(with = "Option<String>", extend("type" = ["integer", "string"], "maxLength" = 64))
    )]
    provider_code: Option<&'a ProviderCode>,
    /// When the window closed, for `window_closed` where we knew. UTC, to the second.
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<WhatsappTime>,
    /// Approved templates of our copy that need no parameters, for `window_closed`: what can be sent instead.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(length(min = 1, max = 20)))]
    templates: Option<&'a [String]>,
    /// The message in doubt, for `outcome_unknown` where it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<schema::Id>"))]
    message_id: Option<MessageId>,
}

#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(inline, deny_unknown_fields))]
struct Detail<'a> {
    /// A field of the body, a path parameter, a header, or `body`.
    field: &'a str,
    /// Why, in a sentence that begins with the field.
    message: Cow<'a, str>,
}

impl<'a> ErrorBody<'a> {
    /// A failure with this code.
    pub(super) fn new(error: impl Into<Cow<'static, str>>, code: &'static str) -> Self {
        Self {
            success: Always,
            error: error.into(),
            code,
            details: None,
            detail: None,
            provider_code: None,
            expires_at: None,
            templates: None,
            message_id: None,
        }
    }

    /// Sets the faulty field, and what is wrong with it.
    pub(super) fn about(self, field: &'a str, message: impl Into<Cow<'a, str>>) -> Self {
        let message = message.into();
        let error = format!("{}: {message}", self.error).into();
        Self { error, details: Some([Detail { field, message }]), ..self }
    }

    /// The body for a failure of a request, or of one recipient.
    pub(super) fn of(failure: &'a Failure) -> Self {
        let body = Self::new(table(failure).1, failure.code());
        match failure {
            Failure::Input(error) => body.about(error.place(), error.to_string()),
            Failure::Rejected(rejection) => body.with(rejection),
            // So that the unknown message can be looked up.
            Failure::Unknown(id) => Self { message_id: Some(*id), ..body },
            _ => body,
        }
    }

    fn with(self, rejection: &'a Rejection) -> Self {
        Self {
            detail: rejection.detail.as_deref(),
            provider_code: rejection.provider_code.as_ref(),
            expires_at: rejection.window_closed_since.map(WhatsappTime::from),
            templates: Some(rejection.templates.as_slice()).filter(|templates| !templates.is_empty()),
            ..self
        }
    }
}

/// The text for an invalid request.
pub(super) const WRONG_DATA: &str = "Datos inválidos";

/// The error table of this contract.
fn table(failure: &Failure) -> (StatusCode, &'static str) {
    match failure {
        Failure::Input(InputError::Method) => (StatusCode::METHOD_NOT_ALLOWED, "Método no permitido"),
        Failure::Input(InputError::TooLarge(_)) => (StatusCode::PAYLOAD_TOO_LARGE, WRONG_DATA),
        Failure::Input(_) => (StatusCode::BAD_REQUEST, WRONG_DATA),
        // Cannot occur: the provider downloads the links of this contract.
        Failure::OutOfReach(_) => (StatusCode::BAD_GATEWAY, "Archivo no disponible"),
        Failure::Auth(AuthError::NoKey) => (StatusCode::UNAUTHORIZED, "Token no provisto"),
        Failure::Auth(AuthError::BadKey) => (StatusCode::UNAUTHORIZED, "Token inválido o caducado"),
        Failure::Auth(AuthError::Forbidden(_)) => (StatusCode::FORBIDDEN, "Permiso denegado"),
        Failure::NotFound(_) => (StatusCode::NOT_FOUND, "Conversación no encontrada"),
        Failure::NoChannel => (StatusCode::NOT_FOUND, "Canal de WhatsApp no configurado"),
        Failure::KeyReused => {
            (StatusCode::UNPROCESSABLE_ENTITY, "La clave de idempotencia ya se usó con otra solicitud")
        }
        Failure::InProgress => (StatusCode::CONFLICT, "La solicitud original sigue en curso"),
        Failure::Unknown(_) => {
            (StatusCode::BAD_GATEWAY, "No se sabe si WhatsApp recibió el mensaje; no lo envíe de nuevo")
        }
        Failure::Unavailable(_) => {
            (StatusCode::SERVICE_UNAVAILABLE, "Servicio no disponible, intente de nuevo")
        }
        Failure::Rejected(rejection) => refused(rejection.reason),
    }
}

fn refused(reason: Reason) -> (StatusCode, &'static str) {
    match reason {
        Reason::InvalidInput => (StatusCode::BAD_REQUEST, "WhatsApp rechazó los datos"),
        Reason::TemplateProblem => (StatusCode::BAD_REQUEST, "Problema con la plantilla"),
        Reason::WindowClosed => {
            (StatusCode::BAD_REQUEST, "La ventana de 24 horas está cerrada; use una plantilla")
        }
        Reason::NotFound => (StatusCode::NOT_FOUND, "Conversación no encontrada"),
        Reason::RateLimited => (StatusCode::TOO_MANY_REQUESTS, "Demasiados mensajes, espere un momento"),
        Reason::RecipientUnreachable => {
            (StatusCode::BAD_GATEWAY, "El destinatario no puede recibir el mensaje")
        }
        Reason::ProviderAuth => (StatusCode::BAD_GATEWAY, "Las credenciales de WhatsApp no son válidas"),
        Reason::AccountBlocked => (StatusCode::BAD_GATEWAY, "La cuenta de WhatsApp está restringida"),
        Reason::LowBalance => (StatusCode::BAD_GATEWAY, "La cuenta de WhatsApp no tiene saldo"),
        Reason::Suppressed => (StatusCode::FORBIDDEN, "El contacto no quiere mensajes de marketing"),
        Reason::ChannelDisabled => (StatusCode::FORBIDDEN, "El canal de WhatsApp está deshabilitado"),
        Reason::Unsupported => {
            (StatusCode::UNPROCESSABLE_ENTITY, "El proveedor de este canal no admite este mensaje")
        }
        Reason::ProviderDown => (StatusCode::BAD_GATEWAY, "WhatsApp no está disponible"),
        Reason::ProviderFault => (StatusCode::BAD_GATEWAY, "WhatsApp informó de un fallo propio"),
        Reason::ProviderRejected => (StatusCode::BAD_GATEWAY, "WhatsApp rechazó el mensaje"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use ventanilla_core::domain::time::Timestamp;

    fn body(failure: &Failure) -> Value {
        json!(ErrorBody::of(failure))
    }

    #[test]
    fn an_invalid_request_has_its_fault_in_both_fields() {
        let message = "limit must be a number";
        let expected = json!({
            "success": false, "error": "Datos inválidos: limit must be a number", "code": "invalid_request",
            "details": [{ "field": "limit", "message": message }],
        });
        assert_eq!(body(&InputError::field("limit", "must be a number").into()), expected);
    }

    #[test]
    fn a_rejection_shows_the_providers_error_and_what_can_be_sent_instead() {
        let mut rejection = Rejection::of(Reason::WindowClosed);
        let text = "La ventana de 24 horas está cerrada; use una plantilla";
        let plain = json!({ "success": false, "error": text, "code": "window_closed" });
        assert_eq!(body(&Failure::Rejected(rejection.clone())), plain);
        rejection.detail = Some("too late".to_owned());
        rejection.provider_code = Some(ProviderCode::Number(131_047));
        rejection.window_closed_since = Some(Timestamp::from_seconds(1_700_000_000));
        rejection.templates = vec!["hello".to_owned()];
        let whole = json!({
            "success": false, "error": text, "code": "window_closed", "detail": "too late",
            "provider_code": 131_047, "expires_at": "2023-11-14T22:13:20Z", "templates": ["hello"],
        });
        assert_eq!(body(&Failure::Rejected(rejection)), whole);
    }

    #[test]
    fn an_unknown_message_can_be_looked_up() {
        let error = body(&Failure::Unknown("7".parse().unwrap()));
        assert_eq!((&error["code"], &error["message_id"]), (&json!("outcome_unknown"), &json!(7)));
    }
}
