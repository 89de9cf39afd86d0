"""halod beside Debian's keepalived: every fact here is measured with the real one."""
