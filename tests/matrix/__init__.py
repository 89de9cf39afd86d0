"""halod beside everything that speaks VRRP, in every combination: `make interop`."""
