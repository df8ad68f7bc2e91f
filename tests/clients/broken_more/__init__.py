"""More of the reference clients with one bug each, as they are met in the field; the judge is tested with them all."""
