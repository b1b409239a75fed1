"""What is published of the contracts under `docs/contracts`, made from the models, and the check that holds it."""
