#!/usr/bin/env python3
"""Certificate files judged a second time, from docs/protocol/certificates.md alone: no shared code
with the product. Checkpoints, maps and entries are those of verify.py beside this file; ECDSA on
P-256 (FIPS 186-5) and SD-JWT (RFC 9901) are written here in plain arithmetic. Standard library only.

    certificate.py POLICY FILE            one file, now; exit code 0 for `valid`
    certificate.py answers                requests as JSON lines on stdin, outcomes on stdout
"""

import hashlib
import json
import sys
import time

import verify as v

# --- ECDSA on P-256 ------------------------------------------------------------------------------

P = 2**256 - 2**224 + 2**192 + 2**96 - 1
N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
B = 0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B
G = (
    0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
    0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5,
)


def plus(a, b):
    if a is None or b is None:
        return a or b
    if a[0] == b[0] and (a[1] + b[1]) % P == 0:
        return None
    if a == b:
        slope = (3 * a[0] * a[0] - 3) * pow(2 * a[1], -1, P)
    else:
        slope = (b[1] - a[1]) * pow(b[0] - a[0], -1, P)
    x = (slope * slope - a[0] - b[0]) % P
    return x, (slope * (a[0] - x) - a[1]) % P


def times(k, point):
    result = None
    while k:
        if k & 1:
            result = plus(result, point)
        point = plus(point, point)
        k >>= 1
    return result


def es256(x, y, message, signature):
    if None in (x, y) or len(x) != 32 or len(y) != 32 or len(signature) != 64:
        return False
    q = int.from_bytes(x, "big"), int.from_bytes(y, "big")
    if max(q) >= P or (q[1] ** 2 - q[0] ** 3 + 3 * q[0] - B) % P:
        return False
    r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
    if not (0 < r < N and 0 < s < N):
        return False
    w = pow(s, -1, N)
    e = int.from_bytes(hashlib.sha256(message).digest(), "big")
    point = plus(times(e * w % N, G), times(r * w % N, q))
    return point is not None and point[0] % N == r


# --- SD-JWT --------------------------------------------------------------------------------------


class No(Exception):
    """An outcome that is not the best one."""

    def __init__(self, outcome, why):
        super().__init__(outcome)
        self.outcome = outcome
        self.why = why


def demand(holds, outcome, why):
    if not holds:
        raise No(outcome, why)


def json_in(part):
    data = v.b64u(part)
    try:
        return None if data is None else v.parse_json(data.decode("utf-8"))
    except UnicodeDecodeError:
        return None


def digest_of(text):
    return v.base64.urlsafe_b64encode(v.sha(text.encode())).rstrip(b"=").decode()


OPEN = {"iss", "nbf", "exp", "cnf", "vct", "vct#integrity", "aka_vcts", "status"}


class Disclosures:
    def __init__(self, texts):
        self.found, self.met, self.used = {}, set(), set()
        for text in texts:
            content = json_in(text)
            shaped = isinstance(content, list) and len(content) in (2, 3)
            demand(shaped and isinstance(content[0], str), "not-genuine", "disclosure")
            demand(len(content[0]) >= 16, "not-genuine", "salt")
            demand(digest_of(text) not in self.found, "not-genuine", "twice")
            self.found[digest_of(text)] = content

    def take(self, digest, length):
        demand(isinstance(digest, str) and digest not in self.met, "not-genuine", "digest")
        self.met.add(digest)
        content = self.found.get(digest)
        if content is not None:
            demand(len(content) == length, "not-genuine", "length")
            self.used.add(digest)
        return content

    def open(self, value, top=False, closed=False):
        if isinstance(value, list):
            return [each for item in value for each in self.element(item, closed)]
        if not isinstance(value, dict):
            return value
        digests = value.get("_sd", [])
        demand(isinstance(digests, list) and "..." not in value, "not-genuine", "names")
        demand(not (closed and digests), "not-genuine", "hidden")
        shown = {}
        for name, member in value.items():
            if name != "_sd":
                shown[name] = self.open(member, closed=closed or (top and name in OPEN))
        for digest in digests:
            content = self.take(digest, 3)
            if content is None:
                continue
            name = content[1]
            demand(isinstance(name, str) and name not in ("_sd", "..."), "not-genuine", "name")
            demand(name not in shown, "not-genuine", "collision")
            demand(not (top and name in OPEN | {"_sd_alg"}), "not-genuine", "open")
            shown[name] = self.open(content[2])
        return shown

    def element(self, item, closed):
        if not isinstance(item, dict) or "..." not in item:
            return [self.open(item, closed=closed)]
        demand(not closed and len(item) == 1, "not-genuine", "element")
        content = self.take(item["..."], 2)
        return [] if content is None else [self.open(content[1])]


def split_credential(text):
    jwt, *rest = text.split("~")
    demand(rest and len(text) <= 262144, "not-genuine", "form")
    parts = jwt.split(".")
    demand(len(parts) == 3, "not-genuine", "jwt")
    header, payload, signature = json_in(parts[0]), json_in(parts[1]), v.b64u(parts[2])
    demand(isinstance(header, dict) and isinstance(payload, dict), "not-genuine", "json")
    good = header.get("alg") == "ES256" and header.get("typ") == "dc+sd-jwt"
    demand(good and "crit" not in header and signature, "not-genuine", "header")
    demand(isinstance(header.get("kid"), str), "not-genuine", "kid")
    return jwt, rest, header["kid"], payload, signature


def claims_of(text, jwk):
    jwt, (*texts, holder), _, payload, signature = split_credential(text)
    x, y = v.b64u(jwk["x"]), v.b64u(jwk["y"])
    message = jwt.rsplit(".", 1)[0].encode()
    demand(es256(x, y, message, signature), "not-genuine", "signature")
    demand(holder == "", "not-genuine", "a holder's signature that nobody asked for")
    demand(payload.pop("_sd_alg", "sha-256") == "sha-256", "not-genuine", "hash")
    disclosures = Disclosures(texts)
    claims = disclosures.open(payload, top=True)
    demand(len(disclosures.used) == len(texts), "not-genuine", "unreferenced")
    return claims, digest_of(jwt)


# --- the file ------------------------------------------------------------------------------------

KEYS = {"checkpoint", "credential", "format", "issue", "records", "root", "sum"}


def read_file(data):
    try:
        text = data.decode("utf-8").rstrip() if len(data) <= 2097152 else ""
    except UnicodeDecodeError:
        text = ""
    file = v.parse_json(text)
    demand(isinstance(file, dict) and set(file) - {"envelope"} == KEYS, "not-genuine", "form")
    demand(v.canonical(file) == text, "not-genuine", "canonical")
    demand(file["format"] == "lianban-certificate/1", "not-genuine", "format")
    rest = {name: value for name, value in file.items() if name != "sum"}
    demand(file["sum"] == digest_of(v.canonical(rest)), "not-genuine", "sum")
    strings = isinstance(file["checkpoint"], str) and isinstance(file["credential"], str)
    demand(strings and isinstance(file["records"], list), "not-genuine", "members")
    return file


def part_of(file, name):
    value = file[name]
    shaped = isinstance(value, dict) and set(value) == {"bytes", "index", "path"}
    demand(shaped and isinstance(value["path"], list), "not-genuine", name)
    index = value["index"]
    demand(isinstance(index, int) and not isinstance(index, bool), "not-genuine", name)
    entry, path = v.b64u(value["bytes"]), [v.b64(each) for each in value["path"]]
    demand(entry is not None and None not in path and index >= 0, "not-genuine", name)
    return entry, (None, index, path, file["checkpoint"].encode())


def proven(policy, file, now_ms):
    parts = {name: part_of(file, name) for name in ("issue", "root", "envelope") if name in file}
    verdicts = {n: v.verify_proof(policy, *part, now_ms) for n, part in parts.items()}
    entries = {name: v.parse_entry(entry) for name, (entry, _) in parts.items()}
    named = {"entry" if name == "issue" else name: name for name in parts}
    v.check_envelope(
        {new: parts[old] for new, old in named.items()},
        {new: entries[old] for new, old in named.items()},
    )
    records = {}
    for record in file["records"]:
        shaped = isinstance(record, dict) and set(record) == {"key", "proof", "value"}
        demand(shaped and isinstance(record["key"], str), "not-genuine", "record")
        demand(isinstance(record["value"], (str, type(None))), "not-genuine", "record")
        proof = v.parse_map_proof(record["proof"])
        demand(proof is not None, "not-genuine", "proof")
        about = {**record, "map": "now"}
        where = {"record": parts["root"]}, {"record": entries["root"]}, {"record": verdicts["root"]}
        v.check_record(about, proof, *where)
        value = record["value"]
        records[record["key"]] = None if value is None else v.parse_json(value)
    return parts, entries, verdicts["root"], records


def intent_of(kind, match):
    text = None
    if kind == "intent":
        text = match[3]
    elif kind == "single":
        payload = json_in(match[3].split(".")[1])
        text = payload.get("intent") if isinstance(payload, dict) else None
    data = v.b64u(text) if isinstance(text, str) else None
    return v.parse_json(data.decode("ascii", "replace")) if data else None


def judge(policy, data, now_ms):
    file = read_file(data)
    _, _, kid, _, _ = split_credential(file["credential"])
    try:
        parts, entries, verdict, records = proven(policy, file, now_ms)
    except v.Refused as refused:
        stranger = refused.code in ("prove/unknown-log", "prove/not-signed")
        raise No("untrusted-issuer" if stranger else "not-genuine", refused.code) from None
    weak = verdict["underRetiredKey"] or verdict["grade"] == "checkpointed"
    demand(not weak, "untrusted-issuer", "quorum")
    origin = verdict["checkpoint"][0]
    keys = list(records)
    first = records.get(keys[0]) if keys else None
    demand(isinstance(first, dict), "not-genuine", "status")
    issuer, kind_of = first["issuer"], first["type"]
    wanted = [
        f"certificates/status/{first['handle']}",
        f"members/key/{kid}",
        f"members/accreditation/{issuer}/{kind_of}",
        f"members/member/{issuer}",
    ]
    demand(keys == wanted and len(file["records"]) == 4, "not-genuine", "records")
    check_issue(origin, first, parts, entries)
    key = records[wanted[1]]
    fits = isinstance(key, dict) and key["kid"] == kid and key["member"] == issuer
    fits = fits and key["use"] == "certificate" and key["alg"] == "ES256"
    until = key["until"] if fits else None
    in_force = fits and key["from"] <= first["height"]
    in_force = in_force and (until is None or first["height"] < until)
    demand(in_force, "untrusted-issuer", "key")
    claims, digest = claims_of(file["credential"], key["jwk"])
    demand(digest == first["digest"], "not-genuine", "digest")
    check_claims(origin, first, claims)
    member, given = records[wanted[3]], records[wanted[2]]
    spans = given["intervals"] if isinstance(given, dict) else []
    held = any(span["from"] <= first["issuedAt"] < span["until"] for span in spans)
    ended = member.get("endedAt") if isinstance(member, dict) else 0
    held = held and (ended is None or first["issuedAt"] < ended)
    demand(held, "untrusted-issuer", "accreditation")
    status = first["changes"][-1]["to"] if first["changes"] else "valid"
    demand(status not in ("revoked", "superseded"), "not-in-force", status)
    demand(now_ms < first.get("until", now_ms + 1), "not-in-force", "expired")
    demand(status == "valid", "suspended", status)
    return "valid"


def check_issue(origin, record, parts, entries):
    kind, match = entries["issue"]
    intent = intent_of(kind, match)
    demand(isinstance(intent, dict), "not-genuine", "intent")
    names = ("handle", "type", "digest", "case", "list", "index", "until")
    body = {name: record[name] for name in names if name in record}
    same = intent.get("type") == "certificate.issue" and intent.get("ledger") == origin
    demand(same and intent.get("body") == body, "not-genuine", "body")
    result = v.parse_json(parts["issue"][0].decode("ascii")).get("r", {})
    placed = int(match[1]) == record["height"] and int(match[2]) == record["issuedAt"]
    placed = placed and parts["issue"][1][1] == record["entry"]
    demand(placed and result.get("code") == "ok", "not-genuine", "place")


def check_claims(origin, record, claims):
    issuer, kind = record["issuer"], record["type"]
    expires = record["until"] // 1000 if "until" in record else None
    uri = f"https://{origin}/statuslists/{issuer}/{record['list']}"
    status = claims.get("status")
    place = status.get("status_list") if isinstance(status, dict) else None
    agrees = claims.get("vct") == f"urn:lianban:{origin}:type:{kind}"
    agrees = agrees and claims.get("iss") == f"urn:lianban:{origin}:member:{issuer}"
    agrees = agrees and claims.get("exp") == expires and isinstance(place, dict)
    agrees = agrees and place.get("idx") == record["index"] and place.get("uri") == uri
    demand(agrees, "not-genuine", "claims")


def outcome_of(policy, data, now_ms):
    try:
        return judge(policy, data, now_ms), ""
    except No as no:
        return no.outcome, no.why


def main(args):
    if args == ["answers"]:
        for line in sys.stdin:
            request = json.loads(line)
            policy = v.Policy(request["policy"].encode())
            file = v.base64.b64decode(request["file"])
            print(" ".join(outcome_of(policy, file, request["nowMs"])), flush=True)
        return 0
    if len(args) != 2:
        print(__doc__)
        return 2
    with open(args[0], "rb") as policy, open(args[1], "rb") as file:
        outcome, why = outcome_of(v.Policy(policy.read()), file.read(), int(time.time() * 1000))
    print(outcome, why)
    return 0 if outcome == "valid" else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
