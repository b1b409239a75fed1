"""Documents that people print, sign and keep."""
