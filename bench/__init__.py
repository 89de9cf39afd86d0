"""halod and keepalived under the same faults, in one run. Knows the lab; the product never does."""
