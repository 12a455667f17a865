"""Cuts the embedded part of Online Retail II: 1,000 customers with at least five purchases.

    python Tests/Oracles/data_retail.py online_retail.csv.xz

Writes invoices.bin, items.csv and customers.csv into Sources/Datasets/Data/retail/ (see the format in DATA.md there).
The output depends on nothing but the source.
"""

import collections
import csv
import datetime
import io
import lzma
import pathlib
import re
import statistics
import struct
import sys

import numpy as np

DATA = pathlib.Path(__file__).parents[2] / "Sources/Datasets/Data/retail"
EPOCH = datetime.datetime(2009, 12, 1)

# Lines of one invoice in order; exact duplicates once; articles only (their codes begin with five digits).
invoices, prices, names, country, seen = {}, {}, {}, {}, set()
with lzma.open(sys.argv[1], "rt", encoding="utf-8", newline="") as file:
    for row in csv.DictReader(file):
        key = tuple(row.values())
        if not row["Customer ID"] or key in seen or not re.match(r"\d{5}", row["StockCode"]):
            continue
        seen.add(key)
        customer = int(float(row["Customer ID"]))
        minute = int((datetime.datetime.strptime(row["InvoiceDate"], "%m/%d/%Y %H:%M") - EPOCH).total_seconds()) // 60
        code = row["StockCode"].upper()
        quantity = int(row["Quantity"])
        invoices.setdefault((row["Invoice"], customer), (minute, []))[1].append((code, quantity))
        prices.setdefault(code, []).append(float(row["Price"]))
        names.setdefault(code, collections.Counter())[" ".join(row["Description"].split())] += 1
        country[customer] = row["Country"]

purchases = collections.Counter(customer for (number, customer) in invoices if not number.startswith("C"))
regulars = sorted(customer for customer, count in purchases.items() if count >= 5)
chosen = sorted(regulars[i] for i in np.random.RandomState(2026).permutation(len(regulars))[:1000])
index = {customer: i for i, customer in enumerate(chosen)}

kept = [(index[c], minute, number, lines) for (number, c), (minute, lines) in invoices.items() if c in index]
kept.sort(key=lambda invoice: (invoice[1], invoice[2], invoice[0]))
count = collections.Counter(code for *_, lines in kept for code, _ in lines)
items = sorted(count, key=lambda code: (-count[code], code))
number_of = {code: i for i, code in enumerate(items)}
lines = [(number_of[code], quantity) for *_, rows in kept for code, quantity in rows]

DATA.mkdir(parents=True, exist_ok=True)
column = lambda kind, values: np.array(values, dtype=kind).tobytes()
(DATA / "invoices.bin").write_bytes(
    b"RETAIL01"
    + struct.pack("<II", len(kept), len(lines))
    + column("<u4", [minute for _, minute, _, _ in kept])
    + column("<u2", [customer for customer, *_ in kept])
    + column("<u2", [len(rows) for *_, rows in kept])
    + column("<u2", [item for item, _ in lines])
    + column("<i2", [quantity for _, quantity in lines])
)


def table(name, header, rows):
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    (DATA / name).write_text(text.getvalue(), encoding="utf-8")


best = lambda counter: min(counter.items(), key=lambda entry: (-entry[1], entry[0]))[0]
table("items.csv", ["code", "name", "price"], [(c, best(names[c]), f"{statistics.median(prices[c]):.2f}") for c in items])
table("customers.csv", ["customer", "country"], [(c, country[c]) for c in chosen])
print(len(regulars), "regulars;", len(kept), "invoices,", len(lines), "lines,", len(items), "items,",
      sum(q < 0 for _, q in lines), "cancelled lines")
