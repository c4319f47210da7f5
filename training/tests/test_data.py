"""SQuAD files, parts, passages, questions without an answer."""

import gzip
import json
import lzma
import random

import pytest

from tryall_training import edits, invented, negatives, passages, prepare, split, squad
from tryall_training.squad import Answer, Question


def file(tmp_path, data, pack=lambda b: b, name="set.json"):
    path = tmp_path / name
    path.write_bytes(pack(json.dumps({"version": "1.1", "data": data}).encode()))
    return path


def entry(context, answers, title=None, id_="q"):
    e = {
        "paragraphs": [
            {"context": context, "qas": [{"id": id_, "question": " Who? ", "answers": [{"text": t, "answer_start": s} for t, s in answers]}]}
        ]
    }
    return e | ({"title": title} if title else {})


@pytest.mark.parametrize("name, pack", [("a.json", bytes), ("a.json.gz", gzip.compress), ("a.json.xz", lzma.compress)])
def test_read_packed(tmp_path, name, pack):
    q = squad.read(file(tmp_path, [entry("é Ann came", [("Ann", 2)])], pack, name))
    assert q == [Question("q", "Who?", "é Ann came", (Answer("Ann", 2),), "entry 0")]
    assert squad.find(tmp_path, "a").name == name
    assert not squad.exists(tmp_path, "b")


@pytest.mark.parametrize("said, start, want", [("Ann", 4, 4), (" Ann ", 3, 4), (" Ann", 4, 4), ("Ann", 1, 4), ("Ann", 9, 4)])
def test_answers_are_put_where_they_stand(tmp_path, said, start, want):
    (q,) = squad.read(file(tmp_path, [entry("Yes Ann came by train, not Bob", [(said, start)])]))
    assert q.answers == (Answer("Ann", want),)
    assert q.context[want:].startswith("Ann")


def test_an_answer_that_stands_nowhere_is_an_error(tmp_path):
    with pytest.raises(ValueError, match="question q: the answer 'Bob' does not stand at 0"):
        squad.read(file(tmp_path, [entry("Yes Ann came by train, not Bob", [("Bob", 0)])]))


def test_articles(tmp_path):
    two = [entry("a x", [("x", 2)], "A", "1"), entry("b x", [("x", 2)], "A", "2"), entry("c x", [("x", 2)], "B", "3")]
    assert [q.article for q in squad.read(file(tmp_path, two))] == ["A", "A", "B"]
    assert [q.article for q in squad.read(file(tmp_path, two[:2]))] == ["entry 0", "entry 1"]  # one title tells nothing
    with pytest.raises(ValueError, match="two questions have the id 1"):
        squad.read(file(tmp_path, [two[0], two[0]]))


def test_write_reads_back_and_is_the_same_each_time(tmp_path):
    questions = invented.questions(60)
    paths = [tmp_path / n for n in ("a.json.gz", "b.json.gz", "c.json")]
    for path in paths:
        squad.write(path, questions)
        assert squad.read(path) == questions
    assert paths[0].read_bytes() == paths[1].read_bytes()


@pytest.mark.parametrize("seed", range(20))
def test_parts_share_no_article(seed):
    rng = random.Random(seed)
    questions = [Question(str(i), "?", "c", (), str(rng.randrange(30))) for i in range(400)]
    parts = split.split(questions, 0.2, 0.1, seed)
    articles = [{q.article for q in parts[p]} for p in split.PARTS]
    assert not articles[0] & articles[1] and not articles[0] & articles[2] and not articles[1] & articles[2]
    assert sorted(q.id for p in parts.values() for q in p) == sorted(q.id for q in questions)
    assert 80 <= len(parts["calibration"]) < 120 and 40 <= len(parts["choose"]) < 80
    rng.shuffle(questions)
    again = split.split(questions, 0.2, 0.1, seed)
    assert {p: {q.id for q in qs} for p, qs in again.items()} == {p: {q.id for q in qs} for p, qs in parts.items()}


def test_too_few_articles():
    one = [Question("1", "?", "c", (), "A")]
    with pytest.raises(ValueError, match="1 articles are too few"):
        split.split(one, 0.2, 0.1, 7)
    with pytest.raises(ValueError, match="nothing to train on"):
        split.split(one, 0.5, 0.5, 7)


@pytest.mark.parametrize("seed", range(10))
def test_cut_covers_the_text(seed):
    rng = random.Random(seed)
    text = "".join(rng.choice(["word ", "end. ", "stop!\n\n", "x" * 30, "é? "]) for _ in range(rng.randrange(0, 300)))
    ranges = passages.cut(text, 100)
    assert "".join(text[a:b] for a, b in ranges) == text
    assert all(b - a <= 100 for a, b in ranges)
    assert passages.cut("One. Two three four", 8) == [(0, 5), (5, 13), (13, 19)]


def test_pieces_keep_answers_in_place():
    text = "".join(f"Fact {i} says that the number is n{i}. " for i in range(100))
    asked = [Question(str(i), f"What is {i}?", text, (Answer(f"n{i}", text.index(f"n{i}.")),), "A") for i in range(100)]
    placed, pool = passages.pieces([*asked, Question("none", "What?", text, (), "A")], 200)
    assert len(placed) >= 95 and "none" not in {q.id for q in placed}
    assert "".join(p.text for p in pool) == text
    for q in placed:
        (a,) = q.answers
        assert q.context[a.start : a.start + len(a.text)] == a.text
        assert len(q.context) <= 200
    assert passages.pieces(asked[:1], 5000)[0] == asked[:1]  # short texts stay whole


def test_bm25_by_hand():
    # Two texts of two words: k1 1.2, and all lengths are the mean, so that a word that occurs once weighs 2.2/(1+1.2) times its rarity.
    scores = negatives.BM25(["red house", "red tree"]).scores("A red HOUSE")
    red, house = 0.1823215567939546, 0.6931471805599453  # ln(1 + 0.5/2.5), ln(1 + 1.5/1.5)
    assert scores == pytest.approx([red + house, red])


@pytest.mark.parametrize(
    "text, answer, want",
    [
        ("In May.", "may", True),
        ("Mayhem", "may", True),
        ("the big  dog", "Big Dog", True),
        ("U.S. law", "us law", True),
        ("red", "the", False),
        ("June", "May", False),
    ],
)
def test_holds(text, answer, want):
    assert negatives.holds(text, [Answer(answer, 0)]) is want


def test_the_closest_passage_without_the_answer_is_taken():
    texts = [
        "The bridge of Alby was built in 1850.",
        "The bridge of Alby is old.",
        "A tower stands in Corton.",
        "The bridge of Alby, built 1850, fell.",
    ]
    pool = [passages.Passage("A", texts[0]), passages.Passage("A", texts[1]), passages.Passage("B", texts[2]), passages.Passage("B", texts[3])]
    q = Question("1", "When was the bridge of Alby built?", texts[0], (Answer("1850", 32),), "A")
    pairing = negatives.Pairing(pool)
    assert [p.text for p in pairing.close(q, 3, within=True)] == [texts[1]]
    assert pairing.close(q, 3, within=False) == []  # the tower shares no word, the other bridge has the answer
    assert negatives.unanswerable([q], pool, 1.0, 7) == [Question("1-none", q.text, texts[1], (), "A")]


def test_negatives_never_hold_an_answer():
    questions = invented.questions(600)
    placed, pool = passages.pieces(questions, 1000)
    golds = {q.id: q.answers for q in questions}
    made = negatives.unanswerable(placed, pool, 1.0, 7)
    assert len(made) > 300
    for q in made:
        assert not q.answers
        assert not any(a.text.lower() in q.context.lower() for a in golds[q.id.removesuffix("-none")])
    assert made == negatives.unanswerable(placed, pool, 1.0, 7) != negatives.unanswerable(placed, pool, 1.0, 8)
    assert len(negatives.unanswerable(placed, pool, 0.5, 7)) < 0.6 * len(made)


def data_folder(tmp_path, leak=False):
    everything = invented.questions(900)
    answered = [q for q in everything if q.answers]
    for i, name in enumerate(prepare.SHARES):
        squad.write(tmp_path / "train" / f"{name}.json", everything[:300] if name == "squad2-part" else answered[100 * i : 100 * i + 100])
    for name in prepare.HELD_OUT:
        squad.write(tmp_path / "held-out" / f"{name}.json", answered[-20:] + (answered[:1] if leak else []))
    return tmp_path


def test_prepare(tmp_path):
    prepare.prepare(data_folder(tmp_path), tmp_path / "parts", 7, log=lambda _: None)
    for name in prepare.SHARES:
        texts = {part: {q.context for q in squad.read(squad.find(tmp_path / "parts" / part, name))} for part in split.PARTS}
        assert not texts["train"] & texts["calibration"] and not texts["train"] & texts["choose"] and not texts["calibration"] & texts["choose"]
        for part in split.PARTS:
            made = tmp_path / "parts" / part
            if part == "train" or name == "squad2-part":
                assert squad.exists(made, f"{name}-none") == (name != "squad2-part")
            if squad.exists(made, f"{name}-none"):  # paired within the part: nothing of another part is learned from
                assert {q.context for q in squad.read(squad.find(made, f"{name}-none"))} <= texts[part]
    found = prepare.read_part(tmp_path / "parts" / "choose", ["amazon", "squad2-part"])
    assert len({q.id for q in found}) == len(found) and any(q.id.endswith("-none") for q in found)


def test_prepare_refuses_what_is_held_out(tmp_path):
    with pytest.raises(ValueError, match="prepare amazon: 1 of its texts are held out"):
        prepare.prepare(data_folder(tmp_path, leak=True), tmp_path / "parts", 7, log=lambda _: None)


def test_edits_change_a_detail_that_the_passage_knows_into_one_it_does_not():
    text = "In May 1850 the engineer Ann Lind built the first bridge of Alby."
    q = Question("1", "Which bridge did Ann Lind build first in Alby?", text, (Answer("the first bridge", 43),), "A")
    pool = [passages.Passage("A", text), passages.Passage("A", "It was Bob Sund who, in 1861, came to Corton.")]
    editor = edits.Editor(pool)
    ways = {w for seed in range(30) for w in editor.edits(q, random.Random(seed))}
    for old, new in (("Ann Lind", "Bob Sund"), ("Ann Lind", "Corton"), ("Alby", "Corton"), ("first", "last")):
        assert q.text.replace(old, new) in ways, new
    assert ways <= {q.text.replace(old, new) for old in ("Ann Lind", "Alby", "first") for new in ("Bob Sund", "Corton", "last")}
    dated = Question("2", "Who built it in 1850?", text, (Answer("Ann Lind", 25),), "A")
    assert editor.edits(dated, random.Random(1)) == ["Who built it in 1861?"]
    assert editor.edits(Question("3", "Who was it?", text, (), "A"), random.Random(1)) == []


def test_edited_questions():
    questions = invented.questions(600)
    placed, pool = passages.pieces(questions, 1000)
    made = edits.edited(placed, pool, 0.5, 7)
    old = {q.id: q for q in questions}
    assert len(made) > 50 and made == edits.edited(placed, pool, 0.5, 7)
    for q in made:
        was = old[q.id.removesuffix("-edited")]
        assert not q.answers and q.context == was.context and q.text != was.text
