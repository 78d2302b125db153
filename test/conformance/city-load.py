"""What public files of a city hold, counted without a line of the product: rows, valid codes,
codes under two names, sealed projects with a presale permit, masked codes, bands of gas use. Prints
one JSON object.
Arguments: the data directory. Needs Python 3.8 and nothing else."""

import csv
import json
import os
import re
import sys
import zipfile
from collections import Counter
from fractions import Fraction
from xml.etree import ElementTree

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
ROOT = sys.argv[1]


def table(path, encoding):
    with open(os.path.join(ROOT, path), encoding=encoding, newline="") as file:
        return list(csv.DictReader(file))


def valid(code):
    if len(code) != 18 or any(c not in ALPHABET for c in code):
        return False
    total = sum(ALPHABET.index(c) * pow(3, i, 31) for i, c in enumerate(code[:17]))
    return ALPHABET[(31 - total % 31) % 31] == code[17]


def permit(text):
    text = re.sub(r"\s", "", text)
    return text.replace("\uff08", "(").replace("\uff09", ")")


def name(text):
    return re.sub(r"\s", "", text).replace("\uff08", "(").replace("\uff09", ")")


OPEN = "beijing-open-data/"
fresh = table(OPEN + "内资企业设立登记公告数据.csv", "utf-8-sig")
listed = table(OPEN + "上市公司名录.csv", "utf-8-sig")
tech = table(OPEN + "海淀区中关村高新技术企业库.csv", "gb18030")
permits = table(OPEN + "新建商品房预售许可信息.csv", "utf-8-sig")
seals = table(OPEN + "北京市司法查封项目信息.csv", "gb18030")
sales = table("housing/lianjia-sales.csv", "utf-8")
code = "统一社会信用代码"
of_tech = {row[code].strip(): name(row["法人单位名称"]) for row in tech}
shared = [(of_tech[row[code]], name(row["企业名称"])) for row in listed if row[code] in of_tech]
known = {permit(row["预售证号"]) for row in permits}
SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def workbook(path):
    with zipfile.ZipFile(os.path.join(ROOT, path)) as book:
        shared = ElementTree.fromstring(book.read("xl/sharedStrings.xml"))
        sheet = ElementTree.fromstring(book.read("xl/worksheets/sheet1.xml"))
    words = ["".join(t.text or "" for t in si.iter(SHEET + "t")) for si in shared]
    rows = []
    for row in sheet.iter(SHEET + "row"):
        cells = {}
        for cell in row:
            value = cell.findtext(SHEET + "v")
            letter = re.sub(r"\d", "", cell.get("r"))
            cells[letter] = words[int(value)] if cell.get("t") == "s" else value
        rows.append(cells)
    return [{rows[0][at]: text for at, text in row.items()} for row in rows[1:]]


def band(cubic_metres):
    for name, least in (("very-large", 4000), ("large", 1500), ("medium", 500)):
        if cubic_metres >= least:
            return name
    return "small"


def trend(three, six):
    return "rising" if three > six * 11 / 10 else "falling" if three < six * 9 / 10 else "steady"


bills = workbook(OPEN + "企业用户用气缴费信息.csv")
six = [Fraction(bill["近六个月平均用量"]) for bill in bills]
three = [Fraction(bill["近三个月平均用量"]) for bill in bills]
owed = [Fraction(bill["本月欠缴金额"]) for bill in bills]
print(
    json.dumps(
        {
            "rows": {
                "new-companies": len(fresh),
                "listed-companies": len(listed),
                "high-tech-certificates": len(tech),
                "presale-permits": len(permits),
                "court-seals": len(seals),
                "home-sales": len(sales),
                "gas-bills": len(bills),
            },
            "valid": {
                "new-companies": sum(valid(row[code].strip()) for row in fresh),
                "listed-companies": sum(valid(row[code].strip()) for row in listed),
                "high-tech-certificates": sum(valid(row[code].strip()) for row in tech),
            },
            "joined": sum(permit(row["预售许可证号"]) in known for row in seals),
            "renamed": sum(a != b for a, b in shared),
            "masked": {
                name: sum("*" in bill[name] for bill in bills)
                for name in ("用气用户编号", "纳税人识别号")
            },
            "gas": {
                "arrears": sum(sum_ > 0 for sum_ in owed),
                "band": Counter(map(band, six)),
                "trend": Counter(map(trend, three, six)),
                "owedFen": int(sum(owed) * 100),
            },
        }
    )
)
