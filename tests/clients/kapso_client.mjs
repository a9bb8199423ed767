// Calls the Cloud API with @kapso/whatsapp-cloud-api. The first call that fails ends the script with its error.
//
// Arguments: where the package is installed, the base URL of the Graph API, the access token, the ids of number and account,
// a customer, a message of theirs.
import { createRequire } from "node:module";

const [folder, baseUrl, accessToken, phoneNumberId, businessAccountId, to, messageId] = process.argv.slice(2);
const { WhatsAppClient } = createRequire(`${folder}/package.json`)("@kapso/whatsapp-cloud-api");
const client = new WhatsAppClient({ baseUrl, accessToken });
const { media, messages, templates } = client;
const address = { phoneNumberId, to };
let calls = 0;

/** Counts a call whose answer has what a caller needs of it. */
function done(name, answer) {
  if (!answer) throw new Error(`${name}: no answer`);
  calls += 1;
}

const send = async (name, method, fields) => {
  const answer = await messages[method]({ ...address, ...fields });
  done(name, answer.messages[0].id);
};

async function upload(kind, mimeType) {
  const file = new Blob([new Uint8Array(64)], { type: mimeType });
  const fileName = `a.${mimeType.split("/")[1]}`;
  const { id } = await media.upload({ phoneNumberId, type: kind, file, fileName, messagingProduct: "whatsapp" });
  done(`upload ${kind}`, id);
  return id;
}

async function sendFiles() {
  const types = {
    image: "image/png", video: "video/mp4", audio: "audio/ogg", document: "application/pdf", sticker: "image/webp",
  };
  for (const [kind, mimeType] of Object.entries(types)) {
    const id = await upload(kind, mimeType);
    await send(kind, `send${kind[0].toUpperCase()}${kind.slice(1)}`, { [kind]: { id } });
    const stored = await media.get({ mediaId: id, phoneNumberId });
    done(`look up ${kind}`, stored.url && stored.id === id);
    done(`delete ${kind}`, (await media.delete({ mediaId: id, phoneNumberId })).success);
  }
  await send("image by link", "sendImage", { image: { link: "https://example.com/a.png", caption: "Una foto" } });
}

async function sendMessages() {
  await send("text", "sendText", { body: "Hola", previewUrl: true });
  await send("reply", "sendText", { body: "Sí", contextMessageId: messageId });
  await send("location", "sendLocation", { location: { latitude: 14.6, longitude: -90.5, name: "Taller", address: "Zona 10" } });
  const contact = { name: { formattedName: "Ana", firstName: "Ana" }, phones: [{ phone: "+50223456789", type: "WORK" }] };
  await send("contact", "sendContacts", { contacts: [contact] });
  await send("reaction", "sendReaction", { reaction: { messageId, emoji: "👍" } });
  done("mark read", (await messages.markRead({ phoneNumberId, messageId })).success);
  done("typing", (await messages.markRead({ phoneNumberId, messageId, typingIndicator: { type: "text" } })).success);
}

async function sendInteractive() {
  const buttons = [{ id: "yes", title: "Sí" }, { id: "no", title: "No" }];
  const header = { type: "text", text: "Cita" };
  await send("buttons", "sendInteractiveButtons", { header, bodyText: "¿Confirma?", footerText: "Gracias", buttons });
  const sections = [{ title: "Días", rows: [{ id: "1", title: "Lunes", description: "9:00" }] }];
  await send("list", "sendInteractiveList", { bodyText: "Elija un día", buttonText: "Ver días", sections });
  const url = { displayText: "Abrir", url: "https://example.com" };
  await send("link", "sendInteractiveCtaUrl", { bodyText: "Más", parameters: url });
  const flow = { flowId: "7", flowCta: "Abrir", flowToken: "t", flowAction: "navigate", flowActionPayload: { screen: "START" } };
  await send("flow", "sendInteractiveFlow", { bodyText: "Formulario", parameters: flow });
  await send("catalog", "sendInteractiveCatalogMessage", { bodyText: "Catálogo", parameters: { thumbnailProductRetailerId: "1" } });
  await send("product", "sendInteractiveProduct", { bodyText: "Un producto", catalogId: "9", productRetailerId: "1" });
  const products = [{ title: "Todos", productItems: [{ productRetailerId: "1" }] }];
  const productHeader = { type: "text", text: "Productos" };
  const list = { header: productHeader, bodyText: "Texto", catalogId: "9", sections: products };
  await send("products", "sendInteractiveProductList", list);
  const question = { bodyText: "¿Dónde está?", parameters: { requestMessage: "¿Dónde está?" } };
  await send("location request", "sendInteractiveLocationRequest", question);
  await send("address", "sendInteractiveAddress", { bodyText: "¿A dónde?", parameters: { country: "IN" } });
  const card = (cardIndex) => ({
    cardIndex, header: { type: "image", image: { link: "https://example.com/a.png" } }, bodyText: "Una", action: url,
  });
  await send("carousel", "sendInteractiveCarousel", { bodyText: "Elija", cards: [card(0), card(1)] });
}

const listed = async (name) => (await templates.list({ businessAccountId, limit: 50, ...(name && { name }) })).data;

async function useTemplates() {
  done("list templates", (await listed()).length >= 10);
  await send("template", "sendTemplate", { template: { name: "hello_world", language: { code: "en_US" } } });
  const name = "kapso_order";
  const components = [{ type: "BODY", text: "Hola {{1}}, su pedido está listo.", example: { bodyText: [["Ana"]] } }];
  done("create template", (await templates.create({ businessAccountId, name, language: "es", category: "UTILITY", components })).id);
  const until = Date.now() + 10_000;
  while ((await listed(name))[0]?.status !== "APPROVED") {
    if (Date.now() > until) throw new Error("create template: its review did not end");
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  const body = { type: "body", parameters: [{ type: "text", text: "Ana" }] };
  await send("new template", "sendTemplate", { template: { name, language: { code: "es" }, components: [body] } });
  done("delete template", (await templates.delete({ businessAccountId, name })).success);
  done("template gone", (await listed(name)).length === 0);
}

/** An error of the sandbox must reach a caller as an error. */
async function isRefused() {
  const template = { name: "no_such_template", language: { code: "en_US" } };
  const error = await messages.sendTemplate({ ...address, template }).then(() => undefined, (reason) => reason);
  done("error", error?.code === 132001);
}

for (const part of [sendMessages, sendFiles, sendInteractive, useTemplates, isRefused]) await part();
console.log(`@kapso/whatsapp-cloud-api: ${calls} calls`);
