"""The doors: pages, JSON API and command line; ``bootstrap`` wires everything, once."""
