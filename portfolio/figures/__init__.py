"""What institutions have on days, and what they have reached of their targets: from the figures of tapes."""
