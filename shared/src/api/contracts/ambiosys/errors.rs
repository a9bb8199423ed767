//! Who may call, and how failures are told. The vendor shows successes only; failures are `{success:false, error, code}`
//! in its language, with `details` for bad input as its 400 has them.

use http::{HeaderMap, StatusCode};
use serde_json::{Value, json};

use crate::{
    api::common::{
        AuthError, Encoded, Failure, InputError,
        access::{Authorized, Contract, scope},
        auth::Clients,
    },
    domain::rejection::Reason,
    service::send::SendError,
};

/// The contract.
pub struct AmbioSys;

impl Contract for AmbioSys {
    const CLIENTS: Clients = Clients::SendKeys;

    fn failed(failure: &Failure) -> Encoded {
        let (status, body) = failed(failure);
        Encoded { status, headers: HeaderMap::new(), body }
    }
}

/// A caller who may read.
pub(super) type Reader = Authorized<scope::Read, AmbioSys>;

/// A caller who may send.
pub(super) type MaySend = Authorized<scope::Send, AmbioSys>;

pub(super) fn failed(failure: &Failure) -> (StatusCode, Value) {
    let (status, text) = table(failure);
    let mut body = json!({ "success": false, "error": text, "code": failure.code() });
    let Some(object) = body.as_object_mut() else { return (status, body) };
    match failure {
        Failure::Input(error) => {
            object.insert("error".to_owned(), format!("{text}: {error}").into());
            let detail = json!({ "field": error.place(), "message": error.to_string() });
            object.insert("details".to_owned(), json!([detail]));
        }
        Failure::Send(SendError::Rejected(rejection)) => {
            if let Some(detail) = &rejection.detail {
                object.insert("detail".to_owned(), detail.clone().into());
            }
            if let Some(code) = &rejection.provider_code {
                object.insert("provider_code".to_owned(), json!(code));
            }
            if let Some(since) = rejection.window_closed_since {
                object.insert("expires_at".to_owned(), since.iso_seconds().into());
            }
            if !rejection.templates.is_empty() {
                object.insert("templates".to_owned(), json!(rejection.templates));
            }
        }
        // So that the message in doubt can be looked up.
        Failure::Send(SendError::Unknown(id)) => {
            object.insert("message_id".to_owned(), id.get().into());
        }
        Failure::Auth(_) | Failure::OutOfReach(_) | Failure::Send(_) => {}
    }
    (status, body)
}

/// The one table of this contract.
fn table(failure: &Failure) -> (StatusCode, &'static str) {
    match failure {
        Failure::Input(InputError::Method) => (StatusCode::METHOD_NOT_ALLOWED, "Método no permitido"),
        Failure::Input(InputError::TooLarge(_)) => (StatusCode::PAYLOAD_TOO_LARGE, "Datos inválidos"),
        Failure::Input(_) => (StatusCode::BAD_REQUEST, "Datos inválidos"),
        // Links of this contract are opened by the provider, so that it cannot come of it.
        Failure::OutOfReach(_) => (StatusCode::BAD_GATEWAY, "Archivo no disponible"),
        Failure::Auth(AuthError::NoKey) => (StatusCode::UNAUTHORIZED, "Token no provisto"),
        Failure::Auth(AuthError::BadKey) => (StatusCode::UNAUTHORIZED, "Token inválido o caducado"),
        Failure::Auth(AuthError::Forbidden(_)) => (StatusCode::FORBIDDEN, "Permiso denegado"),
        Failure::Send(error) => match error {
            SendError::ConversationNotFound => (StatusCode::NOT_FOUND, "Conversación no encontrada"),
            SendError::NoChannel => (StatusCode::NOT_FOUND, "Canal de WhatsApp no configurado"),
            SendError::KeyReused => {
                (StatusCode::UNPROCESSABLE_ENTITY, "La clave de idempotencia ya se usó con otra solicitud")
            }
            SendError::InProgress => (StatusCode::CONFLICT, "La solicitud original sigue en curso"),
            SendError::Unknown(_) => {
                (StatusCode::BAD_GATEWAY, "No se sabe si WhatsApp recibió el mensaje; no lo envíe de nuevo")
            }
            SendError::Store(_) => {
                (StatusCode::SERVICE_UNAVAILABLE, "Servicio no disponible, intente de nuevo")
            }
            SendError::Rejected(rejection) => refused(rejection.reason),
        },
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
