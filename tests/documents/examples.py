"""Every operation of a document shows what to send and what comes back, and every example is what its schema says.

Usage: examples.py DOCUMENT
"""
import pathlib
import sys

import jsonschema_rs
import yaml

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")


class Document:
    def __init__(self, text):
        self.root = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
        self.faults = []
        self.validated = 0
        self.seen = set()

    def resolve(self, node):
        while "$ref" in node:
            here = self.root
            for part in node["$ref"].removeprefix("#/").split("/"):
                here = here[part.replace("~1", "/").replace("~0", "~")]
            node = here
        return node

    def operations(self):
        for path, item in self.root["paths"].items():
            for method in METHODS:
                if method in item:
                    yield f"{method.upper()} {path}", item[method], item.get("parameters", [])

    def validate(self, place, schema, value):
        self.validated += 1
        whole = {"components": self.root.get("components", {}), "allOf": [schema]}
        try:
            validator = jsonschema_rs.Draft202012Validator(whole, validate_formats=True)
        except jsonschema_rs.ValidationError as broken:
            self.faults.append(f"{place}: the schema cannot be read: {broken.message}")
            return
        for error in validator.iter_errors(value):
            at = "/".join(str(part) for part in error.instance_path)
            self.faults.append(f"{place}: at `{at}`: {error.message[:300]}")

    def examples(self, place, holder):
        """Validates the examples of a media type or parameter; gives whether it has one."""
        found = [("example", holder["example"])] if "example" in holder else []
        for name, example in holder.get("examples", {}).items():
            found.append((name, self.resolve(example).get("value")))
        if id(holder) not in self.seen:
            self.seen.add(id(holder))
            for name, value in found:
                self.validate(f"{place}, {name}", holder.get("schema", {}), value)
        return bool(found)

    def contents(self, place, holder):
        """Whether each JSON body of a request or an answer has an example; true where there is no body."""
        shown = [self.examples(f"{place} {kind}", media) for kind, media in holder.get("content", {}).items()]
        return all(shown)

    def answers(self, name, operation):
        good = []
        for status, answer in operation["responses"].items():
            answer = self.resolve(answer)
            shown = self.contents(f"{name} {status}", answer)
            if status.startswith(("2", "3")):
                good.append((status, shown))
        for status, shown in good:
            if not shown:
                self.faults.append(f"{name}: the answer {status} has no example")
        if not good:
            self.faults.append(f"{name}: no answer tells of success")

    def check(self):
        for name, operation, shared in self.operations():
            for parameter in [*shared, *operation.get("parameters", [])]:
                parameter = self.resolve(parameter)
                self.examples(f"{name} parameter {parameter['name']}", parameter)
            if "requestBody" in operation and not self.contents(f"{name} request", self.resolve(operation["requestBody"])):
                self.faults.append(f"{name}: the request has no example")
            self.answers(name, operation)
        return self.faults


def main():
    document = Document(pathlib.Path(sys.argv[1]).read_text())
    faults = document.check()
    print(*faults, f"{document.validated} examples, {len(faults)} faults", sep="\n")
    sys.exit(1 if faults or not document.validated else 0)


if __name__ == "__main__":
    main()
