"""Fine-tuning and distillation: the stages of a recipe one after the other, each of them resumable."""

import json
import math
import os
import random
import time
from dataclasses import asdict
from pathlib import Path

import torch

from . import features, squad
from . import model as models
from .prepare import edited_of, none_of


def questions_of(stage, folder, seed):
    """The questions of a stage, with shares of the synthetic ones (drawn by the seed). The folder holds the part to train on."""
    found = []
    for name, times in stage.data.items():
        real = squad.read(squad.find(folder, name))
        found += real * times
        for share, file in ((stage.unanswerable, none_of(name)), (stage.edited, edited_of(name))):
            if share and squad.exists(folder, file):
                made = squad.read(squad.find(folder, file))
                found += random.Random(f"{seed} {file}").sample(made, min(len(made), round(share * len(real)))) * times
    return found


def rate(step, total, stage):
    """Learning rate of a step (from 0): a linear rise over the warm-up, then a linear fall to nothing."""
    warm = max(1, int(total * stage.warm_up))
    if step < warm:
        return stage.learning_rate * (step + 1) / warm
    return stage.learning_rate * (total - step) / max(1, total - warm)


def half_pays(device):
    """Whether bfloat16 products are faster than float32 ones: on CUDA, and on processors with instructions for them."""
    return device == "cuda" or torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported()


class Run:
    """One stage: a model, its optimizer, and how far it has come. Everything follows from the seed and the number of threads."""

    def __init__(self, stage, model, tokenizer, windows, folder, *, teacher=None, seed=7, device=None, bf16=None, steps=0):
        self.stage, self.tokenizer, self.windows, self.folder, self.seed = stage, tokenizer, windows, Path(folder), seed
        self.device = device or ("cuda" if torch.cuda.is_available() else "cpu")
        self.bf16 = half_pays(self.device) if bf16 is None else bf16
        self.model = model.to(self.device).train()
        self.teacher = teacher.to(self.device).eval() if teacher is not None else None
        decayed, plain = [], []
        for name, p in self.model.named_parameters():
            if p.requires_grad:
                (plain if name.endswith("bias") or "LayerNorm" in name else decayed).append(p)
        groups = [{"params": decayed, "weight_decay": stage.weight_decay}, {"params": plain, "weight_decay": 0.0}]
        self.optimizer = torch.optim.AdamW(groups, lr=stage.learning_rate)
        self.step, self.epoch, self.order = 0, 0, self._epoch(0)
        self.total = max(1, steps or math.ceil(len(self.order) * stage.epochs))

    def _epoch(self, epoch):
        rng = random.Random(f"{self.seed} epoch {epoch}")
        return features.batches(features.examples(self.windows, self.stage.keep_empty, rng), self.stage.batch, rng)

    def loss(self, batch):
        ids, types, mask, start, end = (torch.from_numpy(x).to(self.device) for x in features.pad(batch, self.tokenizer.pad_token_id))
        inputs = {"input_ids": ids, "token_type_ids": types, "attention_mask": mask}
        with torch.autocast(self.device, torch.bfloat16, enabled=self.bf16):
            out = self.model(**inputs)
        starts, ends = models.masked(out.start_logits, mask), models.masked(out.end_logits, mask)
        loss = models.label_loss(starts, ends, start, end)
        if self.teacher is not None:
            with torch.no_grad(), torch.autocast(self.device, torch.bfloat16, enabled=self.bf16):
                said = self.teacher(**inputs)
            taught = models.teacher_loss(
                starts, ends, models.masked(said.start_logits, mask), models.masked(said.end_logits, mask), self.stage.temperature
            )
            loss = (1 - self.stage.teacher_weight) * loss + self.stage.teacher_weight * taught
        return loss

    def run(self, save_every=300):
        """Goes on to the last step, with a line of log.jsonl for each; gives the losses of the steps it took."""
        self.folder.mkdir(parents=True, exist_ok=True)
        resumed = self._resume()
        losses, began, seen = [], time.monotonic(), 0
        with open(self.folder / "log.jsonl", "a" if resumed else "w", encoding="utf-8") as log:
            while self.step < self.total:
                if not self.order:
                    self.epoch += 1
                    self.order = self._epoch(self.epoch)
                batch = self.order.pop(0)
                learning_rate = rate(self.step, self.total, self.stage)
                for group in self.optimizer.param_groups:
                    group["lr"] = learning_rate
                loss = self.loss(batch)
                loss.backward()
                torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
                self.optimizer.step()
                self.optimizer.zero_grad(set_to_none=True)
                self.step += 1
                losses.append(loss.item())
                if not math.isfinite(losses[-1]):
                    raise ArithmeticError(f"step {self.step}: the loss is {losses[-1]}")
                seen += len(batch)
                line = {"step": self.step, "of": self.total, "loss": round(losses[-1], 5), "learning_rate": learning_rate}
                line["windows_per_second"] = round(seen / (time.monotonic() - began), 1)
                print(json.dumps(line), file=log, flush=True)
                if self.step % 50 == 0:
                    mean = sum(losses[-50:]) / len(losses[-50:])
                    print(f"step {self.step} of {self.total}: loss {mean:.3f}, {line['windows_per_second']} windows a second", flush=True)
                if self.step % save_every == 0 and self.step < self.total:
                    self._save()
        return losses

    def _save(self):
        state = {"step": self.step, "epoch": self.epoch, "left": len(self.order), "random": torch.get_rng_state()}
        state |= {"model": self.model.state_dict(), "optimizer": self.optimizer.state_dict(), "total": self.total}
        if self.device == "cuda":
            state["cuda"] = torch.cuda.get_rng_state()
        torch.save(state, self.folder / "state.new")
        os.replace(self.folder / "state.new", self.folder / "state.pt")

    def _resume(self):
        path = self.folder / "state.pt"
        if not path.exists():
            return False
        state = torch.load(path, map_location="cpu", weights_only=True)
        if state["total"] != self.total:
            raise ValueError(f"{path} is of a run of {state['total']} steps, this is one of {self.total}: remove the folder to begin anew")
        self.model.load_state_dict(state["model"])
        self.optimizer.load_state_dict(state["optimizer"])
        torch.set_rng_state(state["random"])
        if self.device == "cuda":
            torch.cuda.set_rng_state(state["cuda"])
        self.step, self.epoch = state["step"], state["epoch"]
        self.order = self._epoch(self.epoch)
        self.order = self.order[len(self.order) - state["left"] :]
        log = self.folder / "log.jsonl"  # what was logged after the last save is done again
        log.write_text("".join(line + "\n" for line in log.read_text().splitlines()[: self.step]))
        print(f"{self.folder}: gone on with at step {self.step}", flush=True)
        return True


def check_same(folder, stage):
    """A stage that is done was done as the recipe says now."""
    was, now = json.loads((folder / "about.json").read_text()), json.loads(json.dumps(asdict(stage)))
    if other := [k for k, v in now.items() if was.get(k) != v]:
        raise ValueError(f"{folder} was made with another {', '.join(other)} than the recipe has now: remove it to train anew")


def train(recipe, start, common, parts, out, teachers, *, steps=0, limit=0, bf16=None):
    """Runs all stages of a recipe and leaves a float32 checkpoint in `out`; gives the losses of each stage that ran.

    A stage that is done is not run again. start, common and parts are folders: a checkpoint, the shared shard, the part to train on.
    teachers finds the folder of a recipe's model. steps and limit (questions of a stage) make runs shorter; bf16 None means where it pays.
    """
    torch.use_deterministic_algorithms(True)
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    out, losses = Path(out), []
    for n, stage in enumerate(recipe.stages, 1):
        folder = out / f"stage-{n}"
        if (folder / "about.json").exists():
            check_same(folder, stage)
        else:
            network, tokenizer = models.load(start, stage.dropout, recipe.seed), models.load_tokenizer(common)
            models.share_embeddings(network, common)
            if stage.layers:
                models.keep_layers(network, stage.layers)
            asked = questions_of(stage, parts, recipe.seed)
            if limit:
                asked = random.Random(recipe.seed).sample(asked, min(limit, len(asked)))
            windows = features.encode(tokenizer, asked, stage.length, stage.overlap)
            teacher = models.load(teachers(stage.teacher)) if stage.teacher else None
            run = Run(stage, network, tokenizer, windows, folder, teacher=teacher, seed=recipe.seed, bf16=bf16, steps=steps)
            about = {"recipe": recipe.name, "stage": n, **asdict(stage), "questions": len(asked), "windows": len(windows), "steps": run.total}
            about |= {"device": run.device, "bf16": run.bf16, "threads": torch.get_num_threads(), "torch": torch.__version__}
            print(json.dumps(about), flush=True)
            losses.append(run.run())
            network.save_pretrained(folder)
            (folder / "about.json").write_text(json.dumps(about, indent=1) + "\n")  # last: it tells that the stage is done
            (folder / "state.pt").unlink(missing_ok=True)
        start = folder
    return losses
