"""Two minutes that show whether the whole chain works: 200 invented questions, a model that is thrown away."""

import time
from pathlib import Path

import numpy as np

from . import agree, calibrate, evaluate, export, invented, split, squad, train, tryall
from . import recipe as recipes

QUESTIONS, STEPS = 200, 40


def smoke(binary, base, common, out, log=print):
    """Trains, exports, compares with tryall, calibrates and evaluates; raises where something is not as it should be."""
    began, out = time.monotonic(), Path(out)
    found = invented.questions(400)
    parts = split.split(found, 0.4, 0.1, 7)
    parts["train"] = parts["train"][:QUESTIONS]
    squad.write(out / "parts" / "invented.json.gz", parts["train"])
    stage = recipes.Stage(data={"invented": 1}, epochs=1, learning_rate=5e-4)
    made = recipes.Recipe(name="smoke", about="", start="base", abstains=True, stages=(stage,))
    losses = np.array(train.train(made, base, common, out / "parts", out / "checkpoint", None, steps=STEPS)[0])
    mean = np.convolve(losses, np.ones(8) / 8, "valid")
    log(f"loss, mean of 8 steps: {mean[0]:.2f} at first, {mean[-1]:.2f} at last, over {len(parts['train'])} questions and {STEPS} steps")
    if not mean[-1] < 0.6 * mean[0] or not mean[len(mean) // 2] < mean[0]:
        raise AssertionError("the loss does not fall")

    hub = out / "hub"
    export.export(out / "checkpoint" / "stage-1", common, hub)
    log("exported: transformers loads every tensor")
    worst = agree.agree(binary, hub, parts["choose"][:20])
    log(f"tryall gives the logits of transformers to {worst:.1g}")

    said, odds = evaluate.predict(hub, parts["choose"])
    text, null = tryall.evaluate(binary, hub, parts["choose"], "--decoder", "squad", "--v2")[1:]
    if text != evaluate.abstain(said, odds) or any(abs(odds[k] - null[k]) > 1e-3 for k in odds):
        raise AssertionError("decoded as run_qa does, tryall and transformers answer differently")
    counted = tryall.score(binary, parts["choose"], text, null)
    log(f"{len(text)} other questions answered alike by both: F1 {counted['f1']:.1f}")

    settings, told = calibrate.calibrate(binary, hub, parts["calibration"], "invented questions")
    calibrate.write(hub / "tryall.json", settings)
    scored = tryall.evaluate(binary, hub, parts["choose"])[0]
    log(f"calibrated: {settings['threshold']}, {settings['calibration']}; {told}; F1 {scored['f1']:.1f} with them")
    log(f"smoke: all is well, {time.monotonic() - began:.0f} s")
