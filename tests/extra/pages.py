#!/usr/bin/env python3
"""Checks that HTML pages are well formed, fetch nothing and run nothing. Usage: pages.py PROGRAM"""
import html.parser
import subprocess
import sys

VOID = {"meta", "link", "br", "hr", "img", "input"}
FORBIDDEN = {"script", "link", "img", "iframe", "object", "embed"}


class Checker(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.open, self.wrong, self.rows, self.ids = [], [], [], []

    def handle_starttag(self, tag, attrs):
        if tag in FORBIDDEN:
            self.wrong.append(f"<{tag}>")
        for name, value in attrs:
            if name.startswith("on") or (name in ("src", "href")) or (value and "javascript:" in value):
                self.wrong.append(f"<{tag} {name}={value}>")
        names = [name for name, _ in attrs]
        if len(names) != len(set(names)):
            self.wrong.append(f"<{tag}> has an attribute twice")
        if tag == "tr":
            self.rows.append(0)
        if tag in ("td", "th"):
            self.rows[-1] += int(dict(attrs).get("colspan", 1))
        if tag == "table":
            self.rows = []
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        if not self.open or self.open[-1] != tag:
            self.wrong.append(f"</{tag}> closes {self.open[-1:]}")
        elif self.open:
            self.open.pop()
        if tag == "table" and len(set(self.rows)) > 1:
            self.wrong.append(f"rows of different width: {self.rows}")


wrong = 0
COMMANDS = ["deepseek-v3", "llama-3.1-8b --dtype bf16 --explain", "llama-3.1-8b gpt-4 gemma-3-27b", "explain gpt-2",
            "kv gemma-3-27b", "layers gemma-3-27b", "tensors gpt-2", "list devices", "list dtypes", "help keys"]
for command in COMMANDS:
    page = subprocess.run([sys.argv[1], *command.split(), "--format", "html"], capture_output=True, check=True)
    text = page.stdout.decode()
    checker = Checker()
    checker.feed(text)
    checker.close()
    if not text.startswith("<!DOCTYPE html>"):
        checker.wrong.append("no doctype")
    if "prefers-color-scheme: dark" not in text or "url(" in text or "@import" in text:
        checker.wrong.append("styles")
    if checker.open:
        checker.wrong.append(f"not closed: {checker.open}")
    for problem in checker.wrong[:5]:
        print(f"{command}: {problem}")
    wrong += len(checker.wrong)
print(f"{len(COMMANDS)} pages, {wrong} errors")
sys.exit(1 if wrong else 0)
