"""Questions on texts, and the SQuAD files that hold them. Positions are code points of the text, as SQuAD counts them."""

import gzip
import json
import lzma
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

REACH = 8  # code points


@dataclass(frozen=True)
class Answer:
    text: str
    start: int


@dataclass(frozen=True)
class Question:
    id: str
    text: str
    context: str
    answers: tuple[Answer, ...]  # none: the context does not answer it
    article: str  # what must stay together when data are split


def _open(path):
    return {".gz": gzip.open, ".xz": lzma.open}.get(path.suffix, open)(path, "rt", encoding="utf-8")


def _answer(question, context, raw):
    """The answer without the white space around it, where it stands.

    Annotators took white space along without counting it, and one paper of COVID-QA has all positions off by three: an answer may
    stand a few characters from where it is said to. One that stands further away is an error.
    """
    text = raw["text"].strip()
    lead = len(raw["text"]) - len(raw["text"].lstrip())
    said = raw["answer_start"]
    for start in (said, said + lead):
        if text and context.startswith(text, start):
            return Answer(text, start)
    near = [i for i in range(max(0, said - REACH), said + lead + REACH + 1) if text and context.startswith(text, i)]
    if not near:
        raise ValueError(f"question {question}: the answer {raw['text']!r} does not stand at {said}")
    return Answer(text, min(near, key=lambda i: abs(i - said - lead)))


def read(path):
    """The questions of a SQuAD 1.1 or 2.0 file, plain or packed with gzip or xz.

    An article is what has one title. Where the titles say nothing, because there are none or all are the same, each entry of
    "data" is an article of its own.
    """
    path = Path(path)
    with _open(path) as f:
        data = json.load(f)["data"]
    titles = [entry.get("title") for entry in data]
    telling = None not in titles and len(set(titles)) > 1
    questions, seen = [], set()
    for i, entry in enumerate(data):
        article = entry["title"] if telling else f"entry {i}"
        for paragraph in entry["paragraphs"]:
            context = paragraph["context"]
            for q in paragraph["qas"]:
                id_ = str(q["id"])
                if id_ in seen:
                    raise ValueError(f"read {path}: two questions have the id {id_}")
                seen.add(id_)
                golds = [] if q.get("is_impossible") else q.get("answers", [])
                answers = tuple(_answer(id_, context, a) for a in golds)
                questions.append(Question(id_, q["question"].strip(), context, answers, article))
    if not questions:
        raise ValueError(f"read {path}: there is no question in it")
    return questions


def write(path, questions):
    """Writes a SQuAD 2.0 file; the same questions always give the same bytes, packed or not."""
    path = Path(path)
    articles = defaultdict(lambda: defaultdict(list))
    for q in questions:
        answers = [{"text": a.text, "answer_start": a.start} for a in q.answers]
        articles[q.article][q.context].append({"id": q.id, "question": q.text, "answers": answers, "is_impossible": not answers})
    data = [
        {"title": title, "paragraphs": [{"context": context, "qas": qas} for context, qas in paragraphs.items()]}
        for title, paragraphs in articles.items()
    ]
    raw = json.dumps({"version": "v2.0", "data": data}, ensure_ascii=False).encode()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(raw, 6, mtime=0) if path.suffix == ".gz" else raw)


def _paths(folder, name):
    return [path for suffix in (".json", ".json.gz", ".json.xz") if (path := Path(folder) / (name + suffix)).exists()]


def exists(folder, name):
    return bool(_paths(folder, name))


def find(folder, name):
    """The file NAME.json of a folder, packed or not."""
    if not (paths := _paths(folder, name)):
        raise FileNotFoundError(f"{folder} has no {name}.json, {name}.json.gz or {name}.json.xz")
    return paths[0]
