"""What people see: real Jupyter servers in a real browser. Run with `make test-browser`."""
