"""Calls the Cloud API with pywa. The first call that fails ends the script with its error.

Arguments: the base URL of the Graph API, the access token, the ids of number and account, a customer, a message of theirs.
"""
import sys
import time

import httpx
import pywa
from pywa import types
from pywa.types import templates as t

BASE, TOKEN, NUMBER, ACCOUNT, CUSTOMER, MESSAGE = sys.argv[1:]
PNG = b"\x89PNG\r\n\x1a\n" + bytes(64)
FILES = {
    "image": (PNG, "image/png", "a.png"),
    "video": (b"\0\0\0\x18ftypmp42" + bytes(64), "video/mp4", "a.mp4"),
    "audio": (b"OggS" + bytes(64), "audio/ogg", "a.ogg"),
    "document": (b"%PDF-1.4\n", "application/pdf", "a.pdf"),
    "sticker": (b"RIFF" + bytes(64), "image/webp", "a.webp"),
}
calls = 0


def done(name, answer):
    """Counts a call whose answer has what a caller needs of it."""
    global calls
    if not answer:
        sys.exit(f"{name}: no answer")
    calls += 1


def send_files(whatsapp):
    uploaded = {}
    for kind, (content, mime_type, name) in FILES.items():
        uploaded[kind] = whatsapp.upload_media(content, mime_type=mime_type, filename=name).id
        done(f"upload {kind}", uploaded[kind])
    done("image", whatsapp.send_image(CUSTOMER, uploaded["image"], caption="Una foto").id)
    done("video", whatsapp.send_video(CUSTOMER, uploaded["video"]).id)
    done("audio", whatsapp.send_audio(CUSTOMER, uploaded["audio"]).id)
    done("voice", whatsapp.send_voice(CUSTOMER, uploaded["audio"]).id)
    done("document", whatsapp.send_document(CUSTOMER, uploaded["document"], filename="a.pdf").id)
    done("sticker", whatsapp.send_sticker(CUSTOMER, uploaded["sticker"]).id)
    done("image by link", whatsapp.send_image(CUSTOMER, "https://example.com/a.png", mime_type="image/png").id)
    place = whatsapp.get_media_url(uploaded["image"])
    done("download", whatsapp.get_media_bytes(place.url) == PNG)
    done("delete file", whatsapp.delete_media(uploaded["video"]))


def send_messages(whatsapp):
    done("text", whatsapp.send_message(CUSTOMER, "Hola", preview_url=True, tracker="order-7").id)
    done("reply", whatsapp.send_message(CUSTOMER, "Sí", reply_to_message_id=MESSAGE).id)
    done("location", whatsapp.send_location(CUSTOMER, 14.6, -90.5, name="Taller", address="Zona 10").id)
    contact = types.Contact(types.Contact.Name(formatted_name="Ana", first_name="Ana"),
                            phones=[types.Contact.Phone(phone="+50223456789")])
    done("contact", whatsapp.send_contact(CUSTOMER, contact).id)
    done("reaction", whatsapp.send_reaction(CUSTOMER, "👍", MESSAGE).id)
    done("reaction removed", whatsapp.remove_reaction(CUSTOMER, MESSAGE).id)
    done("mark read", whatsapp.mark_message_as_read(MESSAGE))
    done("typing", whatsapp.indicate_typing(MESSAGE))


def send_interactive(whatsapp):
    buttons = [types.Button("Sí", callback_data="yes"), types.Button("No", callback_data="no")]
    done("buttons", whatsapp.send_message(CUSTOMER, "¿Confirma?", header="Cita", footer="Gracias", buttons=buttons).id)
    rows = [types.SectionRow("Lunes", callback_data="1", description="9:00")]
    days = types.SectionList("Ver días", sections=[types.Section("Días", rows=rows)])
    done("list", whatsapp.send_message(CUSTOMER, "Elija un día", buttons=days).id)
    link = types.URLButton("Abrir", url="https://example.com")
    done("link", whatsapp.send_message(CUSTOMER, "Más", buttons=link).id)
    done("location request", whatsapp.request_location(CUSTOMER, "¿Dónde está?").id)
    flow = types.FlowButton("Abrir", flow_id="7", flow_token="t", flow_action_type=types.FlowActionType.NAVIGATE,
                            flow_action_screen="START")
    done("flow", whatsapp.send_message(CUSTOMER, "Formulario", buttons=flow).id)
    done("catalog", whatsapp.send_catalog(CUSTOMER, "Catálogo", thumbnail_product_sku="1").id)
    done("product", whatsapp.send_product(CUSTOMER, "9", "1", "Un producto").id)
    sections = [types.ProductsSection("Todos", skus=["1", "2"])]
    done("contact request", whatsapp.request_contact_info(CUSTOMER, "¿Su número?").id)
    cards = [types.ImageCarouselCard(image="https://example.com/a.png", body="Una", buttons=link) for _ in range(2)]
    done("carousel", whatsapp.send_carousel(CUSTOMER, body="Elija", cards=cards).id)
    done("products", whatsapp.send_products(CUSTOMER, "9", sections, "Título", "Texto").id)


def use_templates(whatsapp):
    done("list templates", len(list(whatsapp.get_templates())) >= 10)
    done("template", whatsapp.send_template(CUSTOMER, "hello_world", t.TemplateLanguage.ENGLISH_US).id)
    body = t.BodyText("Hola {{1}}, su pedido está listo.", "Ana")
    new = t.Template(name="pywa_order", category=t.TemplateCategory.UTILITY, language=t.TemplateLanguage.SPANISH,
                     parameter_format=t.ParamFormat.POSITIONAL, components=[body])
    done("create template", whatsapp.create_template(new).id)
    until = time.monotonic() + 10
    while next(iter(whatsapp.get_templates(name="pywa_order"))).status != t.TemplateStatus.APPROVED:
        if time.monotonic() > until:
            sys.exit("create template: its review did not end")
        time.sleep(0.1)
    done("new template", whatsapp.send_template(CUSTOMER, template=new, params=[body.params("Ana")]).id)
    done("delete template", whatsapp.delete_template("pywa_order"))
    done("template gone", not list(whatsapp.get_templates(name="pywa_order")))


def is_refused(whatsapp):
    """An error of the sandbox must reach a caller as an error."""
    try:
        whatsapp.send_template(CUSTOMER, "no_such_template", t.TemplateLanguage.ENGLISH_US)
    except pywa.errors.WhatsAppError as error:
        done("error", error.code == 132001)
    else:
        sys.exit("error: a template that does not exist was sent")


def main():
    session = httpx.Client(timeout=10, trust_env=False)
    whatsapp = pywa.WhatsApp(NUMBER, TOKEN, waba_id=ACCOUNT, session=session)
    # pywa has no option for the host: it sets the base URL of its HTTP client once, when it is made.
    session.base_url = str(session.base_url).replace("https://graph.facebook.com", BASE)
    for part in (send_messages, send_files, send_interactive, use_templates, is_refused):
        part(whatsapp)
    print(f"pywa {pywa.__version__}: {calls} calls")


main()
