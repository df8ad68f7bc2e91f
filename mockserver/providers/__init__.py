"""Each provider is a folder: `auth`, `handlers`, `errors`, `leads`, `judge_adapter`, and `webhook` if it has one.

`loading` finds them by name; nothing else imports one.
"""
