"""Small cases for the torch exporter: one layer or function per case."""

# ruff: noqa: ARG005 - every function takes the module, and few use its parameters

import math

import torch
from torch import nn
from torch.nn import functional as F


class Fn(nn.Module):
    """A function as a model, with parameters that it may use."""

    def __init__(self, function, **parameters):
        super().__init__()
        self.function = function
        for name, shape in parameters.items():
            self.register_parameter(name, nn.Parameter(torch.randn(shape)))

    def forward(self, x):
        return self.function(self, x)


class Pair(Fn):
    def forward(self, x, y):
        return self.function(self, x, y)


def fn(function, *shapes, **parameters):
    kind = Pair if len(shapes) == 2 else Fn
    return lambda: kind(function, **parameters), shapes


def act(module, shape=(6,)):
    return (lambda: module), [shape]


ACTIVATIONS = {
    type(m).__name__ + suffix: act(m, shape)
    for m, suffix, shape in [
        (nn.ReLU(), "", (6,)), (nn.LeakyReLU(0.2), "", (6,)), (nn.Sigmoid(), "", (6,)),
        (nn.Tanh(), "", (6,)), (nn.ELU(0.7), "", (6,)), (nn.SELU(), "", (6,)),
        (nn.CELU(0.7), "", (6,)), (nn.GELU(), "", (6,)), (nn.GELU("tanh"), "_tanh", (6,)),
        (nn.Softplus(), "", (6,)), (nn.Softplus(2.0), "_2", (6,)), (nn.Softsign(), "", (6,)),
        (nn.Hardsigmoid(), "", (6,)), (nn.Hardswish(), "", (6,)), (nn.SiLU(), "", (6,)),
        (nn.Mish(), "", (6,)), (nn.ReLU6(), "", (6,)), (nn.Hardtanh(-0.5, 0.8), "", (6,)),
        (nn.Threshold(0.3, 0.0), "", (6,)), (nn.Threshold(0.3, -1.0), "_other", (6,)),
        (nn.Hardshrink(), "", (6,)), (nn.Softshrink(), "", (6,)), (nn.Tanhshrink(), "", (6,)),
        (nn.LogSigmoid(), "", (6,)), (nn.GLU(), "", (6,)), (nn.Softmin(1), "", (6,)),
        (nn.Softmax(-1), "", (6,)), (nn.LogSoftmax(1), "", (6,)), (nn.PReLU(), "", (6,)),
        (nn.PReLU(6), "_units", (6,)), (nn.PReLU(3), "_channels", (3, 4)),
        (nn.Softmax2d(), "", (3, 2, 2)),
    ]
}  # fmt: skip

CONVOLUTIONS = {
    "conv1d": (lambda: nn.Conv1d(3, 4, 3, 2, 1), [(3, 9)]),
    "conv2d": (lambda: nn.Conv2d(3, 4, (3, 2), (2, 1), (1, 0)), [(3, 7, 6)]),
    "conv2d dilated groups": (lambda: nn.Conv2d(4, 6, 3, dilation=2, groups=2), [(4, 8, 7)]),
    "conv2d depthwise": (lambda: nn.Conv2d(4, 4, 3, groups=4, bias=False), [(4, 5, 5)]),
    "conv2d same": (lambda: nn.Conv2d(2, 3, 4, padding="same"), [(2, 5, 6)]),
    "conv2d valid": (lambda: nn.Conv2d(2, 3, 2, padding="valid"), [(2, 5, 6)]),
    "conv2d reflect": (
        lambda: nn.Conv2d(2, 3, 3, padding=(2, 1), padding_mode="reflect"), [(2, 5, 6)]),
    "conv2d circular": (
        lambda: nn.Conv2d(2, 3, 3, padding=1, padding_mode="circular"), [(2, 4, 4)]),
    "conv2d replicate": (
        lambda: nn.Conv2d(2, 3, 3, padding=1, padding_mode="replicate"), [(2, 4, 4)]),
    "conv3d": (lambda: nn.Conv3d(2, 3, 2, 1, 1), [(2, 3, 4, 3)]),
    "transposed 1d": (lambda: nn.ConvTranspose1d(3, 2, 3, 2, 1, 1), [(3, 5)]),
    "transposed 2d": (
        lambda: nn.ConvTranspose2d(4, 2, 3, (2, 1), 1, (1, 0), groups=2), [(4, 3, 4)]),
    "transposed 2d dilated": (
        lambda: nn.ConvTranspose2d(2, 3, 2, 2, dilation=2, bias=False), [(2, 3, 3)]),
    "transposed 3d": (lambda: nn.ConvTranspose3d(2, 2, 2), [(2, 2, 3, 2)]),
    "F.conv2d": fn(lambda m, x: F.conv2d(x, m.w, m.b, stride=2), (2, 5, 5), w=(3, 2, 2, 2), b=3),
    "F.conv_transpose1d": fn(
        lambda m, x: F.conv_transpose1d(x, m.w, stride=2), (2, 4), w=(2, 3, 3)),
}  # fmt: skip

POOLS = {
    "max 1d": (lambda: nn.MaxPool1d(2), [(3, 7)]),
    "max 2d": (lambda: nn.MaxPool2d(3, 2, 1), [(3, 7, 8)]),
    "max 2d ceil": (lambda: nn.MaxPool2d(2, 2, ceil_mode=True), [(3, 5, 7)]),
    "max 2d dilated": (lambda: nn.MaxPool2d(2, 1, dilation=2), [(3, 5, 5)]),
    "max 3d": (lambda: nn.MaxPool3d(2), [(2, 4, 4, 4)]),
    "avg 1d": (lambda: nn.AvgPool1d(3, 2, 1), [(3, 7)]),
    "avg 2d": (lambda: nn.AvgPool2d(2, 2, 1, count_include_pad=False), [(3, 6, 6)]),
    "avg 2d ceil": (lambda: nn.AvgPool2d(3, 2, ceil_mode=True), [(3, 6, 6)]),
    "avg 2d divisor": (lambda: nn.AvgPool2d(2, padding=1, divisor_override=3), [(3, 6, 6)]),
    "avg 3d": (lambda: nn.AvgPool3d(2), [(2, 4, 4, 2)]),
    "adaptive avg": (lambda: nn.AdaptiveAvgPool2d(1), [(3, 5, 4)]),
    "adaptive avg 2": (lambda: nn.AdaptiveAvgPool2d((2, None)), [(3, 6, 4)]),
    "adaptive max": (lambda: nn.AdaptiveMaxPool1d(1), [(3, 6)]),
    "adaptive max 3": (lambda: nn.AdaptiveMaxPool2d(3), [(3, 6, 9)]),
    "adaptive same": (lambda: nn.AdaptiveAvgPool1d(6), [(3, 6)]),
    "F.max_pool2d": fn(lambda m, x: F.max_pool2d(F.relu(x), 2), (2, 4, 4)),
    "F.avg_pool1d": fn(lambda m, x: F.avg_pool1d(x, 2), (2, 4)),
    "F.adaptive_avg_pool2d": fn(lambda m, x: F.adaptive_avg_pool2d(x, (1, 1)), (2, 4, 4)),
    "adaptive avg uneven": (lambda: nn.AdaptiveAvgPool2d((4, 7)), [(2, 6, 3)]),
    "adaptive avg 3d": (lambda: nn.AdaptiveAvgPool3d((2, 3, 3)), [(2, 3, 4, 5)]),
    "upsample nearest": (lambda: nn.Upsample(scale_factor=2), [(2, 3, 4)]),
    "upsample bilinear": (
        lambda: nn.Upsample(scale_factor=2, mode="bilinear", align_corners=True),
        [(2, 3, 4)],
    ),
    "interpolate sizes": fn(
        lambda m, x: F.interpolate(x, size=(5, 3), mode="bilinear")
        + F.interpolate(x, size=(5, 3), mode="nearest-exact")
        + F.interpolate(x, size=(5, 3), mode="area"), (2, 4, 4),
    ),
    "interpolate scale": fn(
        lambda m, x: F.interpolate(x, scale_factor=1.6, mode="bicubic")
        * F.interpolate(x, scale_factor=1.6), (2, 4, 4),
    ),
    "interpolate smooth": fn(
        lambda m, x: F.interpolate(x, size=(3, 2), mode="bilinear", antialias=True)
        + F.interpolate(x, size=(3, 2), mode="bicubic", antialias=True), (2, 7, 5),
    ),
    "interpolate 1d": fn(lambda m, x: F.interpolate(x, scale_factor=3, mode="linear"), (2, 4)),
    "F.pad": fn(lambda m, x: F.pad(x, (1, 2, 0, 1), value=0.5), (2, 4, 4)),
    "F.pad crop": fn(lambda m, x: F.pad(x, (-1, 2)), (2, 4)),
    "F.pad reflect": fn(lambda m, x: F.pad(x, (1, 2), mode="reflect"), (2, 4)),
    "nn.ZeroPad2d": (lambda: nn.ZeroPad2d((1, 0, 2, 1)), [(2, 3, 3)]),
    "nn.ReflectionPad1d": (lambda: nn.ReflectionPad1d(2), [(2, 5)]),
    "nn.ReplicationPad2d": (lambda: nn.ReplicationPad2d(1), [(2, 3, 3)]),
    "nn.ConstantPad1d": (lambda: nn.ConstantPad1d((1, 2), 3.0), [(2, 3)]),
}  # fmt: skip


def ready(norm):
    """Give a normalisation running statistics and weights other than the defaults."""
    generator = torch.Generator().manual_seed(5)
    for name, tensor in norm.state_dict().items():
        if tensor.is_floating_point():
            tensor.copy_(torch.rand(tensor.shape, generator=generator) + 0.5)
            assert name
    return norm


NORMS = {
    "batch 1d": (lambda: ready(nn.BatchNorm1d(4)), [(4,)]),
    "batch 1d long": (lambda: ready(nn.BatchNorm1d(4, momentum=None)), [(4, 5)]),
    "batch 2d": (lambda: ready(nn.BatchNorm2d(4, eps=1e-3)), [(4, 3, 2)]),
    "batch 3d": (lambda: nn.BatchNorm3d(2, affine=False), [(2, 3, 2, 2)]),
    "batch without figures": (lambda: nn.BatchNorm2d(2, track_running_stats=False), [(2, 3, 3)]),
    "layer": (lambda: ready(nn.LayerNorm(5)), [(3, 5)]),
    "layer 2": (lambda: ready(nn.LayerNorm((3, 5), bias=False)), [(2, 3, 5)]),
    "layer plain": (lambda: nn.LayerNorm(5, elementwise_affine=False), [(5,)]),
    "group": (lambda: ready(nn.GroupNorm(2, 6)), [(6, 3, 2)]),
    "group plain": (lambda: nn.GroupNorm(3, 6, affine=False), [(6, 4)]),
    "instance": (lambda: nn.InstanceNorm2d(3), [(3, 4, 4)]),
    "instance affine": (lambda: ready(nn.InstanceNorm1d(3, affine=True)), [(3, 6)]),
    "instance figures": (
        lambda: ready(nn.InstanceNorm2d(3, affine=True, track_running_stats=True)), [(3, 4, 4)]),
    "rms": (lambda: ready(nn.RMSNorm(5)), [(3, 5)]),
    "F.layer_norm": fn(lambda m, x: F.layer_norm(x, (4,), m.w), (3, 4), w=4),
    "F.batch_norm": fn(
        lambda m, x: F.batch_norm(x, None, None, m.w, m.b, training=True), (4,), w=4, b=4),
    "F.normalize": fn(lambda m, x: F.normalize(x, dim=-1), (3, 4)),
    "F.normalize 1": fn(lambda m, x: F.normalize(x, p=1.0), (4,)),
}  # fmt: skip

SHAPES = {
    "view": fn(lambda m, x: x.view(x.size(0), -1), (3, 4)),
    "view same": fn(lambda m, x: x.view(x.shape[0], 3, 4), (3, 4)),
    "rows and back": fn(lambda m, x: (x.reshape(-1, 4) @ m.w).view(x.shape[0], 3, 2), (3, 4),
                        w=(4, 2)),
    "permute": fn(lambda m, x: x.permute(0, 2, 3, 1).contiguous(), (2, 3, 4)),
    "transpose twice": fn(lambda m, x: torch.relu(x.transpose(1, 2)).mT, (3, 4)),
    "movedim": fn(lambda m, x: x.movedim(1, -1) * m.w, (3, 4, 2), w=3),
    "squeeze": fn(lambda m, x: x.unsqueeze(2).squeeze(-2).unsqueeze(-1).squeeze(), (3, 4)),
    "flatten": fn(lambda m, x: torch.flatten(x, 2).flatten(1), (2, 3, 4)),
    "expand": fn(lambda m, x: x.unsqueeze(1).expand(-1, 3, -1) * m.w, (4,), w=(3, 1)),
    "class token": fn(
        lambda m, x: torch.cat([m.cls.expand(x.shape[0], -1, -1), x], 1), (3, 4), cls=(1, 1, 4)),
    "class token repeat": fn(
        lambda m, x: torch.cat([m.cls.repeat(x.shape[0], 2, 1), x], 1), (3, 4), cls=(1, 1, 4)),
    "repeat": fn(lambda m, x: x.repeat(1, 2, 3), (3, 4)),
    "repeat_interleave": fn(lambda m, x: x.repeat_interleave(3, dim=1), (3, 4)),
    "stack": fn(lambda m, x: torch.stack([x, 2 * x, x.exp()], 1), (3,)),
    "cat": fn(lambda m, x: torch.cat((x, x * x), dim=-1), (3, 4)),
    "split": fn(lambda m, x: [p * (i + 1) for i, p in enumerate(x.split(2, 1))], (5,)),
    "chunk": fn(lambda m, x: x.chunk(2, dim=1)[0] * x.chunk(2, dim=1)[1], (6,)),
    "split sizes": fn(lambda m, x: torch.split(x, [1, 3], dim=-1)[1], (3, 4)),
    "unbind": fn(lambda m, x: sum(t * i for i, t in enumerate(x.unbind(1))), (3, 4)),
    "slices": fn(lambda m, x: x[:, 1:, ::2] + x[..., 0:1][:, :2], (3, 4)),
    "index": fn(lambda m, x: x[:, -1] + x[:, 0, :] * x[:, 1, 2:3], (3, 4)),
    "index none": fn(lambda m, x: x[:, None] * x[:, :, None], (4,)),
    "index list": fn(lambda m, x: x[:, [2, 0, 2]], (3, 4)),
    "index tensor": fn(lambda m, x: x[:, torch.tensor([2, 0, 2])], (3, 4)),
    "index_select": fn(lambda m, x: x.index_select(1, torch.tensor([2, 0])), (3, 4)),
    "narrow": fn(lambda m, x: x.narrow(1, 1, 2), (3, 4)),
    "flip": fn(lambda m, x: x.flip(1) * torch.flip(x, [2]), (3, 4)),
    "roll": fn(lambda m, x: x.roll(1, 1) + torch.roll(x, -1, 2), (3, 4)),
    "time first": fn(lambda m, x: x.permute(1, 0, 2)[-1], (3, 4)),
    "time first mean": fn(lambda m, x: x.transpose(0, 1).mean(0), (3, 4)),
    "unflatten": (lambda: nn.Sequential(nn.Flatten(), nn.Unflatten(1, (2, 6))), [(3, 4)]),
    "in place": fn(lambda m, x: (x * 1).relu_().add_(1).mul_(m.w), (4,), w=4),
    "gather": fn(
        lambda m, x: torch.take_along_dim(x, torch.tensor([[2, 0]]).expand(x.shape[0], -1), 1),
        (4,)),
}  # fmt: skip

ARITHMETIC = {
    "plain": fn(lambda m, x: (1 - x) / 3 + 2 / (x * x + 1) - -x, (4,)),
    "powers": fn(lambda m, x: x**2 + (x.abs() + 1) ** 0.5 + 2**x + x.pow(3), (4,)),
    "functions": fn(
        lambda m, x: torch.exp(x) + (x.abs() + 1).log() + (x * x + 1).sqrt().rsqrt(), (4,)),
    "more": fn(lambda m, x: x.sin() + x.cos() * x.erf() + (x * x).log1p() + x.expm1(), (4,)),
    "logs": fn(lambda m, x: torch.log2(x.abs() + 1) + (x.abs() + 1).log10() + x.square(), (4,)),
    "division": fn(lambda m, x: x / (1 + x.abs()) + torch.div(x, m.w), (4,), w=4),
    "round": fn(lambda m, x: torch.round(x * 3) * m.w, (4,), w=4),
    "round to digits": fn(lambda m, x: torch.round(x, decimals=1) * m.w, (4,), w=4),
    "detach": fn(lambda m, x: (m.w * x).detach() * m.w, (4,), w=4),
    "clamp": fn(lambda m, x: x.clamp(-1, 0.5) + x.clamp(min=0) + torch.clamp(x, max=1), (4,)),
    "clamp tensor": fn(lambda m, x: x.clamp(m.w, None) + torch.minimum(x, m.w), (4,), w=4),
    "alpha": fn(lambda m, x: torch.add(x, m.w, alpha=3) - torch.sub(x, 1, alpha=0.5), (4,), w=4),
    "where": fn(lambda m, x: torch.where(x > 0, x, m.w) + torch.where(x <= 0, 1.0, x), (4,), w=4),
    "masked_fill": fn(lambda m, x: x.masked_fill((x < -1) | ~(x < 1), 0.0), (4,)),
    "mask product": fn(lambda m, x: x * (x > 0).float() + x * (x != 0) * (x.ge(0.5)), (4,)),
    "softmax mask": fn(
        lambda m, x: x.masked_fill(torch.eye(4).bool(), -math.inf).softmax(-1), (4, 4)),
    "reductions": fn(
        lambda m, x: x.mean((1, 2)) + x.sum(dim=[1, 2]) * x.amax((1, 2)) - x.amin((-1, -2)),
        (3, 4)),
    "max": fn(lambda m, x: x.max(1)[0] + torch.max(x, dim=2).values.sum(1, keepdim=True), (3, 3)),
    "min": fn(lambda m, x: x.min(dim=1, keepdim=True).values + torch.max(x, m.w), (4,), w=4),
    "var": fn(lambda m, x: x.var(1) + x.std(2) + x.var(1, unbiased=False), (4, 4)),
    "norm": fn(lambda m, x: x.norm(dim=1) + torch.linalg.vector_norm(x, 3, dim=1), (4, 3)),
    "logsumexp": fn(lambda m, x: x.logsumexp(1) + torch.logsumexp(x, 1, True)[:, 0], (4, 2)),
    "cumsum": fn(lambda m, x: x.cumsum(1) + x.prod(1, keepdim=True), (4,)),
    "total": fn(lambda m, x: x.mean() + x.sum(), (4,)),
    "constants": fn(
        lambda m, x: x + torch.arange(4) * torch.ones(4) - torch.zeros(x.shape[1])
        + torch.full((1, 4), 2.0) + torch.tensor([1.0, 2, 3, 4]), (4,)),
    "batch constants": fn(
        lambda m, x: torch.cat([x, torch.zeros(x.shape[0], 2), torch.ones_like(x)], 1), (4,)),
    "positions": fn(
        lambda m, x: x + F.embedding(torch.arange(x.shape[1]).unsqueeze(0), m.w), (3, 4),
        w=(5, 4)),
    "cosine": fn(lambda m, x: F.cosine_similarity(x, m.w, dim=-1), (4,), w=(1, 4)),
    "matmul": fn(lambda m, x: x @ m.w.t() + torch.matmul(x, m.w.T) + x.mm(m.v), (4,), w=(3, 4),
                 v=(4, 3)),
    "bmm": fn(lambda m, x: torch.bmm(x, x.transpose(1, 2)) @ m.w, (3, 4), w=(3, 3)),
    "baddbmm": fn(lambda m, x: torch.baddbmm(m.w, x, x.mT, alpha=0.5), (3, 4), w=(1, 3, 3)),
    "addmm": fn(lambda m, x: torch.addmm(m.b, x, m.w), (4,), w=(4, 3), b=3),
    "einsum": fn(lambda m, x: torch.einsum("btf, of -> bto", x, m.w), (3, 4), w=(5, 4)),
    "F.linear": fn(lambda m, x: F.linear(x, m.w, m.b), (3, 4), w=(5, 4), b=5),
    "two inputs": fn(lambda m, x, y: x * torch.tanh(y) + (x > y), (4,), (4,)),
    "functional": fn(
        lambda m, x: F.gelu(x) + F.silu(x) * F.elu(x) - F.selu(x) + F.softplus(x)
        + F.hardswish(x) + F.mish(x) + F.leaky_relu(x, 0.3) + F.relu6(x) + F.hardtanh(x), (4,)),
    "rrelu": fn(lambda m, x: F.rrelu(x, 0.1, 0.3), (4,)),
    "glu": fn(lambda m, x: F.glu(x, 1) + F.logsigmoid(x)[:, :2] + F.prelu(x, m.w)[:, 2:], (4,),
              w=1),
}  # fmt: skip

#: What is made of simpler operators.
MADE = {
    "sdpa of five axes": fn(
        lambda m, x: F.scaled_dot_product_attention(x @ m.w, x, x), (2, 2, 3, 4), w=(4, 4)),
    "topk": fn(lambda m, x: torch.topk(x @ m.w, 2, dim=1)[0], (4,), w=(4, 5)),
    "smallest": fn(lambda m, x: torch.topk(x, 2, dim=1, largest=False)[0] * m.w, (5, 3), w=3),
    "sort": fn(lambda m, x: torch.sort(x, dim=1, descending=True)[0] @ m.w, (5,), w=(5, 2)),
    "kthvalue": fn(lambda m, x: (x * m.w).kthvalue(2, 1)[0] + x.median(1)[0], (5,), w=5),
    "picked by argmax": fn(
        lambda m, x: torch.gather(x @ m.w, 1, x.argmax(1, keepdim=True)), (4,), w=(4, 4)),
    "indices of max": fn(
        lambda m, x: torch.gather(x @ m.w, 1, x.max(1, keepdim=True)[1]), (4,), w=(4, 4)),
    "scatter_add": fn(
        lambda m, x: torch.zeros(x.shape[0], 3).scatter_add(
            1, torch.tensor([[0, 1, 2, 0]]).expand(x.shape[0], 4), x * m.w), (4,), w=4),
    "index_add": fn(
        lambda m, x: torch.zeros(x.shape[0], 3).index_add(
            1, torch.tensor([0, 1, 2, 0]), x * m.w), (4,), w=4),
    "pixel shuffle": fn(
        lambda m, x: F.pixel_unshuffle(F.pixel_shuffle(x * m.w, 2).tanh(), 2), (4, 2, 3),
        w=(4, 1, 1)),
    "channel shuffle": act(nn.ChannelShuffle(3), (6, 2, 2)),
    "unfold": fn(
        lambda m, x: F.unfold(x * m.w, 3, dilation=1, padding=1, stride=2), (2, 5, 4), w=(2, 1, 1)),
    "fold": fn(lambda m, x: F.fold(x * m.w, (4, 5), 2, padding=1, stride=2), (8, 9), w=9),
    "nan_to_num": fn(lambda m, x: torch.nan_to_num(torch.log(x * m.w), nan=2.0), (5,), w=5),
    "bilinear": (lambda: nn.Bilinear(3, 4, 2), [(3,), (4,)]),
    "distances": fn(lambda m, x: torch.cdist(x @ m.w, x, p=1), (3, 4), w=(4, 4)),
    "logaddexp": fn(lambda m, x: torch.logaddexp(x, m.w) + torch.hypot(x, m.w), (4,), w=4),
    "rounded": fn(
        lambda m, x: torch.trunc(3 * x) + x * m.w + torch.remainder(x, 0.7) + x.frac(), (4,), w=4),
    "hyperbolic": fn(
        lambda m, x: torch.sinh(x) + torch.cosh(x * m.w) + torch.asinh(x) + torch.tan(0.3 * x)
        + torch.atanh(0.3 * torch.tanh(x)), (4,), w=4),
    "std_mean": fn(lambda m, x: torch.std_mean(x * m.w, 1)[0] + torch.var_mean(x, 1)[1], (4,), w=4),
    "triangles": fn(lambda m, x: torch.tril(x @ m.w) + torch.triu(x, 1), (4, 4), w=(4, 4)),
    "diff": fn(lambda m, x: torch.diff(x * m.w, dim=1) + torch.diff(x, n=2, dim=1)[:, :1], (5,),
               w=5),
    "number of rows": fn(lambda m, x: x * m.w / x.shape[0] + x.numel(), (4,), w=4),
}  # fmt: skip

CASES = {
    **MADE,
    **ACTIVATIONS, **CONVOLUTIONS, **POOLS, **NORMS, **SHAPES, **ARITHMETIC,
}  # fmt: skip

#: What fx cannot follow, and torch.export can.
EXPORT_ONLY = {"split", "unbind", "gather", "scatter_add"}
#: What neither traces in training: a batch norm that counts its batches.
FX_ONLY = {"batch 1d long"}
