#!/usr/bin/env python3
"""Commitments a second time, written from docs/protocol/commitments.md: other language, no shared
code, Python's standard library only.

    commitments.py vectors DIR   every case of DIR/commitments.json

Exit code: 0 when all holds, 1 when something does not, 2 when it was called wrongly.
"""

import hashlib
import hmac
import json
import os
import struct
import sys

sys.dont_write_bytecode = True  # a clone stays as it was

from verify import Refused, b64u, canonical, parse_json

MEMBERS = {'path', 'value', 'salt', 'index', 'size', 'siblings'}


def mac(key, data):
    return hmac.new(key, data, hashlib.sha256).digest()


def leaf(path, salt, value):
    name = path.encode()
    head = b'\0lianban/leaf/v1' + struct.pack('>H', len(name)) + name
    return hashlib.sha256(head + salt + value).digest()


def node(left, right):
    return hashlib.sha256(b'\1' + left + right).digest()


def field_salt(salt, path):
    return mac(salt, b'lianban/field/v1' + path.encode())


def split(n):
    k = 1
    while k * 2 < n:
        k *= 2
    return k


def root(hashes):
    if len(hashes) == 1:
        return hashes[0]
    k = split(len(hashes))
    return node(root(hashes[:k]), root(hashes[k:]))


def climb(hash_, index, size, siblings):
    """The root by RFC 6962 read downwards: the last sibling is the other half of the whole."""
    if size == 1:
        return hash_ if not siblings else None
    if not siblings:
        return None
    k = split(size)
    if index < k:
        below = climb(hash_, index, k, siblings[:-1])
        return below and node(below, siblings[-1])
    below = climb(hash_, index - k, size - k, siblings[:-1])
    return below and node(siblings[-1], below)


def hash32(text):
    if not isinstance(text, str):
        raise Refused('form')
    data = b64u(text)
    if data is None or len(data) != 32:
        raise Refused('form')
    return data


def is_count(n):
    return isinstance(n, int) and not isinstance(n, bool) and n >= 0


def opens(commitment, opening, place=None):
    try:
        if set(opening) != MEMBERS or len(commitment) != 32:
            return False
        path, value, index, size = (opening[each] for each in ('path', 'value', 'index', 'size'))
        if not isinstance(path, str) or not 1 <= len(path.encode()) <= 255:
            return False
        if value is not None:
            if not isinstance(value, str) or value == 'null':
                return False
            if canonical(parse_json(value)) != value:
                return False
        if not is_count(index) or not is_count(size) or index >= size or size > 256:
            return False
        if place is not None and (index, size) != (place['index'], place['size']):
            return False
        if (path == '$') != (index == 0) or not isinstance(opening['siblings'], list):
            return False
        siblings = [hash32(each) for each in opening['siblings']]
        shown = b'absent' if value is None else value.encode()
        return climb(leaf(path, hash32(opening['salt']), shown), index, size, siblings) == commitment
    except (Refused, ValueError):
        return False


def check(file):
    cases, wrong = 0, []

    def expect(holds, claim):
        nonlocal cases
        cases += 1
        if not holds:
            wrong.append(claim)

    for case in file['records']:
        salt, commitment = b64u(case['salt']), b64u(case['commitment'])
        hashes = [
            leaf(each['path'], field_salt(salt, each['path']), b'absent' if each['text'] is None else each['text'].encode())
            for each in case['leaves']
        ]
        expect(root(hashes) == commitment, case['claim'])
        for opening, each in zip(case['openings'], case['leaves'], strict=True):
            expect(opening['path'] == each['path'] and opening['value'] == each['text'], case['claim'])
            expect(b64u(opening['salt']) == field_salt(salt, each['path']), case['claim'])
            expect(opens(commitment, opening, opening), f"{case['claim']}: {each['path']}")
    for case in file['invalid']:
        expect(not opens(b64u(case['commitment']), case['opening'], case.get('place')), case['claim'])
    for case in file['unplaced']:
        expect(opens(b64u(case['commitment']), case['opening']), case['claim'])
        expect(not opens(b64u(case['commitment']), case['opening'], case['place']), case['claim'])
    for case in file['values']:
        salt = b64u(case['salt'])
        given = leaf('', field_salt(salt, ''), bytes.fromhex(case['hex'])) == b64u(case['commitment'])
        expect(given == case['valid'], case['claim'])
    for case in file['uses']:
        seed = mac(b64u(case['monthKey']), b'lianban/use/v1' + b64u(case['subjectTag']))
        expect(seed == b64u(case['seed']), 'a seed')
        for each in case['tags']:
            expect(mac(seed, struct.pack('>I', each['n'])) == b64u(each['tag']), f"use {each['n']}")
    return cases, wrong


if __name__ == '__main__':
    if len(sys.argv) != 3 or sys.argv[1] != 'vectors':
        print(__doc__, file=sys.stderr)
        sys.exit(2)
    with open(os.path.join(sys.argv[2], 'commitments.json'), encoding='ascii') as source:
        cases, wrong = check(json.load(source))
    for claim in wrong:
        print(f'does not hold: {claim}')
    print(f'commitments.json: {cases - len(wrong)} cases hold, {len(wrong)} do not')
    sys.exit(1 if wrong else 0)
