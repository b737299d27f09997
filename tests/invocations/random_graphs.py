"""Random graphs for property tests, with `iterate`, `collect` and `if` nodes, and the results they must have."""

from __future__ import annotations

from hypothesis import strategies as st

from invocations.graph.graph import Edge, Node

# The node types of a random graph, in which each node takes its inputs from earlier nodes.
KINDS = ("number", "add", "iterate", "collect", "if", "less")


def plans_of(*kinds, size=14):
    """Return a Hypothesis strategy for plans: up to `size` nodes, each with numbers that select its inputs."""
    # small numbers select the latest nodes, so long chains are frequent
    numbers = st.integers(0, 2) | st.integers(0, 1000)
    return st.lists(st.tuples(st.sampled_from(kinds), numbers, numbers, numbers), min_size=1, max_size=size)


plans = plans_of(*KINDS)


def grown(plan):
    """Return the nodes and edges of a plan: numbers, sums, loops over short lists, `if` nodes and nodes that fail."""
    nodes, edges, ints, bools, lists = [], [], [], [], []

    def pick(found, number):
        return found[-1 - number % len(found)] if found else None

    for place, (kind, i, j, k) in enumerate(plan):
        id_ = f"n{place}"
        first, second, third = pick(ints, i), pick(ints, j), pick(ints, k)
        if kind == "iterate" and (k % 2 == 0 or not lists):
            nodes.append(Node(id_, "iterate", {"collection": list(range(3 - i % 4))}))
            ints.append((id_, "item"))
        elif kind == "iterate":
            nodes.append(Node(id_, "iterate"))
            edges.append(Edge(*pick(lists, j), id_, "collection"))
            ints.append((id_, "item"))
        elif kind == "collect" and first:
            nodes.append(Node(id_, "collect"))
            edges.extend(Edge(*source, id_, "item") for source in dict.fromkeys((first, second)))
            if lists and i % 2:
                edges.append(Edge(*pick(lists, k), id_, "collection"))
            lists.append((id_, "collection"))
        elif kind == "add" and first:
            nodes.append(Node(id_, "add"))
            edges += [Edge(*first, id_, "a"), Edge(*second, id_, "b")]
            ints.append((id_, "value"))
        elif kind == "picky" and first:
            nodes.append(Node(id_, "picky", {"bad": j % 3}))
            edges.append(Edge(*first, id_, "a"))
            ints.append((id_, "value"))
        elif kind == "less" and first:
            nodes.append(Node(id_, "less", {"b": j % 3}))
            edges.append(Edge(*first, id_, "a"))
            bools.append((id_, "holds"))
        elif kind == "if" and bools:
            nodes.append(Node(id_, "if"))
            edges += [Edge(*pick(bools, i), id_, "condition"), Edge(*second, id_, "then"),
                      Edge(*third, id_, "otherwise")]  # fmt: skip
            ints.append((id_, "value"))
        else:
            nodes.append(Node(id_, "number", {"value": i}))
            ints.append((id_, "value"))
    return nodes, edges


def closing(nodes, edges, numbers):
    """Name the axis of each `iterate` node after its id, and let the `collect` nodes name the axes that they close.

    The binary digits of a number select the axes. Axes that depend on a selected one are selected too.
    """
    axes, made = {}, []
    for node in nodes:
        arriving = [edge for edge in edges if edge.target == node.id]
        items = [axis for edge in arriving if edge.input != "collection" for axis in axes[edge.source]]
        around = dict.fromkeys([*items, *(axis for edge in arriving for axis in axes[edge.source])])
        if node.type == "iterate":
            node = Node(node.id, "iterate", {**node.inputs, "axis": node.id})
            around[node.id] = None
        if node.type == "collect":
            number = numbers[len(made) % len(numbers)]
            chosen = {axis for at, axis in enumerate(dict.fromkeys(items)) if number >> at & 1}
            by = [axis for axis in dict.fromkeys(items) if chosen & {axis, *axes[axis]}]
            lasting = max(items, key=[each.id for each in nodes].index, default="")
            gone = by or [lasting]
            around = {
                axis for axis in around if axis not in gone and not (axis not in items and {*gone} & {*axes[axis]})
            }
            node = Node(node.id, "collect", {"by": by} if by else {})
        axes[node.id] = tuple(around)
        made.append(node)
    return made


def reference(nodes, edges):
    """Return each node's expected results by iteration path (the index in each enclosing loop), and its loops.

    Both branches of an `if` node are computed. Loops are in the order in which their `iterate` nodes were added.
    """
    place = {node.id: number for number, node in enumerate(nodes)}
    axes, values = {}, {}

    def joined(ids):
        around = tuple(sorted({axis for id_ in ids for axis in axes[id_]}, key=place.__getitem__))
        paths = [{}]
        for id_ in (*around, *ids):
            paths = [
                {**dict(zip(axes[id_], path, strict=True)), **known}
                for known in paths
                for path in values[id_]
                if all(known.get(axis, index) == index for axis, index in zip(axes[id_], path, strict=True))
            ]
        unique = sorted({tuple(known[axis] for axis in around) for known in paths})
        return around, unique

    def at(id_, around, path):
        index = dict(zip(around, path, strict=True))
        return values[id_][tuple(index[axis] for axis in axes[id_])]

    for node in nodes:
        arriving = [edge for edge in edges if edge.target == node.id]
        sources = list(dict.fromkeys(edge.source for edge in arriving))
        if node.type == "collect":
            items = [edge.source for edge in arriving if edge.input == "item"]
            lists = [edge.source for edge in arriving if edge.input == "collection"]
            inner, more = joined_axes(axes, place, items), joined_axes(axes, place, lists)
            by = node.inputs.get("by", inner[-1:])
            around = {axis for axis in inner if axis not in by}
            around |= {axis for axis in more if axis not in inner and not set(by) & set(axes[axis])}
            around = tuple(sorted(around, key=place.__getitem__))
            paths = joined_domain(axes, values, around)
            values[node.id] = {}
            for path in paths:
                known = dict(zip(around, path, strict=True))
                found = []
                for edge in sorted(arriving, key=lambda edge: edge.input == "item"):
                    for other in sorted(values[edge.source]):
                        own = zip(axes[edge.source], other, strict=True)
                        if all(known.get(axis, index) == index for axis, index in own):
                            value = values[edge.source][other]
                            found.extend(value if edge.input == "collection" else [value])
                values[node.id][path] = found
            axes[node.id] = around
            continue
        around, paths = joined(sources)
        result = {}
        for path in paths:
            given = {edge.input: at(edge.source, around, path) for edge in arriving}
            inputs = {**node.inputs, **given}
            if node.type == "iterate":
                result.update({(*path, index): item for index, item in enumerate(inputs["collection"])})
            elif node.type == "add":
                result[path] = inputs["a"] + inputs["b"]
            elif node.type == "picky":
                result[path] = inputs["a"]
            elif node.type == "less":
                result[path] = inputs["a"] < inputs["b"]
            elif node.type == "if":
                result[path] = inputs["then"] if inputs["condition"] else inputs["otherwise"]
            else:
                result[path] = inputs["value"]
        axes[node.id] = (*around, node.id) if node.type == "iterate" else around
        values[node.id] = result
    return values


def joined_axes(axes, place, ids):
    return tuple(sorted({axis for id_ in ids for axis in axes[id_]}, key=place.__getitem__))


def joined_domain(axes, values, around):
    paths = [()]
    for number, axis in enumerate(around):
        known = around[:number]
        paths = [
            (*path, other[-1])
            for path in paths
            for other in sorted(values[axis])
            if all(dict(zip(known, path, strict=True))[name] == index
                   for name, index in zip(axes[axis][:-1], other[:-1], strict=True))
        ]  # fmt: skip
    return paths
