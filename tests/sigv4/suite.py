"""Writes corpus/sigv4/suite.jsonl from the folder of AWS's signing test suite that is its argument."""

import json
import pathlib
import sys

# What the suite signs and this project refuses, by rule.
REFUSED = {
    # A signed header that stands twice, or goes over several lines: a proxy may pass on one and check another.
    "get-header-key-duplicate": "Header",
    "get-header-value-order": "Header",
    "get-header-value-multiline": "Header",
    # Signed as what the path becomes when dot segments and double slashes are taken out. H-11 refuses such paths, and
    # the verifier takes a path as it was sent.
    "get-relative-normalized": "Mismatch",
    "get-relative-relative-normalized": "Mismatch",
    "get-slash-dot-slash-normalized": "Mismatch",
    "get-slash-normalized": "Mismatch",
    "get-slash-pointless-dot-normalized": "Mismatch",
    "get-slashes-normalized": "Mismatch",
    # A space in a request target, which no HTTP request can have.
    "get-space-normalized": "Mismatch",
    "get-space-unnormalized": "Mismatch",
}
# The token was added behind the signature; in a query it is a parameter like any other, which is to be signed.
REFUSED_QUERY = {"post-sts-header-after": "Mismatch"}


def read(path, name, place):
    text = path.read_text()
    head, _, body = text.partition("\n\n")
    line, *headers = head.split("\n")
    method, _, rest = line.partition(" ")
    pairs = []
    for header in headers:
        if header[:1] == " ":
            pairs[-1][1] += "\r\n" + header
            continue
        key, _, value = header.partition(":")
        pairs.append([key, value])
    context = json.loads((path.parent / "context.json").read_text())
    refused = REFUSED | (REFUSED_QUERY if place == "query" else {})
    return {
        "name": f"{name}, {place}",
        "access_key_id": context["credentials"]["access_key_id"],
        "secret": context["credentials"]["secret_access_key"],
        "session_token": context["credentials"].get("token"),
        "region": context["region"],
        "service": context["service"],
        "time": context["timestamp"],
        "method": method,
        "target": rest.removesuffix(" HTTP/1.1"),
        "headers": pairs,
        "body": body,
        "answer": refused.get(name, "valid"),
    }


def main():
    folder = pathlib.Path(sys.argv[1])
    out = pathlib.Path("corpus/sigv4/suite.jsonl")
    with out.open("w") as lines:
        for case in sorted(folder.iterdir()):
            for place in ("header", "query"):
                path = case / f"{place}-signed-request.txt"
                # Two cases of an older form come without the credentials they were signed with.
                if path.exists() and (case / "context.json").exists():
                    lines.write(json.dumps(read(path, case.name, place)) + "\n")


main()
