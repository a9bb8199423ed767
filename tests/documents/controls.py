"""Whether each check can fail: a sound document passes all of them, and one that is broken in one place does not."""
import pathlib
import tempfile

import clients
import linters
import tools

def generate(document):
    with tempfile.TemporaryDirectory() as folder:
        clients.generate_python(document, pathlib.Path(folder))


SOUND = (pathlib.Path(__file__).resolve().parent / "broken" / "sound.yaml").read_text()
# The check, what is broken about the document, and what the check must then say.
BROKEN = [
    (linters.redocly, "description: What it says. }", "description: Aloud, or not. }", "`or not.` is not expected"),
    (linters.redocly, "      description: It is kept.\n", "", "operation-description"),
    (linters.redocly, "example: { text: Hello, kind: short }", "example: { text: 7 }", "no-invalid-media-type-examples"),
    (linters.spectral, "type: object\n", "type: [object, array]\n", "array-items"),
    (linters.spectral, "enum: [short, long],", "type: boolean, default: false,", "no-default-of-a-field"),
    (linters.spectral, "enum: [short, long],", "const: { length: short },", "no-constant-object"),
    (linters.examples, "            example: { text: Hello, kind: short }\n      responses", "      responses", "the request has no example"),
    (linters.examples, "              example: { text: Hello, kind: short }\n        '401'", "        '401'", "the answer 200 has no example"),
    (linters.examples, "kind: short }", "kind: middling }", '"middling" is not one of'),
    (generate, "enum: [short, long],", "const: { length: short },", "client was not created"),
]


def check():
    with tempfile.TemporaryDirectory() as folder:
        document = pathlib.Path(folder, "document.yaml")
        document.write_text(SOUND)
        for action in {action: None for action, *_ in BROKEN}:
            action(document)
        for action, sound, broken, said in BROKEN:
            document.write_text(SOUND.replace(sound, broken))
            fails(action, document, said)


def fails(action, document, said):
    try:
        action(document)
    except tools.Failed as failed:
        if said in str(failed):
            return
        raise tools.Failed(f"{action.__name__} does not say `{said}`, but: {failed}") from failed
    raise tools.Failed(f"{action.__name__} passes a document in which it should find `{said}`")
