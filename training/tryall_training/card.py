"""A model's card: README.md of its repository, with the head that the Hub reads."""

import json
from pathlib import Path

BASE = "sentence-transformers/all-MiniLM-L6-v2"
SHIFTS = ("amazon", "new_wiki", "reddit")
SETS = {  # what a card's head and its tables call the held-out sets
    "squad2-part": ("rajpurkar/squad_v2", "SQuAD 2.0, two held-out articles"),
    "covid": ("deepset/covid_qa_deepset", "COVID-QA, 13 held-out papers"),
}
SOURCES = {  # name on the Hub -> what must be said of it
    "squadshifts": (
        "SQuADShifts (John Miller, Karl Krauth, Benjamin Recht, Ludwig Schmidt: The Effect of Natural Distribution Shift on Question Answering "
        "Models, 2020), [CC BY 4.0](https://creativecommons.org/licenses/by/4.0/)"
    ),
    "rajpurkar/squad_v2": (
        "SQuAD 2.0 (Pranav Rajpurkar, Robin Jia, Percy Liang: Know What You Don't Know: Unanswerable Questions for SQuAD, 2018), on passages of Wikipedia, "
        "[CC BY-SA 4.0](https://creativecommons.org/licenses/by-sa/4.0/)"
    ),
    "deepset/covid_qa_deepset": (
        "COVID-QA (Timo Möller, Anthony Reina, Raghavan Jayakumar, Malte Pietsch: COVID-QA: A Question Answering Dataset for COVID-19, 2020), Apache-2.0, "
        "on papers of CORD-19 that are nearly all CC BY"
    ),
}


def source(name):
    return "squadshifts" if name in SHIFTS else {"squad2-part": "rajpurkar/squad_v2", "covid": "deepset/covid_qa_deepset"}[name]


def lineage(recipe, recipes):
    """The recipes that the weights come from, the first first."""
    return ([] if recipe.start == "base" else lineage(recipes[recipe.start], recipes)) + [recipe]


def sources(recipe, recipes):
    """The data that the weights learned from, in the order of SOURCES."""
    used = {source(name) for r in lineage(recipe, recipes) for stage in r.stages for name in stage.data}
    return [name for name in SOURCES if name in used]


def head(recipe, recipes, scores):
    lines = ["---", "license: apache-2.0", "language:", "- en", "library_name: transformers", "pipeline_tag: question-answering", f"base_model: {BASE}"]
    lines += ["datasets:", *(f"- {name}" for name in sources(recipe, recipes)), "tags:", "- question-answering", "- bert", "- minilm"]
    lines += ["metrics:", "- exact_match", "- f1", "model-index:", f"- name: tryall/{recipe.name}", "  results:"]
    for s in scores["sets"]:
        kind, name = SETS[s["name"]]
        lines += ["  - task:", "      type: question-answering", "    dataset:", f"      type: {kind}", f"      name: {name}", "    metrics:"]
        for metric, key in (("exact_match", "exact"), ("f1", "f1")):
            lines += [f"    - type: {metric}", f"      value: {s['run_qa'][key]:.2f}"]
    return lines + ["---"]


def stage_words(stage):
    """One stage in a sentence."""
    data = ", ".join(f"{times} x {name}" if times > 1 else name for name, times in stage.data.items())
    text = f"{data}; {stage.epochs:g} epoch{'s' if stage.epochs > 1 else ''}, learning rate {stage.learning_rate:g}"
    if stage.unanswerable:
        text += f"; {100 * stage.unanswerable:.0f} % more questions paired with a close passage that does not answer them"
    if stage.edited:
        text += f"; up to {100 * stage.edited:.0f} % more with a name, a number or a word changed so that the passage does not answer them"
    if stage.keep_empty != 0.5:
        text += f"; of the windows without the answer one in {round(1 / stage.keep_empty)} kept"
    if stage.layers:
        text += f"; of its layers {', '.join(map(str, stage.layers))} only"
    if stage.teacher:
        labels = 1 - stage.teacher_weight
        text += f"; taught by tryall/{stage.teacher} ({stage.teacher_weight:g} of the loss from its logits at temperature {stage.temperature:g}, {labels:g} from the labels)"
    return text


def made(recipe):
    start = f"[all-MiniLM-L6-v2](https://huggingface.co/{BASE})" if recipe.start == "base" else f"`tryall/{recipe.start}`"
    stages = [stage_words(s) for s in recipe.stages]
    stage = recipe.stages[0]
    lines = [f"From {start}, in {'one stage' if len(stages) == 1 else f'{len(stages)} stages'}:", "", *(f"{i}. {s}." for i, s in enumerate(stages, 1)), ""]
    return lines + [
        f"AdamW, batches of {stage.batch}, windows of {stage.length} tokens with an overlap of {stage.overlap}, linear decay after {100 * stage.warm_up:g} % "
        f"warm-up, {'no dropout' if not stage.dropout else f'dropout {stage.dropout:g}'}, embeddings frozen, bf16 autocast, seed {recipe.seed}. "
        f"amazon, new_wiki and reddit are parts of SQuADShifts. "
        f"`make -C training {recipe.name}` in tryall's source makes it again (other bits, the same recipe: "
        "it keeps some articles apart to calibrate on and to choose by)."
    ]


def table(scores):
    rows = ["| data | questions | decoded | EM | F1 | F1 where there is an answer | where there is none | F1 at the best threshold |", "|---|---|---|---|---|---|---|---|"]
    used = f"`gap` at threshold {scores['threshold']:g}" if "threshold" in scores else "`gap`, always answering"
    for s in scores["sets"]:
        for key, how in (("run_qa", "as run_qa, threshold 0"), ("gap", used)):
            row = s[key]
            number = lambda k: f"{row[k]:.2f}" if k in row else ""  # noqa: E731, B023
            f1 = number("f1") + (" [{}, {}]".format(*row["f1_ci"]) if "f1_ci" in row else "")
            alone = "NoAns_f1" not in s["run_qa"]  # all questions have an answer: two columns would say nothing
            cells = [s["about"], str(s["questions"]), how, number("exact"), f1, *(["", ""] if alone else [number("HasAns_f1"), number("NoAns_f1")]), number("best_f1")]
            rows.append("| " + " | ".join(cells) + " |")
    return rows


def calibration(recipe, settings, scores):
    if settings.get("threshold") is None:
        return []
    lines = ["", "## Threshold and probability", ""]
    text = f"`tryall.json` says from which gap (score of the answer minus that of no answer) on it should answer: {settings['threshold']:g}, fitted on {settings['fitted_on']}."
    if c := settings.get("calibration"):
        text += f" An answer is right with the probability sigmoid({c['a']:g} gap {'-' if c['b'] < 0 else '+'} {abs(c['b']):g})"
        if ece := scores.get("ece"):
            text += f"; on the held-out SQuAD 2.0 questions that is off by {ece:g} points in the mean (expected calibration error, 15 bins)"
        text += "."
    return lines + [text + " Questions of your own give better ones."]


def card(recipe, recipes, scores, settings, parameters):
    """The text of README.md. parameters is the number of weights."""
    layers = next((len(s.layers) for s in reversed(recipe.stages) if s.layers), 6)
    question, file = recipe.example
    body = [
        *head(recipe, recipes, scores), "", f"# {recipe.name}", "",
        f"{recipe.about} {parameters / 1e6:.1f} million parameters, {layers} layers of width 384, uncased, at most 512 tokens a window, "
        "stored as fp16 in two shards.", "",
        "## For what", "", recipe.use, "", "```", f'tryall ask "{question}" -c {file} -m tryall/{recipe.name}', "```", "",
        "It is a `BertForQuestionAnswering`; transformers loads the exported folder as any other.", "",
        "## How it was made", "", *made(recipe), "",
        "## Scores", "",
        "In percent, on texts that no built-in model learned from; the fp16 weights in fp32 arithmetic. \"As run_qa\": transformers 4.57.6, windows of 384 tokens, overlap 128, "
        "20 best, answers of at most 30 tokens, official scoring. `gap` is tryall's own decoder with the model's own settings, with a 95 % interval "
        "(bootstrap of the texts that questions share).", "",
        *table(scores), *calibration(recipe, settings, scores), "",
        "## Limits", "",
        "- English only. Answers are spans of the given text; it does not count, compare or conclude.",
        "- Small: models of ten times its size answer better. It is here so that everything can be tried at once, without a download.",
        "- COVID-QA's 154 questions make an interval of several points; so few papers say little about others.",
        *(f"- {limit}" for limit in recipe.limits), "",
        "## Licence", "",
        "The weights are Apache-2.0, as all-MiniLM-L6-v2 of the sentence-transformers project is, from which they come. They learned from:", "",
        *(f"- {SOURCES[name]};" for name in sources(recipe, recipes)[:-1]), f"- {SOURCES[sources(recipe, recipes)[-1]]}.", "",
        "None of these texts is in the weights' files or beside them. The sample questions that tryall carries have a notice of their own.",
    ]  # fmt: skip
    return "\n".join(body) + "\n"


def write(folder, recipe, recipes, scores, settings, parameters):
    Path(folder, "README.md").write_text(card(recipe, recipes, scores, settings, parameters), encoding="utf-8")


def parameters_of(folder):
    """The number of weights of a repository in Hub layout, from its index: fp16 takes two bytes each."""
    index = json.loads((Path(folder) / "model.safetensors.index.json").read_text())
    return index["metadata"]["total_size"] // 2
