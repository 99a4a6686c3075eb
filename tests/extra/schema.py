#!/usr/bin/env python3
"""Validates what the program prints against data/schema. Usage: schema.py PROGRAM SOURCE_FOLDER"""
import json
import pathlib
import subprocess
import sys

try:
    import jsonschema
    Validator = jsonschema.Draft202012Validator
except (ImportError, AttributeError):
    print("SKIPPED: needs Python's jsonschema 4 (Debian: python3-jsonschema)")
    sys.exit(77)

program, source = sys.argv[1:]
OUTPUTS = [
    ("count", ["llama-3.1-8b"]),
    ("count", ["deepseek-v3", "gpt-4", "phi-3-mini*8", "--sum", "--dtype", "q4_k_m,bf16"]),
    ("count", ["gemma-3-27b", "--dtype", "q4_k_m", "--runtime", "llama.cpp", "--explain"]),
    ("count", ["llama-3.1-405b", "--decode"]),
    ("count", ["gpt-4"]),
    ("count", ["tests/golden/files/config.json"]),
    ("count", ["tests/golden/files/checkpoints/tiny-llama", "tests/golden/files/checkpoints/tiny-changed.safetensors",
               "tests/golden/files/tiny.gguf", "tests/golden/files/nobody.gguf", "tests/golden/files/differs.gguf"]),
    ("design", ["design", "--params", "7B", "--explain"]),
    ("design", ["design", "--params", "30B", "--active", "3B", "--like", "deepseek-v3"]),
    ("design", ["design", "--fits", "rtx-4090", "--dtype", "q4_k_m"]),
    ("explain", ["explain", "gpt-oss-20b", "--explain"]),
    ("explain", ["explain", "bert-base-uncased"]),
    ("explain", ["explain", "--article"]),
    ("fit", ["fit", "qwen3-32b", "--device", "rtx-4090", "--explain"]),
    ("fit", ["fit", "qwen3.5-27b", "deepseek-v3", "--device", "h100-sxm", "--devices", "8", "--dtype", "fp8"]),
    ("fit", ["fit", "gpt-oss-120b", "--device", "rtx-4090", "--ram", "64GiB", "--dtype", "q4_k_m"]),
    ("fit", ["fit", "qwen3-235b-a22b", "--dtype", "fp8-block128", "--explain"]),
    ("fit", ["fit", "--device", "rtx-4090", "--max", "3B"]),
    ("help", ["help", "keys"]),
    ("help", ["help", "exit-codes"]),
    ("kv", ["kv", "gemma-3-27b", "--explain"]),
    ("kv", ["kv", "glm-4-9b"]),
    ("kv", ["kv", "llama-3.1-70b", "--tp", "8"]),
    ("count", ["llama-3.1-70b", "--tp", "4", "--pp", "2", "--dtype", "bf16"]),
    ("count", ["qwen2-vl-7b", "--images", "2", "--image-size", "1024x768", "--explain"]),
    ("count", ["llama-3.2-11b-vision", "--images", "2"]),
    ("kv", ["kv", "whisper-large-v3", "--audio", "30s", "--explain"]),
    ("fit", ["fit", "gemma-3-4b", "--images", "2", "--device", "rtx-4090", "--dtype", "q4_k_m"]),
    ("layers", ["layers", "deepseek-v3"]),
    ("tensors", ["tensors", "deepseek-v3", "--explain"]),
    ("tensors", ["tensors", "gpt-2", "--all", "--dtype", "awq"]),
    ("list", ["list"]),
    ("list", ["list", "devices"]),
    ("list", ["list", "dtypes", "--explain"]),
    ("list", ["list", "families"]),
    ("train", ["train", "llama-3.1-405b", "--explain"]),
    ("train", ["train", "qwen3-30b-a3b", "--lora", "8", "--tokens", "1B"]),
    ("train", ["train", "llama-2-70b", "--devices", "2048", "--days", "40"]),
    ("train", ["train", "falcon-h1-0.5b", "--convention", "matmul"]),
    ("train", ["train", "opt-175b"]),
    ("train", ["train", "deepseek-v3", "--pp", "16", "--ep", "64", "--framework", "megatron", "--max", "--explain"]),
    ("train", ["train", "llama-3.1-70b", "--devices", "64", "--plan", "--loss", "chunked:8"]),
    ("train", ["train", "llama-3.1-8b", "--lora", "8", "--dtype", "nf4", "--offload", "parameters", "--devices", "2"]),
    ("train", ["train", "palm-540b", "--recompute", "full", "--explain"]),
    ("scale", ["scale", "--budget", "250k", "--device", "h200", "--price", "3"]),
    ("placed", ["scale", "flan-t5-xxl", "llama-3.1-70b", "--tokens", "1T"]),
    ("what_if", ["mixtral-8x7b", "--set", "n_experts=4", "--sparsity", "0.5"]),
    ("what_if", ["gpt-2-xl", "--to", "gpt-2", "--explain"]),
    ("verify", ["verify", "tests/golden/files/checkpoints/tiny-llama/config.json",
                "tests/golden/files/checkpoints/tiny-changed.safetensors"]),
    ("diff", ["diff", "tests/golden/files/checkpoints/tiny-llama",
              "tests/golden/files/checkpoints/tiny-changed.safetensors"]),
    ("metadata", ["metadata", "tests/golden/files/differs.gguf"]),
    ("scan", ["scan", "tests/golden/files/checkpoints"]),
]
wrong = 0
for name, arguments in OUTPUTS:
    schema = json.loads((pathlib.Path(source) / "data/schema" / (name + ".json")).read_text(encoding="utf-8"))
    Validator.check_schema(schema)
    run = subprocess.run([program, *arguments, "--format", "json"], cwd=source, capture_output=True, check=False)
    errors = list(Validator(schema).iter_errors(json.loads(run.stdout)))
    for error in errors:
        print(f"{' '.join(arguments)}: {'/'.join(map(str, error.path))}: {error.message}")
    wrong += len(errors)
    # A schema that takes anything would pass all of the above.
    broken = json.loads(run.stdout)
    collection = next(key for key in broken if key != "schema")
    held = broken[collection]
    (held[0] if isinstance(held, list) else held)["surprise"] = 1
    if Validator(schema).is_valid(broken):
        print(f"{name}: takes a key it does not know")
        wrong += 1
print(f"{len(OUTPUTS)} outputs, {wrong} errors")
sys.exit(1 if wrong else 0)
