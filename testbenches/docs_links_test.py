#!/usr/bin/env python3
"""Every relative link of the documents points to a file or folder that is there, and to a heading of it.

usage: docs_links_test.py SOURCE_DIR
"""
import os
import re
import sys

LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
AWAY = re.compile(r"^[a-z]+:")
NOT_OURS = {"build", "out", "node_modules", ".git"}


def documents(source):
    for folder, folders, files in os.walk(source):
        folders[:] = [name for name in folders if name not in NOT_OURS]
        for name in files:
            if name.endswith(".md"):
                yield os.path.join(folder, name)


def prose(path):
    """A document without what it shows of files and terminals."""
    fenced = False
    with open(path, encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            if line.startswith("```"):
                fenced = not fenced
            elif not fenced and not line.startswith("    "):
                yield number, line


def anchors(path):
    """Headings as a link names them."""
    found = set()
    for _, line in prose(path):
        if line.startswith("#"):
            words = re.sub(r"[^\w\- ]", "", line.lstrip("#").strip().lower())
            found.add(words.replace(" ", "-"))
    return found


def wrong_with(path, link):
    target, _, anchor = link.partition("#")
    file = os.path.normpath(os.path.join(os.path.dirname(path), target)) if target else path
    if not os.path.exists(file):
        return "no such file"
    if anchor and not (file.endswith(".md") and anchor in anchors(file)):
        return "no such heading"
    return None


def main(source):
    links = failures = 0
    for path in sorted(documents(source)):
        for number, line in prose(path):
            for link in LINK.findall(line):
                if AWAY.match(link):
                    continue
                links += 1
                if reason := wrong_with(path, link):
                    failures += 1
                    print(f"{os.path.relpath(path, source)}:{number}: {link}: {reason}")
    print(f"{links} links, {failures} of them wrong")
    return 1 if failures or links == 0 else 0


if __name__ == "__main__":
    sys.exit(main(os.path.abspath(sys.argv[1])))
