"""Base page and components, sign-in and rights, problem details, server-sent events: what every service carries."""
