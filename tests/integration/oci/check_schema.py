#!/usr/bin/env python3
"""check_schema.py SCHEMA FILE: validates a JSON file against one of the OCI runtime schemas; tells the first fault."""

import json
import pathlib
import sys

import jsonschema

folder = pathlib.Path("/usr/share/gocode/src/github.com/opencontainers/runtime-spec/schema")
schema = json.loads((folder / sys.argv[1]).read_text())
resolver = jsonschema.RefResolver(base_uri=folder.as_uri() + "/", referrer=schema)
faults = list(jsonschema.Draft4Validator(schema, resolver=resolver).iter_errors(json.loads(pathlib.Path(sys.argv[2]).read_text())))
if faults:
    sys.exit(f"{'/'.join(map(str, faults[0].absolute_path))}: {faults[0].message}")
