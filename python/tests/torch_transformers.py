"""Transformers as people write them, for the torch exporter and the parity of the engine."""

import torch
from torch import nn
from torch.nn import functional as F


class Encoder(nn.Module):
    def __init__(self, norm_first=False, batch_first=True, layers=2, activation="gelu"):
        super().__init__()
        layer = nn.TransformerEncoderLayer(
            8, 2, 16, 0.1, activation, batch_first=batch_first, norm_first=norm_first
        )
        self.embed = nn.Linear(3, 8)
        self.position = nn.Parameter(torch.randn(1, 5, 8))
        self.encoder = nn.TransformerEncoder(layer, layers, enable_nested_tensor=False)
        self.head = nn.Linear(8, 4)
        self.batch_first = batch_first

    def forward(self, x):
        x = self.embed(x) + self.position[:, : x.size(1)]
        if not self.batch_first:
            return self.head(self.encoder(x.transpose(0, 1)).mean(dim=0))
        return self.head(self.encoder(x).mean(dim=1))


class Attention(nn.Module):
    """Attention by hand, as in most tutorials: einsum, a causal mask in a buffer, residuals."""

    def __init__(self):
        super().__init__()
        self.qkv = nn.Linear(8, 24, bias=False)
        self.out = nn.Linear(8, 8)
        self.norm = nn.LayerNorm(8)
        self.register_buffer("mask", torch.tril(torch.ones(6, 6)).view(1, 1, 6, 6))

    def forward(self, x):
        b, t, e = x.size()
        q, k, v = self.qkv(self.norm(x)).split(8, dim=2)
        q = q.view(b, t, 2, e // 2).transpose(1, 2)
        k = k.view(b, t, 2, e // 2).transpose(1, 2)
        v = v.view(b, t, 2, e // 2).transpose(1, 2)
        scores = (q @ k.transpose(-2, -1)) * (1.0 / (k.size(-1) ** 0.5))
        scores = scores.masked_fill(self.mask[:, :, :t, :t] == 0, float("-inf"))
        y = F.softmax(scores, dim=-1) @ v
        return x + self.out(y.transpose(1, 2).contiguous().view(b, t, e))


class Fused(nn.Module):
    """The fused function, and cross attention with keys of other widths and masks."""

    def __init__(self):
        super().__init__()
        self.q = nn.Linear(4, 6)
        self.cross = nn.MultiheadAttention(6, 3, kdim=4, vdim=4, batch_first=True)
        self.packed = nn.MultiheadAttention(6, 2)

    def forward(self, x):
        q = self.q(x).unflatten(-1, (2, 3)).transpose(1, 2)
        y = F.scaled_dot_product_attention(q, q, q, is_causal=True).transpose(1, 2).flatten(2)
        mask = torch.triu(torch.ones(x.size(1), x.size(1), dtype=torch.bool), diagonal=1)
        z, _ = self.cross(y, x, x, attn_mask=mask)
        turned = z.transpose(0, 1)
        padding = x[:, :, 0] > 1.5
        w, _ = self.packed(turned, y.transpose(0, 1), turned, key_padding_mask=padding,
                           need_weights=False)  # fmt: skip
        return z + w.transpose(0, 1)


class Causal(nn.Module):
    """Attention as in a GPT: fused, then laid out again for a view."""

    def __init__(self):
        super().__init__()
        self.qkv = nn.Linear(8, 24)
        self.out = nn.Linear(8, 8)

    def forward(self, x):
        n, steps, width = x.shape
        parts = self.qkv(x).split(width, dim=2)
        q, k, v = (part.view(n, steps, 2, width // 2).transpose(1, 2) for part in parts)
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        return x + self.out(y.transpose(1, 2).contiguous().view(n, steps, width))


class Patches(nn.Module):
    """A small vision transformer: patches by a convolution, a class token, pre-norm blocks."""

    def __init__(self):
        super().__init__()
        self.patch = nn.Conv2d(1, 8, 4, 4)
        self.cls = nn.Parameter(torch.randn(1, 1, 8))
        self.position = nn.Parameter(torch.randn(1, 5, 8))
        self.block = nn.TransformerEncoderLayer(8, 2, 12, 0.0, batch_first=True, norm_first=True)
        self.norm = nn.LayerNorm(8)
        self.head = nn.Linear(8, 3)

    def forward(self, x):
        x = self.patch(x).flatten(2).transpose(1, 2)
        cls = self.cls.expand(x.shape[0], -1, -1)
        x = torch.cat((cls, x), dim=1) + self.position
        return self.head(self.norm(self.block(x))[:, 0])


class Translator(nn.Module):
    def __init__(self):
        super().__init__()
        self.transformer = nn.Transformer(4, 2, 1, 1, 8, 0.0, batch_first=True)
        self.out = nn.Linear(4, 2)

    def forward(self, source, target):
        mask = nn.Transformer.generate_square_subsequent_mask(3)
        return self.out(self.transformer(source, target, tgt_mask=mask))
