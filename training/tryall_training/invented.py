"""Invented places and facts about them: enough to see that everything works, and no one's data."""

import random

from .squad import Answer, Question

_BEGIN = ["Al", "Bren", "Cor", "Dun", "El", "Fal", "Gar", "Hol", "Is", "Jor", "Kel", "Lan", "Mar", "Nor", "Or", "Pen", "Quar", "Ros", "Sel", "Tor"]
_END = ["berg", "by", "dale", "field", "ford", "ham", "haven", "mere", "mouth", "stead", "ton", "wick"]
_THINGS = ["bridge", "tower", "harbour", "museum", "theatre", "library", "market hall", "lighthouse"]
_PEOPLE = ["Ada Lind", "Bruno Keller", "Clara Voss", "Daniel Okoro", "Eva Moreau", "Felix Anders", "Greta Sund", "Henri Blanc"]
_FACTS = [
    ("The {thing} of {place} was built in {x}. ", "When was the {thing} of {place} built?", lambda r: str(r.randrange(1400, 2000))),
    ("It was designed by {x}. ", "Who designed the {thing} of {place}?", lambda r: r.choice(_PEOPLE)),
    ("Its walls are {x} metres high. ", "How high are the walls of the {thing} of {place}?", lambda r: str(r.randrange(5, 90))),
    ("Every year {x} people come to see it. ", "How many people visit the {thing} of {place} every year?", lambda r: f"{r.randrange(2, 90)},000"),
]


def questions(count, seed=7):
    """So many questions, each place an article with one passage; a text leaves out a fact now and then, whose question has no answer."""
    rng, out, n = random.Random(seed), [], 0
    places = [b + e for b in _BEGIN for e in _END]
    rng.shuffle(places)
    for place in places:
        thing, text, asked = rng.choice(_THINGS), f"{place} lies on a river. ", []
        for sentence, question, draw in _FACTS:
            value = draw(rng)
            answers = ()
            if rng.random() < 0.7:
                said = sentence.format(thing=thing, place=place, x=value)
                answers = (Answer(value, len(text) + said.index(value)),)
                text += said
            asked.append((question.format(thing=thing, place=place), answers))
        for question, answers in asked:
            n += 1
            out.append(Question(f"invented-{n}", question, text, answers, place))
            if n == count:
                return out
    raise ValueError(f"{count} questions are too many: there are {n}")
