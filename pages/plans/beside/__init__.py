"""Two plans side by side: what each asks for, gives and brings, as far as the reader may see both."""
