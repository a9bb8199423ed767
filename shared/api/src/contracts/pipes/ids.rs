//! Reads ids in this contract's spelling (facts: seed-apis.md 3.1). Its clients treat them as opaque.

use std::str::FromStr;

use crate::common::ids::{POOL_NUMBER, POOL_NUMBER_OF_THE_SAMPLE, Prefixed, WireIdError};
use ventanilla_core::domain::id::{ChannelId, MessageId};

pub use crate::common::ids::read_conversation;

/// Reads `msg_1234`. Without the prefix it may be a provider's id, and is rejected.
///
/// # Errors
/// When it is not one.
pub fn read_message(text: &str) -> Result<MessageId, WireIdError> {
    let prefix = MessageId::PREFIX;
    number(text.strip_prefix(prefix).ok_or(WireIdError(prefix))?, prefix)
}

/// Reads `pn_1234`, also as `pool_1234` or without a prefix.
///
/// # Errors
/// When it is none of them.
pub fn read_pool_number(text: &str) -> Result<ChannelId, WireIdError> {
    let bare = text.strip_prefix(POOL_NUMBER).or_else(|| text.strip_prefix(POOL_NUMBER_OF_THE_SAMPLE));
    number(bare.unwrap_or(text), POOL_NUMBER)
}

fn number<I: FromStr>(digits: &str, prefix: &'static str) -> Result<I, WireIdError> {
    digits.parse().map_err(|_| WireIdError(prefix))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::common::ids::{conversation_id, message_id, pool_number};

    #[test]
    fn what_is_printed_is_read_again() {
        assert_eq!(conversation_id("7".parse().unwrap()), "conv_7");
        assert_eq!(read_conversation("conv_7"), Ok("7".parse().unwrap()));
        assert_eq!(message_id("9007199254740991".parse().unwrap()), "msg_9007199254740991");
        assert_eq!(read_message("msg_9007199254740991"), Ok("9007199254740991".parse().unwrap()));
        assert_eq!(pool_number("1".parse().unwrap()), "pn_1");
        assert_eq!(read_pool_number("pn_1"), Ok("1".parse().unwrap()));
    }

    #[test]
    fn other_spellings_are_read_where_they_can_mean_nothing_else() {
        assert_eq!(read_conversation("7"), Ok("7".parse().unwrap()));
        assert_eq!(read_pool_number("pool_1"), Ok("1".parse().unwrap()));
        assert_eq!(read_pool_number("1"), Ok("1".parse().unwrap()));
        assert_eq!(read_message("7"), Err(WireIdError("msg_")));
    }

    #[test]
    fn an_invalid_id_is_rejected_with_an_example() {
        for bad in
            ["", "conv_", "conv_xyz789", "conv_0", "conv_-1", "conv_conv_1", "CONV_1", "msg_1", " 1", "1 "]
        {
            assert_eq!(read_conversation(bad), Err(WireIdError("conv_")), "{bad}");
        }
        for bad in ["", "pn_", "pool_", "pn_pool_1", "conv_1", "pn_9007199254740992"] {
            assert_eq!(read_pool_number(bad), Err(WireIdError("pn_")), "{bad}");
        }
        assert_eq!(WireIdError("conv_").to_string(), "must be an id like conv_1234");
    }
}
