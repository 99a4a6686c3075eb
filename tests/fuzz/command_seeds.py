#!/usr/bin/env python3
"""Writes the inputs that the fuzzing of whole commands starts from. Usage: command_seeds.py FOLDER, in which command/,
catalog/ and option/ are made: files of each kind as users have them, each under a few commands and formats; small
families and tables; command lines. tests/fuzz/commands.hpp says what the bytes before the files mean."""
import json
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
TESTS = HERE.parent
PART = b"\n%%\n"
COMMANDS = 28
KINDS = ["config", "safetensors", "gguf", "index", "folder", "adapter", "modules", "params", "pipeline", "split", "any",
         "gguf_config", "adapter_config", "draft", "index_alone", "two"]
BATCH = len(KINDS)


def small_configs():
    """Configs of the truth, one of each class of models, the numbers small enough to be quick."""
    seen = set()
    for line in open(TESTS / "truth/configs.jsonl"):
        row = json.loads(line)
        config = row["config"]
        kind = config.get("model_type"), tuple(config.get("architectures") or [])
        if kind not in seen:
            seen.add(kind)
            yield config, row.get("tensors", [])


def header(tensors):
    """A safetensors header in the shape of a listing: few tensors, small."""
    out, at = {"__metadata__": {"format": "pt"}}, 0
    for name, shape in tensors:
        size = 2
        for n in shape:
            size *= n
        out[name] = {"dtype": "BF16", "shape": shape, "data_offsets": [at, at + size]}
        at += size
    return json.dumps(out).encode()


class Writer:
    def __init__(self, folder):
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.count = 0

    def write(self, data):
        (self.folder / f"{self.count:04}").write_bytes(data)
        self.count += 1

    def files(self, kind, *parts, looks=(1,), step=7):
        """The files under a few commands: those that the count says next."""
        for look in looks:
            self.write(bytes([KINDS.index(kind), self.count * step % COMMANDS, look]) + PART.join(parts))


def commands(folder):
    out = Writer(folder)
    formats = lambda: (out.count % 8, (out.count + 3) % 8 | 8)
    for config, tensors in small_configs():
        text = json.dumps(config).encode()
        if len(text) > 6000:
            continue
        out.files("config", text, looks=formats())
        out.write(bytes([BATCH, 0, 0]) + text)
        named = [(row[0].replace("*", "0"), row[1]) for row in tensors[:40]]
        if named:
            out.files("safetensors", header(named), looks=formats())
            out.files("folder", text, header(named), looks=formats())
    for path in sorted((TESTS / "golden/files").rglob("*")):
        if path.is_file() and path.stat().st_size < 20000:
            kind = {".gguf": "gguf", ".safetensors": "safetensors"}.get(path.suffix, "any")
            for _ in range(3):
                out.files(kind, path.read_bytes(), looks=(64 + out.count % 8,))
    tiny = header([("a.weight", [4, 3]), ("b.weight", [3])])
    other = header([("c.weight", [2])])
    index = json.dumps({"metadata": {"total_size": 34}, "weight_map": {
        "a.weight": "model-00001-of-00002.safetensors", "b.weight": "model-00001-of-00002.safetensors",
        "c.weight": "model-00002-of-00002.safetensors"}}).encode()
    alone = json.dumps({"metadata": {}, "weight_map": {"a.weight": "model.safetensors", "b.weight": "./model.safetensors"}})
    lora = {"peft_type": "LORA", "base_model_name_or_path": "gpt2", "r": 8, "lora_alpha": 16, "target_modules": ["c_attn"]}
    weights = header([("base_model.model.transformer.h.0.attn.c_attn.lora_A.weight", [8, 768]),
                      ("base_model.model.transformer.h.0.attn.c_attn.lora_B.weight", [2304, 8])])
    bert = {"model_type": "bert", "architectures": ["BertModel"], "num_hidden_layers": 2}
    modules = [{"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"},
               {"idx": 1, "name": "1", "path": "1_Dense", "type": "sentence_transformers.models.Dense"}]
    dense = {"in_features": 768, "out_features": 128, "bias": True}
    params = [{"dim": 64, "n_layers": 2, "n_heads": 4, "vocab_size": 100, "multiple_of": 16, "norm_eps": 1e-5},
              {"dim": 64, "n_layers": 2, "head_dim": 16, "hidden_dim": 128, "n_heads": 4, "n_kv_heads": 2,
               "vocab_size": 100, "norm_eps": 1e-5, "moe": {"num_experts": 4, "num_experts_per_tok": 2}}]
    pipeline = {"_class_name": "StableDiffusionPipeline", "unet": ["diffusers", "UNet2DConditionModel"],
                "text_encoder": ["transformers", "CLIPTextModel"]}
    clip = {"model_type": "clip_text_model", "architectures": ["CLIPTextModel"], "num_hidden_layers": 2}
    llama = {"model_type": "llama", "num_hidden_layers": 2}
    eagle = {"model_type": "llama", "architectures": ["LlamaForCausalLMEagle3"], "num_hidden_layers": 1}
    gguf = (TESTS / "golden/files/tiny.gguf").read_bytes()
    dump = lambda value: json.dumps(value).encode()
    for _ in range(10):
        out.files("index", index, tiny, other, looks=formats())
        out.files("index_alone", alone.encode(), tiny, looks=formats())
        out.files("adapter", dump(lora), weights, looks=formats())
        out.files("adapter_config", dump(lora), looks=formats())
        out.files("adapter_config", dump({**lora, "peft_type": "IA3", "feedforward_modules": ["c_proj"]}), looks=formats())
        out.files("modules", dump(modules), dump(bert), dump(dense), looks=formats())
        out.files("pipeline", dump(pipeline), dump(llama), dump(clip), looks=formats())
        out.files("gguf_config", dump(llama), gguf, looks=formats())
        out.files("draft", dump(llama), dump(eagle), looks=formats())
        out.files("two", tiny, other, looks=formats())
        for one in params:
            out.files("params", dump(one), looks=formats())
    out.write(bytes([BATCH, 0, 0]) + b'{"id": "x", "config": {"model_type": "gpt2"}}')
    out.write(bytes([BATCH, 0, 0]) + b'{"id": "x", "model": "gpt-2"}')
    out.write(bytes([BATCH, 0, 0]) + b"gpt-2")


def catalogs(folder):
    out = Writer(folder)
    # In the order of kFiles in commands.cpp.
    tables = ["devices", "dtypes", "equivalents", "file_types", "grids", "laws", "optimizers", "runs", "spellings",
              "config_kinds", "config_keys", "packed"]
    data = TESTS.parent / "data"
    config = json.dumps({"model_type": "fuzz", "hidden_size": 64, "num_hidden_layers": 2, "n": 3}).encode()
    for i, path in enumerate(sorted((data / "families").glob("*.json"))):
        text = path.read_text()
        if len(text) > 5000:
            continue
        family = json.loads(text)
        family["family"] = "fuzz"
        out.write(bytes([0, i % 15, i % 8]) + json.dumps(family).encode() + PART + config)
    for i, path in enumerate(sorted((data / "models").glob("*.json"))[::6]):
        model = json.loads(path.read_text())
        model["id"] = "fuzz"
        out.write(bytes([1, i % 15, i % 8]) + json.dumps(model).encode())
    for i, name in enumerate(tables):
        table = json.loads((data / f"{name}.json").read_text())
        key = next((k for k, v in table.items() if isinstance(v, list)), None)
        for n, row in enumerate((table[key] if key else [None])[:12]):
            if isinstance(row, dict) and "id" in row:
                row = {**row, "id": "fuzz", "aliases": []}
            small = {**table, key: [row]} if key else table
            text = json.dumps(small)
            if len(text) < 8000:
                out.write(bytes([2 + i, (i + n) % 15, n % 8]) + text.encode())


def options(folder):
    out = Writer(folder)
    lines = ["gpt-2 --dtype q4_k_m --context 2k --batch 3", "train llama-3.1-8b --tokens 1T --device h100-sxm --devices 8 --mfu 40%",
             "kv gemma-3-27b --contexts 1k,8k --runtime llama.cpp:ubatch=512", "tensors gpt-2 --all --format csv",
             "gpt-2 --set n_layers=3 --diff --dtype bf16,int4", "gpt-2 gpt-2-xl --sum --rows --baseline gpt-2",
             "gpt-2 --assert params.total<=8e9 --get params.total,params.active", "list llama --sort params --format json",
             "help keys", "help dtypes --format html", "generate man", "generate names devices", "scale --params 7B",
             "scale --tokens 1T --law chinchilla", "train gpt-2 --lora 8:q_proj,all-linear --zero 3 --optimizer adamw",
             "gpt-2 --decode --device memory=48GiB,fp16=181TFLOP/s", "explain gpt-2 --units iec --precise --ascii",
             "gpt-2 --sparsity 2:4", "gpt-2 --to gpt-2-xl --explain", "config.json --as GPT2LMHeadModel --strict",
             "train gpt-2 --recompute full --convention palm --price 2.5 --grid us --pue 1.1", "scan . --format jsonl",
             "diff config.json config.json", "verify gpt-2 config.json", "metadata config.json", "gpt-2*8 --sum",
             "layers gpt-2 --format markdown", "gpt-2 --color always --format text", "--version", "gpt-2 --kv-dtype q8_0:q4_0"]
    tomls = ["", 'dtype = "bf16"\n[train]\ntokens = "1T"\n', "context = 4096\nprecise = true\n", 'format = "json"\nget = ["params.total"]\n']
    environments = ["", "DTYPE=int4", "FORMAT=csv\nCONTEXT=8k", "DEVICE=h100-sxm\nASCII=true"]
    for i, line in enumerate(lines):
        for j in range(2):
            parts = ["\n".join(line.split()), tomls[(i + j) % 4], environments[(i + 2 * j) % 4]]
            out.write(PART.join(part.encode() for part in parts))


def main():
    folder = pathlib.Path(sys.argv[1])
    commands(folder / "command")
    catalogs(folder / "catalog")
    options(folder / "option")


main()
