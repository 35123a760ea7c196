#!/usr/bin/env python3
"""Reads a bundle and prints what is in it as JSON.

Written from spec/bundle.md alone, with nothing but the standard library, to show that the chapter is enough. It judges
lengths, order and offsets; hashes only if the package `blake3` is there. The names of ops, operands, functions and
slots are read from spec/generated/.

    read_bundle.py FILE
"""
import json
import pathlib
import struct
import sys

try:
    from blake3 import blake3
except ImportError:
    blake3 = None

GENERATED = pathlib.Path(__file__).resolve().parent.parent / "spec" / "generated"
SECTIONS = {
    1: ("meta", "<II"), 2: ("string_offsets", "<I"), 3: ("strings", None), 4: ("constant_offsets", "<I"),
    5: ("constants", None), 6: ("chunks", "<IIHHI"), 7: ("code", None), 8: ("args", "<HHI"), 9: ("attrs", "<HHI"),
    10: ("blocks", "<HHIIHHI"), 11: ("edges", "<I"), 12: ("tasks", "<IIIIIBBH"), 13: ("facts", "<I"),
    14: ("effects", "<HH"), 15: ("assets", "<32sQQ"), 16: ("asset_bytes", None), 17: ("listens", "<II"), 32: ("debug_files", "<II"),
    33: ("debug_text", None), 34: ("debug_tasks", "<III"), 35: ("debug_code", "<IIIII"),
}
EDGES = {
    1: "depends_on", 2: "requires", 3: "watch", 4: "requires_any", 5: "requires_none", 6: "runafter", 7: "onfail",
    8: "onsuccess", 9: "onchange", 10: "prereq", 11: "postreq", 12: "runaround", 13: "prepared", 14: "own",
}
MODES = {0: "sync", 1: "seq", 2: "parallel"}
ARGS = {0: "constant", 1: "chunk", 2: "thunk", 3: "asset"}


def need(holds, what):
    if not holds:
        raise SystemExit(f"not a sound bundle: {what}")


def table(page, second):
    """Rows of all tables on a generated page whose second column is called `second`."""
    rows, inside = [], False
    for line in (GENERATED / page).read_text(encoding="utf-8").splitlines():
        cells = [cell.strip().strip("`") for cell in line.strip().strip("|").split("|")]
        if line.startswith("|") and len(cells) > 1 and cells[1] == second:
            inside = True
        elif not line.startswith("|"):
            inside = False
        elif inside and not set(cells[0]) <= set("- "):
            rows.append(cells)
    return rows


class Cursor:
    """Bytes that are read from the front."""

    def __init__(self, data):
        self.data, self.at = data, 0

    def byte(self):
        need(self.at < len(self.data), "bytes end too early")
        self.at += 1
        return self.data[self.at - 1]

    def unsigned(self):
        number, shift = 0, 0
        while True:
            byte = self.byte()
            number |= (byte & 0x7F) << shift
            if byte < 0x80:
                return number
            shift += 7

    def signed(self):
        number = self.unsigned()
        return (number >> 1) ^ -(number & 1)


class Bundle:
    """A bundle taken apart."""

    def __init__(self, data):
        self.data = data
        magic, version, level, count, length, root = struct.unpack_from("<4sHHIQ32s", data)
        need(magic == b"IPCB" and version == 1 and level <= 1, "magic, format or level")
        need(length == len(data) and count <= 64, "length or number of sections")
        self.root, self.rows, self.sections = root.hex(), {}, []
        rows = [struct.unpack_from("<IIQQ32s", data, 52 + 56 * i) for i in range(count)]
        end = 52 + 56 * count
        if blake3:
            need(blake3(data[:20] + data[52:end]).digest() == root, "the root")
        previous = 0
        for number, total, offset, length, digest in rows:
            need(number in SECTIONS and number > previous and offset == end and length > 0, f"section {number}")
            name, layout = SECTIONS[number]
            content = data[offset:offset + length]
            need(len(content) == length, f"section {name} is cut off")
            size = struct.calcsize(layout) if layout else 1
            need(total * size == length, f"section {name} is no whole number of rows")
            if blake3:
                need(blake3(content).digest() == digest, f"the hash of {name}")
            self.rows[name] = list(struct.iter_unpack(layout, content)) if layout else content
            self.sections.append({"name": name, "rows": total, "bytes": length})
            previous, end = number, offset + length
        need(end == len(data), "bytes behind the last section")

    def get(self, name):
        return self.rows.get(name, b"" if SECTIONS_BY_NAME[name] is None else [])

    def pieces(self, offsets, content):
        starts = [row[0] for row in self.get(offsets)]
        return [self.get(content)[a:b] for a, b in zip(starts, starts[1:])]

    def read(self):
        self.strings = [piece.decode("utf-8") for piece in self.pieces("string_offsets", "strings")]
        self.constants = []
        for piece in self.pieces("constant_offsets", "constants"):
            cursor = Cursor(piece)
            self.constants.append(self.constant(cursor))
            need(cursor.at == len(piece), "bytes behind a constant")
        meta = self.get("meta")[0]
        return {
            "root": self.root,
            "name": self.strings[meta[0]],
            "edition": meta[1],
            "sections": self.sections,
            "strings": self.strings,
            "constants": self.constants,
            "chunks": [self.chunk(row) for row in self.get("chunks")],
            "tasks": [self.task(i, row) for i, row in enumerate(self.get("tasks"))],
            "facts": [self.strings[row[0]] for row in self.get("facts")],
            "effects": [list(row) for row in self.get("effects")],
            "listens": [list(row) for row in self.get("listens")],
            "assets": [{"blake3": row[0].hex(), "bytes": row[2]} for row in self.get("assets")],
        }

    def constant(self, cursor):
        tag = cursor.byte()
        need(tag <= 10, f"tag {tag} of a constant")
        if tag in (0, 1, 2, 10):
            return {0: "null", 1: "false", 2: "true", 10: "unknown"}[tag]
        if tag == 3:
            return f"int {cursor.signed()}"
        if tag == 4:
            raw = bytes(cursor.byte() for _ in range(8))
            return f"float {struct.unpack('<Q', raw)[0]:016x}"
        if tag == 5:
            return f"text {self.strings[cursor.unsigned()]}"
        if tag == 6:
            return f"duration {cursor.signed()}"
        if tag == 7:
            return f"range {cursor.signed()} {cursor.signed()}"
        count = cursor.unsigned()
        if tag == 8:
            return [self.constant(cursor) for _ in range(count)]
        return {self.strings[cursor.unsigned()]: self.constant(cursor) for _ in range(count)}

    def chunk(self, row):
        offset, length, registers, effect, reads = row
        code = Cursor(self.get("code")[offset:offset + length])
        ops = []
        while code.at < length:
            name, kinds = OPS[code.byte()]
            operands = [self.operand(kind, code) for kind in kinds]
            ops.append(f"{name} {', '.join(operands)}".strip())
        return {"registers": registers, "effect": effect, "reads": reads, "ops": ops}

    @staticmethod
    def operand(kind, code):
        if kind == "register":
            return f"R{code.byte()}"
        if kind == "registers":
            return f"R{code.byte()}+{code.byte()}"
        if kind == "slot":
            return SLOTS[code.byte()]
        number = code.unsigned()
        if kind == "function":
            return FUNCTIONS[number]
        return {"constant": "K", "task": "T", "target": "@"}[kind] + str(number)

    def task(self, index, row):
        module, label, block, edge, edges, mode, flags, _ = row
        found = self.get("edges")[edge:edge + edges]
        for (packed,) in found:
            need(packed & 0x0FFFFFFF < index, f"an edge of task {index} does not lead back")
        return {
            "module": self.strings[module],
            "label": self.strings[label],
            "mode": MODES[mode],
            "stops": bool(flags & 1),
            "keeps_result": bool(flags & 2),
            "test": bool(flags & 16),
            "edges": [[EDGES[packed >> 28], packed & 0x0FFFFFFF] for (packed,) in found],
            "part": {0: None, 4: "dry", 8: "before"}[flags & 12],
            "block": block if flags & 12 else self.block(block),
        }

    def block(self, number):
        builtin, args, arg, attr, attrs, children, child = self.get("blocks")[number]
        return {
            "builtin": builtin,
            "args": [[param, ARGS[kind], value] for param, kind, value in self.get("args")[arg:arg + args]],
            "attrs": [[ATTRS[a], value] for a, _, value in self.get("attrs")[attr:attr + attrs]],
            "children": [self.block(child + i) for i in range(children)],
        }


SECTIONS_BY_NAME = {name: layout for name, layout in SECTIONS.values()}


def kinds_of(cell):
    """The kinds in `dst: register, k: constant`."""
    return [part.split(":")[1].strip(" `") for part in cell.replace("`", "").split(",") if ":" in part]


OPS = {int(row[0], 0): (row[1], kinds_of(row[2])) for row in table("ops.md", "op")}
ATTRS = {int(row[0]): row[1] for row in table("bundle.md", "attribute")}
SLOTS = {int(row[0]): row[1] for row in table("bundle.md", "slot")}
FUNCTIONS = {int(row[0]): row[1].split("(")[0] for row in table("functions.md", "function")}

if __name__ == "__main__":
    need(len(sys.argv) == 2, "one file is wanted")
    bundle = Bundle(pathlib.Path(sys.argv[1]).read_bytes()).read()
    json.dump(bundle, sys.stdout, ensure_ascii=False, indent=1, sort_keys=True)
    print()
