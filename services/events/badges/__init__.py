"""Certificates as Open Badges 3.0 credentials: what they say, how they are signed, and whose keys sign them."""
