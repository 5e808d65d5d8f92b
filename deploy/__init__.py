"""The composition root: command line, one-process runner, local servers, containers and the demo's story."""
