"""The Trainer of Transformers, whose training one callback records.

The model is tiny and made here, so that nothing is downloaded. It is to tell from the first word
which class a sentence has, and gets ten updates at a rate for models that were trained before.
"""

import torch
from transformers import BertConfig, BertForSequenceClassification, Trainer, TrainingArguments

import defib

torch.manual_seed(0)
words = torch.randint(0, 40, (160, 6))
sentences = [{"input_ids": row, "labels": (row[0] > 19).long()} for row in words]

config = BertConfig(
    vocab_size=40, hidden_size=16, intermediate_size=32, num_hidden_layers=1,
    num_attention_heads=2, max_position_embeddings=8, num_labels=2,
    hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0,
)  # fmt: skip
arguments = TrainingArguments(
    "out", num_train_epochs=2, per_device_train_batch_size=32, learning_rate=5e-5,
    report_to=[], save_strategy="no", disable_tqdm=True, use_cpu=True,
)  # fmt: skip
trainer = Trainer(BertForSequenceClassification(config), arguments, train_dataset=sentences)
trainer.add_callback(defib.TransformersRecorder("runs/transformers"))
trainer.train()

print(defib.check("runs/transformers"))
