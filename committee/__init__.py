"""The committee and its meetings: organisation, seats, regulation, meetings, proxies, resolutions."""
