"""What tests of the pure floors build on: values, and engines on a perfect wire."""
