"""The commands; the Makefile calls them in order."""

import argparse
import json
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent.parent


def recipe_of(name):
    from . import recipe

    return recipe.load(HERE / "recipes" / f"{name}.toml")


def all_recipes():
    return {path.stem: recipe_of(path.stem) for path in sorted((HERE / "recipes").glob("*.toml"))}


def checkpoint(build, name):
    """The folder that a recipe's last stage leaves."""
    return Path(build) / name / f"stage-{len(recipe_of(name).stages)}"


def parent(args, name):
    """Where the weights that a model starts from or is taught by are: made here, or for minilm-l6-squad1 if so wanted the built-in ones.

    The other built-in models are no parents: they have learned from what is kept apart here.
    """
    from . import export, model

    if name == "base":
        return Path(args.base) if args.base else model.base_folder()
    if name == "minilm-l6-squad1" and args.squad1 == "zoo":
        return export.assemble(Path(args.zoo), name, Path(args.build) / "from-zoo" / name)
    return checkpoint(args.build, name)


def prepare(args):
    from . import prepare

    prepare.prepare(args.data, Path(args.build) / "parts", args.seed)


def train(args):
    from dataclasses import replace

    from . import train

    recipe = recipe_of(args.recipe)
    if args.seed is not None:
        recipe = replace(recipe, seed=args.seed)
    if args.threads:
        import torch

        torch.set_num_threads(args.threads)
    train.train(
        recipe, parent(args, recipe.start), Path(args.zoo) / "common", Path(args.build) / "parts" / "train", Path(args.build) / recipe.name,
        lambda name: parent(args, name), steps=args.steps, limit=args.limit, bf16={"auto": None, "on": True, "off": False}[args.bf16],
    )  # fmt: skip


def export(args):
    from . import calibrate, export

    recipe, hub = recipe_of(args.recipe), Path(args.build) / args.recipe / "hub"
    export.export(checkpoint(args.build, args.recipe), Path(args.zoo) / "common", hub)
    calibrate.write(hub / "tryall.json", {"abstains": "yes" if recipe.abstains else "no"})
    print(hub)


def agree(args):
    from . import agree, prepare

    questions = prepare.read_part(Path(args.build) / "parts" / "choose", ["squad2-part"])[: args.limit]
    print(f"{args.model}: logits within {agree.agree(args.tryall, args.model, questions):.2g} of transformers over {len(questions)} questions")


def calibrate(args):
    from . import calibrate, prepare

    recipe = recipe_of(args.recipe)
    hub = Path(args.model or Path(args.build) / args.recipe / "hub")
    if not recipe.calibration:
        print(f"{args.recipe} always answers: there is nothing to calibrate")
        return
    questions = prepare.read_part(Path(args.build) / "parts" / "calibration", recipe.calibration)
    none = sum(not q.answers for q in questions)
    about = f"{len(questions):,} questions ({none:,} without an answer) on articles of {' and '.join(recipe.calibration)} kept apart from training"
    settings, told = calibrate.calibrate(args.tryall, hub, questions, about)
    print(json.dumps({**settings, **told}, indent=1))
    calibrate.write(hub / "tryall.json", settings)


def built_in_calibration(args):
    """The built-in models learned from all of train/ but the papers, if they are not the one for papers."""
    from . import calibrate, prepare

    questions = prepare.paired(args.data, "covid", args.seed)
    for name, recipe in all_recipes().items():
        path = Path(args.zoo) / name / "tryall.json"
        if recipe.abstains and path.exists():
            told = calibrate.add_map(args.tryall, f"tryall/{name}", questions, path, rewrite=args.write)
            print(name, json.dumps(told, indent=1))


def choose(args):
    from . import calibrate, prepare

    for model in args.model:
        settings = json.loads((Path(model) / "tryall.json").read_text())
        settings.setdefault("threshold", 0)
        for names in ("squad2-part",), ("amazon", "new_wiki", "reddit"), ("squad2-part", "amazon", "new_wiki", "reddit"):
            questions = prepare.read_part(Path(args.build) / "parts" / "choose", names)
            print(model, "+".join(names), len(questions), json.dumps(calibrate.look(args.tryall, model, questions, settings)), flush=True)


def evaluate(args):
    from . import calibrate, scores, squad

    hub = Path(args.model or Path(args.build) / args.recipe / "hub")
    settings = json.loads((hub / "tryall.json").read_text())
    told = scores.scores(args.tryall, hub, args.data, args.through, args.official, settings)
    if settings.get("calibration"):
        questions = squad.read(squad.find(Path(args.data) / "held-out", "squad2-part"))
        told["ece"] = calibrate.look(args.tryall, hub, questions, settings)["ece"]
    out = hub.parent / "scores.json"
    out.write_text(json.dumps(told, indent=1) + "\n")
    print(json.dumps(told, indent=1))


def card(args):
    from . import card

    hub = Path(args.model or Path(args.build) / args.recipe / "hub")
    settings = json.loads((hub / "tryall.json").read_text())
    counted = json.loads((hub.parent / "scores.json").read_text())
    card.write(hub, recipe_of(args.recipe), all_recipes(), counted, settings, card.parameters_of(hub))
    print(hub / "README.md")


def smoke(args):
    from . import model, smoke

    smoke.smoke(args.tryall, Path(args.base) if args.base else model.base_folder(), Path(args.zoo) / "common", Path(args.build) / "smoke")


def main(argv=None):
    parser = argparse.ArgumentParser(prog="tryall_training", description="Makes the built-in models of tryall.")
    commands = parser.add_subparsers(dest="command", required=True)

    def command(run, *options, help):
        sub = commands.add_parser(run.__name__.replace("_", "-"), help=help)
        sub.set_defaults(run=run)
        sub.add_argument("--build", default="build", help="folder for all that is made")
        sub.add_argument("--zoo", default=str(HERE.parent / "zoo"), help="folder of the built-in models")
        for names, settings in options:
            sub.add_argument(names, **settings)

    recipe = ("--recipe", {"required": True, "help": "name of a file in recipes/"})
    data = ("--data", {"required": True, "help": "folder with train/ and held-out/"})
    binary = ("--tryall", {"default": "tryall", "help": "the tryall binary"})
    model = ("--model", {"help": "folder of a model in Hub layout (default: what the recipe made)"})
    base = ("--base", {"default": "", "help": "folder of all-MiniLM-L6-v2 (default: that of the package)"})
    command(prepare, data, ("--seed", {"type": int, "default": 7}), help="deal the data out, make questions without an answer")
    command(
        train, recipe, base,
        ("--squad1", {"choices": ["built", "zoo"], "default": "built", "help": "start from minilm-l6-squad1 as made here, or as built in"}),
        ("--seed", {"type": int, "help": "another than the recipe's"}), ("--threads", {"type": int, "default": 0}),
        ("--steps", {"type": int, "default": 0, "help": "steps of each stage (default: what its epochs take)"}),
        ("--limit", {"type": int, "default": 0, "help": "questions of each stage (default: all)"}),
        ("--bf16", {"choices": ["auto", "on", "off"], "default": "auto", "help": "bfloat16 products (default: where they are faster)"}),
        help="run the stages of a recipe, distillation among them; goes on where it was stopped",
    )  # fmt: skip
    command(export, recipe, help="write the checkpoint as a repository in Hub layout")
    command(
        agree, binary, ("--model", {"required": True}), ("--limit", {"type": int, "default": 50}), help="compare logits of tryall and transformers"
    )
    command(calibrate, recipe, binary, model, help="fit the threshold and the probability, write tryall.json")
    command(
        built_in_calibration, binary, data, ("--seed", {"type": int, "default": 7}),
        ("--write", {"action": "store_true", "help": "write the probability map into the zoo's tryall.json"}),
        help="fit threshold and probability of the built-in models on papers that they have not learned from",
    )  # fmt: skip
    command(choose, binary, ("--model", {"action": "append", "required": True}), help="score models on the part that is there to choose by")
    command(
        evaluate, recipe, binary, model, data,
        ("--through", {"choices": ["transformers", "tryall"], "default": "transformers", "help": "who decodes as run_qa does"}),
        ("--official", {"help": "folder with evaluate-v1.1.py and evaluate-v2.0.py, to count with as well"}),
        help="score on the held-out questions, write scores.json",
    )  # fmt: skip
    command(card, recipe, model, help="write the model's card")
    command(smoke, binary, base, help="see in two minutes whether all of it works")
    args = parser.parse_args(argv)
    args.run(args)


if __name__ == "__main__":
    sys.exit(main())
