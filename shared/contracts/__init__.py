"""The published language: what travels on the bus and what the services call things.

Models only gain optional fields; a change of meaning is a new version with an upcaster.
"""
