"""Prints what is public in a crate, from rustdoc's JSON: a line for each item, by its path in the crate.

Implementations of traits are one line each; those that are automatic, blanket or derived are left out.
"""

import json
import re
import sys

crate = json.load(open(sys.argv[1]))
index = {int(key): item for key, item in crate["index"].items()}
lines = set()
seen = set()


def args(given):
    """The arguments of a path: `<'a, T, N = 3>`, or `(T) -> U` of a closure's trait."""
    if not given:
        return ""
    if "parenthesized" in given:
        inputs = ", ".join(map(kind, given["parenthesized"]["inputs"]))
        return f"({inputs}){result(given['parenthesized']['output'])}"
    given = given["angle_bracketed"]
    texts = []
    for arg in given["args"]:
        if arg == "infer":
            texts.append("_")
        elif "lifetime" in arg:
            texts.append(arg["lifetime"])
        elif "type" in arg:
            texts.append(kind(arg["type"]))
        else:
            texts.append(arg["const"]["expr"])
    for constraint in given["constraints"]:
        binding = constraint["binding"]
        name = constraint["name"] + args(constraint["args"])
        if "equality" in binding:
            term = binding["equality"]
            texts.append(f"{name} = {kind(term['type']) if 'type' in term else term['constant']['expr']}")
        else:
            texts.append(f"{name}: {bounds(binding['constraint'])}")
    return f"<{', '.join(texts)}>" if texts else ""


def path(of):
    return of["path"].split("::")[-1] + args(of["args"])


def bounds(of):
    texts = []
    for bound in of:
        if "trait_bound" in bound:
            bound = bound["trait_bound"]
            mark = {"maybe": "?", "none": ""}.get(bound["modifier"], "~const ")
            texts.append(mark + over(bound["generic_params"]) + path(bound["trait"]))
        elif "outlives" in bound:
            texts.append(bound["outlives"])
        else:
            texts.append("use<..>")
    return " + ".join(texts)


def over(params):
    return f"for<{', '.join(param['name'] for param in params)}> " if params else ""


def result(of):
    return f" -> {kind(of)}" if of else ""


def kind(of):
    """A type."""
    if of == "infer":
        return "_"
    ((name, of),) = of.items()
    if name == "resolved_path":
        return path(of)
    if name in ("generic", "primitive"):
        return "!" if of == "never" else of
    if name == "tuple":
        return f"({', '.join(map(kind, of))})"
    if name == "slice":
        return f"[{kind(of)}]"
    if name == "array":
        return f"[{kind(of['type'])}; {of['len']}]"
    if name == "borrowed_ref":
        lifetime = of["lifetime"] + " " if of["lifetime"] else ""
        return f"&{lifetime}{'mut ' if of['is_mutable'] else ''}{kind(of['type'])}"
    if name == "raw_pointer":
        return f"*{'mut' if of['is_mutable'] else 'const'} {kind(of['type'])}"
    if name == "impl_trait":
        return f"impl {bounds(of)}"
    if name == "dyn_trait":
        texts = [over(each["generic_params"]) + path(each["trait"]) for each in of["traits"]]
        return f"dyn {' + '.join(texts + ([of['lifetime']] if of['lifetime'] else []))}"
    if name == "qualified_path":
        owner, name = kind(of["self_type"]), of["name"] + args(of["args"])
        return f"<{owner} as {path(of['trait'])}>::{name}" if of["trait"] and of["trait"]["path"] else f"{owner}::{name}"
    if name == "function_pointer":
        inputs = ", ".join(kind(each) for _, each in of["sig"]["inputs"])
        return f"{over(of['generic_params'])}fn({inputs}){result(of['sig']['output'])}"
    return f"{{{name}}}"


def generics(of):
    """The parameters, and the bounds after `where`."""
    texts = []
    for param in of["params"]:
        ((form, what),) = param["kind"].items()
        if form == "lifetime":
            texts.append(": ".join([param["name"], *[" + ".join(what["outlives"])][: len(what["outlives"])]]))
        elif form == "const":
            texts.append(f"const {param['name']}: {kind(what['type'])}")
        elif not what["is_synthetic"]:
            bound = bounds(what["bounds"])
            default = f" = {kind(what['default'])}" if what["default"] else ""
            texts.append(param["name"] + (f": {bound}" if bound else "") + default)
    where = []
    for each in of["where_predicates"]:
        if "bound_predicate" in each:
            each = each["bound_predicate"]
            where.append(f"{over(each['generic_params'])}{kind(each['type'])}: {bounds(each['bounds'])}")
        elif "lifetime_predicate" in each:
            each = each["lifetime_predicate"]
            where.append(f"{each['lifetime']}: {' + '.join(each['outlives'])}")
    return f"<{', '.join(texts)}>" if texts else "", f" where {', '.join(where)}" if where else ""


def function(name, of):
    inputs = []
    for arg, what in of["sig"]["inputs"]:
        what = kind(what)
        inputs.append({"Self": "self", "&Self": "&self", "&mut Self": "&mut self"}.get(what, f"self: {what}") if arg == "self" else what)
    head = "".join(word + " " for word in ("const", "async", "unsafe") if of["header"][f"is_{word}"])
    params, where = generics(of["generics"])
    return f"{head}fn {name}{params}({', '.join(inputs)}){result(of['sig']['output'])}{where}"


def put(text, item):
    marks = ""
    if any("non_exhaustive" in str(attr) for attr in item["attrs"]):
        marks += "#[non_exhaustive] "
    if item["deprecation"]:
        marks += "#[deprecated] "
    lines.add(marks + text)


def members(ids, owner):
    """What stands in an implementation or a trait."""
    for each in ids:
        item = index.get(each)
        if item is None:
            continue
        ((form, inner),) = item["inner"].items()
        name = f"{owner}::{item['name']}"
        if form == "function":
            put(function(name, inner), item)
        elif form == "assoc_const":
            put(f"const {name}: {kind(inner['type'])}", item)
        elif form == "assoc_type":
            bound = bounds(inner["bounds"])
            put(f"type {name}{generics(inner['generics'])[0]}" + (f": {bound}" if bound else ""), item)


def implementations(of, ids, owner):
    for each in ids:
        item = index.get(each)
        inner = item and item["inner"]["impl"]
        if not inner or inner["is_synthetic"] or inner["blanket_impl"] or "automatically_derived" in str(item["attrs"]):
            continue
        # Rustdoc names it at each type that has to do with it.
        if inner["for"].get("resolved_path", {"id": of})["id"] != of:
            continue
        if inner["trait"]:
            params, where = generics(inner["generics"])
            lines.add(f"impl{params} {path(inner['trait'])} for {owner}{where}")
        else:
            members(inner["items"], owner)


def walk(each, parent, name=None):
    """An item and what is public in it."""
    item = index.get(each)
    if item is None:
        return
    ((form, inner),) = item["inner"].items()
    if form == "use":
        if inner["is_glob"]:
            for inside in index[inner["id"]]["inner"].get("module", index[inner["id"]]["inner"].get("enum", {})).get("items", []):
                walk(inside, parent)
        elif inner["id"] in index:
            walk(inner["id"], parent, inner["name"])
        else:
            put(f"use {parent}::{inner['name']} = {inner['source']}", item)
        return
    if item["visibility"] not in ("public", "default"):
        return
    where = f"{parent}::{name or item['name']}" if parent else item["name"]
    # An item that is seen at several places is told in full at the first of them.
    if each in seen and form != "module":
        lines.add(f"use {where}")
        return
    seen.add(each)
    params, bound = generics(inner["generics"]) if isinstance(inner, dict) and "generics" in inner else ("", "")
    if form == "module":
        for inside in sorted(inner["items"], key=lambda each: "use" in index[each]["inner"] if each in index else 0):
            walk(inside, where)
    elif form == "function":
        put(function(where, inner), item)
    elif form in ("struct", "union"):
        put(f"{form} {where}{params}{bound}", item)
        shape = inner.get("kind", {})
        if isinstance(shape, dict):
            for position, field in enumerate(shape.get("tuple") or shape["plain"]["fields"]):
                if field in index and index[field]["visibility"] == "public":
                    put(f"{where}::{index[field]['name']}: {kind(index[field]['inner']['struct_field'])}", index[field])
        implementations(each, inner["impls"], where)
    elif form == "enum":
        put(f"enum {where}{params}{bound}", item)
        for variant in map(index.get, inner["variants"]):
            shape, text = variant["inner"]["variant"]["kind"], f"{where}::{variant['name']}"
            if shape != "plain" and "tuple" in shape:
                text += f"({', '.join(kind(index[field]['inner']['struct_field']) if field in index else '_' for field in shape['tuple'])})"
            elif shape != "plain":
                fields = [index[field] for field in shape["struct"]["fields"] if field in index]
                text += f" {{ {', '.join(field['name'] + ': ' + kind(field['inner']['struct_field']) for field in fields)} }}"
            put(text, variant)
        implementations(each, inner["impls"], where)
    elif form == "trait":
        put(f"trait {where}{params}" + (f": {bounds(inner['bounds'])}" if inner["bounds"] else "") + bound, item)
        members(inner["items"], where)
    elif form in ("constant", "static"):
        put(f"{form.removesuffix('ant')} {where}: {kind(inner['type'])}", item)
    elif form == "type_alias":
        put(f"type {where}{params} = {kind(inner['type'])}", item)
    else:
        put(f"{form} {where}", item)


walk(crate["root"], "")
root = index[crate["root"]]["name"] + "::"
named = re.compile(rf"{root}[\w:]*")
# What belongs to an item stands with it.
for line in sorted(lines, key=lambda line: (named.search(line)[0] if named.search(line) else "", line)):
    print(line.replace(root, ""))
