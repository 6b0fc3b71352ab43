"""The suites that come with the kit, one folder an assignment."""
