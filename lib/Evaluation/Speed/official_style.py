"""A PyTorch model in the manner of the official ZeroI2V code, for `lab bench` to measure beside the lab's own.

Written for the lab from the paper and from how such code is usually built (nothing is copied): tokens first, a class for
each part, the shift by cloning keys and values and assigning slices, attention as two batched products with a softmax
between, norms that go through 32-bit floats, adapters beside the frozen weights, mixed precision by autocast. Parameter
names are the official checkpoints', so that the lab can hand over its own weights and compare what comes out.

Talks in lines of JSON: one request on standard input, one answer on standard output.
"""
import contextlib
import ctypes
import json
import struct
import sys
import time

import torch
from torch import nn
from torch.nn import functional as F


class QuickGELU(nn.Module):
    def forward(self, x):
        return x * torch.sigmoid(1.702 * x)


class LayerNorm(nn.LayerNorm):
    def forward(self, x):
        kind = x.dtype
        return super().forward(x.float()).type(kind)


class Adapter(nn.Module):
    def __init__(self, width, bottleneck, scale, dropout):
        super().__init__()
        self.D_fc1 = nn.Linear(width, bottleneck)
        self.D_fc2 = nn.Linear(bottleneck, width)
        self.dropout = nn.Dropout(dropout)
        self.scale = scale
        nn.init.zeros_(self.D_fc1.bias)
        nn.init.zeros_(self.D_fc2.weight)
        nn.init.zeros_(self.D_fc2.bias)

    def forward(self, x):
        return x + self.scale * self.D_fc2(self.dropout(self.D_fc1(x)))


class Attention(nn.Module):
    def __init__(self, width, heads, offsets, frames):
        super().__init__()
        self.in_proj_weight = nn.Parameter(torch.empty(3 * width, width))
        self.in_proj_bias = nn.Parameter(torch.zeros(3 * width))
        self.out_proj = nn.Linear(width, width)
        nn.init.xavier_uniform_(self.in_proj_weight)
        self.heads, self.offsets, self.frames = heads, offsets, frames

    def shift(self, x):  # (N, B*T, D)
        tokens, images, width = x.shape
        channels = width // self.heads
        x = x.view(tokens, images // self.frames, self.frames, width)
        out = x.clone()
        for head, offset in enumerate(self.offsets):
            here = slice(head * channels, (head + 1) * channels)
            if offset < 0:
                out[:, :, -offset:, here] = x[:, :, :offset, here]
            elif offset > 0:
                out[:, :, :-offset, here] = x[:, :, offset:, here]
        return out.view(tokens, images, width)

    def forward(self, x):
        tokens, images, width = x.shape
        q, k, v = F.linear(x, self.in_proj_weight, self.in_proj_bias).chunk(3, dim=-1)
        if any(self.offsets):
            k, v = self.shift(k), self.shift(v)
        channels = width // self.heads
        q = q.contiguous().view(tokens, images * self.heads, channels).transpose(0, 1) * channels ** -0.5
        k = k.contiguous().view(tokens, images * self.heads, channels).transpose(0, 1)
        v = v.contiguous().view(tokens, images * self.heads, channels).transpose(0, 1)
        weights = F.softmax(torch.bmm(q, k.transpose(1, 2)), dim=-1)
        out = torch.bmm(weights, v).transpose(0, 1).contiguous().view(tokens, images, width)
        return self.out_proj(out)


class Mlp(nn.Module):
    def __init__(self, width, hidden):
        super().__init__()
        self.c_fc = nn.Linear(width, hidden)
        self.gelu = QuickGELU()
        self.c_proj = nn.Linear(hidden, width)

    def forward(self, x):
        return self.c_proj(self.gelu(self.c_fc(x)))


class Block(nn.Module):
    def __init__(self, o):
        super().__init__()
        width = o["width"]
        self.attn = Attention(width, o["heads"], o["offsets"], o["frames"])
        self.ln_1 = LayerNorm(width)
        self.mlp = Mlp(width, o["hidden"])
        self.ln_2 = LayerNorm(width)
        self.adapted = o["bottleneck"] > 0
        if self.adapted:
            for name in ("T_Adapter_in", "S_Adapter", "MLP_Adapter", "MLP_Adapter_out"):
                setattr(self, name, Adapter(width, o["bottleneck"], o["scale"], o["dropout"]))

    def forward(self, x):
        if not self.adapted:
            x = x + self.attn(self.ln_1(x))
            return x + self.mlp(self.ln_2(x))
        x = x + self.S_Adapter(self.attn(self.T_Adapter_in(self.ln_1(x))))
        return x + self.MLP_Adapter_out(self.mlp(self.MLP_Adapter(self.ln_2(x))))


class Transformer(nn.Module):
    def __init__(self, o):
        super().__init__()
        self.resblocks = nn.Sequential(*[Block(o) for _ in range(o["layers"])])

    def forward(self, x):
        return self.resblocks(x)


class Backbone(nn.Module):
    def __init__(self, o):
        super().__init__()
        width, patch = o["width"], o["patch"]
        places = (o["resolution"] // patch) ** 2 + 1
        self.conv1 = nn.Conv2d(3, width, kernel_size=patch, stride=patch, bias=False)
        self.class_embedding = nn.Parameter(torch.randn(width) * width ** -0.5)
        self.positional_embedding = nn.Parameter(torch.randn(places, width) * width ** -0.5)
        if o["temporal"]:
            self.temporal_embedding = nn.Parameter(torch.zeros(1, o["frames"], width))
        self.ln_pre = LayerNorm(width)
        self.transformer = Transformer(o)
        self.ln_post = LayerNorm(width)
        self.frames, self.temporal = o["frames"], o["temporal"]

    def forward(self, clips):  # (B, 3, T, H, W)
        batch, _, frames, height, width = clips.shape
        x = clips.permute(0, 2, 1, 3, 4).reshape(batch * frames, 3, height, width)
        x = self.conv1(x).flatten(2).permute(0, 2, 1)
        first = self.class_embedding.to(x.dtype) + torch.zeros(x.shape[0], 1, x.shape[-1], dtype=x.dtype, device=x.device)
        x = torch.cat([first, x], dim=1) + self.positional_embedding.to(x.dtype)
        if self.temporal:
            tokens = x.shape[1]
            x = x.view(batch, frames, tokens, -1).permute(0, 2, 1, 3) + self.temporal_embedding.to(x.dtype).unsqueeze(1)
            x = x.permute(0, 2, 1, 3).reshape(batch * frames, tokens, -1)
        x = self.ln_pre(x).permute(1, 0, 2)
        x = self.transformer(x).permute(1, 0, 2)
        return self.ln_post(x[:, 0]).view(batch, frames, -1)


class Head(nn.Module):
    def __init__(self, o):
        super().__init__()
        self.dropout = nn.Dropout(o["headDropout"])
        self.fc_cls = nn.Linear(o["width"], o["classes"])

    def forward(self, x):
        return self.fc_cls(self.dropout(x.mean(1)))


class Recognizer(nn.Module):
    def __init__(self, o):
        super().__init__()
        self.backbone = Backbone(o)
        self.cls_head = Head(o)

    def forward(self, clips):
        return self.cls_head(self.backbone(clips))


def trained(name):
    return "Adapter" in name or "temporal_embedding" in name or "ln_post" in name or name.startswith("cls_head")


def safetensors(path):
    with open(path, "rb") as file:
        header = json.loads(file.read(struct.unpack("<Q", file.read(8))[0]))
        data = bytearray(file.read())
    found = {}
    for name, entry in header.items():
        if name != "__metadata__":
            begin, end = entry["data_offsets"]
            if entry["dtype"] != "F32":
                raise ValueError("expected 32-bit floats, found " + entry["dtype"])
            found[name] = torch.frombuffer(data[begin:end], dtype=torch.float32).reshape(entry["shape"]).clone()
    return found


def status(name):
    with open("/proc/self/status") as file:
        for line in file:
            if line.startswith(name):
                return 1024 * int(line.split()[1])
    return 0


class Subject:
    def __init__(self, request):
        o = request["model"]
        self.device = torch.device(request["device"])
        self.model = Recognizer(o)
        if request.get("weights"):
            self.model.load_state_dict(safetensors(request["weights"]))
        self.model.to(self.device)
        self.precision = {"Float32": None, "BFloat16": torch.bfloat16, "Float16": torch.float16}[request["precision"]]
        self.training = request["training"]
        self.classes = o["classes"]
        self.clips = torch.randn(request["batch"], 3, o["frames"], o["resolution"], o["resolution"], device=self.device)
        self.optimizer = None
        # The newer name, where there is one: the older is deprecated there.
        self.scaler = getattr(torch.amp, "GradScaler", torch.cuda.amp.GradScaler)(enabled=self.precision == torch.float16 and self.device.type == "cuda")
        self.model.train(self.training)
        if self.training:
            for name, parameter in self.model.named_parameters():
                parameter.requires_grad = trained(name)
            self.optimizer = torch.optim.AdamW([p for p in self.model.parameters() if p.requires_grad], lr=1e-9, weight_decay=0.05)
            self.labels = torch.zeros(request["batch"], dtype=torch.long, device=self.device)
        self.call = torch.compile(self.model) if request["compile"] else self.model

    def mixed(self):
        return contextlib.nullcontext() if self.precision is None else torch.autocast(self.device.type, dtype=self.precision)

    def step(self):
        if not self.training:
            with torch.no_grad(), self.mixed():
                return self.call(self.clips)
        self.optimizer.zero_grad()
        with self.mixed():
            loss = F.cross_entropy(self.call(self.clips), self.labels)
        self.scaler.scale(loss).backward()
        self.scaler.step(self.optimizer)
        self.scaler.update()
        return loss

    def run(self):
        self.wait()
        start = time.perf_counter()
        self.step()
        self.wait()
        return time.perf_counter() - start

    def wait(self):
        if self.device.type == "cuda":
            torch.cuda.synchronize(self.device)

    def peak(self):
        if self.device.type == "cuda":
            # As the lab measures its own: by what the GPU has less of afterwards, which is the most that was held at once.
            self.wait()
            torch.cuda.empty_cache()
            before = torch.cuda.mem_get_info(self.device)[0]
            self.run()
            self.run()
            return max(0, before - torch.cuda.mem_get_info(self.device)[0])
        ctypes.CDLL(None).malloc_trim(0)
        with open("/proc/self/clear_refs", "w") as file:
            file.write("5")
        before = status("VmRSS:")
        self.run()
        self.run()
        return max(0, status("VmHWM:") - before)


def main():
    answers, sys.stdout = sys.stdout, sys.stderr
    subjects = {}

    def answer(**values):
        answers.write(json.dumps(values) + "\n")
        answers.flush()

    for line in sys.stdin:
        request = json.loads(line)
        what, name = request["what"], request.get("name")
        try:
            if what == "hello":
                torch.set_num_threads(request["threads"])
                answer(version=torch.__version__, compiles=hasattr(torch, "compile"), cuda=torch.cuda.is_available())
            elif what == "make":
                subjects[name] = Subject(request)
                answer(ok=True)
            elif what == "run":
                answer(seconds=subjects[name].run())
            elif what == "peak":
                answer(bytes=subjects[name].peak())
            elif what == "logits":
                clips = safetensors(request["clips"])["clips"].to(subjects[name].device)
                subjects[name].clips = clips
                answer(values=subjects[name].step().float().flatten().tolist())
            elif what == "drop":
                subjects.clear()
                if torch.cuda.is_available():
                    torch.cuda.empty_cache()
                answer(ok=True)
        except Exception as error:  # told to the lab, which says it and goes on
            # torch.compile says in its first line only that there was an error, and in the second which.
            answer(error=type(error).__name__ + ": " + " ".join(line.strip() for line in str(error).split("\n")[:2]).strip())


if __name__ == "__main__":
    main()
