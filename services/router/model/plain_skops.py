"""Reads a `.skops` file that holds nothing but a dictionary of texts and arrays, with numpy alone.

The skops library writes such files when training, and would read them; but importing it brings scikit-learn and all of
scipy's statistics, several seconds of CPU at every start of a router. A router that is killed has to be back sooner.
Nothing is ever constructed from the file's words: a node that is neither text nor array is refused.
"""

import io
import json
from collections.abc import Mapping
from typing import Any
from zipfile import ZipFile

import numpy as np
from numpy.typing import NDArray


class NotPlain(Exception):
    """The file asks for a type other than text and arrays of numbers."""


def read(content: bytes) -> dict[str, str | NDArray[Any]]:
    """The dictionary. Raises NotPlain, or BadZipFile, KeyError, ValueError for what is not a skops file."""
    with ZipFile(io.BytesIO(content)) as archive:
        root = json.loads(archive.read("schema.json"))
        _expect(root, "DictNode", "builtins", "dict")
        return {str(name): _value(node, archive) for name, node in root["content"].items()}


def _value(node: Mapping[str, Any], archive: ZipFile) -> str | NDArray[Any]:
    if node["__loader__"] == "JsonNode":
        _expect(node, "JsonNode", "builtins", "str")
        return str(json.loads(node["content"]))
    _expect(node, "NdArrayNode", "numpy", "ndarray")
    if node["type"] != "numpy":
        raise NotPlain(f"an array of type {node['type']}")
    array: NDArray[Any] = np.load(io.BytesIO(archive.read(node["file"])), allow_pickle=False)
    return array


def _expect(node: Mapping[str, Any], loader: str, module: str, name: str) -> None:
    found = (node["__loader__"], node["__module__"], node["__class__"])
    if found != (loader, module, name):
        raise NotPlain(".".join(map(str, found)))
