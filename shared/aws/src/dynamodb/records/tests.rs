//! Tests that no key changes by accident: existing rows must be found again.

use crate::dynamodb::{
    keys::{Key, hash},
    record::{Indexes, StoredRecord},
    records::{
        address, attempt, batch, broadcast, business_number, call_budget, channel, channel_check,
        channel_route, contact, conversation, event, file, frame_lease, lead, log_entry, log_head, message,
        message_lookup, offline_queue_head, raw, socket, template, tenant, ticket, window_watch,
    },
};
use ventanilla_core::domain::{
    broadcast::BatchId,
    caller::KeyHash,
    channel::Origin,
    contact::Address,
    conversation::Status,
    event::{Event, EventKind},
    file::FileAddress,
    frame::Frame,
    id::{InboundAddress, TenantId, Wamid},
    log::{Cursor, Numbered},
    message::MessageAddress,
    offline_queue::QueuedMessage,
    raw::{RawChunk, RawOwner},
    socket::{Audience, Phase, Socket, SocketId, TicketHash},
    template::TemplateKey,
    time::Timestamp,
    window::WindowWatch,
};

/// The list that a row is in, and its sort key there.
fn listed(indexes: Indexes) -> Key {
    Key { pk: indexes.g1pk.unwrap(), sk: indexes.g1sk.unwrap() }
}

fn raw_chunk(owner: RawOwner, digest: &str, number: usize) -> RawChunk {
    let at = Timestamp::from_millis(1_772_533_800_123);
    let (origin, digest) = (Origin::App("app".parse().unwrap()), digest.to_owned());
    RawChunk { owner, origin, at, expires_at: at, digest, number, of: 3, body: String::new() }
}

#[test]
fn the_keys_of_what_is_live_are_what_they_were() {
    let tenant_id: TenantId = "acme".parse().unwrap();
    let at = Timestamp::from_millis(1_772_533_800_123);
    let id = SocketId::try_from("L0SM9cOFvHcCIhw=".to_owned()).unwrap();
    let key = KeyHash::of(&format!("vk_{}", "a".repeat(43))).unwrap();
    let phase = Phase::Lost;
    let audience = Audience::Tenant;
    let (tenant, opened_at, due_at) = (tenant_id.clone(), at, Some(at));
    let opened_after = Cursor::default();
    let it = Socket { id: id.clone(), tenant, key, audience, phase, opened_after, opened_at, due_at, rev: 1 };
    let frame_of = Frame {
        tenant: tenant_id.clone(),
        socket: id.clone(),
        came_at: at,
        name: "m1".to_owned(),
        body: String::new(),
        grant: None,
    };
    let kind = EventKind::ConversationCreated { conversation: "7".parse().unwrap() };
    let event_of =
        Event { id: serde_json::from_str("\"0000000000001\"").unwrap(), tenant: tenant_id.clone(), at, kind };
    let entry = Numbered { event: event_of.clone(), cursor: Cursor::after(5000) };
    let waits = QueuedMessage { sender: "3".parse().unwrap(), channel: None, entry };
    let watch =
        WindowWatch { tenant: tenant_id.clone(), conversation: "7".parse().unwrap(), due_at: at, rev: 1 };
    let ticket_hash = TicketHash::of("x");
    let spelled: Vec<String> = [
        event::key(&tenant_id, &event_of.id),
        log_head::key(&tenant_id),
        log_entry::key(&tenant_id, Cursor::after(5000)),
        socket::key(&tenant_id, &id),
        socket::route_key(&id),
        listed(it.indexes()),
        frame_lease::key(&tenant_id, &id),
        StoredRecord::key(&frame_of),
        listed(frame_of.indexes()),
        ticket::key(&ticket_hash),
        offline_queue_head::key(&tenant_id),
        waits.key(),
        window_watch::key(&tenant_id, "7".parse().unwrap()),
        listed(watch.indexes()),
    ]
    .into_iter()
    .map(|key| format!("{} | {}", key.pk, key.sk))
    .collect();
    let name = hash(&["m1"]);
    assert_eq!(
        spelled,
        [
            "T#acme#E | 0000000000001".to_owned(),
            "T#acme#G | A".to_owned(),
            "T#acme#G#0000000000001 | 0000000000005000".to_owned(),
            "T#acme#W | L0SM9cOFvHcCIhw=".to_owned(),
            "R#S#L0SM9cOFvHcCIhw= | A".to_owned(),
            "R#DUE#3 | 001772533800123#acme#L0SM9cOFvHcCIhw=".to_owned(),
            "T#acme#Y#L0SM9cOFvHcCIhw= | A".to_owned(),
            format!("T#acme#Y#L0SM9cOFvHcCIhw= | F#001772533800123#{name}"),
            format!("R#DUE#3 | 001772533860123#acme#L0SM9cOFvHcCIhw=#{name}"),
            format!("R#T#{} | A", ticket_hash.as_str()),
            "T#acme#O | A".to_owned(),
            "T#acme#O | W#0000000000000003#0000000000005000".to_owned(),
            "T#acme#C#0000000000000007 | W".to_owned(),
            "R#DUE#3 | 001772533800123#acme#0000000000000007".to_owned(),
        ]
    );
}

#[test]
fn the_keys_are_what_they_were() {
    let tenant_id: TenantId = "acme".parse().unwrap();
    let at = Timestamp::from_millis(1_772_533_800_123);
    let address_of = MessageAddress { conversation: "7".parse().unwrap(), at, id: "9".parse().unwrap() };
    let number = Address::Number("50212345678".to_owned().try_into().unwrap());
    let inbound_address: InboundAddress = "100".to_owned().try_into().unwrap();
    let wamid: Wamid = "wamid.A".to_owned().try_into().unwrap();
    let spelled: Vec<String> = [
        tenant::key(&tenant_id),
        channel::key(&tenant_id, "1".parse().unwrap()),
        channel_check::key(&tenant_id, "1".parse().unwrap()),
        business_number::key(&tenant_id, &"15550100001".to_owned().try_into().unwrap()),
        contact::key(&tenant_id, "3".parse().unwrap()),
        lead::key(&tenant_id, "3".parse().unwrap()),
        lead::lookup_key(&tenant_id, &"crm-7".to_owned().try_into().unwrap()),
        address::key(&tenant_id, &number),
        conversation::key(&tenant_id, address_of.conversation),
        message::key(&tenant_id, address_of),
        attempt::key(&tenant_id, address_of.id),
        raw::key(&raw_chunk(RawOwner::Tenant(tenant_id.clone()), "d7", 2)),
        raw::key(&raw_chunk(RawOwner::Sender(Origin::App("app".parse().unwrap())), "07", 0)),
        template::key(
            &tenant_id,
            &"2001".to_owned().try_into().unwrap(),
            &TemplateKey::of("visit", "es").unwrap(),
        ),
        channel_route::key(&inbound_address),
        message_lookup::key(&inbound_address, &wamid),
        call_budget::key(&"2001".to_owned().try_into().unwrap()),
        Key { pk: conversation::list(&tenant_id), sk: conversation::place(at, address_of.conversation) },
        Key {
            pk: conversation::of_status(&tenant_id, Status::PendingHuman),
            sk: conversation::unread(&tenant_id),
        },
        Key {
            pk: conversation::of_assignee(&tenant_id, &"ana".to_owned().try_into().unwrap()),
            sk: event::place(at),
        },
        Key { pk: contact::list(&tenant_id), sk: contact::place("3".parse().unwrap()) },
        Key { pk: broadcast::list(&tenant_id), sk: broadcast::place("5".parse().unwrap()) },
        batch::key(&BatchId { tenant: tenant_id.clone(), broadcast: "5".parse().unwrap(), number: 3 }),
        file::key(&FileAddress { tenant: tenant_id.clone(), id: "6".parse().unwrap() }),
        listed(Indexes::due(11, Some(at), "acme#0000000000000009")),
    ]
    .into_iter()
    .map(|key| format!("{} | {}", key.pk, key.sk))
    .collect();
    let hashes: [&str; 3] = [&hash(&["number", "50212345678"]), &hash(&["100"]), &hash(&["100", "wamid.A"])];
    assert_eq!(
        spelled,
        [
            "T#acme# | A".to_owned(),
            "T#acme# | CH#0000000000000001".to_owned(),
            "T#acme# | CK#0000000000000001".to_owned(),
            "T#acme# | BN#15550100001".to_owned(),
            "T#acme#K#0000000000000003 | A".to_owned(),
            "T#acme#K#0000000000000003 | L".to_owned(),
            format!("T#acme#X#{} | A", hash(&["crm-7"])),
            format!("T#acme#D#{} | A", hashes[0]),
            "T#acme#C#0000000000000007 | A".to_owned(),
            "T#acme#C#0000000000000007 | M#001772533800123#0000000000000009".to_owned(),
            "T#acme#A#0000000000000009 | A".to_owned(),
            "T#acme#U#2026030310#d | d7#0002".to_owned(),
            "R#U#app#2026030310#0 | 07#0000".to_owned(),
            format!("T#acme#P#{} | P#visit#es", hash(&["2001"])),
            format!("R#N#{} | A", hashes[1]),
            format!("R#W#{} | A", hashes[2]),
            format!("R#B#{} | A", hash(&["2001"])),
            "T#acme#L | 001772533800123#0000000000000007".to_owned(),
            "T#acme#L#S#pending_human | T#acme#L#U".to_owned(),
            format!("T#acme#L#A#{} | 1772533800123", hash(&["ana"])),
            "T#acme#N | 0000000000000003".to_owned(),
            "T#acme#B | 0000000000000005".to_owned(),
            "T#acme#B#0000000000000005 | Q#0003".to_owned(),
            "T#acme#F#0000000000000006 | A".to_owned(),
            "R#DUE#3 | 001772533800123#acme#0000000000000009".to_owned(),
        ]
    );
    // Computed outside this program: a changed hash would orphan every row.
    assert_eq!(hashes[0], "bbeef7128b8dcb517e753a87df9c5569969e8636f5d42a665cee7f1f69b1fcfc");
}

#[test]
fn a_place_leads_back_to_its_conversation() {
    let (at, id) = (Timestamp::from_millis(1_772_533_800_123), "7".parse().unwrap());
    assert_eq!(conversation::conversation_at(&conversation::place(at, id)), Some((at, id)));
    assert_eq!(conversation::conversation_at("7"), None);
}

#[test]
fn a_place_in_a_list_leads_back_to_what_is_there() {
    let tenant: TenantId = "acme".parse().unwrap();
    let (at, id) = (Timestamp::from_millis(1_772_533_800_123), "9".parse().unwrap());
    let place = MessageAddress { conversation: "7".parse().unwrap(), at, id };
    assert_eq!(message::message_at(place.conversation, &message::key(&tenant, place).sk), Some(place));
    assert_eq!(contact::contact_at(&contact::place("3".parse().unwrap())), Some("3".parse().unwrap()));
    assert_eq!(event::event_at(&format!("{}-x", event::place(at))), Some(at));
    for bad in ["", "M#", "M#x#1", "M#1#0", "A", "é"] {
        assert_eq!(message::message_at(place.conversation, bad), None, "{bad}");
        assert_eq!((contact::contact_at(bad), event::event_at(bad)), (None, None), "{bad}");
    }
}
