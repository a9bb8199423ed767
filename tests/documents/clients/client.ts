// A client as openapi-typescript and openapi-fetch make it: lists, reads, sends, and looks up until the message was read.
import createClient from "openapi-fetch";
import type { paths } from "./api.js";

declare const process: { argv: string[] };

const [base = "", key = ""] = process.argv.slice(2);
const api = createClient<paths>({ baseUrl: base, headers: { Authorization: `Bearer ${key}` } });

/** The body of an answer that tells of success. */
function body<T>(answer: { data?: T; error?: unknown; response: Response }): T {
  if (answer.data === undefined) throw new Error(`${answer.response.status} ${JSON.stringify(answer.error)}`);
  return answer.data;
}

/** Our answer to a customer; gives the id of the message. */
async function send(id: string, text: string): Promise<string> {
  return body(await api.POST("/v1/conversations/{id}/messages", { params: { path: { id } }, body: { text } })).id;
}

async function untilRead(id: string): Promise<void> {
  const until = Date.now() + 30_000;
  for (;;) {
    const message = body(await api.GET("/v1/messages/{id}", { params: { path: { id } } }));
    if (message.status === "read") return;
    if (message.status === "failed" || Date.now() > until) throw new Error(`${id} is ${message.status}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

const [conversation] = body(await api.GET("/v1/conversations", { params: { query: { unread: true } } })).data;
if (!conversation?.window.open) throw new Error("nobody waits for an answer");
const text = "Yes, until 6 pm.";
const id = await send(conversation.id, text);
await untilRead(id);
const messages = body(await api.GET("/v1/conversations/{id}/messages", { params: { path: { id: conversation.id } } })).data;
if (messages.find((message) => message.id === id)?.text !== text) throw new Error(`${id} is not in its conversation`);
console.log(`read: ${id}, one of ${messages.length} messages`);
