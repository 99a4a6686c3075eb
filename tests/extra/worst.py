#!/usr/bin/env python3
"""The worst that 1 MB of each kind of input does: 2 s of processor time and 200 MB, as .github/SECURITY.md promises.
Usage: worst.py PROGRAM. Lines of batch that only name models are
answered in proportion to their number. The time that fails the test is several times that, so that a slow machine or a build without
optimisation does not; memory has no such excuse. Prints what each kind took."""
import io
import json
import os
import pathlib
import resource
import struct
import subprocess
import sys
import tempfile
import zipfile

MOST_SECONDS = 2 * 8
MOST_MB = 200
MEGABYTE = 1_000_000


def safetensors(header, data=0):
    text = header.encode() if isinstance(header, str) else header
    return struct.pack("<Q", len(text)) + text + b"\0" * data


def listing(names, size=4):
    """A header of small tensors, and their data."""
    at, rows = 0, {}
    for name in names:
        rows[name] = {"dtype": "BF16", "shape": [size // 2], "data_offsets": [at, at + size]}
        at += size
    return safetensors(json.dumps(rows), at)


def text(value):
    data = value.encode()
    return struct.pack("<Q", len(data)) + data


def gguf(pairs, tensors=()):
    out = b"GGUF" + struct.pack("<IQQ", 3, len(tensors), len(pairs))
    for key, kind, value in pairs:
        out += text(key) + struct.pack("<I", kind) + value
    for at, name in enumerate(tensors):
        out += text(name) + struct.pack("<IQIQ", 1, 8, 0, 32 * at)
    out += b"\0" * (-len(out) % 32)
    return out + b"\0" * (32 * len(tensors))


def torch_file(value, storage=400_000):
    """A PyTorch file of that pickle, with one storage of zeros."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("a/data.pkl", b"\x80\x02" + value + b".")
        archive.writestr("a/data/0", b"\0" * storage)
    return out.getvalue()


def torch_tensors(count, dims=1, step=1):
    """That many tensors of one number, `step` apart in their storage, as short as a pickle can say it."""
    start = (b"ctorch._utils\n_rebuild_tensor_v2\nq\x000(X\x07\0\0\0storagectorch\nFloatStorage\nX\x01\0\0\x000X\x03\0\0\0cpu"
             + b"J" + struct.pack("<i", 100_000) + b"tQq\x010(" + b"K\x01" * dims + b"tq\x020")
    return start + b"}(" + b"".join(
        b"X" + struct.pack("<I", len(str(i))) + str(i).encode() + b"h\0(h\x01J" + struct.pack("<i", i * step) + b"h\x02h\x02tR"
        for i in range(count)) + b"u"


def names(count, form):
    return [form.format(i, i % 7, i // 7) for i in range(count)]


def config(**keys):
    return json.dumps({"model_type": "llama", **keys}).encode()


def many_keys(count):
    return {f"key_{i}": i for i in range(count)}


def family(**more):
    return json.dumps({"family": "fuzz", "source": "x", "keys": {"n": 3}, "dims": {"n": "$n"}, "indices": {"layer": "n"},
                       "tensors": [["ffn", "w.{layer}", ["n", "n"]]], **more}).encode()


LLAMA = '{"model_type": "llama"}'
ARCHITECTURE = ("general.architecture", 8, text("llama"))

# Kind: files, and the commands that are given them. A file may have a size beyond its bytes: a hole.
CASES = {
    "config: a list of layers": ({"config.json": config(layer_types=["full_attention", "sliding_attention"] * 22_000)},
                                 ["config.json", "layers config.json", "kv config.json"]),
    "config: layer numbers": ({"config.json": json.dumps({"model_type": "qwen2_moe", "num_hidden_layers": 100_000,
                                                          "mlp_only_layers": list(range(0, 100_000))}).encode()},
                              ["config.json", "layers config.json"]),
    "config: unknown keys": ({"config.json": config(**many_keys(60_000))}, ["config.json", "config.json --format json"]),
    "config: small values": ({"config.json": config(x=[0] * 400_000)}, ["config.json"]),
    "config: one long text": ({"config.json": config(_name_or_path="×" * 160_000, torch_dtype="é" * 300_000)},
                              ["config.json --ascii", "config.json --format latex", "config.json --format json"]),
    "config: a million layers": ({"config.json": config(num_hidden_layers=1_000_000)},
                                 ["config.json", "kv config.json", "train config.json"]),
    "safetensors: many tensors": ({"a.safetensors": listing(names(11_000, "layers.{}.w{}.weight"))},
                                  ["a.safetensors", "tensors a.safetensors", "tensors a.safetensors --all --format csv",
                                   "layers a.safetensors", "diff a.safetensors a.safetensors",
                                   "verify gpt-2 a.safetensors"]),
    "safetensors: unlike names": ({"a.safetensors": listing([f"{'abcdefgh'[i % 8]}{i * 7919:x}.w" for i in range(11_000)])},
                                  ["a.safetensors", "tensors a.safetensors", "verify gpt-2 a.safetensors"]),
    "safetensors: one long name": ({"a.safetensors": listing(["×" * 160_000 + "{" * 300_000])},
                                   ["tensors a.safetensors --ascii", "tensors a.safetensors --format latex",
                                    "tensors a.safetensors --all"]),
    "safetensors: a name of numbers": ({"a.safetensors": listing([".".join(["0"] * 450_000)])},
                                       ["a.safetensors", "tensors a.safetensors", "verify gpt-2 a.safetensors"]),
    "safetensors: metadata": ({"a.safetensors": safetensors(json.dumps({"__metadata__": {f"k{i}": "×" for i in range(40_000)}}))},
                              ["metadata a.safetensors", "metadata a.safetensors --format csv"]),
    "PyTorch: many tensors": ({"a.pt": torch_file(torch_tensors(25_000))}, ["a.pt", "tensors a.pt", "verify gpt-2 a.pt"]),
    "PyTorch: one tensor under many names": ({"a.pt": torch_file(torch_tensors(25_000, step=0))}, ["a.pt", "a.pt --format json"]),
    "PyTorch: many dimensions": ({"a.pt": torch_file(torch_tensors(25_000, dims=64))}, ["a.pt"]),
    "PyTorch: many empty lists": ({"a.pt": torch_file(b"](" + b"]" * MEGABYTE + b"e")}, ["a.pt"]),
    "PyTorch: lists in lists": ({"a.pt": torch_file(b"]" * 500_000 + b"a" * 499_999)}, ["a.pt"]),
    "gguf: many tensors": ({"a.gguf": gguf([ARCHITECTURE], names(12_000, "blk.{}.w{}.weight"))},
                           ["a.gguf", "tensors a.gguf", "verify gpt-2 a.gguf"]),
    "gguf: many pairs": ({"a.gguf": gguf([ARCHITECTURE] + [(f"k{i}", 4, struct.pack("<I", i)) for i in range(40_000)])},
                         ["metadata a.gguf"]),
    "gguf: an array of texts": ({"a.gguf": gguf([ARCHITECTURE, ("tokenizer.ggml.tokens", 9,
                                                                struct.pack("<IQ", 8, 100_000) + text("x") * 100_000)])},
                                ["a.gguf", "metadata a.gguf"]),
    "gguf: a long text": ({"a.gguf": gguf([ARCHITECTURE, ("general.name", 8, text("×" * 500_000))])},
                          ["a.gguf --ascii", "a.gguf --format latex", "metadata a.gguf --ascii"]),
    "gguf: a hole of booleans": ({"a.gguf": (gguf([ARCHITECTURE, ("x", 9, struct.pack("<IQ", 7, 1 << 39))]), 1 << 40)},
                                 ["metadata a.gguf"]),
    "gguf: a hole of arrays": ({"a.gguf": (gguf([ARCHITECTURE, ("x", 9, struct.pack("<IQ", 9, 1 << 36))]), 1 << 40)},
                               ["metadata a.gguf"]),
    "gguf: a hole of texts": ({"a.gguf": (gguf([ARCHITECTURE, ("x", 9, struct.pack("<IQ", 8, 1 << 36))]), 1 << 40)},
                              ["metadata a.gguf"]),
    "index: one shard, many spellings": (
        {"m/model.safetensors.index.json": json.dumps(
            {"weight_map": {f"w{i}": "./" * (i % 500) + "a.safetensors" for i in range(1800)}}).encode(),
         "m/a.safetensors": listing(names(1800, "w{}"))}, ["m"]),
    "index: many names": ({"m/model.safetensors.index.json": json.dumps(
        {"weight_map": {f"layers.{i}.weight": "a.safetensors" for i in range(25_000)}}).encode(),
        "m/a.safetensors": listing(["w"])}, ["m"]),
    "adapter: many targets": ({"a/adapter_config.json": json.dumps(
        {"peft_type": "LORA", "base_model_name_or_path": "gpt2", "r": 8,
         "target_modules": [f"module_{i}" for i in range(60_000)]}).encode()}, ["a"]),
    "adapter: a pattern": ({"a/adapter_config.json": json.dumps(
        {"peft_type": "LORA", "base_model_name_or_path": "gpt2", "r": 8, "target_modules": "(a|b)*" * 150_000}).encode()},
        ["a"]),
    "modules": ({"m/modules.json": json.dumps([{"path": f"{i}_Dense", "type": "sentence_transformers.models.Dense"}
                                               for i in range(12_000)]).encode(), "m/config.json": LLAMA.encode()}, ["m"]),
    "params.json": ({"m/params.json": json.dumps({"dim": 64, "n_layers": 2, "n_heads": 4, "vocab_size": 9,
                                                  **many_keys(60_000)}).encode()}, ["m/params.json"]),
    "family: many keys": ({"catalog/families/fuzz.json": family(keys={"n": 3, **many_keys(60_000)}),
                           "config.json": b'{"model_type": "fuzz"}'}, ["config.json --catalog catalog"]),
    "family: a chain": ({"catalog/families/fuzz.json": family(
        dims={"n": "x0", **{f"x{i}": f"max(x{i + 1}, x{i + 1} + 1)" for i in range(60)}, "x60": "$n"}),
        "config.json": b'{"model_type": "fuzz"}'}, ["config.json --catalog catalog"]),
    "family: many tensors": ({"catalog/families/fuzz.json": family(
        tensors=[["ffn", f"w{i}.{{layer}}", ["n", "n"]] for i in range(25_000)]),
        "config.json": b'{"model_type": "fuzz"}'}, ["config.json --catalog catalog", "tensors config.json --catalog catalog"]),
    "config.toml": ({"home/paramcount/config.toml": b'dtype = "bf16"\n' * 60_000}, ["gpt-2"]),
    "batch: names": ({"lines": b"gpt-2\n" * 20_000}, ["batch --jobs 8 < lines"]),
    "batch: a config a line": ({"lines": b'{"model_type": "llama", "num_hidden_layers": 3}\n' * 20_000},
                               ["batch --jobs 8 < lines"]),
    "options": ({}, ["gpt-2 --get " + "x" * 100_000, "gpt-2 --set " + "x=1," * 25_000, "gpt-2 --dtype " + "bf16," * 20_000]),
}


def limits():
    resource.setrlimit(resource.RLIMIT_CPU, (60, 60))


def run(program, folder, line):
    """Seconds of processor time, MB and exit code of one command."""
    words, _, source = line.partition(" < ")
    environment = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "XDG_CONFIG_HOME": str(folder / "home")}
    with open(folder / source if source else os.devnull) as stdin, open(os.devnull, "w") as out:
        child = subprocess.Popen([program, *words.split(" ")], cwd=folder, env=environment, stdin=stdin, stdout=out,
                                 stderr=subprocess.PIPE, preexec_fn=limits)
        said = child.stderr.read().decode()
        _, status, used = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
    return used.ru_utime + used.ru_stime, used.ru_maxrss / 1000, child.returncode, said


def main():
    program = str(pathlib.Path(sys.argv[1]).resolve())
    only = sys.argv[2] if len(sys.argv) > 2 else ""
    failed = False
    for kind, (files, lines) in CASES.items():
        if only not in kind:
            continue
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            size = 0
            for path, data in files.items():
                data, hole = data if isinstance(data, tuple) else (data, 0)
                (folder / path).parent.mkdir(parents=True, exist_ok=True)
                (folder / path).write_bytes(data)
                if hole:
                    os.truncate(folder / path, hole)
                size += len(data)
            share = max(1, size / MEGABYTE)
            for line in lines:
                seconds, memory, code, said = run(program, folder, line)
                wrong = []
                if code not in (0, 1, 2, 3):
                    wrong.append(f"exit {code}")
                if seconds > MOST_SECONDS * share:
                    wrong.append("too slow")
                if memory > MOST_MB * share:
                    wrong.append("too much memory")
                if any(len(one) > 300 for one in said.splitlines()):
                    wrong.append("a long error")
                failed = failed or bool(wrong)
                print(f"{seconds:7.2f} s {memory:6.0f} MB  exit {code:3}  {kind}: {line[:60]}  {' '.join(wrong)}", flush=True)
    return 1 if failed else 0


sys.exit(main())
