"""A model's card: README.md of its repository, with the head that the Hub reads."""

import json
from pathlib import Path

from .sources import ATTRIBUTION, COVID, SQUAD2, sources

BASE = "sentence-transformers/all-MiniLM-L6-v2"
HELD_OUT = {  # name on the Hub, and what a card's head calls it
    "squad2-part": (SQUAD2, "SQuAD 2.0, two held-out articles"),
    "covid": (COVID, "COVID-QA, 13 held-out papers"),
}

TEXT = """\
{head}

# {name}

{about} {size:.1f} million parameters, {layers} layers of width 384, uncased, at most 512 tokens a window, stored as fp16 in two shards.

## For what

{use}

```
tryall ask "{question}" -c {file} -m tryall/{name}
```

It is a `BertForQuestionAnswering`; transformers loads the exported folder as any other.

## How it was made

{made}

## Scores

In percent, on texts that no built-in model learned from; the fp16 weights in fp32 arithmetic. "As run_qa": transformers 4.57.6, windows of
384 tokens, overlap 128, 20 best, answers of at most 30 tokens, official scoring. `gap` is tryall's own decoder with the model's own
settings, with a 95 % interval (bootstrap of the texts that questions share).

{table}
{calibration}
## Limits

- English only. Answers are spans of the given text; it does not count, compare or conclude.
- Small: models of ten times its size answer better. It is here so that everything can be tried at once, without a download.
- COVID-QA's 154 questions make an interval of several points; so few papers say little about others.
{limits}

## Licence

The weights are Apache-2.0, as all-MiniLM-L6-v2 of the sentence-transformers project is, from which they come. They learned from:

{licences}

The files hold numbers and none of these texts. Who passes the model on passes this list on with it.
"""

CALIBRATION = """
## Threshold and probability

`tryall.json` says from which gap on it should answer (the score of the answer minus that of no answer): {threshold:g}.{probability}
Fitted on {fitted_on}. Questions of your own give better values.

"""


def head(recipe, recipes, scores):
    lines = ["license: apache-2.0", "language:", "- en", "library_name: transformers", "pipeline_tag: question-answering", f"base_model: {BASE}"]
    lines += ["datasets:", *(f"- {name}" for name in sources(recipe, recipes)), "tags:", "- question-answering", "- bert", "- minilm"]
    lines += ["metrics:", "- exact_match", "- f1", "model-index:", f"- name: tryall/{recipe.name}", "  results:"]
    for s in scores["sets"]:
        kind, name = HELD_OUT[s["name"]]
        lines += ["  - task:", "      type: question-answering", "    dataset:", f"      type: {kind}", f"      name: {name}", "    metrics:"]
        for metric, key in (("exact_match", "exact"), ("f1", "f1")):
            lines += [f"    - type: {metric}", f"      value: {s['run_qa'][key]:.2f}"]
    return "\n".join(["---", *lines, "---"])


def stage_words(stage):
    """One stage in a sentence."""
    text = ", ".join(f"{times} x {name}" if times > 1 else name for name, times in stage.data.items())
    text += f"; {stage.epochs:g} epoch{'s' if stage.epochs > 1 else ''}, learning rate {stage.learning_rate:g}"
    if stage.unanswerable:
        text += f"; {100 * stage.unanswerable:.0f} % more questions paired with a close passage that does not answer them"
    if stage.edited:
        text += f"; up to {100 * stage.edited:.0f} % more with a name, a number or a word changed so that the passage does not answer them"
    if stage.keep_empty != 0.5:
        text += f"; of the windows without the answer one in {round(1 / stage.keep_empty)} kept"
    if stage.layers:
        text += f"; of its layers {', '.join(map(str, stage.layers))} only"
    if stage.teacher:
        text += f"; taught by tryall/{stage.teacher} ({stage.teacher_weight:g} of the loss from its logits at temperature {stage.temperature:g}, "
        text += f"{1 - stage.teacher_weight:g} from the labels)"
    return text + "."


def made(recipe):
    start = f"[all-MiniLM-L6-v2](https://huggingface.co/{BASE})" if recipe.start == "base" else f"`tryall/{recipe.start}`"
    stages = [stage_words(s) for s in recipe.stages]
    one = recipe.stages[0]
    lines = [
        f"From {start}, in {'one stage' if len(stages) == 1 else f'{len(stages)} stages'} (amazon, new_wiki and reddit are parts of SQuADShifts):"
    ]
    lines += ["", *(f"{i}. {s}" for i, s in enumerate(stages, 1)), ""]
    lines += [f"AdamW, batches of {one.batch}, windows of {one.length} tokens with an overlap of {one.overlap}, linear decay after"]
    lines += [f"{100 * one.warm_up:g} % warm-up, {f'dropout {one.dropout:g}' if one.dropout else 'no dropout'}, embeddings frozen, bf16 autocast,"]
    lines += [f"seed {recipe.seed}. `make -C training {recipe.name}` in tryall's source runs this recipe; it keeps some articles apart to calibrate"]
    return "\n".join([*lines, "on and to choose by."])


def table(scores):
    columns = ["data", "questions", "decoded", "EM", "F1", "F1 where there is an answer", "where there is none", "F1 at the best threshold"]
    rows = [columns, ["---"] * len(columns)]
    used = f"`gap` at threshold {scores['threshold']:g}" if "threshold" in scores else "`gap`, always answering"
    for s in scores["sets"]:
        parts = ("HasAns_f1", "NoAns_f1") if "NoAns_f1" in s["run_qa"] else ("", "")  # where all have an answer they would say nothing
        for row, how in ((s["run_qa"], "as run_qa, threshold 0"), (s["gap"], used)):
            cells = [f"{row[k]:.2f}" if k in row else "" for k in ("exact", "f1", *parts, "best_f1")]
            if "f1_ci" in row:
                cells[1] += f" [{row['f1_ci'][0]}, {row['f1_ci'][1]}]"
            rows.append([s["about"], str(s["questions"]), how, *cells])
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def calibration(settings, scores):
    if settings.get("threshold") is None:
        return ""
    probability = ""
    if c := settings.get("calibration"):
        probability = f" An answer is right with the probability sigmoid({c['a']:g} gap {'-' if c['b'] < 0 else '+'} {abs(c['b']):g})"
        if "ece" in scores:
            probability += f",\nwhich on the held-out SQuAD 2.0 questions is off by {scores['ece']:g} points in the mean (EM, 15 bins)"
        probability += "."
    return CALIBRATION.format(threshold=settings["threshold"], probability=probability, fitted_on=settings["fitted_on"])


def card(recipe, recipes, scores, settings, parameters):
    """The text of README.md. parameters is the number of weights."""
    question, file = recipe.example
    learned = [ATTRIBUTION[name] for name in sources(recipe, recipes)]
    return TEXT.format(
        head=head(recipe, recipes, scores),
        name=recipe.name,
        about=recipe.about,
        size=parameters / 1e6,
        layers=next((len(s.layers) for s in reversed(recipe.stages) if s.layers), 6),
        use=recipe.use,
        question=question,
        file=file,
        made=made(recipe),
        table=table(scores),
        calibration=calibration(settings, scores),
        limits="\n".join(f"- {limit}" for limit in recipe.limits),
        licences="\n".join(f"- {text}{'.' if text is learned[-1] else ';'}" for text in learned),
    )


def write(folder, recipe, recipes, scores, settings, parameters):
    Path(folder, "README.md").write_text(card(recipe, recipes, scores, settings, parameters), encoding="utf-8")


def parameters_of(folder):
    """The number of weights of a repository in Hub layout, from its index: fp16 takes two bytes each."""
    index = json.loads((Path(folder) / "model.safetensors.index.json").read_text())
    return index["metadata"]["total_size"] // 2
