"""Writes corpus/http/: calls of the bundle corpus/bundles/apis as a proxy saw them, signed by botocore, and the answers.

The answers are put together here from the rules, case by case; nothing is asked of the program.
"""

import base64
import datetime
import hashlib
import json
import pathlib

import botocore.auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

FOLDER = pathlib.Path("corpus/http")
KEYS = {
    name: Credentials(name, key["secret"], key.get("session_token"))
    for name, key in json.loads((FOLDER / "credentials.json").read_text()).items()
}
KEYS["AKIDNOBODY"] = Credentials("AKIDNOBODY", "nobody's secret")
NOW = datetime.datetime(2026, 1, 1, 12, 0, 0)

PETS = "arn:aws:execute-api:us-east-1:123412341234:a1b2c3d4e5"
THEIRS = "arn:aws:execute-api:us-east-1:444455556666:f6g7h8i9j0"
BARE = "arn:aws:execute-api:eu-west-1:123412341234:a1b2c3d4e5"
PETS_HOST = "a1b2c3d4e5.execute-api.us-east-1.amazonaws.com"
THEIRS_HOST = "f6g7h8i9j0.execute-api.us-east-1.amazonaws.com"
BARE_HOST = "a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com"
ENDPOINT = "vpce-1a2b3c4d"
DEFAULT = "vpce-0000ffff"

USER = "arn:aws:iam::123412341234:user/MyUser"
OTHER = "arn:aws:iam::123412341234:user/Other"
VISITOR = "arn:aws:iam::999999999999:user/Visitor"
WORKER = "arn:aws:sts::123412341234:assumed-role/Worker/one"

# The methods of the bundle, as answers show them.
ROOT = ("*", "GET", "/", "NONE")
PET_LIST = ("prod", "GET", "/pets", "AWS_IAM")
PET = ("prod", "GET", "/pets/{}", "AWS_IAM")
PET_CUSTOM = ("prod", "ANY", "/pets/{}", "CUSTOM")
PHOTOS = ("prod", "GET", "/pets/{}/photos/{+}", "COGNITO_USER_POOLS")
ALL = ("*", "ANY", "/{+}", "AWS_IAM")
BARE_ROOT = ("prod", "ANY", "/", "NONE")

# The statements of the bundle: layer, document, index, Sid.
E_ALL = ("endpoint", "endpoint", 0, "All")
E_NO_VISITORS = ("endpoint", "endpoint", 1, "NoVisitors")
R_ROOT = ("resource", "pets", 0, "Root")
R_TEAM = ("resource", "pets", 1, "Team")
R_ONE = ("resource", "pets", 3, "OneSession")
R_PHOTOS = ("resource", "pets", 4, "Photos")
R_NO_SECRETS = ("resource", "pets", 5, "NoSecrets")
R_THEIRS = ("resource", "shared", 0, "TheirAccount")
I_READ = ("identity", "read", 0, "Read")
I_BOUNDARY = ("identity", "boundary", 0, "Pets")
I_THEIRS = ("identity", "shared-api", 0, "Theirs")
I_NOT_THEIRS = ("identity", "shared-api", 1, "NotTheirs")

ALLOW, DENY, SILENT = "explicit_allow", "explicit_deny", "implicit_deny"

CASES = []


def stamp(time):
    return time.strftime("%Y%m%dT%H%M%SZ")


def http(method, target, host=PETS_HOST, headers=(), endpoint=ENDPOINT, **more):
    """The field `http`. A value of `None` leaves a field out."""
    fields = {"method": method, "host": host, "target": target, "headers": [list(pair) for pair in headers]}
    fields |= {"endpoint": endpoint, "source_ip": "10.0.0.7", "time": "2026-01-01T12:00:00Z"} | more
    return {name: value for name, value in fields.items() if value is not None}


def sign(call, key, query=None, at=NOW, region="us-east-1", body=b""):
    """The same call, signed in a header, or in the query for so many seconds."""
    botocore.auth.get_current_datetime = lambda *_, **__: at
    host = call.get("host") or dict((name.lower(), value) for name, value in call["headers"])["host"]
    headers = {name: value for name, value in call["headers"] if name.lower() != "host"}
    request = AWSRequest(method=call["method"], url=f"https://{host}{call['target']}", headers=headers, data=body)
    if query:
        signer = botocore.auth.SigV4QueryAuth(KEYS[key], "execute-api", region, expires=query)
    else:
        signer = botocore.auth.SigV4Auth(KEYS[key], "execute-api", region)
    signer.add_auth(request)
    sent = [["Host", host]] + [[name, value] for name, value in request.headers.items() if name.lower() != "host"]
    return call | {"target": request.url.removeprefix(f"https://{host}"), "headers": sent}


def change(call, name, old, new):
    """The same call with a text of a header replaced: all of it where `old` is `None`; without it where `new` is."""
    headers = []
    for own, value in call["headers"]:
        if own.lower() == name:
            if new is None:
                continue
            assert old is None or old in value, (old, value)
            value = new if old is None else value.replace(old, new)
        headers.append([own, value])
    return call | {"headers": headers}


def answer(reason, resource, principal, route, layers, statements=(), response=None):
    shown = [
        {"policy": f"policies/{document}.json", "index": index, "sid": sid, "layer": layer}
        for layer, document, index, sid in statements
    ]
    fields = {"decision": "allow" if reason == ALLOW else "deny", "reason": reason, "statements": shown, "layers": layers}
    if response:
        status, errortype, name, message = response
        body = json.dumps({name: message}, separators=(",", ":"))
        fields["response"] = {"status": status, "errortype": errortype, "message": message, "body": body}
    fields |= {"resource": resource, "principal": principal}
    if route:
        fields["route"] = route_of(route)
    return fields


def route_of(method):
    return dict(zip(("stage", "method", "path", "authorization"), method))


def case(call, expected, context=None, authorizer=None):
    line = {"http": call}
    if context is not None:
        line["context"] = context
    if authorizer is not None:
        line["authorizer"] = authorizer
    CASES.append((line, expected))


def layers(*said):
    return dict(said)


def not_authorized(seen, resource, explicit=False):
    """X-01 to X-04."""
    masked = resource.replace(":1234123", ":********").replace("********41234", "********1234")
    masked = masked.replace(":444455556666:", ":********6666:")
    end = " with an explicit deny" if explicit else ""
    message = f"User: {seen or 'anonymous'} is not authorized to perform: execute-api:Invoke on resource: {masked}{end}"
    return 403, "AccessDeniedException", "Message", message


NO_TOKEN = (403, "MissingAuthenticationTokenException", "message", "Missing Authentication Token")
MISMATCH = (
    403,
    "InvalidSignatureException",
    "message",
    "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key "
    "and signing method. Consult the service documentation for details.",
)
BAD_TOKEN = (403, "AccessDeniedException", "message", "The security token included in the request is invalid.")
UNAUTHORIZED = (401, "UnauthorizedException", "message", "Unauthorized")
BAD_REQUEST = answer(SILENT, None, None, None, {}, response=(400, "BadRequestException", "message", "Bad Request"))
FORBIDDEN = answer(SILENT, None, None, None, {}, response=(403, "ForbiddenException", "message", "Forbidden"))
NO_DATE = "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header."


def invalid(message):
    return 403, "InvalidSignatureException", "message", message


def incomplete(*parts, date=False):
    sentences = [f"Authorization header requires '{part}' parameter." for part in parts] + [NO_DATE] * date
    return 403, "IncompleteSignatureException", "message", " ".join(sentences)


def lambda_says(explicit):
    message = "User is not authorized to access this resource" + (" with an explicit deny" if explicit else "")
    return 403, "AccessDeniedException", "message", message


ENDPOINT_ALLOWS = ("endpoint", ALLOW)
GET_PETS = f"{PETS}/prod/GET/pets"
USER_MAY = answer(
    ALLOW,
    GET_PETS,
    USER,
    PET_LIST,
    layers(ENDPOINT_ALLOWS, ("resource", ALLOW), ("identity", ALLOW)),
    [E_ALL, R_TEAM, I_READ],
)


def none():
    """`NONE`: the resource policy alone, of an anonymous caller (L-06)."""
    both = layers(ENDPOINT_ALLOWS, ("resource", ALLOW))
    case(http("GET", "/prod/"), answer(ALLOW, f"{PETS}/prod/GET/", None, ROOT, both, [E_ALL, R_ROOT]))
    case(http("GET", "/dev", endpoint=DEFAULT), answer(ALLOW, f"{PETS}/dev/GET/", None, ROOT, both, [R_ROOT]))
    # Bearer tokens are nothing to a method without authorization; a signature names who is seen at the endpoint.
    call = http("GET", "/prod/", headers=[("Authorization", "Bearer abc.def.ghi")])
    case(call, answer(ALLOW, f"{PETS}/prod/GET/", None, ROOT, both, [E_ALL, R_ROOT]))
    case(sign(http("GET", "/prod/"), "AKIDEXAMPLE"), answer(ALLOW, f"{PETS}/prod/GET/", USER, ROOT, both, [E_ALL, R_ROOT]))
    refused = not_authorized(VISITOR, f"{PETS}/prod/GET/", explicit=True)
    case(
        sign(http("GET", "/prod/"), "AKIDVISITOR"),
        answer(DENY, f"{PETS}/prod/GET/", VISITOR, ROOT, layers(("endpoint", DENY)), [E_NO_VISITORS], refused),
    )
    # L-05: an API without a resource policy.
    refused = not_authorized(None, f"{BARE}/prod/GET/")
    silent = layers(ENDPOINT_ALLOWS, ("resource", SILENT))
    case(http("GET", "/prod", host=BARE_HOST), answer(SILENT, f"{BARE}/prod/GET/", None, BARE_ROOT, silent, (), refused))
    # A broken signature is refused on every method.
    broken = sign(http("GET", "/prod/"), "AKIDEXAMPLE")
    broken = change(broken, "x-amz-date", None, "20260101T120001Z")
    case(broken, answer(SILENT, f"{PETS}/prod/GET/", None, ROOT, {}, (), MISMATCH))


def aws_iam():
    """`AWS_IAM`: signatures in a header and in the query, and tables A and B (L-07, L-08)."""
    for endpoint, own in ((ENDPOINT, [E_ALL]), (DEFAULT, [])):
        for query in (None, 60):
            call = sign(http("GET", "/prod/pets", endpoint=endpoint), "AKIDEXAMPLE", query)
            case(call, USER_MAY | {"statements": answer(ALLOW, "", "", None, {}, own + [R_TEAM, I_READ])["statements"]})
    # The path is signed as it was sent, and decided on as it is normalised (H-09).
    case(sign(http("GET", "/prod/%70ets?limit=3&a=%2F"), "AKIDEXAMPLE"), USER_MAY)
    call = sign(http("GET", "/prod/pets/4%322"), "AKIDEXAMPLE")
    case(call, USER_MAY | {"resource": f"{PETS}/prod/GET/pets/422", "route": route_of(PET)})
    # L-14: within the boundary, and a session that the resource policy names itself.
    three = layers(ENDPOINT_ALLOWS, ("resource", ALLOW), ("identity", ALLOW))
    for query in (None, 900):
        case(
            sign(http("GET", "/prod/pets"), "ASIDEXAMPLE", query),
            answer(ALLOW, GET_PETS, WORKER, PET_LIST, three, [E_ALL, R_TEAM, I_READ, I_BOUNDARY]),
        )
    neither = layers(ENDPOINT_ALLOWS, ("resource", ALLOW), ("identity", SILENT))
    birds = f"{PETS}/prod/GET/birds"
    case(
        sign(http("GET", "/prod/birds"), "ASIDEXAMPLE"),
        answer(ALLOW, birds, WORKER, ALL, neither, [E_ALL, R_TEAM, R_ONE]),
    )
    toys = f"{PETS}/prod/GET/toys"
    case(
        sign(http("GET", "/prod/toys"), "ASIDEXAMPLE"),
        answer(SILENT, toys, WORKER, ALL, neither, (), not_authorized(WORKER, toys)),
    )
    case(
        sign(http("GET", "/prod/pets"), "AKIDOTHER"),
        answer(SILENT, GET_PETS, OTHER, PET_LIST, neither, (), not_authorized(OTHER, GET_PETS)),
    )
    secrets = f"{PETS}/prod/GET/secrets"
    case(
        sign(http("GET", "/prod/secrets"), "AKIDEXAMPLE"),
        answer(
            DENY,
            secrets,
            USER,
            ALL,
            layers(ENDPOINT_ALLOWS, ("resource", DENY), ("identity", SILENT)),
            [R_NO_SECRETS],
            not_authorized(USER, secrets, explicit=True),
        ),
    )
    # Two accounts; a body in each of its three forms.
    body = b'{"name":"Rex","toy":"\xc3\xa9"}'
    forms = (
        {"body": body.decode()},
        {"body_base64": base64.b64encode(body).decode()},
        {"body_sha256": hashlib.sha256(body).hexdigest()},
        {"body_sha256": hashlib.sha256(body).hexdigest().upper()},
    )
    theirs = f"{THEIRS}/v1/POST/orders"
    may = answer(ALLOW, theirs, USER, ALL, three, [E_ALL, R_THEIRS, I_THEIRS])
    call = http("POST", "/v1/orders", host=THEIRS_HOST, headers=[("Content-Type", "application/json")])
    signed = sign(call, "AKIDEXAMPLE", body=body)
    for form in forms:
        case(signed | form, may)
    may_not = answer(SILENT, theirs, None, ALL, {}, (), MISMATCH)
    for form in ({}, {"body": body.decode() + " "}, {"body_sha256": "0" * 64}):
        case(signed | form, may_not)
    deleted = f"{THEIRS}/v1/DELETE/orders/7"
    case(
        sign(http("DELETE", "/v1/orders/7", host=THEIRS_HOST), "AKIDEXAMPLE"),
        answer(
            DENY,
            deleted,
            USER,
            ALL,
            layers(ENDPOINT_ALLOWS, ("resource", ALLOW), ("identity", DENY)),
            [I_NOT_THEIRS],
            not_authorized(USER, deleted, explicit=True),
        ),
    )
    # H-10: a slash at the end is kept, and is no part of the route (H-16).
    call = sign(http("GET", "/prod/pets/"), "AKIDEXAMPLE")
    case(call, USER_MAY | {"resource": f"{PETS}/prod/GET/pets/"})


def unsigned():
    """`AWS_IAM` without a valid signature: S-04, S-07."""
    endpoint = layers(ENDPOINT_ALLOWS)

    def refused(call, response, said):
        case(call, answer(SILENT, GET_PETS, None, PET_LIST, said, (), response))

    plain = http("GET", "/prod/pets")
    refused(plain, NO_TOKEN, endpoint)
    refused(http("GET", "/prod/pets", headers=[("Authorization", "")]), NO_TOKEN, endpoint)
    # A date or a token alone signs nothing.
    refused(http("GET", "/prod/pets?X-Amz-Date=20260101T120000Z"), NO_TOKEN, endpoint)
    every = ("Credential", "Signature", "SignedHeaders")
    bearer = http("GET", "/prod/pets", headers=[("Authorization", "Bearer abc")])
    refused(bearer, incomplete(*every, date=True), endpoint)
    dated = bearer | {"headers": bearer["headers"] + [["X-Amz-Date", "20260101T120000Z"]]}
    refused(dated, incomplete(*every), endpoint)

    signed = sign(plain, "AKIDEXAMPLE")
    value = dict(signed["headers"])["Authorization"]
    credential, names, signature = value.removeprefix("AWS4-HMAC-SHA256 ").split(", ")
    for parts, missing in (
        ((names, signature), ["Credential"]),
        ((credential, names), ["Signature"]),
        ((credential, signature), ["SignedHeaders"]),
        ((names,), ["Credential", "Signature"]),
        ((credential.replace("/aws4_request", ""), names, signature), ["Credential"]),
        ((), every),
    ):
        call = change(signed, "authorization", None, "AWS4-HMAC-SHA256 " + ", ".join(parts))
        refused(call, incomplete(*missing), {})
    refused(change(signed, "x-amz-date", None, None), incomplete(date=True), {})
    refused(change(signed, "x-amz-date", None, "2026-01-01T12:00:00Z"), incomplete(date=True), {})
    queried = sign(plain, "AKIDEXAMPLE", 60)
    lost = queried["target"].replace("X-Amz-SignedHeaders=host&", "")
    assert lost != queried["target"]
    refused(queried | {"target": lost}, incomplete("SignedHeaders"), {})

    # Signed, and then something was changed.
    refused(change(signed, "authorization", "Signature=", "Signature=0"), MISMATCH, {})
    refused(change(signed, "host", None, f"{PETS_HOST}:443"), MISMATCH, {})
    refused(signed | {"target": "/prod/pets?admin=1"}, MISMATCH, {})
    refused(signed | {"target": "/prod/%70ets"}, MISMATCH, {})
    refused(queried | {"target": queried["target"].replace("Expires=60", "Expires=61")}, MISMATCH, {})
    refused(queried | {"target": queried["target"] + "&admin=1"}, MISMATCH, {})
    # Of another region; in another form; twice.
    refused(sign(plain, "AKIDEXAMPLE", region="eu-west-1"), MISMATCH, {})
    ecdsa = change(signed, "authorization", "AWS4-HMAC-SHA256", "AWS4-ECDSA-P256-SHA256")
    refused(ecdsa, MISMATCH, {})
    refused(signed | {"headers": signed["headers"] + [["authorization", value]]}, MISMATCH, {})
    refused(signed | {"target": queried["target"]}, MISMATCH, {})
    #
    refused(sign(plain, "AKIDNOBODY"), BAD_TOKEN, {})
    session = sign(plain, "ASIDEXAMPLE")
    refused(change(session, "x-amz-security-token", None, "another"), BAD_TOKEN, {})
    token = [["X-Amz-Security-Token", "IQoJb3JpZ2luX2VjE//////////wEaCXVz+/=="]]
    refused(signed | {"headers": signed["headers"] + token}, BAD_TOKEN, {})

    # The clock: five minutes each way, and the life of a query-string signature.
    def at(seconds):
        return NOW + datetime.timedelta(seconds=seconds)

    for seconds in (-300, 300):
        case(sign(plain, "AKIDEXAMPLE", at=at(seconds)), USER_MAY)
    early, late = at(-300), at(300)
    message = f"Signature expired: {stamp(at(-301))} is now earlier than {stamp(early)} ({stamp(NOW)} - 5 min.)"
    refused(sign(plain, "AKIDEXAMPLE", at=at(-301)), invalid(message), {})
    message = f"Signature not yet current: {stamp(at(301))} is still later than {stamp(late)} ({stamp(NOW)} + 5 min.)"
    refused(sign(plain, "AKIDEXAMPLE", at=at(301)), invalid(message), {})
    refused(sign(plain, "AKIDEXAMPLE", 3600, at=at(301)), invalid(message), {})
    for life, words in ((60, "1 min."), (90, "90 sec."), (3600, "60 min.")):
        case(sign(plain, "AKIDEXAMPLE", life, at=at(-life)), USER_MAY)
        old, limit = stamp(at(-life - 1)), stamp(at(-life))
        message = f"Signature expired: {old} is now earlier than {limit} ({stamp(NOW)} - {words})"
        refused(sign(plain, "AKIDEXAMPLE", life, at=at(-life - 1)), invalid(message), {})
    refused(sign(plain, "AKIDEXAMPLE", 604801), MISMATCH, {})


def authorizers():
    """`CUSTOM` and `COGNITO_USER_POOLS` (L-09, L-10)."""
    token = [("Authorization", "Bearer abc.def.ghi")]
    post = f"{PETS}/prod/POST/pets/42"
    call = http("POST", "/prod/pets/42", headers=token)
    silent = ("resource", SILENT)
    for said, reason, response in (
        ("allow", ALLOW, None),
        ("deny", DENY, lambda_says(True)),
        ("silent", SILENT, lambda_says(False)),
    ):
        layer = {"allow": ALLOW, "deny": DENY, "silent": SILENT}[said]
        asked = layers(ENDPOINT_ALLOWS, silent, ("authorizer", layer))
        statements = [E_ALL] if said == "allow" else []
        case(call, answer(reason, post, None, PET_CUSTOM, asked, statements, response), authorizer=said)
    case(call, answer(SILENT, post, None, PET_CUSTOM, layers(ENDPOINT_ALLOWS, silent), (), UNAUTHORIZED))
    photo = f"{PETS}/prod/GET/pets/1/photos/2.png"
    call = http("GET", "/prod/pets/1/photos/2.png", headers=token)
    asked = layers(ENDPOINT_ALLOWS, ("authorizer", ALLOW), ("resource", ALLOW))
    case(call, answer(ALLOW, photo, None, PHOTOS, asked, [E_ALL, R_PHOTOS]), authorizer="allow")
    for said, reason in (("deny", DENY), ("silent", SILENT)):
        asked = layers(ENDPOINT_ALLOWS, ("authorizer", reason))
        case(call, answer(reason, photo, None, PHOTOS, asked, (), UNAUTHORIZED), authorizer=said)
    case(call, answer(SILENT, photo, None, PHOTOS, layers(ENDPOINT_ALLOWS), (), UNAUTHORIZED))
    # What the line's context gives wins over what the bundle says of the endpoint (K-04).
    asked = layers(ENDPOINT_ALLOWS, ("authorizer", ALLOW), ("resource", SILENT))
    refused = answer(SILENT, photo, None, PHOTOS, asked, (), not_authorized(None, photo))
    case(call, refused, context={"aws:SourceVpc": "vpc-2222"}, authorizer="allow")
    case(call | {"endpoint": DEFAULT}, refused, authorizer="allow")
    asked = layers(ENDPOINT_ALLOWS, ("authorizer", ALLOW), ("resource", ALLOW))
    may = answer(ALLOW, photo, None, PHOTOS, asked, [R_PHOTOS])
    case(call | {"endpoint": DEFAULT}, may, context={"aws:sourcevpc": "vpc-1111"}, authorizer="allow")


def hosts():
    """H-01, H-02, L-16."""
    named = [
        http("GET", "/pets", host="pets.example.com"),
        http("GET", "/prod/pets", host=f"a1b2c3d4e5-{ENDPOINT}.execute-api.us-east-1.amazonaws.com"),
        http("GET", "/prod/pets", host=None, headers=[("Host", PETS_HOST)]),
        http("GET", "/prod/pets", headers=[("Host", PETS_HOST.upper())]),
        http(
            "GET",
            "/prod/pets",
            host=f"{ENDPOINT}-abcd1234.execute-api.us-east-1.vpce.amazonaws.com",
            headers=[("x-apigw-api-id", "a1b2c3d4e5")],
        ),
    ]
    for call in named:
        case(sign(call, "AKIDEXAMPLE"), USER_MAY)
    call = sign(http("GET", "/pets", host="pets.example.com"), "AKIDEXAMPLE")
    case(call | {"host": "PETS.example.com.:443"}, USER_MAY)
    # As in HTTP/2: the host is signed, and is no header.
    call = sign(http("GET", "/prod/pets"), "AKIDEXAMPLE")
    case(call | {"headers": [pair for pair in call["headers"] if pair[0] != "Host"]}, USER_MAY)
    # The whole URL as the target.
    case(call | {"target": f"https://{PETS_HOST}/prod/pets"}, USER_MAY)
    root = answer(
        ALLOW,
        f"{PETS}/test/GET/",
        None,
        ROOT,
        layers(ENDPOINT_ALLOWS, ("resource", ALLOW)),
        [E_ALL, R_ROOT],
    )
    case(http("GET", "/", host="test.pets.example.com"), root)
    for call in (
        http("GET", "/pets", host="dogs.example.com"),
        http("GET", "/prod/pets", host="0000000000.execute-api.us-east-1.amazonaws.com"),
        http("GET", "/prod/pets", host="a1b2c3d4e5.execute-api.ap-south-1.amazonaws.com"),
        http("GET", "/prod/pets", host=f"{PETS_HOST}.cn"),
        http("GET", "/", host=PETS_HOST),
        http("GET", "/test/", host=BARE_HOST),
    ):
        case(call, FORBIDDEN)
    for call in (
        http("GET", "/prod/pets", host=None),
        http("GET", "/prod/pets", host=f"{PETS_HOST}:8443"),
        http("GET", "/prod/pets", host="a1b2c3d4e5-vpce-9.execute-api.us-east-1.amazonaws.com"),
        http("GET", "/prod/pets", headers=[("Host", "pets.example.com")]),
        http("GET", "/prod/pets", headers=[("Host", PETS_HOST), ("host", PETS_HOST)]),
        http("GET", "/prod/pets", headers=[("x-apigw-api-id", "f6g7h8i9j0")]),
        http("GET", "/prod/pets", host=f"{ENDPOINT}-abcd1234.execute-api.us-east-1.vpce.amazonaws.com"),
        http("GET", "https://pets.example.com/prod/pets"),
    ):
        case(call, BAD_REQUEST)
    case(
        http("GET", "/prod/pets", host=f"a1b2c3d4e5-{ENDPOINT}.execute-api.us-east-1.amazonaws.com", endpoint=None),
        BAD_REQUEST,
        context={"aws:SourceVpce": DEFAULT},
    )
    # The endpoint: by the context; none; one that is not in the bundle; two.
    case(sign(http("GET", "/prod/pets", endpoint=None), "AKIDEXAMPLE"), USER_MAY, context={"aws:SourceVpce": ENDPOINT})
    case(sign(http("GET", "/prod/pets"), "AKIDEXAMPLE"), USER_MAY, context={"AWS:SourceVPCE": ENDPOINT})
    lost = answer(SILENT, GET_PETS, USER, PET_LIST, {}, (), not_authorized(None, GET_PETS))
    for endpoint, context in (
        (None, None),
        ("vpce-9", None),
        (ENDPOINT, {"aws:SourceVpce": DEFAULT}),
        (None, {"aws:SourceVpce": [ENDPOINT, ENDPOINT]}),
    ):
        case(sign(http("GET", "/prod/pets", endpoint=endpoint), "AKIDEXAMPLE"), lost, context=context)


def targets():
    """H-03 to H-16."""
    for host, target, resource in (
        (BARE_HOST, "/prod/x", f"{BARE}/prod/GET/x"),
        (THEIRS_HOST, "/v1/", f"{THEIRS}/v1/GET/"),
    ):
        case(http("GET", target, host=host), answer(SILENT, resource, None, None, {}, (), NO_TOKEN))
    post = f"{PETS}/prod/POST/pets"
    # No method of the best template: no route, and no other template is tried (H-15).
    case(sign(http("POST", "/prod/pets"), "AKIDEXAMPLE"), answer(SILENT, post, USER, None, {}, (), NO_TOKEN))
    for target in (
        "/prod//pets",
        "/prod/./pets",
        "/prod/../prod/pets",
        "/prod/%2e%2E/pets",
        "/prod/a%2Fb",
        "/prod/a%5cb",
        "/prod/a\\b",
        "/prod/a;b",
        "/prod/a%00",
        "/prod/a%2A",
        "/prod/a*",
        "/prod/a%3F",
        "/prod/%zz",
        "/prod/%C3",
        "/prod/\u00e9",
        "/prod/a b",
        "/prod/pets#x",
        "*",
        "prod/pets",
        "",
        f"{PETS_HOST}:443",
    ):
        case(http("GET", target), BAD_REQUEST)
    for method in ("get", "ANY", "CONNECT", "", "GET "):
        case(http(method, "/prod/pets"), BAD_REQUEST)
    for headers in ([("a b", "c")], [("a", "b\r\nc")], [("User-Agent", "a"), ("user-agent", "b")]):
        case(http("GET", "/prod/", headers=headers), BAD_REQUEST)


def main():
    for cases in (none, aws_iam, unsigned, authorizers, hosts, targets):
        cases()
    for name, at in (("requests", 0), ("expected", 1)):
        lines = [json.dumps(pair[at], separators=(",", ":"), ensure_ascii=False) + "\n" for pair in CASES]
        (FOLDER / f"{name}.jsonl").write_text("".join(lines))


main()
