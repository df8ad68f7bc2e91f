"""Our own side: the index page and the admin API under `/__admin`."""

from mockserver.admin.application import make_admin

__all__ = ["make_admin"]
