"""Every named query is used once, is explained, and is one that the migrated database understands."""

import ast
import re
from collections import Counter
from collections.abc import Iterator, Mapping

import asyncpg
import pytest

from shared.queries import load
from tests.architecture.source import PROJECT, SERVICES, python_files, tree

PACKAGES = {
    "shared": "shared",
    **{f"services.{service}": f"services/{service}" for service in SERVICES},
    "launcher.reconcile": "launcher/reconcile",
}
QUERIES: Mapping[str, Mapping[str, str]] = {package: load(package) for package in PACKAGES}
EVERY_QUERY = [(package, name) for package, queries in QUERIES.items() for name in queries]
IN_SCHEMA = [
    (package, name, schema)
    for package, name in EVERY_QUERY
    for schema in (SERVICES if package == "shared" else (package.rpartition(".")[2],))
]


def uses(package: str) -> Counter[str]:
    """How often the package's Python asks for each of its queries, by `queries["name"]`."""
    return Counter(name for file in python_files(PACKAGES[package]) for name in _subscripts(tree(file), of="queries"))


def _subscripts(module: ast.Module, *, of: str) -> Iterator[str]:
    for node in ast.walk(module):
        match node:
            case ast.Subscript(value=ast.Name(id=name), slice=ast.Constant(value=str(key))) if name == of:
                yield key


@pytest.mark.parametrize("package", PACKAGES)
def test_each_query_is_used_in_exactly_one_place_and_none_is_asked_for_in_vain(package: str) -> None:
    assert uses(package) == Counter(list(QUERIES[package]))


@pytest.mark.parametrize(("package", "name"), EVERY_QUERY)
def test_a_query_says_what_it_is_for_and_what_its_parameters_are(package: str, name: str) -> None:
    comments, statement = _parts(QUERIES[package][name])
    assert comments, "a sentence of intent stands above a query"
    assert comments[0].endswith("."), "the intent is a sentence"
    explained = set(re.findall(r"\$\d+", " ".join(comments)))
    assert explained == set(re.findall(r"\$\d+", statement))


@pytest.mark.parametrize(("package", "name", "schema"), IN_SCHEMA)
async def test_the_database_understands_a_query_and_knows_the_type_of_every_parameter(
    connection: asyncpg.Connection, package: str, name: str, schema: str
) -> None:
    statement = QUERIES[package][name]
    await connection.execute(f"SET search_path = {schema}")
    prepared = await connection.prepare(statement)
    types = [parameter.name for parameter in prepared.get_parameters()]
    assert len(types) == len(set(re.findall(r"\$\d+", _parts(statement)[1])))
    assert not {"unknown", "anyelement"} & set(types)


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_names_no_other_services_tables(service: str) -> None:
    text = (PROJECT / "services" / service / "queries.sql").read_text("utf-8")
    assert not re.findall(rf"\b(?:{'|'.join(set(SERVICES) - {service})})\.\w+", text)


def _parts(query: str) -> tuple[list[str], str]:
    """The comment lines above a query, and the rest."""
    lines = query.splitlines()
    above = next(i for i, line in enumerate(lines) if not line.startswith("--"))
    return [line.removeprefix("--").strip() for line in lines[:above]], "\n".join(lines[above:])
