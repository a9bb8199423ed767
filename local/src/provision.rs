//! Writing a config file's tenants, keys and channels into the table.

use ventanilla::{
    aws::dynamodb::{ChannelError, Table},
    config::file::ConfigFile,
    domain::{
        caller::{ApiKey, KeyHash},
        channel::Channel,
    },
    ports::{book::StoreError, clock::Clock, credentials::Freshness, directory::Directory},
    system::SystemClock,
    whatsapp::channel_config::Simulated,
};

/// Writes what the file names, over what is there. What the file does not name stays; so does what was done by
/// command: a channel that was disabled, a key that was revoked.
///
/// `simulated` is what the word `sandbox` stands for, where there are simulated providers. `done` hears of each
/// part that is in place.
///
/// # Errors
/// When the id or the line of a channel is another tenant's, or the store fails. What came before stays written.
pub async fn provision(
    table: &Table,
    file: &ConfigFile,
    simulated: Option<&Simulated>,
    mut done: impl FnMut(),
) -> Result<(), ChannelError> {
    for entry in &file.channels {
        let channel = entry.channel(simulated);
        let known = table.channel(&channel.tenant, channel.id).await?;
        let disabled_at = known.and_then(|known| known.disabled_at);
        table.put_channel(&Channel { disabled_at, ..channel }).await?;
        done();
    }
    for tenant in &file.tenants {
        table.put_tenant(&tenant.tenant()).await?;
        done();
        for (hash, key) in tenant.keys.iter().filter_map(|key| key.record(&tenant.id, SystemClock.now())) {
            table.put_api_key(&hash, &kept(table, &hash, key).await?).await?;
            done();
        }
    }
    Ok(())
}

/// The key with what is known of it already.
async fn kept(table: &Table, hash: &KeyHash, key: ApiKey) -> Result<ApiKey, StoreError> {
    let Some(known) = table.api_key(hash, Freshness::Refreshed).await? else { return Ok(key) };
    Ok(ApiKey {
        created_at: known.created_at.or(key.created_at),
        revoked_at: known.revoked_at.or(key.revoked_at),
        ..key
    })
}
