"""The direction of imports, as data: a room may import the rooms listed for it and nothing else of ours."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
BASE = {"errors", "health"}
MAY_IMPORT = {
    "errors": set(),
    "health": set(),
    "config": {"errors"},
    "utils": {"errors"},
    "emotions": {"emotions", *BASE},
    "faces": {"faces", "emotions", *BASE},
    "camera": {"faces", "emotions", "utils", *BASE},
    "recommendations": {"recommendations", "emotions", *BASE},
    "storage": BASE,
    "web": {"web", "camera", "faces", "emotions", "recommendations", *BASE},
    "app": {"web", "camera", "faces", "emotions", "recommendations", "storage", "utils", "config", *BASE},
    "training": {"training", "emotions", "faces", *BASE},
    "benchmarks": {"emotions", "faces"},
}
HEAVY = {"tensorflow", "keras", "ai_edge_litert", "spotipy"}


def imports(file: Path, *, at_top_only: bool = False) -> set[str]:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    names: set[str] = set()
    for node in tree.body if at_top_only else ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module.split(".")[0])
    return names


def files(room: str) -> list[Path]:
    return [ROOT / f"{room}.py"] if (ROOT / f"{room}.py").is_file() else sorted((ROOT / room).rglob("*.py"))


@pytest.mark.parametrize("room", MAY_IMPORT)
def test_a_room_imports_only_what_it_may(room: str) -> None:
    assert files(room), f"the room {room} is gone"
    for file in files(room):
        ours = imports(file) & MAY_IMPORT.keys()
        assert ours <= MAY_IMPORT[room], f"{file.name} imports {ours - MAY_IMPORT[room]}"


@pytest.mark.parametrize("room", MAY_IMPORT.keys() - {"training"})
def test_heavy_libraries_are_imported_late(room: str) -> None:
    for file in files(room):
        assert not imports(file, at_top_only=True) & HEAVY, file.name


@pytest.mark.parametrize("room", MAY_IMPORT)
def test_no_file_is_over_400_lines_and_no_function_over_50(room: str) -> None:
    for file in files(room):
        text = file.read_text(encoding="utf-8")
        assert text.count("\n") <= 400, file.name
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef):
                assert node.end_lineno is not None
                assert node.end_lineno - node.lineno < 50, f"{file.name}: {node.name}"
