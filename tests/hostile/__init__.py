"""A link and a machine that mean ill: floods, spoofed masters, a kernel that is busy, no processor.

These take the whole machine: `make hostile` runs them one after the other.
"""
