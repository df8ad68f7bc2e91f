"""The line of an output that says what went wrong, as languages and tools write it."""

import pytest

from mockserver.judge.last_words import MAX_LINE, how_it_ended, line_about_failure
from tests.support.evidence import run

PYTHON = """\
starting
Traceback (most recent call last):
  File "sync.py", line 3, in <module>
    main()
  File "sync.py", line 2, in main
    raise Refused("401 at page 2")
client.Refused: 401 at page 2
"""
CHAINED = """\
Traceback (most recent call last):
  File "a.py", line 1, in <module>
KeyError: 'items'

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "a.py", line 4, in <module>
    raise SystemError from None
    ~~~~~^^^^^^
ValueError: no items
it said so
"""
NODE = """\
page 1
/app/sync.js:3
    throw new Error(`${answer.status} ${url}`);
    ^

Error: 401 http://127.0.0.1:8080/gsl/v2/leads
    at sync (/app/sync.js:3:11)
    at process.processTicksAndRejections (node:internal/process/task_queues:95:5)

Node.js v20.20.2
"""
FETCH = """\
node:internal/process/promises:394
      triggerUncaughtException(err, true /* fromPromise */);
      ^

TypeError: fetch failed
    at node:internal/deps/undici/undici:13510:13
    at async main (/app/sync.mjs:1:1) {
  [cause]: Error: connect ECONNREFUSED 127.0.0.1:1
      at TCPConnectWrap.afterConnect [as oncomplete] (node:net:1611:16) {
    errno: -111,
    code: 'ECONNREFUSED'
  }
}

Node.js v20.20.2
"""
JAVA = """\
Exception in thread "main" java.lang.IllegalStateException: page 2 failed
\tat Sync.main(Sync.java:5)
Caused by: java.net.ConnectException: Connection refused
\tat java.base/sun.nio.ch.Net.connect0(Native Method)
\t... 5 more
"""
PHP = """\
PHP Fatal error:  Uncaught RuntimeException: 401 in /app/sync.php:3
Stack trace:
#0 /app/sync.php(9): sync()
#1 {main}
  thrown in /app/sync.php on line 3
"""
RUBY = """\
sync.rb:2:in `sync': 401 at page 2 (RuntimeError)
\tfrom sync.rb:5:in `<main>'
"""
GO = """\
2026/01/01 00:00:00 page 1
panic: runtime error: index out of range [3] with length 2

goroutine 1 [running]:
main.main()
\t/app/main.go:9 +0x1d
exit status 2
"""
RUST = """\
thread 'main' panicked at src/main.rs:4:10:
called `Result::unwrap()` on an `Err` value: Status(401)
note: run with `RUST_BACKTRACE=1` environment variable to display a backtrace
"""
DOTNET = """\
Unhandled exception. System.Net.Http.HttpRequestException: 401 (Unauthorized)
   at Program.Main() in /app/Program.cs:line 3
"""
GROUP = """\
  + Exception Group Traceback (most recent call last):
  |   File "a.py", line 1, in <module>
  | ExceptionGroup: two workers failed (2 sub-exceptions)
  +-+---------------- 1 ----------------
    | ValueError: x
    +------------------------------------
"""


@pytest.mark.parametrize(
    ("output", "line"),
    [
        (PYTHON, "client.Refused: 401 at page 2"),
        (CHAINED, "ValueError: no items"),
        (NODE, "Error: 401 http://127.0.0.1:8080/gsl/v2/leads"),
        (FETCH, "TypeError: fetch failed"),
        (JAVA, "Caused by: java.net.ConnectException: Connection refused"),
        (JAVA.splitlines()[0], 'Exception in thread "main" java.lang.IllegalStateException: page 2 failed'),
        (PHP, "PHP Fatal error:  Uncaught RuntimeException: 401 in /app/sync.php:3"),
        (PHP.removeprefix("PHP "), "Fatal error:  Uncaught RuntimeException: 401 in /app/sync.php:3"),
        (RUBY, "sync.rb:2:in `sync': 401 at page 2 (RuntimeError)"),
        (GO, "panic: runtime error: index out of range [3] with length 2"),
        (
            RUST,
            "thread 'main' panicked at src/main.rs:4:10: called `Result::unwrap()` on an `Err` value: Status(401)",
        ),
        (DOTNET, "Unhandled exception. System.Net.Http.HttpRequestException: 401 (Unauthorized)"),
        (
            "page 1\ncurl: (22) The requested URL returned error: 401\n",
            "curl: (22) The requested URL returned error: 401",
        ),
        ("sync.sh: line 3: jq: command not found\n", "sync.sh: line 3: jq: command not found"),
        ("2026-01-01 ERROR sync: refused\nbye\n", "2026-01-01 ERROR sync: refused"),
        ("[error] refused\n\n", "[error] refused"),
        ("no error here\nall is well, or not\n", "all is well, or not"),
        ("it stopped\n\n  \nexit status 1\n", "it stopped"),
        ("Node.js v20.20.2\n", "Node.js v20.20.2"),
        ("\n \n", ""),
        ("", ""),
        ("x" * 500_000, "x" * MAX_LINE),
        ("\x00\x1b[31m\ud800\n", "\x00\x1b[31m\ud800"),
    ],
)
def test_the_line_that_says_what_went_wrong(output: str, line: str) -> None:
    assert line_about_failure(output) == line


def test_an_exception_group_is_told_by_one_of_its_lines() -> None:
    assert line_about_failure(GROUP) in ("ExceptionGroup: two workers failed (2 sub-exceptions)", "ValueError: x")


def test_how_a_run_ended() -> None:
    assert how_it_ended(run(exit_code=1, output=NODE)) == (
        "it ended with exit code 1 (Error: 401 http://127.0.0.1:8080/gsl/v2/leads)"
    )
    assert how_it_ended(run(exit_code=0)) == "it ended with exit code 0"
    assert how_it_ended(run(exit_code=-9)) == "it was ended by signal 9 (SIGKILL)"
    assert how_it_ended(run(exit_code=-4242)) == "it was ended by signal 4242"
    assert how_it_ended(run(ending="timeout", output="page 1")).endswith("in between (page 1)")
    assert "page 1" not in how_it_ended(run(ending="settled", output="page 1"))
