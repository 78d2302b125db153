#!/usr/bin/env python3
"""A second reader of the journal, written from docs/protocol/ledger.md and command.md: other language,
no shared code, Python's standard library only. From the frames alone it computes frame hashes, state
digests, leaf hashes, roots of the log and of the maps, sizes of checkpoints, budgets, used ids and
signatures, and says at which height a history stops being one. What a domain decides it takes from
the entries, unless the file says what was to be decided.

    ledger.py vectors DIR      every case of DIR/ledger.json and DIR/golden-ledger-*.json
    ledger.py journal FILE...  segments of a journal in their order: height, size, root, digest

Exit code: 0 when all holds, 1 when something does not, 2 when it was called wrongly.
"""

import base64
import glob
import hashlib
import json
import re
import sys

sys.dont_write_bytecode = True  # a clone stays as it was

import verify
from verify import b64u, canonical, leaf_hash, node_hash, parse_json, sha

HOUR_MS = 3_600_000
WINDOW_MS = 604_800_000
DEFAULT_MAPS = [
    {"prefix": "members/member/", "map": "now"},
    {"prefix": "members/key/", "map": "now"},
    {"prefix": "members/accreditation/", "map": "now"},
]


class Differs(Exception):
    """The bytes are not what they should be."""


def hold(condition, what):
    if not condition:
        raise Differs(what)


def text64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def hash64(text):
    return text64(sha(text.encode("ascii")))


# --- ES256 (FIPS 186-5), slow and easy to check --------------------------------------------------

P = 0xFFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFF
N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
B = 0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B
G = (
    0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
    0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5,
)


def plus(a, b):
    if a is None or b is None:
        return b if a is None else a
    if a[0] == b[0]:
        if (a[1] + b[1]) % P == 0:
            return None
        slope = (3 * a[0] * a[0] - 3) * pow(2 * a[1], -1, P)
    else:
        slope = (b[1] - a[1]) * pow(b[0] - a[0], -1, P)
    x = (slope * slope - a[0] - b[0]) % P
    return (x, (slope * (a[0] - x) - a[1]) % P)


def times(k, point):
    result = None
    while k:
        if k & 1:
            result = plus(result, point)
        point = plus(point, point)
        k >>= 1
    return result


def es256(jwk, message, signature):
    x, y = (int.from_bytes(b64u(jwk[name]), "big") for name in ("x", "y"))
    if x >= P or y >= P or (y * y - x * x * x + 3 * x - B) % P or len(signature) != 64:
        return False
    r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
    if not (0 < r < N and 0 < s < N):
        return False
    w = pow(s, -1, N)
    point = plus(times(int.from_bytes(sha(message), "big") * w % N, G), times(r * w % N, (x, y)))
    return point is not None and point[0] % N == r


# --- frames ----------------------------------------------------------------------------------------

MOST = 64 * 1024 * 1024


class Frame:
    """Untrusted bytes that follow the frame with hash `previous`."""

    def __init__(self, data, previous):
        hold(len(data) >= 136 and data[:4] == b"LBF1", "no frame")
        length = int.from_bytes(data[4:8], "big")
        hold(40 + length == len(data) <= MOST, "its length")
        self.hash, self.body = data[8:40], data[40:]
        hold(hashlib.sha256(previous + self.body).digest() == self.hash, "its hash")
        self.at = 0
        self.height, self.time = self.number(8), self.number(8)
        self.code, self.digest = self.take(32), self.take(32)
        self.first, entries, documents = self.number(8), self.number(4), self.number(4)
        hold(max(self.height, self.time, self.first) < 2**53, "a number")
        hold(entries * 6 + documents * 4 <= len(self.body), "its counts")
        self.entries = [self.take(self.number(2)) for _ in range(entries)]
        self.writes = [self.take(self.number(4)) for _ in range(entries + 1)]
        self.documents = [self.take(self.number(4)) for _ in range(documents)]
        hold(self.at == len(self.body), "bytes behind its last part")

    def number(self, width):
        return int.from_bytes(self.take(width), "big")

    def take(self, length):
        self.at += length
        hold(self.at <= len(self.body), "a part that is not whole")
        return self.body[self.at - length : self.at]


def frames_of(data):
    """The frames that stand one behind another."""
    while data:
        hold(len(data) >= 40, "a torn header")
        end = 40 + int.from_bytes(data[4:8], "big")
        yield data[:end]
        data = data[end:]


# --- entries ---------------------------------------------------------------------------------------


def decode_entry(data):
    """(kind, object); what is not in the one form differs."""
    try:
        text = data.decode("ascii")
    except UnicodeDecodeError:
        raise Differs("an entry that is not ASCII") from None
    hold(len(text) <= 65535 and not re.search(r"[^!-~]|\\", text), "a character of an entry")
    value = parse_json(text)
    hold(isinstance(value, dict), "an entry that is no object")
    shapes = {
        "single": ["v", "h", "t", "c", "r"],
        "envelope": ["v", "h", "t", "c"],
        "intent": ["v", "h", "t", "i", "e", "r"],
        "system": ["v", "h", "t", "c", "s"],
    }
    kind = next((name for name, keys in shapes.items() if list(value) == keys), None)
    hold(kind is not None and value["v"] == 1, "the members of an entry")
    hold(all(type(value[key]) is int and value[key] >= 0 for key in ("h", "t")), "h or t")
    if kind == "system":
        hold(value["c"] is None and isinstance(value["s"], dict), "a system entry")
        hold(canonical(value["s"]) == json.dumps(value["s"], separators=(",", ":")), "order in s")
    elif kind == "intent":
        hold(isinstance(value["i"], str), "i")
        hold(isinstance(value["e"], dict) and list(value["e"]) == ["entry", "position"], "e")
        hold(all(type(number) is int for number in value["e"].values()), "e")
    else:
        hold(isinstance(value["c"], str), "c")
    if "r" in value:
        result = value["r"]
        hold(isinstance(result, dict), "r")
        wanted = [key for key in ("code", "w", "at", "o") if key in result]
        hold(list(result) == wanted and {"code", "w"} <= set(result), "the members of r")
        hold(all(isinstance(result[key], str) for key in wanted if key != "o"), "a text in r")
        if "o" in result:
            hold(canonical(result["o"]) == json.dumps(result["o"], separators=(",", ":")), "o")
    hold(json.dumps(value, separators=(",", ":")) == text, "the spelling of an entry")
    return kind, value


def decode_writes(data):
    """[(key, value)], in the one form."""
    text = data.decode("latin-1")
    value = parse_json(text)
    hold(isinstance(value, list) and canonical(value) == text, "writes that are not canonical")
    last = ""
    for pair in value:
        hold(isinstance(pair, list) and len(pair) == 2 and isinstance(pair[0], str), "a write")
        hold(re.fullmatch(r"[a-z][a-z-]*/[!#-\[\]-~]+", pair[0]) and len(pair[0]) <= 200, "a key")
        hold(last < pair[0], "keys that do not rise")
        last = pair[0]
    return value


# --- a ledger as its frames tell it ----------------------------------------------------------------


class Ledger:
    """Takes frames one by one and believes none of them. `rules` is what is not in the frames:
    checkpointMs, maps, and by command type the budget class and the field that names a document."""

    def __init__(self, rules, fates=None):
        self.rules, self.fates = rules, fates
        self.height = self.time = 0
        self.hash = self.digest = bytes(32)
        self.state, self.leaves, self.maps, self.used = {}, [], set(), {}
        self.point = {"boundary": 0, "covered": 0, "height": 0, "size": 0, "slot": 0}
        self.ledger = None
        self.checkpoint = None

    def take(self, data):
        frame = Frame(data, self.hash)
        hold(frame.height == self.height + 1 and frame.first == len(self.leaves), "its place")
        hold(frame.time >= self.time, "time that goes back")
        self.height, self.time, self.first = frame.height, frame.time, frame.first
        self.spent, self.named, self.wrote = {}, set(), {}
        texts = [decode_writes(data) for data in frame.writes]
        decoded = [decode_entry(data) for data in frame.entries]
        self.before = dict(self.state)
        self.systems = 0
        envelope = None
        for index, (kind, entry) in enumerate(decoded):
            hold(entry["h"] == frame.height and entry["t"] == frame.time, "h or t of an entry")
            writes, raw = texts[index], frame.writes[index]
            if kind == "system":
                self.system(index, entry["s"], raw, len(decoded))
            elif kind == "envelope":
                hold(raw == b"[]", "an envelope that writes")
                hold(index + 1 < len(decoded) and decoded[index + 1][0] == "intent", "no intent")
                envelope = {"jws": self.jws(entry["c"], "lianban-envelope+jws"), "last": -1}
                envelope["entry"] = frame.first + index
            elif kind == "single":
                envelope = None
                member, payload = self.jws(entry["c"], "lianban-command+jws")
                hold(list(payload) in (["intent"], ["intent", "approvals"]), "a payload")
                self.intent(member, b64u(payload["intent"]), entry["r"], raw)
            else:
                self.of_envelope(envelope, entry, raw)
            self.keep(writes)
        self.documents(frame)
        self.housekeeping(texts[-1], decoded)
        self.keep(texts[-1])
        joined = b"".join(text + b"\n" for text in frame.writes)
        self.digest = sha(self.digest, sha(joined))
        hold(self.digest == frame.digest, "the state digest")
        self.leaves += [leaf_hash(entry) for entry in frame.entries]
        self.hash = frame.hash
        return frame

    def keep(self, writes):
        for key, value in writes:
            if value is None:
                self.state.pop(key, None)
            else:
                self.state[key] = value
            name = self.map_of(key)
            if name is not None:
                self.maps.add(name)

    def map_of(self, key):
        for rule in self.rules["maps"]:
            if key.startswith(rule["prefix"]):
                rest = key[len(rule["prefix"]) :]
                if not rule.get("bySegment"):
                    return rule["map"]
                if "/" in rest[1:]:
                    return f"{rule['map']}/{rest.split('/')[0]}"
        return None

    def roots(self, state):
        found = {name: [] for name in self.maps_before}
        for key, value in state.items():
            name = self.map_of(key)
            if name is not None:
                found[name].append((sha(key.encode()), sha(canonical(value).encode())))
        return {name: text64(verify.map_root(leaves)) for name, leaves in found.items()}

    def system(self, index, content, raw, count):
        if content.get("kind") == "map-root":
            hold(index == count - 1 and raw == b"[]", "a map root that is not last")
            hold(self.point["boundary"] == self.height - 1 != 0, "a map root that nothing asked for")
            wanted = {
                "height": self.height - 1,
                "kind": "map-root",
                "roots": self.roots(self.before),
                "stateDigest": text64(self.digest),
            }
            hold(content == wanted, "the map roots")
            return
        hold(index == self.systems, "a system entry behind a command")
        self.systems += 1
        hold((content.get("kind") == "genesis") == (self.height == 1), "genesis")
        hold(content.get("w") == (None if raw == b"[]" else hash64(raw.decode())), "w of a system entry")
        if self.height == 1:
            hold(count == 1 and set(content) == {"kind", "ledger", "params", "w"}, "genesis")
            self.ledger = content["ledger"]
        elif "openings" in self.rules:
            openings = self.rules["openings"].get(self.height, [])
            hold(index < len(openings), "an opening that nobody decided")
            rest = {key: value for key, value in content.items() if key != "w"}
            hold(rest == openings[index]["system"], "an opening")
            hold(json.loads(raw) == openings[index]["writes"], "the writes of an opening")

    def jws(self, text, typ):
        """(member, payload) of a JWS by a key that counted before this block."""
        parts = text.split(".")
        hold(len(parts) == 3 and len(text) <= 49152, "a JWS")
        header, payload, signature = map(b64u, parts)
        hold(None not in (header, payload, signature), "base64url of a JWS")
        head = parse_json(header.decode("ascii"))
        spelt = json.dumps({"alg": "ES256", "kid": head.get("kid"), "typ": typ}, separators=(",", ":"))
        hold(header.decode() == spelt, "the header of a JWS")
        key = self.before.get(f"members/key/{head['kid']}")
        hold(key is not None and key["use"] in ("command", "oversight"), "the key of a command")
        hold(key["from"] <= self.height, "a key before its time")
        hold(key["until"] is None or self.height < key["until"], "a key after its time")
        member = self.before.get(f"members/member/{key['member']}")
        hold(member is not None and member["state"] == "active", "the member of a command")
        hold(member["from"] <= self.height, "a member before its time")
        hold(es256(key["jwk"], ".".join(parts[:2]).encode(), signature), "a signature")
        return key["member"], parse_json(payload.decode("ascii"))

    def of_envelope(self, envelope, entry, raw):
        hold(envelope is not None and entry["e"]["entry"] == envelope["entry"], "an envelope")
        position, (member, payload) = entry["e"]["position"], envelope["jws"]
        hold(list(payload) in (["intents"], ["intents", "approvals"]), "a payload")
        hold(envelope["last"] < position < len(payload["intents"]), "a position")
        envelope["last"] = position
        intent = b64u(entry["i"])
        hold(intent is not None and text64(sha(intent)) == payload["intents"][position], "an intent")
        self.intent(member, intent, entry["r"], raw)

    def intent(self, member, data, result, raw):
        hold(data is not None and len(data) <= 24576, "an intent")
        intent = parse_json(data.decode("ascii"))
        hold(list(intent) == ["ledger", "id", "type", "body", "notAfter"], "the members of an intent")
        hold(intent["ledger"] == self.ledger, "another ledger")
        hold(self.time <= intent["notAfter"] <= self.time + WINDOW_MS, "notAfter")
        name = (member, intent["id"])
        hold(name not in self.used, "an id for the second time")
        self.used[name] = intent
        hold(result["w"] == hash64(raw.decode()), "w of an entry")
        hold(result["code"] == "ok" or (raw == b"[]" and "o" not in result), "what a refusal writes")
        hold(result["code"] != "ok" or "at" not in result, "a place in an ok")
        rule = self.rules["types"].get(intent["type"])
        hold(rule is not None, "a type without a rule")
        if rule.get("documents") is not None:
            self.wrote[intent["body"][rule["documents"]]] = True
        counter = self.spent.setdefault((member, rule["class"]), [0, 0])
        counter[0] += 1
        counter[1] += result["code"] != "ok"
        if self.fates is not None:
            fate = self.fates[intent["id"]]
            hold(fate["code"] == result["code"] and fate.get("at") == result.get("at"), "a code")
            hold(fate.get("outcome") == result.get("o"), "an outcome")
            hold(sorted(fate.get("writes", [])) == json.loads(raw), "writes")

    def documents(self, frame):
        """Exactly the documents that this block's intents name, in the order of their naming."""
        hold([text64(sha(data)) for data in frame.documents] == list(self.wrote), "the documents")
        hold(sum(map(len, frame.documents)) <= 2**20, "too many bytes of documents")

    def housekeeping(self, writes, decoded):
        """Budgets and checkpoint, from the entries, the time and the records before the block."""
        hour = self.time // HOUR_MS
        wanted = {}
        for (member, cls), (used, refused) in self.spent.items():
            key = f"ledger/budget/{member}/{cls}"
            old = self.before.get(key)
            old = old if old is not None and old["hour"] == hour else {"used": 0, "refused": 0}
            wanted[key] = {
                "hour": hour,
                "refused": old["refused"] + refused,
                "used": old["used"] + used,
            }
        size, slot = self.first + len(decoded), self.time // self.rules["checkpointMs"]
        last = decoded[-1] if decoded else (None, {})
        shows_roots = last[0] == "system" and last[1]["s"].get("kind") == "map-root"
        hold(shows_roots == (self.point["boundary"] != 0), "map roots that are missing")
        self.checkpoint = None
        if shows_roots:
            covered = size if len(decoded) == 1 else self.first
            self.point = {
                **self.point,
                "size": size,
                "height": self.height,
                "covered": covered,
                "boundary": 0,
            }
            self.checkpoint = size
            wanted["ledger/checkpoint"] = self.point
        elif slot > self.point["slot"] and size > self.point["covered"]:
            self.point = {**self.point, "slot": slot, "boundary": self.height}
            wanted["ledger/checkpoint"] = self.point
        hold(dict(writes) == wanted, "the block's own writes")
        # Maps that have had a record by the end of this block are named in its roots.
        self.maps_before = set(self.maps)

    def root(self):
        """RFC 6962 §2.1 over all leaves."""
        level = self.leaves
        if not level:
            return sha()
        stack = []
        for index, leaf in enumerate(level):
            node = leaf
            while index & 1:
                node = node_hash(stack.pop(), node)
                index >>= 1
            stack.append(node)
        node = stack.pop()
        while stack:
            node = node_hash(stack.pop(), node)
        return node


# --- vectors ---------------------------------------------------------------------------------------


class Tally:
    def __init__(self):
        self.held, self.failed = 0, []

    def case(self, claim, run):
        try:
            outcome = run()
        except Differs as differs:
            outcome = str(differs)
        except Exception as error:  # a reader that breaks has not refused
            outcome = f"{type(error).__name__}: {error}"
        if outcome is None:
            self.held += 1
        else:
            self.failed.append(f"{claim}: {outcome}")


def refuses(run):
    """None when the bytes are refused, a sentence when they are taken."""
    try:
        run()
    except Differs:
        return None
    return "was taken"


def rules_of(file):
    rules = {"checkpointMs": file["context"]["checkpointMs"], "maps": file["maps"]}
    rules["types"] = {
        rule["name"]: {"class": rule["budget"]["class"], "documents": rule.get("documents")}
        for rule in file["types"]
    }
    return rules


def intents_of(submission):
    if submission.startswith("{"):
        value = json.loads(submission)
        if "envelope" in value:
            return [json.loads(b64u(intent)) for intent in value["intents"]]
        submission = value["command"]
    payload = json.loads(b64u(submission.split(".")[1]))
    return [json.loads(b64u(payload["intent"]))]


def block_time(clocks):
    """Milliseconds, or why the time must be confirmed first."""
    ahead = clocks["wallMs"] - clocks["ledgerMs"]
    if ahead > 7_200_000:
        return "clock-ahead"
    if ahead < -60_000:
        return "clock-behind"
    last = clocks["last"]
    if last is not None:
        moved = clocks["wallMs"] - last["wallMs"]
        if abs(moved - (clocks["monotonicMs"] - last["monotonicMs"])) > 60_000:
            return "clock-stepped"
    return clocks["ledgerMs"] + max(0, ahead)


def check_small(file, tally):
    fates, openings = {}, {}
    for height, block in enumerate(file["blocks"], 1):
        openings[height] = block["openings"]
        for submission in block["submissions"]:
            for intent, fate in zip(intents_of(submission["text"]), submission["outcomes"]):
                if "refused" not in fate:
                    fates[intent["id"]] = fate
    rules = {**rules_of(file), "openings": openings}
    log = verify.Key(file["context"]["log"])

    def block_of(ledger, block):
        frame = ledger.take(bytes.fromhex(block["frame"]))
        hold(ledger.time == block["time"], "the time")
        hold(frame.hash.hex() == block["hash"], "the hash")
        hold(frame.digest.hex() == block["stateDigest"], "the digest")
        hold([entry.decode() for entry in frame.entries] == block["entries"], "the entries")
        hold([leaf_hash(entry).hex() for entry in frame.entries] == block["leaves"], "the leaves")
        hold([text.decode() for text in frame.writes] == block["writes"], "the writes")
        hold([sha(data).hex() for data in frame.documents] == block["documents"], "the documents")
        hold(len(ledger.leaves) == block["size"] and ledger.root().hex() == block["root"], "the root")
        point = block.get("checkpoint")
        hold(ledger.checkpoint == (point and point["size"]), "the checkpoint")
        if point:
            text, lines = verify.parse_note(point["note"].encode())
            origin, size, root = verify.parse_checkpoint(text)
            hold((size, root) == (block["size"], ledger.root()), "the note")
            hold(origin == ledger.ledger and ledger.point["covered"] == point["covers"], "the note")
            hold(verify.is_signed(log, text, verify.line_under(log, lines)), "its signature")

    def history():
        ledger = Ledger(rules, fates)
        for block in file["blocks"]:
            block_of(ledger, block)
        hold(ledger.state == file["records"], "the records")
        hold(ledger.state | file["genesis"] == ledger.state, "the records of the genesis")

    tally.case("the golden ledger", history)
    for case in file["times"]:
        wanted = case["time"] if "time" in case else case["confirm"]
        tally.case(case["claim"], lambda: None if block_time(case) == wanted else "another time")
    for case in file["invalid"]["entries"]:
        tally.case(case["claim"], lambda: refuses(lambda: decode_entry(case["text"].encode("latin-1"))))
    for case in file["invalid"]["frames"]:
        data, previous = bytes.fromhex(case["frame"]), bytes.fromhex(case["previous"])
        tally.case(case["claim"], lambda: refuses(lambda: Frame(data, previous)))
    for case in file["invalid"]["histories"]:
        ledger = Ledger(rules, fates)
        for block in file["blocks"][: case["height"] - 1]:
            ledger.take(bytes.fromhex(block["frame"]))
        tally.case(case["claim"], lambda: refuses(lambda: ledger.take(bytes.fromhex(case["frame"]))))


def check_release(file, tally):
    """A ledger that a release recorded: its frames, and what they came to."""

    def history():
        ledger = Ledger(rules_of(file))
        for data in file["frames"]:
            ledger.take(bytes.fromhex(data))
        found = {
            "height": ledger.height,
            "size": len(ledger.leaves),
            "time": ledger.time,
            "frameHash": ledger.hash.hex(),
            "stateDigest": ledger.digest.hex(),
            "root": ledger.root().hex(),
            "records": sha(canonical(ledger.state).encode()).hex(),
        }
        ledger.maps_before = set(ledger.maps)
        found["maps"] = ledger.roots(ledger.state)
        for name, value in found.items():
            hold(file["head"][name] == value, f"the {name}")

    tally.case("the recorded ledger", history)


def run_vectors(folder):
    failed = 0
    releases = sorted(glob.glob(f"{folder}/golden-ledger-*.json"))
    for path in [f"{folder}/ledger.json", *releases]:
        tally = Tally()
        with open(path, encoding="ascii") as opened:
            file = json.load(opened)
        (check_release if "frames" in file else check_small)(file, tally)
        name = path.rsplit("/", 1)[-1]
        print(f"{name}: {tally.held} cases hold, {len(tally.failed)} do not")
        for claim in tally.failed:
            print(f"  {claim[:300]}")
        failed += len(tally.failed)
    return 1 if failed else 0


def run_journal(paths):
    """What the frames of a journal come to: chain, digests and root; not what was decided."""
    height, size, previous, digest = 0, 0, bytes(32), bytes(32)
    ledger = Ledger({"maps": DEFAULT_MAPS, "types": {}, "checkpointMs": 10_000})
    for path in paths:
        with open(path, "rb") as opened:
            data = opened.read()
        for one in frames_of(data):
            frame = Frame(one, previous)
            hold(frame.height == height + 1 and frame.first == size, f"frame {height + 1}: its place")
            for entry in frame.entries:
                decode_entry(entry)
            digest = sha(digest, sha(b"".join(text + b"\n" for text in frame.writes)))
            hold(digest == frame.digest, f"frame {frame.height}: the state digest")
            ledger.leaves += [leaf_hash(entry) for entry in frame.entries]
            height, size, previous = frame.height, len(ledger.leaves), frame.hash
    print(f"height {height}\nsize {size}\nroot {base64.b64encode(ledger.root()).decode()}")
    print(f"digest {digest.hex()}")
    return 0


def main(arguments):
    try:
        if len(arguments) == 2 and arguments[0] == "vectors":
            return run_vectors(arguments[1])
        if len(arguments) > 1 and arguments[0] == "journal":
            return run_journal(arguments[1:])
    except Differs as differs:
        print(f"differs: {differs}")
        return 1
    print(__doc__)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
