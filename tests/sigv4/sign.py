"""Writes corpus/sigv4/botocore.jsonl: requests to an API, signed by botocore at a fixed time."""

import base64
import datetime
import json
import pathlib
import urllib.parse

import botocore.auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

NOW = datetime.datetime(2026, 1, 1, 12, 0, 0)
HOST = "a1b2c3d4e5.execute-api.us-east-1.amazonaws.com"
USER = Credentials("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
SESSION = Credentials("ASIDEXAMPLE", "a secret of another length", "IQoJb3JpZ2luX2VjE//////////wEaCXVz+/==")

# Method, path with query, headers, body.
REQUESTS = [
    ("GET", "/prod/pets", {}, b""),
    ("GET", "/prod/", {}, b""),
    ("GET", "/prod", {}, b""),
    ("GET", "/", {}, b""),
    ("GET", "/prod/pets/", {}, b""),
    ("GET", "/prod/pets?limit=3", {}, b""),
    ("GET", "/prod/pets?b=2&a=1&a=0&c=&d", {}, b""),
    ("GET", "/prod/pets?A=1&a=1&a-b=1&a.b=1&a_b=1&a~b=1", {}, b""),
    ("GET", "/prod/pets?name=%C3%A9&name=%E2%82%AC&q=a%20b%2Bc%26d%3De%2F", {}, b""),
    ("GET", "/prod/pets?sort=name&sort-by=x&sort2=y", {}, b""),
    ("GET", "/prod/a%20b/%C3%A9", {}, b""),
    ("GET", "/prod/@connections/JBDvjfGEIAMCERw%3D", {}, b""),
    ("GET", "/prod/a:b,c;d=e(f)!g$h&i'j*", {}, b""),
    ("GET", "/prod/a+b/c~d/e-f.g_h", {}, b""),
    ("DELETE", "/prod/pets/42", {}, b""),
    ("POST", "/prod/pets", {"Content-Type": "application/json"}, b'{"name":"Rex"}'),
    ("PUT", "/prod/pets/1", {"Content-Type": "application/octet-stream"}, bytes(range(256))),
    ("PATCH", "/prod/pets/1", {"Content-Type": "text/plain; charset=utf-8"}, "é€😀".encode()),
    ("POST", "/prod/form", {"Content-Type": "application/x-www-form-urlencoded"}, b"a=1&b=2+3"),
    ("GET", "/prod/pets", {"X-Spaces": "  a   b  c ", "x-lower": "v", "X-UPPER": "V"}, b""),
    ("GET", "/prod/pets", {"x-apigw-api-id": "a1b2c3d4e5", "X-Api-Key": "k"}, b""),
    ("GET", "/prod/pets", {"User-Agent": "unsigned/1.0", "Accept": "*/*", "X-Empty": ""}, b""),
    ("GET", "/prod/pets", {"X-Quoted": '"a   b"', "X-Comma": "a, b,c"}, b""),
    ("OPTIONS", "/prod/pets", {"Origin": "https://example.com"}, b""),
    ("HEAD", "/prod/pets", {}, b""),
    # Signed by `Date` instead of `X-Amz-Date`.
    ("GET", "/prod/pets", {"Date": "Thu, 01 Jan 2026 12:00:00 GMT"}, b""),
]


def signed(credentials, place, method, target, headers, body):
    request = AWSRequest(method=method, url=f"https://{HOST}{target}", headers=dict(headers), data=body)
    signer = botocore.auth.SigV4Auth if place == "header" else botocore.auth.SigV4QueryAuth
    signer(credentials, "execute-api", "us-east-1").add_auth(request)
    url = urllib.parse.urlsplit(request.url)
    sent = [["Host", HOST]] + [[name, value] for name, value in request.headers.items() if name.lower() != "host"]
    line = {
        "name": f"{method} {target}, {place}, {credentials.access_key}",
        "access_key_id": credentials.access_key,
        "secret": credentials.secret_key,
        "session_token": credentials.token,
        "region": "us-east-1",
        "service": "execute-api",
        "time": NOW.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "method": method,
        "target": url.path + ("?" + url.query if url.query else ""),
        "headers": sent,
        "answer": "valid",
    }
    try:
        line["body"] = body.decode("ascii")
    except UnicodeDecodeError:
        line["body_base64"] = base64.b64encode(body).decode()
    return line


def main():
    botocore.auth.get_current_datetime = lambda *_, **__: NOW
    botocore.auth.formatdate = lambda *_, **__: "Thu, 01 Jan 2026 12:00:00 GMT"
    with pathlib.Path("corpus/sigv4/botocore.jsonl").open("w") as lines:
        for credentials in (USER, SESSION):
            for place in ("header", "query"):
                for request in REQUESTS:
                    # botocore takes the content type out of what a query signs, and a body into the query itself.
                    if place == "query" and request[3]:
                        continue
                    lines.write(json.dumps(signed(credentials, place, *request)) + "\n")


main()
