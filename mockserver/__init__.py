"""A faithful fake of French real-estate lead APIs, and a judge of the programs that call them."""

__version__ = "0.1.0"
