"""The front door: the command line, the catalogue of deployments, the pattern packs, the demo."""
