#!/usr/bin/env python3
"""A second verifier, independent of the first: other language, other author's reading of the
standards, no shared code. It judges .tlog-proof files and evidence files under a trust policy, and
the cases of vectors/prove-*.json. Python's standard library only; Ed25519 is RFC 8032 in plain
arithmetic, slow and easy to check.

    verify.py vectors DIR                 every case of DIR/prove-*.json, a line a file
    verify.py proof POLICY FILE ENTRY     a .tlog-proof about the bytes of the file ENTRY
    verify.py evidence POLICY FILE        an evidence file
    verify.py answers                     requests as JSON lines on stdin, answers on stdout

Exit code: 0 when all holds, 1 when something is refused, 2 when it was called wrongly.
"""

import base64
import hashlib
import json
import re
import sys
import time

# --- bytes -------------------------------------------------------------------------------------


class Refused(Exception):
    """What is not accepted, by its address code."""

    def __init__(self, code, at=None):
        super().__init__(code)
        self.code = code
        self.at = at


def sha(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def b64(text):
    """Standard base64 with padding, canonical; None otherwise."""
    if not re.fullmatch(r"[A-Za-z0-9+/]*={0,2}", text):
        return None
    try:
        data = base64.b64decode(text, validate=True)
    except ValueError:
        return None
    return data if base64.b64encode(data).decode() == text else None


def b64u(text):
    """URL-safe base64 without padding, canonical; None otherwise."""
    if not isinstance(text, str) or not re.fullmatch(r"[A-Za-z0-9_-]*", text):
        return None
    try:
        data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError:
        return None
    return data if base64.urlsafe_b64encode(data).rstrip(b"=").decode() == text else None


def hash_line(text):
    data = b64(text)
    return data if data is not None and len(data) == 32 else None


def count(text):
    if not re.fullmatch(r"0|[1-9][0-9]{0,15}", text, re.ASCII) or int(text) >= 2**53:
        return None
    return int(text)


# --- Ed25519 (RFC 8032 §5.1) -------------------------------------------------------------------

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
SQRT_M1 = pow(2, (P - 1) // 4, P)


def decompress(data):
    y = int.from_bytes(data, "little")
    sign = y >> 255
    y &= 2**255 - 1
    if y >= P:
        return None
    x2 = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(x2, (P + 3) // 8, P)
    if (x * x - x2) % P:
        x = x * SQRT_M1 % P
    if (x * x - x2) % P or (x == 0 and sign):
        return None
    if x & 1 != sign:
        x = P - x
    return (x, y, 1, x * y % P)


def add(a, b):
    e = (a[1] - a[0]) * (b[1] - b[0]) % P
    f = (a[1] + a[0]) * (b[1] + b[0]) % P
    g = 2 * a[3] * b[3] * D % P
    h = 2 * a[2] * b[2] % P
    w, x, y, z = f - e, h - g, h + g, f + e
    return (w * x % P, y * z % P, x * y % P, w * z % P)


def multiply(k, point):
    result = (0, 1, 1, 0)
    while k:
        if k & 1:
            result = add(result, point)
        point = add(point, point)
        k >>= 1
    return result


def same(a, b):
    return (a[0] * b[2] - b[0] * a[2]) % P == 0 and (a[1] * b[2] - b[1] * a[2]) % P == 0


BASE_Y = 4 * pow(5, P - 2, P) % P
BASE = decompress(BASE_Y.to_bytes(32, "little"))
NEUTRAL = (0, 1, 1, 0)


def usable(data):
    """A canonical point that is not of small order; None otherwise."""
    point = decompress(data)
    return None if point is None or same(multiply(8, point), NEUTRAL) else point


def ed25519(key, message, signature):
    if len(signature) != 64:
        return False
    a, r = usable(key), usable(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    if a is None or r is None or s >= L:
        return False
    k = int.from_bytes(hashlib.sha512(signature[:32] + key + message).digest(), "little") % L
    return same(multiply(s, BASE), add(r, multiply(k, a)))


# --- the tree (RFC 9162 §2.1) ------------------------------------------------------------------


def leaf_hash(entry):
    return sha(b"\0", entry)


def node_hash(left, right):
    return sha(b"\1", left, right)


def is_included(index, size, leaf, path, root):
    if not 0 <= index < size or len(path) > 63:
        return False
    fn, sn, r = index, size - 1, leaf
    for p in path:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            r = node_hash(p, r)
            while not fn & 1 and fn:
                fn >>= 1
                sn >>= 1
        else:
            r = node_hash(r, p)
        fn >>= 1
        sn >>= 1
    return sn == 0 and r == root


def is_consistent(first, second, first_root, second_root, path):
    if first > second or len(path) > 63:
        return False
    if first == second:
        empty = first > 0 or first_root == sha()
        return not path and first_root == second_root and empty
    if first == 0:
        return not path and first_root == sha()
    path = list(path)
    if first & (first - 1) == 0:
        path.insert(0, first_root)
    if not path:
        return False
    fn, sn = first - 1, second - 1
    while fn & 1:
        fn >>= 1
        sn >>= 1
    fr = sr = path[0]
    for c in path[1:]:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            fr, sr = node_hash(c, fr), node_hash(c, sr)
            while not fn & 1 and fn:
                fn >>= 1
                sn >>= 1
        else:
            sr = node_hash(sr, c)
        fn >>= 1
        sn >>= 1
    return sn == 0 and fr == first_root and sr == second_root


# --- notes and keys (C2SP signed-note, tlog-cosignature) ----------------------------------------

SPACES = "\u0085\u00a0\u1680\u2028\u2029\u202f\u205f\u3000\ufeff"
SPACES += "".join(chr(c) for c in range(0x2000, 0x200B))


def is_name(text):
    bad = any(ord(c) <= 32 or ord(c) == 127 or c == "+" or c in SPACES for c in text)
    return 0 < len(text.encode("utf-8", "replace")) <= 255 and not bad


class Key:
    def __init__(self, vkey):
        match = re.fullmatch(r"([^+]+)\+([0-9a-f]{8})\+(.+)", vkey, re.DOTALL)
        blob = b64(match[3]) if match else None
        if not match or not is_name(match[1]) or blob is None or len(blob) != 33:
            raise Refused("key")
        if blob[0] not in (1, 4) or usable(blob[1:]) is None:
            raise Refused("key")
        self.name, self.id, self.type, self.public = match[1], match[2], blob[0], blob[1:]
        if sha(self.name.encode(), b"\n", blob)[:4].hex() != self.id:
            raise Refused("key")


def parse_note(data):
    """(text, [(name, id, signature)]) or None."""
    if len(data) > 262144:
        return None
    try:
        note = data.decode("utf-8")
    except UnicodeDecodeError:
        return None
    if any(ord(c) < 32 and c != "\n" for c in note):
        return None
    split = note.rfind("\n\n")
    tail = note[split + 2 :]
    if split < 0 or not tail.endswith("\n"):
        return None
    lines = []
    for line in tail[:-1].split("\n"):
        parts = line.split(" ")
        if len(parts) != 3 or parts[0] != "\u2014" or not is_name(parts[1]):
            return None
        blob = b64(parts[2])
        if blob is None or len(blob) < 5:
            return None
        lines.append((parts[1], blob[:4].hex(), blob[4:]))
    return (note[: split + 1], lines) if len(lines) <= 64 else None


def line_under(key, lines):
    """The signature under a key, or None; two are refused."""
    found = [sig for name, kid, sig in lines if name == key.name and kid == key.id]
    if len(found) > 1:
        raise Refused("prove/duplicate-signature", key.name)
    return found[0] if found else None


def is_signed(key, text, signature):
    return key.type == 1 and ed25519(key.public, text.encode(), signature)


def cosigned_at(key, text, signature):
    """Unix seconds, or None."""
    if key.type != 4 or len(signature) != 72:
        return None
    seconds = int.from_bytes(signature[:8], "big")
    message = f"cosignature/v1\ntime {seconds}\n{text}".encode()
    if seconds >= 2**53 or not ed25519(key.public, message, signature[8:]):
        return None
    return seconds


def parse_checkpoint(text):
    """(origin, size, root) or None; exactly three lines."""
    lines = text.split("\n")
    if len(lines) != 4 or lines[3] or not is_name(lines[0]):
        return None
    size, root = count(lines[1]), hash_line(lines[2])
    return None if size is None or root is None else (lines[0], size, root)


# --- the trust policy (C2SP tlog-policy and our lines) -------------------------------------------


class Policy:
    def __init__(self, data):
        self.logs, self.retired, self.groups = [], [], {}
        self.cosigners = {}  # name -> [key, role, owner]
        self.quorum, self.validators, self.fresh = False, None, None
        try:
            text = data.decode("utf-8") if len(data) <= 65536 else "\0"
        except UnicodeDecodeError:
            text = "\0"
        if any((ord(c) < 32 and c not in "\t\n") or ord(c) == 127 for c in text):
            raise Refused("prove/policy-bytes")
        for number, line in enumerate(text.split("\n"), 1):
            words = [word for word in re.split(r"[ \t]+", line) if word]
            try:
                if words:
                    self.read(words[0], words[1:])
            except Refused as refused:
                raise Refused("prove/policy-" + refused.code, str(number)) from None
        if self.quorum is False:
            raise Refused("prove/policy-quorum")

    def read(self, keyword, rest):
        if keyword == "#lianban":
            own = ("retired", "validator", "hosted", "owner", "validators", "fresh")
            if not rest or rest[0] not in own:
                raise Refused("line")
            keyword, rest = rest[0], rest[1:]
        elif keyword.startswith("#"):
            return
        elif keyword not in ("log", "witness", "group", "quorum"):
            raise Refused("line")
        getattr(self, "read_" + keyword)(rest)

    def new_key(self, vkey, kind):
        key = Key(vkey)
        if key.type != kind:
            raise Refused("key")
        others = self.logs + [r[0] for r in self.retired] + [c[0] for c in self.cosigners.values()]
        if any(other.public == key.public for other in others):
            raise Refused("duplicate")
        return key

    def new_name(self, name):
        if name == "none" or name in self.cosigners or name in self.groups:
            raise Refused("name")
        return name

    def read_log(self, rest):
        if not 1 <= len(rest) <= 2:
            raise Refused("line")
        self.logs.append(self.new_key(rest[0], 1))

    def read_retired(self, rest):
        if len(rest) != 3:
            raise Refused("line")
        key, size, root = self.new_key(rest[0], 1), count(rest[1]), hash_line(rest[2])
        if size is None or root is None:
            raise Refused("number")
        self.retired.append((key, size, root))

    def cosigner(self, rest, role):
        if not 2 <= len(rest) <= 3:
            raise Refused("line")
        name = self.new_name(rest[0])
        self.cosigners[name] = [self.new_key(rest[1], 4), role, name]

    def read_witness(self, rest):
        self.cosigner(rest, "witness")

    def read_validator(self, rest):
        self.cosigner(rest, "validator")

    def read_hosted(self, rest):
        self.cosigner(rest, "hosted")

    def read_owner(self, rest):
        if len(rest) != 2:
            raise Refused("line")
        if rest[0] not in self.cosigners:
            raise Refused("name")
        self.cosigners[rest[0]][2] = rest[1]

    @staticmethod
    def threshold(word, members):
        n = len(members)
        k = {"all": n, "any": 1}.get(word, count(word))
        if k is None or len(set(members)) != n or not 1 <= k <= n:
            raise Refused("threshold")
        return k

    def is_role(self, name, role):
        return name in self.cosigners and self.cosigners[name][1] == role

    def read_group(self, rest):
        if len(rest) < 3:
            raise Refused("line")
        name, members = self.new_name(rest[0]), rest[2:]
        k = self.threshold(rest[1], members)
        if not all(m in self.groups or self.is_role(m, "witness") for m in members):
            raise Refused("name")
        if any(m in group for _, group in self.groups.values() for m in members):
            raise Refused("duplicate")
        self.groups[name] = (k, members)

    def read_validators(self, rest):
        if len(rest) < 2:
            raise Refused("line")
        if self.validators:
            raise Refused("duplicate")
        k = self.threshold(rest[0], rest[1:])
        if not all(self.is_role(m, "validator") for m in rest[1:]):
            raise Refused("name")
        self.validators = (k, rest[1:])

    def read_quorum(self, rest):
        if len(rest) != 1:
            raise Refused("line")
        known = rest[0] in self.groups or self.is_role(rest[0], "witness")
        if self.quorum is not False or not (rest[0] == "none" or known):
            raise Refused("quorum")
        self.quorum = None if rest[0] == "none" else rest[0]

    def read_fresh(self, rest):
        if len(rest) != 1:
            raise Refused("line")
        if self.fresh is not None:
            raise Refused("duplicate")
        self.fresh = count(rest[0])
        if self.fresh is None or self.fresh > 3155760000:
            raise Refused("number")

    def reaches(self, names, name=None):
        """Whether these witnesses reach a name, or the quorum."""
        name = name or self.quorum
        if name is None or name in names:
            return True
        if name not in self.groups:
            return False
        k, members = self.groups[name]
        return sum(self.reaches(names, member) for member in members) >= k

    def validates(self, names):
        if self.validators is None:
            return len(names) > 0
        return sum(member in names for member in self.validators[1]) >= self.validators[0]


# --- judging -----------------------------------------------------------------------------------


def judge(policy, data, now_ms, to_pin=None):
    note = parse_note(data)
    checkpoint = note and parse_checkpoint(note[0])
    if not checkpoint:
        raise Refused("prove/malformed-checkpoint")
    text, lines = note
    retired = judge_log(policy, checkpoint, note, to_pin)
    counted = {"witness": {}, "validator": {}}
    for name, (key, role, _) in policy.cosigners.items():
        signature = line_under(key, lines)
        if signature is None:
            continue
        seconds = cosigned_at(key, text, signature)
        if seconds is None:
            raise Refused("prove/bad-signature", key.name)
        if role != "hosted" and seconds * 1000 <= now_ms + 300_000:
            counted[role][name] = seconds
    witnesses, validators = counted["witness"], counted["validator"]
    dates = [
        newest(witnesses, policy.reaches),
        newest(validators, policy.validates),
    ]
    dates = [date for date in dates if date is not None]
    as_of = max(dates) if dates else None
    fresh = None
    if policy.fresh is not None:
        fresh = as_of is not None and now_ms - as_of * 1000 <= policy.fresh * 1000
    grade = "checkpointed"
    if policy.reaches(set(witnesses)):
        grade = "witnessed"
    if policy.validates(set(validators)):
        grade = "validated"
    owners = lambda names: len({policy.cosigners[name][2] for name in names})
    return {
        "grade": grade,
        "witnessed": owners(witnesses),
        "validated": owners(validators),
        "underRetiredKey": retired,
        "asOf": as_of,
        "fresh": fresh,
        "checkpoint": checkpoint,
    }


def newest(dated, suffices):
    names = set()
    for name in sorted(dated, key=lambda name: -dated[name]):
        names.add(name)
        if suffices(names):
            return dated[name]
    return None


def judge_log(policy, checkpoint, note, to_pin):
    """Whether only a retired key vouches, with nothing that leads to its pin."""
    origin, size, root = checkpoint
    text, lines = note
    active = [key for key in policy.logs if key.name == origin]
    old = [pin for pin in policy.retired if pin[0].name == origin]
    if not active and not old:
        raise Refused("prove/unknown-log")
    standing = None
    for key in active + [pin[0] for pin in old]:
        signature = line_under(key, lines)
        if signature is None:
            continue
        if not is_signed(key, text, signature):
            raise Refused("prove/bad-signature", key.name)
        if key in active:
            standing = False
        elif standing is not False:
            pin = next(pin for pin in old if pin[0] is key)
            standing = judge_pin(pin, size, root, to_pin)
    if standing is None:
        raise Refused("prove/not-signed")
    return standing


def judge_pin(pin, size, root, to_pin):
    if size > pin[1]:
        raise Refused("prove/beyond-retired-size")
    if size == pin[1]:
        if root != pin[2]:
            raise Refused("prove/contradicts-retired-root")
        return False
    if to_pin is None:
        return True
    if not is_consistent(size, pin[1], root, pin[2], to_pin):
        raise Refused("prove/bad-consistency")
    return False


def grade_text(verdict):
    counted = {"witnessed": "witnessed", "validated": "validated"}.get(verdict["grade"])
    text = f"{verdict['grade']}({verdict[counted]})" if counted else verdict["grade"]
    return text + " under retired key" if verdict["underRetiredKey"] else text


# --- .tlog-proof (C2SP tlog-proof) ---------------------------------------------------------------


def parse_proof(data):
    """(extra, index, path, note) or None."""
    split = data.find(b"\n\n", 0, 131072)
    if split < 0 or len(data) > 262144 + 131072:
        return None
    try:
        lines = data[:split].decode("utf-8").split("\n")
    except UnicodeDecodeError:
        return None
    if lines.pop(0) != "c2sp.org/tlog-proof@v1":
        return None
    extra = None
    if lines and lines[0].startswith("extra "):
        extra = b64(lines.pop(0)[6:])
        if extra is None or len(extra) > 65536:
            return None
    if not lines or not lines[0].startswith("index "):
        return None
    index = count(lines[0][6:])
    path = [hash_line(line) for line in lines[1:]]
    if index is None or len(path) > 63 or None in path:
        return None
    return extra, index, path, data[split + 2 :]


def verify_proof(policy, entry, proof, now_ms):
    if proof is None:
        raise Refused("prove/malformed-proof")
    _, index, path, note = proof
    verdict = judge(policy, note, now_ms)
    _, size, root = verdict["checkpoint"]
    if not is_included(index, size, leaf_hash(entry), path, root):
        raise Refused("prove/not-included")
    return verdict


# --- the map -----------------------------------------------------------------------------------

EMPTY = bytes(32)


def bit(key, depth):
    return key[depth // 8] >> (7 - depth % 8) & 1


def parse_map_proof(value):
    """(siblings, leaf or None) or None; an empty sibling is the empty string."""
    if not isinstance(value, dict) or set(value) != {"leaf", "siblings"}:
        return None
    if not isinstance(value["siblings"], list) or len(value["siblings"]) > 256:
        return None
    siblings = [EMPTY if coded == "" else b64u(coded) for coded in value["siblings"]]
    if any(hash is None or len(hash) != 32 for hash in siblings):
        return None
    # Zero bytes are spelt as the empty string and in no other way.
    if any(hash == EMPTY and coded for hash, coded in zip(siblings, value["siblings"])):
        return siblings, "not canonical"
    leaf = value["leaf"]
    if leaf is None:
        return siblings, None
    if not isinstance(leaf, dict) or set(leaf) != {"key", "valueHash"}:
        return None
    key, value_hash = b64u(leaf["key"]), b64u(leaf["valueHash"])
    if key is None or value_hash is None or len(key) != 32 or len(value_hash) != 32:
        return None
    return siblings, (key, value_hash)


def leads_to(root, key, proof):
    siblings, leaf = proof
    if leaf == "not canonical" or (siblings and siblings[0] == EMPTY):
        return False
    h = EMPTY if leaf is None else sha(b"\0", *leaf)
    for depth, sibling in zip(range(len(siblings) - 1, -1, -1), siblings):
        h = node_hash(sibling, h) if bit(key, depth) else node_hash(h, sibling)
    return h == root


def is_present(root, key, value_hash, proof):
    return proof[1] == (key, value_hash) and leads_to(root, key, proof)


def is_absent(root, key, proof):
    siblings, leaf = proof
    if leaf == "not canonical":
        return False
    if leaf is not None:
        if leaf[0] == key or any(bit(leaf[0], d) != bit(key, d) for d in range(len(siblings))):
            return False
    return leads_to(root, key, proof)


def map_root(leaves, depth=0):
    if not leaves:
        return EMPTY
    if len(leaves) == 1:
        return sha(b"\0", *leaves[0])
    sides = [[leaf for leaf in leaves if bit(leaf[0], depth) == b] for b in (0, 1)]
    return node_hash(map_root(sides[0], depth + 1), map_root(sides[1], depth + 1))


# --- evidence files ------------------------------------------------------------------------------


def canonical(value):
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def parse_json(text):
    """Plain JSON without fractions or doubled members; None otherwise."""

    def pairs(members):
        if len({key for key, _ in members}) != len(members):
            raise ValueError("doubled member")
        return dict(members)

    def refuse(_):
        raise ValueError("not an integer")

    try:
        return json.loads(
            text, object_pairs_hook=pairs, parse_float=refuse, parse_constant=refuse
        )
    except (ValueError, RecursionError):
        return None


RESULT = r'"r":\{"code":"[a-z0-9/-]+","w":"[A-Za-z0-9_-]{43}"(?:,"at":"[!-~]*?")?(?:,"o":.+)?\}'
OPENING = r'\{"v":1,"h":(\d+),"t":(\d+),'
FORMS = {
    "single": re.compile(OPENING + r'"c":"([A-Za-z0-9_.-]+)",' + RESULT + r"\}"),
    "envelope": re.compile(OPENING + r'"c":"([A-Za-z0-9_.-]+)"\}'),
    "intent": re.compile(
        OPENING + r'"i":"([A-Za-z0-9_-]+)","e":\{"entry":(\d+),"position":(\d+)\},' + RESULT + r"\}"
    ),
    "system": re.compile(OPENING + r'"c":null,"s":(\{.*\})\}'),
}


def parse_entry(data):
    """(kind, match) of the entry, or a refusal."""
    try:
        text = data.decode("ascii")
    except UnicodeDecodeError:
        raise Refused("prove/malformed-entry") from None
    for kind, form in FORMS.items():
        match = form.fullmatch(text)
        if match and parse_json(text) is not None:
            return kind, match
    raise Refused("prove/malformed-entry")


def members(value, needed, optional=()):
    if not isinstance(value, dict) or not set(needed) <= set(value) <= {*needed, *optional}:
        raise Refused("prove/malformed-evidence")
    return value


def proven_entry(value):
    members(value, ("bytes", "proof"))
    entry = b64u(value["bytes"])
    text = value["proof"] if isinstance(value["proof"], str) else ""
    proof = parse_proof(text.encode("utf-8", "replace"))
    if entry is None or proof is None or proof[0] is not None:
        raise Refused("prove/malformed-evidence")
    return entry, proof


def verify_evidence(policy, data, now_ms):
    try:
        text = data.decode("utf-8") if len(data) <= 2097152 else ""
    except UnicodeDecodeError:
        text = ""
    file = parse_json(text)
    members(file, ("format",), ("entry", "envelope", "record"))
    if canonical(file) != text or file["format"] != "lianban-proof/1":
        raise Refused("prove/malformed-evidence")
    if "entry" not in file and "record" not in file:
        raise Refused("prove/malformed-evidence")
    parts = {name: proven_entry(file[name]) for name in ("entry", "envelope") if name in file}
    record = proof = None
    if "record" in file:
        record = members(file["record"], ("key", "map", "proof", "root", "value"))
        parts["record"] = proven_entry(record["root"])
        proof = parse_map_proof(record["proof"])
        words = isinstance(record["key"], str) and isinstance(record["map"], str)
        if proof is None or not words or not isinstance(record["value"], (str, type(None))):
            raise Refused("prove/malformed-evidence")
    verdicts, entries, result = {}, {}, {}
    for name, (entry, file_proof) in parts.items():
        verdicts[name] = verify_proof(policy, entry, file_proof, now_ms)
        entries[name] = parse_entry(entry)
    check_envelope(parts, entries)
    if record is not None:
        result["height"] = check_record(record, proof, parts, entries, verdicts)
        result["value"] = record["value"]
    check_view([verdict["checkpoint"] for verdict in verdicts.values()])
    if "entry" in parts:
        result["index"] = parts["entry"][1][1]
    rank = {"durable": 0, "checkpointed": 1, "witnessed": 2, "validated": 3}
    backing = lambda v: v.get(v["grade"], 0)
    result["verdict"] = min(verdicts.values(), key=lambda v: (rank[v["grade"]], backing(v)))
    return result


def check_envelope(parts, entries):
    kind, match = entries.get("entry", (None, None))
    if kind != "intent":
        if "envelope" in parts:
            raise Refused("prove/not-in-envelope")
        return
    if "envelope" not in parts or entries["envelope"][0] != "envelope":
        raise Refused("prove/not-in-envelope")
    intent, number, position = b64u(match[3]), int(match[4]), int(match[5])
    jws = entries["envelope"][1][3].split(".")
    payload = b64u(jws[1]) if len(jws) == 3 else None
    value = parse_json(payload.decode("ascii", "replace")) if payload else None
    intents = value.get("intents") if isinstance(value, dict) else None
    if not isinstance(intents, list) or parts["envelope"][1][1] != number or intent is None:
        raise Refused("prove/not-in-envelope")
    if position >= len(intents) or b64u(intents[position]) != sha(intent):
        raise Refused("prove/not-in-envelope")


def check_record(record, proof, parts, entries, verdicts):
    kind, match = entries["record"]
    system = parse_json(match[3]) if kind == "system" else None
    names = {"height", "kind", "roots", "stateDigest"}
    if not isinstance(system, dict) or set(system) != names or system["kind"] != "map-root":
        raise Refused("prove/malformed-entry")
    if parts["record"][1][1] != verdicts["record"]["checkpoint"][1] - 1:
        raise Refused("prove/not-last-entry")
    root = b64u(system["roots"].get(record["map"], "-"))
    if root is None or len(root) != 32:
        raise Refused("prove/no-such-map")
    key, value = sha(record["key"].encode()), record["value"]
    if value is None:
        holds = is_absent(root, key, proof)
    else:
        holds = is_present(root, key, sha(value.encode()), proof)
    if not holds:
        raise Refused("prove/not-in-map")
    return system["height"]


def check_view(checkpoints):
    for origin, size, root in checkpoints:
        for other in checkpoints:
            if other[0] != origin:
                raise Refused("prove/other-log")
            if other[1] == size and other[2] != root:
                raise Refused("prove/split-view")


# --- the vectors -------------------------------------------------------------------------------


class Tally:
    def __init__(self):
        self.held = 0
        self.failed = []

    def expect(self, holds, claim):
        if holds:
            self.held += 1
        else:
            self.failed.append(str(claim))

    def refused(self, call, code, claim):
        try:
            call()
            self.failed.append(f"accepted: {claim}")
        except Refused as refused:
            self.expect(refused.code == code, f"{claim}: {refused.code} instead of {code}")


def check_tree(file, tally):
    leaves = [leaf_hash(f"entry {i}".encode()) for i in range(70)]

    def root(hashes):
        if len(hashes) < 2:
            return hashes[0] if hashes else sha()
        k = 1
        while k * 2 < len(hashes):
            k *= 2
        return node_hash(root(hashes[:k]), root(hashes[k:]))

    for case in file["leaves"]:
        tally.expect(leaf_hash(case["entry"].encode()) == b64(case["hash"]), case)
    for case in file["roots"]:
        tally.expect(root(leaves[: case["size"]]) == b64(case["root"]), case)
    for kind in ("valid", "invalid"):
        for c in file["inclusion"][kind]:
            path = [b64(h) for h in c["path"]]
            held = is_included(c["index"], c["size"], b64(c["leaf"]), path, b64(c["root"]))
            tally.expect(held == (kind == "valid"), c)
        for c in file["consistency"][kind]:
            path = [b64(h) for h in c["path"]]
            roots = b64(c["fromRoot"]), b64(c["toRoot"])
            held = is_consistent(c["from"], c["to"], *roots, path)
            tally.expect(held == (kind == "valid"), c)


def check_tiles(file, tally):
    def name(level, index, width):
        digits = str(index)
        digits = digits.zfill(-(-len(digits) // 3) * 3)
        groups = [digits[i : i + 3] for i in range(0, len(digits), 3)]
        path = "/".join(["x" + group for group in groups[:-1]] + groups[-1:])
        return f"tile/{level}/{path}" + ("" if width == 256 else f".p/{width}")

    for case in file["names"]["valid"]:
        tally.expect(name(case["level"], case["index"], case["width"]) == case["path"], case)
    for case in file["sizes"]:
        full, partial = [], []
        for level in range(7):
            hashes = case["size"] // 256**level
            if hashes // 256:
                full.append(hashes // 256)
            if hashes % 256:
                partial.append([level, hashes // 256, hashes % 256])
        tally.expect(full == case["full"] and partial == case["partial"], case)
    for kind in ("valid", "invalid"):
        for case in file["bundles"][kind]:
            entries, rest = [], bytes.fromhex(case["bundle"])
            while len(rest) >= 2 and len(rest) >= 2 + int.from_bytes(rest[:2], "big"):
                length = int.from_bytes(rest[:2], "big")
                entries.append(rest[2 : 2 + length])
                rest = rest[2 + length :]
            if kind == "valid":
                tally.expect(not rest and entries == [e.encode() for e in case["entries"]], case)
            else:
                tally.expect(rest or not 1 <= case["count"] == len(entries), case)


def check_map(file, tally):
    def leaf(n):
        return sha(f"r.{n}".encode()), sha(f'{{"n":{n}}}'.encode())

    for case in file["roots"]:
        root = map_root([leaf(n) for n in range(case["count"])])
        tally.expect(root.hex() == case["root"], case)
    deep = [tuple(bytes.fromhex(v) for v in each.values()) for each in file["lastBit"]["leaves"]]
    tally.expect(map_root(deep).hex() == file["lastBit"]["root"], "the last bit")
    for kind in ("present", "absent", "invalid"):
        for case in file[kind]:
            root, key = bytes.fromhex(case["root"]), sha(case["record"].encode())
            proof = parse_map_proof(case["proof"])
            value = sha(f'{{"n":{case["record"].split(".")[1]}}}'.encode())
            present, absent = is_present(root, key, value, proof), is_absent(root, key, proof)
            tally.expect((present, absent) == (kind == "present", kind == "absent"), case)


def check_notes(file, tally):
    for case in file["vkeys"]["valid"]:
        key = Key(case["vkey"])
        tally.expect((key.name, key.id) == (case["name"], case["keyHash"]), case)
    for case in file["vkeys"]["invalid"]:
        tally.refused(lambda: Key(case["vkey"]), "key", case["claim"])
    for kind in ("valid", "invalid"):
        for case in file["notes"][kind]:
            key, note, opened = Key(case["vkey"]), parse_note(case["note"].encode()), None
            try:
                signature = line_under(key, note[1]) if note else None
                if signature is not None:
                    seconds = cosigned_at(key, note[0], signature)
                    if seconds is not None or is_signed(key, note[0], signature):
                        opened = (note[0], seconds)
            except Refused:
                pass
            wanted = (case["text"], case.get("seconds")) if kind == "valid" else None
            tally.expect(opened == wanted, case)


def check_policies(file, tally):
    for case in file["valid"]:
        policy = Policy(case["policy"].encode())
        for names in case["reached"]:
            tally.expect(policy.reaches(set(names)), names)
        for names in case["unreached"]:
            tally.expect(not policy.reaches(set(names)), names)
    for case in file["invalid"]:
        tally.refused(lambda: Policy(case["policy"].encode()), case["code"], case["policy"])


def check_checkpoints(file, tally):
    def judged(case):
        policy = Policy(file[case.get("policy", "policy")].encode())
        pin = [b64(hash) for hash in case["toPin"]] if "toPin" in case else None
        return judge(policy, case["note"].encode(), file["now"], pin)

    for case in file["valid"]:
        try:
            verdict = judged(case)
            wanted = case["verdict"]
            tally.expect({name: verdict[name] for name in wanted} == wanted, case["claim"])
        except Refused as refused:
            tally.failed.append(f"{case['claim']}: {refused.code}")
    for case in file["invalid"]:
        tally.refused(lambda: judged(case), case["code"], case["claim"])


def check_files(file, tally):
    policy = Policy(file["policy"].encode())

    def judged(case):
        proof = parse_proof(case["file"].encode())
        return verify_proof(policy, case["entry"].encode(), proof, file["now"])

    for case in file["valid"]:
        try:
            tally.expect(grade_text(judged(case)) == case["grade"], case["claim"])
        except Refused as refused:
            tally.failed.append(f"{case['claim']}: {refused.code}")
    for case in file["invalid"]:
        tally.refused(lambda: judged(case), case["code"], case["claim"])


def check_evidence(file, tally):
    policy = Policy(file["policy"].encode())

    def judged(case):
        return verify_evidence(policy, case["evidence"].encode(), file["now"])

    for case in file["valid"]:
        try:
            result = judged(case)
            found = [result.get(name, "-") for name in ("index", "value", "height")]
            wanted = [case.get(name, "-") for name in ("index", "value", "height")]
            graded = grade_text(result["verdict"]) == case["grade"]
            tally.expect(graded and found == wanted, f"{case['claim']}: {found}")
        except Refused as refused:
            tally.failed.append(f"{case['claim']}: {refused.code}")
    for case in file["invalid"]:
        tally.refused(lambda: judged(case), case["code"], case["claim"])


CHECKS = {
    "tree": check_tree,
    "tiles": check_tiles,
    "map": check_map,
    "notes": check_notes,
    "policies": check_policies,
    "checkpoints": check_checkpoints,
    "files": check_files,
    "evidence": check_evidence,
}


# --- the commands --------------------------------------------------------------------------------


def read(path):
    with open(path, "rb") as file:
        return file.read()


def run_vectors(folder):
    failed = 0
    for name, check in CHECKS.items():
        tally = Tally()
        check(json.loads(read(f"{folder}/prove-{name}.json")), tally)
        print(f"prove-{name}.json: {tally.held} cases hold, {len(tally.failed)} do not")
        for claim in tally.failed:
            print(f"  {claim[:300]}")
        failed += len(tally.failed)
    return 1 if failed else 0


def answer(request):
    """One answer to {kind, policy, now, file, entry?}: the grade, or a code."""
    try:
        policy = Policy(request["policy"].encode())
        data = base64.b64decode(request["file"])
        if request["kind"] == "checkpoint":
            return grade_text(judge(policy, data, request["now"]))
        if request["kind"] == "evidence":
            return grade_text(verify_evidence(policy, data, request["now"])["verdict"])
        entry = base64.b64decode(request["entry"])
        return grade_text(verify_proof(policy, entry, parse_proof(data), request["now"]))
    except Refused as refused:
        return refused.code


def main(arguments):
    now = int(time.time() * 1000)
    try:
        if len(arguments) == 2 and arguments[0] == "vectors":
            return run_vectors(arguments[1])
        if len(arguments) == 4 and arguments[0] == "proof":
            policy, proof = Policy(read(arguments[1])), parse_proof(read(arguments[2]))
            print(grade_text(verify_proof(policy, read(arguments[3]), proof, now)))
            return 0
        if len(arguments) == 3 and arguments[0] == "evidence":
            result = verify_evidence(Policy(read(arguments[1])), read(arguments[2]), now)
            print(grade_text(result["verdict"]))
            return 0
        if arguments == ["answers"]:
            for line in sys.stdin:
                print(answer(json.loads(line)), flush=True)
            return 0
    except Refused as refused:
        print(refused.code if refused.at is None else f"{refused.code} at {refused.at}")
        return 1
    print(__doc__)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
