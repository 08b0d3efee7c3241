"""The engine in a process of its own: gateway, DAVE, decoding and sending never wait for the program that uses it."""
