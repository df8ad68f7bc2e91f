"""The shape of the code base: who may import whom, and what nobody may do."""

import ast
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[1] / "mockserver"
FILES = sorted(ROOT.rglob("*.py"))

PROVIDER_MAY = {"domain", "foundation", "provider_api", "providers", "sandbox"}
"""The packages of ours that a provider folder may import, and itself."""


@cache
def tree_of(path: Path) -> ast.Module:
    """What a file says."""
    return ast.parse(path.read_text(encoding="utf-8"))


def imports(path: Path) -> set[str]:
    """The modules of ours that a file imports, each as a dotted path without `mockserver.`."""
    tree = tree_of(path)
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            if node.module == "mockserver":
                found.update(alias.name for alias in node.names if alias.name != "__version__")
            elif node.module.startswith("mockserver."):
                found.add(node.module.removeprefix("mockserver."))
        elif isinstance(node, ast.Import):
            found.update(a.name.removeprefix("mockserver.") for a in node.names if a.name.startswith("mockserver."))
    return found


def module(path: Path) -> str:
    """The first part of a file's module path below `mockserver`."""
    return path.relative_to(ROOT).parts[0].removesuffix(".py")


def test_a_provider_is_whole_in_its_folder_and_nobody_imports_one_by_name() -> None:
    for path in FILES:
        parts = path.relative_to(ROOT).parts
        own = parts[1] if parts[0] == "providers" and len(parts) > 2 else None
        for imported in imports(path):
            steps = imported.split(".")
            if steps[0] == "providers" and len(steps) > 1 and steps[1] != "loading":
                assert steps[1] == own, f"{path} imports provider {steps[1]}"
            if own:
                assert steps[0] in PROVIDER_MAY, f"{path} imports {imported}"


def test_chance_and_time_come_from_the_world_and_the_clock_alone() -> None:
    for path in FILES:
        if module(path) != "world" and path != ROOT / "foundation" / "clock.py":
            takes_neither_chance_nor_time(path)


def takes_neither_chance_nor_time(path: Path) -> None:
    for node in ast.walk(tree_of(path)):
        names = {alias.name for alias in node.names} if isinstance(node, ast.Import | ast.ImportFrom) else set()
        source = node.module if isinstance(node, ast.ImportFrom) else None
        assert not ({"random", "time"} & names), f"{path}:{node} imports random or time"
        assert source not in ("random", "time"), f"{path} imports from {source}"
        if isinstance(node, ast.Attribute):
            assert node.attr not in ("uuid4", "uuid1", "utcnow", "today"), f"{path}:{node.lineno} {node.attr}"
            assert not (node.attr == "now" and isinstance(node.value, ast.Name) and node.value.id == "datetime")


def test_files_stay_short_and_say_their_job_in_the_first_line() -> None:
    for path in FILES:
        assert path.read_text(encoding="utf-8").count("\n") <= 330, f"{path} has grown long: is it one thing?"
        assert ast.get_docstring(tree_of(path)), f"{path} does not say its job"


def test_every_provider_folder_has_the_same_files_and_a_contract() -> None:
    folders = [folder for folder in (ROOT / "providers").iterdir() if (folder / "__init__.py").exists()]
    assert folders
    for folder in folders:
        for name in ("handlers.py", "errors.py", "auth.py", "judge_adapter.py"):
            assert (folder / name).exists(), f"{folder.name} lacks {name}"
        assert (ROOT.parent / "contracts" / f"{folder.name}.yaml").exists()


THIRD_PARTY = {
    "admin/application.py": {"application.router.redirect_slashes"},  # Starlette: its constructor cannot say so
    "cli/options.py": {"context.default_map"},  # Click: this is how a file of options is given
    "judge/reports/junit.py": {"element.text"},  # xml.etree
    "pytest_plugin/fixtures.py": {"provider.__name__", "provider.__qualname__", "provider.__doc__"},  # a function
    "sandbox/persistence/sql/engine.py": {"connection.isolation_level", "connection.autocommit"},  # database drivers
    "sandbox/persistence/sql/transaction.py": {"self._thread.current"},  # threading.local is made for that
    "server/embedded.py": {"self._server.should_exit"},  # uvicorn: this is how it is stopped
}
"""Objects of others whose attributes have to be set from outside."""


def test_no_attribute_of_another_object_is_set() -> None:
    """A constructor says all that an object has; whoever wants to change it calls a method."""
    assigned: dict[str, set[str]] = {}
    for path in FILES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store | ast.Del) and not _is_own(node):
                assigned.setdefault(str(path.relative_to(ROOT)), set()).add(ast.unparse(node))
            assert not (isinstance(node, ast.Name | ast.Attribute) and _name(node) in ("setattr", "__setattr__")), path
    assert assigned == THIRD_PARTY


def _is_own(node: ast.Attribute) -> bool:
    return isinstance(node.value, ast.Name) and node.value.id in ("self", "cls")


def _name(node: ast.Name | ast.Attribute) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr
