//! What the OpenAPI document has of this contract.

use super::{
    assign_conversation::Assignment,
    channels::ChannelPage,
    contact::ContactView,
    conversation::ConversationView,
    hand_over_conversation::HandOver,
    list_events::EventPage,
    list_messages::MessagePage,
    me::MeView,
    media::FileView,
    message_detail::DetailView,
    open_upload::{NewUpload, UploadView},
    read::List,
    read_conversation::{ReadView, Reading},
    rename_contact::ContactChange,
    routes::ROUTES,
    templates::{LanguagesView, TemplateView},
    tickets::TicketView,
};
use crate::api::document::{Room, Schemas};

pub(in crate::api) const ROOM: Room =
    Room { name: "v1", routes: ROUTES, words: include_str!("openapi.yaml"), schemas };

fn schemas(all: &mut Schemas) {
    reading(all);
}

/// Conversations, messages, contacts, channels, templates, files, events: what is read, and what is done with it.
fn reading(all: &mut Schemas) {
    all.request::<Assignment>();
    all.request::<HandOver>();
    all.request::<Reading>();
    all.request::<ContactChange>();
    all.request::<NewUpload>();
    all.answer::<List<ConversationView>>();
    all.answer::<ReadView>();
    all.answer::<MessagePage>();
    all.answer::<DetailView>();
    all.answer::<List<ContactView>>();
    all.answer::<ChannelPage>();
    all.answer::<List<TemplateView<'_>>>();
    all.answer::<LanguagesView<'_>>();
    all.answer::<UploadView>();
    all.answer::<FileView>();
    all.answer::<EventPage>();
    all.answer::<MeView>();
    all.answer::<TicketView>();
}
