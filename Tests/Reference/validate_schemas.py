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

SCHEMAS = pathlib.Path(__file__).parents[2] / "docs" / "schemas"
# Keys that stand only where a plan, a run or a caller has them.
OPTIONAL = {
    "decideRadius", "width", "leastRadius", "earlierCaps", "alphaSplit", "earlierRuns",
    "alphaSummed", "chosenFrom", "labels", "certificates.tsv",
}


def validator(name):
    schema = json.loads((SCHEMAS / f"{name}.schema.json").read_text())
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def resolve(schema, root):
    while "$ref" in schema:
        schema = root["$defs"][schema["$ref"].rsplit("/", 1)[1]]
    return schema


def check_names(value, schema, root, path):
    """Every key of an object is a property of its schema."""
    schema = resolve(schema, root)
    if isinstance(value, dict):
        choices = [schema] + schema.get("oneOf", []) + schema.get("anyOf", [])
        properties = {}
        for choice in choices:
            properties.update(resolve(choice, root).get("properties", {}))
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
                if path[-1] in OPTIONAL:
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
    manifest, record, provenance, signature = (
        validator(name) for name in ("manifest", "record", "provenance", "signature")
    )
    valid = refused = 0
    for run in map(pathlib.Path, sys.argv[1:]):
        files = [
            (run / "manifest.json", manifest, lambda text: [text]),
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
