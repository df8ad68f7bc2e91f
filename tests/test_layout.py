"""The shape of the code base. `make lint` checks the imports (`[tool.importlinter]`); this file checks the rest."""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[1] / "mockserver"
FILES = sorted(ROOT.rglob("*.py"))

PROVIDER_MAY = {"domain", "foundation", "provider_api", "providers", "sandbox"}
"""The packages that a provider folder may import."""
NO_SUBJECT = re.compile(r"(What|Who|Whose|Whom|Where|Whether|How|Which|When|Why|Those|One|See)\b")
"""First words of docstrings that are no sentence, or whose subject comes last."""
PRONOUNS = {"found", "shown", "known", "kept", "wanted", "given", "said", "asked", "told", "each", "own"}
"""Words that do not name what an identifier holds."""
PUBLIC_MEMBERS = {
    ("admin/response_schemas.py", "wanted"),
    ("client/models.py", "wanted"),
    ("domain/project.py", "own"),
    ("judge/report.py", "told"),
}
"""Members of JSON and of world files that are called so."""
IMAGES = re.compile(r"journey|mischief|courier|clerk|keeper\b|bond\b|astray|birth", re.IGNORECASE)
"""Images where the field has a term; a date of birth is what it says, and a migration names what it renames."""
BIRTHDAYS = re.compile(
    r"birth_?date|date_?of_?birth|birth_?day|birthplace|(date|place)s? of birth|\bbirth\b(?= date|s\b)|COLUMN birth TO",
    re.IGNORECASE,
)


@cache
def parsed(path: Path) -> ast.Module:
    """The syntax tree of a file."""
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def nodes(path: Path) -> list[ast.AST]:
    """All nodes of a file, walked once: they are a million. Whether a name is read or set is no node."""
    found: list[ast.AST] = [parsed(path)]
    # It grows while it is read.
    for node in found:
        for value in vars(node).values():
            if isinstance(value, list):
                found += [item for item in value if isinstance(item, ast.AST)]
            elif isinstance(value, ast.AST) and not isinstance(value, ast.expr_context):
                found.append(value)
    return found


def place(path: Path, node: ast.AST | None = None) -> str:
    """A file of the package and a line of it, for a message."""
    return f"{path.relative_to(ROOT.parent)}:{getattr(node, 'lineno', 1)}"


def imports(path: Path) -> set[str]:
    """The modules of ours that a file imports, each as a dotted path without `mockserver.`."""
    modules: set[str] = set()
    for node in nodes(path):
        if isinstance(node, ast.ImportFrom) and node.module:
            if node.module == "mockserver":
                modules.update(alias.name for alias in node.names)
            elif node.module.startswith("mockserver."):
                modules.add(node.module.removeprefix("mockserver."))
        elif isinstance(node, ast.Import):
            modules.update(a.name.removeprefix("mockserver.") for a in node.names if a.name.startswith("mockserver."))
    return modules


def test_a_provider_is_whole_in_its_folder_and_nobody_imports_one_by_name() -> None:
    wrong = []
    for path in FILES:
        parts = path.relative_to(ROOT).parts
        folder = parts[1] if parts[0] == "providers" and len(parts) > 2 else None
        for imported in imports(path):
            steps = imported.split(".")
            if steps[0] == "providers" and len(steps) > 1 and steps[1] not in ("contracts", "loading", folder):
                wrong.append(f"{place(path)} imports provider {steps[1]}")
            if folder and steps[0] not in PROVIDER_MAY:
                wrong.append(f"{place(path)} imports {imported}")
    assert not wrong


def test_chance_and_time_come_from_the_world_and_the_clock_alone() -> None:
    wrong = []
    for path in FILES:
        if path.relative_to(ROOT).parts[0] == "world" or path == ROOT / "foundation" / "clock.py":
            continue
        for node in nodes(path):
            if isinstance(node, ast.Import):
                sources = {alias.name for alias in node.names}
            else:
                sources = {node.module or ""} if isinstance(node, ast.ImportFrom) else set()
            if sources & {"random", "time"}:
                wrong.append(f"{place(path, node)} imports random or time")
            if isinstance(node, ast.Attribute):
                of_datetime = isinstance(node.value, ast.Name) and node.value.id == "datetime"
                if node.attr in ("uuid4", "uuid1", "utcnow", "today") or (node.attr == "now" and of_datetime):
                    wrong.append(f"{place(path, node)} {node.attr}")
    assert not wrong


def test_files_stay_short_and_say_their_job_in_the_first_line() -> None:
    assert not [place(path) for path in FILES if path.read_text(encoding="utf-8").count("\n") > 330]
    assert not [place(path) for path in FILES if not ast.get_docstring(parsed(path))]


def test_a_docstring_begins_with_its_subject_or_its_verb() -> None:
    wrong = [
        f"{place(path, node)} {text.splitlines()[0]}"
        for path in FILES
        for node in nodes(path)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and (text := ast.get_docstring(node) or "")
        and NO_SUBJECT.match(text)
    ]
    assert not wrong


def top_level_names(tree: ast.Module) -> Iterator[str]:
    """The classes of a module, and its other names that are written like a class: aliases and type variables."""
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                if isinstance(target, ast.Name) and re.match(r"_?[A-Z]\w*[a-z]", target.id):
                    yield target.id


def test_a_class_name_means_one_thing() -> None:
    """The client names its models as the server does: they are the same things, seen from outside."""
    places = defaultdict(list)
    for path in FILES:
        if path.relative_to(ROOT).parts[0] != "client":
            for name in top_level_names(parsed(path)):
                places[name].append(place(path))
    assert not {name: files for name, files in places.items() if len(files) > 1}


def identifiers(path: Path) -> Iterator[tuple[ast.AST, str]]:
    """Every name that a file binds: functions, classes, parameters, variables, attributes, import aliases."""
    for node in nodes(path):
        match node:
            case ast.Name(id=name, ctx=ast.Store()) | ast.arg(arg=name) | ast.Attribute(attr=name, ctx=ast.Store()):
                yield node, name
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                yield node, name
            case ast.alias(asname=str(name)):
                yield node, name


def test_no_identifier_is_a_pronoun() -> None:
    wrong = [
        f"{place(path, node)} {name}"
        for path in FILES
        for node, name in identifiers(path)
        if name.strip("_") in PRONOUNS and (path.relative_to(ROOT).as_posix(), name) not in PUBLIC_MEMBERS
    ]
    assert not wrong


def test_no_image_stands_where_the_field_has_a_term() -> None:
    wrong = [
        f"{path.relative_to(ROOT.parent)}:{number} {line.strip()}"
        for path in FILES
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if IMAGES.search(BIRTHDAYS.sub("", line))
    ]
    assert not wrong


def test_every_provider_folder_has_the_same_files_and_a_contract() -> None:
    folders = [folder for folder in (ROOT / "providers").iterdir() if (folder / "__init__.py").exists()]
    assert folders
    for folder in folders:
        for name in ("handlers.py", "errors.py", "auth.py", "judge_adapter.py"):
            assert (folder / name).exists(), f"{folder.name} lacks {name}"
        assert (ROOT.parent / "contracts" / f"{folder.name}.yaml").exists()


THIRD_PARTY = {
    "cli/ready.py": {"context.check_hostname", "context.verify_mode"},  # ssl: its contexts are set up so
    "admin/application.py": {"application.router.redirect_slashes"},  # Starlette: its constructor cannot say so
    "cli/options.py": {"context.default_map"},  # Click: this is how a file of options is given
    "foundation/xml_elements.py": {"element.text"},  # xml.etree
    "pytest_plugin/fixtures.py": {"provider.__name__", "provider.__qualname__", "provider.__doc__"},  # a function
    "cli/streams.py": {"sys.stdout", "sys.stderr"},  # where there is none, this is how a program gets one
    "server/embedded.py": {"loop.time"},  # asyncio: its loops have no other way to another clock
    "sandbox/persistence/sql/postgresql_connection.py": {"driver.autocommit"},  # psycopg: this is how it is set
    "server/hosts/authority.py": {"self.strict_context.sni_callback"},  # ssl: this is how a name is looked at
}
"""Objects of others whose attributes have to be set from outside."""
GENERATORS = {ROOT / "foundation" / "dataclass.py", ROOT / "foundation" / "named_tuple.py"}
"""What makes dataclasses and named tuples puts methods into classes, as the standard library does."""


def test_no_attribute_of_another_object_is_set() -> None:
    """A constructor says all that an object has; whoever wants to change it calls a method."""
    assigned: dict[str, set[str]] = {}
    for path in set(FILES) - GENERATORS:
        for node in nodes(path):
            if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store | ast.Del) and not _is_own(node):
                assigned.setdefault(str(path.relative_to(ROOT)), set()).add(ast.unparse(node))
            assert not (isinstance(node, ast.Name | ast.Attribute) and _name(node) in ("setattr", "__setattr__")), path
    assert assigned == THIRD_PARTY


def _is_own(node: ast.Attribute) -> bool:
    return isinstance(node.value, ast.Name) and node.value.id in ("self", "cls")


def _name(node: ast.Name | ast.Attribute) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr
