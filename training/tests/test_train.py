"""Training and export with a model of two tiny layers; recipes and cards."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import AutoTokenizer, BertConfig, BertForQuestionAnswering

from tryall_training import __main__ as commands
from tryall_training import card, export, features, invented, prepare, sources, squad, train
from tryall_training import model as models
from tryall_training.recipe import Recipe, Stage, load

ZOO = Path(__file__).resolve().parents[2] / "zoo"


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    """A checkpoint of two layers of width 32, and a folder with its embeddings in fp16 and the tokenizer, as zoo/common has them."""
    folder = tmp_path_factory.mktemp("tiny")
    torch.manual_seed(1)
    config = BertConfig(vocab_size=30522, hidden_size=32, num_hidden_layers=2, num_attention_heads=2, intermediate_size=64)
    network = BertForQuestionAnswering(config)
    for p in network.bert.embeddings.parameters():
        p.data = p.data.half().float()
    network.save_pretrained(folder / "base")
    for name in ("tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "vocab.txt"):
        (folder / "common").mkdir(exist_ok=True)
        shutil.copyfile(ZOO / "common" / name, folder / "common" / name)
    shared = {k: v.half() for k, v in network.state_dict().items() if k.startswith("bert.embeddings.")}
    save_file(shared, folder / "common" / models.SHARED, metadata={"format": "pt"})
    return folder


STAGE = Stage(data={"invented": 1}, epochs=3, learning_rate=5e-3, batch=8)


def run(tiny, folder, stage=STAGE, **options):
    tokenizer = AutoTokenizer.from_pretrained(tiny / "common")
    network = models.load(tiny / "base")
    models.share_embeddings(network, tiny / "common")
    windows = features.encode(tokenizer, invented.questions(40), 64, 16)
    return train.Run(stage, network, tokenizer, windows, folder, bf16=False, **options)


def test_rate():
    stage = replace(STAGE, learning_rate=1.0, warm_up=0.1)
    rates = [train.rate(i, 100, stage) for i in range(100)]
    assert rates[0] == 0.1 and rates[9] == 1.0 and max(rates) == 1.0
    assert rates[10] == 1.0 and rates[55] == pytest.approx(0.5) and rates[99] == pytest.approx(1 / 90)


def test_the_same_run_gives_the_same_losses_and_one_that_is_cut_goes_on(tiny, tmp_path):
    whole = run(tiny, tmp_path / "a")
    losses = whole.run()
    assert len(losses) == whole.total == 15 and sum(losses[-5:]) < sum(losses[:5])
    assert run(tiny, tmp_path / "b").run() == losses

    class Cut(Exception):
        pass

    cut = run(tiny, tmp_path / "c")
    loss, seen = cut.loss, []

    def stop(batch):
        seen.append(batch)
        if len(seen) == 9:
            raise Cut
        return loss(batch)

    cut.loss = stop
    with pytest.raises(Cut):
        cut.run(save_every=6)
    resumed = run(tiny, tmp_path / "c")
    assert resumed.run() == losses[6:]
    logged = [json.loads(line) for line in (tmp_path / "c" / "log.jsonl").read_text().splitlines()]
    assert [line["step"] for line in logged] == list(range(1, 16))
    assert [line["loss"] for line in logged] == [round(x, 5) for x in losses]
    for name, w in whole.model.state_dict().items():
        assert torch.equal(w, resumed.model.state_dict()[name]), name
    with pytest.raises(ValueError, match="remove the folder"):
        cut._save()
        run(tiny, tmp_path / "c", steps=3).run()


def test_embeddings_stay(tiny, tmp_path):
    made = run(tiny, tmp_path / "a")
    before = {k: v.clone() for k, v in made.model.state_dict().items()}
    made.run()
    moved = {k for k, v in made.model.state_dict().items() if not torch.equal(v, before[k])}
    assert moved == {k for k in before if not k.startswith("bert.embeddings.")}


def test_other_embeddings_are_refused(tiny):
    network = models.load(tiny / "base")
    network.bert.embeddings.word_embeddings.weight.data[5, 5] += 0.1
    with pytest.raises(ValueError, match="word_embeddings"):
        models.share_embeddings(network, tiny / "common")


def test_distillation(tiny, tmp_path):
    student, teacher = models.load(tiny / "base"), models.load(tiny / "base")
    models.keep_layers(student, [1])
    assert student.config.num_hidden_layers == 1
    for name, w in student.bert.encoder.layer[0].state_dict().items():
        assert torch.equal(w, teacher.bert.encoder.layer[1].state_dict()[name])
    same = torch.randn(3, 7)
    assert models.teacher_loss(same, same, same, same, 2.0).item() == pytest.approx(0, abs=1e-6)
    # One row, two tokens, temperature 1: KL((1/2, 1/2) to (3/4, 1/4)) = ln(2)/2 ... worked out: 0.5 ln(0.5/0.75) + 0.5 ln(0.5/0.25).
    student_logits, teacher_logits = torch.log(torch.tensor([[0.75, 0.25]])), torch.log(torch.tensor([[0.5, 0.5]]))
    assert models.teacher_loss(student_logits, student_logits, teacher_logits, teacher_logits, 1.0).item() == pytest.approx(0.1438410362)
    taught = run(tiny, tmp_path / "a", replace(STAGE, teacher="x", teacher_weight=1.0), teacher=teacher)
    assert taught.run()[0] == pytest.approx(0, abs=1e-6)  # the student is still the teacher


def test_stages_export_and_what_is_done_stays(tiny, tmp_path):
    squad.write(tmp_path / "parts" / "invented.json.gz", [q for q in invented.questions(60)])
    squad.write(tmp_path / "parts" / f"{prepare.none_of('invented')}.json.gz", invented.questions(30, seed=9))
    first = replace(STAGE, epochs=1, unanswerable=0.25)
    assert len(train.questions_of(first, tmp_path / "parts", 7)) == 60 + 15
    assert len(train.questions_of(replace(first, data={"invented": 2}), tmp_path / "parts", 7)) == 2 * (60 + 15)
    recipe = Recipe("x", "", "base", True, (first, replace(first, layers=(0,), teacher="first")))
    losses = train.train(recipe, tiny / "base", tiny / "common", tmp_path / "parts", tmp_path / "x", lambda _: tmp_path / "x" / "stage-1", bf16=False)
    assert len(losses) == 2
    assert train.train(recipe, tiny / "base", tiny / "common", tmp_path / "parts", tmp_path / "x", None) == []  # all done
    other = replace(recipe, stages=(first, replace(recipe.stages[1], learning_rate=1.0)))
    with pytest.raises(ValueError, match="stage-2 was made with another learning_rate"):
        train.train(other, tiny / "base", tiny / "common", tmp_path / "parts", tmp_path / "x", None)
    export.export(tmp_path / "x" / "stage-2", tiny / "common", tmp_path / "hub")
    assert (tmp_path / "hub" / models.SHARED).read_bytes() == (tiny / "common" / models.SHARED).read_bytes()
    config = json.loads((tmp_path / "hub" / "config.json").read_text())
    assert config["num_hidden_layers"] == 1 and config["dtype"] == "float16" and config["hidden_dropout_prob"] == 0.1
    own = load_file(tmp_path / "hub" / export.OWN)
    assert all(w.dtype == torch.float16 for w in own.values())
    with pytest.raises(ValueError, match="is not what was written"):
        export.check(tmp_path / "hub", own | load_file(tmp_path / "hub" / models.SHARED) | {"qa_outputs.bias": own["qa_outputs.bias"] + 1})


def test_recipes():
    recipes = commands.all_recipes()
    assert {"minilm-l6-squad1", "minilm-l6-squad2", "minilm-l3-squad2", "minilm-l6-covid"} <= set(recipes)
    for recipe in recipes.values():
        assert sources.lineage(recipe, recipes)[0].start == "base"
        for stage in recipe.stages:
            assert set(stage.data) <= set(prepare.SHARES) and (not stage.teacher or stage.teacher in recipes)
        assert bool(recipe.calibration) == recipe.abstains and set(recipe.calibration) <= set(prepare.SHARES)


def test_a_key_that_is_not_known_is_refused(tmp_path):
    path = tmp_path / "x.toml"
    path.write_text('name = "x"\nabout = ""\nstart = "base"\nabstains = true\n[[stage]]\ndata = {a = 1}\nepochs = 1\nlearning_rate = 1\nlr = 2\n')
    with pytest.raises(ValueError, match="x.toml: stage 1: lr is not known"):
        load(path)


SCORES = {
    "sets": [
        {
            "name": "squad2-part",
            "about": "SQuAD 2.0, two articles",
            "questions": 713,
            "run_qa": {"exact": 47.69, "f1": 51.41, "HasAns_f1": 81.48, "NoAns_f1": 26.79, "best_f1": 66.36},
            "gap": {"exact": 60.0, "f1": 64.0, "f1_ci": [61.1, 67.0]},
        },
        {
            "name": "covid",
            "about": "COVID-QA, 13 papers",
            "questions": 154,
            "run_qa": {"exact": 13.64, "f1": 38.63},
            "gap": {"exact": 9.0, "f1": 17.0, "f1_ci": [10.0, 24.0]},
        },
    ]
}


@pytest.mark.parametrize(
    "name, datasets",
    [
        ("minilm-l6-squad1", ["squadshifts"]),
        ("minilm-l3-squad2", ["squadshifts", "rajpurkar/squad_v2"]),
        ("minilm-l6-covid", ["squadshifts", "deepset/covid_qa_deepset"]),
    ],
)
def test_card_names_all_that_the_weights_learned_from(name, datasets):
    recipes = commands.all_recipes()
    settings = {"threshold": 8.0, "fitted_on": "some questions", "calibration": {"a": 0.3, "b": -2.0}} if "squad2" in name else {}
    text = card.card(recipes[name], recipes, SCORES, settings, 22_600_000)
    front = text.split("---\n")[1]
    assert "license: apache-2.0\n" in front and f"name: tryall/{name}\n" in front
    assert front.split("datasets:\n")[1].split("tags:")[0] == "".join(f"- {d}\n" for d in datasets)
    assert "value: 51.41\n" in front and "[61.1, 67.0]" in text
    assert ("sigmoid(0.3 gap - 2)" in text) == bool(settings)
    for d in datasets:
        assert sources.ATTRIBUTION[d] in text
    assert ("Wikipedia" in text) == ("rajpurkar/squad_v2" in datasets)
