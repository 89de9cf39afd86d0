"""Floor 3: the ports of the engine without a kernel, in virtual time and under one seed."""
