//! `GET /api/whatsapp/templates`: the template cache, refreshed when it is old.

use std::time::Duration;

use axum::{extract::Request, response::Response};

use super::send::{AmbioSys, Reader};

use crate::api::{
    common::{
        access::Authorized,
        query::{Flag, Params, flag},
        request, respond,
    },
    contracts::ambiosys::{self, Listed},
};

/// How old a copy may be that is shown without asking the provider.
const FRESH: Duration = Duration::from_mins(1);

pub(super) async fn templates(Authorized { app, caller, .. }: Reader, request: Request) -> Response {
    let (parts, _) = request.into_parts();
    let listed = async {
        let deadline = request::deadline(&parts, app.clock.as_ref());
        let query = Params::read(&parts.uri);
        let age = match flag(&query, "refresh")? {
            Flag::On => Duration::ZERO,
            Flag::Off => FRESH,
        };
        let wanted = match flag(&query, "all")? {
            Flag::On => Listed::All,
            Flag::Off => Listed::Approved,
        };
        let channel = app.core.default_channel(&caller.tenant).await?;
        let copy = Box::pin(app.core.template_copy(&channel, age, deadline)).await?;
        Ok(ambiosys::listed(&copy, wanted, app.clock.now()))
    };
    respond::answered::<AmbioSys>(listed.await)
}
