#!/usr/bin/env python3
"""Writes index/testdata/stems.txt: English words and what the reference makes of them.

usage: stemmer.py SQUAD.json.xz... > index/testdata/stems.txt
needs: snowballstemmer 3.x

The words are those of the contexts, and made-up ones of every ending of the algorithm behind stems of several lengths.
"""
import json, lzma, re, sys
import snowballstemmer
from importlib.metadata import version

STEMS = "b tr oat trouble ivy crepuscul falli possi bill controll y ply agr".split()
ENDINGS = """s es sses ies ss ed eed ing ating bling izing ational tional enci anci izer bli alli entli eli ousli ization ation ator
alism iveness fulness ousness aliti iviti biliti logi icate ative alize iciti ical ful ness al ance ence er ic able ible ant ement
ment ent sion tion ion ou ism ate iti ous ive ize e ll y""".split()

words = {s + e for s in STEMS for e in ENDINGS}
for path in sys.argv[1:]:
    for article in json.load(lzma.open(path))["data"]:
        for paragraph in article["paragraphs"]:
            words.update(re.findall(r"\b[a-z]+\b", paragraph["context"]))
porter = snowballstemmer.stemmer("porter")
print("# snowballstemmer", version("snowballstemmer"), "porter")
for w in sorted(w for w in words if len(w) > 2):  # the author leaves shorter ones as they are
    print(w, porter.stemWord(w))
