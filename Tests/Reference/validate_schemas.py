"""Validates the files of campaigns against the schemas of docs/schemas, with the library jsonschema.

    python validate_schemas.py RUN ...

Fails when a file is not valid, or has a key that its schema does not name (readers have to ignore
those, but the schema of this release knows all that it writes). That the schemas can refuse anything
is tried too: a file without one of its keys, or with a list for a value, must not be valid, unless
the schema says so. Prints how many files and lines were valid, and how many damaged ones were not.
"""

import copy
import json
import pathlib
import sys

from jsonschema import Draft202012Validator
from referencing import Registry
from referencing.jsonschema import DRAFT202012

SCHEMAS = pathlib.Path(__file__).parents[2] / "docs" / "schemas"
# Keys that stand only where a plan, a run or a caller has them.
OPTIONAL = {
    "decideRadius", "width", "leastRadius", "earlierCaps", "alphaSplit", "earlierRuns",
    "alphaSummed", "chosenFrom", "labels", "certificates.tsv", "part", "selfTests",
}
# The format of the manifest of a merged run that is not one campaign.
MERGED = "wardein manifest of merged runs 1"


def load(name):
    return json.loads((SCHEMAS / name).read_text())


# Schemas refer to each other by the names of their files.
FILES = Registry().with_contents(
    [(path.name, load(path.name)) for path in SCHEMAS.glob("*.schema.json")],
    default_specification=DRAFT202012,
)


def validator(name):
    schema = load(f"{name}.schema.json")
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema, registry=FILES)


def resolve(schema, root):
    """What a schema refers to, and the file that it stands in."""
    while "$ref" in schema:
        name, place = schema["$ref"].split("#/")
        root = load(name) if name else root
        schema = root
        for step in place.split("/"):
            schema = schema[step]
    return schema, root


def check_names(value, schema, root, path):
    """Every key of an object is a property of its schema."""
    schema, root = resolve(schema, root)
    if isinstance(value, dict):
        choices = [schema] + schema.get("oneOf", []) + schema.get("anyOf", [])
        properties = {}
        for choice in choices:
            properties.update(resolve(choice, root)[0].get("properties", {}))
        for key, member in value.items():
            assert key in properties, f"{path}.{key} is in no schema"
            check_names(member, properties[key], root, f"{path}.{key}")
    elif isinstance(value, list) and "items" in schema:
        for element in value:
            check_names(element, schema["items"], root, path)


def damaged(value):
    """The value without each of its keys, and with a list of a list for each."""
    places = []

    def collect(node, path):
        if isinstance(node, dict):
            for key in node:
                places.append(path + [key])
                collect(node[key], path + [key])
        elif isinstance(node, list) and node and isinstance(node[0], dict):
            collect(node[0], path + [0])

    collect(value, [])
    for path in places:
        for replacement in (None, [[]]):
            other = copy.deepcopy(value)
            node = other
            for step in path[:-1]:
                node = node[step]
            if replacement is None:
                if path[-1] in OPTIONAL or path == ["parts"] and "ending" in value:
                    continue
                del node[path[-1]]
            else:
                node[path[-1]] = replacement
            yield path, other


def check(text, validate, place):
    value = json.loads(text)
    errors = [error.message for error in validate.iter_errors(value)]
    assert not errors, f"{place}: {errors}"
    check_names(value, validate.schema, validate.schema, place)
    return value


def main():
    manifest, merged, record, provenance, signature = (
        validator(name)
        for name in ("manifest", "merged-manifest", "record", "provenance", "signature")
    )
    valid = refused = 0
    for run in map(pathlib.Path, sys.argv[1:]):
        is_merged = json.loads((run / "manifest.json").read_text())["format"] == MERGED
        files = [
            (run / "manifest.json", merged if is_merged else manifest, lambda text: [text]),
            (run / "records.jsonl", record, str.splitlines),
            (run / "provenance.json", provenance, lambda text: [text]),
        ]
        if (run / "signature.json").exists():
            files.append((run / "signature.json", signature, lambda text: [text]))
        for path, validate, split in files:
            values = [check(text, validate, path) for text in split(path.read_text())]
            assert values, f"{path} is empty"
            valid += len(values)
            for place, other in damaged(values[0]):
                assert not validate.is_valid(other), f"{path}: {place} may be anything"
                refused += 1
    print(f"{valid} valid, {refused} damaged ones refused")


if __name__ == "__main__":
    main()
