"""The world: one set of agencies, people, estates and enquiries for all providers, made from a seed and a clock."""

from mockserver.world.files import WorldError, WorldFile
from mockserver.world.loading import load_world_file, world_names
from mockserver.world.world import World

__all__ = ["World", "WorldError", "WorldFile", "load_world_file", "world_names"]
