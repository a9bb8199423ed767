"""A client as openapi-python-client makes it: lists, reads, sends, and looks up until the message was read."""
import sys
import time
from typing import TypeVar

from ventanilla_client import AuthenticatedClient
from ventanilla_client.api.inbox import get_message, list_conversations, list_messages
from ventanilla_client.api.messages import create_conversation_message
from ventanilla_client.models import ConversationPage, Message, MessageDetail, MessagePage, NewConversationMessage

T = TypeVar("T")


def body(kind: type[T], answer: object) -> T:
    """The body of an answer that tells of success."""
    if not isinstance(answer, kind):
        sys.exit(f"no {kind.__name__}, but {answer}")
    return answer


def send(api: AuthenticatedClient, conversation: str, text: str) -> str:
    """Our answer to a customer; gives the id of the message."""
    return body(MessageDetail, create_conversation_message.sync(conversation, client=api, body=NewConversationMessage(text=text))).id


def until_read(api: AuthenticatedClient, message_id: str) -> None:
    until = time.monotonic() + 30
    while True:
        message = body(MessageDetail, get_message.sync(message_id, client=api))
        if message.status == "read":
            return
        if message.status == "failed" or time.monotonic() > until:
            sys.exit(f"{message_id} is {message.status}")
        time.sleep(0.05)


def main() -> None:
    base, key = sys.argv[1:]
    with AuthenticatedClient(base_url=base, token=key, raise_on_unexpected_status=True, httpx_args={"trust_env": False}) as api:
        conversation = body(ConversationPage, list_conversations.sync(client=api, unread=True)).data[0]
        if not conversation.window.open_:
            sys.exit("nobody waits for an answer")
        text = "Sí, hasta las 6."
        message_id = send(api, conversation.id, text)
        until_read(api, message_id)
        messages: list[Message] = body(MessagePage, list_messages.sync(conversation.id, client=api)).data
        if [message.text for message in messages if message.id == message_id] != [text]:
            sys.exit(f"{message_id} is not in its conversation")
        print(f"read: {message_id}, one of {len(messages)} messages")


if __name__ == "__main__":
    main()
