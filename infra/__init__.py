"""What it stands on: adapters for the ports that ``workflows`` and ``indicators`` declare."""
