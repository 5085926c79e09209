"""The recorder of Transformers' Trainer: losses of models, accumulation, and what goes wrong."""

import os
import types

import numpy as np
import pytest

torch = pytest.importorskip("torch")
os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
transformers = pytest.importorskip("transformers")

import defib  # noqa: E402
from defib.integrations.transformers_loss import loss_of  # noqa: E402

pytestmark = [pytest.mark.engine, pytest.mark.filterwarnings("ignore")]

WORDS, LENGTH = 20, 6
SMALL = {"vocab_size": WORDS, "n_positions": 8, "n_embd": 8, "n_layer": 1, "n_head": 2}
BERT = {
    "vocab_size": WORDS, "hidden_size": 8, "intermediate_size": 8, "num_hidden_layers": 1,
    "num_attention_heads": 2, "max_position_embeddings": 8,
}  # fmt: skip
IDS = torch.arange(16 * LENGTH).reshape(16, LENGTH) % WORDS


def train(model, labels, folder, recorder=None, **settings):
    """Train with a recorder, and return it."""
    torch.set_num_threads(1)
    rows = [{"input_ids": x, "labels": y} for x, y in zip(IDS, labels, strict=True)]
    arguments = transformers.TrainingArguments(
        folder / "out", num_train_epochs=1, per_device_train_batch_size=4, report_to=[],
        use_cpu=True, save_strategy="no", disable_tqdm=True, **settings,
    )  # fmt: skip
    trainer = transformers.Trainer(model, arguments, train_dataset=rows)
    recorder = recorder or defib.TransformersRecorder(folder / "run")
    trainer.add_callback(recorder)
    trainer.train()
    return recorder


@pytest.mark.parametrize(
    ("name", "labels"),
    [
        ("GPT2LMHeadModel", IDS),
        ("BertForMaskedLM", torch.where(IDS % 3 == 0, IDS, -100)),
        ("BertForTokenClassification", IDS % 2),
        ("BertForSequenceClassification", IDS[:, 0] % 2),
    ],
)
def test_the_loss_of_a_kind_of_model_is_the_one_that_it_computes(name, labels):
    config = transformers.GPT2Config(**SMALL) if "GPT2" in name else transformers.BertConfig(**BERT)
    model = getattr(transformers, name)(config).eval()
    with torch.no_grad():
        output = model(input_ids=IDS, labels=labels)
        mine = loss_of(model)(model(input_ids=IDS), labels)
    torch.testing.assert_close(mine, output.loss)


@pytest.mark.parametrize(
    ("kind", "number", "labels"),
    [
        ("regression", 1, torch.linspace(0, 1, 16)),
        ("regression", 2, torch.linspace(0, 1, 32).reshape(16, 2)),
        ("multi_label_classification", 2, (IDS[:, :2] % 2).float()),
    ],
)
def test_the_kinds_of_classification(kind, number, labels):
    config = transformers.BertConfig(**BERT, num_labels=number, problem_type=kind)
    model = transformers.BertForSequenceClassification(config).eval()
    with torch.no_grad():
        output = model(input_ids=IDS, labels=labels)
        mine = loss_of(model)(model(input_ids=IDS), labels)
    torch.testing.assert_close(mine, output.loss)


def test_a_language_model_with_accumulation(tmp_path):
    model = transformers.GPT2LMHeadModel(transformers.GPT2Config(**SMALL))
    run = train(model, IDS, tmp_path, gradient_accumulation_steps=2).run
    training = run.to_dict()["training"]
    assert (training["steps"], training["accumulation"], training["batch_size"]) == (2, 2, 4)
    assert len(np.load(run.path / "history" / "loss.npy")) == 2
    assert defib.check(run).verdict


def test_a_loss_that_is_not_known():
    model = types.SimpleNamespace(loss_type=None)
    with pytest.raises(defib.InvalidArgument, match=r"TransformersRecorder\(path, loss="):
        loss_of(model)


def test_a_run_that_cannot_be_written_does_not_lose_the_model(tmp_path):
    model = transformers.BertForSequenceClassification(transformers.BertConfig(**BERT))
    recorder = defib.TransformersRecorder(tmp_path / "run", clip={"odd": 1})
    with pytest.warns(defib.DefibWarning, match="the run is not written: clip"):
        train(model, IDS[:, 0] % 2, tmp_path, recorder)
    assert recorder.run is None
