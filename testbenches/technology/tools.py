"""The tools that measure, each of the version that Debian 12 has: figures of another one are other figures."""
import re
import shutil
import subprocess

from refusal import Refusal

# Command, what prints its version, and the version.
TOOLS = {
    "yosys": (["yosys", "-V"], r"Yosys ([\d.]+)", "0.23"),
    "OpenSTA": (["sta", "-version"], r"([\d.]+)", "2.0.17"),
    "Icarus": (["iverilog", "-V"], r"version ([\d.]+)", "11.0"),
}


def absent():
    """Names of the tools that are not installed."""
    return [name for name, (command, _, _) in TOOLS.items() if not shutil.which(command[0])]


def versions():
    """By name. Refusal for a tool that is absent or of another version."""
    found = {}
    for name, (command, pattern, expected) in TOOLS.items():
        if not shutil.which(command[0]):
            raise Refusal(f"{command[0]}: not found, expected {name} {expected} (Debian 12)")
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        match = re.search(pattern, done.stdout + done.stderr)
        found[name] = match.group(1) if match else "unknown"
        if found[name] != expected:
            raise Refusal(f"{command[0]}: version {found[name]}, expected {name} {expected}")
    return found


def run(command, folder, what):
    """What the tool prints. Refusal with its first error where it fails."""
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    text = done.stdout + done.stderr
    if done.returncode:
        lines = text.strip().splitlines() or ["no word"]
        fault = next((line for line in lines if "error" in line.lower()), lines[-1])
        raise Refusal(f"{what}: {command[0]}: {fault.strip()}")
    return text
