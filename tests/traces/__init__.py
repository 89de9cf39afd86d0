"""halod and keepalived under the same faults, compared by what could be seen: `make traces`."""
