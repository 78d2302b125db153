# Counts over published files, written a second time without a line of the product: what a trial of
# the same files must find. Reads a folder and prints one JSON object, keyed by file name.
import csv, io, json, re, sys, unicodedata, zipfile
from pathlib import Path
from xml.etree import ElementTree

ALPHABET = '0123456789ABCDEFGHJKLMNPQRTUWXY'
WEIGHTS = [pow(3, i, 31) for i in range(17)]


def is_uscc(text):
    if not re.fullmatch(r'[0-9A-HJ-NP-RTUWXY]{2}\d{6}[0-9A-HJ-NP-RTUWXY]{10}', text):
        return False
    total = sum(ALPHABET.index(c) * w for c, w in zip(text, WEIGHTS))
    return ALPHABET[(31 - total % 31) % 31] == text[17]


def letters(at):
    name = ''
    at += 1
    while at:
        at, rest = divmod(at - 1, 26)
        name = chr(65 + rest) + name
    return name


def sheet_rows(data):
    ns = '{http://schemas.openxmlformats.org/spreadsheetml/2006/main}'
    book = zipfile.ZipFile(io.BytesIO(data))
    shared = []
    for si in ElementTree.fromstring(book.read('xl/sharedStrings.xml')).iter(ns + 'si'):
        shared.append(''.join(t.text or '' for t in si.iter(ns + 't')))
    rows = []
    for row in ElementTree.fromstring(book.read('xl/worksheets/sheet1.xml')).iter(ns + 'row'):
        cells = {}
        for c in row.iter(ns + 'c'):
            at = 0
            for letter in re.match(r'[A-Z]+', c.get('r')).group():
                at = at * 26 + ord(letter) - 64
            value = c.findtext(ns + 'v')
            if value is not None:
                cells[at - 1] = shared[int(value)] if c.get('t') == 's' else value
        rows.append([cells.get(at, '') for at in range(max(cells, default=-1) + 1)])
    return rows


def read(data):
    if data[:2] == b'PK':
        return 'xlsx', None, sheet_rows(data)
    if data[:3] == b'\xef\xbb\xbf':
        encoding, mark = 'utf-8', True
    else:
        mark = False
        try:
            data.decode('utf-8')
            encoding = 'ascii' if all(b < 128 for b in data) else 'utf-8'
        except UnicodeDecodeError:
            encoding = 'gb18030'
    text = data.decode('utf-8-sig' if mark else encoding)
    return 'csv', encoding + ('+mark' if mark else ''), list(csv.reader(io.StringIO(text, newline='')))


def facts(data):
    kind, encoding, rows = read(data)
    head, body = [name.strip() for name in rows[0]], [row for row in rows[1:] if any(cell.strip() for cell in row)]
    out = {'type': kind, 'encoding': encoding, 'rows': len(body), 'columns': len(head)}
    out['uscc'] = {}
    for at, name in enumerate(head):
        if name in ('uscc', '统一社会信用代码'):
            values = [row[at].strip() for row in body]
            filled = [value for value in values if value]
            valid = [value for value in filled if is_uscc(value)]
            out['uscc'][letters(at)] = [len(filled), len(valid), len(values) - len(filled)]
    out['masked'] = sum('**' in cell for row in body for cell in row)
    out['outer_blank'] = sum(cell != '' and cell != cell.strip() for row in body for cell in row)
    seen, repeated = set(), 0
    for row in body:
        repeated += tuple(row) in seen
        seen.add(tuple(row))
    out['repeated_rows'] = repeated
    out['wrong_width'] = sum(len(row) != len(head) for row in body)
    out['unique_columns'] = [
        letters(at) for at in range(len(head))
        if len({row[at].strip() for row in body}) == len(body) and all(row[at].strip() for row in body)
    ]
    return out


if __name__ == '__main__':
    found = {}
    for path in sorted(Path(sys.argv[1]).rglob('*.csv')):
        found[unicodedata.normalize('NFC', path.name)] = facts(path.read_bytes())
    print(json.dumps(found, ensure_ascii=False))
