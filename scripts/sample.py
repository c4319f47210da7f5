"""Writes zoo/sample: the questions that every installation starts with, and NOTICE, which says whose texts they are about.

    python scripts/sample.py COVID.json SQUAD2.json zoo/sample

COVID.json: papers of COVID-QA (github.com/deepset-ai/COVID-QA), in SQuAD form; each text begins with its title, authors,
DOI and licence. SQUAD2.json: articles of SQuAD 2.0's development set. Titles are added to the papers and
their answers trimmed; nothing else changes.
"""

import gzip
import json
import re
import sys
from pathlib import Path


def facts(text):
    """What a paper's text says of itself: title on the first line, address, authors, then labelled lines."""
    head = [line for line in text.split("\nAbstract:")[0].split("\n") if line]
    labelled = {m[1].lower(): m[2] for line in head if (m := re.match(r"(SHA|Authors|Date|DOI|License): ?(.+)", line))}
    plain = [line for line in head[1:] if not re.match(r"(SHA|Authors|Date|DOI|License):", line)]
    address = next(line for line in plain if line.startswith("https://"))
    plain.remove(address)
    authors = labelled.get("authors") or plain[0]
    date = labelled.get("date") or next(line for line in plain if re.fullmatch(r"\d{4}(-\d\d-\d\d)?", line))
    return {"title": head[0], "authors": authors, "date": date, "doi": labelled["doi"], "licence": labelled["license"], "address": address}


def trim(context, answer):
    """COVID-QA's annotators took white space along, sometimes without counting it in the position."""
    text, start = answer["text"].strip(), answer["answer_start"]
    if not context.startswith(text, start):
        start += len(answer["text"]) - len(answer["text"].lstrip())
    assert context.startswith(text, start), answer
    return {"text": text, "answer_start": start}


def pack(path, data):
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode()
    path.write_bytes(gzip.compress(text, 9, mtime=0))


def main(covid, squad, out):
    covid = json.loads(Path(covid).read_text())
    papers = []
    for article in covid["data"]:
        f = facts(article["paragraphs"][0]["context"])
        assert f["licence"] == "cc-by", f
        article["title"] = f["title"]
        for p in article["paragraphs"]:
            for q in p["qas"]:
                q["answers"] = [trim(p["context"], a) for a in q["answers"]]
        papers.append(f)
    pack(out / "covid-papers.json.gz", covid)
    squad = json.loads(Path(squad).read_text())
    pack(out / "wikipedia.json.gz", squad)
    titles = " and ".join(f'"{a["title"].replace("_", " ")}"' for a in squad["data"])

    lines = [
        "The sample questions and the texts they are about",
        "",
        "wikipedia.json.gz",
        "  From SQuAD 2.0 (Pranav Rajpurkar, Robin Jia, Percy Liang: Know What You Don't Know: Unanswerable Questions for SQuAD,",
        "  2018; https://rajpurkar.github.io/SQuAD-explorer/), development set: questions on passages of the Wikipedia articles",
        f"  {titles}, by their contributors. Licence: CC BY-SA 4.0",
        "  (https://creativecommons.org/licenses/by-sa/4.0/). A selection of articles; compressed.",
        "",
        "covid-papers.json.gz",
        "  Questions and answers: COVID-QA (Timo Möller, Anthony Reina, Raghavan Jayakumar, Malte Pietsch: COVID-QA: A Question",
        "  Answering Dataset for COVID-19, 2020; https://github.com/deepset-ai/COVID-QA). Licence: Apache-2.0.",
        "  A selection; white space around answers was taken off; compressed.",
        "  Texts: the papers below, as CORD-19 and COVID-QA give them in plain text; titles are repeated as a field of their own.",
        "  The licence of each is the one its text states (\"cc-by\", Creative Commons Attribution; the version is not stated there).",
        "",
    ]
    for f in papers:
        lines += [f"  {f['title']}", f"    {f['authors']}", f"    {f['date']}. DOI {f['doi']}. {f['address']}", f"    Licence: {f['licence']}", ""]
    (out / "NOTICE").write_text("\n".join(lines).rstrip() + "\n")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], Path(sys.argv[3]))
