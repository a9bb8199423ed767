//! Download URLs of our files for providers.

use std::{sync::Arc, time::Duration};

use crate::{
    domain::{
        channel::Channel,
        content::{Content, Media, MediaLink, MediaSource},
        file::{FileAddress, MimeType},
        id::{FileId, TenantId},
        rejection::Reason,
    },
    ports::{
        files::{DownloadHeaders, FileStore},
        provider::SendFailure,
    },
};

/// How long a provider may download a sent file: it does at once, and again when that failed.
const PROVIDER_READING: Duration = Duration::from_hours(1);

/// Makes the URLs at which providers download our files.
#[derive(Clone)]
pub struct FileLinks {
    pub(crate) file_store: Arc<dyn FileStore>,
}

impl FileLinks {
    /// Makes URLs of this file store.
    #[must_use]
    pub fn new(file_store: &Arc<dyn FileStore>) -> Self {
        Self { file_store: Arc::clone(file_store) }
    }

    pub(crate) fn address_of(tenant: &TenantId, id: FileId) -> FileAddress {
        FileAddress { tenant: tenant.clone(), id }
    }

    /// A content as a provider accepts it: a stored file gets a download URL. So both providers get the same
    /// content, and no bytes pass through the function that sends.
    pub(crate) fn with_address(&self, channel: &Channel, content: &Content) -> Result<Content, SendFailure> {
        if let Content::Template(template) = content
            && let Some(it) = &template.file
        {
            let url = self.provider_reads(channel, it.file, &it.mime, it.name.as_deref())?;
            return Ok(Content::Template(template.with_link(&url)));
        }
        let Some(sent) = content.sent_file() else { return Ok(content.clone()) };
        let Content::Media(media) = content else { return Ok(content.clone()) };
        let it = &sent.attachment;
        let url = self.provider_reads(channel, it.file, &it.mime, it.name.as_deref())?;
        let source = MediaSource::Link(MediaLink::signed(url));
        Ok(Content::Media(Media { source, ..media.clone() }))
    }

    /// The URL at which a provider downloads a stored file.
    fn provider_reads(
        &self,
        channel: &Channel,
        file: FileId,
        mime: &MimeType,
        name: Option<&str>,
    ) -> Result<String, SendFailure> {
        let address = Self::address_of(&channel.tenant, file);
        let shown = DownloadHeaders { mime: &mime.usual(), name };
        self.file_store.reading(&address, shown, PROVIDER_READING).map_err(|error| {
            tracing::error!(tenant = %channel.tenant, %file, %error, "no download URL could be made for a file");
            SendFailure::Refused(Reason::ProviderDown.because("the file cannot be given to the provider"))
        })
    }
}
