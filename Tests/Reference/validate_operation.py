"""Validates a log and live states of coordinators against their schemas, with the library jsonschema.

    python validate_operation.py LOG STATUS.json ...

Every line of the log has to be valid and to have no key that the schema does not name, and so has each
state; damaged ones must not be valid. Prints how many were valid, and how many damaged ones were not.
"""

import json
import pathlib
import sys

from validate_schemas import check, damaged, validator

ALWAYS = {"time", "level", "event", "message"}


def main(log, states):
    of_line, of_state = validator("log"), validator("live-status")
    valid = refused = 0
    for line in pathlib.Path(log).read_text().splitlines():
        value = check(line, of_line, log)
        for key in value:
            other = {name: member for name, member in value.items() if name != key}
            assert of_line.is_valid(other) == (key not in ALWAYS), f"without {key}: {line}"
            assert not of_line.is_valid({**value, key: [[]]}), f"{key} may be anything: {line}"
            refused += 1
        valid += 1
    for path in states:
        value = json.loads(pathlib.Path(path).read_text())
        page = value.pop("page")
        assert of_state.is_valid({**value, "page": page}), path
        for place, other in damaged(value):
            assert not of_state.is_valid({**other, "page": {}}), f"{path}: {place} may be anything"
            refused += 1
        check(json.dumps({**value, "page": {}}), of_state, path)
        valid += 1
    print(f"{valid} valid, {refused} damaged ones refused")


main(sys.argv[1], sys.argv[2:])
