"""Who decides, and how they meet: organisation, seats, regulation versions, meetings, proxies, resolutions."""
