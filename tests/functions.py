"""Prints expressions and what Python computes for them, a tab between, the value as JSON.

`tests/tests/functions.rs` holds ours against it. Nothing here was written from our code.
"""

import base64, datetime, hashlib, hmac, ipaddress, itertools, json, math, posixpath, random, statistics, string
import textwrap, urllib.parse, zlib

chance = random.Random(20261120)


def literal(value):
    """A value as an expression."""
    if value is None or isinstance(value, bool):
        return json.dumps(value)
    if isinstance(value, str):
        return "'" + "".join(c if c.isalnum() or c in " .,:/-_%" else "\\u{%x}" % ord(c) for c in value) + "'"
    if isinstance(value, list):
        return "[" + ", ".join(map(literal, value)) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(literal(k) + ": " + literal(v) for k, v in value.items()) + "}"
    return repr(value)


def say(function, *args, gives):
    print(f"{function}({', '.join(map(literal, args))})", json.dumps(gives), sep="\t")


def text(alphabet="ab,Zé日𝄞 \t\n\"'{}\\", most=12):
    return "".join(chance.choice(alphabet) for _ in range(chance.randint(0, most)))


def number(bits=40):
    return chance.randint(-(2**bits), 2**bits)


def fraction():
    return round(chance.uniform(-1e6, 1e6), chance.randint(0, 6))


for _ in range(25):
    a, b = text(), text("ab,", 2) or "a"
    say("split", a, b, gives=a.split(b))
    say("split", a, b, 2, gives=a.split(b, 1))
    say("replace", a, b, "é!", gives=a.replace(b, "é!"))
    say("replace", a, b, "", 1, gives=a.replace(b, "", 1))
    say("position", a, b, gives=None if a.find(b) < 0 else a.find(b))
    say("occurrences", a, b, gives=a.count(b))
    say("trim", a, b, gives=a.strip(b))
    say("words", a, gives=a.split())
    say("chars", a, gives=list(a))
    say("pad_start", a, 8, ".", gives=a.rjust(8, "."))
    say("pad_end", a, 8, "é", gives=a.ljust(8, "é"))
    low, high = chance.randint(-8, 8), chance.randint(-8, 8)
    say("substring", a, low, high, gives=a[low:high])
    say("slice", list(a), low, high, gives=list(a)[low:high])
    say("reverse_text", a, gives=a[::-1])
    say("trim_prefix", a, b, gives=a.removeprefix(b))
    say("trim_suffix", a, b, gives=a.removesuffix(b))
    lines = "\n".join("  " * chance.randint(0, 3) + text("ab", 3) for _ in range(4))
    say("dedent", lines, gives=textwrap.dedent(lines))

    i, x = number(), fraction()
    for spec in [f"{chance.choice(['', '<', '>', '^', '*^', 'é>'])}{chance.choice(['', '+'])}{chance.randint(1, 24)}"]:
        say("format", "{:" + spec + "}", [i], gives=format(i, spec))
    for spec in ["d", ",d", "x", "#X".lower(), "#b", "o", "020d", "+,d", "e", ".3f", "%"]:
        say("format", "{:" + spec + "}", [i], gives=format(i, spec))
    for spec in [".0f", ".2f", "+.3e", "012.1f", ",.4f", ".1%", "^20.2f"]:
        say("format", "a{0:" + spec + "}", [x], gives="a" + format(x, spec))
    say("format", "{:>7.3}|{:<4}", [a, b], gives=f"{a:>7.3}|{b:<4}")

    say("round", x, gives=round(x))
    say("round_to", x, 2, gives=round(x, 2))
    say("floor", x, gives=math.floor(x))
    say("ceil", x, gives=math.ceil(x))
    j = number()
    say("gcd", i, j, gives=math.gcd(i, j))
    say("lcm", i % 1000, j % 1000, gives=math.lcm(i % 1000, j % 1000))
    say("pow", i % 100 - 50, j % 10, gives=(i % 100 - 50) ** (j % 10))
    say("bit_and", i, j, gives=i & j)
    say("bit_xor", i, j, gives=i ^ j)
    say("bit_not", i, gives=~i)
    say("shift_right", i, j % 64, gives=i >> (j % 64))
    digits = string.digits + string.ascii_lowercase
    base = chance.randint(2, 36)
    word = chance.choice(["", "-"]) + "".join(chance.choice(digits[:base]) for _ in range(10))
    say("parse_int", word, base, gives=int(word, base))
    say("to_base", i, 16, gives=format(i, "x"))

    values = [chance.randint(0, 5) for _ in range(chance.randint(1, 9))]
    others = [chance.randint(0, 5) for _ in range(chance.randint(0, 9))]
    say("median", values, gives=float(statistics.median(values)))
    say("mean", values, gives=statistics.fmean(values))
    say("product", values, gives=math.prod(values))
    say("union", values, others, gives=list(dict.fromkeys(values + others)))
    say("intersection", values, others, gives=[v for v in dict.fromkeys(values) if v in others])
    say("difference", values, others, gives=[v for v in dict.fromkeys(values) if v not in others])
    say("is_subset", values, others, gives=set(values) <= set(others))
    say("duplicates", values, gives=[v for v in dict.fromkeys(values) if values.count(v) > 1])
    say("chunk", values, 2, gives=[list(part) for part in itertools.batched(values, 2)] if hasattr(itertools, "batched") else [values[k : k + 2] for k in range(0, len(values), 2)])
    step = chance.choice([-3, -1, 1, 2])
    say("range", i, i + 7 * step, step, gives=list(range(i, i + 7 * step + (1 if step > 0 else -1), step)))

    data = a.encode()
    say("hash.sha256", a, gives=hashlib.sha256(data).hexdigest())
    say("hash.sha512", a, gives=hashlib.sha512(data).hexdigest())
    say("hash.crc32", a, gives=f"{zlib.crc32(data):08x}")
    say("hash.hmac_sha256", a, b * 50, gives=hmac.new(b.encode() * 50, data, "sha256").hexdigest())
    say("base64.encode", a, gives=base64.b64encode(data).decode())
    say("base64url.encode", a, gives=base64.urlsafe_b64encode(data).decode().rstrip("="))
    say("hex.encode", a, gives=data.hex())
    say("url.encode", a, gives=urllib.parse.quote(a, safe=""))
    say("url.decode", urllib.parse.quote(a), gives=a)
    nested = {"k" + str(k): chance.choice([values, a, x, None, True, {"n": [a]}]) for k in range(3)}
    say("json.decode", json.dumps(nested), gives=nested)
    say("json.decode", json.dumps(nested, ensure_ascii=False, indent=1), gives=nested)

    path = "/".join(chance.choice(["", ".", "..", "a", "b.c"]) for _ in range(5)) or "."
    plain = "/" + path.lstrip("/")
    say("path.normalize", plain, gives=posixpath.normpath(plain))
    say("path.relative", plain, "/a/b", gives=posixpath.relpath(plain, "/a/b"))
    say("path.join", ["a", plain[1:], "c"], gives=posixpath.normpath(posixpath.join("a", plain[1:], "c"))) if ".." not in plain and "//" not in plain and "/." not in plain and not plain.endswith("/") else None

    width = chance.choice([32, 128])
    bits = chance.randint(1, width - 9)
    kind = ipaddress.IPv4Address if width == 32 else ipaddress.IPv6Address
    address = kind(chance.getrandbits(width))
    net = ipaddress.ip_network(f"{address}/{bits}", strict=False)
    given = f"{address}/{bits}"
    say("cidr.network", given, gives=str(net))
    say("cidr.first", given, gives=str(net.network_address))
    say("cidr.last", given, gives=str(net.broadcast_address))
    say("cidr.netmask", given, gives=str(net.netmask))
    say("cidr.host", given, 77, gives=str(net[77]))
    say("cidr.host", given, -3, gives=str(net[-3]))
    say("cidr.subnets", given, bits + 3, gives=[str(part) for part in net.subnets(3)])
    say("cidr.contains", given, str(net.supernet()), gives=False)
    say("ip.reverse_name", str(address), gives=address.reverse_pointer)

    seconds = chance.randint(0, 4 * 10**9)
    point = datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc)
    written = point.strftime("%Y-%m-%dT%H:%M:%SZ")
    say("time.from_unix", seconds, gives=written)
    say("time.to_unix", written, gives=seconds)
    say("time.format", written, "%a %d %B %y, %I:%M %p, day %j", gives=point.strftime("%a %d %B %y, %I:%M %p, day %j"))
    say("time.parse", point.strftime("%d.%m.%Y %H:%M:%S"), "%d.%m.%Y %H:%M:%S", gives=written)
