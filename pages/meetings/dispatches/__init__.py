"""What is sent of a meeting: to one's unit, with its receipt, and the outbox of the liaison."""
