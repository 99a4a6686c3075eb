#!/usr/bin/env python3
"""Checks HTML reports and SVG plots with the Nu HTML checker (npm's vnu-jar, java) and with axe-core in Chromium: no error,
no violation, nothing wider than the screen, on a desktop and on a phone, in light and in dark. Usage: report.py PROGRAM

Both packages are looked for in $NODE_PATH and npm's global folder; whoever lacks one gets 77."""
import html
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

COMMANDS = ["deepseek-v3", "llama-3.1-8b", "gpt-2 llama-3.1-8b gemma-3-27b deepseek-v3", "layers gemma-3-27b",
            "kv gemma-3-27b", "fit qwen3-32b --device rtx-4090", "fit --device rtx-4090 --min 7B --max 8B",
            "fit qwen3-235b-a22b --dtype fp8 --context 32k", "train llama-3.1-70b --device h100 --devices 64 --tp 4 --pp 4 --recompute full",
            "scale --budget 1M", "verify tests/golden/files/checkpoints/tiny-llama", "scale gpt-2-xl gpt-3-175b llama-3.1-405b", "explain gpt-2", "tensors gpt-2", "list devices",
            "help keys", "help glossary"]
PLOTS = ["deepseek-v3", "layers gemma-3-27b", "kv gemma-3-27b", "fit qwen3-32b --device rtx-4090", "scale --budget 1M"]
WIDTHS = [1200, 390]
SCHEMES = {"light": 1, "dark": 0}  # as Chromium numbers them

# In the page: what axe finds, and whether anything is wider than the screen; told to the page around it.
PROBE = """<script>%s</script><script>
axe.run(document, {resultTypes: ["violations"]}).then(found => {
  const wide = document.documentElement.scrollWidth - document.documentElement.clientWidth;
  const wrong = found.violations.map(v => v.id + ": " + v.nodes.map(n => n.target.join(" ")).slice(0, 3).join(", "));
  if (wide > 0) wrong.push("wider than the screen by " + wide);
  parent.postMessage(wrong.map(one => innerWidth + " wide: " + one), "*");
}).catch(failure => parent.postMessage([String(failure)], "*"));</script></body>"""
AROUND = """<!DOCTYPE html><title>around</title><body>%s<script>
const told = [];
addEventListener("message", message => {
  told.push(message.data);
  if (told.length < %d) return;
  const found = document.createElement("pre");
  found.id = "found";
  found.textContent = JSON.stringify(told.flat());
  document.body.append(found);
});</script>"""


def skip(why):
    print(f"SKIPPED: report needs {why}, which is not installed", file=sys.stderr)
    sys.exit(77)


def package_file(name):
    folders = os.environ.get("NODE_PATH", "").split(":")
    if shutil.which("npm"):
        folders.append(subprocess.run(["npm", "root", "-g"], capture_output=True, text=True).stdout.strip())
    for folder in filter(None, folders):
        if (path := pathlib.Path(folder) / name).is_file():
            return path
    skip(name)


def run(program, command, form):
    return subprocess.run([program, *command.split(), "--format", form], capture_output=True, check=True).stdout


def checked_by_vnu(jar, kind, files):
    ran = subprocess.run(["java", "-Xss4m", "-jar", str(jar), "--format", "json", *kind, *map(str, files)],
                         capture_output=True, text=True)
    told = json.loads(ran.stderr or ran.stdout)["messages"]
    return [f"{pathlib.Path(m['url']).name}:{m.get('lastLine')}: {m['message']}" for m in told
            if m["type"] == "error" or m.get("subType") == "fatal"]


def checked_by_axe(chromium, axe, work, text, scheme):
    (work / "page.html").write_text(text.replace("</body>", PROBE % axe), encoding="utf-8")
    frames = "".join(f'<iframe width="{width}" height="3000" src="page.html"></iframe>' for width in WIDTHS)
    (work / "around.html").write_text(AROUND % (frames, len(WIDTHS)))
    ran = subprocess.run([chromium, "--headless", "--no-sandbox", "--disable-gpu", "--window-size=1700,3100",
                          f"--blink-settings=preferredColorScheme={SCHEMES[scheme]}", f"--user-data-dir={work}/chromium",
                          "--virtual-time-budget=60000", "--dump-dom", (work / "around.html").as_uri()],
                         capture_output=True, text=True, timeout=300)
    found = re.search(r'<pre id="found">(.*?)</pre>', ran.stdout, re.S)
    return json.loads(html.unescape(found.group(1))) if found else ["axe said nothing"]


def main():
    program = sys.argv[1]
    if not shutil.which("java"):
        skip("java")
    chromium = shutil.which("chromium") or skip("chromium")
    jar = package_file("vnu-jar/build/dist/vnu.jar")
    axe = package_file("axe-core/axe.min.js").read_text(encoding="utf-8")
    wrong = []
    with tempfile.TemporaryDirectory() as folder:
        work = pathlib.Path(folder)
        pages, plots = [], []
        for i, command in enumerate(COMMANDS):
            pages.append(work / f"{i:02}-{command.replace(' ', '_')[:40]}.html")
            pages[-1].write_bytes(run(program, command, "html"))
        for i, command in enumerate(PLOTS):
            plots.append(work / f"{i:02}-{command.replace(' ', '_')[:40]}.svg")
            plots[-1].write_bytes(run(program, command, "svg"))
        wrong += checked_by_vnu(jar, [], pages) + checked_by_vnu(jar, ["--svg"], plots)
        for page in pages:
            for scheme in SCHEMES:
                for what in checked_by_axe(chromium, axe, work, page.read_text(encoding="utf-8"), scheme):
                    wrong.append(f"{page.name}, {scheme}: {what}")
    print("\n".join(wrong) if wrong else f"{len(COMMANDS)} reports, {len(PLOTS)} plots: nothing wrong")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
