"""Who decides, and how they meet: organisation, seats, regulation, meetings, proxies, resolutions."""
