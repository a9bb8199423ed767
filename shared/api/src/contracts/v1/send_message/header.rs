//! A stored file in a template's header: `{"type":"image","image":{"id":"media_1234"}}`.

use serde_json::Value;

use crate::common::{
    Failure, InputError,
    file::{failure, is_reference},
    ids::read_id,
};
use ventanilla_core::{
    domain::{
        content::{Content, HeaderFile, MediaKind, header_parameter},
        id::TenantId,
    },
    usecases::Files,
};

/// Adds the stored file of the header to a template that shows one.
pub(in crate::contracts::v1) async fn with_header(
    files: &Files,
    tenant: &TenantId,
    content: Content,
) -> Result<Content, Failure> {
    let Content::Template(mut template) = content else { return Ok(content) };
    template.file = header(files, tenant, "template.components", &template.components).await?;
    Ok(Content::Template(template))
}

/// The stored file in the header of the components at this place in the body.
pub(in crate::contracts::v1) async fn header(
    files: &Files,
    tenant: &TenantId,
    at: &str,
    components: &[Value],
) -> Result<Option<Box<HeaderFile>>, Failure> {
    let Some((place, word, shown)) = header_parameter(components) else { return Ok(None) };
    let named = shown.get("id").and_then(Value::as_str).filter(|id| is_reference(id));
    let (Some(id), Some(kind)) = (named.and_then(|id| read_id(id).ok()), MediaKind::from_word(word)) else {
        return Ok(None);
    };
    let found = files.header_file(tenant, id, kind).await;
    let problem = match found {
        Ok(file) => return Ok(Some(file.into())),
        Err(problem) => failure("id", problem),
    };
    Err(match problem {
        Failure::Input(InputError::Field { problem, .. }) => {
            InputError::field(format!("{at}[{place}].parameters[0].{word}.id"), problem).into()
        }
        other => other,
    })
}
