"""Reads the codes of a printed page, as docs/printed-proof.md says, with nothing but Python's standard library.

    python3 test/printed-proof/reader.py test/printed-proof/vectors.json

judges every vector and compares the result with the one that stands beside it. It shares no line with libs/verify.
"""

import base64
import hashlib
import json
import struct
import sys
import unicodedata

# Digits


BITS_IN = [0, 3, 6, 9, 13, 16, 19, 23]


class Refused(Exception):
    pass


def digit_count(length):
    rest = length * 8 % 23
    return length * 8 // 23 * 7 + next(n for n, bits in enumerate(BITS_IN) if bits >= rest)


def from_digits(text):
    if not all("0" <= letter <= "9" for letter in text):
        raise Refused("printed_code_unreadable")
    length = (len(text) // 7 * 23 + BITS_IN[len(text) % 7]) // 8
    if digit_count(length) != len(text):
        raise Refused("printed_code_unreadable")
    bits = ""
    for start in range(0, len(text), 7):
        width = min(23, length * 8 - len(bits))
        value = int(text[start : start + 7])
        if value >= 1 << width:
            raise Refused("printed_code_unreadable")
        bits += format(value, f"0{width}b")
    return bytes(int(bits[n : n + 8], 2) for n in range(0, len(bits), 8))


# Ed25519: RFC 8032, section 5.1.7, strict


P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
ROOT = pow(2, (P - 1) // 4, P)


def ed_point(encoded):
    y = int.from_bytes(encoded, "little")
    sign, y = y >> 255, y & (2**255 - 1)
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    if x * x % P != square:
        x = x * ROOT % P
    if x * x % P != square or (x == 0 and sign):
        return None
    return (P - x if x & 1 != sign else x, y, 1, 0)[:2]


def ed_add(a, b):
    (x1, y1), (x2, y2) = a, b
    product = D * x1 * x2 * y1 * y2 % P
    x = (x1 * y2 + x2 * y1) * pow(1 + product, -1, P) % P
    y = (y1 * y2 + x1 * x2) * pow(1 - product, -1, P) % P
    return (x, y)


def times(add, zero, factor, point):
    result = zero
    while factor:
        if factor & 1:
            result = add(result, point)
        point, factor = add(point, point), factor >> 1
    return result


def ed_times(factor, point):
    return times(ed_add, (0, 1), factor, point)


def verify_ed25519(key, message, signature):
    if len(signature) != 64 or len(key) != 32:
        return False
    a, r = ed_point(key), ed_point(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    if a is None or r is None or s >= ORDER:
        return False
    if ed_times(8, a) == (0, 1) or ed_times(8, r) == (0, 1):
        return False
    k = int.from_bytes(hashlib.sha512(signature[:32] + key + message).digest(), "little") % ORDER
    base = ed_point(b"\x58" + b"\x66" * 31)
    return ed_times(s, base) == ed_add(r, ed_times(k, a))


# ES256: ECDSA on P-256 (FIPS 186-5, section 6.4.2)


Q = 2**256 - 2**224 + 2**192 + 2**96 - 1
B = 0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B
N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
G = (
    0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
    0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5,
)


def ec_add(a, b):
    if a is None or b is None:
        return a or b
    (x1, y1), (x2, y2) = a, b
    if x1 == x2:
        if (y1 + y2) % Q == 0:
            return None
        slope = (3 * x1 * x1 - 3) * pow(2 * y1, -1, Q)
    else:
        slope = (y2 - y1) * pow(x2 - x1, -1, Q)
    x = (slope * slope - x1 - x2) % Q
    return (x, (slope * (x1 - x) - y1) % Q)


def verify_p256(key, message, signature):
    if len(signature) != 64 or len(key) != 64:
        return False
    x, y = (int.from_bytes(key[n : n + 32], "big") for n in (0, 32))
    r, s = (int.from_bytes(signature[n : n + 32], "big") for n in (0, 32))
    if x >= Q or y >= Q or (y * y - x**3 + 3 * x - B) % Q or not (0 < r < N and 0 < s < N):
        return False
    digest = int.from_bytes(hashlib.sha256(message).digest(), "big")
    w = pow(s, -1, N)
    point = ec_add(times(ec_add, None, digest * w % N, G), times(ec_add, None, r * w % N, (x, y)))
    return point is not None and point[0] % N == r


# Notes and policies (C2SP signed-note, tlog-policy)


def sha256(data):
    return hashlib.sha256(data).digest()


def parse_key(vkey):
    name, key_id, material = vkey.split("+", 2)
    data = base64.b64decode(material, validate=True)
    if sha256(name.encode() + b"\n" + data)[:4].hex() != key_id:
        raise Refused("key_malformed")
    return {"name": name, "id": bytes.fromhex(key_id), "type": data[0], "key": data[1:]}


def parse_policy(text):
    policy = {"logs": [], "witnesses": []}
    groups = {"none": lambda names: True}
    for line in text.split("\n"):
        words = line.split()
        if not words or words[0].startswith("#"):
            continue
        if words[0] == "log":
            policy["logs"].append(parse_key(words[1]))
        elif words[0] == "witness":
            policy["witnesses"].append({**parse_key(words[2]), "witness": words[1]})
            groups[words[1]] = lambda names, name=words[1]: name in names
        elif words[0] == "group":
            members = [groups[name] for name in words[3:]]
            needed = {"any": 1, "all": len(members)}.get(words[2]) or int(words[2])
            groups[words[1]] = lambda names, of=members, n=needed: sum(one(names) for one in of) >= n
        elif words[0] == "quorum":
            policy["quorum"] = groups[words[1]]
        else:
            raise Refused("policy_malformed")
    return policy


def open_authority_keys(note, policy):
    """A note signed by the log: origin, size, and a line for each key of an authority."""
    text, signatures = note.rsplit("\n\n", 1)
    text += "\n"
    first, origin, size, *lines = text[:-1].split("\n")
    log = next(key for key in policy["logs"] if key["name"] == origin)
    signed = False
    for line in signatures.strip("\n").split("\n"):
        _, name, encoded = line.split(" ")
        data = base64.b64decode(encoded, validate=True)
        if name == origin and data[:4] == log["id"]:
            signed = verify_ed25519(log["key"], text.encode(), data[4:])
    if first != "mianzheng authority keys v1" or not signed:
        raise Refused("authority_keys_malformed")
    keys = []
    for line in lines:
        authority, kid, alg, key, start, until = line.split(" ")
        until = None if until == "-" else int(until)
        key = base64.b64decode(key, validate=True)
        keys.append({"authority": authority, "kid": kid, "alg": alg, "key": key, "from": int(start), "until": until})
    return {"origin": origin, "size": int(size), "keys": keys}


# Fields


class Fields:
    def __init__(self, data):
        self.data = data

    def take(self, length):
        if length > len(self.data):
            raise Refused("printed_code_unreadable")
        taken, self.data = self.data[:length], self.data[length:]
        return taken

    def number(self, width):
        return int.from_bytes(self.take(width), "big")

    def text(self, length=None):
        try:
            return self.take(self.number(1) if length is None else length).decode("utf-8")
        except UnicodeDecodeError:
            raise Refused("printed_code_unreadable")

    def end(self):
        if self.data:
            raise Refused("printed_code_unreadable")


def demand(holds):
    if not holds:
        raise Refused("printed_code_unreadable")


LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
CREDIT = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def is_credit_code(text):
    if len(text) != 18 or any(letter not in CREDIT for letter in text):
        return False
    total = sum(CREDIT.index(letter) * pow(3, n, 31) for n, letter in enumerate(text[:17]))
    return CREDIT[-total % 31] == text[17]


def is_line(text, most):
    """One visible line. docs/printed-proof.md names the characters; this reader refuses no fewer."""
    hidden = ("Cc", "Cf", "Cs", "Zl", "Zp")
    return 0 < len(text.encode()) <= most and not any(unicodedata.category(letter) in hidden for letter in text)


def among(text, letters, least, most):
    return least <= len(text) <= most and all(letter in letters for letter in text)


UPPER = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"


def decode_facts(data):
    demand(len(data) <= 240)
    fields = Fields(data)
    if fields.number(1) != 1:
        raise Refused("printed_code_version")
    facts = {"city": fields.text(), "authority": fields.text(18), "key": fields.take(4).hex(), "type": fields.text()}
    code = fields.number(8)
    demand(code < 1 << 60)
    letters = "".join(LETTERS[code >> shift & 31] for shift in range(55, -1, -5))
    facts["code"] = "-".join(letters[n : n + 4] for n in (0, 4, 8))
    facts["issued"], facts["checkAgain"] = fields.number(4), fields.number(4)
    facts["expires"] = fields.number(4) or None
    facts["name"], facts["number"] = fields.text(), fields.text(4)
    facts["compare"] = [{"label": fields.text(), "value": fields.text()} for _ in range(fields.number(1))]
    fields.end()
    demand(among(facts["city"], UPPER.lower() + ".-", 1, 63) and facts["city"][0] not in ".-")
    demand(is_credit_code(facts["authority"]) and among(facts["type"], UPPER, 1, 8))
    demand(0 < facts["issued"] <= facts["checkAgain"])
    demand(facts["expires"] is None or facts["expires"] > facts["issued"])
    demand(is_line(facts["name"], 48) and among(facts["number"], UPPER, 4, 4) and len(facts["compare"]) <= 8)
    demand(all(is_line(fact["label"], 36) and is_line(fact["value"], 96) for fact in facts["compare"]))
    return facts


def decode_proof(data):
    fields = Fields(data)
    proof = {"factBytes": fields.take(fields.number(1)), "factsSignature": fields.take(64)}
    proof["log"], proof["index"] = fields.number(1), fields.number(4)
    proof["size"] = proof["index"] + 1 + fields.number(1)
    proof["ledgerSize"] = fields.number(6)
    count = fields.number(1)
    demand(count <= 12)
    proof["path"] = [fields.take(32) for _ in range(count)]
    proof["signature"] = fields.take(64)
    count = fields.number(1)
    demand(count <= 8)
    proof["cosignatures"] = [(fields.take(4), fields.number(4), fields.take(64)) for _ in range(count)]
    fields.end()
    ids = [key_id for key_id, _, _ in proof["cosignatures"]]
    demand(ids == sorted(set(ids)) and proof["log"] > 0 and proof["size"] <= 2**32)
    proof["facts"] = decode_facts(proof["factBytes"])
    return proof


def read_codes(texts):
    parts = {}
    for text in texts:
        fields = Fields(from_digits(text[text.find("#") + 1 :]))
        if fields.number(1) != 1:
            raise Refused("printed_code_version")
        part = fields.number(1)
        demand(part in (0x11, 0x12, 0x22))
        key = (part & 15, fields.take(0 if part == 0x11 else 4), part >> 4)
        if parts.setdefault(key, fields.data) != fields.data:
            raise Refused("printed_code_of_other_page")
    demand(parts)
    if len({key[:2] for key in parts}) > 1:
        raise Refused("printed_code_of_other_page")
    of, name, part = next(iter(parts))
    if len(parts) < of:
        return {"half": part}
    whole = b"".join(data for _, data in sorted((key[2], data) for key, data in parts.items()))
    if of == 2 and sha256(whole)[:4] != name:
        raise Refused("printed_code_of_other_page")
    return decode_proof(whole)


# The log of prints


def inclusion_root(leaf, index, size, path):
    """RFC 9162, section 2.1.3.2, up to the comparison; None where no tree has such a path."""
    fn, sn, root = index, size - 1, leaf
    for sibling in path:
        if sn == 0:
            return None
        if fn & 1 or fn == sn:
            root = sha256(b"\x01" + sibling + root)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            root = sha256(b"\x01" + root + sibling)
        fn, sn = fn >> 1, sn >> 1
    return root if sn == 0 else None


def line(check, state, why=None):
    return {"check": check, "state": state, "why": why}


def judge_log(proof, policy):
    city = proof["facts"]["city"]
    keys = [log for log in policy["logs"] if log["name"] == city] if policy else []
    if not keys:
        why = "log_unknown" if policy else "policy_missing"
        return [line("logged", "not-checked", why), line("witnessed", "not-checked", why)], []
    printed = sha256(proof["factBytes"] + proof["factsSignature"])
    leaf = sha256(b"\x00" + printed + proof["ledgerSize"].to_bytes(6, "big"))
    root = inclusion_root(leaf, proof["index"], proof["size"], proof["path"])
    failed = [line("logged", "failed", "not_included"), line("witnessed", "not-checked", "not_logged")]
    if root is None:
        return failed, []
    text = f"{city}/prints/{proof['log']}\n{proof['size']}\n{base64.b64encode(root).decode()}\n"
    if not any(verify_ed25519(log["key"], text.encode(), proof["signature"]) for log in keys):
        return [line("logged", "failed", "log_signature_wrong"), failed[1]], []
    witnesses = []
    for witness in policy["witnesses"]:
        for key_id, time, signature in proof["cosignatures"]:
            if key_id != witness["id"]:
                continue
            message = f"cosignature/v1\ntime {time}\n{text}".encode()
            if not verify_ed25519(witness["key"], message, signature):
                return [line("logged", "passed"), line("witnessed", "failed", "cosignature_wrong")], []
            witnesses.append({"name": witness["witness"], "time": time})
    if not policy["quorum"]({one["name"] for one in witnesses}):
        witnessed = line("witnessed", "failed", "quorum_missing")
    elif witnesses:
        witnessed = line("witnessed", "passed")
    else:
        witnessed = line("witnessed", "not-checked", "none_needed")
    return [line("logged", "passed"), witnessed], witnesses


def judge_authority(proof, city, listed):
    facts = proof["facts"]
    unsigned = line("authority-key", "not-checked", "signature_not_checked")
    if facts["city"] != city:
        return [line("authority-signature", "not-checked", "city_other"), unsigned]
    if listed is None or listed["origin"] != city:
        return [line("authority-signature", "not-checked", "keys_missing"), unsigned]
    named = [
        key
        for key in listed["keys"]
        if key["authority"] == facts["authority"]
        and base64.urlsafe_b64decode(key["kid"] + "=")[:4].hex() == facts["key"]
    ]
    old = listed["size"] < proof["ledgerSize"]
    if not named:
        found = ("not-checked", "keys_older_than_page") if old else ("failed", "key_unknown")
        return [line("authority-signature", *found), unsigned]
    message = b"mianzheng printed facts v1\n" + proof["factBytes"]
    checks = {"EdDSA": verify_ed25519, "ES256": verify_p256}
    signing = [key for key in named if checks[key["alg"]](key["key"], message, proof["factsSignature"])]
    if not signing:
        return [line("authority-signature", "failed", "signature_wrong"), unsigned]
    in_force = any(
        key["from"] < proof["ledgerSize"] and (key["until"] is None or key["until"] >= proof["ledgerSize"])
        for key in signing
    )
    if old:
        found = ("not-checked", "keys_older_than_page")
    else:
        found = ("passed",) if in_force else ("failed", "key_not_in_force")
    return [line("authority-signature", "passed"), line("authority-key", *found)]


FRESH, CLOCK, AHEAD, LOGGED = 600, 300, 600, 7 * 24 * 3600


def judge_time(facts, witnesses, known):
    times_ = [one["time"] for one in witnesses]
    if not times_:
        issued = line("issued-time", "not-checked", "no_witness")
    elif facts["issued"] > min(times_) + AHEAD:
        issued = line("issued-time", "failed", "issued_after_witnessed")
    elif min(times_) > facts["issued"] + LOGGED:
        issued = line("issued-time", "failed", "issued_long_before_witnessed")
    else:
        issued = line("issued-time", "passed")
    answered, standing = known["answered"], known["standing"]
    skew = answered["city"] - answered["at"] if answered else 0
    today = known["now"] + skew
    behind = today + AHEAD < max([facts["issued"], *times_, standing["asOf"] if standing else 0])
    if behind:
        clock = line("clock", "failed", "clock_behind")
    elif answered is None:
        clock = line("clock", "not-checked", "clock_not_compared")
    else:
        clock = line("clock", "failed", "clock_corrected") if abs(skew) > CLOCK else line("clock", "passed")
    if behind:
        validity = line("validity", "not-checked", "clock_behind")
    elif facts["expires"] is not None and today >= facts["expires"]:
        validity = line("validity", "failed", "expired")
    else:
        validity = line("validity", "passed", "check_again" if today >= facts["checkAgain"] else None)
    over = {"revoked": "revoked", "changed": "changed_since", "erased": "erased_since", "unknown": "unknown_to_city"}
    if standing is None:
        stands = line("standing", "not-checked", "not_asked")
    elif standing["is"] in over:
        stands = line("standing", "failed", over[standing["is"]])
    elif behind:
        stands = line("standing", "not-checked", "clock_behind")
    elif today - standing["asOf"] > FRESH:
        stands = line("standing", "not-checked", "stale")
    else:
        stands = line("standing", "passed")
    return [issued, clock, validity, stands]


def verdict_of(checks):
    found = {one["check"]: one for one in checks}
    base = [
        found[name]
        for name in ("city", "authority-signature", "authority-key", "logged", "witnessed", "issued-time")
    ]
    if any(one["state"] == "failed" for one in base):
        return "not-issued-here"
    missing = [
        one["check"]
        for one in base
        if one["state"] == "not-checked" and one["why"] not in ("none_needed", "no_witness")
    ]
    if any(name != "authority-key" for name in missing):
        return "undecided"
    ends = {"revoked": "revoked", "changed_since": "changed-since", "erased_since": "erased-since"}
    if found["standing"]["why"] in ends:
        return ends[found["standing"]["why"]]
    if found["validity"]["why"] == "expired":
        return "expired"
    return "genuine" if found["standing"]["state"] == "passed" and not missing else "standing-unknown"


def judge(proof, known):
    facts = proof["facts"]
    policy = parse_policy(known["policy"]) if known["policy"] else None
    listed = open_authority_keys(known["authorityKeys"], policy) if policy and known["authorityKeys"] else None
    trial = facts["city"].startswith("trial.")
    if facts["city"] == known["city"]:
        city = line("city", "passed")
    else:
        city = line("city", "failed", "city_trial" if trial else "city_other")
    log, witnesses = judge_log(proof, policy)
    checks = [city, *judge_authority(proof, known["city"], listed), *log, *judge_time(facts, witnesses, known)]
    checks.append(line("paper-text", "readers-task", "compare_the_facts"))
    return {"verdict": verdict_of(checks), "trial": trial, "checks": checks, "witnesses": witnesses}


def result_of(codes, known):
    try:
        read = read_codes(codes)
        return read if "half" in read else {"facts": read["facts"], **judge(read, known)}
    except Refused as refused:
        return {"refused": str(refused)}


def main(file):
    with open(file, encoding="utf-8") as opened:
        vectors = json.load(opened)
    wrong = [one["hex"] for one in vectors["digits"] if from_digits(one["digits"]).hex() != one["hex"]]
    for vector in vectors["pages"]:
        known = {**vectors["reader"], **vector.get("reader", {})}
        result = result_of(vector["codes"], known)
        if result != vector["result"]:
            wrong.append({"what": vector["what"], "result": result})
    print(json.dumps({"pages": len(vectors["pages"]), "wrong": wrong}, ensure_ascii=False))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
