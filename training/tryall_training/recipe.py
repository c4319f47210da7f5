"""How a model is made, as a file says it (recipes/NAME.toml)."""

import tomllib
from dataclasses import dataclass, fields
from pathlib import Path


@dataclass(frozen=True)
class Stage:
    """One run over some data. A stage with a teacher distils: it learns from the teacher's logits as well."""

    data: dict[str, int]  # file of the data folder -> how many times over
    epochs: float
    learning_rate: float
    unanswerable: float = 0.0  # questions on passages that do not answer them, as a share of the set's questions
    edited: float = 0.0  # questions that were edited so that their passages do not answer them, likewise
    keep_empty: float = 0.5  # share of the windows without the answer of an answered question
    layers: tuple[int, ...] = ()  # which layers of the start are kept; none: all
    teacher: str = ""  # name of a recipe
    teacher_weight: float = 0.6  # of the loss; the rest are the labels
    temperature: float = 2.0
    batch: int = 24
    length: int = 320  # tokens of a window
    overlap: int = 96
    warm_up: float = 0.06  # share of the steps
    weight_decay: float = 0.01
    dropout: float = 0.0


@dataclass(frozen=True)
class Recipe:
    name: str
    about: str
    start: str  # "base" or the name of a recipe
    abstains: bool
    stages: tuple[Stage, ...]
    calibration: tuple[str, ...] = ()  # data sets whose calibration part the threshold is fitted on
    seed: int = 7
    use: str = ""  # for the card
    made: str = ""
    limits: tuple[str, ...] = ()
    example: tuple[str, str] = ("", "")  # a question, and the name of a file it is asked of


def _make(kind, values, where):
    known = {f.name for f in fields(kind)}
    if unknown := set(values) - known:
        raise ValueError(f"{where}: {', '.join(sorted(unknown))} is not known; there are {', '.join(sorted(known))}")
    return kind(**{k: tuple(v) if isinstance(v, list) else v for k, v in values.items()})


def load(path):
    """Reads a recipe; a key that is not known is an error."""
    path = Path(path)
    raw = tomllib.loads(path.read_text(encoding="utf-8"))
    stages = [_make(Stage, s, f"{path.name}: stage {i}") for i, s in enumerate(raw.pop("stage", []), 1)]
    recipe = _make(Recipe, {**raw, "stages": stages}, path.name)
    if recipe.name != path.stem:
        raise ValueError(f"{path.name}: its name is {recipe.name}")
    if not recipe.stages:
        raise ValueError(f"{path.name}: it has no [[stage]]")
    return recipe
